"""The learned score: how likely a sentence or clause is a violation, and which items it would break.

A table of weights over character n-grams and pairs of word classes, trained offline (bench/train_score.py). Called by
the verdict, which weighs it against rules and polarity: the score alone never names a provision as certain.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import StandardsError
from engine.screening.arrays import Numbers, is_many, read_arrays
from engine.screening.items import ItemTable
from engine.screening.lanes import BITS, LONGEST, bare, few
from engine.screening.wordpairs import WordClasses, word_classes
from engine.standards.kept import keep, parsed

if TYPE_CHECKING:
    from engine.screening.ngrams import Chunk

PACK = Path(__file__).parent / "pack"
SILENT = -12.0
FEW_WORDS = 8


@dataclass(frozen=True, slots=True)
class Score:
    """A loaded pack. Equal pack and equal text give equal numbers, whatever else is in the batch.

    Weights are whole numbers times a unit, so sums are exact in any order.
    """

    pack: str
    words: WordClasses
    gram_weights: Numbers
    gram_unit: float
    pair_weights: Numbers
    pair_unit: float
    slope: float
    intercept: float
    items: ItemTable

    def margins(self, texts: Sequence[str]) -> list[float]:
        """Calibrated log-odds that each text is a violation; 0 is even odds in the mix of the training corpus.

        A text is a sentence, a list item with its lead-in before it, or a whole clause. Blank texts get `SILENT`.
        """
        if not texts:
            return []
        bared = [bare(text) for text in texts]
        if not is_many(sum(map(len, bared))):
            return list(self._few_margins(bared))
        from engine.screening.ngrams import chunks_of

        return [margin for chunk in chunks_of(bared) for margin in self._chunk_margins(chunk)]

    def _chunk_margins(self, chunk: Chunk) -> list[float]:
        import numpy as np

        grams = chunk.sums(self.gram_weights.array) * self.gram_unit
        text, feature = self.words.features(chunk)
        count = np.bincount(text, minlength=len(chunk.starts))
        pairs = np.bincount(text, self.pair_weights.array[feature], len(chunk.starts)) * self.pair_unit
        raw = grams / np.sqrt(np.maximum(chunk.lengths, 1)) + pairs / np.sqrt(np.maximum(count, FEW_WORDS))
        margins: list[float] = np.where(chunk.lengths > 0, raw * self.slope + self.intercept, SILENT).tolist()
        return margins

    def _few_margins(self, texts: Sequence[str]) -> Iterator[float]:
        joined = few(texts)
        sums = joined.sums(self.gram_weights.values)
        pairs = self.words.few_sums(joined, self.pair_weights.values)
        for text, grams, (count, together) in zip(texts, sums, pairs, strict=True):
            raw = grams * self.gram_unit / math.sqrt(max(len(text), 1))
            raw += together * self.pair_unit / math.sqrt(max(count, FEW_WORDS))
            yield raw * self.slope + self.intercept if text else SILENT

    def rankings(self, texts: Sequence[str], limit: int) -> list[tuple[str, ...]]:
        """For every text the items it most likely breaks, most likely first; candidates, never a conclusion."""
        bared = [bare(text) for text in texts]
        ordered = self._ordered(bared) if is_many(sum(map(len, bared))) else self._few_ordered(bared)
        return [tuple(self.items.names[place] for place in order[:limit]) for order in ordered]

    def _few_ordered(self, texts: Sequence[str]) -> Iterator[list[int]]:
        joined = few(texts)
        for number, pairs in enumerate(self.words.few_features(joined)):
            grams = chain.from_iterable(joined.grams(number)), math.sqrt(max(len(texts[number]), 1))
            yield self.items.order(
                [grams, ([pair + (1 << BITS) for pair in pairs], math.sqrt(max(len(pairs), FEW_WORDS)))]
            )

    def _ordered(self, texts: Sequence[str]) -> Iterator[list[int]]:
        import numpy as np

        from engine.screening.ngrams import chunks_of

        for chunk in chunks_of(texts):
            owner = np.repeat(np.arange(len(chunk.starts)), chunk.lengths + LONGEST)
            owners, grams = zip(*[(owner[inside], buckets[inside]) for buckets, inside in chunk.ngrams()], strict=True)
            text, pairs = self.words.features(chunk)
            length = np.sqrt(np.maximum(chunk.lengths, 1))
            count = np.sqrt(np.maximum(np.bincount(text, minlength=len(chunk.starts)), FEW_WORDS))
            scores = self.items.scores(np.concatenate(owners), np.concatenate(grams), length)
            scores = scores + self.items.scores(text, pairs + (1 << BITS), count)
            yield from np.argsort(-scores, kind="stable").tolist()

    def articles(self, text: str, limit: int = 3) -> tuple[str, ...]:
        """Measures or tender items the text most likely breaks, most likely first; candidates, never a conclusion."""
        return self.rankings([text], limit)[0]

    def regulation(self, text: str, limit: int = 2) -> tuple[str, ...]:
        """Regulation items the text most likely breaks, most likely first."""
        parents = dict(zip(self.items.names, self.items.parents, strict=True))
        ranked = dict.fromkeys(parents[name] for name in self.rankings([text], len(parents))[0])
        return tuple(ranked)[:limit]


def _checked(path: Path, sha256: str) -> bytes:
    """The bytes of a pack file; raises StandardsError unless they are the ones the pack was signed with."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StandardsError(f"评分数据与其摘要不符：{path}。", "文件被改动或损坏，请重新安装本软件。")
    return content


def read_words(content: bytes, folder: Path = PACK) -> WordClasses:
    """The word classes of a word list (classes.toml)."""
    return word_classes(parsed(folder, content))


def read_score(folder: Path) -> Score:
    """The score packed in `folder`; raises StandardsError when a file is missing, altered or not understood."""
    try:
        card: dict[str, Any] = json.loads((folder / "score.json").read_text(encoding="utf-8"))
        words = read_words(_checked(folder / "classes.toml", card["classes_sha256"]), folder)
        content = _checked(folder / "score.npz", card["weights_sha256"])
        table = read_arrays(content)
        return Score(
            pack=card["pack"],
            words=words,
            gram_weights=table["gram_weights"],
            gram_unit=card["gram_unit"],
            pair_weights=table["pair_weights"],
            pair_unit=card["pair_unit"],
            slope=card["slope"],
            intercept=card["intercept"],
            items=ItemTable(
                tuple(card["items"]),
                tuple(card["items"].values()),
                table["item_features"],
                table["item_weights"],
                table["item_units"],
            ),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StandardsError(f"评分数据读不出：{folder}（{error}）。", "请重新安装本软件。") from error


@cache
def load_score() -> Score:
    """The packaged score, read once a process; raises StandardsError when the pack does not match its digests."""
    score = read_score(PACK)
    keep(PACK)
    return score
