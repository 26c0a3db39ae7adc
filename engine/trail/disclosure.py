"""One withheld field, or one whole event, shown from a full bundle so that the holder of a redacted one can check it.

Called by `shuangshen disclose`; what is shown is checked by `verify` against the redacted bundle.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from json import loads
from typing import Any

from engine.errors import InvalidInput, NotFound
from engine.trail.bundles import CONTENTS, TRAIL, judge, records_of
from engine.trail.container import Members
from engine.trail.redaction import COMMITTED, flat, open_event, open_field, secret_of
from engine.trail.words import names_of


def disclosed(members: Members, seq: int, path: str, export: int = 0) -> dict[str, Any]:
    """The opening of one field of event `seq`, or of the whole event when `path` is empty.

    The salts are those of the last redacted export made after that event, unless `export` names another. Raises
    Broken when the bundle is not sound, NotFound without that event, that field or any redacted export.
    """
    found = judge(members)
    if found.redacted:
        raise InvalidInput("这是脱密案卷，里面没有可以开示的内容。", "请用完整案卷。")
    payloads = {entry["seq"]: entry["payload"] for entry in map(loads, members[TRAIL]().splitlines())}
    if seq not in payloads:
        numbers = "、".join(map(str, payloads))
        raise NotFound(f"案卷里没有第 {seq} 号留痕。", f"有：{numbers}。")
    event = loads(payloads[seq])
    if not path:
        return open_event(event, payloads[seq])
    records = records_of(members, event)
    path = _beside(event, path)
    named = [name for name, _ in flat(event, records)]
    if path not in named:
        raise NotFound(f"第 {seq} 号留痕没有字段“{path}”。", f"有：{'、'.join(named)}。")
    return open_field(event, records, path, _secret(members, seq, [loads(each) for each in payloads.values()], export))


def _beside(event: dict[str, Any], path: str) -> str:
    """Where the field stands: `facts.reason` is said of a word beside the event as of one in it."""
    name = path.removeprefix("facts.")
    return f"records.{event['records'][-1]['id']}.{name}" if path != name and name in names_of(event) else path


def _secret(members: Members, seq: int, events: Sequence[dict[str, Any]], export: int) -> bytes:
    exports = [event for event in events if COMMITTED in event["facts"] and event["seq"] > seq]
    exports = [event for event in exports if export in (0, event["seq"])]
    if not exports:
        raise NotFound(f"第 {seq} 号留痕以后没有脱密导出，没有盐可用。", "请用脱密导出以后再导出的完整案卷。")
    (digest,) = exports[-1]["contents"]
    contents = (members[name]() for name in members if name.startswith(CONTENTS))
    return secret_of(next(data for data in contents if hashlib.sha256(data).hexdigest() == digest))
