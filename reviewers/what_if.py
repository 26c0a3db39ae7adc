"""What would still block if a draft were filed and a review form submitted: tried out on a copy of the case file.

Nothing is written. The desk asks before sending; the answer is the gate's own, on a case file that is only imagined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.calendar.zone import local_day
from engine.gate import Question, substance_reasons
from engine.model import (
    AnswerValue,
    CaseFile,
    Document,
    Gate,
    Reason,
    Rejection,
    Review,
    Treatment,
)
from engine.screening import screen
from engine.screening.rules import RulePack
from engine.standards import Standards
from reviewers.carrying import carried, carried_gaps
from reviewers.checklist import Checklist, ReviewForm, load_checklist, problems
from reviewers.conclusions import gate_question
from reviewers.reviewing import disposition_gaps
from reviewers.versions import WHOLE_TEXT, clause_keys, find_clause, keys_of, label, version_of

IMAGINED = "what-if"
CLAUSE_BOUND = frozenset({"FINDING", "P-15", "OPINION"})
FORM_BOUND = frozenset({"P-07", "P-13", "P-14", "ANSWER", "UNSURE", "CARRIED"})


@dataclass(frozen=True, slots=True)
class Remedy:
    """One act and the reasons (by place in the outlook) it clears; `alone` are those no other act is needed for."""

    act: str
    clause: str
    clears: tuple[int, ...]
    alone: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """The gate's open reasons on the imagined case, the fewest acts that clear them, and what the form itself lacks.

    `before` is how many reasons are open now, `round` and `version` those the draft would have.
    """

    round: int
    version: int
    before: int
    reasons: tuple[Reason, ...]
    remedies: tuple[Remedy, ...]
    form_gaps: tuple[str, ...]


def outlook(
    file: CaseFile,
    documents: Mapping[int, Document],
    standards: Standards,
    now: datetime,
    draft: Document | None = None,
    form: ReviewForm | None = None,
    rules: RulePack | None = None,
) -> Outlook:
    """What would still block, were `draft` filed now and `form` submitted at the deciding gate. Changes nothing.

    `documents` are the filed versions by number, the present one among them. Without a draft, or with the present text
    again, the version is kept; without a form the deciding gate is imagined to have
    answered only what may be carried over.
    """
    present = documents.get(file.case.version)
    if draft and present and draft.text_sha256 == present.text_sha256:
        draft = None
    before = substance_reasons(gate_question(file, standards))
    imagined, texts = _filed(file, documents, standards, now, draft, rules)
    deciding = gate_question(imagined, standards).deciding_gate
    if draft is not None:
        for gate in gate_question(imagined, standards).gates:
            imagined = _carried_review(imagined, gate, texts, now)
    gaps = _form_gaps(imagined, deciding, texts, form) if form else ()
    if form:
        imagined = _reviewed(imagined, deciding, form, texts, now)
    question = gate_question(imagined, standards)
    reasons = substance_reasons(question)
    case = imagined.case
    remedies = _remedies(question, reasons, texts[case.version])
    return Outlook(case.round, case.version, len(before), reasons, remedies, gaps)


# ---------------------------------------------------------------- the imagined case file


def _filed(
    file: CaseFile,
    documents: Mapping[int, Document],
    standards: Standards,
    now: datetime,
    draft: Document | None,
    rules: RulePack | None,
) -> tuple[CaseFile, dict[int, Document]]:
    if draft is None:
        return file, dict(documents)
    case = replace(file.case, round=file.case.round + 1, version=file.case.version + 1)
    version = replace(
        version_of(file, file.case.version),
        number=case.version,
        filename=draft.filename,
        sha256=draft.sha256,
        text_sha256=draft.text_sha256,
        title=draft.title,
        document_number=draft.document_number,
        filed_at=now,
        clause_keys=clause_keys(draft),
    )
    screening = screen(draft, standards, local_day(now), rules)
    imagined = replace(file, case=case, versions=(*file.versions, version), screenings=(*file.screenings, screening))
    return imagined, {**documents, case.version: draft}


def _carried_review(file: CaseFile, gate: Gate, documents: Mapping[int, Document], now: datetime) -> CaseFile:
    found = carried(file, gate, _checklist(file, gate), documents)
    if not found.round:
        return file
    form = ReviewForm(answers=tuple(found.answers.values()), dispositions=tuple(found.dispositions.values()))
    return _reviewed(file, gate, form, documents, now)


def _reviewed(
    file: CaseFile, gate: Gate, form: ReviewForm, documents: Mapping[int, Document], now: datetime
) -> CaseFile:
    """The case file with this form as the gate's only review of the round, and what else the form says."""
    case, document = file.case, documents[file.case.version]
    answers = tuple(replace(answer, clause_keys=keys_of(document, answer.clauses)) for answer in form.answers)
    reviewer = f"{IMAGINED} {gate}"
    review = Review(
        gate,
        case.round,
        case.version,
        document.text_sha256,
        reviewer,
        case.unit,
        "",
        answers,
        form.dispositions,
        "",
        now,
    )
    others = tuple(r for r in file.reviews if (r.gate, r.round, r.version) != (gate, case.round, case.version))
    keys = {finding.id: finding.clause_key for finding in file.screenings[-1].findings} if file.screenings else {}
    rejected = tuple(
        Rejection(d.finding, keys[d.finding], d.reason, reviewer, case.unit, now)
        for d in form.dispositions
        if d.treatment is Treatment.REJECTED and d.finding in keys and gate is Gate.JOINT_REVIEW
    )
    return replace(
        file,
        reviews=(*others, review),
        rejections=(*file.rejections, *rejected),
        consultations=(*file.consultations, *([form.consultation] if form.consultation else [])),
        exception_claims=(*file.exception_claims, *([form.exception_claim] if form.exception_claim else [])),
    )


