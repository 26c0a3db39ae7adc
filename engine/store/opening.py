"""Making and opening a store: a file of SQLite's, which is the default, or a PostgreSQL database named by a URL.

Both have the same unit of work; what differs is how a transaction begins and what a broken connection means.
"""

from __future__ import annotations

import os
import secrets
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from engine.errors import Conflict, FairReviewError, InvalidInput
from engine.store.connection import SCHEMA, connect, refusal_for, refusing, require_store
from engine.store.noted import LISTENERS
from engine.store.place import is_remote, name_of, put_url, require_url
from engine.store.sqlite import sqlite3
from engine.store.statements import ADD_META
from engine.store.tables import create_tables
from engine.store.work import UnitOfWork


class Store:
    """An open database of cases, cheap to hold. One that does not wait raises Taken where somebody else is at it."""

    def __init__(self, path: Path, *, waits: bool = True, stays: bool = False) -> None:
        self.path = path
        self._waits = waits
        self._engine = _engine(path, stays=stays)
        weakref.finalize(self, self._engine.dispose)

    def without_waiting(self) -> Store:
        """The same database for one of several workers, who leaves alone what another is at."""
        return Store(self.path, waits=False)

    @contextmanager
    def staying(self) -> Iterator[Store]:
        """The same database for whoever does many acts in a row: the connection, with all it has prepared, is kept.

        A file that was put in the place of the one connected to is noticed before the next act.
        """
        store = Store(self.path, waits=self._waits, stays=True)
        try:
            yield store
        finally:
            store._engine.dispose()

    @contextmanager
    def work(self) -> Iterator[UnitOfWork]:
        """A unit of work; what it saved is durable once the block is left without error.

        Nothing is kept if the block raises or never saves. Raises Busy when another writer does not finish in time,
        or when the connection breaks.
        """
        with refusing_driver(self.path), self._engine.connect() as connection:
            work = UnitOfWork(connection, waits=self._waits)
            with connection.begin() as transaction:
                yield work
                if work.saved:
                    self._commit(transaction, work.command)
                    _tell(work)
                else:
                    transaction.rollback()

    def reindex(self) -> int:
        """The search index is made anew from the records; gives the number of passages in it. Raises as `work`."""
        from engine.store.passages import rebuild

        with refusing_driver(self.path), self._engine.begin() as connection:
            return rebuild(connection)

    def _commit(self, transaction: Any, command: str) -> None:
        try:
            transaction.commit()
        except DBAPIError as error:
            if is_remote(self.path):
                from engine.store import postgres

                if postgres.is_lost(error.orig):
                    raise postgres.lost_at_commit(command) from error
            raise


def _tell(work: UnitOfWork) -> None:
    for noted in work.noted:
        for listener in LISTENERS:
            listener(noted)


