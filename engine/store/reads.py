"""The quick questions, answered by plain SQL: no ORM, no pydantic, no process engine is imported.

Every function opens the database for itself, sees it as it is at one instant and gives plain dicts, ready for JSON.
Instants are UTC text, days ISO text. Pages go on from the last row seen (`after`), never by counting rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from json import loads
from pathlib import Path
from typing import Any

from engine.model import Role
from engine.store.connection import case_not_found, reading
from engine.store.place import is_remote
from engine.store.wording import with_words

Found = dict[str, Any]

NO_DUE_DAY = "9999-12-31"
DUE = f"COALESCE(due_on, '{NO_DUE_DAY}')"
ASKED = "role = 'co_reviewer'"

LOCAL_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'passage_marks%'"
REMOTE_TABLES = "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"

TASK_COLUMNS = "case_id, task, element, name, role, instance, holder, unit, due_on, opened_at"
_OF_T = ", ".join(f"t.{column}" for column in TASK_COLUMNS.split(", "))
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
    wanted: list[dict[str, str]] = [{}]
    if roles is not None or unit is not None:
        place = {} if unit is None else {"unit": unit}
        wanted = [{**place, "role": str(role)} for role in (tuple(Role) if roles is None else roles)]
    wanted += [{"instance": each} for each in asked]
    if not wanted:
        return []
    first = [_first_tasks(each, officer, beyond, limit) for each in wanted for beyond in _beyond(after)]
    together = " UNION " if asked else " UNION ALL "
    listed = f"SELECT * FROM ({together.join(each for each, _ in first)}) AS found ORDER BY due, case_id, task LIMIT ?"  # noqa: S608
    statement = f"""SELECT {_OF_T}, c.title, c.stage, c.round, c.version
        FROM ({listed}) AS t JOIN case_ c ON c.id = t.case_id ORDER BY t.due, t.case_id, t.task"""  # noqa: S608
    return _all(path, statement, (*chain.from_iterable(values for _, values in first), limit))


def _beyond(after: tuple[str, str, str] | None) -> list[tuple[str, Sequence[str]]]:
    """What comes after that place: later the same day, and on later days; an index is read for each, not for both."""
    if after is None:
        return [("1 = 1", ())]
    return [(f"{DUE} = ? AND (case_id, task) > (?, ?)", after), (f"{DUE} > ?", after[:1])]


def _first_tasks(
    equal: Mapping[str, str], officer: str | None, beyond: tuple[str, Sequence[str]], limit: int
) -> tuple[str, tuple[Any, ...]]:
    """The first tasks with these columns, and the values to ask with: each such list is read off one index."""
    conditions, values = [*(f"{column} = ?" for column in equal), beyond[0]], [*equal.values(), *beyond[1]]
    if "instance" in equal:
        conditions.append(ASKED)  # word for word: an index of these tasks alone is not used for a value given later
    if officer is not None:
        conditions.append("holder IN ('', ?)")
        values.append(officer)
    statement = f"""SELECT * FROM (SELECT {DUE} AS due, {TASK_COLUMNS} FROM task
        WHERE {" AND ".join(conditions)} ORDER BY {DUE}, case_id, task LIMIT ?) AS first_tasks"""  # noqa: S608
    return statement, (*values, limit)


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
    """The events after number `after_seq`, of one case or of all, oldest first: the payload's fields and `hash`.

    The words filed beside an event stand among its facts.
    """
    condition, values = ("case_id = ? AND", (case_id,)) if case_id is not None else ("", ())
    statement = f"SELECT payload, hash FROM event WHERE {condition} seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
    with reading(path) as connection:
        found = connection.execute(statement, (*values, after_seq, limit)).fetchall()
        return with_words(connection, [{**loads(row["payload"]), "hash": row["hash"]} for row in found])


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
        kept = connection.execute("SELECT name, count FROM tally WHERE count <> 0 ORDER BY name").fetchall()
        overdue = connection.execute(f"SELECT COUNT(*) FROM task WHERE {DUE} < ?", (today.isoformat(),))  # noqa: S608
        events_so_far = connection.execute("SELECT COALESCE(MAX(seq), 0) FROM event")
        return {
            "cases_by_stage": _tallied(kept, "stage "),
            "tasks_by_role": _tallied(kept, "role "),
            "overdue": overdue.fetchone()[0],
            "events": events_so_far.fetchone()[0],
        }


def _tallied(kept: Iterable[sqlite3.Row], kind: str) -> dict[str, int]:
    return {name.removeprefix(kind): count for name, count in kept if name.startswith(kind)}


def _case(connection: sqlite3.Connection, case_id: str) -> Found:
    row = connection.execute(f"SELECT {CASE_COLUMNS} FROM case_ WHERE id = ?", (case_id,)).fetchone()  # noqa: S608
    if row is None:
        newest = connection.execute("SELECT id FROM case_ ORDER BY id DESC LIMIT 2000")
        raise case_not_found(case_id, [each["id"] for each in newest])
    return dict(row)


def _all(path: Path, statement: str, values: Sequence[Any]) -> list[Found]:
    with reading(path) as connection:
        return [dict(row) for row in connection.execute(statement, values)]
