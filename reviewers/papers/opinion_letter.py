"""初审意见 and 会审意见书: one signed conclusion as a letter, with what it was based on."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import Answer, AnswerValue, Conclusion, Gate, Outcome, Ruling
from reviewers import policy
from reviewers.papers import Dossier, taking_part
from reviewers.papers.exception import exception_facts
from reviewers.papers.sheet import facts, heading, local_time, page, paragraph, short_citation, signature, table

TITLES = {Gate.SELF_REVIEW: "preliminary_opinion", Gate.JOINT_REVIEW: "joint_opinion"}
RULINGS = {
    Ruling.WITHDRAWN: "提出人撤回",
    Ruling.CLEARED: "联席会议决定不再阻断",
    Ruling.UPHELD: "联席会议决定维持",
}
SENTENCES = {
    Outcome.COMPLIANT: "经审查，符合公平竞争审查标准，可以出台。",
    Outcome.EXCEPTION: "经审查，具有或者可能具有排除、限制竞争效果，但符合例外规定，可以在期限内出台。",
    Outcome.REVISE: "经审查，存在不符合公平竞争审查标准的内容，应当修改后重新报审；修改前不得出台。",
    Outcome.MUST_NOT_ISSUE: "经审查，不符合公平竞争审查标准，不得出台。",
    Outcome.OUT_OF_SCOPE: "经审查，不属于公平竞争审查范围。",
}


def papers(dossier: Dossier) -> Mapping[str, bytes]:
    """One letter a signed conclusion, in signing order."""
    made = {}
    for number, conclusion in enumerate(dossier.file.conclusions, 1):
        title = _title(dossier, conclusion)
        made[f"{title}-{number:02d}-第{conclusion.round}轮.html"] = _letter(dossier, conclusion, title)
    return made


def _title(dossier: Dossier, conclusion: Conclusion) -> str:
    default = "公平竞争审查初审意见" if conclusion.gate is Gate.SELF_REVIEW else "公平竞争审查会审意见书"
    return dossier.profile.practice.forms.get(TITLES[conclusion.gate], default)


def _letter(dossier: Dossier, conclusion: Conclusion, title: str) -> bytes:
    case = dossier.file.case
    remark = policy.conclusion_remark(case, dossier.profile) if conclusion.gate is Gate.JOINT_REVIEW else ""
    joint = conclusion.gate is Gate.JOINT_REVIEW
    hits = _hits(dossier, conclusion)
    body = [
        paragraph(f"案件编号 {dossier.profile.practice.case_prefix} {case.id}（第{conclusion.round}轮）", "number"),
        paragraph(f"{dossier.unit_name(case.unit)}：" if joint else "市场监管部门："),
        paragraph(f"《{case.title}》第{conclusion.version}稿{'收悉' if joint else '已完成自我审查'}。", "body"),
        paragraph(SENTENCES[conclusion.outcome], "body"),
        paragraph(f"理由：{conclusion.reason}", "body"),
        *(_problems(hits) if hits else []),
        *_disagreements(dossier, conclusion),
        *_taking_part(dossier, conclusion),
        *_exception(dossier, conclusion),
        *([paragraph(f"说明：{remark}", "body")] if remark else []),
        paragraph(f"所审文本摘要 {conclusion.text_sha256}，签署时间 {local_time(conclusion.signed_at)}。", "body"),
        signature(dossier.unit_name(conclusion.unit), dossier.officer_name(conclusion.signed_by), conclusion.signed_at),
    ]
    return page(title, body, dossier.trail_head)


def _taking_part(dossier: Dossier, conclusion: Conclusion) -> list[str]:
    if conclusion.gate is not Gate.JOINT_REVIEW:
        return taking_part.staffing(dossier, conclusion)
    parts = (taking_part.departments, taking_part.evaluations, taking_part.staffing, taking_part.interests)
    return [line for part in parts for line in part(dossier, conclusion)]


def _exception(dossier: Dossier, conclusion: Conclusion) -> list[str]:
    if conclusion.outcome is not Outcome.EXCEPTION or not dossier.file.exception_claims:
        return []
    return [heading("适用例外规定"), facts(exception_facts(dossier.file.exception_claims[-1]))]


def _problems(hits: list[tuple[str, str, str, str, str]]) -> list[str]:
    headings = ("项目", "出处", "条款", "理由", "修改意见")
    return [heading("审查认定的问题"), table(headings, hits, widths=(10, 26, 16, 28, 20))]


def _disagreements(dossier: Dossier, conclusion: Conclusion) -> list[str]:
    """Minority views of this gate's round, and how opinions were settled before the conclusion was signed."""
    dissents = [
        (dossier.officer_name(opinion.author), opinion.clause, opinion.text)
        for opinion in dossier.file.opinions
        if opinion.dissent and (opinion.gate, opinion.round) == (conclusion.gate, conclusion.round)
    ]
    settled = [
        (settlement.opinion, RULINGS[settlement.ruling], settlement.meeting, settlement.reason)
        for settlement in dossier.file.settlements
        if conclusion.gate is Gate.JOINT_REVIEW and settlement.recorded_at <= conclusion.signed_at
    ]
    told = [heading("保留的不同意见"), table(("提出人", "条款", "意见"), dissents)] if dissents else []
    decided = [heading("意见了结情况"), table(("意见", "结果", "会议", "理由"), settled)] if settled else []
    return [*told, *decided]


def _hits(dossier: Dossier, conclusion: Conclusion) -> list[tuple[str, str, str, str, str]]:
    """One row an item, the reviewers' words together where they differ."""
    rows: dict[str, list[Answer]] = {}
    for review in dossier.file.reviews:
        if review.gate is conclusion.gate and review.round == conclusion.round:
            for answer in review.answers:
                if answer.value is AnswerValue.HIT and answer.item in dossier.standards.items:
                    rows.setdefault(answer.item, []).append(answer)
    return [
        (
            item,
            short_citation(dossier.standards.citation(item)),
            "、".join(dict.fromkeys(clause for answer in answers for clause in answer.clauses)),
            "\n".join(dict.fromkeys(answer.reason for answer in answers)),
            "\n".join(dict.fromkeys(answer.change for answer in answers)),
        )
        for item, answers in rows.items()
    ]
