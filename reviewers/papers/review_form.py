"""公平竞争审查表: one filled checklist with the fields of the official form, item by item.

What the record does not hold (branch of industry, telephone numbers) is left to be written in by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from engine.calendar.zone import local_day
from engine.model import Answer, AnswerValue, Basis, DraftKind, Gate, Review, Treatment
from reviewers.checklist import load_checklist
from reviewers.form.words import ANSWER_WORDS, GATE_NAMES, HEARING_WORDS, RANK_WORDS, TREATMENT_WORDS
from reviewers.papers import Dossier
from reviewers.papers.exception import exception_facts
from reviewers.papers.opinion_letter import SENTENCES
from reviewers.papers.sheet import facts, fields, heading, local_time, page, paragraph, signature, table

CSS = {AnswerValue.HIT: "yes", AnswerValue.UNSURE: "yes"}
BLANK = "＿＿＿＿＿＿"
KINDS = {
    DraftKind.NORMATIVE_DOCUMENT: "规范性文件",
    DraftKind.POLICY_DOCUMENT: "其他政策措施",
    DraftKind.AGENDA_ITEM: "提请审议事项",
    DraftKind.AGREEMENT: "协议",
    DraftKind.TENDER_DOCUMENT: "招标文件",
}


def papers(dossier: Dossier) -> Mapping[str, bytes]:
    """One form a filed review, in filing order."""
    made = {}
    for number, review in enumerate(dossier.file.reviews, 1):
        stage = f"第{review.round}轮{GATE_NAMES[review.gate]}"
        made[f"审查表-{number:02d}-{stage}-{dossier.officer_name(review.reviewer)}.html"] = _form(dossier, review)
    return made


def _form(dossier: Dossier, review: Review) -> bytes:
    body = [
        fields(_head(dossier, review)),
        *_consultation(dossier, review),
        heading("咨询及第三方评估情况"),
        *_evaluations(dossier, review),
        heading("逐项审查"),
        *_answers(dossier, review),
        heading("疑似问题处置"),
        *_dispositions(review),
        heading("审查意见"),
        paragraph(review.opinion or "（未填写）", "body"),
        *_exception(dossier, review),
        *_conclusion(dossier, review),
    ]
    return page(dossier.profile.practice.forms.get("review_form", "公平竞争审查表"), body, dossier.trail_head)


def _head(dossier: Dossier, review: Review) -> list[list[tuple[str, str]]]:
    case, practice = dossier.file.case, dossier.profile.practice
    version = next(v for v in reversed(dossier.file.versions) if v.number == review.version)
    return [
        [("日期", local_time(review.completed_at)), ("案件编号", f"{practice.case_prefix} {case.id}")],
        [("政策措施名称", case.title)],
        [("文号", version.document_number or "（待编号）"), ("性质", KINDS[case.kind])],
        [("涉及行业领域", BLANK), ("审查环节", f"第{review.round}轮{GATE_NAMES[review.gate]}")],
        [("起草机构", dossier.unit_name(case.unit)), ("联系人、电话", _contact(dossier, case.opened_by))],
        [("审查机构", dossier.unit_name(review.unit)), ("审查人、电话", _contact(dossier, review.reviewer))],
        [("审查文本", f"第{review.version}稿，文本摘要 {review.text_sha256}")],
    ]


def _contact(dossier: Dossier, officer: str) -> str:
    return f"{dossier.officer_name(officer)}，{BLANK}"


def _answers(dossier: Dossier, review: Review) -> list[str]:
    """Every item with its question and answer, under the article it comes from."""
    texts = _questions(dossier, review)
    rows: list[tuple[str, ...]] = []
    marks: list[str] = []
    for article, answers in groupby(review.answers, key=lambda answer: _article(dossier, answer.item)):
        rows.append((article,))
        marks.append("")
        for answer in answers:
            rows.append(_answer_row(answer, texts))
            marks.append(CSS.get(answer.value, ""))
    headings = ("项目", "审查内容", "答复", "条款", "理由和修改意见")
    note = f"审查表版本 {review.checklist}。答“是”指存在该问题。"
    return [paragraph(note), table(headings, rows, marks, widths=(11, 35, 10, 14, 30))]


def _questions(dossier: Dossier, review: Review) -> Mapping[str, str]:
    """The items in the words the reviewer was asked in, as far as that edition is still at hand."""
    items = {item.id: item.text for item in dossier.standards.items.values()}
    case = dossier.file.case
    checklist = load_checklist(review.gate, case.kind, local_day(case.opened_at))
    asked = {question.item: question.text for question in checklist.questions}
    return items | asked if checklist.id == review.checklist else items


def _article(dossier: Dossier, item: str) -> str:
    if item not in dossier.standards.items:
        return "其他"
    citation = dossier.standards.citation(item)
    return citation.partition("第（")[0] if item[0] in "MB" else "程序"


def _answer_row(answer: Answer, texts: Mapping[str, str]) -> tuple[str, ...]:
    told = "\n".join(part for part in (answer.quote, answer.reason, answer.change) if part)
    carried = f"\n（沿用第{answer.carried_from}轮，条款未变）" if answer.carried_from else ""
    value = ANSWER_WORDS[answer.value] + carried
    return answer.item, texts.get(answer.item, ""), value, "、".join(answer.clauses), told


def _dispositions(review: Review) -> list[str]:
    rows = [(d.finding, TREATMENT_WORDS[d.treatment], d.reason + _basis(d.basis)) for d in review.dispositions]
    return [table(("编号", "处置", "理由和依据"), rows, widths=(18, 12, 70)) if rows else paragraph("无疑似问题。")]


def _basis(basis: Basis | None) -> str:
    return f"\n依据：{basis.instrument}{basis.provision}（{RANK_WORDS[basis.rank]}）" if basis else ""


def _evaluations(dossier: Dossier, review: Review) -> list[str]:
    made = [e for e in dossier.file.evaluations if e.text_sha256 == review.text_sha256]
    told = [paragraph(f"{e.evaluator}：{e.summary}（报告 {e.filename}，另附）", "body") for e in made]
    return told or [paragraph("（如有，另附报告）")]


def _exception(dossier: Dossier, review: Review) -> list[str]:
    claimed = any(d.treatment is Treatment.EXCEPTION for d in review.dispositions)
    claims = dossier.file.exception_claims[-1:] if claimed else ()
    told = [facts(exception_facts(claim)) for claim in claims] or [paragraph("是" if claimed else "否")]
    return [heading("适用例外规定"), *told]


def _conclusion(dossier: Dossier, review: Review) -> list[str]:
    """The conclusion of this gate on this version, with the opinion and signature of the head of the review body."""
    signed = [
        conclusion
        for conclusion in dossier.file.conclusions
        if (conclusion.gate, conclusion.round, conclusion.version) == (review.gate, review.round, review.version)
    ]
    if not signed:
        return [heading("审查结论"), paragraph("（尚未签署）")]
    last = signed[-1]
    person = dossier.officer_name(last.signed_by)
    return [
        heading("审查结论和审查机构主要负责人意见"),
        paragraph(SENTENCES[last.outcome], "body"),
        paragraph(last.reason, "body"),
        signature(dossier.unit_name(last.unit), person, last.signed_at),
    ]


def _consultation(dossier: Dossier, review: Review) -> tuple[str, ...]:
    if review.gate is not Gate.SELF_REVIEW or not dossier.file.consultations:
        return ()
    consultation = dossier.file.consultations[-1]
    rows = [
        (
            hearing.name,
            HEARING_WORDS.get(hearing.kind, hearing.kind),
            str(hearing.heard_on),
            hearing.opinion,
            hearing.adopted,
        )
        for hearing in consultation.hearings
    ]
    notes = [consultation.public_reason, consultation.confidential_reason]
    return (
        heading("征求意见情况"),
        table(("对象", "类型", "日期", "意见", "采纳情况"), rows, widths=(20, 13, 17, 30, 20)),
        *(paragraph(note, "body") for note in notes if note),
    )
