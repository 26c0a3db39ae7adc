"""What is filed in a case at its two gates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.model.terms import AnswerValue, BasisRank, Gate, Outcome, PolicyField, Route, StaffingAct, Treatment


@dataclass(frozen=True, slots=True)
class Answer:
    """One reviewer's answer to one checklist item; a hit or doubt names clause, quote and change.

    `clause_keys` are the keys of the clauses named, in their order, written when the form is filed. `carried_from` is
    the round in which the reviewed words were last answered afresh, 0 for an answer given in its own round.
    """

    item: str
    value: AnswerValue
    clauses: tuple[str, ...] = ()
    quote: str = ""
    reason: str = ""
    change: str = ""
    clause_keys: tuple[str, ...] = ()
    carried_from: int = 0


@dataclass(frozen=True, slots=True)
class Basis:
    """A legal basis relied on: instrument, provision, rank."""

    instrument: str
    provision: str
    rank: BasisRank


@dataclass(frozen=True, slots=True)
class Disposition:
    """What one reviewer says of one finding, with the reason; `basis` only with `Treatment.BASIS`.

    The finding's id stands for its clause's words; `carried_from` as in `Answer`.
    """

    finding: str
    treatment: Treatment
    reason: str
    basis: Basis | None = None
    carried_from: int = 0


@dataclass(frozen=True, slots=True)
class Hearing:
    """One stakeholder heard: who, when, what came of it. Kinds: operator, association, public, expert, department."""

    name: str
    kind: str
    heard_on: date
    opinion: str
    adopted: str


@dataclass(frozen=True, slots=True)
class Consultation:
    """The consultation record. Source: Regulation art. 16, Measures art. 28.

    `public_reason` says why the public was not asked when `public_interest` is true and no public hearing is listed,
    or why no public interest is touched; `confidential_reason` explains limited circulation.
    """

    hearings: tuple[Hearing, ...]
    public_interest: bool
    public_reason: str = ""
    confidential_reason: str = ""


@dataclass(frozen=True, slots=True)
class ExceptionClaim:
    """A claim of the exception: case 1-4, five statements, and an end.

    Source: Regulation art. 12, Measures arts. 25, 29.
    """

    ground: int
    effect: str
    ground_reason: str
    least_harm: str
    period_reason: str
    other: str
    items: tuple[str, ...]
    ends_on: date | None = None
    end_condition: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """A file of the packet other than the draft: kind (drafting_note, legal_basis, other), name, content digest."""

    kind: str
    filename: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the draft as filed. `content` of the file is kept by its `sha256`.

    `clause_keys` are the keys of its clauses in reading order: what opinions and answers are bound to.
    """

    number: int
    filename: str
    sha256: str
    text_sha256: str
    title: str
    document_number: str
    materials: tuple[Material, ...]
    filed_by: str
    filed_at: datetime
    clause_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScopeDecision:
    """What the scope table decided and why; `confirmed_by` is the regulator's officer for 'out of scope'.

    `fields` are what the drafting unit says its draft touches. `third_party` is true when local practice asks for a
    third party's evaluation of this draft, as the practice stood when it was filed.
    """

    route: Route
    rule: str
    reason: str
    decided_by: str
    decided_at: datetime
    confirmed_by: str = ""
    fields: tuple[PolicyField, ...] = ()
    third_party: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """One reviewer's filled checklist on one version of the text.

    `interests` is the reviewer's declaration about conflicts of interest, "" where none was asked for.
    """

    gate: Gate
    round: int
    version: int
    text_sha256: str
    reviewer: str
    unit: str
    checklist: str
    answers: tuple[Answer, ...]
    dispositions: tuple[Disposition, ...]
    opinion: str
    completed_at: datetime
    interests: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A request for missing materials (补正), or a return (退回) when `due_on` is None."""

    round: int
    missing: tuple[str, ...]
    reason: str
    requested_by: str
    requested_at: datetime
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The packet was found complete and joint review began (受理). Source: Measures art. 31."""

    round: int
    version: int
    accepted_by: str
    unit: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Redo:
    """A finished review was sent back to its reviewers before it was signed; the reviews so far no longer count."""

    gate: Gate
    round: int
    reason: str
    sent_back_by: str
    unit: str
    sent_back_at: datetime


@dataclass(frozen=True, slots=True)
class Rejection:
    """A regulator's reasoned rejection of a machine finding; binds only to the clause's present words."""

    finding: str
    clause_key: str
    reason: str
    rejected_by: str
    unit: str
    rejected_at: datetime


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A written, signed conclusion of one gate on one text. Source: Regulation art. 17, Measures arts. 29, 33.

    `interests` is the signer's declaration about conflicts of interest, "" where none was asked for.
    """

    gate: Gate
    round: int
    version: int
    text_sha256: str
    outcome: Outcome
    reason: str
    signed_by: str
    unit: str
    signed_at: datetime
    exception_accepted: bool = False
    interests: str = ""


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who is asked to review was changed, by the head of the drafting unit or the joint lead, with the reason.

    `instance` is the place it was about: a slot, an officer or a department; empty when one was added. `officer` is
    who is asked now, an officer or a department; empty when the place was passed over.
    """

    act: StaffingAct
    gate: Gate
    round: int
    version: int
    element: str
    instance: str
    officer: str
    reason: str
    ordered_by: str
    unit: str
    ordered_at: datetime


@dataclass(frozen=True, slots=True)
class DepartmentAnswer:
    """What a department asked to co-review (会审部门) answered. `department` is the unit asked.

    `agrees` is true when it has no objection; otherwise `opinions` are the ids of its opinions in this round.
    """

    department: str
    round: int
    version: int
    agrees: bool
    text: str
    opinions: tuple[str, ...]
    interests: str
    answered_by: str
    unit: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A third party's evaluation of one text: who, why he is independent, his report (`sha256` of its file), its gist.

    Source: Measures art. 35.
    """

    round: int
    version: int
    text_sha256: str
    evaluator: str
    independence: str
    summary: str
    filename: str
    sha256: str
    recorded_by: str
    unit: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Editorial:
    """A named decision that a text about to be issued differs from the reviewed version only in wording.

    `changes` are the clauses that read differently, as cited; `sha256` is of the file, `text_sha256` of its text.
    Source: Measures art. 27 (only a major change asks for a new review).
    """

    round: int
    version: int
    text_sha256: str
    filename: str
    sha256: str
    changes: tuple[str, ...]
    reason: str
    decided_by: str
    gate: Gate
    unit: str
    decided_at: datetime
