"""Where a statement stands in its document, and how much that says of it.

A sentence of a draft is read with its paragraph around it: the same words weigh more under a lead-in or a column head,
and less when the paragraph as a whole reads lawful. The weights are learned on whole documents by
bench/train_in_document.py; called by `engine.screening.verdict` for documents, never for a clause in hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import log

from engine.screening.reading import Statement
from engine.screening.score import Score

NEAR_CUT = -2.5
"""Log-odds below which no setting makes a statement block."""
CONTEXT_EDGE = 6.0
"""Margins of a paragraph beyond these log-odds say nothing more."""
LONGEST_CONTEXT = 900
"""Code points of a paragraph that is still read around its sentences."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds a statement, as numbers.

    `odds` are its own; `context` and `standing` are margins of its paragraph (0 when it is the whole paragraph) and of
    its standing words under their lead-in, `own` of these words alone; `length` is the logarithm of their length.
    """

    odds: float
    matched: float
    several: float
    context: float
    standing: float
    own: float
    length: float
    cleared: float
    lead: float
    header: float


@dataclass(frozen=True, slots=True)
class DocumentWeights:
    """How much each part of a setting counts, the bias, and the log-odds from which a statement blocks.

    Where a rule stands as an order, `matched` counts for the log-odds in its setting and `sure` for those of its own
    words; without a rule, `unmatched` and `alone`.
    """

    bias: float
    matched: float
    unmatched: float
    sure: float
    alone: float
    parts: Setting

    def odds(self, setting: Setting) -> float:
        """Log-odds that the statement is a violation, in its document."""
        total = self.bias
        for weight, value in zip(astuple(self.parts), astuple(setting), strict=True):
            total += float(weight) * float(value)
        return round(total, 4)

    def blocks(self, setting: Setting) -> bool:
        """Whether the statement blocks where it stands."""
        own, placed = (self.sure, self.matched) if setting.matched else (self.alone, self.unmatched)
        return setting.odds >= own or (setting.odds >= NEAR_CUT and self.odds(setting) >= placed)


def contexts(said: Sequence[Statement], asked: Sequence[Statement], score: Score) -> list[tuple[bool, float]]:
    """For every statement in `asked` whether its clause in `said` has several, and the clause's margin, 0 without."""
    wanted = {one.clause for one in asked}
    words: dict[int, list[str]] = defaultdict(list)
    for one in said:
        if one.clause in wanted:
            words[one.clause].append(one.text)
    read = [clause for clause, parts in words.items() if len(parts) > 1 and sum(map(len, parts)) <= LONGEST_CONTEXT]
    margins = dict(zip(read, score.margins(["".join(words[clause]) for clause in read]), strict=True))
    return [(len(words[one.clause]) > 1, bounded(margins.get(one.clause, 0.0))) for one in asked]


def bounded(margin: float) -> float:
    """The margin within the bounds where it still says something here."""
    return max(-CONTEXT_EDGE, min(CONTEXT_EDGE, margin))


def length_of(rest: str) -> float:
    """The logarithm of the length of the standing words."""
    return log(len(rest) + 3)
