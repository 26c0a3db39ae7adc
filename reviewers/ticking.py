"""The clock speaks: reminders, overdue marks and escalations, written into the trail of each case by nobody's hand.

Called by `shuangshen tick`, from cron or in a loop, by as many workers as one likes: every firing has a command id
made of the case, the task, its due day and the kind, so that it happens once, in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from engine.errors import Busy, FairReviewError
from engine.model import Case, Gate, Officer, Role, Turn
from engine.store import Receipt, reads
from reviewers.conditions import GATE_OF_ROLE
from reviewers.departments import speakers
from reviewers.office import Acting, Office, act, load_bundle, require_clock
from reviewers.operations.keeping import keep_daily
from reviewers.reckoning import days_before
from reviewers.roster import Profile
from reviewers.timing import Rule, rules_of

SYSTEM = Officer("system", "系统", "", ())
MAX_REMINDERS = 2
PAGE = 200
HORIZON = timedelta(days=90)
"""No reminder is due so long before the deadline; `remind` in deadlines.toml lies far below."""

ACTS = {"remind": "remind", "last": "remind", "overdue": "overdue", "escalate": "escalate"}
"""The act written for each kind of firing; `last` is the reminder on the due day itself."""


@dataclass(frozen=True, slots=True)
class Fired:
    """One event written by the clock, and the officers it is meant for."""

    case_id: str
    element: str
    name: str
    due_on: str
    kind: str
    to: tuple[str, ...]
    event_seq: int


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one round of the clock wrote, and the cases it could not write to, each with the refusal."""

    fired: tuple[Fired, ...]
    failed: tuple[tuple[str, FairReviewError], ...]


def tick(office: Office, database: Path) -> Ticked:
    """Everything due by the office's day is in the trail once, whoever else ticks at the same time; the day's
    checkpoint is kept.

    Raises Conflict, having written nothing, when the clock was set back; Busy when the database stays locked.
    """
    with office.store.work() as work:
        require_clock(office, work)
    rules = RulesByCase(office)
    fired: list[Fired] = []
    failed: list[tuple[str, FairReviewError]] = []
    for task in _dated(office, database):
        try:
            fired.extend(_fire_task(office, database, task, rules.of(task["case_id"])))
        except Busy:
            raise
        except FairReviewError as refusal:
            failed.append((task["case_id"], refusal))
    keep_daily(database, office.today)
    return Ticked(tuple(fired), tuple(failed))


