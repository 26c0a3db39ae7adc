"""The clock speaks of exceptions in force: before one ends, before its yearly check, and when nothing was done.

An exception that has run out, of which nobody says that its measure stopped or is reviewed anew, is put to a new review
by the system itself after the days of local practice, so that no measure outlives its exception unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from engine.calendar import add_working_days
from engine.model import Role
from engine.store import Receipt, reads
from reviewers.firings import ACTS, SYSTEM, Fired, Passed, Speaking, command_id, enough, kinds_due, kinds_left, said_of
from reviewers.office import Acting, Office, act
from reviewers.sunset import ENDS, DueCheck, Exempted, all_exempted, checks_of, reopen_run_out, standing_of
from reviewers.supervision.periods import Periods, load_periods

NAMES = {"ends": "例外规定到期", "yearly": "例外规定年度评估"}
REASON = "例外规定届满，期限内没有登记停止执行或者重新送审，由系统重新送审"


def expiring(office: Office, database: Path) -> list[Speaking]:
    """What the clock may have to say of each exception in force."""
    periods = load_periods(database)
    watched = [each for each in all_exempted(database) if not each.over]
    return [(each.case, partial(_speak, office, each, periods)) for each in watched]


def _speak(office: Office, each: Exempted, periods: Periods) -> Iterator[Fired]:
    for check in checks_of(each, office.today):
        kinds = kinds_due(periods.sunset_remind_working_days, check.due_on, office)
        said = said_of(reads.events(office.store.path, each.case, limit=10_000), _task(check)) if kinds else []
        for kind in kinds_left(kinds, str(check.due_on), said):
            yield from _fire(office, check, kind)
        if check.kind == ENDS and _left_alone(office, check, periods):
            yield from _reopen(office, each, check)


def _left_alone(office: Office, check: DueCheck, periods: Periods) -> bool:
    last = add_working_days(check.due_on, periods.sunset_reopen_working_days, office.calendar).due_on
    return check.overdue and last < office.today


def _fire(office: Office, check: DueCheck, kind: str) -> Iterator[Fired]:
    due_on = str(check.due_on)
    acting = replace(office, command=command_id(check.case, _task(check), due_on, kind))
    try:
        receipt = FIRE[ACTS[kind]](acting, check.case, check.kind, due_on, kind)
    except Passed:
        return
    if not receipt.repeated:
        event = reads.events(office.store.path, check.case, receipt.event_seq - 1, 1)[0]
        yield _fired(check, kind, tuple(event["facts"]["to"]), receipt.event_seq)


def _reopen(office: Office, each: Exempted, check: DueCheck) -> Iterator[Fired]:
    """The new case is opened for the unit whose measure it is, by nobody's hand."""
    command = command_id(each.case, _task(check), str(check.due_on), f"reopen-{each.reopened}")
    acting = replace(office, officer=replace(SYSTEM, unit=each.unit), command=command)
    receipt = reopen_run_out(acting, each.case, REASON)
    if not receipt.repeated:
        yield _fired(check, "reopen", _told(office, each.unit, "remind"), receipt.event_seq)


def _fired(check: DueCheck, kind: str, to: tuple[str, ...], seq: int) -> Fired:
    return Fired(check.case, f"sunset_{check.kind}", NAMES[check.kind], str(check.due_on), kind, to, seq)


def _task(check: DueCheck) -> str:
    return f"sunset-{check.kind}"


def _told(office: Office, unit: str, kind: str) -> tuple[str, ...]:
    """The drafters and heads of the unit; an escalation goes to the joint leads."""
    roles = (Role.JOINT_LEAD,) if kind == "escalate" else (Role.DRAFTER, Role.DRAFTING_HEAD)
    found = (o.id for role in roles for o in office.profile.officers_with(role, None if kind == "escalate" else unit))
    return tuple(dict.fromkeys(found))


@act("remind")
def _remind(acting: Acting, what: str, due_on: str, kind: str) -> Receipt:
    return _noted(acting, what, due_on, kind)


@act("overdue")
def _overdue(acting: Acting, what: str, due_on: str, kind: str) -> Receipt:
    return _noted(acting, what, due_on, kind)


@act("escalate")
def _escalate(acting: Acting, what: str, due_on: str, kind: str) -> Receipt:
    return _noted(acting, what, due_on, kind)


FIRE = {"remind": _remind, "overdue": _overdue, "escalate": _escalate}


def _noted(acting: Acting, what: str, due_on: str, kind: str) -> Receipt:
    """The event is written, unless the exception was checked, stopped or reopened meanwhile."""
    standing = standing_of(acting)
    open_checks = checks_of(standing, acting.office.today) if standing and not standing.over else []
    check = next((each for each in open_checks if (each.kind, str(each.due_on)) == (what, due_on)), None)
    if check is None or enough(kind, said_of(acting.work.events(acting.case.id), _task(check))):
        raise Passed
    facts = {"element": f"sunset_{what}", "task": _task(check), "due_on": due_on, "kind": kind}
    return acting.note({**facts, "to": list(_told(acting.office, acting.case.unit, kind))})
