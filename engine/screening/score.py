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
from engine.screening.ngrams import BITS, Chunk, Counts, chunks
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

    def sums(self, seen: Counts) -> npt.NDArray[np.float64]:
        """The weights of all features seen, added up item by item."""
        at = np.minimum(np.searchsorted(self.features, seen), len(self.features) - 1)
        rows = at[self.features[at] == seen]
        total: npt.NDArray[np.float64] = self.weights[rows].sum(axis=0, dtype=np.int64) * self.units.astype(np.float64)
        return total


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

    def _item_scores(self, text: str) -> npt.NDArray[np.float64]:
        chunk = next(chunks([text]))
        grams = np.concatenate([buckets[inside] for buckets, inside in chunk.ngrams()]).astype(np.int64)
        _, pairs = self.words.features(chunk)
        length, count = max(1, int(chunk.lengths[0])), max(FEW_WORDS, len(pairs))
        pair_sums = self.items.sums(pairs + (1 << BITS))
        scores: npt.NDArray[np.float64] = self.items.sums(grams) / np.sqrt(length) + pair_sums / np.sqrt(count)
        return scores

    def articles(self, text: str, limit: int = 3) -> tuple[str, ...]:
        """Measures or tender items the text most likely breaks, most likely first; candidates, never a conclusion."""
        return tuple(self.items.names[i] for i in self._ranking(text)[:limit])

    def regulation(self, text: str, limit: int = 2) -> tuple[str, ...]:
        """Regulation items the text most likely breaks, most likely first."""
        ranked = dict.fromkeys(self.items.parents[i] for i in self._ranking(text))
        return tuple(ranked)[:limit]

    def _ranking(self, text: str) -> Counts:
        order: Counts = np.argsort(-self._item_scores(text), kind="stable")
        return order


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
