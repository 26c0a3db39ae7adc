"""The checkpoints a bundle carries besides its own: that the log only grew since each, and who signed them.

An early checkpoint signed by another office is what a rewritten history cannot reproduce. Called by `bundles`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from engine.trail import sm2
from engine.trail.checkpoints import NAMESPACE
from engine.trail.container import Members
from engine.trail.merkle import verify_consistency
from engine.trail.verifier import (
    Broken,
    Checkpoint,
    field,
    fingerprint,
    key_of_signature,
    parse_checkpoint,
    read_path,
    strict_json,
    verifies,
)

GROWTH, KEPT, INSTANCE = "consistency.jsonl", "checkpoints/", "instance.pub"
MAX_KEY = 2_000


def kept_name(size: int) -> str:
    """Where the checkpoint of the log of this size lies in a bundle."""
    return f"{KEPT}{size:012d}.txt"


def check_kept(members: Members, present: Checkpoint, key_events: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """How many earlier checkpoints this log grew from, and how many of their signatures could be verified.

    Broken for a checkpoint that the log does not continue, one without proof, or a signature that is not of it.
    """
    sizes = [_check_growth(members, line, present, number) for number, line in enumerate(_growth(members), 1)]
    if sizes != sorted(set(sizes)):
        raise Broken(GROWTH, "检查点次序不对或者重复")
    for name in sorted(name for name in members if name.startswith(KEPT) and name.endswith(".txt")):
        if name not in map(kept_name, sizes):
            raise Broken(name, "没有相应的一致性证明")
    return len(sizes), _check_signatures(members, key_events)


def check_known(members: Members, present: Checkpoint, known: str) -> None:
    """Broken unless a checkpoint kept elsewhere is the bundle's own or one it grew from; "" asks for nothing."""
    if not known:
        return
    asked = parse_checkpoint(known, "所给的检查点")
    if asked.origin != present.origin:
        raise Broken("所给的检查点", f"出自“{asked.origin}”，本包出自“{present.origin}”")
    carried = {present.size: present} | {each.size: each for each in kept_checkpoints(members)}
    if asked.size not in carried:
        sizes = "、".join(map(str, sorted(carried)))
        raise Broken("所给的检查点", f"是第 {asked.size} 条的，包里只有第 {sizes} 条的一致性证明，无从核对")
    if carried[asked.size] != asked:
        raise Broken("所给的检查点", "与包里同一条数的检查点根哈希不同：历史被整体改写")


def kept_checkpoints(members: Members) -> list[Checkpoint]:
    """The earlier checkpoints in the bundle, by name."""
    names = sorted(name for name in members if name.startswith(KEPT) and name.endswith(".txt"))
    return [_parsed(members, name) for name in names]


def _growth(members: Members) -> list[bytes]:
    if GROWTH not in members:
        return []
    lines = members[GROWTH]().split(b"\n")
    if lines.pop() or not lines:
        raise Broken(GROWTH, "没有内容或末行不完整")
    return lines


def _check_growth(members: Members, line: bytes, present: Checkpoint, number: int) -> int:
    place = f"{GROWTH} 第 {number} 行"
    entry = strict_json(line, place)
    size: int = field(entry, "size", int, place)
    name = kept_name(size)
    if name not in members:
        raise Broken(place, f"包里没有 {name}")
    kept = _parsed(members, name)
    if (kept.origin, kept.size) != (present.origin, size):
        raise Broken(name, "检查点的来源或条数与本包不符")
    if not verify_consistency(size, present.size, kept.root, present.root, read_path(entry, place)):
        raise Broken(place, f"一致性证明不成立：现在的流水不是由第 {size} 条的检查点增长而来")
    return size


def _parsed(members: Members, name: str) -> Checkpoint:
    return parse_checkpoint(members[name]().decode("utf-8", "replace"), name)


def _check_signatures(members: Members, key_events: Sequence[Mapping[str, Any]]) -> int:
    """How many signatures beside checkpoints hold; one by a key nobody here knows is not counted."""
    keys = {event["facts"]["fingerprint"]: event["facts"]["public_key"] for event in _added(key_events)}
    keys |= _instance(members)
    held = 0
    for name in sorted(name for name in members if name.startswith(KEPT) and name.endswith(".sig")):
        signed = f"{KEPT}{name.removeprefix(KEPT).partition('.txt')[0]}.txt"
        armour = members[name]().decode("utf-8", "replace")
        line = keys.get(key_of_signature(armour, NAMESPACE, name))
        if signed not in members:
            raise Broken(name, "没有它所签的检查点")
        holds = verifies(members[signed](), armour, line, NAMESPACE) if line else None
        if holds is False:
            raise Broken(name, "不是该检查点的签名")
        held += int(holds is not None)
    return held


def _added(key_events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [event for event in key_events if event["act"] == "key_add"]


def _instance(members: Members) -> dict[str, str]:
    """The key of the installation the bundle came from, as it is carried along."""
    if INSTANCE not in members:
        return {}
    words = members[INSTANCE]()[:MAX_KEY].decode("utf-8", "replace").split()[:2]
    line = " ".join(words)
    try:
        national = words[0] == sm2.SCHEME
        told = (
            sm2.fingerprint(sm2.public_key(line))
            if national
            else fingerprint(base64.b64decode(words[1], validate=True))
        )
    except (ValueError, IndexError) as error:
        raise Broken(INSTANCE, "不是公钥") from error
    return {told: line}
