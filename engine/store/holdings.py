"""Whole case files for those who look across cases: exceptions in force, stage misses, samples, incidents.

SQLite alone and without a lock: the database is seen as it is at one instant. Called by `reviewers.sunset` and
`reviewers.supervision`; an act still loads its case through the unit of work.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json import loads
from pathlib import Path

from engine.model import Case, CaseFile, MatterFile, MatterKind, Turn
from engine.store import rows
from engine.store.connection import case_not_found, reading
from engine.store.disposal import require_kept
from engine.store.reads import Found


def case_files(
    path: Path, stages: Sequence[str] = (), holding: str = "", kinds: Sequence[str] = ()
) -> Iterator[CaseFile]:
    """Case files in order of their ids: those at one of these stages, and holding a record of this kind, if given.
    A case that was destroyed is left out.

    With `kinds` only those records are read: screenings and reviews are large. Raises TrailBroken for a record that is
    not as it was filed.
    """
    conditions, values = ["id NOT IN (SELECT case_id FROM record WHERE kind = 'disposal')"], list(stages)
    if stages:
        conditions.append(f"stage IN ({', '.join('?' * len(stages))})")
    if holding:
        conditions.append("EXISTS (SELECT 1 FROM record WHERE record.case_id = case_.id AND record.kind = ?)")
        values.append(holding)
    with reading(path) as connection:
        statement = f"SELECT * FROM case_ WHERE {' AND '.join(conditions)} ORDER BY id"  # noqa: S608
        for row in connection.execute(statement, values).fetchall():
            yield rows.case_file_of(rows.case_of(dict(row)), _filed(connection, row["id"], kinds))


def case_file(path: Path, case_id: str) -> CaseFile:
    """One case with everything filed in it, as a unit of work would load it. Raises NotFound with the nearest ids."""
    with reading(path) as connection:
        row = connection.execute("SELECT * FROM case_ WHERE id = ?", (case_id,)).fetchone()
        if row is None:
            newest = connection.execute("SELECT id FROM case_ ORDER BY id DESC LIMIT 2000")
            raise case_not_found(case_id, [each["id"] for each in newest])
        require_kept(connection, case_id)
        return rows.case_file_of(rows.case_of(dict(row)), _filed(connection, case_id))


def endings(path: Path, stages: Sequence[str]) -> list[Found]:
    """The event that brought each case to one of these stages, if it still stands there: case, stage, at, seq, hash."""
    statement = f"""SELECT e.case_id, e.seq, e.hash, e.payload, c.stage, c.title, c.unit FROM case_ c
        JOIN event e ON e.case_id = c.id WHERE c.stage IN ({", ".join("?" * len(stages))}) ORDER BY e.seq"""  # noqa: S608
    found: dict[str, Found] = {}
    with reading(path) as connection:
        for row in connection.execute(statement, tuple(stages)):
            event = loads(row["payload"])
            arrived = event["facts"].get("stage_to") == row["stage"] != event["facts"].get("stage_from")
            if arrived and row["case_id"] not in found:
                kept = ("case_id", "seq", "hash", "stage", "title", "unit")
                found[row["case_id"]] = {**{name: row[name] for name in kept}, "at": event["at"]}
    return list(found.values())


def last_hash_before(path: Path, instant: str) -> str:
    """The hash of the last event written before this instant (UTC text), empty when there is none."""
    with reading(path) as connection:
        for row in connection.execute("SELECT payload, hash FROM event ORDER BY seq DESC"):
            if loads(row["payload"])["at"] < instant:
                return str(row["hash"])
    return ""


def bundles(path: Path) -> list[Found]:
    """Every stored process version with how many cases stand on it: hash, cases, running (with an open task)."""
    statement = """SELECT b.hash, b.digest, COUNT(c.id) AS cases,
        COALESCE(SUM(CASE WHEN c.stage = 'passed' OR EXISTS (SELECT 1 FROM task t WHERE t.case_id = c.id)
        THEN 1 ELSE 0 END), 0) AS running
        FROM bundle b LEFT JOIN case_ c ON c.bundle = b.hash GROUP BY b.hash, b.digest ORDER BY b.hash"""
    with reading(path) as connection:
        return [dict(row) for row in connection.execute(statement)]


def matter_files(path: Path, kind: MatterKind) -> tuple[MatterFile, ...]:
    """Every matter of this kind with its records, oldest first."""
    with reading(path) as connection:
        found = connection.execute("SELECT * FROM matter WHERE kind = ? ORDER BY id", (kind.value,)).fetchall()
        return tuple(rows.matter_file_of(rows.matter_of(dict(row)), _filed(connection, row["id"])) for row in found)


def _filed(connection: sqlite3.Connection, dossier: str, kinds: Sequence[str] = ()) -> list[Found]:
    among = f"AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
    statement = f"SELECT * FROM record WHERE case_id = ? {among} ORDER BY event_seq, ordinal"  # noqa: S608
    return [dict(each) for each in connection.execute(statement, (dossier, *kinds))]


def running_elsewhere(path: Path, bundle: str) -> list[str]:
    """Ids of cases that still run, on another process version than this."""
    statement = """SELECT id FROM case_ WHERE bundle <> ? AND
        (stage = 'passed' OR EXISTS (SELECT 1 FROM task WHERE task.case_id = case_.id)) ORDER BY id"""
    with reading(path) as connection:
        return [row["id"] for row in connection.execute(statement, (bundle,))]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, with its open tasks and the stored bytes of its process version, None when it is missing."""

    case: Case
    turns: tuple[Turn, ...]
    bundle: bytes | None


def standings(path: Path) -> Iterator[Standing]:
    """Every case as it stands, in order of ids."""
    with reading(path) as connection:
        stored = {row["hash"]: row["data"] for row in connection.execute("SELECT hash, data FROM bundle")}
        for row in connection.execute("SELECT * FROM case_ ORDER BY id"):
            turns = connection.execute("SELECT * FROM task WHERE case_id = ? ORDER BY ordinal", (row["id"],))
            opened = tuple(rows.turn_of(dict(turn)) for turn in turns)
            yield Standing(rows.case_of(dict(row)), opened, stored.get(row["bundle"]))
