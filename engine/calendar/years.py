"""The calendar as data: one file a year with the State Council's holidays and make-up working days (调休).

Shipped files lie in `engine/standards/calendar`; an installation may lay its own beside them when a new notice comes
out before a new release. Called only by `engine.calendar`.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeGuard

from engine.errors import StandardsError

SHIPPED = Path(__file__).parent.parent / "standards" / "calendar"
STATUTORY = "statutory.toml"
MAX_FILE_BYTES = 100_000
SATURDAY = 5
YEAR_KEYS = frozenset({"year", "notice", "announced_on", "provisional", "holidays", "make_up_days"})


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One year as announced: holidays and make-up working days by date, each with the festival it belongs to.

    `provisional` is true until the State Council's notice for the year is in the file.
    """

    year: int
    notice: str
    announced_on: date | None
    provisional: bool
    holidays: Mapping[date, str]
    make_up_days: Mapping[date, str]


@dataclass(frozen=True, slots=True)
class Statutory:
    """The festivals fixed by law: (month, day) of those of the solar calendar, dates by year of the others."""

    fixed: Mapping[tuple[int, int], str]
    movable: Mapping[int, Mapping[date, str]]

    def of(self, year: int) -> Mapping[date, str]:
        """The statutory days of a year; without the movable ones where the file does not list the year."""
        fixed = {date(year, month, day): name for (month, day), name in self.fixed.items()}
        return MappingProxyType(fixed | dict(self.movable.get(year, {})))


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day: whether it is worked, and why not (or why, on a weekend)."""

    on: date
    working: bool
    reason: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The years known; `version` is the SHA-256 of their files, to be kept with what was reckoned by them."""

    years: Mapping[int, CalendarYear]
    statutory: Statutory
    version: str

    def year(self, number: int) -> CalendarYear:
        """The year as announced, or, when there is no file, a provisional year of statutory days only."""
        if number in self.years:
            return self.years[number]
        return CalendarYear(number, "", None, True, self.statutory.of(number), MappingProxyType({}))

    def day(self, on: date) -> Day:
        """What that day is: worked or not, and why."""
        year = self.year(on.year)
        if on in year.make_up_days:
            return Day(on, True, f"{year.make_up_days[on]}调休上班", year.provisional)
        if on in year.holidays:
            return Day(on, False, f"{year.holidays[on]}放假", year.provisional)
        weekend = on.weekday() >= SATURDAY
        return Day(on, not weekend, "周末" if weekend else "", year.provisional)


@cache
def load_calendar(own: Path | None = None) -> WorkCalendar:
    """The shipped calendar; year files in the directory `own` replace the shipped ones of the same name.

    Raises StandardsError naming file and key when a file does not hold together.
    """
    files = {path.name: path for path in SHIPPED.glob("*.toml")}
    if own is not None:
        files |= {path.name: path for path in own.glob("*.toml")}
    raw = {name: _read(path) for name, path in sorted(files.items())}
    statutory = _statutory(_parse(STATUTORY, raw[STATUTORY]))
    years = [_year(name, _parse(name, data)) for name, data in raw.items() if name != STATUTORY]
    version = hashlib.sha256(b"".join(hashlib.sha256(data).digest() for data in raw.values())).hexdigest()
    return WorkCalendar(MappingProxyType({year.year: year for year in years}), statutory, version)


def read_year(data: bytes) -> CalendarYear:
    """The year in the bytes of a year file, whatever the file is called; raises StandardsError naming the key."""
    if len(data) > MAX_FILE_BYTES:
        raise StandardsError("日历文件过大。", f"上限 {MAX_FILE_BYTES} 字节。")
    values = _parse("年历", data)
    number = values.get("year")
    if isinstance(number, bool) or not isinstance(number, int) or not 2000 <= number <= 2100:
        raise _fault("年历", "year", "应为 2000 至 2100 之间的年份")
    return _year(f"{number}.toml", values)


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StandardsError(f"日历文件读不到：{path}。", "请检查文件是否存在、是否有读取权限。") from error
    if len(data) > MAX_FILE_BYTES:
        raise StandardsError(f"日历文件过大：{path}。", f"上限 {MAX_FILE_BYTES} 字节。")
    return data


