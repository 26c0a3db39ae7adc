"""The same tampering in PostgreSQL, by one who may do anything: the guards stop what they can, the rest is named."""

# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from databases import BARE, PostgreSQL
from postgresql_server import Server
from store_cases import conclude, two_cases
from test_store_tamper import CHANGED_EVENTS, FIRST_BAD, NOT_VOUCHED_FOR

from engine.errors import TrailBroken
from engine.store import open_store, verify_store
from engine.store.connection import reading
from engine.store.postgres_guards import FIXED_PATH, FUNCTIONS, triggers
from engine.store.tables import SQLModel
from engine.store.verify import changed_triggers, checkpoint_of

COLUMNS = [
    (table.name, column.name)
    for table in SQLModel.metadata.tables.values()
    if table.name != "passage"  # derived, and never relied upon
    for column in table.columns
    if table.name not in ("meta", "matter")
]
KEYS = {"task": "case_id || ordinal", "tally": "CASE WHEN count > 0 THEN name END"}


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> PostgreSQL:
    return PostgreSQL(tmp_path_factory.mktemp("tampered"), postgresql, [])


@pytest.fixture(scope="module")
def original(owner: PostgreSQL) -> Path:
    return two_cases(owner.new_store())


@pytest.fixture
def path(owner: PostgreSQL, original: Path) -> Iterator[Path]:
    """The one store, put back as it was after each test."""
    with owner.raw(original) as raw:
        kept = {table: raw.execute(f"SELECT * FROM {table}").fetchall() for table in BARE}
    yield original
    owner.tamper(original, *(statement for table, rows in kept.items() for statement in put_back(table, rows)))


def put_back(table: str, rows: list[Any]) -> list[str | tuple[str, Any]]:
    """What makes the table hold these rows and no others."""
    filled = [(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row) for row in rows]
    return [f"DELETE FROM {table}", *filled]


def told(path: Path, known: str | None = None) -> str:
    with pytest.raises(TrailBroken) as caught:
        verify_store(path, known)
    return caught.value.message


@pytest.mark.parametrize(
    "statement",
    [
        *(f"UPDATE {table} SET {column} = {column}" for table, column in
          [("event", "payload"), ("record", "body"), ("content", "data"), ("bundle", "data")]),
        *(f"{verb} {table}{more}" for table in ("event", "record", "content", "bundle")
          for verb, more in (("DELETE FROM", ""), ("TRUNCATE", " CASCADE"))),
        "INSERT INTO event SELECT seq + 6, case_id, payload, hash, hash FROM event WHERE seq = 5",
        "INSERT INTO event SELECT seq + 1, case_id, payload, prev, hash FROM event WHERE seq = 5",
        "INSERT INTO event SELECT 0, case_id, payload, prev, hash FROM event WHERE seq = 1",
        "INSERT INTO event SELECT * FROM event WHERE seq = 5 ON CONFLICT (seq) DO UPDATE SET payload = 'x'",
        "INSERT INTO content SELECT * FROM content ON CONFLICT (sha256) DO UPDATE SET data = excluded.data",
    ],
)  # fmt: skip
def test_what_is_written_is_not_written_again(owner: PostgreSQL, original: Path, statement: str) -> None:
    with owner.raw(original) as raw, pytest.raises(psycopg.errors.IntegrityError, match=r"append-only|does not follow"):
        raw.execute(statement)
    assert verify_store(original).size == 5


def test_the_next_event_in_order_is_let_in(owner: PostgreSQL, path: Path) -> None:
    with owner.raw(path) as raw:
        raw.execute("INSERT INTO event SELECT seq + 1, case_id, payload, hash, hash FROM event WHERE seq = 5")
    assert told(path).startswith("流水第 6 条")


def test_a_missing_or_changed_guard_is_told(owner: PostgreSQL, original: Path) -> None:
    def told_of() -> list[str]:
        with reading(original) as connection:
            return changed_triggers(connection)

    assert told_of() == []
    with owner.raw(original) as raw:
        for name, (table, statement) in triggers().items():
            for harm in (f"ALTER TABLE {table} DISABLE TRIGGER {name}", f"DROP TRIGGER {name} ON {table}"):
                raw.execute(harm)
                assert told_of() == [name]
            assert told(original) == f"只许追加的触发器 {name} 被删除或改动。"
            raw.execute(statement)
            raw.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
        for name, body in FUNCTIONS.items():
            made = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {FIXED_PATH}"
            raw.execute(f"{made} AS 'BEGIN RETURN NEW; END'")
            assert told_of() == [name]
            raw.execute(f"{made} AS $${body}$$")
    assert verify_store(original).size == 5


@pytest.mark.parametrize(("change", "place"), [*CHANGED_EVENTS, *FIRST_BAD])
def test_a_change_is_named(owner: PostgreSQL, path: Path, change: str, place: str) -> None:
    owner.tamper(path, change.replace("{x00}", owner.blob(b"\0")).replace("{zeros}", owner.blob(bytes(32))))
    assert told(path).startswith(place)


def test_every_column_of_every_table_is_vouched_for(owner: PostgreSQL, path: Path) -> None:
    """The guards stay off meanwhile, which is said only where nothing else is wrong."""
    owner.tamper(path)
    with owner.raw(path) as raw:
        kept = {table: raw.execute(f"SELECT * FROM {table}").fetchall() for table in BARE}
        raw.execute("; ".join(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in BARE))
        unseen = set()
        for table, column in COLUMNS:
            kind = SQLModel.metadata.tables[table].columns[column].type.python_type
            other = {str: f"{column} || 'x'", int: f"{column} + 100", bytes: rf"{column} || '\x00'::bytea"}[kind]
            key = KEYS.get(table, next(iter(SQLModel.metadata.tables[table].primary_key)).name)
            raw.execute(f"UPDATE {table} SET {column} = {other} WHERE {key} = (SELECT MAX({key}) FROM {table})")
            if told(path).startswith("只许追加的触发器"):
                unseen.add((table, column))
            for statement in put_back(table, kept[table]):
                raw.execute(*([statement] if isinstance(statement, str) else statement))
    assert unseen == NOT_VOUCHED_FOR


def test_a_table_that_was_changed_is_told(owner: PostgreSQL, path: Path) -> None:
    with owner.raw(path) as raw:
        raw.execute("ALTER TABLE command RENAME COLUMN act TO deed")
    assert "表结构被改动" in told(path)
    with owner.raw(path) as raw:
        raw.execute("ALTER TABLE command RENAME COLUMN deed TO act")
    assert verify_store(path).size == 5


def test_a_trail_cut_at_its_end_is_seen_by_a_checkpoint_kept_elsewhere(owner: PostgreSQL, path: Path) -> None:
    known = checkpoint_of(path)
    older = owner.copy(path)
    conclude(open_store(path), "2026-0001", "later")
    later = checkpoint_of(path)
    assert verify_store(older, known).size == 5
    assert told(older, later).startswith("流水第 6 条缺失：检查点记载有 6 条，现在只有 5 条")
