"""What is done to a deadline: the joint review's is extended once; any review's stands during an evaluation, goes on.

National rules set no days; that an extension needs the lead, a reason, and happens once, is local practice. Each act
changes the stored due days in the transaction that records it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from engine import process
from engine.errors import Conflict, InvalidInput, NotYourTurn, Refused
from engine.model import Gate, Role, Turn
from engine.process import Step
from engine.store import Receipt
from reviewers import policy
from reviewers.clocks import EVALUATED, JOINT_REVIEW, Moment, due_day, moments_of, running_clock
from reviewers.office import Acting, Office, Upload, act, describe_turns, load_bundle
from reviewers.reckoning import Reckoning, reckon, standing_reason
from reviewers.timing import rules_of

EVALUATORS = {Gate.SELF_REVIEW: (Role.DRAFTING_HEAD,), Gate.JOINT_REVIEW: (Role.REGULATOR, Role.JOINT_LEAD)}
"""Who stops and resumes the clock of a review for an evaluation: the head of the drafting unit, or the regulator."""


@act("extend")
def extend(acting: Acting, days: int, reason: str) -> Receipt:
    """The joint review of this round has so many more working days; all its open tasks are due later.

    Raises Refused when the officer is not the joint lead, when this round was extended before, or when the period has
    run out; InvalidInput without a reason or for more days than the joint review has by itself.
    """
    turn = _turn_in(acting, JOINT_REVIEW, "不在会审中", "延期只适用于会审期限。")
    _may(acting, turn, "批准延期", Role.JOINT_LEAD)
    _require(reason, "延期须说明理由")
    _check_days(acting, days)
    moments = acting.moments()
    if earlier := _extension(acting, moments):
        raise Refused(
            f"案件 {acting.case.id} 第{acting.case.round}轮会审已于 {earlier.on} 延期{earlier.facts['days']}个工作日，"
            "只能延期一次。",
            "请在现有期限内作出会审结论。",
        )
    before = _due(acting, turn, moments)
    if before and before < acting.office.today:
        raise Refused(f"“{turn.name}”期限已于 {before} 届满，不能再延期。", "延期须在期限届满前批准，请尽快办结。")
    facts = {"element": turn.element, "days": days, "reason": reason.strip(), "round": acting.case.round}
    turns = _redated(acting, facts)
    after = next(each.due_on for each in turns if each.task == turn.task)
    return acting.note({**facts, "due_from": before, "due_to": after}, turns=turns)


@act("suspend")
def suspend(acting: Acting, reason: str) -> Receipt:
    """The clock of this gate's review stands from today while a third party evaluates the draft.

    Source: Measures art. 35.
    """
    turn = _evaluated_turn(acting)
    _may(acting, turn, "暂停计时", *EVALUATORS[EVALUATED[turn.element]])
    _require(reason, "暂停计时须说明委托第三方评估的情况")
    if why := _stands(acting, turn):
        raise Conflict(
            f"案件 {acting.case.id} 的审查期限已经暂停计时（{why}）。", "评估结束后请运行 shuangshen resume。"
        )
    return _clock_moved(acting, turn, reason)


@act("resume")
def resume(acting: Acting, reason: str) -> Receipt:
    """The evaluation has come in; the clock of this gate's review goes on after today."""
    turn = _evaluated_turn(acting)
    _may(acting, turn, "恢复计时", *EVALUATORS[EVALUATED[turn.element]])
    if not _stands(acting, turn):
        raise Conflict(f"案件 {acting.case.id} 的审查期限正在计算，无需恢复。", "如需暂停，请运行 shuangshen suspend。")
    return _clock_moved(acting, turn, reason)


@act("calendar")
def recalculate(acting: Acting, year: int, year_file: Upload) -> Receipt:
    """The open tasks of the case are due by the office's present calendar; the year file that changed it is on file."""
    turns = _redated(acting, {})
    was = {turn.task: turn.due_on for turn in acting.work.open_turns(acting.case.id)}
    changed = [f"{turn.element} {was[turn.task]} {turn.due_on}" for turn in turns if was[turn.task] != turn.due_on]
    facts = {"calendar": acting.office.calendar.version, "year": year, "changed": changed}
    return acting.note(facts, turns=turns, contents=[acting.work.put_content(year_file.data)])


