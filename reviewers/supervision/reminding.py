"""The clock speaks of the ledger and of complaints: before their day, on it and after it, each once.

Called in every round of `reviewers.ticking`; the same command ids make it harmless to call again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from engine.model import MatterFile, MatterKind, Role
from engine.store import Receipt, reads
from reviewers.firings import ACTS, Fired, Passed, Speaking, command_id, enough, kinds_due, kinds_left, said_of
from reviewers.office import Office
from reviewers.supervision import complaints, ledger
from reviewers.supervision.minding import Minding, on_matter
from reviewers.supervision.periods import load_periods

NAMES = {MatterKind.LEDGER: "整改", MatterKind.COMPLAINT: "举报办理"}


@dataclass(frozen=True, slots=True)
class Running:
    """A ledger entry or complaint whose day is still to come or has passed without its end.

    `task` is the clock that runs, each reminded of by itself; `by` has the matter in hand.
    """

    id: str
    kind: MatterKind
    task: str
    unit: str
    due_on: str
    by: str


def reminding(office: Office, database: Path) -> list[Speaking]:
    """What the clock may have to say of each open ledger entry and running complaint."""
    remind = load_periods(database).remind_working_days
    found = [_of_entry(each) for each in ledger.entries(database)]
    found += [_of_complaint(each) for each in complaints.complaints(database)]
    return [(each.id, partial(_speak, office, each, remind)) for each in found if each]


def _of_entry(each: ledger.Entry) -> Running | None:
    if each.closure:
        return None
    return Running(each.id, MatterKind.LEDGER, "rectify", each.entry.unit, str(each.entry.due_on), each.entry.added_by)


def _of_complaint(each: complaints.Standing) -> Running | None:
    if each.due_on is None:
        return None
    last = each.steps[-1]
    return Running(each.id, MatterKind.COMPLAINT, last.act, each.unit, str(each.due_on), last.done_by)


def _speak(office: Office, each: Running, remind: int) -> Iterator[Fired]:
    kinds = kinds_due(remind, date.fromisoformat(each.due_on), office)
    said = said_of(reads.events(office.store.path, each.id, limit=10_000), each.task) if kinds else []
    for kind in kinds_left(kinds, each.due_on, said):
        acting = replace(office, command=command_id(each.id, each.task, each.due_on, kind))
        try:
            receipt = FIRE[ACTS[kind], each.kind](acting, each.id, each.due_on, kind)
        except Passed:
            continue
        if not receipt.repeated:
            to = _told(office, each, kind)
            yield Fired(each.id, each.kind, NAMES[each.kind], each.due_on, kind, to, receipt.event_seq)


def _speaker(name: str, kind: MatterKind) -> Callable[[Office, str, str, str], Receipt]:
    @on_matter(name, kind)
    def speak(minding: Minding, due_on: str, firing: str) -> Receipt:
        """The event is written, unless the matter was closed or moved, or reminded of enough."""
        each = _running(minding.file)
        if each is None or each.due_on != due_on:
            raise Passed
        if enough(firing, said_of(minding.work.events(minding.matter.id), each.task)):
            raise Passed
        facts = {"task": each.task, "due_on": due_on, "kind": firing, "to": list(_told(minding.office, each, firing))}
        return minding.save(facts, [])

    return speak


def _running(file: MatterFile) -> Running | None:
    if file.matter.kind is MatterKind.LEDGER:
        return _of_entry(ledger.entry_of(file))
    return _of_complaint(complaints.standing_of(file))


def _told(office: Office, each: Running, kind: str) -> tuple[str, ...]:
    """The unit that has to mend it, or whoever handles the complaint; an escalation goes to the joint leads."""
    profile = office.profile
    if kind == "escalate":
        return tuple(officer.id for officer in profile.officers_with(Role.JOINT_LEAD))
    if each.kind is MatterKind.COMPLAINT:
        return (each.by,)
    own = (o.id for role in (Role.DRAFTER, Role.DRAFTING_HEAD) for o in profile.officers_with(role, each.unit))
    return tuple(dict.fromkeys(own)) or (each.by,)


FIRE = {
    (name, kind): _speaker(name, kind)
    for name in ("remind", "overdue", "escalate")
    for kind in (MatterKind.LEDGER, MatterKind.COMPLAINT)
}
