"""Copies of the database that are known to be good before they count: backup and restore.

Both end in a rename or a link of a finished, verified file, so that a half-made copy is never found in its place. A
backup is a file of SQLite's, whichever database it is of, so that it can be verified anywhere and restored into either.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from engine.errors import Conflict, InvalidInput, NotFound
from engine.store.connection import OLDEST_SCHEMA, SCHEMA, connect, refusing, require_store, schema_number
from engine.store.place import is_remote
from engine.store.sqlite import sqlite3
from engine.store.verify import verify_store
from engine.trail.chain import Head

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database; a stale one left there would be played into the restored file."""


def back_up(store: Path, out: Path, known: Sequence[str] = ()) -> Head:
    """A verified copy of the database lies at `out`, readable by its owner only; others may go on writing meanwhile.

    `known` are checkpoints the copy must agree with. Raises Conflict when `out` exists, TrailBroken when the copy does
    not verify; nothing is at `out` then.
    """
    require_store(store)
    require_free(out)
    with _unfinished(out) as copy:
        _copy_of(store, copy)
        head = verify_store(copy, *known)
        _put(copy, out)
    return head


def restore(backup: Path, store: Path, known: Sequence[str] = ()) -> Head:
    """The verified content of `backup` is the database at `store`, where nothing may be yet.

    Raises NotFound without the backup, Conflict when something is at `store`, TrailBroken when it does not verify or
    falls short of a checkpoint in `known`.
    """
    require_free(store)
    store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _sound(backup, store, known) as (copy, head):
        _put(copy, store)
    return head


def restore_remote(backup: Path, place: Path, aside: str, known: Sequence[str] = ()) -> Head:
    """The verified content of `backup` is what the PostgreSQL database named at `place` holds.

    What it held before is kept there in a schema called `aside`; with "" it must have held nothing of ours, else
    Conflict is raised. Raises else as `restore`; nothing is changed then.
    """
    from engine.store.copying import copy_rows
    from engine.store.opening import made_empty
    from engine.store.passages import rebuild

    with _sound(backup, place, known) as (copy, _), made_empty(place, aside) as connection:
        copy_rows(copy, connection)
        rebuild(connection)
    return verify_store(place, *known)


@contextmanager
def _sound(backup: Path, beside: Path, known: Sequence[str]) -> Iterator[tuple[Path, Head]]:
    """A copy of the backup of our own, in today's schema, and its head, if it verifies."""
    if not backup.is_file():
        raise NotFound(f"没有备份文件 {backup}。", "请检查路径。")
    for tail in ("-wal", "-journal"):
        if backup.with_name(backup.name + tail).exists():
            raise InvalidInput(
                f"{backup} 旁有 {backup.name}{tail}，不是完成的备份。", "请用 shuangshen backup 制作备份。"
            )
    with _unfinished(beside) as copy:
        with refusing(backup), closing(_opened(backup)) as source:
            _copy(source, copy)
        _brought_up(copy)
        yield copy, verify_store(copy, *known)


def _brought_up(copy: Path) -> None:
    """A backup made before the last upgrade is upgraded by being restored."""
    with refusing(copy), closing(connect(copy, write=False)) as connection:
        older = schema_number(connection) in map(str, range(OLDEST_SCHEMA, SCHEMA))
    if older:
        from engine.store.upgrading import upgrade_copy

        upgrade_copy(copy)
    require_store(copy)


def _copy_of(store: Path, copy: Path) -> None:
    if is_remote(store):
        from engine.store.copying import copy_rows
        from engine.store.opening import made_anew
        from engine.store.passages import rebuild

        with made_anew(copy) as connection:
            copy_rows(store, connection)
            rebuild(connection)
        return
    with refusing(store), closing(connect(store, write=False)) as source:
        _copy(source, copy)


def set_aside(store: Path, folder: Path) -> None:
    """The database and all SQLite kept beside it lie in the new `folder`; raises Busy while somebody else uses it."""
    folder.mkdir(mode=0o700)
    with _locked(store):
        for name in (store.name, *(store.name + tail for tail in BESIDE)):
            if (store.parent / name).exists():
                (store.parent / name).rename(folder / name)


def require_free(out: Path) -> None:
    """Raises Conflict when something is at `out`, or is left beside it of a database that was there."""
    for place in (out, *(out.with_name(out.name + tail) for tail in BESIDE)):
        if place.exists() or place.is_symlink():
            raise Conflict(f"{place} 已存在，不会覆盖。", "请换一个位置，或先移走它。")


@contextmanager
def _locked(store: Path) -> Iterator[None]:
    """No other writer while the file is moved; a file that is no sound database is moved without."""
    connection = sqlite3.connect(store, isolation_level=None, timeout=1.0)
    try:
        with refusing(store), closing(connection):
            _lock(connection)
            yield
    finally:
        connection.close()


def _lock(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        if (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise


def _opened(backup: Path) -> sqlite3.Connection:
    """A backup may lie on a medium that cannot be written to; it has no journal, so it is read as it stands."""
    return sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _copy(source: sqlite3.Connection, copy: Path) -> None:
    source.execute("PRAGMA schema_version")  # says what is wrong with the file; copying does not in every library
    with closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def _unfinished(out: Path) -> Iterator[Path]:
    """An empty file beside `out`, owner-only, gone at the end."""
    copy = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise InvalidInput(f"写不到 {out.parent}：{error.strerror}。", "请换一个存在且可写的目录。") from error
    try:
        yield copy
    finally:
        for place in (copy, *(copy.with_name(copy.name + tail) for tail in BESIDE)):
            place.unlink(missing_ok=True)


def _put(copy: Path, out: Path) -> None:
    with copy.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(copy, out)
    except FileExistsError as error:
        raise Conflict(f"{out} 已存在，不会覆盖。", "请换一个位置。") from error
