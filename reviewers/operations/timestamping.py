"""Time stamps of kept checkpoints: asked for at the authority the practice names, or carried there and back by hand.

Off unless asked for. The token lies beside its checkpoint and goes wherever that goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.errors import Busy, Conflict, InvalidInput, NotFound
from engine.trail import checkpoints, timestamps
from reviewers.operations.keeping import folder_of, keep_checkpoint

AUTHORITY = "timestamp-ca.pem"
"""The certificates of the time stamping authority, in the installation's profile."""
SECONDS = 20


@dataclass(frozen=True, slots=True)
class Stamped:
    """A time stamp: of which checkpoint, in which file, and the moment (aware UTC) it states."""

    checkpoint: Path
    file: Path
    at: datetime


def asked(database: Path, out: Path) -> Path:
    """A request for a time stamp of the checkpoint of now lies at `out`; gives the checkpoint, which is kept.

    Raises Conflict when something is at `out`, InvalidInput when it cannot be written there.
    """
    if out.exists() or out.is_symlink():
        raise Conflict(f"{out} 已存在，不会覆盖。", "请换一个位置。")
    place = keep_checkpoint(database)
    try:
        checkpoints.write_new(out, timestamps.request(place.read_bytes()), 0o644)
    except OSError as error:
        raise InvalidInput(f"写不到 {out}：{error.strerror}。", "请换一个存在且可写的目录。") from error
    return place


def filed(database: Path, reply: bytes, authority: Path) -> Stamped:
    """The reply lies beside the kept checkpoint it is a sound time stamp of.

    Raises NotFound when it is of none, TrailBroken when it is not sound, Conflict when that one has a stamp already.
    """
    kept = sorted(folder_of(database).glob("*.txt"), reverse=True)
    about = [place for place in kept if timestamps.is_about(reply, place.read_bytes())]
    if not about:
        raise NotFound("没有一份留存的检查点是这份回复所盖的。", "请核对回复文件，或重新用 --request 请求。")
    at = timestamps.stamped_at(reply, about[0].read_bytes(), authority)
    file = place_of(about[0])
    if file.exists():
        raise Conflict(f"{file} 已存在，此检查点已有时间戳。", "无需重复；再盖请先留存新的检查点。")
    checkpoints.write_new(file, reply, 0o644)
    return Stamped(about[0], file, at)


def fetched(database: Path, url: str, authority: Path) -> Stamped:
    """The checkpoint of now is kept and stamped by the authority at this URL.

    Raises InvalidInput without a URL, Busy when the authority does not answer, else as `filed`.
    """
    if not url:
        raise InvalidInput(
            "没有配置时间戳机构。",
            "请在 profile/practice.toml 的 [practice] 写 timestamp_url，或用 --request 和 --reply 以文件往返。",
        )
    place = keep_checkpoint(database)
    return filed(database, _posted(url, timestamps.request(place.read_bytes())), authority)


def stamp_beside(place: Path, authority: Path) -> Stamped | None:
    """The time stamp beside this checkpoint, judged; None when there is none. Raises TrailBroken when it is unsound."""
    file = place_of(place)
    if not file.is_file():
        return None
    with file.open("rb") as opened:
        reply = opened.read(timestamps.MAX_REPLY + 1)
    return Stamped(place, file, timestamps.stamped_at(reply, place.read_bytes(), authority))


def place_of(checkpoint: Path) -> Path:
    """Where the time stamp of a checkpoint lies."""
    return checkpoint.with_name(checkpoint.name + timestamps.REPLY)


def _posted(url: str, query: bytes) -> bytes:
    """What the authority answers; bounded in size and time, and never led on to another place."""
    from urllib import request
    from urllib.error import URLError

    class Straight(request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    if not url.startswith(("http://", "https://")):
        raise InvalidInput(f"时间戳机构的地址“{url}”不是 http 或 https。", "请改正 timestamp_url。")
    asking = request.Request(url, query, {"Content-Type": "application/timestamp-query"})  # noqa: S310  # looked at above
    try:
        with request.build_opener(Straight).open(asking, timeout=SECONDS) as answer:
            reply: bytes = answer.read(timestamps.MAX_REPLY + 1)
    except (URLError, OSError, ValueError) as error:
        told = getattr(error, "reason", None) or error
        raise Busy(
            f"时间戳机构 {url} 没有答复：{told}。", "检查点已留存；请稍后重复，或用 --request 以文件往返。"
        ) from error
    return reply
