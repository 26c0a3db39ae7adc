"""What may be taken in: whose package it is, for whom its sender speaks, and whether this program can go on from it.

Everything here is asked before anything is written; called by `reviewers.transferring` alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from json import loads
from typing import Any

from engine import process
from engine.errors import InvalidInput, ProcessError, Refused, TrailBroken
from engine.model import Case, DraftKind, Gate, Role, Route, Trigger, Turn
from engine.process import Bundle, Step
from engine.store import UnitOfWork
from engine.store.loading import read_instant
from engine.store.records import KINDS, Verbatim, record_of
from engine.store.transfer import origin_of
from engine.trail.segments import IN
from engine.trail.transfers import Package
from engine.trail.words import KIND as WORDS
from reviewers.drafting_unit import MAX_TITLE, newest_bundle_of
from reviewers.lines import one_line
from reviewers.office import Office
from reviewers.operations.peers import Peer, peer_named, peers
from reviewers.roster import Profile

JUDGING = frozenset({"review", "conclusion"})


def known_sender(office: Office, package: Package) -> Peer:
    """Who sent the package, which is for this installation, signed by the sender's key, and of its own people's acts.

    Raises NotFound for a sender not known here, Refused for everything else.
    """
    segment, here = package.segment, origin_of(office.store.path)
    if package.to != here:
        names = {peer.origin: peer.name for peer in peers(office.store.path)}
        raise Refused(
            f"移送包是给 {names.get(package.to, package.to)} 的，不是给本单位（{here}）的。", "请转交收件单位。"
        )
    peer = peer_named(office.store.path, segment.origin)
    if segment.key != peer.public_key:
        raise Refused(
            f"移送包由另一把密钥签名，不是登记的{peer.name}的密钥（{peer.fingerprint}）。",
            "请与该单位核对；其更换了密钥的，重新登记名片。",
        )
    if not package.signed:
        raise Refused("本机没有校验签名的工具，不能移入。", "请安装 OpenSSH 8.9 以上；SM2 密钥还要 OpenSSL 3.0 以上。")
    bodies = iter(package.records)
    for event in segment.events:
        _require_own_people(event, peer, office.profile)
        own = [body for _, (kind, body) in zip(event["records"], bodies, strict=False) if kind in JUDGING]
        if event["act"] != IN:
            require_own_gate(event, [loads(body).get("gate") for body in own], package, office.profile)
    return peer


def _require_own_people(event: Mapping[str, Any], peer: Peer, profile: Profile) -> None:
    """An installation speaks for the people who work in it, and for nobody else's."""
    actor, unit = event["actor"], event["unit"]
    place = f"移送包第 {event['revision']} 个动作（{event['act']}）"
    known = profile.officers.get(actor)
    if known and known.unit != unit:
        raise Refused(f"{place}称由 {unit} 的 {actor} 办理，名册中 {actor} 属于 {known.unit}。", "请与移送单位核对。")
    if (actor, unit) == ("system", "") or event["act"] == "export":
        return
    units = {unit, profile.units[unit].part_of} if unit in profile.units else {unit}
    if not units & set(peer.units):
        raise Refused(
            f"{place}由 {unit} 的 {actor} 办理，{peer.name}的系统只登记了 {'、'.join(peer.units)}。",
            "请与该单位核对；确在该系统办理的，重新登记并写明全部单位。",
        )


def require_own_gate(event: Mapping[str, Any], gates: Sequence[Any], package: Package, profile: Profile) -> None:
    """Joint reviews are the regulator's, self-reviews the drafting unit's, wherever they were made."""
    unit = event["unit"]
    for gate in gates:
        joint = unit in profile.units and profile.in_regulator(unit)
        if (gate == Gate.JOINT_REVIEW and not joint) or (gate == Gate.SELF_REVIEW and unit != package.case["unit"]):
            raise Refused(
                f"移送包第 {event['revision']} 个动作（{event['act']}）由 {unit} 的 {event['actor']} 办理，"
                "其审查记录不属于该单位一方。",
                "请与移送单位核对。",
            )


