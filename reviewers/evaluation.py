"""A third party's evaluation (第三方评估) of a draft: recorded by the regulator, printed on the conclusion."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import InvalidInput, NotYourTurn
from engine.model import Evaluation
from engine.store import Receipt
from reviewers import policy
from reviewers.lines import one_line
from reviewers.office import Acting, Upload, act

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Report:
    """What the third party handed in, and his statement of independence."""

    evaluator: str
    independence: str
    summary: str
    file: Upload


@act("evaluate")
def evaluate(acting: Acting, report: Report) -> Receipt:
    """The evaluation of the present text is on file with its report, whose bytes go into the dossier.

    Raises InvalidInput when evaluator, statement of independence, gist or report is missing. Source: Measures art. 35.
    """
    office = acting.office
    policy.may_evaluate(office.officer, acting.file, office.profile, office.today)
    if not acting.work.open_turns(acting.case.id):
        raise NotYourTurn(f"案件 {acting.case.id} 没有待办的审查，不再登记评估。", "文本有改动的，应当重新报送。")
    _require_whole(report)
    version = acting.file.versions[-1]
    record = Evaluation(
        round=acting.case.round,
        version=acting.case.version,
        text_sha256=version.text_sha256,
        evaluator=one_line(report.evaluator),
        independence=report.independence.strip(),
        summary=report.summary.strip(),
        filename=report.file.filename,
        sha256=report.file.sha256,
        recorded_by=office.officer.id,
        unit=office.officer.unit,
        recorded_at=office.now,
    )
    facts = {"evaluator": record.evaluator, "filename": record.filename, "report": record.sha256}
    return acting.note(facts, [record], contents=[acting.work.put_content(report.file.data)])


def _require_whole(report: Report) -> None:
    told = {"评估机构": report.evaluator, "独立性说明": report.independence, "评估结论摘要": report.summary}
    missing = [name for name, text in told.items() if not text.strip()]
    if missing:
        raise InvalidInput(f"没有写明{'、'.join(missing)}。", "请补上 --by、--independence、--summary。")
    if any(len(text) > LONGEST for text in told.values()):
        raise InvalidInput(f"说明或者摘要超过 {LONGEST} 字。", "请写摘要，全文放在评估报告中。")
    if not report.file.data:
        raise InvalidInput(f"评估报告 {report.file.filename} 是空文件。", "请提供评估报告。")