def create_store(path: Path, url: str = "") -> Store:
    """A new, empty store at `path`, readable by its owner only. Raises Conflict when something is there already.

    With a URL the tables are made in that PostgreSQL database and `path`, which ends in `.url`, comes to name it.
    """
    if path.exists() or path.is_symlink():
        raise _occupied(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if url:
            return _create_remote(path, require_url(url))
        return _create_file(path)
    except OSError as error:
        raise InvalidInput(f"在“{path.parent}”里建不了数据库：{error.strerror}。", "请换一个可写的位置。") from error


def _create_file(path: Path) -> Store:
    """Finished beside its place and then linked in, so that a half-made store is never found there."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with refusing_driver(path), made_anew(unfinished) as connection:
            _describe(connection)
        os.link(unfinished, path)
    except FileExistsError as error:
        raise _occupied(path) from error
    finally:
        unfinished.unlink()
    return Store(path)


def _create_remote(path: Path, url: str) -> Store:
    """All tables in one transaction, and no name left behind for a database that was not made."""
    put_url(path, url)
    try:
        with made_empty(path) as connection:
            _describe(connection)
    except BaseException:
        path.unlink()
        raise
    return Store(path)


@contextmanager
def made_anew(path: Path) -> Iterator[Connection]:
    """A transaction over the empty file at `path`, in which our tables have been made."""
    with _engine(path).begin() as connection:
        create_tables(connection)
        yield connection


@contextmanager
def made_empty(path: Path, aside: str = "") -> Iterator[Connection]:
    """A transaction over the PostgreSQL database named at `path`, in which our tables have been made.

    What was there before is kept in a schema called `aside`; without such a name Conflict is raised when something is.
    """
    from engine.store import postgres

    with connected(path) as connection:
        if connection.exec_driver_sql(f"SELECT to_regnamespace('{postgres.SCHEMA_NAME}')").scalar():
            if not aside:
                raise Conflict(
                    f"“{name_of(path)}”里已有双审的数据，没有覆盖。",
                    "请换一个库；要接着用它，把地址写进数据目录的 shuangshen.url。",
                )
            connection.exec_driver_sql(f"ALTER SCHEMA {postgres.SCHEMA_NAME} RENAME TO {aside}")
        connection.exec_driver_sql(f"CREATE SCHEMA {postgres.SCHEMA_NAME}")
        create_tables(connection)
        yield connection


@contextmanager
def connected(path: Path) -> Iterator[Connection]:
    """One transaction over the PostgreSQL database named at `path`, for those who make or change its tables."""
    engine = _engine(path)
    try:
        with refusing_driver(path), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def open_store(path: Path) -> Store:
    """The store at `path`. Raises NotFound if there is none, InvalidInput if it is foreign or of another version."""
    require_store(path)
    return Store(path)


def _describe(connection: Connection) -> None:
    origin = f"shuangshen/{secrets.token_hex(8)}"
    for key, value in {"schema": str(SCHEMA), "origin": origin}.items():
        connection.execute(ADD_META, {"key": key, "value": value})


def _engine(path: Path, *, stays: bool = False) -> Engine:
    if is_remote(path):
        from engine.store import postgres

        return create_engine(
            "postgresql+psycopg://",
            creator=lambda: _in_transactions(postgres.connect(path)),
            pool_size=1,
            max_overflow=20,
            pool_pre_ping=True,
            use_native_hstore=False,
        )
    kept: dict[str, Any] = {"pool_size": 1} if stays else {"poolclass": NullPool}
    engine = create_engine("sqlite://", module=sqlite3, creator=lambda: connect(path, write=True), **kept)
    event.listen(engine, "begin", _begin_writing)
    if stays:
        _keep_to_file(engine, path)
    return engine


def _keep_to_file(engine: Engine, path: Path) -> None:
    """A connection to a file that is no longer the one at `path` is given up: what it wrote there would be lost."""

    def note(_: object, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(path)

    def compare(_: object, record: ConnectionPoolEntry, __: object) -> None:
        if record.info["file"] != _identity(path):
            raise DisconnectionError

    event.listen(engine, "connect", note)
    event.listen(engine, "checkout", compare)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _in_transactions(connection: Any) -> Any:
    connection.autocommit = False
    return connection


def _begin_writing(connection: Connection) -> None:
    """Take the write lock at once: a reading transaction that later turns to writing is refused without waiting."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def refusing_driver(path: Path) -> Iterator[None]:
    """Turn what either database says through SQLAlchemy into refusals a user can act upon."""
    try:
        with refusing(path):
            yield
    except DBAPIError as error:
        refusal = _refusal(error.orig, path)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(error: BaseException | None, path: Path) -> FairReviewError | None:
    if is_remote(path):
        from engine.store import postgres

        return postgres.refusal_for(error, path)
    return refusal_for(error, path)


def _occupied(path: Path) -> Conflict:
    return Conflict(f"“{path}”已经存在，没有覆盖。", "请换一个位置，或直接使用已有的数据库。")
