"""The question put to the gate, and the parts of the case file that count for it: this round, this version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.model import (
    Answer,
    CaseFile,
    Conclusion,
    Disposition,
    ExceptionClaim,
    Gate,
    Review,
    Route,
    Screening,
    Version,
)
from engine.standards import Standards


@dataclass(frozen=True, slots=True)
class Question:
    """What the gate is asked: the case file, the law, which items each reviewer had to answer, the text to be issued.

    `text_sha256` is the digest of the text about to be issued, empty to ask about the filed version.
    `accepting` is true while the deciding gate is about to accept an exception. `on` is the day of asking, on which an
    exception's period may have run out; None asks about no particular day.
    """

    case_file: CaseFile
    standards: Standards
    required_items: Mapping[Gate, frozenset[str]]
    text_sha256: str = ""
    accepting: bool = False
    on: date | None = None
    _reviews: dict[Gate, tuple[Review, ...]] = field(default_factory=dict, compare=False)

    @property
    def version(self) -> Version | None:
        number = self.case_file.case.version
        return next((v for v in reversed(self.case_file.versions) if v.number == number), None)

    @property
    def screening(self) -> Screening | None:
        version = self.version
        texts = (s for s in reversed(self.case_file.screenings) if version and s.text_sha256 == version.text_sha256)
        return next(texts, None)

    @property
    def gates(self) -> tuple[Gate, ...]:
        if self.case_file.case.route is Route.DEPARTMENT:
            return (Gate.SELF_REVIEW,)
        return (Gate.SELF_REVIEW, Gate.JOINT_REVIEW)

    @property
    def deciding_gate(self) -> Gate:
        return self.gates[-1]

    def reviews(self, gate: Gate) -> tuple[Review, ...]:
        """The reviews of this gate that count now."""
        if gate not in self._reviews:
            self._reviews[gate] = counting_reviews(self.case_file, gate)
        return self._reviews[gate]

    def conclusion(self, gate: Gate) -> Conclusion | None:
        case = self.case_file.case
        signed = (c for c in reversed(self.case_file.conclusions) if c.gate is gate and c.round == case.round)
        return next((c for c in signed if c.version == case.version), None)

    def answers(self, gate: Gate, item: str) -> tuple[Answer, ...]:
        return tuple(a for r in self.reviews(gate) for a in r.answers if a.item == item)

    def dispositions(self, target: str, gates: Iterable[Gate] | None = None) -> tuple[Disposition, ...]:
        asked = self.gates if gates is None else tuple(gates)
        return tuple(d for g in asked for r in self.reviews(g) for d in r.dispositions if d.finding == target)

    def claim(self) -> ExceptionClaim | None:
        claims = self.case_file.exception_claims
        return claims[-1] if claims else None


def counting_reviews(case_file: CaseFile, gate: Gate) -> tuple[Review, ...]:
    """The latest review of each reviewer at this gate in the present round and version, since it was last sent back."""
    case = case_file.case
    sent_back = [redo.sent_back_at for redo in case_file.redos if redo.gate is gate and redo.round == case.round]
    latest = {
        review.reviewer: review
        for review in case_file.reviews
        if review.gate is gate and review.round == case.round and review.version == case.version
        if not sent_back or review.completed_at > max(sent_back)
    }
    return tuple(latest.values())
