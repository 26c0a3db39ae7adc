"""What the market regulator does: confirms scope, checks the packet, reviews, rejects false alarms, concludes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from engine import process
from engine.calendar import add_working_days
from engine.errors import InvalidInput, NotFound, NotYourTurn
from engine.model import Acceptance, Correction, Gate, Outcome, PolicyField, Rejection, Route, ScopeDecision
from engine.process import Step
from engine.store import Receipt
from reviewers import policy
from reviewers.conclusions import require_concludable, signed
from reviewers.deadlines import returned_overdue
from reviewers.departments import CONSULTING, not_mapped, touches
from reviewers.interests import NO_INTERESTS, refuse_conflict, require_declared
from reviewers.office import Acting, act
from reviewers.reviewing import ReviewForm, filed_review


@act("confirm_scope")
def confirm_scope(acting: Acting, in_scope: bool, reason: str) -> Receipt:
    """'Out of scope' is confirmed and the case ends, or the draft enters review. Source: Regulation arts. 2, 14."""
    turn = acting.turn("confirm_scope")
    _require(reason, "确认审查范围须说明理由")
    opening = process.variables(acting.bundle, acting.case.position)
    route = policy.review_route(acting.case.trigger, opening["dual_review_for_all"])
    decision = replace(
        acting.file.scope_decisions[-1],
        route=route if in_scope else Route.OUT_OF_SCOPE,
        reason=reason,
        confirmed_by=acting.office.officer.id,
        decided_at=acting.office.now,
    )
    told = {"outcome": "in_scope", "route": str(route)} if in_scope else {"outcome": "confirmed"}
    step = acting.complete(turn, told)
    return acting.save(step, {"reason": reason, "route": decision.route}, [decision], route=decision.route)


@act("accept")
def accept(acting: Acting, fields: tuple[PolicyField, ...] = ()) -> Receipt:
    """The packet is complete and joint review has begun; raises InvalidInput naming what is missing.

    `fields` are what the draft touches besides those its unit named; the departments in charge are asked first.
    Source: Measures art. 31.
    """
    turn = acting.turn("accept")
    missing = missing_materials(acting)
    if missing:
        raise InvalidInput(
            f"报送材料不齐：缺{'、'.join(missing)}。", f"请用 shuangshen correct {acting.case.id} 要求补正。"
        )
    officer, case = acting.office.officer, acting.case
    acceptance = Acceptance(case.round, case.version, officer.id, officer.unit, acting.office.now)
    named = acting.file.scope_decisions[-1].fields
    added = tuple(field for field in dict.fromkeys(fields) if field not in named)
    step = acting.complete(turn, {"outcome": "accepted", **_routed(acting, (*named, *added))})
    records = [acceptance, *_with_fields(acting, added)]
    return acting.save(step, _asked(acting, step, added), records)


def _routed(acting: Acting, fields: tuple[PolicyField, ...]) -> dict[str, bool]:
    """What the routing table reads; nothing under an older process version, which has no such table."""
    takes = acting.bundle.elements["accept"].takes
    return {name: value for name, value in touches(fields).items() if name in takes}


def _with_fields(acting: Acting, added: tuple[PolicyField, ...]) -> list[ScopeDecision]:
    if not added:
        return []
    decided, office = acting.file.scope_decisions[-1], acting.office
    return [replace(decided, fields=(*decided.fields, *added), confirmed_by=office.officer.id, decided_at=office.now)]


def _asked(acting: Acting, step: Step, added: tuple[PolicyField, ...]) -> dict[str, Any]:
    """Which departments are asked now, which the table names that local practice has no unit for."""
    words = step.variables.get("routing", [])
    asked = [turn.instance for turn in step.turns if turn.element == CONSULTING]
    missing = not_mapped(words, acting.office.profile)
    told = {"departments": asked, "not_mapped": missing, "fields": list(added)}
    return {name: value for name, value in told.items() if value}


@act("correct")
def request_correction(acting: Acting, missing: tuple[str, ...], reason: str, due_on: date | None = None) -> Receipt:
    """The drafting unit has been asked for named materials by a working day (补正). Source: Measures art. 31."""
    turn = acting.turn("accept")
    _require(reason, "要求补正须说明理由")
    if not missing:
        raise InvalidInput("没有写明需要补正的材料。", "请用 --missing 逐项写明。")
    correction = _correction(acting, missing, reason, due_on or _correction_due(acting))
    facts = {"missing": list(missing), "reason": reason, "due_on": str(correction.due_on)}
    return acting.save(acting.complete(turn, {"outcome": "correction"}), facts, [correction])


@act("return")
def return_case(acting: Acting, reason: str) -> Receipt:
    """The case has ended as returned (退回), with the reason; the unit may file again.

    A correction that was not made by its day may be answered so too. Source: Measures art. 31.
    """
    waits = acting.case.stage == "correct_materials"
    step = returned_overdue(acting) if waits else acting.complete(acting.turn("accept"), {"outcome": "returned"})
    _require(reason, "退回须说明理由")
    correction = _correction(acting, (), reason, None)
    return acting.save(step, {"reason": reason}, [correction])


@act("joint_review")
def joint_review(acting: Acting, form: ReviewForm) -> Receipt:
    """One joint reviewer's filled checklist is on file, and each finding he rejects is rejected by name and reason.

    Raises Refused when he declares a conflict of interest.
    """
    turn = acting.turn("co_review")
    refuse_conflict(acting, turn, form.interests)
    records = filed_review(acting, Gate.JOINT_REVIEW, form)
    step = acting.complete(turn, {"outcome": "done"})
    return acting.save(step, {"hits": records.hits}, records.all)


@act("reject")
def reject_finding(acting: Acting, finding_id: str, reason: str) -> Receipt:
    """The machine's finding no longer blocks these words; who said so and why stays in the file."""
    policy.may_reject(acting.office.officer, acting.file, acting.office.profile, acting.office.today)
    if not acting.work.open_turns(acting.case.id):
        raise NotYourTurn(f"案件 {acting.case.id} 没有待办的审查，不能再驳回疑似问题。", "文本有改动的，应当重新报送。")
    _require(reason, "驳回疑似问题须说明理由")
    found = [f for s in acting.file.screenings for f in s.findings if f.id == finding_id]
    if not found:
        raise NotFound(
            f"案件 {acting.case.id} 中没有疑似问题 {finding_id}。", f"请用 shuangshen show {acting.case.id} 查看编号。"
        )
    officer = acting.office.officer
    rejection = Rejection(finding_id, found[-1].clause_key, reason, officer.id, officer.unit, acting.office.now)
    return acting.note({"finding": finding_id, "reason": reason}, [rejection])


