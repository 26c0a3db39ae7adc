"""Time stamps by an outside authority (RFC 3161), asked for and judged with the `openssl ts` command.

A token says that these bytes existed at that moment, by a clock that is not ours. It is asked for over the network or
carried across an air gap; nothing here opens a connection. Called by `reviewers.operations.timestamping`.
"""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from engine.errors import InvalidInput, TrailBroken
from engine.trail.signers import openssl

REPLY = ".tsr"
MAX_REPLY = 64 << 10
_STAMPED = re.compile(r"^Time stamp: (\w{3} +\d+ \d\d:\d\d:\d\d)(?:\.\d+)? (\d{4}) GMT$", re.M)


def request(data: bytes) -> bytes:
    """The request (DER) for a time stamp of these bytes, asking for the authority's certificate along with it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "data")
        place.write_bytes(data)
        return openssl(["ts", "-query", "-data", str(place), "-sha256", "-cert"], b"", "时间戳请求")


def is_about(reply: bytes, data: bytes) -> bool:
    """Whether the reply names the digest of these bytes anywhere: enough to find out which file it belongs to."""
    return sha256(data).digest() in reply


def stamped_at(reply: bytes, data: bytes, authority: Path) -> datetime:
    """When these bytes were stamped (aware UTC), by an authority whose certificate chains up to one in this file.

    The chain is judged as of that moment: a certificate that has run out since does not undo the stamp. Raises
    TrailBroken when the reply is not a sound stamp of exactly these bytes, InvalidInput without certificates or tool.
    """
    if not authority.is_file():
        raise InvalidInput(f"没有时间戳机构的证书 {authority}。", "请把该机构的根证书（PEM）放在那里，或用 --ca 指明。")
    if len(reply) > MAX_REPLY:
        raise TrailBroken("时间戳回复过大，不是时间戳。", "请向时间戳机构重新取得。")
    with tempfile.TemporaryDirectory() as folder:
        stamped, answered = Path(folder, "data"), Path(folder, "reply")
        stamped.write_bytes(data)
        answered.write_bytes(reply)
        at = _told_time(answered)
        words = ["ts", "-verify", "-in", str(answered), "-data", str(stamped), "-CAfile", str(authority)]
        try:
            openssl([*words, "-attime", str(int(at.timestamp()))], b"", "时间戳")
        except InvalidInput as error:
            raise TrailBroken(f"时间戳校验不过：{error.message}", "请核对检查点、回复和机构证书是否对应。") from error
        return at


def _told_time(answered: Path) -> datetime:
    try:
        told = openssl(["ts", "-reply", "-in", str(answered), "-text"], b"", "时间戳").decode("utf-8", "replace")
    except InvalidInput as error:
        raise TrailBroken("不是时间戳回复（RFC 3161）。", "请向时间戳机构重新取得。") from error
    found = _STAMPED.search(told)
    if found is None:
        raise TrailBroken("时间戳机构没有盖时间戳，回复里没有时间。", "请查看机构的答复后重新请求。")
    return datetime.strptime(f"{found[1]} {found[2]}", "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
