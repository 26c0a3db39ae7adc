"""The clocks of a case, reckoned from what the trail recorded: when a task opened, when the clock stood, by how much
the period was extended.

Pure functions over the events of a case and a calendar: equal events and calendar give equal days. The office asks
when it stores a due day, the deadline desk when it prints the arithmetic, and the tick when it looks what is due.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.calendar import Clock, Pause, WorkCalendar
from engine.calendar.zone import local_day
from engine.errors import StandardsError
from engine.model import Role, Turn

if TYPE_CHECKING:
    from engine.process import Bundle
    from reviewers.roster import Practice

JOINT_REVIEW = ("co_review", "conclude")
"""The elements whose clock is the joint review's: a third-party evaluation stops it, the lead may extend it once."""

EVALUATION = "第三方评估"


@dataclass(frozen=True, slots=True)
class Rule:
    """How one element is timed. `stops`: while it is open, the clock of the element it came from stands."""

    element: str
    name: str
    days: int
    remind: int
    escalate: Role
    offers_return: bool
    stops: bool


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


@dataclass(frozen=True, slots=True)
class Running:
    """The clock of the task a case waits for now.

    `days` are those in force when the clock started, `extension` those added, `stated_on` a day set by hand.
    """

    rule: Rule
    started_on: date
    days: int
    pauses: tuple[Pause, ...] = ()
    extension: int = 0
    extension_reason: str = ""
    stated_on: date | None = None

    @property
    def clock(self) -> Clock:
        return Clock(self.started_on, self.days + self.extension, self.pauses)


@dataclass(frozen=True, slots=True)
class Counts:
    """Calendar days after the start, each counted once: `worked` (make-up days among them) or the reason it was not."""

    calendar: int
    worked: int
    make_up: int
    weekend: int
    holiday: int
    stopped: int


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A clock worked out. `due_on` is None while the clock stands; `steps` print the arithmetic in Chinese."""

    running: Running
    due_on: date | None
    provisional: bool
    counts: Counts
    steps: tuple[str, ...]


def rules_of(bundle: Bundle, practice: Practice) -> dict[str, Rule]:
    """The timing rules by element: those of the case's own process files, with the days of local practice.

    An element to which practice gives no days has no rule. Raises StandardsError naming element and key.
    """
    days = practice.working_days
    return {
        element: _rule(element, bundle.elements[element].name, days[element], values)
        for element, values in _table(bundle.files.get("deadlines.toml", b"")).items()
        if element in days and element in bundle.elements
    }


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


def reckon(running: Running, calendar: WorkCalendar, today: date) -> Reckoning:
    """The due day of a clock and the arithmetic behind it; for a clock that stands, what was used up to `today`."""
    deadline = running.clock.deadline(calendar)
    due_on = deadline.due_on if deadline else None
    counts = counts_of(running, calendar, due_on or today)
    if deadline is None:
        return Reckoning(running, None, False, counts, (*_stated_extension(running), *_standing(running, counts)))
    if running.stated_on and running.stated_on != due_on:
        stated = (f"{running.rule.name}期限由通知书载明为{running.stated_on.isoformat()}。",)
        return Reckoning(running, running.stated_on, False, counts_of(running, calendar, running.stated_on), stated)
    steps = (*_stated_extension(running), *deadline.steps)
    return Reckoning(running, due_on, deadline.provisional, counts, steps)


def counts_of(running: Running, calendar: WorkCalendar, last: date) -> Counts:
    """Every calendar day after the start up to and including `last`, by what it was."""
    kinds = [_kind_of_day(day, running.pauses, calendar) for day in _days_between(running.started_on, last)]
    worked, make_up = kinds.count("worked"), kinds.count("make_up")
    return Counts(
        len(kinds), worked + make_up, make_up, kinds.count("weekend"), kinds.count("holiday"), kinds.count("stopped")
    )


def due_day(turn: Turn, moments: Sequence[Moment], rules: Mapping[str, Rule], calendar: WorkCalendar) -> date | None:
    """The day an open task is due, None when it has no deadline or its clock stands."""
    running = running_clock(turn.element, moments, rules)
    return reckon(running, calendar, moments[-1].on).due_on if running else None


def standing_reason(running: Running) -> str:
    """Why the clock stands now, empty while it runs."""
    last = running.pauses[-1] if running.pauses else None
    return last.reason if last and last.to_on is None else ""


def days_before(due_on: date, days: int, calendar: WorkCalendar) -> date:
    """The working day that lies `days` working days before the due day; the due day itself for 0."""
    day = due_on
    while days > 0:
        day -= timedelta(days=1)
        days -= calendar.day(day).working
    return day


@cache
def _table(raw: bytes) -> Mapping[str, Any]:
    try:
        return tomllib.loads(raw.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StandardsError(f"deadlines.toml：不是有效的 TOML 文件（{error}）。", "请按提示的行列改正。") from error


def _rule(element: str, name: str, days: int, values: Any) -> Rule:
    try:
        return Rule(
            element=element,
            name=name,
            days=days,
            remind=int(values["remind"]),
            escalate=Role(values["escalate"]),
            offers_return=values["on_overdue"] == "offer_return",
            stops=values["clock"] == "stop",
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StandardsError(f"deadlines.toml：[{element}]：{error}。", "请对照随附的 deadlines.toml 改正。") from error


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
    """The evaluations of this round that stopped the clock after its start, though begun in an earlier element."""
    if element not in JOINT_REVIEW:
        return
    begun: Moment | None = None
    for moment in moments[_round_start(moments) :]:
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


def _days_between(start: date, last: date) -> Iterator[date]:
    return (start + timedelta(days=offset) for offset in range(1, (last - start).days + 1))


def _kind_of_day(day: date, pauses: Sequence[Pause], calendar: WorkCalendar) -> str:
    if any(pause.covers(day) for pause in pauses):
        return "stopped"
    if calendar.day(day).working:
        return "make_up" if day in calendar.year(day.year).make_up_days else "worked"
    return "holiday" if day in calendar.year(day.year).holidays else "weekend"


def _stated_extension(running: Running) -> Iterator[str]:
    if running.extension:
        total = running.days + running.extension
        yield (
            f"原定{running.days}个工作日，经会审负责人批准延长{running.extension}个工作日"
            f"（{running.extension_reason}），共{total}个工作日。"
        )


def _standing(running: Running, counts: Counts) -> Iterator[str]:
    pause = running.pauses[-1]
    left = running.days + running.extension - counts.worked
    yield f"{running.started_on.isoformat()}起算，当日不计入。"
    for earlier in running.pauses[:-1]:
        yield f"{earlier.from_on.isoformat()}至{earlier.to_on}暂停计时（{earlier.reason}），不计入。"
    yield f"{pause.from_on.isoformat()}起暂停计时（{pause.reason}），已用{counts.worked}个工作日，尚余{left}个工作日。"
