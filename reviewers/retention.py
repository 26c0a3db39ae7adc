"""How long cases are kept, what holds them back, and their destruction by two persons when the time has run.

The classes are those of the state archives; which case falls into which is local practice (retention.toml of the
profile). Called by the commands `retention`. Reasons stand in records, not in the facts of events: they can go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tomllib import TOMLDecodeError, loads
from typing import Any

from engine.calendar.zone import local_day
from engine.errors import InvalidInput, NotYourTurn, Refused, StandardsError
from engine.model import (
    CaseFile,
    Disposal,
    DraftKind,
    Outcome,
    RetentionAct,
    RetentionStep,
    RetentionTerm,
    Role,
)
from engine.store import Receipt
from engine.store.destroying import destroy, destructible
from engine.store.disposal import ACTS, due_day, last_acts
from engine.store.holdings import case_files
from engine.trail.words import DESTROYED
from reviewers.conditions import holds, not_the_auditor
from reviewers.office import Acting, act
from reviewers.tables import Table

FILE = "retention.toml"
ENDED = frozenset({"archived", "returned", "withdrawn", "must_not_issue", "out_of_scope"})
LONGEST = 2000
DISPOSERS = (Role.REGULATOR, Role.JOINT_LEAD)


@dataclass(frozen=True, slots=True)
class TermRule:
    """Cases of this kind, outcome or stage ("" is any) are kept for this term."""

    kind: str
    outcome: str
    stage: str
    term: RetentionTerm

    def fits(self, file: CaseFile) -> bool:
        """Whether the case is of this rule."""
        outcome = file.conclusions[-1].outcome if file.conclusions else ""
        told = ((self.kind, file.case.kind), (self.outcome, outcome), (self.stage, file.case.stage))
        return all(wanted in ("", found) for wanted, found in told)


@dataclass(frozen=True, slots=True)
class TermRules:
    """The rules of this locality in order, and the term of a case none of them fits."""

    rules: tuple[TermRule, ...] = ()
    default: RetentionTerm = RetentionTerm.THIRTY_YEARS

    def term_of(self, file: CaseFile) -> RetentionTerm:
        """What the rules say of this case."""
        return next((rule.term for rule in self.rules if rule.fits(file)), self.default)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a case is kept now: `ended_on` is None while it is still at work, `due_on` None for ever or until then."""

    term: RetentionTerm
    by_rule: bool
    ended_on: date | None
    due_on: date | None
    held: bool
    proposed_by: str


def load_rules(profile: Path) -> TermRules:
    """The rules in this profile; thirty years for all where it has none. Raises StandardsError naming file and key."""
    path = profile / FILE
    if not path.is_file():
        return TermRules()
    try:
        file = Table(str(path), "", loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, TOMLDecodeError) as error:
        raise StandardsError(f"保管期限配置读不了：{path}（{error}）。", "请改正后重试。") from error
    file.only("default", "rule")
    rows = file.tables("rule", required=False)
    default = file.member("default", file.text("default"), RetentionTerm)
    return TermRules(tuple(_rule(row) for row in rows), default)


def _rule(row: Table) -> TermRule:
    row.only("kind", "outcome", "stage", "term")
    kind, outcome, stage = row.text("kind", ""), row.text("outcome", ""), row.text("stage", "")
    if kind:
        row.member("kind", kind, DraftKind)
    if outcome:
        row.member("outcome", outcome, Outcome)
    if stage and stage not in ENDED:
        raise row.fault("stage", f"应为 {'、'.join(sorted(ENDED))} 之一")
    return TermRule(kind, outcome, stage, row.member("term", row.text("term"), RetentionTerm))


def keeping_of(file: CaseFile, last_act: date, rules: TermRules) -> Keeping:
    """How this case is kept; `last_act` is the local day of the last act on it that was not about its keeping."""
    steps = file.retention_steps
    terms = [step.term for step in steps if step.act is RetentionAct.SET and step.term]
    term = terms[-1] if terms else rules.term_of(file)
    ended = last_act if file.case.stage in ENDED else None
    held = [step.act for step in steps if step.act in (RetentionAct.HOLD, RetentionAct.RELEASE)]
    proposed = [step.ordered_by for step in steps if step.act is RetentionAct.PROPOSE]
    due = due_day(term, ended) if ended else None
    return Keeping(term, not terms, ended, due, held[-1:] == [RetentionAct.HOLD], proposed[-1] if proposed else "")


def all_kept(database: Path, rules: TermRules) -> Iterator[tuple[CaseFile, Keeping]]:
    """Every case that was not destroyed, in order of ids, and how it is kept."""
    last = last_acts(database)
    for file in case_files(database, kinds=("retention_step", "conclusion")):
        yield file, keeping_of(file, local_day(datetime.fromisoformat(last[file.case.id])), rules)


@act("retention_set")
def set_term(acting: Acting, term: RetentionTerm, reason: str) -> Receipt:
    """The case is kept for this term, whatever the rule says. Raises Refused but to the joint lead."""
    _may(acting, "调整保管期限", Role.JOINT_LEAD)
    return acting.note({"term": term.value}, [_step(acting, RetentionAct.SET, reason, term)])


