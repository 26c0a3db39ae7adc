"""Making and opening a store. The file is the default; the engine is built from a URL-shaped place in one function,
so that another database can come in there, behind the same unit of work."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from engine.errors import Conflict, InvalidInput
from engine.store.connection import SCHEMA, connect, refusal_for, refusing, require_store
from engine.store.statements import ADD_META
from engine.store.tables import create_tables
from engine.store.work import UnitOfWork


class Store:
    """An open database of cases. Cheap to hold: every unit of work has its own connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = _engine(path)

    @contextmanager
    def work(self) -> Iterator[UnitOfWork]:
        """A unit of work that holds the only write lock; what it saved is durable once the block is left without error.

        Nothing is kept if the block raises or never saves. Raises Busy when another writer does not finish in time.
        """
        with _refusing_driver(self.path), self._engine.connect() as connection, connection.begin() as transaction:
            work = UnitOfWork(connection)
            yield work
            if not work.saved:
                transaction.rollback()


def create_store(path: Path) -> Store:
    """A new, empty store at `path`, readable by its owner only. Raises Conflict when something is there already.

    It is finished beside its place and then linked in, so a half-made store is never found there.
    """
    if path.exists() or path.is_symlink():
        raise _occupied(path)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise InvalidInput(f"在“{path.parent}”里建不了数据库：{error.strerror}。", "请换一个可写的位置。") from error
    try:
        with _refusing_driver(path), _engine(unfinished).begin() as connection:
            create_tables(connection)
            _describe(connection)
        os.link(unfinished, path)
    except FileExistsError as error:
        raise _occupied(path) from error
    finally:
        unfinished.unlink()
    return Store(path)


def open_store(path: Path) -> Store:
    """The store at `path`. Raises NotFound if there is none, InvalidInput if it is foreign or of another version."""
    require_store(path)
    return Store(path)


def _describe(connection: Connection) -> None:
    origin = f"shuangshen/{secrets.token_hex(8)}"
    for key, value in {"schema": str(SCHEMA), "origin": origin}.items():
        connection.execute(ADD_META, {"key": key, "value": value})


def _engine(path: Path) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: connect(path, write=True), poolclass=NullPool)
    event.listen(engine, "begin", _begin_writing)
    return engine


def _begin_writing(connection: Connection) -> None:
    """Take the write lock at once: a reading transaction that later turns to writing is refused without waiting."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _refusing_driver(path: Path) -> Iterator[None]:
    try:
        with refusing(path):
            yield
    except DBAPIError as error:
        refusal = refusal_for(error.orig, path)
        if refusal is None:
            raise
        raise refusal from error


def _occupied(path: Path) -> Conflict:
    return Conflict(f"“{path}”已经存在，没有覆盖。", "请换一个位置，或直接使用已有的数据库。")
