"""Rules, score and polarity weighed into one judgement a statement.

The score finds, polarity gates, rules give certainty and name the provision. Statements are weighed alone and, where a
clause has several, together, for a condition and its consequence often stand in two sentences. Called by
`engine.screening`; explains nothing itself, `engine.screening.explain` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

from engine.model import Level
from engine.screening.dilution import PLAIN, parts_of
from engine.screening.lexicon import Hit, Words
from engine.screening.polarity import Polarity, read_polarity, residual
from engine.screening.reach import reached
from engine.screening.reading import Statement
from engine.screening.rules import Match, RulePack
from engine.screening.score import Score
from engine.screening.setting import NEAR_CUT, Setting, bounded, contexts, length_of
from engine.screening.sketch import Sketcher, SketchTable
from engine.screening.stance import restored
from engine.screening.weighing import Margins, Weights

LOOK = -4.0
"""Log-odds below which a sentence of a document is not read further: reading every lawful sentence would cost more."""
FARTHEST = -5.2
"""The same where a rule matches in a part of the sentence that reaches `HOPE`: lawful words pull the whole down."""
HOPE = -0.5
"""Log-odds a part of a sentence must reach to be read by itself."""
TOGETHER = -3.0
"""Log-odds some sentence of a clause must reach before the clause is weighed as a whole."""
MAX_TOGETHER = 900
"""Code points of a clause that is still weighed as a whole."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was made of one statement. `level` is None when nothing is reported; `gone` are matches polarity let go.

    `odds` are log-odds by its own words, `standing` the score's margin of what polarity left of them.
    """

    said: Statement
    level: Level | None
    odds: float
    polarity: Polarity
    matches: tuple[Match, ...]
    gone: tuple[Match, ...]
    hits: Sequence[Hit]
    rest: str
    standing: float = 0.0


@dataclass(frozen=True, slots=True)
class Tables:
    """The learned tables: over the words, over their sketch, and how much each signal counts."""

    score: Score
    sketcher: Sketcher
    sketches: SketchTable
    weights: Weights

    def sketched(self, texts: Sequence[str]) -> list[float]:
        """What the table over sketches says of every text."""
        return self.sketches.margins([self.sketcher.sketch(text) for text in texts])


def judge(
    said: Sequence[Statement],
    pack: RulePack,
    tables: Tables,
    places: Sequence[tuple[str, str]] = (),
    in_hand: bool = False,
) -> list[Judgement]:
    """A judgement for every statement that matched a rule or that the score asks to look at, in reading order."""
    first = tables.score.margins([governed(one, one.text) for one in said])
    looked: list[tuple[Statement, float, Words, list[Match]]] = []
    doubtful: dict[int, list[Statement]] = {}
    for one, margin in zip(said, first, strict=True):
        if in_hand or margin >= FARTHEST or pack.local:
            words = pack.lexicon.hits(one.text, places)
            matches = pack.matches(words)
            if not (in_hand or margin >= LOOK or is_local(matches, pack)):
                if margin < FARTHEST:
                    continue
                doubtful[len(looked)] = list(parts_of(one, matches))
            looked.append((one, margin, words, matches))
    hopeful = {place for place, parts in doubtful.items() if _hopeful(parts, tables.score)}
    looked = [each for place, each in enumerate(looked) if place not in doubtful or place in hopeful]
    far = reached(said, [one for one, _, _, _ in looked])
    polarities = [read_polarity(one, far.get(one.start, ())) for one, _, _, _ in looked]
    rests = [residual(one.text, polarity) for (one, _, _, _), polarity in zip(looked, polarities, strict=True)]
    groups = [
        members
        for members in _clauses([one for one, _, _, _ in looked], rests)
        if len(members) > 1 and (in_hand or max(looked[place][1] for place in members) >= TOGETHER)
    ]
    wholes = ["".join(looked[place][0].text for place in members) for members in groups]
    stand = [governed(one, rest) for (one, _, _, _), rest in zip(looked, rests, strict=True)]
    stand += ["".join(rests[place] for place in members) for members in groups]
    before = [governed(one, one.text) for one, _, _, _ in looked] + wholes
    firsts, seconds = _standing([margin for _, margin, _, _ in looked], wholes, stand, before, tables.score)
    margins = list(map(Margins, map(min, firsts, seconds), seconds, tables.sketched(stand)))
    found = []
    for (one, _, hits, matches), polarity, rest, margin_of in zip(looked, polarities, rests, margins, strict=False):
        kept = tuple(match for match in matches if asserted(match, polarity))
        gone = tuple(match for match in matches if not asserted(match, polarity))
        words = hits if rest == one.text else pack.lexicon.hits(rest, places)
        odds = tables.weights.odds(margin_of, words, kept) if _orders(rest) else SILENT
        level = tables.weights.level(odds, bool(kept), in_hand)
        found.append(Judgement(one, level, odds, polarity, kept, gone, hits, rest, margin_of.standing))
    for members, margin_of in zip(groups, margins[len(looked) :], strict=True):
        _together(found, members, margin_of, tables.weights, pack, places, in_hand)
    if not in_hand:
        for place, setting in list(settings(found, said, tables.score)):
            if tables.weights.document.blocks(setting):
                found[place] = replace(found[place], level=Level.BLOCK)
    found = [_undiluted(one, pack, tables, places) for one in found]
    return [by_local_rules(one, pack) for one in found] if pack.local else found


def _undiluted(one: Judgement, pack: RulePack, tables: Tables, places: Sequence[tuple[str, str]]) -> Judgement:
    """The judgement, raised when a part of the sentence that a rule matched is plain by itself."""
    if one.level is Level.BLOCK or not one.matches:
        return one
    for part in _hopeful(list(parts_of(one.said, one.matches)), tables.score):
        alone = judge([part], pack, tables, places, in_hand=True)
        if alone and alone[0].matches and alone[0].odds >= PLAIN:
            return replace(one, level=Level.BLOCK, odds=alone[0].odds)
    return one


SILENT = -99.0


def _hopeful(parts: Sequence[Statement], score: Score) -> list[Statement]:
    """The parts of sentences that may be a breach by themselves."""
    margins = score.margins([governed(part, part.text) for part in parts])
    return [part for part, margin in zip(parts, margins, strict=True) if margin >= HOPE]


def is_local(matches: Sequence[Match], pack: RulePack) -> bool:
    """Whether a rule of the local overlay is among the matches."""
    return pack.local is not None and any(match.rule.id in pack.local.rules for match in matches)


def local_items(judged: Judgement, pack: RulePack) -> tuple[str, ...]:
    """The main items of the local rules that matched: no table ranks what it has not learned of."""
    return tuple(dict.fromkeys(match.rule.cites[0] for match in judged.matches if is_local([match], pack)))


def by_local_rules(judged: Judgement, pack: RulePack) -> Judgement:
    """The judgement raised to what the local rules that matched ask for: the tables have not learned of them.

    One that is `sure` asks for its own level, any other for a person to look.
    """
    matched = [match.rule for match in judged.matches if is_local([match], pack)]
    if not matched:
        return judged
    asks = any(rule.sure and rule.level is Level.BLOCK for rule in matched)
    return replace(judged, level=Level.BLOCK if asks else judged.level or Level.ATTENTION)


def governed(said: Statement, words: str) -> str:
    """The words with the stem and the column heads they are read under; a stem that only restores them says nothing."""
    lead = "" if restored(said.lead) else said.lead
    return lead + said.header + words[restored(words) :]


def asserted(match: Match, polarity: Polarity) -> bool:
    """The rule's act and the middle of its match stand as orders."""
    return polarity.asserts(match.act.start, match.act.end) and polarity.asserts(*match.span)


