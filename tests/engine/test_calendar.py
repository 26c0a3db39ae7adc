"""Working days: the files agree with two independent packages, and the arithmetic holds for every start."""

import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Clock, WorkCalendar, add_working_days, load_calendar, working_day
from engine.calendar.years import SHIPPED
from engine.errors import InvalidInput, StandardsError

ANNOUNCED = (2024, 2025, 2026)
DAYS = st.dates(date(2023, 1, 1), date(2031, 12, 31))


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def after(start: date, last: date) -> list[date]:
    return [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]


@pytest.mark.parametrize("year", ANNOUNCED)
def test_every_day_agrees_with_chinesecalendar(year: int) -> None:
    assert {d: working_day(d) for d in days_of(year)} == {d: chinese_calendar.is_workday(d) for d in days_of(year)}


@pytest.mark.parametrize("year", ANNOUNCED)
def test_every_day_agrees_with_holidays(year: int) -> None:
    china = holidays.country_holidays("CN", years=year)
    assert {d: working_day(d) for d in days_of(year)} == {d: china.is_working_day(d) for d in days_of(year)}


@pytest.mark.parametrize("year", [2027, 2028, 2029, 2030])
def test_an_unannounced_year_has_the_statutory_days_and_is_provisional(year: int) -> None:
    calendar = load_calendar()
    china = holidays.country_holidays("CN", years=year, observed=False, language="en_US")
    assert set(calendar.year(year).holidays) == {d for d in china if d.year == year}
    assert calendar.year(year).provisional
    assert not calendar.year(year).make_up_days


def test_a_year_nobody_listed_still_knows_the_fixed_festivals() -> None:
    year = load_calendar().year(2044)
    assert set(year.holidays) == {date(2044, *day) for day in ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))}
    assert year.provisional


def test_the_notices_are_cited() -> None:
    years = load_calendar().years
    assert {number: (year.notice, year.announced_on, year.provisional) for number, year in years.items()} == {
        2024: ("国办发明电〔2023〕7号", date(2023, 10, 25), False),
        2025: ("国办发明电〔2024〕12号", date(2024, 11, 12), False),
        2026: ("国办发明电〔2025〕7号", date(2025, 11, 4), False),
        2027: ("", None, True),
    }


def test_a_deadline_prints_its_arithmetic() -> None:
    deadline = add_working_days(date(2026, 9, 18), 10)
    assert deadline.due_on == date(2026, 10, 9)
    assert not deadline.provisional
    assert deadline.steps == (
        "2026年9月18日（周五）起算，当日不计入。",
        "9月19日（周六）周末，不计入。",
        "9月20日（周日）国庆节调休上班，计入第1个工作日。",
        "9月25日（周五）至9月27日（周日）中秋节放假，不计入。",
        "10月1日（周四）至10月7日（周三）国庆节放假，不计入。",
        "第10个工作日为2026年10月9日（周五）。",
    )


def test_a_deadline_reaching_into_an_unannounced_year_is_provisional() -> None:
    assert not add_working_days(date(2026, 12, 28), 3).provisional
    deadline = add_working_days(date(2026, 12, 28), 4)
    assert deadline.provisional
    assert deadline.steps[-1] == "2027年放假安排尚未公布，期限暂定，公布后重新计算。"


@given(DAYS, st.integers(1, 60))
def test_exactly_that_many_working_days_lie_after_the_opening_day(start: date, days: int) -> None:
    due_on = add_working_days(start, days).due_on
    assert working_day(due_on)
    assert sum(working_day(day) for day in after(start, due_on)) == days


@given(DAYS, st.integers(1, 30), st.integers(1, 30))
def test_periods_add_up(start: date, first: int, second: int) -> None:
    whole = add_working_days(start, first + second).due_on
    assert add_working_days(add_working_days(start, first).due_on, second).due_on == whole


def clock_of(start: date, days: int, gaps: list[tuple[int, int]]) -> Clock:
    clock, day = Clock(start, days), start
    for running, standing in gaps:
        stopped = day + timedelta(days=running)
        day = stopped + timedelta(days=standing)
        clock = clock.stop(stopped, "补正材料").resume(day)
    return clock


@given(DAYS, st.integers(1, 20), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4))
def test_a_clock_counts_only_the_days_it_ran(start: date, days: int, gaps: list[tuple[int, int]]) -> None:
    clock = clock_of(start, days, gaps)
    deadline = clock.deadline()
    assert deadline is not None
    stood = [day for day in after(start, deadline.due_on) if any(pause.covers(day) for pause in clock.pauses)]
    ran = [day for day in after(start, deadline.due_on) if working_day(day) and day not in stood]
    assert len(ran) == days == clock.used(deadline.due_on)
    assert ran[-1] == deadline.due_on


