"""A case, everything filed in it, and what the gate says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.filings import (
    Acceptance,
    Conclusion,
    Consultation,
    Correction,
    DepartmentAnswer,
    Editorial,
    Evaluation,
    ExceptionClaim,
    Redo,
    Rejection,
    Review,
    ScopeDecision,
    Staffing,
    Version,
)
from engine.model.findings import Screening
from engine.model.opinions import Adoption, EffectCheck, Opinion, Reopening, Settlement
from engine.model.retention import Disposal, RetentionStep
from engine.model.terms import DraftKind, Outcome, Route, Trigger


@dataclass(frozen=True, slots=True)
class Case:
    """Where a case stands. `stage` is derived from the process position in the same transaction.

    `position` is opaque to all but `engine.process`; `revision` counts saves and guards against lost updates.
    """

    id: str
    title: str
    unit: str
    kind: DraftKind
    trigger: Trigger
    route: Route
    stage: str
    round: int
    version: int
    opened_by: str
    opened_at: datetime
    bundle: str
    position: bytes
    revision: int


Record = (
    Version
    | ScopeDecision
    | Screening
    | Consultation
    | ExceptionClaim
    | Review
    | Correction
    | Rejection
    | Conclusion
    | Acceptance
    | Redo
    | Opinion
    | Adoption
    | Settlement
    | EffectCheck
    | Reopening
    | Staffing
    | DepartmentAnswer
    | Evaluation
    | Editorial
    | RetentionStep
    | Disposal
)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case and everything filed in it, oldest first: what the gate judges and what papers are made from."""

    case: Case
    versions: tuple[Version, ...] = ()
    scope_decisions: tuple[ScopeDecision, ...] = ()
    screenings: tuple[Screening, ...] = ()
    consultations: tuple[Consultation, ...] = ()
    exception_claims: tuple[ExceptionClaim, ...] = ()
    reviews: tuple[Review, ...] = ()
    corrections: tuple[Correction, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    conclusions: tuple[Conclusion, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    redos: tuple[Redo, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    adoptions: tuple[Adoption, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    effect_checks: tuple[EffectCheck, ...] = ()
    reopenings: tuple[Reopening, ...] = ()
    staffings: tuple[Staffing, ...] = ()
    department_answers: tuple[DepartmentAnswer, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    editorials: tuple[Editorial, ...] = ()
    retention_steps: tuple[RetentionStep, ...] = ()
    disposals: tuple[Disposal, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a document may not be issued: a stable code, the sentence, the provisions, the clause, the next step.

    `subject` is the id of the finding, item or opinion it is about, empty when it is about the case.
    """

    code: str
    message: str
    articles: tuple[str, ...] = ()
    clause: str = ""
    next_step: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer: may it be issued, under which outcome, and every open reason if not."""

    may_issue: bool
    outcome: Outcome | None
    reasons: tuple[Reason, ...]
