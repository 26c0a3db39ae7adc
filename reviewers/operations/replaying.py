"""What the file said on an earlier day, and what the gate says of it under the law then in force.

The gate is today's program; its judgement of a past day is worth what today's program is worth. Called by `replay`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from engine.calendar.zone import LOCAL_ZONE
from engine.gate import may_issue
from engine.model import Verdict
from engine.standards import Standards
from engine.store.history import Replayed, replayed
from reviewers.conclusions import gate_question


@dataclass(frozen=True, slots=True)
class Retrospect:
    """A case at the end of a local day: the file, its events so far, and the gate's verdict on it."""

    on: date
    past: Replayed
    verdict: Verdict


def as_of(database: Path, case_id: str, on: date, standards: Standards) -> Retrospect:
    """The case as it stood when this local day ended. Raises NotFound when it had not been filed by then."""
    end = datetime.combine(on + timedelta(days=1), time(), LOCAL_ZONE)
    past = replayed(database, case_id, end)
    return Retrospect(on, past, may_issue(gate_question(past.file, standards.in_force(on))))
