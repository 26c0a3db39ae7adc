"""The frozen records every room speaks in. No behaviour beyond what a record can say about itself.

Offsets are code points, half-open, into `Document.text`. Days end in `_on` (date), instants in `_at` (aware UTC).
Enum values are the words stored in the database, used in BPMN and printed in JSON: one word everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

# ---------------------------------------------------------------- documents


class ClauseKind(StrEnum):
    """What a stretch of a document is; decides whether it can carry a verdict."""

    TITLE = "title"
    ADDRESSEE = "addressee"
    CONTENTS = "contents"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    TABLE_ROW = "table_row"
    SIGN_OFF = "sign_off"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a document's numbering tree.

    `text == document.text[start:end]`. `number` is the label a reader would cite, outermost first ("三(二)5",
    "第二章第八条", "附件2 表1行3"), empty when unnumbered. `key` is made of the clause's own words without its
    number, so it survives renumbering and moves; equal clauses get "-2", "-3" in reading order.
    `parent` is the index in `Document.clauses` of the clause it hangs under.
    """

    key: str
    number: str
    kind: ClauseKind
    level: int
    start: int
    end: int
    line: int
    text: str
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read: its extracted text and the clauses in it.

    `sha256` is of the file's bytes, `text_sha256` of the extracted text in UTF-8. `notices` are warnings the
    reader must pass on (hidden text, tracked changes, invisible characters), in Chinese.
    """

    filename: str
    sha256: str
    text: str
    text_sha256: str
    title: str
    document_number: str
    clauses: tuple[Clause, ...]
    notices: tuple[str, ...] = ()


# ---------------------------------------------------------------- screening


class Level(StrEnum):
    """`block` must be dealt with before the draft may pass; `attention` must be looked at and answered."""

    BLOCK = "block"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Finding:
    """A suspected clause (疑似问题): the machine's word, never a conclusion.

    `text == document.text[start:end]`; `line` is 1-based; `articles` cite items ("R9-3", "M15-3", "B6-2"), the main
    one first; `evidence` is the trace of words and decisions that led here, in Chinese.
    """

    id: str
    level: Level
    rule: str
    articles: tuple[str, ...]
    clause: str
    clause_key: str
    line: int
    start: int
    end: int
    text: str
    why: str
    advice: str
    confidence: str = "B"
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate that was looked at and not reported, with the reason (考虑过,因…未提示)."""

    rule: str
    clause: str
    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Screening:
    """What screening one document with one rule pack gave; equal input and pack give an equal Screening."""

    text_sha256: str
    pack: str
    findings: tuple[Finding, ...]
    considered: tuple[Considered, ...] = ()


# ---------------------------------------------------------------- people


class Role(StrEnum):
    """What an officer may be asked to do; lanes of the process name these."""

    DRAFTER = "drafter"
    DRAFTING_REVIEWER = "drafting_reviewer"
    DRAFTING_HEAD = "drafting_head"
    REGULATOR = "regulator"
    JOINT_LEAD = "joint_lead"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Officer:
    """A person acting in an office. `unit` is a unit id of the roster."""

    id: str
    name: str
    unit: str
    roles: tuple[Role, ...]


# ---------------------------------------------------------------- a case and what is filed in it


class Gate(StrEnum):
    """The two reviews. On the government route the first is the 初审 and the second the 会审."""

    SELF_REVIEW = "self_review"
    JOINT_REVIEW = "joint_review"


class Route(StrEnum):
    """Which reviews a draft must pass. Source: Regulation arts. 13, 14."""

    GOVERNMENT = "government"
    DEPARTMENT = "department"
    OUT_OF_SCOPE = "out_of_scope"


class Trigger(StrEnum):
    """Why a draft comes to review: the three triggers of dual review, and measures a department issues itself."""

    GOVERNMENT_ISSUED = "government_issued"
    EXECUTIVE_MEETING = "executive_meeting"
    GOVERNMENT_SIGNED = "government_signed"
    DEPARTMENT_ISSUED = "department_issued"


class DraftKind(StrEnum):
    """What kind of measure the draft is; tender documents switch on the bidding module."""

    NORMATIVE_DOCUMENT = "normative_document"
    POLICY_DOCUMENT = "policy_document"
    AGENDA_ITEM = "agenda_item"
    AGREEMENT = "agreement"
    TENDER_DOCUMENT = "tender_document"


class Outcome(StrEnum):
    """The closed vocabulary of a conclusion (审查结论). No written conclusion means not reviewed."""

    COMPLIANT = "compliant"
    EXCEPTION = "exception"
    REVISE = "revise"
    MUST_NOT_ISSUE = "must_not_issue"
    OUT_OF_SCOPE = "out_of_scope"


class AnswerValue(StrEnum):
    """是 / 否 / 存疑 / 不适用. Unanswered is none of these."""

    HIT = "hit"
    NO_HIT = "no_hit"
    UNSURE = "unsure"
    NOT_APPLICABLE = "not_applicable"


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


class Treatment(StrEnum):
    """A person's answer to a machine finding (处置)."""

    REVISE = "revise"
    BASIS = "basis"
    EXCEPTION = "exception"
    OBJECTION = "objection"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class BasisRank(StrEnum):
    """Rank of a cited legal basis; only the first three lift a cost-group item. Source: Regulation art. 10."""

    LAW = "law"
    ADMINISTRATIVE_REGULATION = "administrative_regulation"
    STATE_COUNCIL_APPROVAL = "state_council_approval"
    LOCAL_REGULATION = "local_regulation"
    RULE = "rule"
    NORMATIVE_DOCUMENT = "normative_document"


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
    """What the scope table decided and why; `confirmed_by` is the regulator's officer for 'out of scope'."""

    route: Route
    rule: str
    reason: str
    decided_by: str
    decided_at: datetime
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """One reviewer's filled checklist on one version of the text."""

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
    """A written, signed conclusion of one gate on one text. Source: Regulation art. 17, Measures arts. 29, 33."""

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


