"""Turning a filled review form into records, checked against the checklist, the text and the findings first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.calendar.zone import local_day
from engine.errors import InvalidInput
from engine.model import (
    AnswerValue,
    Consultation,
    Disposition,
    Document,
    ExceptionClaim,
    Finding,
    Gate,
    Rejection,
    Review,
    Screening,
    Treatment,
)
from reviewers.carrying import carried, carried_gaps
from reviewers.checklist import Checklist, ReviewForm, load_checklist, problems, unanswered
from reviewers.form.words import ALLOWED_TREATMENTS, TREATMENT_WORDS
from reviewers.interests import DECLARE, declared
from reviewers.office import Acting, stored_document
from reviewers.versions import keys_of, readable_documents

__all__ = ["FiledReview", "ReviewForm", "filed_review"]


@dataclass(frozen=True, slots=True)
class FiledReview:
    """The records one filled form becomes."""

    review: Review
    consultation: Consultation | None
    exception_claim: ExceptionClaim | None
    rejections: tuple[Rejection, ...]

    @property
    def all(self) -> list[Review | Consultation | ExceptionClaim | Rejection]:
        optional = [record for record in (self.consultation, self.exception_claim) if record]
        return [self.review, *optional, *self.rejections]

    @property
    def hits(self) -> list[str]:
        return [answer.item for answer in self.review.answers if answer.value is AnswerValue.HIT]


def filed_review(acting: Acting, gate: Gate, form: ReviewForm) -> FiledReview:
    """The records of a complete form; raises InvalidInput with every gap in it, so that nothing half-filled is kept."""
    checklist = load_checklist(gate, acting.case.kind, local_day(acting.case.opened_at))
    screening = acting.file.screenings[-1] if acting.file.screenings else None
    document = stored_document(acting.work, acting.file)
    gaps = form_gaps(acting, checklist, form, screening, document)
    if gaps:
        raise InvalidInput(
            f"审查表有 {len(gaps)} 处需要补充：{'；'.join(gap.rstrip('。') for gap in gaps[:5])}。",
            "补充后重新提交，未作任何保存。",
        )
    officer, case = acting.office.officer, acting.case
    review = Review(
        gate=gate,
        round=case.round,
        version=case.version,
        text_sha256=acting.file.versions[-1].text_sha256,
        reviewer=officer.id,
        unit=officer.unit,
        checklist=checklist.id,
        answers=tuple(replace(a, clause_keys=keys_of(document, a.clauses)) for a in form.answers),
        dispositions=form.dispositions,
        opinion=form.opinion,
        completed_at=acting.office.now,
        interests=declared(form.interests),
    )
    return FiledReview(review, form.consultation, form.exception_claim, _rejections(acting, form, screening))


def form_gaps(
    acting: Acting, checklist: Checklist, form: ReviewForm, screening: Screening | None, document: Document
) -> tuple[str, ...]:
    """Every reason this form cannot be kept, in Chinese; empty when it can."""
    gate = checklist.gate
    findings = screening.findings if screening else ()
    missing = unanswered(checklist, form.answers)
    gaps = [f"{len(missing)} 项未作答（{'、'.join(q.id for q in missing[:5])}等），未作答不等于“否”"] if missing else []
    gaps += [*problems(checklist, form.answers, document), *disposition_gaps(gate, form.dispositions, findings)]
    known = {finding.id for finding in findings} | checklist.items
    gaps += [
        f"处置栏的“{d.finding}”不是本稿的疑似问题或者审查项目" for d in form.dispositions if d.finding not in known
    ]
    if gate is Gate.JOINT_REVIEW and not declared(form.interests):
        gaps.append(DECLARE)
    heard_before = acting.file.consultations or form.consultation
    if gate is Gate.SELF_REVIEW and not heard_before:
        gaps.append("没有填写“听取意见”")
    if any(a.carried_from for a in form.answers) or any(d.carried_from for d in form.dispositions):
        standing = carried(acting.file, gate, checklist, readable_documents(acting.work, acting.file))
        gaps += carried_gaps(standing, form.answers, form.dispositions)
    return tuple(gaps)


def disposition_gaps(
    gate: Gate, dispositions: tuple[Disposition, ...], findings: tuple[Finding, ...]
) -> tuple[str, ...]:
    """Findings without an answer, and answers this gate may not give or that lack their reason or basis."""
    answered = {d.finding for d in dispositions}
    gaps = [f"疑似问题 {f.id}（第{f.line}行）没有处置意见" for f in findings if f.id not in answered]
    for disposition in dispositions:
        if disposition.treatment not in ALLOWED_TREATMENTS[gate]:
            allowed = "、".join(TREATMENT_WORDS[t] for t in ALLOWED_TREATMENTS[gate])
            gaps.append(
                f"{disposition.finding} 的处置“{TREATMENT_WORDS[disposition.treatment]}”此环节不可用，可用：{allowed}"
            )
        if not disposition.reason.strip():
            gaps.append(f"{disposition.finding} 的处置没有理由")
        if disposition.treatment is Treatment.BASIS and disposition.basis is None:
            gaps.append(f"{disposition.finding} 的处置为“依据”，但没有写明文件、条款和位阶")
    return tuple(gaps)


def _rejections(acting: Acting, form: ReviewForm, screening: Screening | None) -> tuple[Rejection, ...]:
    keys = {finding.id: finding.clause_key for finding in (screening.findings if screening else ())}
    officer = acting.office.officer
    return tuple(
        Rejection(d.finding, keys[d.finding], d.reason, officer.id, officer.unit, acting.office.now)
        for d in form.dispositions
        if d.treatment is Treatment.REJECTED and d.finding in keys
    )
