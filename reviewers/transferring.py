"""Handing a case over to another installation and taking it in again: the acts on either side of the air gap.

A case is at one place at a time. Handing it over is an event of this log, after which nobody here may act on it; what
is carried is a package anyone can verify; taking it in is one transaction, or nothing. Called by the counter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from json import loads
from pathlib import Path
from typing import Any

from engine.errors import Conflict, Refused, TrailBroken
from engine.model import Case, CaseFile, Role
from engine.store import Receipt, UnitOfWork
from engine.store.transfer import (
    crossing,
    gather_package,
    holds_case,
    origin_in,
    require_root,
    require_sound,
    standing_state,
    taken_before,
    write_package,
)
from engine.trail.segments import AWAY, IN, OUT, facts_of
from engine.trail.signers import signer_with
from engine.trail.transfers import Package
from engine.trail.verifier import Checkpoint
from reviewers.arriving import case_in, known_sender, process_of, step_of, verbatim
from reviewers.conditions import not_the_auditor
from reviewers.office import Acting, Office, act
from reviewers.office import digest_of as act_digest
from reviewers.operations.keeping import instance_key, keep_checkpoint
from reviewers.operations.peers import Peer, local_number, own_key, peer_named
from reviewers.operations.witnessing import signed_checkpoint

STANDING = ("title", "unit", "kind", "trigger", "opened_by", "opened_at")
"""What never changes about a case, wherever it is."""

MAY = (Role.DRAFTER, Role.DRAFTING_HEAD, Role.REGULATOR, Role.JOINT_LEAD)


@dataclass(frozen=True, slots=True)
class Sent:
    """A package as written: where, the SHA-256 of its manifest, the event of the hand-over, and whether it was new."""

    path: Path
    manifest: str
    receipt: Receipt


def send(office: Office, case_id: str, to: str, out: Path) -> Sent:
    """The case is handed over to the installation `to` and its package lies at `out`.

    Of a case that is on its way there already only the package is made anew. Raises Conflict when it is on its way
    elsewhere, NotFound when `to` is not known here, Refused when the officer may not.
    """
    peer = peer_named(office.store.path, to)
    key = own_key(office.store.path)
    signed_checkpoint(office.store.path)  # a machine that cannot sign must not hand anything over
    receipt = _handed_before(office, case_id, peer) or _hand_over(office, case_id, peer.origin, peer.name)
    keep_checkpoint(office.store.path)
    files = gather_package(office.store.path, case_id, key, signer_with(instance_key(office.store.path)).sign)
    return Sent(out, write_package(files, out), receipt)


def _handed_before(office: Office, case_id: str, peer: Peer) -> Receipt | None:
    with office.store.work() as work:
        case = work.case(case_id)
        if case.stage != AWAY:
            return None
        _may(office, case)
        last = crossing(work, case_id)
        if last is None or last["facts"]["to"] != peer.origin:
            name = last["facts"]["to_name"] if last else "外单位"
            raise Conflict(f"案件 {case_id} 已移送{name}，不能再移送{peer.name}。", "须由收到的单位移回。")
        return Receipt(case_id, last["revision"], last["seq"], last["hash"], repeated=True)


@act(OUT)
def _hand_over(acting: Acting, to: str, name: str) -> Receipt:
    """The case is no longer here: nobody's turn, until it is taken in again."""
    case, work = acting.case, acting.work
    _may(acting.office, case)
    last, origin = crossing(work, case.id), origin_in(work)
    here = {"hop": 0, "home": origin, "home_case": case.id}
    before: Mapping[str, Any] = last["facts"] if last else here
    handover = work.put_content(standing_state(work, case).encode("utf-8"))
    facts = {
        "stage_to": AWAY,
        "to": to,
        "to_name": name,
        "hop": before["hop"] + 1,
        "home": before["home"],
        "home_case": before["home_case"],
        "handover": handover,
        **_place(case),
    }
    return acting.note(facts, turns=(), contents=[handover], stage=AWAY)


def receive(office: Office, package: Package, processes: Collection[str] = ()) -> Receipt:
    """The case is here, with everything filed elsewhere since it was last here, and can be gone on with.

    The same hand-over taken in twice is answered with the first receipt. Raises NotFound for a sender not known here,
    Refused for a package that is not for this installation, is signed by another key, or speaks for people who are not
    the sender's, Conflict when it is not this package's turn, TrailBroken when it contradicts what is known here.
    `processes` are process versions, by hash, that may be taken in although this installation does not know them.
    """
    database = office.store.path
    peer = known_sender(office, package)
    case_id = local_number(database, package.segment.handover["home"], package.segment.handover["home_case"])
    out_hash = package.segment.hashes[-1]
    digest = act_digest(IN, "", case_id, [out_hash])
    office = replace(office, command=f"{IN}/{out_hash}")
    with office.store.work() as work:
        done = work.repeated(office.command, digest) or taken_before(work, case_id, out_hash)
        if done:
            _may_receive(office, package)
            return done
        receipt = _taken_in(office, work, digest, package, case_id, peer, processes)
    signed_checkpoint(database)
    return receipt


