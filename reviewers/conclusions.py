"""What both gates need to conclude: the gate is asked first, then the signed conclusion is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from engine.calendar.zone import local_day
from engine.errors import Blocked, InvalidInput
from engine.gate import Question, substance_reasons
from engine.model import CaseFile, Conclusion, Gate, Outcome, Reason
from engine.standards import Standards
from reviewers.checklist import load_checklist

if TYPE_CHECKING:
    from reviewers.office import Acting

PASSING = (Outcome.COMPLIANT, Outcome.EXCEPTION)


def gate_question(
    file: CaseFile,
    standards: Standards,
    text_sha256: str = "",
    accepting: bool = False,
    on: date | None = None,
) -> Question:
    """The question put to the gate about a case: every item its checklists ask must have been answered."""
    opened_on = local_day(file.case.opened_at)
    required = {gate: load_checklist(gate, file.case.kind, opened_on).items for gate in Gate}
    return Question(file, standards, required, text_sha256, accepting, on)


def require_concludable(acting: Acting, outcome: Outcome) -> None:
    """Raises Blocked, with every open reason, when a passing conclusion is not allowed on this text."""
    if outcome not in PASSING:
        return
    accepting = outcome is Outcome.EXCEPTION
    reasons = substance_reasons(
        gate_question(acting.file, acting.office.standards, accepting=accepting, on=acting.office.today)
    )
    if reasons:
        raise Blocked(blocked_message(acting.case.id, reasons), f"运行 shuangshen why {acting.case.id} 查看全部理由。")


def blocked_message(case_id: str, reasons: Sequence[Reason]) -> str:
    """One line: how many reasons keep the document, and the first."""
    return f"案件 {case_id} 有 {len(reasons)} 项理由不得出台，首项：{reasons[0].message}"


def signed(acting: Acting, gate: Gate, outcome: Outcome, reason: str) -> Conclusion:
    """The conclusion record of the acting officer on the present version."""
    if not reason.strip():
        raise InvalidInput("审查结论须写明理由。", "请加上 --reason “理由”。")
    if outcome is Outcome.EXCEPTION and not acting.file.exception_claims:
        raise InvalidInput("结论为适用例外规定，但案卷中没有例外说明。", "请由起草单位在审查表“例外”一栏填写后再签署。")
    version, officer = acting.file.versions[-1], acting.office.officer
    return Conclusion(
        gate=gate,
        round=acting.case.round,
        version=acting.case.version,
        text_sha256=version.text_sha256,
        outcome=outcome,
        reason=reason,
        signed_by=officer.id,
        unit=officer.unit,
        signed_at=acting.office.now,
        exception_accepted=outcome is Outcome.EXCEPTION,
    )