def _orders(rest: str) -> bool:
    return bool(rest.strip(" ,;。:"))


def _together(
    found: list[Judgement],
    members: list[int],
    margins: Margins,
    weights: Weights,
    pack: RulePack,
    places: Sequence[tuple[str, str]],
    in_hand: bool,
) -> None:
    """A clause of several statements weighed as one; what is found is laid on its heaviest statement."""
    heaviest = max(members, key=lambda place: found[place].odds)
    kept = tuple(match for place in members for match in found[place].matches)
    rest = "".join(found[place].rest for place in members)
    odds = weights.odds(margins, pack.lexicon.hits(rest, places), kept)
    if odds > found[heaviest].odds:
        level = weights.level(odds, bool(kept), in_hand)
        found[heaviest] = replace(found[heaviest], odds=odds, level=level)


def settings(found: Sequence[Judgement], said: Sequence[Statement], score: Score) -> Iterator[tuple[int, Setting]]:
    """The places in `found` of statements near the cut, and what stands around each of them in `said`."""
    near = [place for place, judged in enumerate(found) if judged.odds >= NEAR_CUT]
    around = contexts(said, [found[place].said for place in near], score)
    led = [place for place in near if found[place].said.lead or found[place].said.header]
    own = dict(zip(led, score.margins([found[place].rest for place in led]), strict=True))
    for place, (several, context) in zip(near, around, strict=True):
        yield place, setting_of(found[place], several, context, own.get(place, found[place].standing))


def setting_of(judged: Judgement, several: bool, context: float, own: float) -> Setting:
    """Where the judged statement stands, given what its paragraph says and its words without those above them."""
    return Setting(
        judged.odds,
        float(bool(judged.matches)),
        float(several),
        context,
        bounded(judged.standing),
        bounded(own),
        length_of(judged.rest),
        float(bool(judged.polarity.cleared)),
        float(bool(judged.said.lead)),
        float(bool(judged.said.header)),
    )


def _clauses(said: Sequence[Statement], rests: Sequence[str]) -> Iterator[list[int]]:
    """The places of the statements of each clause that order something and are short enough to be read together."""
    for _, group in groupby(range(len(said)), key=lambda place: said[place].clause):
        members = [place for place in group if _orders(rests[place])]
        if sum(len(said[place].text) for place in members) <= MAX_TOGETHER:
            yield members


def _standing(
    margins: Sequence[float], wholes: Sequence[str], stand: Sequence[str], before: Sequence[str], score: Score
) -> tuple[list[float], list[float]]:
    """The margins of all as they were, wholes after the single ones, and of what still stands of them.

    Asked at once, and of what stands only where words were let go: equal words have equal margins.
    """
    changed = [words for words, known in zip(stand, before, strict=True) if words != known]
    asked = iter(score.margins([*wholes, *changed]))
    firsts = [*margins, *islice(asked, len(wholes))]
    seconds = [
        margin if words == known else next(asked) for words, known, margin in zip(stand, before, firsts, strict=True)
    ]
    return firsts, seconds
