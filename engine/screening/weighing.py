"""How much each signal counts: a table of weights learned on the training corpus.

Log-odds add up: what the score says of the whole statement, what it says of the words polarity left standing, which
pairs of word classes stand close together, and which rules matched. Trained by bench/train_weighing.py on out-of-fold
margins; called by the verdict.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sized
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from engine.errors import StandardsError
from engine.model import Level
from engine.screening.lexicon import Words
from engine.screening.rules import Match
from engine.screening.setting import DocumentWeights, Setting
from engine.screening.sketch import SketchCard

PACK = Path(__file__).parent / "pack" / "weighing.json"
NEAR = 18
"""Code points between two words of a pair."""
EDGE = 8.0
"""Margins beyond these log-odds say nothing more."""
MATCHED = -5.0
"""Log-odds down to which a rule whose words stand as an order is shown to a person, whatever the tables say."""


@dataclass(frozen=True, slots=True)
class Margins:
    """What the learned tables say of a statement: as it stands, of its standing words, and of their sketch."""

    whole: float
    standing: float
    sketch: float


@dataclass(frozen=True)
class Weights:
    """Loaded weights. `features` is keyed "A" for a class, "A>B" for A shortly before B, "rule:ID" for a match.

    `lexicon` is the digest of the sketcher the weights were learned with.
    """

    pack: str
    bias: float
    whole: float
    standing: float
    sketch: float
    lexicon: str
    table: SketchCard
    block_in_hand: float
    attention: float
    document: DocumentWeights
    features: dict[str, float]

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where each feature stands among the sorted: places sort faster than names."""
        return {name: place for place, name in enumerate(sorted(self.features))}

    @cached_property
    def _values(self) -> list[float]:
        return [self.features[name] for name in self._places]

    def odds(self, margins: Margins, words: Words, matches: Iterable[Match]) -> float:
        """Log-odds that the statement is a violation, from its margins, its standing words and its rules."""
        total = self.bias + self.whole * clipped(margins.whole) + self.standing * clipped(margins.standing)
        total += self.sketch * clipped(margins.sketch)
        places, values = self._places, self._values
        total += sum(
            [
                value * values[place]
                for names, value in features_of(words, matches)
                for place in sorted([places[name] for name in names if name in places])
            ]
        )
        return round(total, 4)

    def level(self, odds: float, matched: bool, in_hand: bool) -> Level | None:
        """What to report at these odds, `matched` when a rule agrees; whether it blocks in a document is not said here.

        A clause somebody holds in hand is a breach far more often than any sentence of a document, so the same odds
        weigh differently, and a document has more to say: `document` weighs what stands around the sentence.
        """
        if in_hand and odds >= self.block_in_hand:
            return Level.BLOCK
        looked_at = min(self.attention, self.block_in_hand) if in_hand else self.attention
        return Level.ATTENTION if odds >= (MATCHED if matched else looked_at) else None


def clipped(margin: float) -> float:
    """The margin within the bounds where it still says something."""
    return max(-EDGE, min(EDGE, margin))


def features_of(words: Words, matches: Iterable[Match]) -> Iterator[tuple[Collection[str], float]]:
    """Names of features and what each of them counts: the pairs of the standing words share one unit of length, so do
    the rules' own word lists, and every matched rule counts one.
    """
    pairs, lists = words.pair_names(NEAR), words.own_names()
    yield pairs, _share(pairs)
    yield lists, _share(lists)
    yield {f"rule:{match.rule.id}" for match in matches}, 1.0


def _share(names: Sized) -> float:
    return 1.0 / float(len(names) ** 0.5) if names else 0.0


def read_weights(path: Path) -> Weights:
    """The weights in `path`; raises StandardsError when they cannot be read."""
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        document = card["document"]
        weighed = DocumentWeights(**{**document, "parts": Setting(**document["parts"])})
        return Weights(**{**card, "table": SketchCard(**card["table"]), "document": weighed})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StandardsError(f"权重表读不懂：{path}（{error}）。", "请重新安装本软件。") from error


@cache
def load_weights() -> Weights:
    """The packaged weights, read once a process."""
    return read_weights(PACK)
