"""公平竞争审查表: one filled checklist, item by item, with the consultation and the reviewer's opinion."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import Answer, AnswerValue, Consultation, Gate, Review
from reviewers.form.words import ANSWER_WORDS, HEARING_WORDS, TREATMENT_WORDS
from reviewers.papers import Dossier
from reviewers.papers.sheet import facts, heading, local_time, page, paragraph, table

CSS = {AnswerValue.HIT: "yes", AnswerValue.UNSURE: "yes"}
GATES = {Gate.SELF_REVIEW: "初审", Gate.JOINT_REVIEW: "会审"}


def papers(dossier: Dossier) -> Mapping[str, bytes]:
    """One form a filed review, in filing order."""
    made = {}
    for number, review in enumerate(dossier.file.reviews, 1):
        name = (
            f"审查表-{number:02d}-第{review.round}轮{GATES[review.gate]}-{dossier.officer_name(review.reviewer)}.html"
        )
        made[name] = _form(dossier, review)
    return made


def _form(dossier: Dossier, review: Review) -> bytes:
    file, form_title = dossier.file, dossier.profile.practice.forms.get("review_form", "公平竞争审查表")
    version = next(v for v in reversed(file.versions) if v.number == review.version)
    body = [
        facts(
            [
                ("政策措施名称", file.case.title),
                ("文号", version.document_number or "（待编号）"),
                ("起草单位", dossier.unit_name(file.case.unit)),
                ("审查环节", f"第{review.round}轮{GATES[review.gate]}"),
                ("审查人", f"{dossier.officer_name(review.reviewer)}({dossier.unit_name(review.unit)})"),
                ("审查时间", local_time(review.completed_at)),
                ("审查文本", f"第{review.version}稿，文本摘要 {review.text_sha256}"),
                ("审查表版本", review.checklist),
            ]
        ),
        *(_consultation(file.consultations[-1]) if review.gate is Gate.SELF_REVIEW and file.consultations else ()),
        heading("逐项审查"),
        table(
            ("项目", "出处", "答复", "条款", "理由和修改意见"),
            [_answer_row(dossier, answer) for answer in review.answers],
            [CSS.get(answer.value, "") for answer in review.answers],
        ),
        heading("疑似问题处置"),
        table(
            ("编号", "处置", "理由"), [(d.finding, TREATMENT_WORDS[d.treatment], d.reason) for d in review.dispositions]
        )
        if review.dispositions
        else paragraph("无疑似问题。"),
        heading("总体意见"),
        paragraph(review.opinion or "（未填写）"),
    ]
    return page(form_title, body, dossier.trail_head)


def _answer_row(dossier: Dossier, answer: Answer) -> tuple[str, str, str, str, str]:
    citation = dossier.standards.citation(answer.item) if answer.item in dossier.standards.items else ""
    told = "\n".join(part for part in (answer.quote, answer.reason, answer.change) if part)
    carried = f"\n（沿用第{answer.carried_from}轮，条款未变）" if answer.carried_from else ""
    return answer.item, citation, ANSWER_WORDS[answer.value] + carried, "、".join(answer.clauses), told


def _consultation(consultation: Consultation) -> tuple[str, ...]:
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
        heading("听取意见情况"),
        table(("对象", "类型", "日期", "意见", "采纳情况"), rows),
        *(paragraph(note) for note in notes if note),
    )
