"""Seeing and taking work: queue, show, claim, release. Reads go straight to the database, without the ORM."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.model import Role
from engine.store import reads
from reviewers.departments import places_asked
from reviewers.desk.counter import As, CaseId, Command, Home, Json, answer, database, emit, open_office, open_profile


def queue(
    officer: As = "",
    every: Annotated[bool, typer.Option("--all", help="全部待办，不限本人可办")] = False,
    limit: Annotated[int, typer.Option(metavar="条数", min=1, max=1000, help="最多显示多少条")] = 50,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """待办任务，按期限先后。"""
    profile = open_profile(home)
    person = None if every or not officer else profile.officer(officer)
    rows = reads.queue(
        database(home),
        roles=person.roles if person else tuple(Role),
        unit=None if person is None or profile.in_regulator(person.unit) else person.unit,
        officer=person.id if person else None,
        limit=limit,
        asked=places_asked(person, profile) if person else (),
    )
    if as_json:
        emit(rows)
        return
    from engine.store.whereabouts import away
    from reviewers.desk.printing import print_queue

    print_queue(rows, profile)
    gone = away(database(home))
    for each in gone[:limit]:
        print(f"移送在外  {each['case']}  {each['title']}  在{each['name']}（第 {each['hop']} 次移送）")
    if len(gone) > limit:
        print(f"移送在外共 {len(gone)} 件，全部见 shuangshen transfer list。")


def show(
    case: CaseId,
    changes: Annotated[bool, typer.Option("--changes", help="只列出与上一轮相比须重新审看的条款、项目和提示")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """查看一个案件：进度、文本版本、疑似问题、审查和结论。"""
    if changes:
        from reviewers.desk.versions import show_changes

        show_changes(case, home, as_json)
        return
    from engine.store.whereabouts import crossings

    path = database(home)
    row: dict[str, Any] = reads.case_row(path, case)
    records = reads.case_records(path, case)
    turns = reads.open_tasks(path, case)
    moved = crossings(path, case)
    if as_json:
        emit({"case": row, "open_tasks": turns, "records": records, "transfers": moved})
        return
    from reviewers.desk.printing import print_case
    from reviewers.desk.transferring import crossing_line

    print_case(row, turns, records, open_profile(home))
    for each in moved:
        print(crossing_line(each))


def claim(case: CaseId, officer: As = "", home: Home = None, command: Command = "", as_json: Json = False) -> None:
    """领取任务。"""
    from reviewers.turns import claim as take

    answer(take(open_office(home, officer, command), case), "已领取。", as_json)


def release(case: CaseId, officer: As = "", home: Home = None, command: Command = "", as_json: Json = False) -> None:
    """放回任务。"""
    from reviewers.turns import release as put_back

    answer(put_back(open_office(home, officer, command), case), "已放回。", as_json)