def _form_gaps(file: CaseFile, gate: Gate, documents: Mapping[int, Document], form: ReviewForm) -> tuple[str, ...]:
    checklist = _checklist(file, gate)
    findings = file.screenings[-1].findings if file.screenings else ()
    return (
        *problems(checklist, form.answers, documents[file.case.version]),
        *disposition_gaps(gate, form.dispositions, findings),
        *carried_gaps(carried(file, gate, checklist, documents), form.answers, form.dispositions),
    )


def _checklist(file: CaseFile, gate: Gate) -> Checklist:
    return load_checklist(gate, file.case.kind, local_day(file.case.opened_at))


# ---------------------------------------------------------------- what would clear the reasons


def _remedies(question: Question, reasons: Sequence[Reason], document: Document) -> tuple[Remedy, ...]:
    """The fewest acts: a clause that must change anyway also clears what was only to be answered about it."""
    must = {place for reason in reasons if reason.code in CLAUSE_BOUND for place in _places(question, reason, document)}
    needed: list[list[tuple[str, str]]] = []
    for reason in reasons:
        places = _places(question, reason, document)
        if reason.code in CLAUSE_BOUND or (reason.code in ("ANSWER", "UNSURE") and places and set(places) <= must):
            needed.append([(f"修改或者删去{place}", place) for place in places])
        else:
            needed.append([(_other_act(reason), "")])
    return _merged(needed)


def _merged(needed: Sequence[Sequence[tuple[str, str]]]) -> tuple[Remedy, ...]:
    acts = dict.fromkeys(act for acts in needed for act in acts)
    remedies = [
        Remedy(
            act=act[0],
            clause=act[1],
            clears=tuple(index for index, acts in enumerate(needed) if act in acts),
            alone=tuple(index for index, acts in enumerate(needed) if list(acts) == [act]),
        )
        for act in acts
    ]
    return tuple(sorted(remedies, key=lambda remedy: -len(remedy.clears)))


def _places(question: Question, reason: Reason, document: Document) -> tuple[str, ...]:
    """The clauses the reason lies in, by one name each: all that a hit or doubt names, that of a finding or opinion."""
    if reason.code in ("P-15", "UNSURE"):
        gate = next(g for g in reversed(question.gates) if reason.subject in question.required_items[g])
        graver = AnswerValue.HIT if reason.code == "P-15" else AnswerValue.UNSURE
        names = [c for a in question.answers(gate, reason.subject) if a.value is graver for c in a.clauses]
    else:
        names = [reason.clause or _line_of(question, reason)]
    return tuple(dict.fromkeys(_one_name(document, name) for name in names)) or (WHOLE_TEXT,)


def _line_of(question: Question, reason: Reason) -> str:
    findings = question.screening.findings if question.screening else ()
    return next((f"第{finding.line}行" for finding in findings if finding.id == reason.subject), WHOLE_TEXT)


def _one_name(document: Document, name: str) -> str:
    clause = find_clause(document, name) if name != WHOLE_TEXT else None
    return label(clause) if clause else name


def _other_act(reason: Reason) -> str:
    if reason.code in FORM_BOUND:
        return "审查人员逐项填写并提交审查表（form、review）"
    return reason.next_step or reason.message
