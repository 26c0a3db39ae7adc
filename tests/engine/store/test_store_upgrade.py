"""A database of every schema there ever was becomes one of today's, whole, or stays what it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from databases import Database
from postgresql_server import Server
from store_cases import conclude, submit, two_cases

from engine.errors import Conflict, InvalidInput, TrailBroken
from engine.store import Store, create_store, open_store, verify_store
from engine.store.backup import restore
from engine.store.connection import SCHEMA
from engine.store.place import url_at
from engine.store.postgres_guards import FUNCTIONS_BEFORE_5, making
from engine.store.reads import counts, events
from engine.store.sqlite import sqlite3
from engine.store.upgrading import MIGRATIONS, found, upgrade

HERE = Path(__file__).parent
REBUILDING = '''

first = upgrade


def upgrade() -> None:
    """Everything of the migration, and every table rebuilt with all its rows."""
    from engine.store.migrations import rebuilding
    from engine.store.tables import TABLES

    first()
    for table in TABLES.values():
        with rebuilding(table):
            pass
'''


def of_schema(number: int, path: Path) -> Path:
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((HERE / f"schema_{number}.sql").read_text(encoding="utf-8"))
    return path


def made(path: Path) -> dict[str, list[str]]:
    """Everything made in this file, in words that do not depend on who made it."""
    with closing(sqlite3.connect(path)) as raw:
        rows = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    lines = {name: sql.replace('"', "").replace("CONSTRAINT", "\nCONSTRAINT").split("\n") for name, sql in rows}
    return {name: sorted(line.strip(" \t,)") for line in each) for name, each in lines.items()}


@pytest.mark.parametrize("number", range(3, SCHEMA))
def test_every_released_schema_becomes_todays(number: int, tmp_path: Path) -> None:
    path, backup = of_schema(number, tmp_path / "old.db"), tmp_path / "before.db"
    with pytest.raises(InvalidInput, match=rf"结构版本是 {number}，本程序需要 \d+。请运行 shuangshen db upgrade"):
        open_store(path)
    done = upgrade(path, backup)
    assert (done.came_from, done.backup, done.head.size) == (number, backup, 6)
    assert (found(path).schema, found(backup).schema) == (SCHEMA, number)
    assert made(path) == made(create_store(tmp_path / "new.db").path)
    assert counts(path, date(2026, 3, 10))["cases_by_stage"] == {"joint_review": 2}
    conclude(open_store(path), "2026-0001", "later")
    assert verify_store(path).size == 7
    with pytest.raises(Conflict, match="无需升级"):
        upgrade(path, tmp_path / "again.db")


def test_a_table_that_is_rebuilt_loses_neither_rows_nor_strictness_nor_guards(tmp_path: Path) -> None:
    scripts = Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))
    with (scripts / "versions" / "v5_search_and_disposal.py").open("a", encoding="utf-8") as file:
        file.write(REBUILDING)
    path = of_schema(3, tmp_path / "old.db")
    told = events(create_store(tmp_path / "new.db").path)
    assert told == []
    assert upgrade(path, tmp_path / "before.db", migrations=scripts).head.size == 6
    assert made(path) == made(tmp_path / "new.db")
    with closing(sqlite3.connect(path)) as raw, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute("UPDATE event SET payload = payload")
    submit(open_store(path), "2026-0003")
    assert verify_store(path).size == 7


SPOILT: dict[str, Callable[[str], str]] = {
    "an index is missing": lambda text: text.replace('op.create_index("task_by_due", "task", [*PLACE])', "pass"),
    "a table is not strict": lambda text: text.replace("sqlite_strict=strict()", "sqlite_strict=False"),
    "a column is other": lambda text: text.replace('"count", Integer', '"number", Integer'),
    "it breaks off": lambda text: text + '\n    raise RuntimeError("power")\n',
}


@pytest.mark.parametrize("how", SPOILT)
def test_an_upgrade_that_goes_wrong_leaves_everything_as_it_was(how: str, tmp_path: Path) -> None:
    scripts = Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))
    migration = scripts / "versions" / "v4_lists.py"
    migration.write_text(SPOILT[how](migration.read_text(encoding="utf-8")), encoding="utf-8")
    path, backup = of_schema(3, tmp_path / "old.db"), tmp_path / "before.db"
    before = made(path)
    with pytest.raises((InvalidInput, RuntimeError, sqlite3.OperationalError)):
        upgrade(path, backup, migrations=scripts)
    assert (made(path), found(path).schema) == (before, 3)
    backup.unlink()
    assert upgrade(path, backup).head.size == 6


def test_guards_that_were_off_are_not_put_on_again_unseen(tmp_path: Path) -> None:
    path = of_schema(3, tmp_path / "old.db")
    shutil.copy(path, tmp_path / "sound.db")
    assert upgrade(tmp_path / "sound.db", tmp_path / "a.db").head.size == 6
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DROP TRIGGER event_no_update")
    with pytest.raises(TrailBroken, match="event_no_update 被删除或改动，没有升级"):
        upgrade(path, tmp_path / "b.db")
    assert found(path).schema == 3


def test_an_older_backup_is_upgraded_by_being_restored(tmp_path: Path) -> None:
    backup = of_schema(3, tmp_path / "backup.db")
    before = backup.read_bytes()
    assert restore(backup, tmp_path / "restored.db").size == 6
    assert found(tmp_path / "restored.db").schema == SCHEMA
    assert backup.read_bytes() == before


def older(store: Store, database: Database) -> Path:
    """The store as schema 3 would have had it in PostgreSQL, where there never was one: what 4 added is taken off."""
    with database.raw(store.path) as raw:
        for name in ("task_by_due", "task_by_role", "task_by_unit", "task_by_instance", "case_by_unit_and_stage"):
            raw.execute(f"DROP INDEX {name}")
        raw.execute("DROP TABLE tally")
        raw.execute("DROP TABLE passage")
        raw.execute("DROP INDEX record_of_disposal")
        raw.execute("DROP FUNCTION destroy(integer)")
        raw.execute(making("refuse_change", FUNCTIONS_BEFORE_5))
        raw.execute("CREATE INDEX task_by_role ON task (role, due_on)")
        raw.execute("UPDATE meta SET value = '3' WHERE key = 'schema'")
    return store.path


def indexes(path: Path, server: Server) -> list[tuple[str, ...]]:
    with server.connect(url_at(path).split("/")[3].split("?")[0]) as raw:
        asked = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'shuangshen' ORDER BY indexname"
        columns = """SELECT table_name, column_name, data_type, collation_name, is_nullable
            FROM information_schema.columns WHERE table_schema = 'shuangshen' ORDER BY 1, ordinal_position"""
        return [*raw.execute(asked).fetchall(), *raw.execute(columns).fetchall()]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_same_migration_serves_postgresql(database: Database, postgresql: Server, tmp_path: Path) -> None:
    store = database.new_store()
    two_cases(store)
    wanted = indexes(store.path, postgresql)
    path = older(store, database)
    with pytest.raises(InvalidInput, match="请运行 shuangshen db upgrade"):
        open_store(path)
    done = upgrade(path, tmp_path / "unused.db")
    assert (done.came_from, done.backup, done.head.size) == (3, None, 5)
    assert indexes(path, postgresql) == wanted
    submit(open_store(path), "2026-0003")
    assert verify_store(path).size == 6
