"""The clocks of a case, reckoned from what the trail recorded: when a task opened, when the clock stood, by how much
the period was extended.

Pure functions over the events of a case and a calendar: equal events and calendar give equal days. The office asks
when it stores a due day, the deadline desk when it prints the arithmetic, and the tick when it looks what is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from engine.calendar import Pause, WorkCalendar
from engine.calendar.zone import local_day
from engine.model import Gate, Turn
from engine.trail.segments import AWAY
from reviewers.reckoning import Running, reckon
from reviewers.timing import Rule

JOINT_REVIEW = ("co_review", "conclude")
"""The elements whose clock is the joint review's: the lead may extend it once."""

EVALUATED: Mapping[str, Gate] = {
    "self_check": Gate.SELF_REVIEW,
    "sign_off": Gate.SELF_REVIEW,
    "accept": Gate.JOINT_REVIEW,
    "consult_departments": Gate.JOINT_REVIEW,
    "co_review": Gate.JOINT_REVIEW,
    "conclude": Gate.JOINT_REVIEW,
}
"""The elements whose clock stands during a third-party evaluation, each with the gate that commissioned it.

An evaluation goes on from element to element of its gate and ends with it. Source: Measures art. 35, which leaves open
who commissions it and when; that the clock stands is local practice.
"""

EVALUATION = "第三方评估"


@dataclass(frozen=True, slots=True)
class Moment:
    """One event as the clocks see it: the act, its local day, its facts. Days never go back within a case."""

    act: str
    on: date
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stay:
    """The case waited in `stage` from the moment numbered `first`; it still does while `to_on` is None."""

    stage: str
    first: int
    from_on: date
    to_on: date | None = None


def moments_of(events: Iterable[Mapping[str, Any]]) -> tuple[Moment, ...]:
    """The events of one case, oldest first, as moments."""
    moments: list[Moment] = []
    for event in events:
        on = local_day(datetime.fromisoformat(event["at"]))
        moments.append(Moment(event["act"], max(on, moments[-1].on) if moments else on, event["facts"]))
    return tuple(moments)


def stays_of(moments: Sequence[Moment]) -> tuple[Stay, ...]:
    """Where the case has waited, in order; only the last may still go on."""
    stays: list[Stay] = []
    for index, moment in enumerate(moments):
        stage = moment.facts.get("stage_to")
        if stage is None or stage == moment.facts.get("stage_from"):
            continue
        if [stay.stage for stay in stays[-2:]] == [stage, AWAY]:  # it came back as it had left: no new period begins
            del stays[-1]
            stays[-1] = replace(stays[-1], to_on=None)
            continue
        if stays:
            stays[-1] = replace(stays[-1], to_on=moment.on)
        stays.append(Stay(stage, index, moment.on))
    return tuple(stays)


def running_clock(element: str, moments: Sequence[Moment], rules: Mapping[str, Rule]) -> Running | None:
    """The clock of this element, None when the case does not wait there or practice sets no days.

    A clock that was interrupted by a stopping element (补正) goes on when the element reopens; after anything else a
    reopened element starts anew.
    """
    stays = stays_of(moments)
    if not stays or stays[-1].stage != element or element not in rules:
        return None
    first = _first_of_run(stays, rules)
    opening, rule = moments[stays[first].first], rules[element]
    days = opening.facts.get("days")
    stated = opening.facts.get("due_on") if opening.act == "correct" else None
    extensions = _extensions(element, moments[stays[first].first :])
    return Running(
        rule=rule,
        started_on=stays[first].from_on,
        days=days if type(days) is int else rule.days,
        pauses=_merged([*_stops(stays[first:], rules), *_evaluations(element, moments, stays[first])]),
        extension=sum(moment.facts["days"] for moment in extensions),
        extension_reason="；".join(moment.facts["reason"] for moment in extensions),
        stated_on=date.fromisoformat(stated) if isinstance(stated, str) else None,
    )


def due_day(turn: Turn, moments: Sequence[Moment], rules: Mapping[str, Rule], calendar: WorkCalendar) -> date | None:
    """The day an open task is due, None when it has no deadline or its clock stands."""
    running = running_clock(turn.element, moments, rules)
    return reckon(running, calendar, moments[-1].on).due_on if running else None


def _first_of_run(stays: Sequence[Stay], rules: Mapping[str, Rule]) -> int:
    first = len(stays) - 1
    while first >= 2 and _stops_clock(stays[first - 1], rules) and stays[first - 2].stage == stays[first].stage:
        first -= 2
    return first


def _stops_clock(stay: Stay, rules: Mapping[str, Rule]) -> bool:
    return stay.stage in rules and rules[stay.stage].stops


def _stops(stays: Sequence[Stay], rules: Mapping[str, Rule]) -> Iterator[Pause]:
    for stay in stays[1:]:
        if _stops_clock(stay, rules):
            yield Pause(stay.from_on, rules[stay.stage].name, stay.to_on)


def _evaluations(element: str, moments: Sequence[Moment], stay: Stay) -> Iterator[Pause]:
    """The evaluations of this gate in this round that stopped the clock after its start, though begun before it."""
    if element not in EVALUATED:
        return
    begun: Moment | None = None
    for moment in moments[_round_start(moments) :]:
        if EVALUATED.get(moment.facts.get("element", "")) is not EVALUATED[element]:
            continue
        if moment.act == "suspend":
            begun = moment
        elif moment.act == "resume" and begun:
            if moment.on > stay.from_on:
                yield Pause(begun.on, EVALUATION, moment.on)
            begun = None
    if begun:
        yield Pause(begun.on, EVALUATION)


def _round_start(moments: Sequence[Moment]) -> int:
    number = [moment.facts.get("round") for moment in moments]
    known = [value for value in number if value is not None]
    return number.index(known[-1]) if known else 0


def _extensions(element: str, moments: Sequence[Moment]) -> list[Moment]:
    return [moment for moment in moments if moment.act == "extend" and moment.facts.get("element") == element]


def _merged(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """The pauses in order, those that touch or overlap made one."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda each: each.from_on):
        if merged and (merged[-1].to_on is None or pause.from_on <= merged[-1].to_on):
            last = merged[-1]
            to_on = None if last.to_on is None or pause.to_on is None else max(last.to_on, pause.to_on)
            reason = last.reason if pause.reason in last.reason.split("、") else f"{last.reason}、{pause.reason}"
            merged[-1] = Pause(last.from_on, reason, to_on)
        else:
            merged.append(pause)
    return tuple(merged)
