"""What is said of a clause and answered, and what follows an exception after issue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.terms import Adopted, Gate, Ruling


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
