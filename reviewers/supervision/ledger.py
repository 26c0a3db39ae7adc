"""The rectification ledger (整改台账): problem, measure, responsible unit and deadline; struck off only on evidence.

An entry comes from a spot check, an inspection or a confirmed complaint, with or without a reviewed case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.calendar.zone import local_day
from engine.errors import Conflict, InvalidInput, Refused
from engine.model import LedgerClosure, LedgerEntry, LedgerProgress, MatterFile, MatterKind
from engine.store import Receipt
from engine.store.holdings import matter_files
from reviewers.lines import one_line
from reviewers.office import Office, Upload
from reviewers.supervision.minding import Minding, may_supervise, on_matter, opening

TITLE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """A ledger entry as it stands: what was entered, how far it has come, when it was struck off."""

    id: str
    entry: LedgerEntry
    added_on: date
    progress: tuple[LedgerProgress, ...]
    closure: LedgerClosure | None

    @property
    def closed_on(self) -> date | None:
        return local_day(self.closure.closed_at) if self.closure else None

    def open_on(self, day: date) -> bool:
        """Whether it was entered and not yet struck off at the end of that day."""
        return self.added_on <= day and (self.closed_on is None or self.closed_on > day)

    def overdue_on(self, day: date) -> bool:
        """Whether it was still open on that day though its time had run out."""
        return self.open_on(day) and self.entry.due_on < day


@dataclass(frozen=True, slots=True)
class UnitMonth:
    """One unit's line of the monthly dispatch (月调度): counts at the end of the month, `added` and `closed` within."""

    unit: str
    added: int
    closed: int
    open: int
    overdue: int


def add(office: Office, unit: str, case: str, problem: str, measure: str, due_on: date, source: str) -> Receipt:
    """The problem is in the ledger with its measure, responsible unit and deadline.

    Raises InvalidInput for what is left empty, NotFound for an unknown unit or case, Refused for other officers.
    Source: Regulation art. 21.
    """
    may_supervise(office, "登记台账")
    _require(problem, "问题", "--problem")
    _require(measure, "整改措施", "--measure")
    _require(source, "问题来源", "--source")
    office.profile.unit(unit)
    return _add(office, one_line(problem)[:TITLE_LENGTH], unit, case, problem, measure, due_on, source)


@opening("ledger_add", MatterKind.LEDGER)
def _add(minding: Minding, case: str, problem: str, measure: str, due_on: date, source: str) -> Receipt:
    if case:
        minding.work.case(case)
    return enter(minding, case, problem, measure, due_on, source, "")


def enter(
    minding: Minding, case: str, problem: str, measure: str, due_on: date, source: str, complaint: str
) -> Receipt:
    """The entry is saved in the given unit of work; raises InvalidInput when its deadline lies in the past."""
    office, unit = minding.office, minding.matter.unit
    if due_on < office.today:
        raise InvalidInput(f"完成时限 {due_on} 早于今天。", "请填写今天或以后的日期。")
    entry = LedgerEntry(unit, case, problem, measure, due_on, source, complaint, office.officer.id, office.now)
    facts = {"concerns": case, "responsible": unit, "due_on": due_on, "source": source, "complaint": complaint}
    return minding.save(facts, [entry])


@on_matter("ledger_progress", MatterKind.LEDGER)
def progress(minding: Minding, text: str) -> Receipt:
    """What has been done so far is on file. The responsible unit itself or the regulator may report."""
    office = minding.office
    if office.profile.authority_of(office.officer.unit) != office.profile.authority_of(minding.matter.unit):
        may_supervise(office, "登记其他单位的整改进展")
    _require(text, "进展", "--text")
    _require_open(minding)
    return minding.save({"text": text}, [LedgerProgress(text, office.officer.id, office.now)])


@on_matter("ledger_close", MatterKind.LEDGER)
def close(minding: Minding, evidence: tuple[Upload, ...], text: str) -> Receipt:
    """The entry is struck off (销号), its evidence stored.

    Raises InvalidInput without evidence, Conflict when it is closed already, Refused when the responsible unit would
    strike off its own entry.
    """
    office = minding.office
    may_supervise(office, "销号")
    if office.officer.unit == minding.matter.unit:
        raise Refused(f"{office.officer.name}属于责任单位，不能为本单位的问题销号。", "请由其他内设机构的人员办理。")
    _require_open(minding)
    if not evidence:
        raise InvalidInput("没有整改证据，不能销号。", "请用 --evidence 附上废止、修改或补审的文件。")
    contents = [minding.work.put_content(upload.data) for upload in evidence]
    record = LedgerClosure(text, tuple(contents), office.officer.id, office.now)
    return minding.save({"evidence": [u.filename for u in evidence], "text": text}, [record], contents)


def entries(database: Path) -> tuple[Entry, ...]:
    """Every entry of the ledger, oldest first."""
    return tuple(entry_of(file) for file in matter_files(database, MatterKind.LEDGER))


def entry_of(file: MatterFile) -> Entry:
    """How a ledger entry stands, by its records."""
    (entry,) = [record for record in file.records if isinstance(record, LedgerEntry)]
    closures = [record for record in file.records if isinstance(record, LedgerClosure)]
    progress = tuple(record for record in file.records if isinstance(record, LedgerProgress))
    return Entry(file.matter.id, entry, local_day(entry.added_at), progress, closures[-1] if closures else None)


def monthly(found: Iterable[Entry], first: date, last: date, today: date) -> tuple[UnitMonth, ...]:
    """One line a unit that had an entry by the end of the month, or by today while the month still runs."""
    known, end = tuple(found), min(last, today)
    units = sorted({each.entry.unit for each in known if each.added_on <= end})
    return tuple(_unit_month(unit, [e for e in known if e.entry.unit == unit], first, end) for unit in units)


def _unit_month(unit: str, own: list[Entry], first: date, end: date) -> UnitMonth:
    return UnitMonth(
        unit=unit,
        added=sum(first <= each.added_on <= end for each in own),
        closed=sum(each.closed_on is not None and first <= each.closed_on <= end for each in own),
        open=sum(each.open_on(end) for each in own),
        overdue=sum(each.overdue_on(end) for each in own),
    )


def _require(text: str, what: str, option: str) -> None:
    if not text.strip():
        raise InvalidInput(f"没有写明{what}。", f"请用 {option} 写明。")


def _require_open(minding: Minding) -> None:
    closed_on = entry_of(minding.file).closed_on
    if closed_on is not None:
        raise Conflict(f"台账 {minding.matter.id} 已于 {closed_on} 销号。", "新问题请另行登记。")
