"""The forms of the demonstration: what reviewers answer on a sample, from its known situations or from the findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from engine.calendar.zone import local_day
from engine.model import (
    Answer,
    AnswerValue,
    CaseFile,
    Consultation,
    Disposition,
    Document,
    Finding,
    Gate,
    Hearing,
    Level,
    Treatment,
)
from reviewers.checklist import ReviewForm, load_checklist
from reviewers.samples import Situation


def self_form(file: CaseFile, consultation: Consultation | None) -> ReviewForm:
    """A drafting unit that sees no problem: every item 否, every finding objected to."""
    dispositions = [
        Disposition(finding.id, Treatment.OBJECTION, "承办科室认为属于正常管理要求。")
        for finding in file.screenings[-1].findings
    ]
    heard = consultation or Consultation(
        (Hearing("行业协会（演示）", "association", date(2026, 10, 9), "无异议。", "采纳。"),), False, "演示文件"
    )
    return ReviewForm(
        "经自查，未认定存在问题。", _answers(file, Gate.SELF_REVIEW, {}), tuple(dispositions), heard, None
    )


def joint_form(file: CaseFile, document: Document, situations: Sequence[Situation]) -> ReviewForm:
    """A market regulator who names each situation, confirms the findings on it and rejects the others."""
    hits = {}
    for situation in situations:
        clause = _clause_of(document, situation.quote)
        for item in situation.items:
            hits[item] = Answer(item, AnswerValue.HIT, (clause,), situation.quote, situation.why, "删除或修改该条款。")
    dispositions = [_judged(finding, situations) for finding in file.screenings[-1].findings]
    opinion = f"认定 {len(situations)} 处问题。" if situations else "未发现排除、限制竞争的内容。"
    return ReviewForm(opinion, _answers(file, Gate.JOINT_REVIEW, hits), tuple(dispositions), None, None, "无")


def situations_of(file: CaseFile, document: Document) -> tuple[Situation, ...]:
    """The blocking findings of the present version as situations, for a draft nobody has read before."""
    checklist = load_checklist(Gate.JOINT_REVIEW, file.case.kind, local_day(file.case.opened_at))
    return tuple(
        Situation(document.text[finding.start : finding.end], items, finding.why)
        for finding in file.screenings[-1].findings
        if finding.level is Level.BLOCK
        for items in [tuple(item for item in finding.articles if item in checklist.items)]
    )


def _answers(file: CaseFile, gate: Gate, hits: dict[str, Answer]) -> tuple[Answer, ...]:
    checklist = load_checklist(gate, file.case.kind, local_day(file.case.opened_at))
    return tuple(hits.get(q.item, Answer(q.item, AnswerValue.NO_HIT)) for q in checklist.questions)


def _judged(finding: Finding, situations: Sequence[Situation]) -> Disposition:
    if any(finding.text in s.quote or s.quote in finding.text or _shares(finding.text, s.quote) for s in situations):
        return Disposition(finding.id, Treatment.CONFIRMED, "会审认定属实。")
    return Disposition(finding.id, Treatment.REJECTED, "经核对，该条款对各类经营者一视同仁，不具有排除、限制竞争效果。")


def _shares(one: str, other: str, length: int = 8) -> bool:
    return any(one[at : at + length] in other for at in range(max(len(one) - length + 1, 1)))


def _clause_of(document: Document, quote: str) -> str:
    position = max(document.text.find(quote), 0)
    clause = next((c for c in document.clauses if c.start <= position < c.end), None)
    if clause is not None and clause.number:
        return clause.number
    return f"第{document.text.count(chr(10), 0, position) + 1}行"
