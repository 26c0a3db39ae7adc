"""Who is asked to review: another instead, one more, or one passed over; each with a reason and on file.

The head of the drafting unit decides for the self-review, the joint lead for the joint review and the departments
asked. Nobody is passed over when no review of the round would be left: a review without reviewers is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine import process
from engine.errors import Conflict, InvalidInput, NotYourTurn, ProcessError, Refused
from engine.gate import counting_reviews
from engine.model import Gate, Redo, Staffing, StaffingAct, Turn
from engine.process import Step
from engine.store import Receipt
from reviewers import policy
from reviewers.clocks import JOINT_REVIEW
from reviewers.conditions import GATE_OF_ROLE
from reviewers.departments import CONSULTING, may_ask_department
from reviewers.office import Acting, act, describe_turns

SEVERAL = ("self_check", CONSULTING, "co_review")


@dataclass(frozen=True, slots=True)
class Change:
    """What is done about one place among several: the place as it was, and who is asked now."""

    act: StaffingAct
    turn: Turn
    officer: str
    reason: str


@act("reassign")
def reassign(acting: Acting, place: str, officer: str, reason: str) -> Receipt:
    """The review waited for at `place` (a slot, its holder, an officer or a department) is asked of `officer` instead.

    Raises Refused when this officer may not review here, InvalidInput when nobody is waited for at `place`.
    """
    turn = _waiting(acting, place)
    _ordered(acting, turn, reason)
    _may_be_asked(acting, turn, officer)
    step = process.skip(
        acting.bundle, acting.case.position, turn.element, turn.instance, acting.services, replacement=officer
    )
    return _saved(acting, step, Change(StaffingAct.REPLACED, turn, officer, reason))


@act("reviewer_add")
def add_reviewer(acting: Acting, officer: str, reason: str) -> Receipt:
    """One more reviewer is asked in the review that is open; for the departments asked, an officer or a department.

    A department named while the joint review is under way is asked first: what was reviewed in this round is reviewed
    anew with its answer at hand.
    """
    waiting = acting.work.open_turns(acting.case.id)
    if officer in acting.office.profile.units and waiting and waiting[0].element in JOINT_REVIEW:
        return _ask_department(acting, waiting[0], officer, reason)
    turn = replace(_open(acting)[0], instance="", holder="")
    _ordered(acting, turn, reason)
    _may_be_asked(acting, turn, officer)
    step = process.add(acting.bundle, acting.case.position, turn.element, officer, acting.services)
    return _saved(acting, step, Change(StaffingAct.ADDED, turn, officer, reason))


@act("reviewer_skip")
def skip_reviewer(acting: Acting, place: str, reason: str) -> Receipt:
    """The review waited for at `place` is no longer waited for.

    Raises Refused when nobody else has reviewed in this round or is still asked: skipping never closes a review.
    """
    turn = _waiting(acting, place)
    _ordered(acting, turn, reason)
    _leaves_a_reviewer(acting, turn)
    step = process.skip(acting.bundle, acting.case.position, turn.element, turn.instance, acting.services)
    return _saved(acting, step, Change(StaffingAct.SKIPPED, turn, "", reason))


def _ask_department(acting: Acting, turn: Turn, unit: str, reason: str) -> Receipt:
    office, case = acting.office, acting.case
    _ordered(acting, turn, reason)
    may_ask_department(unit, case, office.profile)
    if not acting.catches("ask_department"):
        raise ProcessError(
            f"案件 {case.id} 所用的流程版本在会审开始后不能再征求部门意见。",
            "请该部门书面答复，由会审人员用 comment 登记。",
        )
    answered = [a for a in acting.file.department_answers if (a.department, a.round) == (unit, case.round)]
    if answered:
        raise Conflict(f"“{office.profile.unit(unit).name}”本轮已经答复。", "有新意见的，由会审人员用 comment 登记。")
    step = acting.send("ask_department", {"departments": {unit: {}}})
    again = Redo(Gate.JOINT_REVIEW, case.round, reason.strip(), office.officer.id, office.officer.unit, office.now)
    asked = replace(turn, element=CONSULTING, instance="", holder="")
    return _saved(acting, step, Change(StaffingAct.ADDED, asked, unit, reason), (again,))


def _saved(acting: Acting, step: Step, change: Change, further: tuple[Redo, ...] = ()) -> Receipt:
    office, turn = acting.office, change.turn
    record = Staffing(
        act=change.act,
        gate=GATE_OF_ROLE[turn.role],
        round=acting.case.round,
        version=acting.case.version,
        element=turn.element,
        instance=_named(turn),
        officer=change.officer,
        reason=change.reason.strip(),
        ordered_by=office.officer.id,
        unit=office.officer.unit,
        ordered_at=office.now,
    )
    facts = {"element": turn.element, "from": record.instance, "to": record.officer, "reason": record.reason}
    return acting.save(step, facts, [record, *further])


def _open(acting: Acting) -> list[Turn]:
    turns = acting.work.open_turns(acting.case.id)
    several = [turn for turn in turns if turn.element in SEVERAL]
    if not several:
        raise NotYourTurn(
            f"案件 {acting.case.id} 现在不在由多人并行审查的环节，当前环节：{describe_turns(turns, acting.case)}。",
            "自审、征求部门意见、会审办理期间才能调整审查人员。",
        )
    return several


def _waiting(acting: Acting, place: str) -> Turn:
    """The open task at this slot, of this department or officer, or held by this officer."""
    several = _open(acting)
    for turn in several:
        if place and place in (turn.instance, turn.holder):
            return turn
    waited = "、".join(_told(turn) for turn in several)
    raise InvalidInput(f"“{place}”没有待办的审查任务。", f"正在等待：{waited}；请写其中的席位号、人员或单位编号。")


def _told(turn: Turn) -> str:
    return f"{turn.instance}（{turn.holder}已领取）" if turn.holder else turn.instance


def _named(turn: Turn) -> str:
    """The place as people know it: its holder when it is only a number."""
    return turn.holder or turn.instance


def _ordered(acting: Acting, turn: Turn, reason: str) -> None:
    office = acting.office
    policy.may_staff(office.officer, turn, acting.file, office.profile, office.today)
    if not reason.strip():
        raise InvalidInput("调整审查人员须说明理由。", "请加上 --reason “理由”。")


def _may_be_asked(acting: Acting, turn: Turn, who: str) -> None:
    office = acting.office
    taken = [t for t in acting.work.open_turns(acting.case.id) if t.element == turn.element and t != turn]
    if any(who in (t.instance, t.holder) for t in taken) or who in (turn.instance, turn.holder):
        raise Conflict(f"{who} 已经是“{turn.name}”的审查人。", "请另选一人。")
    if turn.element == CONSULTING and who in office.profile.units:
        may_ask_department(who, acting.case, office.profile)
        return
    asked = replace(turn, instance=who, holder="")
    policy.may_take(office.profile.officer(who), asked, acting.file, office.profile, office.today)


def _leaves_a_reviewer(acting: Acting, turn: Turn) -> None:
    others = [t for t in acting.work.open_turns(acting.case.id) if t.element == turn.element and t != turn]
    reviewed = counting_reviews(acting.file, GATE_OF_ROLE[turn.role])
    if turn.element != CONSULTING and not others and not reviewed:
        raise Refused(
            f"{_told(turn)}是“{turn.name}”最后一名审查人，本轮还没有任何人提交审查表，不能跳过：没有人审查，审查就没有完成。",
            f"请用 shuangshen reassign {acting.case.id} 改派，或者用 shuangshen reviewer add 增加人员。",
        )
