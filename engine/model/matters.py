"""Matters outside any case: rectification ledger, complaints, samples, published processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class MatterKind(StrEnum):
    """What is kept in the trail without being a case: it has no draft, no process and nobody's turn."""

    LEDGER = "ledger"
    COMPLAINT = "complaint"
    SAMPLING = "sampling"
    PROCESS = "process"
    KEY = "key"
    CALENDAR = "calendar"


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


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """An officer's public key entered in the roster; `fingerprint` is that of `public_key` ("ssh-ed25519 AAAA…")."""

    officer: str
    public_key: str
    fingerprint: str
    granted_by: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class KeyRevocation:
    """A key struck from the roster: what it signed before stands, later signatures are refused."""

    fingerprint: str
    reason: str
    revoked_by: str
    revoked_at: datetime


@dataclass(frozen=True, slots=True)
class CalendarImport:
    """A year file was taken in; `calendar` is the version of the calendar it gave, `sha256` of the file's bytes."""

    year: int
    notice: str
    provisional: bool
    calendar: str
    sha256: str
    imported_by: str
    imported_at: datetime


MatterRecord = (
    LedgerEntry
    | LedgerProgress
    | LedgerClosure
    | Complaint
    | ComplaintStep
    | SampleCommitment
    | SampleDraw
    | ProcessPublication
    | KeyGrant
    | KeyRevocation
    | CalendarImport
)


@dataclass(frozen=True, slots=True)
class MatterFile:
    """A matter and everything filed in it, oldest first."""

    matter: Matter
    records: tuple[MatterRecord, ...] = ()
