"""The deadline commands: due, extend, suspend, resume, tick, digest, calendar show, calendar import."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import FairReviewError
from reviewers.desk import counter
from reviewers.desk.counter import As, CaseId, Command, Home, Json, Why, answer, database, emit, open_office

if TYPE_CHECKING:
    from engine.model import Turn
    from reviewers.firings import Ticked
    from reviewers.reckoning import Reckoning

DUE_SCHEMA = "shuangshen.due/1"
calendar = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


def due(case: CaseId, home: Home = None, as_json: Json = False) -> None:
    """期限怎么算出来的：起算日、周末、放假、调休、暂停、延期和到期日。"""
    from reviewers.deadlines import reckonings
    from reviewers.firings import SYSTEM

    office = counter.office_of(home, counter.open_profile(home), SYSTEM)
    found = reckonings(office, case)
    if as_json:
        told = {"schema": DUE_SCHEMA, "case": case, "on": office.today, "calendar": office.calendar.version}
        emit({**told, "tasks": [_due_json(turn, reckoned) for turn, reckoned in found]})
        return
    from reviewers.desk.due_printing import print_due

    print_due(case, found, office.today)


def extend(
    case: CaseId,
    days: Annotated[int, typer.Option("--days", metavar="天数", help="延长多少个工作日")],
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """会审负责人批准会审延期，每轮只能一次，须说明理由。"""
    from reviewers.deadlines import extend as grant

    answer(grant(open_office(home, officer, command), case, days, reason), f"会审已延期{days}个工作日。", as_json)


def suspend(
    case: CaseId, reason: Why = "", officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """委托第三方评估，本环节审查期限暂停计时。"""
    from reviewers.deadlines import suspend as stop

    answer(stop(open_office(home, officer, command), case, reason), "审查期限已暂停计时。", as_json)


def resume(
    case: CaseId, reason: Why = "", officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """第三方评估结束，审查期限恢复计时。"""
    from reviewers.deadlines import resume as go_on

    answer(go_on(open_office(home, officer, command), case, reason), "审查期限已恢复计时。", as_json)


def tick(
    watch: Annotated[bool, typer.Option("--watch", help="一直运行，直到中断")] = False,
    every: Annotated[int, typer.Option("--every", metavar="秒", min=1, max=86_400, help="每隔多少秒一次")] = 60,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """到期提醒、超期标记和上报：该写的写入留痕，写过的不再写。"""
    database(home)
    if not watch:
        ticked = _tick(home)
        _print_ticked(ticked, as_json)
        if ticked.failed:
            raise ticked.failed[0][1]
        return
    with _until_interrupted() as stopped:
        while not stopped.is_set():
            _watch_once(home, as_json)
            stopped.wait(every)


def digest(
    officer: As = "",
    within: Annotated[int, typer.Option("--within", metavar="天数", min=0, max=60, help="几个工作日内到期")] = 3,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """本人的到期和超期任务，以及超期后须由本人督促的任务。"""
    from reviewers.digests import digest_of_officer

    office = open_office(home, officer)
    found = digest_of_officer(office, within)
    if as_json:
        emit({"officer": office.officer.id, "on": office.today, "calendar": office.calendar.version, **found})
        return
    from reviewers.desk.due_printing import print_digest

    print_digest(found, office)


@calendar.command("show")
def calendar_show(
    year: Annotated[int, typer.Argument(metavar="年份", min=2000, max=2100, help="如 2026")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """一年的放假和调休安排，以及依据的通知。"""
    from reviewers.desk.due_printing import print_year

    known = counter.open_calendar(home)
    shown = known.year(year)
    own = (counter.home_directory(home) / "calendar" / f"{year}.toml").is_file()
    if not as_json:
        print_year(shown, own, known.version)
        return
    days = {"holidays": _by_day(shown.holidays), "make_up_days": _by_day(shown.make_up_days)}
    told = {"year": year, "notice": shown.notice, "announced_on": shown.announced_on, "provisional": shown.provisional}
    emit({**told, **days, "own": own, "version": known.version})


@calendar.command("import")
def calendar_import(
    file: Annotated[Path, typer.Argument(metavar="文件", help="年历文件（TOML），写明通知文号、放假和调休")],
    officer: As = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """导入新一年的放假安排，并重新计算受影响的期限。"""
    from reviewers.year_files import import_year

    office = open_office(home, officer)
    done = import_year(office, counter.home_directory(home) / "calendar", counter.upload(file))
    if as_json:
        emit(asdict(done))
        return
    changed = sum(map(len, done.changed.values()))
    print(f"已导入{done.year}年历，编号 {done.matter}，版本 {done.version[:16]}。")
    print(f"涉及案件 {len(done.changed)} 件，改变期限 {changed} 项。")
    for case_id, rows in done.changed.items():
        for row in rows:
            element, was, now = row.split()
            print(f"  {case_id}  {element}  {was} → {now}")


def _by_day(days: Mapping[Any, str]) -> dict[str, str]:
    return {day.isoformat(): name for day, name in sorted(days.items())}


def _due_json(turn: Turn, reckoned: Reckoning | None) -> dict[str, Any]:
    task: dict[str, Any] = {"task": turn.task, "element": turn.element, "name": turn.name, "instance": turn.instance}
    task |= {"holder": turn.holder, "stored_due_on": turn.due_on}
    if reckoned is None:
        return {**task, "due_on": None, "provisional": False, "steps": []}
    running = reckoned.running
    return {
        **task,
        "started_on": running.started_on,
        "days": running.days,
        "extension": running.extension,
        "extension_reason": running.extension_reason,
        "stops": [asdict(pause) for pause in running.pauses],
        "counts": asdict(reckoned.counts),
        "due_on": reckoned.due_on,
        "provisional": reckoned.provisional,
        "steps": list(reckoned.steps),
    }


def _tick(home: Path | None) -> Ticked:
    from engine.calendar import load_calendar
    from reviewers.firings import SYSTEM
    from reviewers.ticking import tick as go

    load_calendar.cache_clear()
    return go(counter.office_of(home, counter.open_profile(home), SYSTEM), database(home))


def _watch_once(home: Path | None, as_json: bool) -> None:
    """One round; a refusal is reported and the next round tries again."""
    try:
        ticked = _tick(home)
    except FairReviewError as refusal:
        counter.report(refusal, as_json)
        return
    for _, failure in ticked.failed:
        counter.report(failure, as_json)
    if ticked.fired:
        _print_ticked(ticked, as_json, lines=True)
    sys.stdout.flush()


def _print_ticked(ticked: Ticked, as_json: bool, lines: bool = False) -> None:
    if as_json:
        fired: Iterable[Any] = [asdict(each) for each in ticked.fired]
        told = {"fired": fired, "failed": [{"case": case, "code": error.code} for case, error in ticked.failed]}
        print(json.dumps(told, ensure_ascii=False, indent=None if lines else 2))
        return
    from reviewers.desk.due_printing import print_fired

    print_fired(ticked.fired)


@contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set, so that a round under way is finished before the loop ends."""
    stopped = threading.Event()
    asked = (signal.SIGINT, signal.SIGTERM)
    before = {each: signal.signal(each, lambda *_: stopped.set()) for each in asked}
    try:
        yield stopped
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
