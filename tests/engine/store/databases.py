"""How a test makes a store, and goes behind its back, in each of the two databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import psycopg
from postgresql_server import Server

from engine.store import Store, create_store
from engine.store import triggers as local
from engine.store.place import put_url, url_at
from engine.store.postgres import Reader
from engine.store.postgres_guards import triggers
from engine.store.sqlite import sqlite3

BARE = ("case_", "matter", "task", "meta", "command", "merkle", "record", "event", "content", "bundle", "tally")


class Database(Protocol):
    """What tests need of a database besides the store."""

    name: str

    def new_store(self) -> Store:
        """An empty store."""

    def copy(self, place: Path) -> Path:
        """A store of the same content, at another place."""

    def raw(self, place: Path) -> Any:
        """A connection of somebody who may do anything, committing at once; a context manager."""

    def tamper(self, place: Path, *statements: str | tuple[str, Sequence[object]]) -> None:
        """What somebody with the database and patience does: guards off, change, guards on again."""

    def blob(self, data: bytes) -> str:
        """The bytes as this database's SQL writes them."""


class SQLite:
    """A file a store."""

    name = "sqlite"

    def __init__(self, room: Path) -> None:
        self._room, self._numbers = room, count()

    def new_store(self) -> Store:
        return create_store(self._room / f"审查{next(self._numbers)}.db")

    def copy(self, place: Path) -> Path:
        return Path(shutil.copy(place, self._room / f"copy{next(self._numbers)}.db"))

    @contextmanager
    def raw(self, place: Path) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(place, isolation_level=None)) as connection:
            yield connection

    def tamper(self, place: Path, *statements: str | tuple[str, Sequence[object]]) -> None:
        with self.raw(place) as raw:
            raw.execute("PRAGMA ignore_check_constraints=ON")
            for name, _ in local.triggers():
                raw.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                raw.execute(*([statement] if isinstance(statement, str) else statement))  # type: ignore[arg-type]
            for _, trigger in local.triggers():
                raw.execute(trigger)

    def blob(self, data: bytes) -> str:
        return f"x'{data.hex()}'"


class PostgreSQL:
    """A database a store, taken from a pool and emptied: making one costs more than a test."""

    name = "postgresql"

    def __init__(self, room: Path, server: Server, pool: list[str]) -> None:
        self._room, self._server, self._pool = room, server, pool
        self._taken: list[str] = []

    def new_store(self) -> Store:
        name = self._empty()
        return create_store(self._room / f"{name}.url", self._server.url(name))

    def _empty(self) -> str:
        name = self._pool.pop() if self._pool else self._server.new_database()
        self._taken.append(name)
        with self._server.connect(name) as connection:
            connection.execute("DROP SCHEMA IF EXISTS shuangshen CASCADE")
        return name

    def give_back(self) -> None:
        self._pool.extend(self._taken)

    def copy(self, place: Path) -> Path:
        copy = self.new_store().path
        with self.raw(place) as source:
            rows = [(table, row) for table in BARE for row in source.execute(f"SELECT * FROM {table}").fetchall()]  # noqa: S608
        emptied = [f"DELETE FROM {table}" for table in BARE]  # noqa: S608
        filled = [(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row) for table, row in rows]  # noqa: S608
        self.tamper(copy, *emptied, *filled)
        return copy

    @contextmanager
    def raw(self, place: Path) -> Iterator[Reader]:
        with closing(psycopg.connect(url_at(place), autocommit=True)) as connection:
            connection.execute("SET search_path = shuangshen")
            yield Reader(connection)

    def tamper(self, place: Path, *statements: str | tuple[str, Sequence[object]]) -> None:
        with self.raw(place) as raw:
            raw.execute("BEGIN")
            for table, name in _checks(raw):
                raw.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            _switch(raw, "DISABLE TRIGGER ALL")
            for statement in statements:
                raw.execute(*([statement] if isinstance(statement, str) else statement))
            _switch(raw, "ENABLE TRIGGER ALL")
            _armed(raw)
            raw.execute("COMMIT")

    def blob(self, data: bytes) -> str:
        return rf"'\x{data.hex()}'::bytea"


def _checks(raw: Reader) -> list[tuple[str, str]]:
    statement = """SELECT conrelid::regclass::text, conname FROM pg_constraint
        WHERE contype = 'c' AND connamespace = 'shuangshen'::regnamespace"""
    return [(row[0], row[1]) for row in raw.execute(statement).fetchall()]


def _switch(raw: Reader, how: str) -> None:
    raw.execute("; ".join(f"ALTER TABLE {table} {how}" for table in BARE))


def _armed(raw: Reader) -> None:
    armed = (f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for name, (table, _) in triggers().items())
    raw.execute("; ".join(armed))


def pointer(place: Path, url: str) -> Path:
    """A second place that names a database."""
    put_url(place, url)
    return place