def returned_overdue(acting: Acting) -> Step:
    """The position after a correction that was not made in time is answered with a return, by the regulator.

    Raises Refused while the period runs. Source: Measures art. 31.
    """
    turn = acting.work.open_turns(acting.case.id)[0]
    _may(acting, turn, "退回", Role.REGULATOR)
    if turn.due_on is None or turn.due_on >= acting.office.today:
        raise Refused(
            f"案件 {acting.case.id} 正在补正，期限至 {turn.due_on or '未定'}，尚未逾期，不能退回。",
            "逾期仍未补正的，可以退回。",
        )
    if acting.catches("return_overdue"):
        return acting.send("return_overdue", {"outcome": "returned"})
    back = acting.complete(turn, {"outcome": "supplied"})  # process versions without the message know this way alone
    return process.complete(acting.bundle, back.position, "accept", {"outcome": "returned"}, acting.services)


def reckonings(office: Office, case_id: str) -> tuple[tuple[Turn, Reckoning | None], ...]:
    """The open tasks of a case, each with the arithmetic of its deadline by the office's calendar; None without one."""
    with office.store.work() as work:
        case = work.case(case_id)
        moments, turns = moments_of(work.events(case_id)), work.open_turns(case_id)
        rules = rules_of(load_bundle(work, case.bundle), office.profile.practice)
    clocks = (running_clock(turn.element, moments, rules) for turn in turns)
    return tuple(
        (turn, reckon(running, office.calendar, office.today) if running else None)
        for turn, running in zip(turns, clocks, strict=True)
    )


def _evaluated_turn(acting: Acting) -> Turn:
    return _turn_in(acting, tuple(EVALUATED), "不在初审或者会审中", "暂停和恢复计时只适用于初审和会审期限。")


def _turn_in(acting: Acting, elements: tuple[str, ...], where: str, rule: str) -> Turn:
    turns = acting.work.open_turns(acting.case.id)
    waiting = [turn for turn in turns if turn.element in elements]
    if not waiting:
        raise NotYourTurn(f"案件 {acting.case.id} {where}，当前环节：{describe_turns(turns, acting.case)}。", rule)
    return waiting[0]


def _may(acting: Acting, turn: Turn, what: str, *roles: Role) -> None:
    """Returns when the officer may do this to the clock in one of the roles; the act is then recorded under it."""
    office = acting.office
    held = office.profile.roles_on(office.officer, office.today)
    role = next((each for each in roles if each in held), roles[-1])
    asked = replace(turn, name=what, role=role, instance="", holder="")
    policy.may_take(office.officer, asked, acting.file, office.profile, office.today)
    acting.taken = asked


def _require(reason: str, what: str) -> None:
    if not reason.strip():
        raise InvalidInput(f"{what}。", "请加上 --reason “理由”。")


def _check_days(acting: Acting, days: int) -> None:
    most = acting.office.profile.practice.working_days.get("co_review", 0)
    if not 1 <= days <= most:
        raise InvalidInput(f"不能延期{days}个工作日。", f"应为 1 至 {most} 个工作日，不超过会审本身的期限。")


def _extension(acting: Acting, moments: Sequence[Moment]) -> Moment | None:
    found = (m for m in moments if m.act == "extend" and m.facts.get("round") == acting.case.round)
    return next(found, None)


def _due(acting: Acting, turn: Turn, moments: Sequence[Moment]) -> date | None:
    running = running_clock(turn.element, moments, acting.rules)
    if running is None:
        raise Refused(f"本地规定没有给“{turn.name}”设期限，无需延期。", "期限见 practice.toml。")
    return reckon(running, acting.office.calendar, acting.office.today).due_on


def _stands(acting: Acting, turn: Turn) -> str:
    running = running_clock(turn.element, acting.moments(), acting.rules)
    return standing_reason(running) if running else ""


def _clock_moved(acting: Acting, turn: Turn, reason: str) -> Receipt:
    facts = {"element": turn.element, "reason": reason.strip(), "round": acting.case.round}
    return acting.note(facts, turns=_redated(acting, facts))


def _redated(acting: Acting, facts: Mapping[str, Any]) -> tuple[Turn, ...]:
    """The open tasks, due as reckoned with this act already done."""
    moments, rules, calendar = acting.moments(facts), acting.rules, acting.office.calendar
    turns = acting.work.open_turns(acting.case.id)
    return tuple(replace(turn, due_on=due_day(turn, moments, rules, calendar)) for turn in turns)
