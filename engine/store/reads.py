"""The quick questions, answered by plain SQL: no ORM, no pydantic, no process engine is imported.

Every function opens the database for itself, sees it as it is at one instant and gives plain dicts, ready for JSON.
Instants are UTC text, days ISO text. Pages go on from the last row seen (`after`), never by counting rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date
from json import loads
from pathlib import Path
from typing import Any

from engine.store.connection import case_not_found, reading
from engine.store.place import is_remote

Found = dict[str, Any]

NO_DUE_DAY = "9999-12-31"

LOCAL_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
REMOTE_TABLES = "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"

CASE_COLUMNS = "id, title, unit, kind, trigger, route, stage, round, version, opened_by, opened_at, bundle, revision"


def queue(
    path: Path,
    roles: Sequence[str] | None = None,
    unit: str | None = None,
    officer: str | None = None,
    limit: int = 50,
    after: tuple[str, str, str] | None = None,
    asked: Sequence[str] = (),
) -> list[Found]:
    """Open tasks for these roles (None: for any), the soonest due first, undated last.

    `unit` keeps cases of that drafting unit, besides those that ask the units or officers in `asked` to co-review;
    `officer` leaves out what others hold. `after` is `place_of(last row)`.
    """
    conditions, values = ["1 = 1"], list[Any]()
    if roles is not None:
        conditions.append(f"t.role IN ({', '.join('?' * len(roles))})")
        values.extend(map(str, roles))
    if unit is not None:
        conditions.append("t.unit = ?")
        values.append(unit)
    if asked:
        places = ", ".join("?" * len(asked))
        conditions = [f"(({' AND '.join(conditions)}) OR (t.role = 'co_reviewer' AND t.instance IN ({places})))"]
        values.extend(asked)
    if officer is not None:
        conditions.append("t.holder IN ('', ?)")
        values.append(officer)
    if after is not None:
        conditions.append(f"(COALESCE(t.due_on, '{NO_DUE_DAY}'), t.case_id, t.task) > (?, ?, ?)")
        values.extend(after)
    statement = f"""SELECT t.case_id, t.task, t.element, t.name, t.role, t.instance, t.holder, t.unit, t.due_on,
        t.opened_at, c.title, c.stage, c.round, c.version FROM task t JOIN case_ c ON c.id = t.case_id
        WHERE {" AND ".join(conditions)} ORDER BY COALESCE(t.due_on, '{NO_DUE_DAY}'), t.case_id, t.task LIMIT ?"""  # noqa: S608
    return _all(path, statement, (*values, limit))


def place_of(task: Found) -> tuple[str, str, str]:
    """Where a row of `queue` stands in its order, to go on after it."""
    return (task["due_on"] or NO_DUE_DAY, task["case_id"], task["task"])


def case_row(path: Path, case_id: str) -> Found:
    """Where the case stands, without the process position. Raises NotFound with the nearest ids."""
    with reading(path) as connection:
        return _case(connection, case_id)


def open_tasks(path: Path, case_id: str) -> list[Found]:
    """The open tasks of the case, in the order they were saved. Raises NotFound with the nearest ids."""
    statement = """SELECT task, element, name, role, instance, holder, due_on, opened_at FROM task
        WHERE case_id = ? ORDER BY ordinal"""
    with reading(path) as connection:
        _case(connection, case_id)
        return [dict(row) for row in connection.execute(statement, (case_id,))]


def case_records(path: Path, case_id: str) -> list[Found]:
    """Everything filed in the case, oldest first, `body` parsed. Raises NotFound with the nearest ids."""
    statement = """SELECT id, kind, round, event_seq, digest, body FROM record
        WHERE case_id = ? ORDER BY event_seq, ordinal"""
    with reading(path) as connection:
        _case(connection, case_id)
        return [{**row, "body": loads(row["body"])} for row in connection.execute(statement, (case_id,))]


def events(path: Path, case_id: str | None = None, after_seq: int = 0, limit: int = 100) -> list[Found]:
    """The events after number `after_seq`, of one case or of all, oldest first: the payload's fields and `hash`."""
    condition, values = ("case_id = ? AND", (case_id,)) if case_id is not None else ("", ())
    statement = f"SELECT payload, hash FROM event WHERE {condition} seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
    found = _all(path, statement, (*values, after_seq, limit))
    return [{**loads(row["payload"]), "hash": row["hash"]} for row in found]


def last_seq(path: Path) -> int:
    """The number of the last event, 0 while there is none."""
    return int(_all(path, "SELECT COALESCE(MAX(seq), 0) AS seq FROM event", ())[0]["seq"])


def sizes(path: Path) -> Found:
    """How many rows each table holds, by its name."""
    with reading(path) as connection:
        names = [row["name"] for row in connection.execute(REMOTE_TABLES if is_remote(path) else LOCAL_TABLES)]
        return {name: connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in sorted(names)}  # noqa: S608


def find_cases(
    path: Path,
    words: str = "",
    unit: str | None = None,
    stage: str | None = None,
    limit: int = 50,
    before: str | None = None,
) -> list[Found]:
    """Cases whose id or title contains `words`, highest id first; `before` is the last id seen."""
    conditions, values = ["1 = 1"], list[Any]()
    if words:
        conditions.append("(instr(title, ?) > 0 OR instr(id, ?) > 0)")
        values.extend((words, words))
    for condition, value in (("unit = ?", unit), ("stage = ?", stage), ("id < ?", before)):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    statement = f"""SELECT {CASE_COLUMNS} FROM case_
        WHERE {" AND ".join(conditions)} ORDER BY id DESC LIMIT ?"""  # noqa: S608
    return _all(path, statement, (*values, limit))


def counts(path: Path, today: date) -> Found:
    """How many cases by stage, open tasks by role, tasks due before `today`, events."""
    with reading(path) as connection:
        by_stage = connection.execute("SELECT stage, COUNT(*) FROM case_ GROUP BY stage ORDER BY stage")
        by_role = connection.execute("SELECT role, COUNT(*) FROM task GROUP BY role ORDER BY role")
        overdue = connection.execute("SELECT COUNT(*) FROM task WHERE due_on < ?", (today.isoformat(),))
        events_so_far = connection.execute("SELECT COALESCE(MAX(seq), 0) FROM event")
        return {
            "cases_by_stage": dict(map(tuple, by_stage)),
            "tasks_by_role": dict(map(tuple, by_role)),
            "overdue": overdue.fetchone()[0],
            "events": events_so_far.fetchone()[0],
        }


def _case(connection: sqlite3.Connection, case_id: str) -> Found:
    row = connection.execute(f"SELECT {CASE_COLUMNS} FROM case_ WHERE id = ?", (case_id,)).fetchone()  # noqa: S608
    if row is None:
        newest = connection.execute("SELECT id FROM case_ ORDER BY id DESC LIMIT 2000")
        raise case_not_found(case_id, [each["id"] for each in newest])
    return dict(row)


def _all(path: Path, statement: str, values: Sequence[Any]) -> list[Found]:
    with reading(path) as connection:
        return [dict(row) for row in connection.execute(statement, values)]
