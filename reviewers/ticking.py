"""The clock speaks: reminders, overdue marks and escalations, written into the trail by nobody's hand.

Called by `shuangshen tick`, from cron or in a loop, by as many workers as one likes: every firing has a command id
made of the case, the task, its due day and the kind, so that it happens once, in a transaction of its own. What runs
out outside the process, exceptions in force, ledger entries and complaints, is spoken of in the same round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from engine.errors import Busy, FairReviewError
from engine.model import Case, Gate, Role, Turn
from engine.store import Receipt, Taken, reads
from reviewers.conditions import GATE_OF_ROLE
from reviewers.departments import speakers
from reviewers.expiring import expiring
from reviewers.firings import ACTS, Fired, Passed, Speaking, Ticked, command_id, enough, kinds_due, kinds_left, said_of
from reviewers.office import Acting, Office, act, load_bundle, require_clock
from reviewers.operations.keeping import keep_daily
from reviewers.roster import Profile
from reviewers.supervision.reminding import reminding
from reviewers.timing import Rule, rules_of

PAGE = 200
HORIZON = timedelta(days=90)
"""No reminder is due so long before the deadline; `remind` in deadlines.toml lies far below."""


def tick(office: Office, database: Path) -> Ticked:
    """Everything due by the office's day is in the trail once, whoever else ticks at the same time; the day's
    checkpoint is kept.

    Raises Conflict, having written nothing, when the clock was set back; Busy when the database stays locked.
    """
    with office.store.work() as work:
        require_clock(office, work)
    fired, failed, taken = _spoken(_speaking(replace(office, store=office.store.without_waiting()), database))
    if taken:  # another worker has them, or an official: looked at again, waiting, so that no day is missed
        more, refused, _ = _spoken([each for each in _speaking(office, database) if each[0] in taken])
        fired, failed = [*fired, *more], [*failed, *refused]
    keep_daily(database, office.today)
    return Ticked(tuple(fired), tuple(failed))


def _speaking(office: Office, database: Path) -> list[Speaking]:
    rules = RulesByCase(office)
    tasks: list[Speaking] = [
        (task["case_id"], partial(_fire_task, office, database, task, rules)) for task in _dated(office, database)
    ]
    return [*tasks, *expiring(office, database), *reminding(office, database)]


def _spoken(speaking: Sequence[Speaking]) -> tuple[list[Fired], list[tuple[str, FairReviewError]], set[str]]:
    """What was written, what was refused and why, and where somebody else was at it."""
    fired: list[Fired] = []
    failed: list[tuple[str, FairReviewError]] = []
    taken: set[str] = set()
    for dossier, speak in speaking:
        try:
            fired.extend(speak())
        except Taken:
            taken.add(dossier)
        except Busy:
            raise
        except FairReviewError as refusal:
            failed.append((dossier, refusal))
    return fired, failed, taken


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


def addressees(kind: str, turn: Turn, rule: Rule, case: Case, profile: Profile) -> tuple[str, ...]:
    """Who is to read it: whoever holds the task, else everyone whose task it may be; an escalation goes to the lead."""
    if kind == "escalate":
        return _in_role(rule.escalate, case, profile)
    if turn.holder or turn.instance in profile.officers:
        return (turn.holder or turn.instance,)
    if turn.instance in profile.units:
        return tuple(officer.id for officer in speakers(turn.instance, profile))
    return _in_role(turn.role, case, profile)


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


def _fire_task(office: Office, database: Path, task: Mapping[str, Any], rules: RulesByCase) -> Iterator[Fired]:
    rule = rules.of(task["case_id"]).get(task["element"])
    if rule is None:
        return
    kinds = kinds_due(rule.remind, date.fromisoformat(task["due_on"]), office)
    said = said_of(reads.events(database, task["case_id"], limit=10_000), task["task"]) if kinds else []
    for kind in kinds_left(kinds, task["due_on"], said):
        yield from _fire(office, task, kind)


def _fire(office: Office, task: Mapping[str, Any], kind: str) -> Iterator[Fired]:
    case_id, due_on = task["case_id"], task["due_on"]
    acting = replace(office, command=command_id(case_id, task["task"], due_on, kind))
    try:
        receipt = FIRE[ACTS[kind]](acting, case_id, task["task"], due_on, kind)
    except Passed:
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
    if turn is None or enough(kind, said_of(acting.work.events(acting.case.id), task)):
        raise Passed
    rule = acting.rules[turn.element]
    to = addressees(kind, turn, rule, acting.case, acting.office.profile)
    facts = {"element": turn.element, "instance": turn.instance, "task": task, "due_on": due_on, "kind": kind}
    offer = {"offer": "return"} if kind == "overdue" and rule.offers_return else {}
    return acting.note({**facts, "to": list(to), **offer})


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
