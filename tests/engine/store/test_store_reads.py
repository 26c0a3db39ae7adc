"""The quick reads agree with what the unit of work wrote, and load nothing heavy."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from databases import Database
from store_cases import a_case, a_conclusion, a_turn, an_act, conclude, submit, two_cases

from engine.errors import InvalidInput, NotFound
from engine.model import Role
from engine.store import Store, reads
from engine.store.connection import reading
from engine.store.records import plain
from engine.store.tables import SQLModel

ROOT = Path(__file__).parents[3]


@pytest.fixture
def store(database: Database) -> Store:
    return database.new_store()


def waiting(store: Store, case_id: str, *turns: object, unit: str = "商务局") -> None:
    with store.work() as work:
        work.save(a_case(case_id, unit=unit), an_act(case_id), turns=turns)


def test_the_queue_shows_the_soonest_first_for_these_roles(store: Store) -> None:
    waiting(store, "2026-0001", a_turn(due_on=None))
    waiting(store, "2026-0002", a_turn(due_on=date(2026, 3, 9)), unit="住建局")
    waiting(store, "2026-0003", a_turn(due_on=date(2026, 3, 5), holder="li"))
    waiting(store, "2026-0004", a_turn("joint_review", role=Role.REGULATOR, due_on=date(2026, 3, 1)))

    def ids(*arguments: object, **named: object) -> list[str]:
        return [task["case_id"] for task in reads.queue(store.path, *arguments, **named)]

    assert ids() == ["2026-0004", "2026-0003", "2026-0002", "2026-0001"]
    assert ids([Role.DRAFTING_REVIEWER]) == ["2026-0003", "2026-0002", "2026-0001"]
    assert ids(["drafting_reviewer", "regulator"], limit=2) == ["2026-0004", "2026-0003"]
    assert ids([Role.DRAFTING_REVIEWER], unit="商务局") == ["2026-0003", "2026-0001"]
    assert ids([Role.DRAFTING_REVIEWER], officer="wang") == ["2026-0002", "2026-0001"]
    assert ids([Role.DRAFTING_REVIEWER], officer="li", unit="商务局") == ["2026-0003", "2026-0001"]
    assert ids([]) == ids([Role.AUDITOR]) == []
    assert reads.queue(store.path, limit=1)[0] == {
        "case_id": "2026-0004", "task": "task-joint_review", "element": "joint_review", "name": "自我审查",
        "role": "regulator", "instance": "", "holder": "", "unit": "商务局", "due_on": "2026-03-01",
        "opened_at": "2026-03-02T04:00:00.000000Z", "title": "青羊区促进预制菜产业发展的若干措施",
        "stage": "self_review", "round": 1, "version": 1,
    }  # fmt: skip


def test_pages_of_the_queue_meet_without_gap(store: Store) -> None:
    for number in range(1, 8):
        waiting(store, f"2026-000{number}", a_turn(due_on=date(2026, 3, 1 + number % 3) if number % 4 else None))
    pages, after = [], None
    while page := reads.queue(store.path, limit=3, after=after):
        pages.extend(page)
        after = reads.place_of(page[-1])
    assert pages == reads.queue(store.path)


def test_a_case_its_records_its_tasks_and_its_events(store: Store) -> None:
    two_cases(store)
    with store.work() as work:
        file = work.case_file("2026-0001")
        turns = work.open_turns("2026-0001")
    columns = {name: plain(getattr(file.case, name)) for name in reads.CASE_COLUMNS.split(", ")}
    assert reads.case_row(store.path, "2026-0001") == columns
    records = reads.case_records(store.path, "2026-0001")
    assert [(each["id"], each["kind"], each["event_seq"], each["round"]) for each in records] == [
        ("1-1", "version", 1, 1),
        ("3-1", "conclusion", 3, 1),
    ]
    body = records[1]["body"]
    assert len(body.pop("salt")) == 32
    assert body == plain(a_conclusion())
    tasks = reads.open_tasks(store.path, "2026-0001")
    assert [(each["task"], each["instance"]) for each in tasks] == [(turn.task, turn.instance) for turn in turns]
    assert [each["seq"] for each in reads.events(store.path, "2026-0001")] == [1, 3, 5]
    assert [each["seq"] for each in reads.events(store.path, after_seq=1, limit=3)] == [2, 3, 4]
    assert records[1]["digest"] == reads.events(store.path, "2026-0001", after_seq=1)[0]["records"][0]["digest"]


@pytest.mark.parametrize("read", [reads.case_row, reads.case_records, reads.open_tasks])
def test_an_unknown_case_is_refused_with_near_ids(store: Store, read: object) -> None:
    submit(store)
    read(store.path, "2026-0001")
    with pytest.raises(NotFound, match=r"是否指 2026-0001？"):
        read(store.path, "2026-001")
    with pytest.raises(NotFound, match="请核对编号"):
        read(store.path, "预制菜")


def test_cases_are_found_by_words_unit_and_stage(store: Store) -> None:
    waiting(store, "2026-0001")
    waiting(store, "2026-0002", unit="住建局")
    submit(store, "2026-0003")
    conclude(store, "2026-0003")

    def ids(**named: object) -> list[str]:
        return [case["id"] for case in reads.find_cases(store.path, **named)]

    assert ids() == ids(words="制菜") == ["2026-0003", "2026-0002", "2026-0001"]
    assert ids(words="招标") == ids(words="%") == ids(words="_") == []
    assert ids(words="0002") == ids(unit="住建局") == ["2026-0002"]
    assert ids(stage="joint_review") == ["2026-0003"]
    assert ids(limit=1, before="2026-0003") == ["2026-0002"]


def test_counts(store: Store) -> None:
    assert reads.counts(store.path, date(2026, 3, 9)) == {
        "cases_by_stage": {}, "tasks_by_role": {}, "overdue": 0, "events": 0,
    }  # fmt: skip
    two_cases(store)
    submit(store, "2026-0003")
    assert reads.counts(store.path, date(2026, 3, 9))["overdue"] == 0
    assert reads.counts(store.path, date(2026, 3, 10)) == {
        "cases_by_stage": {"joint_review": 2, "self_review": 1},
        "tasks_by_role": {"drafting_reviewer": 1, "regulator": 4},
        "overdue": 5,
        "events": 6,
    }


def test_a_reading_connection_cannot_write(store: Store, database: Database) -> None:
    statement = "INSERT INTO meta VALUES ('a', 'b')"
    with pytest.raises((sqlite3.OperationalError, InvalidInput), match=r"不可写|只读"), reading(store.path) as reader:
        reader.execute(statement)
    with database.raw(store.path) as raw:
        raw.execute(statement)


def test_reads_know_the_tables_of_the_models(store: Store, database: Database) -> None:
    with database.raw(store.path) as raw:
        if database.name == "sqlite":
            found = {
                name: [row[1] for row in raw.execute(f"PRAGMA table_info({name})")]
                for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                if not name.startswith("passage_marks")
            }
        else:
            found = {}
            columns = """SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = 'shuangshen' ORDER BY table_name, ordinal_position"""
            for table, column in raw.execute(columns):
                found.setdefault(table, []).append(column)
    assert found == {table.name: list(table.columns.keys()) for table in SQLModel.metadata.tables.values()}
    assert [*reads.CASE_COLUMNS.split(", "), "position"] == sorted(
        found["case_"], key=[*reads.CASE_COLUMNS.split(", "), "position"].index
    )


@pytest.mark.parametrize("module", ["engine.store", "engine.store.reads", "engine.trail.verifier"])
def test_reading_imports_nothing_heavy(module: str) -> None:
    heavy = {"sqlmodel", "sqlalchemy", "pydantic", "SpiffWorkflow", "asyncio", "zipfile", "zstandard"}
    code = f"import sys, {module}; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_a_question_is_answered_without_the_orm(store: Store) -> None:
    submit(store)
    code = f"""if True:
        import sys
        from pathlib import Path
        from engine.store import reads
        assert reads.queue(Path({str(store.path)!r}), ["drafting_reviewer"])
        assert reads.events(Path({str(store.path)!r}))
        print(sorted({{"sqlmodel", "sqlalchemy", "pydantic", "SpiffWorkflow"}} & set(sys.modules)))"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
