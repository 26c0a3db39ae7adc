"""Who else took part in a review, for its letter: departments, reviewers changed, interests, a third party."""

from __future__ import annotations

from engine.model import Conclusion, Staffing, StaffingAct
from reviewers.departments import CONSULTING
from reviewers.papers import Dossier
from reviewers.papers.sheet import heading, paragraph, table

CHANGES = {StaffingAct.REPLACED: "改派", StaffingAct.ADDED: "增加", StaffingAct.SKIPPED: "跳过"}


def departments(dossier: Dossier, conclusion: Conclusion) -> list[str]:
    """What each department asked in this round answered, and which were passed over."""
    rows = [
        (
            dossier.unit_name(answer.department),
            "无不同意见" if answer.agrees else "有意见",
            "、".join(answer.opinions) + ("\n" if answer.opinions else "") + answer.text,
            dossier.officer_name(answer.answered_by),
        )
        for answer in dossier.file.department_answers
        if answer.round == conclusion.round
    ]
    passed_over = [s for s in _changes(dossier, conclusion) if (s.element, s.act) == (CONSULTING, StaffingAct.SKIPPED)]
    rows += [(_named(dossier, s.instance), "未答复", f"经会审负责人决定不再等待：{s.reason}", "") for s in passed_over]
    if not rows:
        return []
    return [heading("会审部门意见"), table(("部门", "答复", "意见", "答复人"), rows, widths=(26, 14, 44, 16))]


def staffing(dossier: Dossier, conclusion: Conclusion) -> list[str]:
    """Every change of reviewers at this gate in this round, with its reason."""
    rows = [
        (CHANGES[s.act], _named(dossier, s.instance), _named(dossier, s.officer), s.reason)
        for s in _changes(dossier, conclusion)
    ]
    if not rows:
        return []
    return [heading("审查人员调整"), table(("调整", "原审查人", "改由", "理由"), rows, widths=(12, 24, 24, 40))]


def interests(dossier: Dossier, conclusion: Conclusion) -> list[str]:
    """The declarations of those who reviewed and of the one who signs; nothing where none was asked for."""
    reviews = [
        (review.reviewer, review.interests)
        for review in dossier.file.reviews
        if (review.gate, review.round, review.version) == (conclusion.gate, conclusion.round, conclusion.version)
    ]
    told = dict([*reviews, (conclusion.signed_by, conclusion.interests)])
    said = "；".join(f"{dossier.officer_name(officer)}：{words}" for officer, words in told.items() if words)
    return [paragraph(f"利益冲突声明——{said}。", "body")] if said else []


def evaluations(dossier: Dossier, conclusion: Conclusion) -> list[str]:
    """What a third party said of the text concluded on, or of an earlier one."""
    rows = [
        (
            evaluation.evaluator,
            f"第{evaluation.version}稿",
            evaluation.summary,
            evaluation.independence,
            f"{evaluation.filename}\n{evaluation.sha256}",
        )
        for evaluation in dossier.file.evaluations
        if evaluation.recorded_at <= conclusion.signed_at
    ]
    if not rows:
        return []
    headings = ("评估机构", "文本", "评估结论", "独立性说明", "评估报告")
    return [heading("第三方评估"), table(headings, rows, widths=(16, 8, 30, 22, 24))]


def _changes(dossier: Dossier, conclusion: Conclusion) -> list[Staffing]:
    place = (conclusion.gate, conclusion.round)
    return [staffing for staffing in dossier.file.staffings if (staffing.gate, staffing.round) == place]


def _named(dossier: Dossier, place: str) -> str:
    """A place in words: the officer, the unit, or the number of a seat nobody had taken."""
    if place in dossier.profile.officers:
        return dossier.officer_name(place)
    if place in dossier.profile.units:
        return dossier.unit_name(place)
    return f"第{place}席（未领取）" if place.isdigit() else place
