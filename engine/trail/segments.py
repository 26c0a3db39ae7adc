"""What another installation's log says of a case, sealed and kept in this one: a foreign segment of the one trail.

A case that is carried over the air gap leaves its events in the log where they happened. What comes along is this
segment: those events with the proofs that they are in the sender's log, its signed checkpoint, and the keys its
officers signed with. The event that takes the case in names the segment's digest and its head, so that the receiving
log vouches for it, and `check_received` proves the one trail across both. Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from engine.trail.checkpoints import NAMESPACE
from engine.trail.merkle import verify_consistency
from engine.trail.verifier import (
    GENESIS,
    Broken,
    Checkpoint,
    Signatures,
    canonical,
    check_proven,
    check_signatures,
    field,
    leaf_hash,
    parse_checkpoint,
    read_path,
    strict_json,
    verifies,
)
from engine.trail.words import names_of

SCHEMA = "shuangshen.segment/1"
OUT, IN = "transfer_out", "transfer_in"
AWAY = "transferred"
"""The stage of a case that has been handed over and is not here: nobody's turn until it is taken in again."""

Event = Mapping[str, Any]
Filed = list[tuple[str, str]]
Content = Callable[[str], bytes]


class Segment(NamedTuple):
    """A segment that holds: whose log, the case's number there, how long the log was, the events, what was verified.

    `hashes` are the events' own, `grown` earlier sizes of that log with the proof that it only grew since.
    """

    case: str
    key: str
    checkpoint: Checkpoint
    events: list[dict[str, Any]]
    hashes: list[str]
    grown: dict[int, list[bytes]]
    signatures: Signatures
    sealed: bool

    @property
    def origin(self) -> str:
        return self.checkpoint.origin

    @property
    def handover(self) -> dict[str, Any]:
        """The facts of the event by which the case was handed over, the last one."""
        facts: dict[str, Any] = self.events[-1]["facts"]
        return facts


class Crossings(NamedTuple):
    """What verifying a case's crossings gave: how often it was taken in, and the foreign events now vouched for."""

    taken_in: int
    events: int
    signatures: Signatures


def read_segment(data: bytes, place: str = "外单位留痕") -> Segment:
    """The segment in these bytes, every event of it proven and signed as it says; raises Broken otherwise."""
    told = strict_json(data, place)
    if told.keys() != {"schema", "case", "key", "checkpoint", "signature", "events", "keys", "growth"}:
        raise Broken(place, "版本或字段不认识")
    if told["schema"] != SCHEMA:
        raise Broken(place, "版本或字段不认识")
    text, armour, line = (field(told, name, str, place) for name in ("checkpoint", "signature", "key"))
    checkpoint = parse_checkpoint(text, f"{place}的检查点")
    sealed = signed_by(text.encode("utf-8"), armour, line, NAMESPACE)
    if sealed is False:
        raise Broken(place, "检查点不是所记密钥签名的")
    events, hashes = _events(told, checkpoint, place)
    keys = [_proven(entry, checkpoint, f"{place}的密钥登记")[0] for entry in field(told, "keys", list, place)]
    signed = check_signatures(events, _key_events(keys, place))
    grown = {_size(entry, place): read_path(entry, place) for entry in field(told, "growth", list, place)}
    return Segment(field(told, "case", str, place), line, checkpoint, events, hashes, grown, signed, sealed is True)


def signed_by(data: bytes, armour: str, line: str, purpose: str) -> bool | None:
    """Whether this key signed exactly these bytes, whatever stands in place of a signature; None without a tool."""
    try:
        return verifies(data, armour, line, purpose)
    except ValueError:
        return False


def _size(entry: Any, place: str) -> int:
    if type(entry) is not dict:
        raise Broken(place, "一致性证明写法不对")
    return int(field(entry, "size", int, place))


def _proven(entry: Any, checkpoint: Checkpoint, place: str) -> tuple[dict[str, Any], str]:
    if type(entry) is not dict:
        raise Broken(place, "不是一条留痕")
    return check_proven(canonical(entry).encode("utf-8", "surrogatepass"), checkpoint, place)


