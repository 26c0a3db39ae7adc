"""Rules, score and polarity weighed into one judgement a statement.

The score finds, polarity gates, rules give certainty and name the provision. Statements are weighed alone and, where a
clause has several, together, for a condition and its consequence often stand in two sentences. Called by
`engine.screening`; explains nothing itself, `engine.screening.explain` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from engine.model import Level
from engine.screening.lexicon import Hit
from engine.screening.polarity import Polarity, read_polarity, residual
from engine.screening.reading import Statement
from engine.screening.rules import Match, RulePack
from engine.screening.score import Score
from engine.screening.sketch import Sketcher, SketchTable
from engine.screening.weighing import Margins, Weights

LOOK = -5.0
"""Log-odds below which a statement without any rule match is left alone."""
MAX_TOGETHER = 900
"""Code points of a clause that is still weighed as a whole."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was made of one statement. `level` is None when nothing is reported; `gone` are matches polarity let go."""

    said: Statement
    level: Level | None
    odds: float
    polarity: Polarity
    matches: tuple[Match, ...]
    gone: tuple[Match, ...]
    hits: tuple[Hit, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class Tables:
    """The learned tables: over the words, over their sketch, and how much each signal counts."""

    score: Score
    sketcher: Sketcher
    sketches: SketchTable
    weights: Weights

    def margins(self, wholes: Sequence[str], rests: Sequence[str]) -> list[Margins]:
        """The margins of every text, from its whole words and its standing words."""
        sketches = self.sketches.margins([self.sketcher.sketch(rest) for rest in rests])
        rows = zip(self.score.margins(wholes), self.score.margins(rests), sketches, strict=True)
        return [Margins(whole, standing, sketch) for whole, standing, sketch in rows]


def judge(
    said: Sequence[Statement],
    pack: RulePack,
    tables: Tables,
    places: Sequence[tuple[str, str]] = (),
    in_hand: bool = False,
) -> list[Judgement]:
    """A judgement for every statement that matched a rule or that the score asks to look at, in reading order."""
    first = tables.score.margins([governed(one, one.text) for one in said])
    looked: list[tuple[Statement, tuple[Hit, ...], list[Match]]] = []
    for one, margin in zip(said, first, strict=True):
        words = pack.lexicon.hits(one.text, places)
        matched = list(pack.matches(words))
        if margin >= LOOK or matched:
            looked.append((one, tuple(words), matched))
    polarities = [read_polarity(one) for one, _, _ in looked]
    rests = [residual(one.text, polarity) for (one, _, _), polarity in zip(looked, polarities, strict=True)]
    margins = tables.margins(
        [governed(one, one.text) for one, _, _ in looked],
        [governed(one, rest) for (one, _, _), rest in zip(looked, rests, strict=True)],
    )
    found = []
    for (one, hits, matches), polarity, rest, margin_of in zip(looked, polarities, rests, margins, strict=True):
        kept = tuple(match for match in matches if asserted(match, polarity))
        gone = tuple(match for match in matches if not asserted(match, polarity))
        odds = tables.weights.odds(margin_of, pack.lexicon.hits(rest, places), kept) if _orders(rest) else SILENT
        level = tables.weights.level(odds, bool(kept), in_hand)
        found.append(Judgement(one, level, odds, polarity, kept, gone, hits, rest))
    return _together(found, tables, pack, places, in_hand)


SILENT = -99.0


def governed(said: Statement, words: str) -> str:
    """The words with the stem and the column heads they are read under."""
    return said.lead + said.header + words


def asserted(match: Match, polarity: Polarity) -> bool:
    """The rule's act and the middle of its match stand as orders."""
    return polarity.asserts(match.act.start, match.act.end) and polarity.asserts(*match.span)


def _orders(rest: str) -> bool:
    return bool(rest.strip(" ,;。:"))


def _together(
    found: list[Judgement], tables: Tables, pack: RulePack, places: Sequence[tuple[str, str]], in_hand: bool
) -> list[Judgement]:
    """Clauses of several statements weighed as one; what is found is laid on their heaviest statement."""
    for _, group in groupby(range(len(found)), key=lambda place: found[place].said.clause):
        members = [place for place in group if _orders(found[place].rest)]
        if len(members) < 2 or sum(len(found[place].said.text) for place in members) > MAX_TOGETHER:
            continue
        heaviest = max(members, key=lambda place: found[place].odds)
        whole = "".join(found[place].said.text for place in members)
        rest = "".join(found[place].rest for place in members)
        kept = tuple(match for place in members for match in found[place].matches)
        odds = tables.weights.odds(tables.margins([whole], [rest])[0], pack.lexicon.hits(rest, places), kept)
        if odds > found[heaviest].odds:
            found[heaviest] = replace(found[heaviest], odds=odds, level=tables.weights.level(odds, bool(kept), in_hand))
    return found