def _taken_in(
    office: Office,
    work: UnitOfWork,
    digest: str,
    package: Package,
    case_id: str,
    peer: Peer,
    processes: Collection[str],
) -> Receipt:
    row, stored = case_in(package), holds_case(work, case_id)
    file = work.case_file(case_id) if stored else CaseFile(replace(row, id=case_id, stage="", revision=0))
    _may_receive(office, package)
    last = crossing(work, case_id) if stored else None
    _require_next(file.case, last, package, peer, work)
    for name in STANDING:
        if getattr(row, name) != getattr(file.case, name):
            raise TrailBroken(f"案件 {case_id} 的 {name} 与移送以前不同，没有移入。", "请与移送单位核对。")
    bundle = process_of(work, package, row, processes)
    step = step_of(package, row, bundle)
    for digest_, data in package.contents.items():
        if work.put_content(data) != digest_:
            raise TrailBroken(f"移送包里的文件 {digest_} 与摘要不符。", "请移送单位重新制作。")
    held = sum(len(event["records"]) for event in work.events(case_id))
    read = [verbatim(kind, body, number) for number, (kind, body) in enumerate(package.records, 1)]
    new = package.records[held:]
    segment = work.put_content(package.segment_bytes)
    facts = facts_of(package.segment, segment) | {"origin_name": peer.name, "title": row.title} | _place(row)
    facts["concluded"] = any(kind == "conclusion" and loads(body)["gate"] == "joint_review" for kind, body in new)
    acting = Acting(office, work, IN, digest, file, bundle)
    changes = {name: getattr(row, name) for name in ("route", "round", "version", "bundle")}
    receipt = acting.save(step, facts, read[held:], [*package.contents, segment], **changes)
    require_sound(work, case_id)
    return receipt


def _require_next(case: Case, last: Mapping[str, Any] | None, package: Package, peer: Peer, work: UnitOfWork) -> None:
    """It is the turn of this package: the case was never here, or is at the sender after the hand-over before it."""
    handed = package.segment.handover
    hop, here = handed["hop"], origin_in(work)
    if case.revision == 0:
        if handed["home"] == here:
            raise TrailBroken(
                f"移送包称案件 {case.id} 由本单位报送，本单位没有这个案件。", "请从备份恢复数据库后再移入。"
            )
        if (handed["home"], handed["home_case"]) != (package.segment.origin, package.segment.case):
            raise Refused(f"案件 {case.id} 不是由{peer.name}报送的，不能经其转来。", "请报送单位直接移送。")
        return
    if last is None or last["act"] != OUT:
        raise Conflict(f"案件 {case.id} 现在本单位办理，没有移送出去，不能移入另一份。", "请核对移送包的次序。")
    if last["facts"]["to"] != peer.origin:
        raise Conflict(
            f"案件 {case.id} 移送给了{last['facts']['to_name']}，不能从{peer.name}移入。", "请与两单位核对。"
        )
    if hop != last["facts"]["hop"] + 1:
        raise Conflict(
            f"案件 {case.id} 等待第 {last['facts']['hop'] + 1} 次移送的包，这是第 {hop} 次的。", "请按移送的次序移入。"
        )
    _require_same_log(package, here, work)


def _require_same_log(package: Package, here: str, work: UnitOfWork) -> None:
    """This log still is what the sender saw of it when it took the case in."""
    for event in package.segment.events:
        facts = event["facts"]
        if event["act"] == IN and facts["origin"] == here:
            require_root(work, Checkpoint(here, facts["size"], bytes.fromhex(facts["root"])))


def _place(case: Case) -> dict[str, Any]:
    return {"round": case.round, "version": case.version, "route": case.route}


def _may(office: Office, case: Case) -> None:
    """Returns when the officer may move the case: one of its drafting unit, or a reviewer of the regulator."""
    officer, profile = office.officer, office.profile
    not_the_auditor(officer)
    held = profile.roles_on(officer, office.today) & set(MAY)
    drafting = officer.unit == case.unit and held & {Role.DRAFTER, Role.DRAFTING_HEAD}
    joint = profile.in_regulator(officer.unit) and held & {Role.REGULATOR, Role.JOINT_LEAD}
    if not (drafting or joint):
        raise Refused(
            f"{officer.name}不能移送或移入案件：由起草单位的起草人、负责人或者市场监管部门的会审人员办理。",
            "名单见 shuangshen officers。",
        )


def _may_receive(office: Office, package: Package) -> None:
    row = case_in(package)
    office.profile.unit(row.unit)
    _may(office, row)
