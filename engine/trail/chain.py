"""The hash chain: how an event is sealed and how a whole log is judged. Called by the store for both.

An event's payload is canonical JSON, stored exactly as hashed; it carries its own number and the hash of the event
before it, and its hash is at the same time its leaf in the Merkle tree.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.errors import TrailBroken
from engine.trail.merkle import Frontier
from engine.trail.verifier import GENESIS, Broken, Checkpoint, canonical, check_entry, leaf_hash

JSON = str | int | bool | None | list["JSON"] | dict[str, "JSON"]
Event = tuple[int, str, str, str]
"""seq (from 1), payload, prev, hash: the columns of an event as they stand in the database."""

MAX_PAYLOAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event ready to be stored."""

    payload: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a verified log ends: number of events, hash of the last (hex), Merkle root (hex)."""

    size: int
    hash: str
    root: str


def seal(seq: int, prev: str, body: Mapping[str, object]) -> Sealed:
    """The event `body` as number `seq` after the one hashed `prev`; strings in NFC.

    Raises TypeError for a value that is not JSON without fractions, ValueError when it is too long to be an event.
    """
    event = {"v": 1, "seq": seq, "attested": False, "prev": prev, **body}
    payload = canonical(plain_json(event))
    data = payload.encode("utf-8")
    if len(data) > MAX_PAYLOAD:
        raise ValueError(f"an event of {len(data)} bytes; long texts belong into records")
    return Sealed(payload, leaf_hash(data).hex())


def plain_json(value: object) -> JSON:
    """The value with strings in NFC; fractions have no single spelling, so they are refused with TypeError."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list | tuple):
        return [plain_json(each) for each in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {unicodedata.normalize("NFC", key): plain_json(each) for key, each in value.items()}
    raise TypeError(f"not fit for an event: {value!r}")


def verify_events(events: Iterable[Event], known: Checkpoint | None = None) -> Head:
    """The head of a log whose every event is whole, numbered from 1 without gap, and chained to the one before.

    `known` is a checkpoint kept elsewhere: the log must be at least as long and have had that root at that size.
    Raises TrailBroken naming the first bad number.
    """
    frontier, last = Frontier(), GENESIS
    seen = frontier.root() if known and known.size == 0 else b""
    for seq, payload, prev, digest in events:
        check_next((seq, payload, prev, digest), frontier.size + 1, last)
        frontier.append(bytes.fromhex(digest))
        last = digest
        if known and frontier.size == known.size:
            seen = frontier.root()
    if known:
        require_known(known, frontier.size, seen)
    return Head(frontier.size, last, frontier.root().hex())


def check_next(event: Event, expected: int, last: str) -> dict[str, object]:
    """The parsed payload, if the event is number `expected` and follows the event hashed `last`."""
    seq, payload, prev, digest = event
    place = f"流水第 {expected} 条"
    if seq != expected:
        raise TrailBroken(f"{place}缺失：这里排着的是第 {seq} 条。", ADVICE)
    try:
        body = check_entry(seq, str(payload).encode("utf-8", "replace"), digest, place)
    except Broken as broken:
        raise TrailBroken(f"{broken}。", ADVICE) from broken
    if prev != last or body.get("prev") != prev:
        raise TrailBroken(f"{place}：所记的前一条哈希与第 {expected - 1} 条不符。", ADVICE)
    return body


def require_known(known: Checkpoint, size: int, root_then: bytes) -> None:
    """Raise TrailBroken unless the log, now of `size`, had the checkpoint's root when it was that long."""
    if size < known.size:
        raise TrailBroken(f"流水第 {size + 1} 条缺失：检查点记载有 {known.size} 条，现在只有 {size} 条。", ADVICE)
    if root_then != known.root:
        raise TrailBroken(f"流水前 {known.size} 条与检查点的根哈希不符：历史被整体改写。", ADVICE)


ADVICE = "请立即停止写入，保全数据库文件，与备份和各单位留存的检查点比对。"
