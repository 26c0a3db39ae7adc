"""What the clock may say, and that it says it once: kinds of firing, whom they are written by, how often.

Shared by the three who let the clock speak: of open tasks (`ticking`), of exceptions in force (`expiring`), and of the
ledger and complaints (`supervision.reminding`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.errors import FairReviewError
from engine.model import Officer
from reviewers.office import Office
from reviewers.reckoning import days_before

SYSTEM = Officer("system", "系统", "", ())
MAX_REMINDERS = 2
ACTS = {"remind": "remind", "last": "remind", "overdue": "overdue", "escalate": "escalate"}
"""The act written for each kind of firing; `last` is the reminder on the due day itself."""


Speaking = tuple[str, Callable[[], Iterable["Fired"]]]
"""The case or matter to speak of, and what writes the events."""


class Passed(Exception):
    """The thing was done, moved or reminded of enough since it was looked at."""


@dataclass(frozen=True, slots=True)
class Fired:
    """One event written by the clock about a case or a matter, and the officers it is meant for."""

    case_id: str
    element: str
    name: str
    due_on: str
    kind: str
    to: tuple[str, ...]
    event_seq: int


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one round of the clock wrote, and what it could not write to, each with the refusal."""

    fired: tuple[Fired, ...]
    failed: tuple[tuple[str, FairReviewError], ...]


def kinds_due(remind: int, due_on: date, office: Office) -> tuple[str, ...]:
    """What the clock has to say today of something due on that day, reminded of so many working days before."""
    today = office.today
    if due_on < today:
        return ("overdue", "escalate")
    if due_on == today:
        return ("last",)
    return ("remind",) if days_before(due_on, remind, office.calendar) <= today else ()


def kinds_left(kinds: Iterable[str], due_on: str, said: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Those of these kinds that were not said yet of this due day, reminders no more than twice altogether."""
    return tuple(kind for kind in kinds if (kind, due_on) not in said and not enough(kind, said))


def command_id(dossier: str, task: str, due_on: str, kind: str) -> str:
    """The one command under which this firing can ever be done."""
    return f"tick:{dossier}:{task}:{due_on}:{kind}"


def said_of(events: Iterable[Mapping[str, Any]], task: str) -> list[tuple[str, str]]:
    """Kind and due day of everything the clock has said of this task."""
    spoken = (event["facts"] for event in events if event["actor"] == SYSTEM.id)
    return [(facts["kind"], facts["due_on"]) for facts in spoken if facts.get("task") == task]


def enough(kind: str, said: Sequence[tuple[str, str]]) -> bool:
    """Whether another reminder would be one too many."""
    return ACTS[kind] == "remind" and sum(ACTS[each] == "remind" for each, _ in said) >= MAX_REMINDERS
