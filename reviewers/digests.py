"""What one officer should look at today: his tasks by urgency, and those of others he has to press for.

Read from the open tasks as they stand, so that it is right even where nobody runs the tick.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from engine.model import Role
from engine.store import reads
from reviewers.departments import places_asked
from reviewers.office import Office
from reviewers.ticking import RulesByCase

KINDS = ("overdue", "due_today", "due_soon", "to_press")
SHOWN = ("case_id", "title", "element", "name", "instance", "holder", "unit", "due_on")


def digest_of_officer(office: Office, within: int) -> dict[str, list[reads.Found]]:
    """His own tasks overdue, due today, due within so many working days; and overdue tasks that escalate to him.

    A deputy sees the tasks of those he stands in for. Each row is an open task; the soonest due come first.
    """
    found: dict[str, list[reads.Found]] = {kind: [] for kind in KINDS}
    rules = RulesByCase(office)
    last = _ahead(office, within)
    for task in _dated(office, last):
        row = {name: task[name] for name in SHOWN}
        if _his(office, task):
            found[_urgency(office, task["due_on"])].append(row)
        elif task["due_on"] < str(office.today) and _presses(office, task, rules):
            found["to_press"].append(row)
    return found


def _dated(office: Office, last: str) -> Iterator[reads.Found]:
    """The open tasks he may know of, due by that day."""
    unit = None if office.profile.in_regulator(office.officer.unit) else office.officer.unit
    after: tuple[str, str, str] | None = None
    asked = places_asked(office.officer, office.profile)
    while page := reads.queue(office.store.path, unit=unit, limit=500, after=after, asked=asked):
        for task in page:
            if (task["due_on"] or reads.NO_DUE_DAY) > last:
                return
            yield task
        after = reads.place_of(page[-1])


def _his(office: Office, task: reads.Found) -> bool:
    profile, officer = office.profile, office.officer
    own = {"", officer.id, *(absent.id for absent in profile.acting_for(officer.id, office.today))}
    if task["role"] == Role.CO_REVIEWER:
        return task["instance"] in places_asked(officer, profile) and task["holder"] in own
    return task["role"] in profile.roles_on(officer, office.today) and task["holder"] in own and _in_place(office, task)


def _presses(office: Office, task: reads.Found, rules: RulesByCase) -> bool:
    rule = rules.of(task["case_id"]).get(task["element"])
    held = office.profile.roles_on(office.officer, office.today)
    return rule is not None and rule.escalate in held


def _in_place(office: Office, task: reads.Found) -> bool:
    """A drafting task is its unit's; a joint one is not done by officers of the unit that drafted."""
    drafting = task["role"].startswith("draft")
    return bool((task["unit"] == office.officer.unit) == drafting)


def _urgency(office: Office, due_on: str) -> str:
    today = str(office.today)
    return "overdue" if due_on < today else "due_today" if due_on == today else "due_soon"


def _ahead(office: Office, days: int) -> str:
    day = office.today
    while days > 0:
        day += timedelta(days=1)
        days -= office.calendar.day(day).working
    return str(day)
