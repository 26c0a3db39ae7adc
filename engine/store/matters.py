"""Matters outside any case: ledger entries, complaints, samplings, process versions, in the same trail.

A matter is not a case: it has no draft, no process and nobody's turn, so it must never show up in a queue or in the
counts of reviews. It has its own table, and shares with cases the events, records, contents and commands, written in
the same transaction under the same rules. Called by `reviewers.supervision`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from hashlib import sha256

from sqlalchemy import bindparam, insert, select, update

from engine.errors import Conflict, NotFound, TrailBroken
from engine.model import Matter, MatterFile, MatterKind, MatterRecord, ProcessPublication
from engine.store import rows
from engine.store import statements as sql
from engine.store.acts import Act, Dossier, Receipt
from engine.store.records import matter_state_of
from engine.store.tables import TABLES
from engine.store.work import UnitOfWork

PREFIXES = {
    MatterKind.LEDGER: "TZ",
    MatterKind.COMPLAINT: "JB",
    MatterKind.SAMPLING: "CC",
    MatterKind.PROCESS: "LC",
    MatterKind.KEY: "MY",
    MatterKind.CALENDAR: "RL",
}

_matter = TABLES["matter"]
_MATTER = select(_matter).where(_matter.c.id == bindparam("key")).with_for_update()
_OF_KIND = select(_matter).where(_matter.c.kind == bindparam("key")).order_by(_matter.c.id)
_NEWEST = select(_matter.c.id).where(_matter.c.kind == bindparam("key")).order_by(_matter.c.id.desc()).limit(1)
_ADD = insert(_matter)
_SET = update(_matter).where(_matter.c.id == bindparam("which"))


def next_matter_id(work: UnitOfWork, kind: MatterKind, year: int) -> str:
    """The next free number of this kind in the year ("TZ-2026-0001"); taken only if the unit of work saves."""
    return f"{PREFIXES[kind]}-{year}-{work.next_number(f'{kind} {year}'):04d}"


def matter_file(work: UnitOfWork, matter_id: str, kind: MatterKind) -> MatterFile:
    """The matter of this kind and everything filed in it. Raises NotFound with the nearest ids."""
    row = work.connection.execute(_MATTER, {"key": matter_id}).mappings().first()
    if row is None or row["kind"] != kind:
        raise matter_not_found(matter_id, [each.matter.id for each in matter_files(work, kind)])
    return _file(work, rows.matter_of(dict(row)))


def matter_files(work: UnitOfWork, kind: MatterKind) -> tuple[MatterFile, ...]:
    """Every matter of this kind with its records, oldest first."""
    found = work.connection.execute(_OF_KIND, {"key": kind.value}).mappings().all()
    return tuple(_file(work, rows.matter_of(dict(row))) for row in found)


def save_matter(
    work: UnitOfWork, matter: Matter, act: Act, records: Sequence[MatterRecord], contents: Sequence[str] = ()
) -> Receipt:
    """The act is done: the matter in its next revision, the event and the records are written.

    `matter.revision` is the one it was loaded with, 0 for a new one. Raises Conflict when somebody else acted first
    or the command was used before.
    """
    work.require_fresh(act, contents)
    now = replace(matter, revision=matter.revision + 1)
    row = work.connection.execute(_MATTER, {"key": now.id}).mappings().first()
    if (row["revision"] if row else 0) != matter.revision:
        raise Conflict(f"事项 {matter.id} 已由他人先行办理，你所依据的不是最新状态。", "请重新查看后再办理。")
    columns = rows.matter_columns(now)
    if row is None:
        work.connection.execute(_ADD, columns)
    else:
        del columns["id"]
        work.connection.execute(_SET, {"which": now.id, **columns})
    return work.append(Dossier(now.id, now.revision, 0, matter_state_of(now)), act, records, contents)


def newest_bundle(work: UnitOfWork) -> bytes | None:
    """The process definition published last; None while none has been published here.

    Raises TrailBroken when it is not the one that was published.
    """
    newest = work.connection.execute(_NEWEST, {"key": MatterKind.PROCESS.value}).scalar()
    if newest is None:
        return None
    last = matter_file(work, newest, MatterKind.PROCESS).records[-1]
    assert isinstance(last, ProcessPublication)  # noqa: S101  # a process matter holds nothing else
    data = work.bundle(last.bundle)
    if sha256(data).hexdigest() != last.sha256:
        raise TrailBroken(f"流程版本 {last.bundle[:12]} 与发布时登记的不符。", "请停止写入，从备份恢复。")
    return data


def matter_not_found(matter_id: str, ids: Sequence[str]) -> NotFound:
    """The refusal for an unknown matter, with the nearest ids there are."""
    near = get_close_matches(matter_id, ids, n=3, cutoff=0.6)
    return NotFound(f"没有编号为“{matter_id}”的此类事项。", f"是否指 {'、'.join(near)}？" if near else "请核对编号。")


def _file(work: UnitOfWork, matter: Matter) -> MatterFile:
    filed = work.connection.execute(sql.RECORDS, {"key": matter.id}).mappings().all()
    return rows.matter_file_of(matter, [dict(row) for row in filed])
