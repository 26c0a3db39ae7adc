"""A connection, opened the safe way: used by the unit of work through SQLAlchemy and by the reads directly.

SQLite is here; a place that names a PostgreSQL database is passed on to `postgres`, which is loaded only then.
Loads nothing that reading does not need. Where SQLite is not safe with WAL (`sqlite`), the rollback journal with EXTRA
synchronisation is used instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import cast

from engine.errors import Busy, FairReviewError, InvalidInput, NotFound, TrailBroken
from engine.store.place import is_remote
from engine.store.sqlite import sqlite3, wal_is_safe

SCHEMA = 5
OLDEST_SCHEMA = 3
BUSY_SECONDS = 5.0
ROOM = 1 << 16
"""Bytes; the least SQLite makes beside a database in WAL is half of it."""


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """A connection to an existing database in autocommit mode; one that only reads cannot change a byte of a table.

    Reading still opens the file for writing when it may: after a crash the half-written pages must be rolled back
    before anything can be read. Waits `BUSY_SECONDS` for another writer.
    """
    mode = "rw" if write or not _lies_still(path) else "ro&immutable=1"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )
    connection.text_factory = _decoded
    try:
        connection.execute("PRAGMA trusted_schema=OFF")
        if write:
            _prepare_writing(connection, wal_is_safe(sqlite3.sqlite_version_info))
        else:
            connection.execute("PRAGMA query_only=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _lies_still(path: Path) -> bool:
    """Whether its disk is read-only and nothing waits beside it: then WAL, which writes even to read, is not needed."""
    if not hasattr(os, "statvfs") or not path.exists() or not os.statvfs(path).f_flag & os.ST_RDONLY:
        return False
    return not any(path.with_name(path.name + tail).exists() for tail in ("-wal", "-journal"))


def _no_room(path: Path) -> bool:
    """Whether its disk has no room for what SQLite keeps beside it: in WAL it then only says that something failed."""
    if not hasattr(os, "statvfs") or not path.parent.is_dir():
        return False
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize < ROOM


def _decoded(stored: bytes) -> str:
    """Damaged text still reads as text, so that the verification can name the entry it stands in."""
    return stored.decode("utf-8", "replace")


def _prepare_writing(connection: sqlite3.Connection, wal: bool) -> None:
    connection.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")
    connection.execute(f"PRAGMA synchronous={'FULL' if wal else 'EXTRA'}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA recursive_triggers=ON")
    connection.execute("PRAGMA secure_delete=ON")  # not every library is built so: no copy of a row outlasts its change


def require_store(path: Path) -> None:
    """Raise unless `path` is a database of ours in the schema this program knows."""
    if is_remote(path):
        with reading(path):
            return
    _require_file(path)
    with refusing(path), closing(connect(path, write=False)) as connection:
        require_known(schema_number(connection), str(path))


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise NotFound(f"找不到数据库“{path}”。", "请先运行 shuangshen init 建立数据库，或检查路径是否写对。")


def schema_number(connection: sqlite3.Connection) -> str:
    """The number of the schema as it is written in this file, empty when it is a file of another program."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE type='table' AND name='meta'").fetchone()
    columns = [row[1] for row in connection.execute("PRAGMA table_info(meta)")] if known else []
    if columns != ["key", "value"]:
        return ""
    found = connection.execute("SELECT value FROM meta WHERE key='schema'").fetchone()
    return str(found[0]) if found else ""


def require_known(number: str, name: str) -> None:
    """Raise InvalidInput for a database of another program, or of a newer or older version of this one."""
    if not number.isdecimal():
        raise InvalidInput(f"“{name}”不是双审的数据库。", "请检查路径；新建请换一个位置运行 shuangshen init。")
    if int(number) > SCHEMA:
        raise InvalidInput(f"数据库“{name}”由更新版本的程序建立（结构版本 {number}）。", "请先升级本程序再打开。")
    if int(number) < OLDEST_SCHEMA:
        raise InvalidInput(f"数据库“{name}”的结构版本 {number} 已不再支持。", "请先备份，再按升级说明升级。")
    if int(number) < SCHEMA:
        raise InvalidInput(
            f"数据库“{name}”的结构版本是 {number}，本程序需要 {SCHEMA}。",
            "请运行 shuangshen db upgrade（先自动备份）。",
        )


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only view of the database as it is at one instant.

    For PostgreSQL it is no connection of SQLite's but answers to all that reads ask of one: `execute`, `?`, its rows.
    """
    if is_remote(path):
        from engine.store import postgres

        with postgres.reading(path) as reader:
            yield cast("sqlite3.Connection", reader)
        return
    _require_file(path)
    with refusing(path), closing(connect(path, write=False)) as connection:
        require_known(schema_number(connection), str(path))
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        yield connection


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file (not about our own SQL) into refusals a user can act upon."""
    try:
        yield
    except sqlite3.Error as error:
        refusal = refusal_for(error, path)
        if refusal is None:
            raise
        raise refusal from error
    except UnicodeDecodeError as error:  # SQLite's message quotes a damaged schema
        raise _damaged(path) from error


def refusal_for(error: BaseException | None, path: Path) -> FairReviewError | None:
    """The refusal that says what this SQLite error means for the user; None when it is a programming error."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return busy()
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _no_room(path)):
        return full()
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
        return InvalidInput(f"数据库“{path}”打不开或不可写，什么都没有写入。", "请检查文件与所在文件夹的权限和磁盘。")
    if code == sqlite3.SQLITE_NOTADB:
        return InvalidInput(f"“{path}”不是数据库文件。", "请检查路径；新建请换一个位置运行 shuangshen init。")
    if code == sqlite3.SQLITE_CORRUPT:
        return _damaged(path)
    return None


def busy() -> Busy:
    """The refusal when somebody else does not finish in time."""
    return Busy("数据库正被另一操作占用，什么都没有写入。", "请稍候重复同一命令。")


def full() -> Busy:
    """The refusal when there is no room to write."""
    return Busy("磁盘空间不足，什么都没有写入。", "请腾出空间后重复同一命令。")


def _damaged(path: Path) -> TrailBroken:
    return TrailBroken(f"数据库“{path}”已损坏。", "请停止写入，保全该文件，从最近的备份恢复。")


def case_not_found(case_id: str, ids: Iterable[str]) -> NotFound:
    """The refusal for an unknown case, with the nearest ids there are."""
    near = get_close_matches(case_id, ids, n=3, cutoff=0.6)
    advice = f"是否指 {'、'.join(near)}？" if near else "请核对编号。"
    return NotFound(f"没有编号为“{case_id}”的案件。", advice)


def gone(case_id: str, at: str) -> NotFound:
    """The refusal for whoever asks for the file of a case that was destroyed."""
    return NotFound(
        f"案件 {case_id} 的案卷已于 {at[:10]} 依法销毁，只留流水和销毁清单。",
        f"运行 shuangshen retention list {case_id} 查看销毁清单。",
    )
