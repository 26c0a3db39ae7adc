"""From an earlier schema to today's: a backup, one transaction, and a comparison with what a new database would be.

Called by `shuangshen db upgrade`; Alembic, which runs the migrations, is loaded here and nowhere else. It writes down
how far it came in a table of its own; ours is temporary, because `meta` says that already.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from engine.errors import Conflict, InvalidInput, TrailBroken
from engine.store.backup import require_free
from engine.store.connection import OLDEST_SCHEMA, SCHEMA, connect, refusing, require_known, schema_number
from engine.store.opening import refusing_driver
from engine.store.place import is_remote, name_of
from engine.store.sqlite import sqlite3
from engine.store.statements import SET_META
from engine.store.tables import create_tables
from engine.store.triggers import triggers
from engine.store.verify import changed_triggers, verify_store
from engine.trail.chain import ADVICE, Head

MIGRATIONS = Path(__file__).parent / "migrations"
STRICT = " STRICT"
_TEMPORARY = "SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()"


@dataclass(frozen=True, slots=True)
class Found:
    """A database as it stands, known or too old: its schema, the program that keeps it, its size in bytes."""

    schema: int
    program: tuple[str, str]
    size: int


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade came from, where the copy of before lies (None in PostgreSQL), and the head of the trail."""

    came_from: int
    backup: Path | None
    head: Head


def found(path: Path) -> Found:
    """The database at this place, whatever its schema. Raises as `require_known` when it is none of ours, or newer."""
    if is_remote(path):
        from engine.store import postgres

        with postgres.refusing(path), closing(postgres.connect(path)) as remote:
            number = postgres.schema_number(remote)
            size = remote.execute("SELECT pg_database_size(current_database())").fetchone()
            version = remote.info.parameter_status("server_version") or ""
            return Found(_of_ours(number, path), ("postgresql", version), int(size[0]) if size else 0)
    with refusing(path), closing(connect(path, write=False)) as connection:
        number = schema_number(connection)
    return Found(_of_ours(number, path), ("sqlite", sqlite3.sqlite_version), path.stat().st_size)


def _of_ours(number: str, path: Path) -> int:
    if not (number.isdecimal() and OLDEST_SCHEMA <= int(number) < SCHEMA):
        require_known(number, name_of(path))
    return int(number)


def upgrade(path: Path, backup: Path, *, migrations: Path = MIGRATIONS) -> Upgraded:
    """The database is of today's schema and verifies; in SQLite the file of before lies at `backup`.

    All or nothing. Raises Conflict when it is of today's schema already or something is at `backup`, TrailBroken when
    its guards had been changed or it does not verify.
    """
    before = found(path).schema
    if before == SCHEMA:
        raise Conflict(f"数据库“{name_of(path)}”已是结构版本 {SCHEMA}，无需升级。", "可以直接使用。")
    if is_remote(path):
        _upgrade_remote(path, migrations)
    else:
        require_free(backup)
        _upgrade_file(path, backup, migrations)
    return Upgraded(before, None if is_remote(path) else backup, verify_store(path))


def upgrade_copy(path: Path) -> None:
    """As `upgrade` for a file that is a copy itself."""
    if found(path).schema < SCHEMA:
        _upgrade_file(path, None, MIGRATIONS)


def _upgrade_file(path: Path, backup: Path | None, migrations: Path) -> None:
    engine = create_engine("sqlite://", module=sqlite3, creator=lambda: _unchecked(path), poolclass=NullPool)
    with refusing_driver(path), engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        driver = _sqlite_of(connection)
        number = schema_number(driver)
        _require_guarded(changed_triggers(driver, int(number)))
        if backup is not None:
            _keep(path, backup)
        were_lax = _tables(driver) - _tables(driver, strictly=True)
        for name, _ in triggers(int(number)):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        _migrate(connection, number, migrations)
        for _, statement in triggers():
            connection.exec_driver_sql(statement)
        _require_as_new(driver, were_lax)
        connection.commit()


def _unchecked(path: Path) -> sqlite3.Connection:
    """References are checked at the end: a table that is rebuilt is gone for a moment."""
    connection = connect(path, write=True)
    connection.execute("PRAGMA foreign_keys=OFF")
    return connection


def _sqlite_of(connection: Connection) -> sqlite3.Connection:
    driver: Any = connection.connection.driver_connection
    return driver  # type: ignore[no-any-return]


def _keep(path: Path, backup: Path) -> None:
    """A copy of the file while nobody can write to it."""
    with closing(connect(path, write=False)) as source, closing(sqlite3.connect(backup)) as target:
        backup.chmod(0o600)
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def _upgrade_remote(path: Path, migrations: Path) -> None:
    from engine.store import postgres
    from engine.store.opening import connected
    from engine.store.postgres_guards import FUNCTIONS, FUNCTIONS_BEFORE_5, changed_guards
    from engine.store.roles import apply_roles, has_roles

    with connected(path) as connection:
        driver: Any = connection.connection.driver_connection
        reader = postgres.Reader(driver)
        number = postgres.schema_number(driver)
        _require_guarded(changed_guards(reader, FUNCTIONS if int(number) >= 5 else FUNCTIONS_BEFORE_5))
        _migrate(connection, number, migrations)
        _require_guarded(changed_guards(reader))
        if has_roles(driver):
            apply_roles(driver)


def _migrate(connection: Connection, number: str, migrations: Path) -> None:
    """The migrations after this number have been run and `meta` says so."""
    from alembic import command
    from alembic.config import Config

    connection.exec_driver_sql("CREATE TEMP TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{int(number)}')")  # noqa: S608
    temporary = None
    if connection.dialect.name == "postgresql":  # Alembic looks for it in a schema by name
        temporary = connection.exec_driver_sql(_TEMPORARY).scalar()
    config = Config(attributes={"connection": connection, "version_table_schema": temporary})
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    command.upgrade(config, str(SCHEMA))
    connection.exec_driver_sql("DROP TABLE alembic_version")
    connection.execute(SET_META, {"which": "schema", "value": str(SCHEMA)})


def _require_guarded(changed: list[str]) -> None:
    for name in changed:
        raise TrailBroken(f"只许追加的触发器 {name} 被删除或改动，没有升级。", ADVICE)


def _require_as_new(connection: sqlite3.Connection, were_lax: set[str]) -> None:
    """The upgraded file has the very tables, indexes and triggers of a new one, and no reference leads nowhere."""
    with _new() as other:
        wanted, got = _structure(other), _structure(connection)
        strictly = _tables(other, strictly=True)
    different = sorted(name for name in wanted.keys() | got.keys() if wanted.get(name) != got.get(name))
    loosened = sorted(strictly - _tables(connection, strictly=True) - were_lax)
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if different or loosened or broken:
        what = "、".join(different or loosened) or f"表 {broken[0]} 的引用"
        raise InvalidInput(f"升级后的结构与应有的不符（{what}），没有升级，数据未动。", "请保全数据库，与开发者联系。")


@contextmanager
def _new() -> Iterator[sqlite3.Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        create_tables(connection)
        yield _sqlite_of(connection)
    engine.dispose()


def _structure(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """What is made in this file, by name, without what depends on how new SQLite was, or on the order of conditions."""
    made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    words = {name: " ".join(sql.replace('"', "").split()).removesuffix(STRICT) for name, sql in made}
    return {name: sorted(text.removesuffix(" )").split(", CONSTRAINT ")) for name, text in words.items()}


def _tables(connection: sqlite3.Connection, *, strictly: bool = False) -> set[str]:
    made = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    return {name for name, sql in made if not strictly or sql.rstrip().endswith(STRICT)}
