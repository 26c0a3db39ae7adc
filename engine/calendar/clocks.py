"""Deadlines in working days, and clocks that stop while a case waits for somebody else.

Every deadline carries its arithmetic, so that nobody has to take it on trust. Called through `engine.calendar`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count, groupby

from engine.calendar.years import Day, WorkCalendar, load_calendar
from engine.errors import InvalidInput

MAX_DAYS = 1000
FIRST_YEAR, LAST_YEAR = 2000, 2100
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a period. `steps` print the arithmetic in Chinese, in order.

    `provisional` when a year that is not announced was reckoned with.
    """

    due_on: date
    provisional: bool
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands from `from_on` to `to_on`, both days included; open while `to_on` is None."""

    from_on: date
    reason: str
    to_on: date | None = None

    def covers(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True, slots=True)
class Clock:
    """A period of working days that stops while the case waits for somebody else (补正, 第三方评估).

    Neither the opening day, nor the day it stops, nor the day it goes on is counted: on none of them did the
    reviewer have complete papers all day.
    """

    started_on: date
    days: int
    pauses: tuple[Pause, ...] = ()

    @property
    def running(self) -> bool:
        return not self.pauses or self.pauses[-1].to_on is not None

    def stop(self, on: date, reason: str) -> Clock:
        """The clock stopped on that day; raises InvalidInput when it stands already or has passed that day."""
        if not self.running:
            raise InvalidInput(f"期限已于{_full(self.pauses[-1].from_on)}暂停，不能再次暂停。", "请先恢复计时。")
        self._not_before(self.pauses[-1].to_on if self.pauses else self.started_on, on)
        return replace(self, pauses=(*self.pauses, Pause(on, reason)))

    def resume(self, on: date) -> Clock:
        """The clock going on after that day; raises InvalidInput when it runs or that day lies before the stop."""
        if self.running:
            raise InvalidInput("期限正在计算，无需恢复。", "如需暂停，请先办理暂停。")
        last = self.pauses[-1]
        self._not_before(last.from_on, on)
        return replace(self, pauses=(*self.pauses[:-1], replace(last, to_on=on)))

    def used(self, on: date, calendar: WorkCalendar | None = None) -> int:
        """Working days used up to and including that day, pauses left out."""
        calendar = calendar or load_calendar()
        walked = (calendar.day(each) for each in _days_after(self.started_on, on))
        return sum(day.working and _pause_on(self.pauses, day.on) is None for day in walked)

    def deadline(self, calendar: WorkCalendar | None = None) -> Deadline | None:
        """The last day of the period, or None while the clock stands and has not run out before."""
        walked = list(_walk(self.started_on, self.days, self.pauses, calendar or load_calendar()))
        ran_out = sum(day.working for day in walked) == self.days
        return _deadline(self.started_on, self.days, walked) if ran_out else None

    def _not_before(self, earliest: date | None, on: date) -> None:
        if earliest and on < earliest:
            raise InvalidInput(f"日期{_full(on)}早于{_full(earliest)}，计时不能倒退。", "请核对日期。")


def working_day(day: date, calendar: WorkCalendar | None = None) -> bool:
    """Whether that day is a working day; without `calendar` by the shipped one."""
    return (calendar or load_calendar()).day(day).working


def add_working_days(start: date, days: int, calendar: WorkCalendar | None = None) -> Deadline:
    """The last of `days` working days (1 to 1000) after `start`; the opening day is not counted.

    Raises InvalidInput when `days` or the year of `start` is out of range. Source: Civil Code arts. 201, 203 (the
    opening day, the end on a holiday), by analogy.
    """
    return _deadline(start, days, list(_walk(start, days, (), calendar or load_calendar())))


def _check_period(start: date, days: int) -> None:
    if not 1 <= days <= MAX_DAYS:
        raise InvalidInput(f"期限{days}个工作日超出范围。", f"应为 1 至 {MAX_DAYS}。")
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise InvalidInput(f"起算日{start.isoformat()}超出范围。", f"应在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间。")


def _walk(start: date, days: int, pauses: tuple[Pause, ...], calendar: WorkCalendar) -> Iterator[Day]:
    """The days after `start` until `days` of them were worked, or until a pause that has not ended."""
    _check_period(start, days)
    for on in _days_after(start):
        pause = _pause_on(pauses, on)
        if pause and pause.to_on is None:
            return
        day = calendar.day(on)
        yield replace(day, working=False, reason=f"暂停计时（{pause.reason}）") if pause else day
        days -= day.working and not pause
        if not days:
            return


def _pause_on(pauses: tuple[Pause, ...], day: date) -> Pause | None:
    return next((pause for pause in pauses if pause.covers(day)), None)


def _days_after(start: date, last: date | None = None) -> Iterator[date]:
    for offset in count(1):
        day = start + timedelta(days=offset)
        if last is not None and day > last:
            return
        yield day


def _deadline(start: date, days: int, walked: list[Day]) -> Deadline:
    due_on = walked[-1].on
    open_years = sorted({day.on.year for day in walked if day.provisional})
    steps = [f"{_full(start)}起算，当日不计入。", *_notable(walked), f"第{days}个工作日为{_full(due_on)}。"]
    steps += [f"{year}年放假安排尚未公布，期限暂定，公布后重新计算。" for year in open_years]
    return Deadline(due_on, bool(open_years), tuple(steps))


def _notable(walked: list[Day]) -> Iterator[str]:
    worked = 0
    for (working, reason), run in groupby(walked, key=lambda day: (day.working, day.reason)):
        days = [day.on for day in run]
        worked += working * len(days)
        if not working:
            yield f"{_span(days)}{reason}，不计入。"
        elif reason:
            yield f"{_span(days)}{reason}，计入第{worked}个工作日。"


def _span(days: list[date]) -> str:
    return _short(days[0]) if len(days) == 1 else f"{_short(days[0])}至{_short(days[-1])}"


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def _full(day: date) -> str:
    return f"{day.year}年{_short(day)}"