@act("conclude")
def conclude(acting: Acting, outcome: Outcome, reason: str, interests: str = NO_INTERESTS) -> Receipt:
    """The joint-review conclusion is signed. A passing one must pass the gate; raises Blocked with every open reason.

    Signing declares that the lead has no conflict of interest; raises Refused when he says otherwise.

    Source: Regulation arts. 14, 17, 18; Measures art. 33.
    """
    turn = acting.turn("conclude")
    refuse_conflict(acting, turn, require_declared(interests))
    require_concludable(acting, outcome)
    conclusion = replace(signed(acting, Gate.JOINT_REVIEW, outcome, reason), interests=NO_INTERESTS)
    step = acting.complete(turn, {"outcome": str(outcome)})
    return acting.save(step, {"outcome": outcome, "reason": reason}, [conclusion])


def missing_materials(acting: Acting) -> tuple[str, ...]:
    """Required materials the packet lacks, by their Chinese names. Which are required is local practice."""
    present = {material.kind for material in acting.file.versions[-1].materials}
    practice, case = acting.office.profile.practice, acting.case
    required = dict(practice.required_materials)
    for word in (case.trigger, case.kind):
        required |= practice.materials_for.get(word, {})
    return tuple(name for kind, name in required.items() if kind not in present)


def _correction(acting: Acting, missing: tuple[str, ...], reason: str, due_on: date | None) -> Correction:
    office = acting.office
    return Correction(acting.case.round, missing, reason, office.officer.id, office.now, due_on)


def _correction_due(acting: Acting) -> date:
    days = acting.office.profile.practice.working_days["correct_materials"]
    return add_working_days(acting.office.today, days, acting.office.calendar).due_on


def _require(reason: str, what: str) -> None:
    if not reason.strip():
        raise InvalidInput(f"{what}。", "请加上 --reason “理由”。")