def _parse(name: str, data: bytes) -> Mapping[str, object]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StandardsError(f"日历文件{name}：不是有效的 TOML 文件（{error}）。", "请按提示的行列改正。") from error


def _fault(name: str, key: str, what: str) -> StandardsError:
    return StandardsError(f"日历文件{name}：{key}：{what}。", "请对照国务院办公厅放假通知改正。")


def _year(name: str, values: Mapping[str, object]) -> CalendarYear:
    _check_head(name, values)
    number, announced_on = values["year"], values.get("announced_on")
    assert isinstance(number, int)  # noqa: S101 - checked in the head
    holidays = _days(name, number, "holidays", values.get("holidays"))
    make_up = _days(name, number, "make_up_days", values.get("make_up_days", []))
    if both := sorted(holidays.keys() & make_up.keys()):
        raise _fault(name, "make_up_days", f"{both[0]}既是假日又是上班日")
    if wrong := [day for day in make_up if day.weekday() < SATURDAY]:
        raise _fault(name, "make_up_days", f"{wrong[0]}本来就是工作日，不是调休上班")
    announced = announced_on if isinstance(announced_on, date) else None
    return CalendarYear(number, str(values["notice"]), announced, bool(values["provisional"]), holidays, make_up)


def _check_head(name: str, values: Mapping[str, object]) -> None:
    for key in values:
        if key not in YEAR_KEYS:
            raise _fault(name, key, "不认识的键")
    number, notice, provisional = (values.get(key) for key in ("year", "notice", "provisional"))
    if not isinstance(number, int) or f"{number}.toml" != name:
        raise _fault(name, "year", "应与文件名一致，如 2026.toml 写 2026")
    if not isinstance(provisional, bool):
        raise _fault(name, "provisional", "应为 true 或 false")
    if not isinstance(notice, str):
        raise _fault(name, "notice", "应写明通知文号，未公布的留空")
    if not provisional and not (notice and isinstance(values.get("announced_on"), date)):
        raise _fault(name, "notice", "已公布的年份应写明通知文号 notice 和日期 announced_on")


def _days(name: str, year: int, key: str, rows: object) -> Mapping[date, str]:
    if not isinstance(rows, list):
        raise _fault(name, key, f"应为一组 [[{key}]] 表")
    days: dict[date, str] = {}
    for index, row in enumerate(rows, start=1):
        place = f"{key}[{index}]"
        festival, first, last = _row(name, place, row)
        if first.year != year or last.year != year or first > last:
            raise _fault(name, place, f"日期应在{year}年内，且先后有序")
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            if day in days:
                raise _fault(name, place, f"{day}重复")
            days[day] = festival
    return MappingProxyType(days)


def _row(name: str, place: str, row: object) -> tuple[str, date, date]:
    values = row if isinstance(row, dict) else {}
    if values.keys() not in ({"name", "day"}, {"name", "from", "to"}):
        raise _fault(name, place, "应写明 name 和 day，或者 name、from 和 to")
    festival, first = values["name"], values.get("day", values.get("from"))
    last = values.get("to", first)
    if not isinstance(festival, str) or not _is_day(first) or not _is_day(last):
        raise _fault(name, place, "name 应为文字，日期应如 2026-10-01（不加引号）")
    return festival, first, last


def _is_day(value: object) -> TypeGuard[date]:
    return isinstance(value, date) and not isinstance(value, datetime)


def _statutory(values: Mapping[str, object]) -> Statutory:
    try:
        fixed = {(day.month, day.day): name for day, name in _dated("2000", values["fixed"]).items()}
        movable = {int(year): _dated(year, festivals) for year, festivals in _items(values["movable"])}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _fault(STATUTORY, "fixed、movable", f"应列明节日名称和“月-日”（{error}）") from error
    return Statutory(MappingProxyType(fixed), MappingProxyType(movable))


def _dated(year: str, festivals: object) -> Mapping[date, str]:
    return {date.fromisoformat(f"{year}-{day}"): name for name, days in _items(festivals) for day in days}


def _items(table: object) -> Iterable[tuple[str, Any]]:
    if not isinstance(table, dict):
        raise TypeError("不是表")
    return table.items()
