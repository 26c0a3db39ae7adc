"""The one trail of a case across every log it has been in: what happened where, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Mapping
from json import loads
from pathlib import Path
from typing import Any

from engine.store.bundle import case_events
from engine.store.connection import case_not_found, reading
from engine.store.disposal import require_kept
from engine.store.reads import Found
from engine.store.transfer import content_in
from engine.store.wording import Event, read_out, words_of_case
from engine.trail.segments import IN, read_segment

_KEPT = ("act", "actor", "unit", "at", "seq", "facts", "records")
HERE = "本单位"


def one_trail(path: Path, case_id: str) -> list[Found]:
    """Every event of the case, here and elsewhere, oldest first, each with the log it is in and its hash there.

    What happened elsewhere stands before the event that took it in. Raises NotFound with the nearest ids, or when the
    case was destroyed.
    """
    with reading(path) as connection:
        origin = connection.execute("SELECT value FROM meta WHERE key = 'origin'").fetchone()[0]
        rows = case_events(connection, case_id)
        if not rows:
            raise case_not_found(case_id, [each[0] for each in connection.execute("SELECT id FROM case_")])
        require_kept(connection, case_id)
        told: list[Event] = []
        known: dict[str, int] = {}
        for row in rows:
            event = loads(row["payload"])
            if event["act"] == IN:
                foreign = read_segment(content_in(connection, event["facts"]["segment"]))
                fresh = slice(known.get(foreign.origin, 0), None)
                pairs = zip(foreign.events[fresh], foreign.hashes[fresh], strict=True)
                told += [_entry(each, hash_, foreign.origin, event["facts"]["origin_name"]) for each, hash_ in pairs]
                known[foreign.origin] = len(foreign.events)
            told.append(_entry(event, row["hash"], origin, HERE))
        return [
            {name: value for name, value in event.items() if name != "records"}
            for event in read_out(told, lambda: words_of_case(connection, case_id))
        ]


def _entry(event: Mapping[str, Any], digest: str, origin: str, name: str) -> Found:
    return {"origin": origin, "name": name, **{each: event[each] for each in _KEPT}, "hash": digest}
