"""What self-review calls clean and joint review does not (初审漏查): by unit and item, and units twice in a row.

Pure over case files: equal files give equal counts, and every count names its cases. A share says little on few
cases, so each carries its 95% Wilson interval and nothing is ranked here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from engine.model import AnswerValue, CaseFile, Gate, Outcome, Review

Z = 1.959963984540054
"""The 97.5% point of the normal distribution."""

STRIKES = 2
KINDS = ("conclusion", "review", "redo")
"""The records of a case these counts are made of."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a case that had both a self-review conclusion and a joint one.

    `missed` are items every self-reviewer answered 否 and a joint reviewer hit; `compared` those answered 否 by self-
    review and answered 是 or 否 by joint review. `blocked` says that joint review let the text pass in no way.
    """

    case: str
    unit: str
    round: int
    concluded_at: datetime
    self_clean: bool
    blocked: bool
    compared: frozenset[str]
    missed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rate:
    """`missed` of `compared` with the 95% Wilson interval, in shares of one, and the cases missed in."""

    unit: str
    item: str
    missed: int
    compared: int
    low: float
    high: float
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strike:
    """A unit whose last drafts, at least two in a row, passed self-review clean and were blocked at joint review."""

    unit: str
    in_a_row: int
    rounds: tuple[Round, ...]


def rounds_of(file: CaseFile) -> Iterator[Round]:
    """The rounds of a case both gates concluded, in order."""
    own = {c.round: c for c in file.conclusions if c.gate is Gate.SELF_REVIEW}
    for joint in (c for c in file.conclusions if c.gate is Gate.JOINT_REVIEW and c.round in own):
        first, second = (_answers(file, gate, joint.round) for gate in Gate)
        cleared = {item for item, given in first.items() if given == {AnswerValue.NO_HIT}}
        compared = {item for item in cleared if second.get(item, set()) & {AnswerValue.HIT, AnswerValue.NO_HIT}}
        own_hits = any(AnswerValue.HIT in given for given in first.values())
        yield Round(
            case=file.case.id,
            unit=file.case.unit,
            round=joint.round,
            concluded_at=joint.signed_at,
            self_clean=own[joint.round].outcome is Outcome.COMPLIANT and not own_hits,
            blocked=joint.outcome in (Outcome.REVISE, Outcome.MUST_NOT_ISSUE),
            compared=frozenset(compared),
            missed=frozenset(item for item in compared if AnswerValue.HIT in second[item]),
        )


def rates(rounds: Iterable[Round]) -> tuple[Rate, ...]:
    """A line for each unit and item ever missed, and one for each unit over all items (`item` empty)."""
    compared: defaultdict[tuple[str, str], int] = defaultdict(int)
    cases: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for each in rounds:
        for item in each.compared:
            for key in ((each.unit, ""), (each.unit, item)):
                compared[key] += 1
                cases[key] += [each.case] if item in each.missed else []
    shown = [key for key in sorted(compared) if cases[key] or not key[1]]
    return tuple(_rate(*key, cases[key], compared[key]) for key in shown)


def strikes(rounds: Iterable[Round]) -> tuple[Strike, ...]:
    """Units whose latest joint conclusions, `STRIKES` or more in a row, blocked a text self-review had called clean."""
    by_unit: defaultdict[str, list[Round]] = defaultdict(list)
    for each in sorted(rounds, key=lambda each: (each.concluded_at, each.case)):
        run = by_unit[each.unit]
        if each.blocked and each.self_clean:
            run.append(each)
        else:
            run.clear()
    return tuple(Strike(unit, len(run), tuple(run)) for unit, run in sorted(by_unit.items()) if len(run) >= STRIKES)


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95% Wilson interval of a share, from 0 to 1; (0, 1) when nothing was counted."""
    if not of:
        return 0.0, 1.0
    share, spread = hits / of, Z * Z / of
    middle = share + spread / 2
    reach = Z * sqrt(share * (1 - share) / of + spread / (4 * of))
    return max((middle - reach) / (1 + spread), 0.0), min((middle + reach) / (1 + spread), 1.0)


def _rate(unit: str, item: str, cases: list[str], compared: int) -> Rate:
    low, high = wilson(len(cases), compared)
    return Rate(unit, item, len(cases), compared, low, high, tuple(dict.fromkeys(cases)))


def _answers(file: CaseFile, gate: Gate, number: int) -> dict[str, set[AnswerValue]]:
    """What every standing review of this gate and round answered, by item; reviews sent back are left out."""
    sent_back = [redo.sent_back_at for redo in file.redos if redo.gate is gate and redo.round == number]
    latest: dict[str, Review] = {
        review.reviewer: review
        for review in file.reviews
        if review.gate is gate and review.round == number
        if not sent_back or review.completed_at > max(sent_back)
    }
    given: defaultdict[str, set[AnswerValue]] = defaultdict(set)
    for review in latest.values():
        for answer in review.answers:
            given[answer.item].add(answer.value)
    return given