def case_in(package: Package) -> Case:
    """The case as the sender had it; raises InvalidInput for a word this program does not know."""
    row = package.case
    try:
        if row["title"] != one_line(row["title"]) or not 1 <= len(row["title"]) <= MAX_TITLE:
            raise ValueError(row["title"])
        return Case(
            **{
                **{name: value for name, value in row.items() if name != "position_sha256"},
                "kind": DraftKind(row["kind"]),
                "trigger": Trigger(row["trigger"]),
                "route": Route(row["route"]),
                "opened_at": read_instant(row["opened_at"]),
                "position": package.position,
            }
        )
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInput("移送包里的案件状态有本程序不认识的内容。", "请双方使用同一版本的程序。") from error


def process_of(work: UnitOfWork, package: Package, row: Case, accepted: Collection[str]) -> Bundle:
    """The process version of the case, known here or accepted by name: a stranger's drawing decides nothing here."""
    try:
        bundle = process.bundle_from_bytes(package.process)
    except (KeyError, TypeError, AttributeError) as error:
        raise ProcessError("移送包里的流程版本读不出来。", "请移送单位重新制作移送包。") from error
    if bundle.hash != row.bundle:
        raise ProcessError(f"移送包里的流程版本不是案件所用的 {row.bundle[:12]}。", "请移送单位重新制作移送包。")
    newest_bundle_of(work)
    if work.has_bundle(bundle.hash):
        return process.bundle_from_bytes(work.bundle(bundle.hash))
    if bundle.hash not in accepted:
        raise Refused(
            f"案件按流程版本 {bundle.hash[:12]} 办理，本单位没有这个版本，没有移入。",
            f"请核对流程文件；认可的，由会审负责人先行发布，或者加 --process {bundle.hash}。",
        )
    work.put_bundle(bundle.hash, package.process)
    return bundle


def step_of(package: Package, row: Case, bundle: Bundle) -> Step:
    """Where the case goes on: the open tasks as they stood, which are the ones the position waits for."""
    plain = process.to_plain(bundle, row.position)
    turns = tuple(_turn(told) for told in package.turns)
    named = [(turn.task, turn.element, turn.name, turn.role.value, turn.instance) for turn in turns]
    waited = [(t["task"], t["element"], t["name"], t["role"], t["instance"]) for t in plain["turns"]]
    if plain["stage"] != row.stage or sorted(named) != sorted(waited):
        raise ProcessError("移送包里的待办与流程位置不一致。", "请移送单位先运行 shuangshen incidents list 查明。")
    return Step(row.position, turns, row.stage, plain["ended"], (), plain["variables"])


def _turn(told: Any) -> Turn:
    try:
        due_on = date.fromisoformat(told["due_on"]) if told["due_on"] else None
        return Turn(**{**told, "role": Role(told["role"]), "due_on": due_on})
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInput("移送包里的待办有本程序不认识的内容。", "请双方使用同一版本的程序。") from error


def verbatim(kind: str, body: str, number: int) -> Verbatim:
    """The record as it was stored there, which this program can read; raises InvalidInput otherwise."""
    try:
        if kind == WORDS:
            return _words(body, number)
        if kind not in KINDS:
            raise InvalidInput(f"移送包第 {number} 项记录是本程序不认识的种类“{kind}”。", "请升级本程序。")
        record_of(kind, body, f"移送包第 {number} 项记录")
    except TrailBroken as error:
        raise InvalidInput(error.message, "请双方使用同一版本的程序。") from error
    return Verbatim(kind, body)


def _words(body: str, number: int) -> Verbatim:
    try:
        said = loads(body)
    except ValueError:
        said = None
    if type(said) is not dict or not all(isinstance(each, str | list) for each in said.values()):
        raise InvalidInput(f"移送包第 {number} 项记录不是一组文字。", "请移送单位重新制作移送包。")
    return Verbatim(WORDS, body)