class RulesByCase:
    """The timing rules of cases, read once for each process version."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._known: dict[str, Mapping[str, Rule]] = {}

    def of(self, case_id: str) -> Mapping[str, Rule]:
        """The rules the case was opened under, with the days of present practice."""
        bundle = reads.case_row(self._office.store.path, case_id)["bundle"]
        if bundle not in self._known:
            with self._office.store.work() as work:
                self._known[bundle] = rules_of(load_bundle(work, bundle), self._office.profile.practice)
        return self._known[bundle]


def kinds_due(rule: Rule, due_on: date, office: Office) -> tuple[str, ...]:
    """What the clock has to say today of a task due on that day: reminders before, mark and escalation after."""
    today = office.today
    if due_on < today:
        return ("overdue", "escalate")
    if due_on == today:
        return ("last",)
    return ("remind",) if days_before(due_on, rule.remind, office.calendar) <= today else ()


def addressees(kind: str, turn: Turn, rule: Rule, case: Case, profile: Profile) -> tuple[str, ...]:
    """Who is to read it: whoever holds the task, else everyone whose task it may be; an escalation goes to the lead."""
    if kind == "escalate":
        return _in_role(rule.escalate, case, profile)
    if turn.holder or turn.instance in profile.officers:
        return (turn.holder or turn.instance,)
    if turn.instance in profile.units:
        return tuple(officer.id for officer in speakers(turn.instance, profile))
    return _in_role(turn.role, case, profile)


def command_id(case_id: str, task: str, due_on: str, kind: str) -> str:
    """The one command under which this firing can ever be done."""
    return f"tick:{case_id}:{task}:{due_on}:{kind}"


@act("remind")
def _remind(acting: Acting, task: str, due_on: str, kind: str) -> Receipt:
    return _noted(acting, task, due_on, kind)


@act("overdue")
def _overdue(acting: Acting, task: str, due_on: str, kind: str) -> Receipt:
    return _noted(acting, task, due_on, kind)


@act("escalate")
def _escalate(acting: Acting, task: str, due_on: str, kind: str) -> Receipt:
    return _noted(acting, task, due_on, kind)


FIRE = {"remind": _remind, "overdue": _overdue, "escalate": _escalate}


class _Passed(Exception):
    """The task was done, moved or reminded of enough since it was looked at."""


def _fire_task(office: Office, database: Path, task: Mapping[str, Any], rules: Mapping[str, Rule]) -> Iterator[Fired]:
    rule = rules.get(task["element"])
    if rule is None:
        return
    kinds = kinds_due(rule, date.fromisoformat(task["due_on"]), office)
    said = _said(reads.events(database, task["case_id"], limit=10_000), task["task"]) if kinds else []
    for kind in kinds:
        if (kind, task["due_on"]) not in said and not _enough(kind, said):
            yield from _fire(office, task, kind)


def _fire(office: Office, task: Mapping[str, Any], kind: str) -> Iterator[Fired]:
    case_id, due_on = task["case_id"], task["due_on"]
    acting = replace(office, command=command_id(case_id, task["task"], due_on, kind))
    try:
        receipt = FIRE[ACTS[kind]](acting, case_id, task["task"], due_on, kind)
    except _Passed:
        return
    if not receipt.repeated:
        event = reads.events(office.store.path, case_id, receipt.event_seq - 1, 1)[0]
        to = tuple(event["facts"]["to"])
        yield Fired(case_id, task["element"], task["name"], due_on, kind, to, receipt.event_seq)


def _noted(acting: Acting, task: str, due_on: str, kind: str) -> Receipt:
    """The event is written, unless the task has moved on. A correction not made in time may now be answered with a
    return, which stays a human act. Source: Measures art. 31.
    """
    turns = acting.work.open_turns(acting.case.id)
    turn = next((each for each in turns if each.task == task and str(each.due_on) == due_on), None)
    if turn is None or _enough(kind, _said(acting.work.events(acting.case.id), task)):
        raise _Passed
    rule = acting.rules[turn.element]
    to = addressees(kind, turn, rule, acting.case, acting.office.profile)
    facts = {"element": turn.element, "instance": turn.instance, "task": task, "due_on": due_on, "kind": kind}
    offer = {"offer": "return"} if kind == "overdue" and rule.offers_return else {}
    return acting.note({**facts, "to": list(to), **offer})


def _said(events: Iterable[Mapping[str, Any]], task: str) -> list[tuple[str, str]]:
    """Kind and due day of everything the clock has said of this task."""
    spoken = (event["facts"] for event in events if event["actor"] == SYSTEM.id)
    return [(facts["kind"], facts["due_on"]) for facts in spoken if facts.get("task") == task]


def _enough(kind: str, said: Sequence[tuple[str, str]]) -> bool:
    return ACTS[kind] == "remind" and sum(ACTS[each] == "remind" for each, _ in said) >= MAX_REMINDERS


def _dated(office: Office, database: Path) -> Iterator[reads.Found]:
    """The open tasks of which the clock may have something to say, the soonest due first."""
    last = str(office.today + HORIZON)
    after: tuple[str, str, str] | None = None
    while page := reads.queue(database, limit=PAGE, after=after):
        for task in page:
            if task["due_on"] is None or task["due_on"] > last:
                return
            yield task
        after = reads.place_of(page[-1])


def _in_role(role: Role, case: Case, profile: Profile) -> tuple[str, ...]:
    joint = GATE_OF_ROLE[role] is Gate.JOINT_REVIEW
    unit = None if joint else case.unit
    return tuple(officer.id for officer in profile.officers_with(role, unit) if officer.unit != case.unit or not joint)
