"""A case as it stood at an earlier instant: what had been filed by then, and where it stood according to its events.

Where a case stands is kept only for now; for then it follows from the facts every event holds. The process position
of that time is not kept, so the case of an earlier day can be judged and shown, not continued.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from json import loads
from pathlib import Path
from typing import Any

from engine.errors import NotFound
from engine.model import Case, CaseFile, Route
from engine.store import rows
from engine.store.connection import case_not_found, reading
from engine.store.disposal import require_kept
from engine.store.records import instant
from engine.store.wording import read_out, words_of_case

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A case file as it stood, and the events that had happened by then, oldest first, each with its `hash`."""

    file: CaseFile
    events: tuple[Event, ...]


def replayed(path: Path, case_id: str, before: datetime) -> Replayed:
    """The case as it stood just before this instant (aware UTC).

    Raises NotFound for the case, or when it had not been filed by then; TrailBroken for a record that was changed.
    """
    with reading(path) as connection:
        row = connection.execute("SELECT * FROM case_ WHERE id = ?", (case_id,)).fetchone()
        if row is None:
            raise case_not_found(case_id, [each[0] for each in connection.execute("SELECT id FROM case_")])
        require_kept(connection, case_id)
        statement = "SELECT payload, hash FROM event WHERE case_id = ? ORDER BY seq"
        told = connection.execute(statement, (case_id,))
        events = [{**loads(each["payload"]), "hash": each["hash"]} for each in told]
        past = [event for event in events if event["at"] < instant(before)]
        if not past:
            raise NotFound(f"案件 {case_id} 那时还没有报送。", f"报送时间是 {events[0]['at'][:16]}（UTC）。")
        case = _case_then(rows.case_of(dict(row)), past, events[len(past) :])
        file = rows.case_file_of(case, _filed(connection, case_id, past[-1]["seq"]))
        return Replayed(file, read_out(past, lambda: words_of_case(connection, case_id)))


def _filed(connection: sqlite3.Connection, case_id: str, last: int) -> list[dict[str, Any]]:
    statement = "SELECT * FROM record WHERE case_id = ? AND event_seq <= ? ORDER BY event_seq, ordinal"
    return [dict(row) for row in connection.execute(statement, (case_id, last))]


def _case_then(case: Case, past: Sequence[Event], later: Sequence[Event]) -> Case:
    """The case row of then: the last word of the past on each fact, and the process version it stood on."""
    facts: dict[str, Any] = {}
    for event in past:
        facts |= event["facts"]
    moved = [event["facts"]["bundle_from"] for event in later if event["act"] == "migrate"]
    return replace(
        case,
        stage=facts["stage_to"],
        round=facts["round"],
        version=facts["version"],
        route=Route(facts["route"]),
        bundle=moved[0] if moved else case.bundle,
        position=b"",
        revision=past[-1]["revision"],
    )
