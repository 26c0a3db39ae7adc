"""Reports and supervisors' leads (举报、社会监督线索) about measures: taken in, verified against a clock, concluded.

The reporter's name stays in the complaint: it is neither in the trail's facts nor in lists. A confirmed complaint
opens a ledger entry in the same transaction. Source: Measures arts. 37, 38, 40.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from engine.calendar import add_working_days
from engine.errors import Conflict, InvalidInput, Refused
from engine.gate import who_acted
from engine.model import CaseFile, Complaint, ComplaintAct, ComplaintStep, MatterFile, MatterKind
from engine.store import Receipt, reads
from engine.store.holdings import matter_files
from reviewers.lines import one_line
from reviewers.office import Office
from reviewers.supervision.ledger import TITLE_LENGTH, enter
from reviewers.supervision.minding import Minding, may_lead, may_supervise, on_matter, opening
from reviewers.supervision.periods import load_periods

FILED = "filed"
STATES = {
    FILED: "待核对材料",
    ComplaintAct.CORRECT: "补正中",
    ComplaintAct.ACCEPT: "核查中",
    ComplaintAct.TRANSFER: "已移送",
    ComplaintAct.CONCLUDE: "已有核查结论",
    ComplaintAct.CLOSE: "已办结",
}
BEFORE = {
    ComplaintAct.CORRECT: (FILED,),
    ComplaintAct.ACCEPT: (FILED, ComplaintAct.CORRECT),
    ComplaintAct.TRANSFER: (FILED, ComplaintAct.CORRECT, ComplaintAct.ACCEPT),
    ComplaintAct.EXTEND: (ComplaintAct.ACCEPT,),
    ComplaintAct.CONCLUDE: (ComplaintAct.ACCEPT,),
    ComplaintAct.CLOSE: (FILED, ComplaintAct.CORRECT, ComplaintAct.CONCLUDE),
}
"""The states in which each step may be taken."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A complaint as it stands. `due_on` is the last day of the clock that runs now, None when none does."""

    id: str
    unit: str
    complaint: Complaint
    state: str
    due_on: date | None
    extended: bool
    confirmed: bool | None
    ledger: str
    steps: tuple[ComplaintStep, ...]

    def overdue_on(self, day: date) -> bool:
        """Whether the running clock had run out before that day."""
        return self.due_on is not None and self.due_on < day


def file(office: Office, about: str, text: str, reporter: str) -> Receipt:
    """The complaint is taken in, linked to the reviewed case it names by id or by its whole title.

    A measure never reviewed here is kept by its title. Raises NotFound for an unknown case id.
    """
    may_supervise(office, "登记举报")
    if not about.strip() or not text.strip():
        raise InvalidInput("没有写明举报的文件或事由。", "请用 --about 写明案件编号或文件标题，用 --text 写明事由。")
    case = _case_about(office.store.path, about)
    title, unit = (case["title"], case["unit"]) if case else (one_line(about), "")
    return _file(office, title, unit, case["id"] if case else "", text, reporter or "匿名")


@opening("complaint_file", MatterKind.COMPLAINT)
def _file(minding: Minding, case: str, text: str, reporter: str) -> Receipt:
    office, title = minding.office, minding.matter.title
    complaint = Complaint(case, title, text, reporter, office.officer.id, office.now)
    return minding.save({"concerns": case, "about": "" if case else title}, [complaint])


@on_matter("complaint_correct", MatterKind.COMPLAINT)
def correct(minding: Minding, reason: str) -> Receipt:
    """The reporter was asked to complete the material in the profile's working days. Source: Measures art. 38."""
    office = minding.office
    days = load_periods(office.store.path).correction_working_days
    due_on = add_working_days(office.today, days, office.calendar).due_on
    return _step(minding, ComplaintAct.CORRECT, reason, due_on=due_on)


@on_matter("complaint_accept", MatterKind.COMPLAINT)
def accept(minding: Minding, reason: str) -> Receipt:
    """The material is complete; verification runs for the calendar days of the profile. Source: Measures art. 38."""
    days = load_periods(minding.office.store.path).verification_days
    due_on = minding.office.today + timedelta(days=days)
    return _step(minding, ComplaintAct.ACCEPT, reason or "材料符合要求", due_on=due_on)


@on_matter("complaint_extend", MatterKind.COMPLAINT)
def extend(minding: Minding, days: int, reason: str) -> Receipt:
    """Verification was given more calendar days, once, by the head, before it ran out. Source: Measures art. 38."""
    may_lead(minding.office, "批准延长核查期限")
    standing = standing_of(minding.file)
    most = load_periods(minding.office.store.path).extension_days
    if not 1 <= days <= most:
        raise InvalidInput(f"延长 {days} 天超出范围。", f"可延长 1 至 {most} 天。")
    if standing.extended:
        raise Conflict(f"举报 {minding.matter.id} 的核查期限已延长过一次。", "只能延长一次，请按期作出结论。")
    if standing.overdue_on(minding.office.today):
        raise Conflict(
            f"举报 {minding.matter.id} 的核查期限已于 {standing.due_on} 届满。", "延长须在届满前批准，请尽快作出结论。"
        )
    due_on = standing.due_on + timedelta(days=days) if standing.due_on else None
    return _step(minding, ComplaintAct.EXTEND, reason, due_on=due_on)