@dataclass(frozen=True, slots=True)
class Opinion:
    """A reviewer's opinion (审查意见) on one clause of one version, with the wording he suggests.

    `clause_key` is empty for an opinion on the whole text. `blocking` keeps the draft until the opinion is adopted or
    settled; `dissent` is a minority view that is printed on the conclusion and blocks nothing.
    """

    id: str
    gate: Gate
    round: int
    version: int
    clause: str
    clause_key: str
    text: str
    suggestion: str
    blocking: bool
    dissent: bool
    author: str
    unit: str
    given_at: datetime


class Adopted(StrEnum):
    """What the drafting unit did with an opinion: 采纳, 部分采纳, 未采纳."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Adoption:
    """The drafting unit's answer (采纳情况反馈) to one opinion, as of one version of the draft."""

    opinion: str
    adopted: Adopted
    reason: str
    version: int
    answered_by: str
    unit: str
    answered_at: datetime


class Ruling(StrEnum):
    """How an opinion was settled: its author withdrew it, or the coordination meeting cleared or upheld it."""

    WITHDRAWN = "withdrawn"
    CLEARED = "cleared"
    UPHELD = "upheld"


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a disagreement over an opinion; `meeting` names the coordination meeting (联席会议) that decided."""

    opinion: str
    ruling: Ruling
    reason: str
    meeting: str
    gate: Gate
    recorded_by: str
    unit: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class EffectCheck:
    """The yearly check of a measure in force under an exception: what it did, whether it goes on or has stopped.

    `condition_met` says that its end condition has come about; `evidence` are digests of the files that show it.
    Source: Regulation art. 12; Measures art. 25.
    """

    effect: str
    kept: bool
    condition_met: bool
    reason: str
    evidence: tuple[str, ...]
    checked_by: str
    unit: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Reopening:
    """The exception ran out and its measure went to a new review, the case `new_case`. Source: Measures art. 25."""

    new_case: str
    reason: str
    reopened_by: str
    unit: str
    reopened_at: datetime


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


@dataclass(frozen=True, slots=True)
class Turn:
    """One open task of a case: the BPMN element waiting, its name, the role its lane gives it to.

    `instance` tells parallel reviewers apart (an officer or unit id), empty elsewhere; `holder` is who claimed it.
    """

    task: str
    element: str
    name: str
    role: Role
    instance: str = ""
    holder: str = ""
    due_on: date | None = None


# ---------------------------------------------------------------- matters outside any case


class MatterKind(StrEnum):
    """What is kept in the trail without being a case: it has no draft, no process and nobody's turn."""

    LEDGER = "ledger"
    COMPLAINT = "complaint"
    SAMPLING = "sampling"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter (事项) as it is listed; `unit` is the unit it concerns, all else follows from its records."""

    id: str
    kind: MatterKind
    title: str
    unit: str
    opened_by: str
    opened_at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A problem entered in the rectification ledger (台账). Source: Regulation art. 21.

    `case` is the reviewed case it was found in, empty when there is none; `source` says how it was found,
    `complaint` from which complaint it came.
    """

    unit: str
    case: str
    problem: str
    measure: str
    due_on: date
    source: str
    complaint: str
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerProgress:
    """What has been done about a ledger entry so far."""

    text: str
    reported_by: str
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerClosure:
    """A ledger entry struck off (销号), on the evidence of at least one stored file."""

    text: str
    evidence: tuple[str, ...]
    closed_by: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Complaint:
    """A report (举报) or lead of a supervisor about a reviewed case, or about a measure named by its title.

    Source: Measures arts. 37, 38.
    """

    case: str
    title: str
    text: str
    reporter: str
    received_by: str
    received_at: datetime


class ComplaintAct(StrEnum):
    """What can be done with a complaint: 要求补正, 受理, 移送, 延期, 核查结论, 办结."""

    CORRECT = "correct"
    ACCEPT = "accept"
    TRANSFER = "transfer"
    EXTEND = "extend"
    CONCLUDE = "conclude"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class ComplaintStep:
    """One step of a complaint; `due_on` is the last day of the clock it starts or moves.

    `confirmed` is said by a conclusion, `ledger` the entry it opened, `to` where a transfer went.
    """

    act: ComplaintAct
    reason: str
    due_on: date | None
    confirmed: bool
    ledger: str
    to: str
    done_by: str
    unit: str
    done_at: datetime


@dataclass(frozen=True, slots=True)
class SampleCommitment:
    """The SHA-256 of a secret seed, bound before the period's cases are known."""

    period: str
    seed_sha256: str
    committed_by: str
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class SampleDraw:
    """The seed disclosed and the cases it picks of all those closed in the period, in the order picked.

    `beacon` is the hash of the period's last event, which nobody knew when the seed was bound.
    """

    seed: str
    beacon: str
    cases: tuple[str, ...]
    picked: tuple[str, ...]
    drawn_by: str
    drawn_at: datetime


@dataclass(frozen=True, slots=True)
class ProcessPublication:
    """A process version became the newest: new cases start under it. `sha256` is of its stored bytes."""

    bundle: str
    sha256: str
    note: str
    published_by: str
    published_at: datetime


MatterRecord = (
    LedgerEntry
    | LedgerProgress
    | LedgerClosure
    | Complaint
    | ComplaintStep
    | SampleCommitment
    | SampleDraw
    | ProcessPublication
)


@dataclass(frozen=True, slots=True)
class MatterFile:
    """A matter and everything filed in it, oldest first."""

    matter: Matter
    records: tuple[MatterRecord, ...] = ()
