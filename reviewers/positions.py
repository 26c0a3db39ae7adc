"""Where one case stands, with everything needed to go on without this program: called by the `position` command.

The tree of the process comes from `engine.process.document`; due days, holders and the event that vouches for all of
it come from the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine import process
from engine.process.document import to_document
from engine.store import open_store, reads
from engine.trail.segments import AWAY


def position_of(database: Path, case_id: str) -> Mapping[str, Any]:
    """The position of the case as a JSON object. Raises NotFound with the nearest ids."""
    with open_store(database).work() as work:
        case, turns, last = work.case(case_id), work.open_turns(case_id), work.events(case_id)[-1]
        stored = work.bundle(case.bundle)
    opened = {each["task"]: each["opened_at"] for each in reads.open_tasks(database, case_id)}
    bundle = process.bundle_from_bytes(stored)
    return {
        **to_document(bundle, case.position),
        "case": case.id,
        "revision": case.revision,
        "event": last["seq"],
        "state": last["state"],
        "here": case.stage != AWAY,
        "bundle_sha256": sha256(stored).hexdigest(),
        "position_sha256": sha256(case.position).hexdigest(),
        "due": [
            {
                "task": turn.task,
                "element": turn.element,
                "instance": turn.instance,
                "holder": turn.holder,
                "due_on": turn.due_on.isoformat() if turn.due_on else None,
                "opened_at": opened.get(turn.task),
            }
            for turn in turns
        ],
    }