@on_matter("complaint_transfer", MatterKind.COMPLAINT)
def transfer(minding: Minding, to: str, reason: str) -> Receipt:
    """The complaint went to who has the power to handle it. Source: Measures arts. 37, 44."""
    if not to.strip():
        raise InvalidInput("没有写明移送给谁。", "请用 --to 写明。")
    return _step(minding, ComplaintAct.TRANSFER, reason, to=to)


@on_matter("complaint_conclude", MatterKind.COMPLAINT)
def conclude(minding: Minding, confirmed: bool, reason: str, unit: str, measure: str, due_on: date | None) -> Receipt:
    """The verification has its conclusion; a confirmed complaint is in the ledger, its deadline running.

    Raises Refused for who reviewed or drafted the measure himself, InvalidInput when a confirmed complaint names no
    responsible unit or measure. Source: Measures arts. 38, 40.
    """
    _not_his_own(minding)
    _require_state(minding, ComplaintAct.CONCLUDE)
    _require_reason(reason)
    ledger = _entered(minding, reason, unit or minding.matter.unit, measure, due_on) if confirmed else ""
    return _step(minding, ComplaintAct.CONCLUDE, reason, confirmed=confirmed, ledger=ledger)


@on_matter("complaint_close", MatterKind.COMPLAINT)
def close(minding: Minding, reason: str) -> Receipt:
    """The complaint is closed: the reporter was told, or the material stayed incomplete and was not verified."""
    return _step(minding, ComplaintAct.CLOSE, reason)


def complaints(database: Path) -> tuple[Standing, ...]:
    """Every complaint, oldest first."""
    return tuple(standing_of(each) for each in matter_files(database, MatterKind.COMPLAINT))


def standing_of(matter: MatterFile) -> Standing:
    """How a complaint stands, by its records."""
    (complaint,) = [record for record in matter.records if isinstance(record, Complaint)]
    steps = tuple(record for record in matter.records if isinstance(record, ComplaintStep))
    moves = [step for step in steps if step.act is not ComplaintAct.EXTEND]
    concluded = [step for step in steps if step.act is ComplaintAct.CONCLUDE]
    return Standing(
        id=matter.matter.id,
        unit=matter.matter.unit,
        complaint=complaint,
        state=moves[-1].act if moves else FILED,
        due_on=steps[-1].due_on if steps else None,
        extended=len(moves) < len(steps),
        confirmed=concluded[-1].confirmed if concluded else None,
        ledger=concluded[-1].ledger if concluded else "",
        steps=steps,
    )


def _case_about(database: Path, about: str) -> reads.Found | None:
    found = [row for row in reads.find_cases(database, about.strip(), limit=1000) if row["title"] == about.strip()]
    if len(about.strip()) == 9 and about.strip()[:4].isdecimal() and about.strip()[4] == "-":
        return reads.case_row(database, about.strip())
    return found[0] if found else None


def _step(
    minding: Minding,
    act: ComplaintAct,
    reason: str,
    due_on: date | None = None,
    confirmed: bool = False,
    ledger: str = "",
    to: str = "",
) -> Receipt:
    may_supervise(minding.office, "办理举报")
    _require_state(minding, act)
    _require_reason(reason)
    officer = minding.office.officer
    step = ComplaintStep(act, reason, due_on, confirmed, ledger, to, officer.id, officer.unit, minding.office.now)
    facts = {"step": act, "due_on": due_on, "confirmed": confirmed, "ledger": ledger, "sent_to": to}
    return minding.save(facts, [step])


def _require_state(minding: Minding, act: ComplaintAct) -> None:
    state = standing_of(minding.file).state
    if state not in BEFORE[act]:
        raise Conflict(
            f"举报 {minding.matter.id} 现在是“{STATES[state]}”，不能办理此项。",
            f"此项只在“{'”“'.join(STATES[each] for each in BEFORE[act])}”时办理。",
        )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput("没有写明理由。", "请加上 --reason “理由”。")


def _not_his_own(minding: Minding) -> None:
    case_id, officer = standing_of(minding.file).complaint.case, minding.office.officer
    if not case_id:
        return
    case_file: CaseFile = minding.work.case_file(case_id)
    if officer.unit == case_file.case.unit or officer.id in who_acted(case_file):
        raise Refused(
            f"{officer.name}起草或审查过案件 {case_id}，不能对有关它的举报作出核查结论。", "请由未参与该案的人员办理。"
        )


def _entered(minding: Minding, problem: str, unit: str, measure: str, due_on: date | None) -> str:
    """The number of the ledger entry a confirmed complaint opens."""
    office = minding.office
    if not unit:
        raise InvalidInput("举报的文件没有对应的案件，须写明责任单位。", "请用 --unit 写明。")
    if not measure.strip():
        raise InvalidInput("举报属实，须写明整改措施。", "请用 --measure 写明。")
    office.profile.unit(unit)
    days = load_periods(office.store.path).rectification_working_days
    by = due_on or add_working_days(office.today, days, office.calendar).due_on
    complaint = standing_of(minding.file).complaint
    entry = minding.beginning(MatterKind.LEDGER, "ledger_add", one_line(problem)[:TITLE_LENGTH], unit)
    return enter(entry, complaint.case, problem, measure, by, "举报核查属实", minding.matter.id).case_id
