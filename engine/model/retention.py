"""How long a case is kept, what holds it back, and what was destroyed when its time had run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RetentionTerm(StrEnum):
    """For how long a case is kept (保管期限). Source: State Archives Administration Order 8 (2006), art. 3."""

    PERMANENT = "permanent"
    THIRTY_YEARS = "30_years"
    TEN_YEARS = "10_years"

    @property
    def years(self) -> int | None:
        """How many years, None for ever."""
        return {"permanent": None, "30_years": 30, "10_years": 10}[self.value]


class RetentionAct(StrEnum):
    """What was decided about the keeping of a case short of destroying it."""

    SET = "set"
    HOLD = "hold"
    RELEASE = "release"
    PROPOSE = "propose"


@dataclass(frozen=True, slots=True)
class RetentionStep:
    """One decision about the keeping of a case; `term` is the one set or proposed under, None otherwise."""

    act: RetentionAct
    term: RetentionTerm | None
    reason: str
    ordered_by: str
    unit: str
    ordered_at: datetime


@dataclass(frozen=True, slots=True)
class DisposedRecord:
    """A record that was destroyed: its id in the trail, its kind, the digest the trail goes on vouching for."""

    id: str
    kind: str
    digest: str


@dataclass(frozen=True, slots=True)
class DisposedContent:
    """A file that was destroyed: its digest and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Disposal:
    """The list of destruction (销毁清单) of a case: what was destroyed, under which term, when due, by which two.

    `ended_on` is the local day of the last act on the case, `due_on` the first day it might be destroyed.
    """

    term: RetentionTerm
    ended_on: date
    due_on: date
    records: tuple[DisposedRecord, ...]
    contents: tuple[DisposedContent, ...]
    reason: str
    proposed_by: str
    disposed_by: str
    unit: str
    disposed_at: datetime