def test_a_stopped_clock_has_no_deadline_and_uses_nothing() -> None:
    clock = Clock(date(2026, 3, 2), 10)
    assert clock.deadline() == add_working_days(date(2026, 3, 2), 10)
    stopped = clock.stop(date(2026, 3, 4), "补正材料")
    assert stopped.deadline() is None
    assert stopped.used(date(2026, 3, 31)) == 1
    resumed = stopped.resume(date(2026, 3, 9)).deadline()
    assert resumed is not None
    assert resumed.due_on == date(2026, 3, 20)
    assert resumed.steps[1] == "3月4日（周三）至3月9日（周一）暂停计时（补正材料），不计入。"


def test_a_clock_that_ran_out_before_it_was_stopped_keeps_its_deadline() -> None:
    late = Clock(date(2026, 3, 2), 2).stop(date(2026, 3, 10), "补正材料")
    deadline = late.deadline()
    assert deadline is not None
    assert deadline.due_on == date(2026, 3, 4)


def test_a_clock_neither_stops_twice_nor_runs_backwards() -> None:
    clock = Clock(date(2026, 3, 2), 10)
    with pytest.raises(InvalidInput, match="无需恢复"):
        clock.resume(date(2026, 3, 3))
    with pytest.raises(InvalidInput, match="不能倒退"):
        clock.stop(date(2026, 3, 1), "补正材料")
    stopped = clock.stop(date(2026, 3, 4), "补正材料")
    with pytest.raises(InvalidInput, match="2026年3月4日（周三）暂停，不能再次暂停"):
        stopped.stop(date(2026, 3, 5), "补正材料")
    with pytest.raises(InvalidInput, match="不能倒退"):
        stopped.resume(date(2026, 3, 3))


@pytest.mark.parametrize(("start", "days"), [(date(2026, 3, 2), 0), (date(2026, 3, 2), 1001), (date(1999, 3, 2), 5)])
def test_a_period_out_of_range_is_refused(start: date, days: int) -> None:
    with pytest.raises(InvalidInput, match="超出范围"):
        add_working_days(start, days)


def own_calendar(directory: Path, old: str, new: str) -> WorkCalendar:
    text = (SHIPPED / "2026.toml").read_text(encoding="utf-8")
    assert old in text
    (directory / "2026.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_calendar(directory)


def test_an_installations_own_year_replaces_the_shipped_one(tmp_path: Path) -> None:
    text = (SHIPPED / "2026.toml").read_text(encoding="utf-8").replace("2026", "2027")
    (tmp_path / "2027.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StandardsError, match="2027-01-04本来就是工作日"):
        load_calendar(tmp_path)
    (tmp_path / "2027.toml").write_text(text[: text.index("[[make_up_days]]")], encoding="utf-8")
    load_calendar.cache_clear()
    calendar = load_calendar(tmp_path)
    assert not calendar.year(2027).provisional
    assert not add_working_days(date(2026, 12, 28), 10, calendar).provisional
    assert calendar.version != load_calendar().version


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("year = 2026", "year = 2025", r"2026\.toml：year：应与文件名一致"),
        ("provisional = false", 'provisional = "no"', "provisional：应为 true 或 false"),
        ('notice = "国办发明电〔2025〕7号"', 'notice = ""', "notice：已公布的年份应写明通知文号"),
        ("notice", "notices", "notices：不认识的键"),
        ("to = 2026-01-03", "to = 2025-12-31", r"holidays\[1\]：日期应在2026年内"),
        ("to = 2026-01-03", "too = 2026-01-03", r"holidays\[1\]：应写明 name 和 day"),
        ("to = 2026-01-03", 'to = "2026-01-03"', r"holidays\[1\]：name 应为文字，日期应如"),
        ("from = 2026-02-15", "from = 2026-01-03", r"holidays\[2\]：2026-01-03重复"),
        ("day = 2026-01-04", "day = 2026-01-03", "2026-01-03既是假日又是上班日"),
        ("year = 2026", "year 2026", "不是有效的 TOML"),
    ],
)
def test_a_wrong_year_file_is_refused_by_file_and_key(tmp_path: Path, old: str, new: str, says: str) -> None:
    shutil.copy(SHIPPED / "2026.toml", tmp_path)
    assert load_calendar(tmp_path).year(2026) == load_calendar().year(2026)
    load_calendar.cache_clear()
    with pytest.raises(StandardsError, match=says):
        own_calendar(tmp_path, old, new)


def test_the_calendar_imports_neither_database_nor_process_nor_screen() -> None:
    heavy = "{'sqlalchemy', 'sqlmodel', 'SpiffWorkflow', 'typer', 'rich', 'lxml', 'numpy', 'holidays'}"
    code = f"import sys, engine.calendar; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
