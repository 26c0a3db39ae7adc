"""The arithmetic of one clock: its due day, every calendar day counted once, and the steps in Chinese.

Pure functions: equal clock and calendar give equal days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.calendar import Clock, Pause, WorkCalendar
from reviewers.timing import Rule


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
