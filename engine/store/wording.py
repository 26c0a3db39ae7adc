"""Events as people read them: with the words that were filed beside them, or what is to be said in their place.

Called by every reading of the trail; whoever checks hashes reads the payloads as they were sealed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.trail.words import DESTROYED, KIND, MISSING, digest_in, names_of, told

Event = Mapping[str, Any]
_AT_ONCE = 500
"""Values in one question: old SQLite libraries take 999."""


def read_out(events: Sequence[Event], ask: Callable[[], tuple[Mapping[str, str], bool]]) -> tuple[Event, ...]:
    """These events of one case, each with its words; `ask` gives the bodies there are, and whether it was destroyed.

    Nothing is asked where no event has words beside it.
    """
    if not any(map(names_of, events)):
        return tuple(events)
    bodies, destroyed = ask()
    return tuple(told(event, bodies.get, DESTROYED if destroyed else MISSING) for event in events)


def words_of_case(connection: sqlite3.Connection, case_id: str) -> tuple[dict[str, str], bool]:
    """The words still on file of the events of this case, those of other installations among them, by digest; whether
    the case was destroyed."""
    statement = "SELECT kind, digest, body FROM record WHERE case_id = ? AND kind IN (?, 'disposal')"
    found = connection.execute(statement, (case_id, KIND)).fetchall()
    return {row["digest"]: row["body"] for row in found}, any(row["kind"] == "disposal" for row in found)


def with_words(connection: sqlite3.Connection, events: Sequence[Event]) -> list[dict[str, Any]]:
    """These events, of whatever cases, each with its words."""
    worded = [event for event in events if names_of(event)]
    bodies = _bodies(connection, [event["seq"] for event in worded])
    missing = {event["case"] for event in worded if digest_in(event) not in bodies}
    gone = _destroyed(connection, missing)
    return [told(event, bodies.get, DESTROYED if event["case"] in gone else MISSING) for event in events]


def _bodies(connection: sqlite3.Connection, seqs: Sequence[int]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(seqs), _AT_ONCE):
        asked = seqs[start : start + _AT_ONCE]
        statement = f"""SELECT digest, body FROM record
            WHERE event_seq IN ({", ".join("?" * len(asked))}) AND kind = ?"""  # noqa: S608
        found |= {row["digest"]: row["body"] for row in connection.execute(statement, (*asked, KIND)).fetchall()}
    return found


def _destroyed(connection: sqlite3.Connection, cases: set[str]) -> set[str]:
    """Which of these cases were destroyed."""
    listed = "SELECT case_id FROM record WHERE kind = 'disposal'"
    return {row["case_id"] for row in connection.execute(listed).fetchall()} & cases if cases else set()