def _events(told: dict[str, Any], checkpoint: Checkpoint, place: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The events of the case, every one from the first to the one that handed it over, in the order of their log."""
    events: list[dict[str, Any]] = []
    hashes: list[str] = []
    last, digest = 0, GENESIS
    for number, entry in enumerate(field(told, "events", list, place), 1):
        event, own = _proven(entry, checkpoint, f"{place}第 {number} 条")
        where = f"{place}第 {number} 条（流水号 {event['seq']}）"
        if event.get("case") != told["case"] or event.get("revision") != number:
            raise Broken(where, f"不是案件 {told['case']} 的第 {number} 个动作：有遗漏、插入或调换")
        if event["seq"] <= last or (event["seq"] == last + 1 and event.get("prev") != digest):
            raise Broken(where, "与前一条接不上")
        _check_shape(event, where)
        last, digest = event["seq"], own
        events.append(event)
        hashes.append(own)
    if len(events) < 2 or events[-1]["act"] != OUT:
        raise Broken(place, "末条不是移送")
    return events, hashes


def _check_shape(event: dict[str, Any], place: str) -> None:
    for name in ("act", "actor", "unit", "at", "state", "command"):
        field(event, name, str, place)
    facts = field(event, "facts", dict, place)
    for record in field(event, "records", list, place):
        if type(record) is not dict or any(type(record.get(name)) is not str for name in ("id", "kind", "digest")):
            raise Broken(place, "所列记录写法不对")
    if any(type(digest) is not str for digest in field(event, "contents", list, place)):
        raise Broken(place, "所列文件写法不对")
    named = {OUT: ("to", "handover", "home", "home_case"), IN: ("origin", "out_hash", "segment", "handover", "key")}
    counted = {OUT: ("hop",), IN: ("hop", "size")}
    for name in named.get(event["act"], ()):
        field(facts, name, str, place)
    for name in counted.get(event["act"], ()):
        field(facts, name, int, place)


def _key_events(events: Sequence[dict[str, Any]], place: str) -> Sequence[dict[str, Any]]:
    for event in events:
        facts = field(event, "facts", dict, place)
        named = ("fingerprint", "officer", "public_key") if event.get("act") == "key_add" else ("fingerprint",)
        if event.get("act") not in ("key_add", "key_revoke"):
            raise Broken(place, "所附的不是登记或注销密钥的动作")
        for name in named:
            field(facts, name, str, place)
    if [event["seq"] for event in events] != sorted({event["seq"] for event in events}):
        raise Broken(place, "登记密钥的动作次序不对")
    return events


# ------------------------------------------------------------------ the one trail across both logs


def check_received(events: Sequence[Event], content: Content, here: str) -> Crossings:
    """What holds of a case's crossings, told by its events in this log (whose origin is `here`), oldest first.

    For each time it was taken in: the segment is whole, is what the event says it is, was addressed to this log,
    continues what was received and what was handed over before, and vouches for every record and file taken in, none
    lost and none doubled. `content` gives a stored file by its digest. Raises Broken naming the first entry that does
    not hold.
    """
    before: dict[str, Segment] = {}
    signed = unsigned = unchecked = told = 0
    taken_in = 0
    for index, event in enumerate(events):
        if event["act"] != IN:
            continue
        place = f"留痕第 {event['seq']} 号（移入）"
        facts = field(dict(event), "facts", dict, place)
        digest = field(facts, "segment", str, place)
        data = content(digest)
        if sha256(data).hexdigest() != digest or digest not in event["contents"]:
            raise Broken(place, "所附的外单位留痕与登记的摘要不符")
        segment = read_segment(data, f"{place}所附的外单位留痕")
        _check_told(facts, segment, here, place)
        _check_filed(events, index, segment, place)
        _check_follows(before.get(segment.origin), segment, place)
        _check_returned(events[:index], segment, here, place)
        told += len(segment.events) - (len(before[segment.origin].events) if segment.origin in before else 0)
        before[segment.origin] = segment
        taken_in += 1
    for segment in before.values():
        signed += segment.signatures.signed
        unsigned += segment.signatures.unsigned
        unchecked += segment.signatures.unchecked
    return Crossings(taken_in, told, Signatures(signed, unsigned, unchecked))


def facts_of(segment: Segment, digest: str) -> dict[str, Any]:
    """What the event that takes the case in says of the segment: `digest` is its SHA-256."""
    handed = segment.handover
    return {
        "origin": segment.origin,
        "case": segment.case,
        "hop": handed["hop"],
        "home": handed["home"],
        "home_case": handed["home_case"],
        "handover": handed["handover"],
        "out_seq": segment.events[-1]["seq"],
        "out_hash": segment.hashes[-1],
        "size": segment.checkpoint.size,
        "root": segment.checkpoint.root.hex(),
        "key": segment.key,
        "segment": digest,
    }


def _check_told(facts: Mapping[str, Any], segment: Segment, here: str, place: str) -> None:
    for name, value in facts_of(segment, str(facts["segment"])).items():
        if facts.get(name) != value:
            raise Broken(place, f"登记的 {name} 与所附的外单位留痕不符")
    if segment.handover["to"] != here:
        raise Broken(place, f"外单位移送给 {segment.handover['to']}，不是本单位")
    if segment.handover["handover"] != segment.events[-2]["state"]:
        raise Broken(place, "移送时的案件状态与外单位前一条留痕的不符")


def filed(events: Sequence[Event]) -> Filed:
    """Every record these events filed, as kind and digest, in order."""
    return [(record["kind"], record["digest"]) for event in events for record in event["records"]]


def _check_filed(events: Sequence[Event], index: int, segment: Segment, place: str) -> None:
    """What was here before is the beginning of what the sender has, and the rest is what was taken in."""
    held, theirs, taken = filed(events[:index]), filed(segment.events), filed(events[index : index + 1])
    if names_of(events[index]):
        del taken[-1]  # what this log itself says of the crossing
    if theirs[: len(held)] != held:
        raise Broken(place, "外单位卷内的记录不以移送前的记录开头：有遗失、改动或调换")
    if theirs[len(held) :] != taken:
        raise Broken(place, "移入的记录与外单位登记的不符：有遗失或重复")
    files = {digest for event in events[: index + 1] for digest in event["contents"]}
    for event in segment.events:
        for digest in sorted(set(event["contents"]) - files):
            raise Broken(place, f"外单位登记的文件 {digest} 没有移入")


def _check_follows(before: Segment | None, segment: Segment, place: str) -> None:
    """The sender's log is the one we knew, only longer."""
    if before is None:
        return
    if segment.case != before.case or segment.hashes[: len(before.hashes)] != before.hashes:
        raise Broken(place, "外单位的留痕与以前移来的不是同一部历史：有改动")
    known, present = before.checkpoint, segment.checkpoint
    path = segment.grown.get(known.size, [] if known == present else None)
    if path is None or not verify_consistency(known.size, present.size, known.root, present.root, path):
        raise Broken(place, f"外单位的总流水不是由第 {known.size} 条的检查点增长而来")


def _check_returned(past: Sequence[Event], segment: Segment, here: str, place: str) -> None:
    """What this log handed over last is what the sender took in from it last."""
    handed = [event for event in past if event["act"] == OUT]
    taken = [event["facts"] for event in segment.events if event["act"] == IN and event["facts"]["origin"] == here]
    if not handed and not taken:
        return
    if not handed or not taken or taken[-1]["out_hash"] != hash_of(handed[-1]):
        raise Broken(place, "外单位所收的不是本单位最后一次移送")
    if segment.handover["hop"] != handed[-1]["facts"]["hop"] + 1:
        raise Broken(place, "移送的次序不对")


def hash_of(event: Event) -> str:
    """The hash of an event in its log, made from its fields."""
    return leaf_hash(canonical({name: value for name, value in event.items() if name != "hash"}).encode()).hex()
