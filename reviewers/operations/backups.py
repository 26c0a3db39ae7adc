"""Backing an installation up and restoring it, measured against the checkpoints it has kept."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.errors import Conflict, TrailBroken
from engine.store import backup
from engine.store.loading import read_instant
from engine.store.place import is_remote, put_url, require_url
from engine.store.records import instant
from engine.trail.chain import Head
from reviewers.operations.keeping import known_checkpoints

LAST = "last-backup.json"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restoration put in place, and where the database lies that was there before: a folder, or a schema."""

    head: Head
    aside: Path | str | None


def back_up(database: Path, out: Path, now: datetime) -> Head:
    """A verified copy lies at `out`, and the installation remembers when. Raises as `engine.store.backup.back_up`."""
    head = backup.back_up(database, out, known_checkpoints(database))
    told = {"at": instant(now), "file": str(out.absolute()), "events": head.size, "head": head.hash}
    unfinished = database.with_name(f".{LAST}.{os.getpid()}")
    unfinished.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    os.replace(unfinished, database.with_name(LAST))  # noqa: PTH105  atomic on every system
    return head


def last_backup(database: Path) -> tuple[datetime, str] | None:
    """When this installation was last backed up, and to which file; None when it is not known."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads(database.with_name(LAST).read_text(encoding="utf-8"))
        return read_instant(told["at"]), str(told["file"])
    return None


def restore(file: Path, database: Path, replace: bool, now: datetime) -> Restored:
    """The installation works on the content of `file`, which verifies and holds all its newest checkpoint vouches for.

    Raises Conflict when it has a database, unless `replace`: that is then moved into a folder beside, whole, or kept
    in a schema of another name where `database` names one of PostgreSQL's.
    """
    known = known_checkpoints(database)
    try:
        if is_remote(database):
            aside = f"shuangshen_replaced_{now:%Y%m%dt%H%M%Sz}" if replace else ""
            return Restored(backup.restore_remote(file, database, aside, known), aside or None)
        if not replace:
            return Restored(backup.restore(file, database, known), None)
        return _replaced(file, database, known, now)
    except TrailBroken as broken:
        raise TrailBroken(broken.message, f"没有恢复，现有的数据未动。{_advice(database, known)}") from broken


def restore_to(file: Path, place: Path, url: str, now: datetime) -> Restored:
    """As `restore`, into the PostgreSQL database of this URL, which `place` comes to name."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    put_url(place, require_url(url))
    try:
        return restore(file, place, False, now)
    except BaseException:
        place.unlink()
        raise


def _replaced(file: Path, database: Path, known: tuple[str, ...], now: datetime) -> Restored:
    """Restored beside first: what is there is moved only for something that verifies."""
    beside = database.with_name(f"restoring-{os.getpid()}.db")
    head = backup.restore(file, beside, known)
    try:
        aside = database.with_name(f"replaced-{now:%Y%m%dT%H%M%SZ}")
        backup.set_aside(database, aside)
        beside.rename(database)
    except FileExistsError as error:
        raise Conflict(f"{aside} 已存在。", "请稍候重复同一命令。") from error
    finally:
        beside.unlink(missing_ok=True)
    return Restored(head, aside)


def _advice(database: Path, known: tuple[str, ...]) -> str:
    kept = f"如备份短于 {database.parent / 'checkpoints'} 中的检查点，请找更新的备份；" if known else ""
    return f"{kept}请保全该文件，换用另一份备份。"
