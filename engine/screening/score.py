"""The learned score: how likely a sentence or clause is a violation, and which items it would break.

A table of weights over character n-grams and pairs of word classes, trained offline (bench/train_score.py). Called by
the verdict, which weighs it against rules and polarity: the score alone never names a provision as certain.
"""

from __future__ import annotations

import hashlib
import io
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import StandardsError
from engine.screening.ngrams import BITS, LONGEST, Chunk, Counts, chunks
from engine.screening.wordpairs import WordClasses, word_classes

PACK = Path(__file__).parent / "pack"
SILENT = -12.0
FEW_WORDS = 8


@dataclass(frozen=True, slots=True)
class ItemTable:
    """Weights of the items for the features that speak for one; `features` ascending, pairs after the n-grams.

    `parents` are the Regulation items of `names`, in the same order.
    """

    names: tuple[str, ...]
    parents: tuple[str, ...]
    features: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.int8]
    units: npt.NDArray[np.float32]

    def sums(self, text: Counts, seen: Counts, texts: int) -> npt.NDArray[np.float64]:
        """For every text the weights of all features seen in it, added up item by item."""
        at = np.minimum(np.searchsorted(self.features, seen), len(self.features) - 1)
        known = self.features[at] == seen
        order = np.argsort(text[known], kind="stable")
        rows = at[known][order]
        bounds = np.searchsorted(text[known][order], np.arange(texts + 1))
        total = np.zeros((texts, len(self.names)), np.float64)
        for place in range(texts):
            total[place] = self.weights[rows[bounds[place] : bounds[place + 1]]].sum(axis=0, dtype=np.int64)
        return total * self.units.astype(np.float64)


@dataclass(frozen=True, slots=True)
class Score:
    """A loaded pack. Equal pack and equal text give equal numbers, whatever else is in the batch.

    Weights are whole numbers times a unit, so sums are exact in any order.
    """

    pack: str
    words: WordClasses
    gram_weights: npt.NDArray[np.int16]
    gram_unit: float
    pair_weights: npt.NDArray[np.int16]
    pair_unit: float
    slope: float
    intercept: float
    items: ItemTable

    def margins(self, texts: Sequence[str]) -> list[float]:
        """Calibrated log-odds that each text is a violation; 0 is even odds in the mix of the training corpus.

        A text is a sentence, a list item with its lead-in before it, or a whole clause. Blank texts get `SILENT`.
        """
        return [margin for chunk in chunks(texts) for margin in self._chunk_margins(chunk).tolist()]

    def _chunk_margins(self, chunk: Chunk) -> npt.NDArray[np.float64]:
        grams = chunk.sums(self.gram_weights) * self.gram_unit
        text, feature = self.words.features(chunk)
        count = np.bincount(text, minlength=len(chunk.starts))
        pairs = np.bincount(text, self.pair_weights[feature], len(chunk.starts)) * self.pair_unit
        raw = grams / np.sqrt(np.maximum(chunk.lengths, 1)) + pairs / np.sqrt(np.maximum(count, FEW_WORDS))
        return np.where(chunk.lengths > 0, raw * self.slope + self.intercept, SILENT)

    def _item_scores(self, chunk: Chunk) -> npt.NDArray[np.float64]:
        size = len(chunk.starts)
        owner = np.repeat(np.arange(size), chunk.lengths + LONGEST)
        owners, grams = zip(*[(owner[inside], buckets[inside]) for buckets, inside in chunk.ngrams()], strict=True)
        gram_sums = self.items.sums(np.concatenate(owners), np.concatenate(grams), size)
        text, pairs = self.words.features(chunk)
        pair_sums = self.items.sums(text, pairs + (1 << BITS), size)
        length = np.sqrt(np.maximum(chunk.lengths, 1))[:, None]
        count = np.sqrt(np.maximum(np.bincount(text, minlength=size), FEW_WORDS))[:, None]
        scores: npt.NDArray[np.float64] = gram_sums / length + pair_sums / count
        return scores

    def rankings(self, texts: Sequence[str], limit: int) -> list[tuple[str, ...]]:
        """For every text the items it most likely breaks, most likely first; candidates, never a conclusion."""
        orders = [order for chunk in chunks(texts) for order in np.argsort(-self._item_scores(chunk), kind="stable")]
        return [tuple(self.items.names[i] for i in order[:limit].tolist()) for order in orders]

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


def read_words(content: bytes) -> WordClasses:
    """The word classes of a word list (classes.toml)."""
    return word_classes(tomllib.loads(content.decode("utf-8")))


def read_score(folder: Path) -> Score:
    """The score packed in `folder`; raises StandardsError when a file is missing, altered or not understood."""
    try:
        card: dict[str, Any] = json.loads((folder / "score.json").read_text(encoding="utf-8"))
        words = read_words(_checked(folder / "classes.toml", card["classes_sha256"]))
        content = _checked(folder / "score.npz", card["weights_sha256"])
        with np.load(io.BytesIO(content), allow_pickle=False) as table:
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
    return read_score(PACK)