@act("retention_hold")
def hold(acting: Acting, reason: str) -> Receipt:
    """The case is not destroyed until released. Raises Refused but to the joint lead, or when it is held already."""
    _may(acting, "暂缓销毁", Role.JOINT_LEAD)
    if _standing(acting).held:
        raise Refused(f"案件 {acting.case.id} 已在暂缓销毁中。", "无需重复登记。")
    return acting.note({}, [_step(acting, RetentionAct.HOLD, reason)])


@act("retention_release")
def release(acting: Acting, reason: str) -> Receipt:
    """The case is held no longer. Raises Refused but to the joint lead, or when it was not held."""
    _may(acting, "解除暂缓销毁", Role.JOINT_LEAD)
    if not _standing(acting).held:
        raise Refused(f"案件 {acting.case.id} 没有暂缓销毁。", "请核对案件编号。")
    return acting.note({}, [_step(acting, RetentionAct.RELEASE, reason)])


@act("retention_propose")
def propose(acting: Acting, reason: str) -> Receipt:
    """Somebody of the regulator has appraised the case and asks for its destruction; the term is over by now."""
    _may(acting, "提出销毁", *DISPOSERS)
    keeping = _require_due(acting)
    return acting.note({}, [_step(acting, RetentionAct.PROPOSE, reason, keeping.term)])


@act("retention_dispose")
def dispose(acting: Acting, reason: str) -> Receipt:
    """Records and files of the case are out of the database, named one by one in a list of destruction; its title too.

    The events stay. Raises Refused before the term is over, while the case is held, to anybody but a joint lead, and to
    the one who proposed it; NotYourTurn when nobody did.
    """
    office = acting.office
    _may(acting, "批准销毁", Role.JOINT_LEAD)
    keeping = _require_due(acting)
    if not keeping.proposed_by:
        raise NotYourTurn(f"案件 {acting.case.id} 还没有人提出销毁。", "请先由另一人鉴定，加 --propose 提出。")
    if keeping.proposed_by == office.officer.id:
        raise Refused(f"销毁须两人办理：{office.officer.name}已提出销毁，不能再批准。", "请由另一位会审负责人批准。")
    assert keeping.ended_on and keeping.due_on  # noqa: S101  # it is due
    records, contents = destructible(acting.work, acting.case.id)
    disposal = Disposal(
        term=keeping.term,
        ended_on=keeping.ended_on,
        due_on=keeping.due_on,
        records=records,
        contents=contents,
        reason=_reason(reason),
        proposed_by=keeping.proposed_by,
        disposed_by=office.officer.id,
        unit=office.officer.unit,
        disposed_at=office.now,
    )
    receipt = acting.note({"records_out": len(records), "files_out": len(contents)}, [disposal], title=DESTROYED)
    destroy(acting.work, acting.case.id, receipt.event_seq, disposal)
    return receipt


def _standing(acting: Acting) -> Keeping:
    events: Sequence[Mapping[str, Any]] = acting.work.events(acting.case.id)
    last = [event["at"] for event in events if event["act"] not in ACTS][-1]
    rules = load_rules(acting.office.store.path.parent / "profile")
    return keeping_of(acting.file, local_day(datetime.fromisoformat(last)), rules)


def _require_due(acting: Acting) -> Keeping:
    """How the case is kept, if it may be destroyed today; raises Refused naming what is in the way."""
    keeping, case = _standing(acting), acting.case.id
    if keeping.ended_on is None:
        raise Refused(f"案件 {case} 还没有办结，不能销毁。", "办结以后才起算保管期限。")
    if keeping.due_on is None:
        raise Refused(
            f"案件 {case} 的保管期限是永久，不能销毁。", "期限定得不对的，先用 retention set 调整并说明理由。"
        )
    if acting.office.today < keeping.due_on:
        raise Refused(f"案件 {case} 的保管期限到 {keeping.due_on} 才届满，不能销毁。", "届满以后再办。")
    if keeping.held:
        raise Refused(f"案件 {case} 正暂缓销毁。", "须先由会审负责人解除（retention release）。")
    return keeping


def _may(acting: Acting, what: str, *roles: Role) -> None:
    office = acting.office
    not_the_auditor(office.officer)
    held = office.profile.roles_on(office.officer, office.today) & set(roles)
    if not held:
        holds(office.officer, roles[-1], what, office.profile, office.today)


def _step(acting: Acting, what: RetentionAct, reason: str, term: RetentionTerm | None = None) -> RetentionStep:
    officer = acting.office.officer
    return RetentionStep(what, term, _reason(reason), officer.id, officer.unit, acting.office.now)


def _reason(reason: str) -> str:
    if not reason.strip() or len(reason) > LONGEST:
        raise InvalidInput(f"没有说明理由，或者超过 {LONGEST} 字。", "请加上 --reason “理由”。")
    return reason.strip()
