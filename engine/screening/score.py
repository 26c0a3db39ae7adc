"""The learned score: how likely a sentence or clause is a violation, and which items it would break.

A table of weights over character n-grams, trained offline (bench/train_score.py); numpy only. Called by the verdict,
which weighs it against rules and polarity: the score alone never names a provision as certain.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import StandardsError
from engine.screening.ngrams import LONGEST, Chunk, chunks

PACK = Path(__file__).parent / "pack"
SILENT = -12.0

_REGULATION = {
    "M9": "R8-1", "M10": "R8-2", "M11": "R8-3", "M12": "R8-4", "M13": "R9-1", "M14": "R9-2", "M15": "R9-3",
    "M16": "R9-4", "M17": "R9-5", "M18": "R10-1", "M19": "R10-2", "M20": "R10-3", "M21": "R11-1", "M22": "R11-2",
    "M23": "R11-3",
}  # fmt: skip


def regulation_item(item: str) -> str:
    """The Regulation item a Measures item spells out; tender items fall under the catch-all R11-4.

    Source: Measures arts. 9-23; Regulation arts. 8-11.
    """
    return _REGULATION.get(item.split("-")[0], "R11-4")


@dataclass(frozen=True, slots=True)
class Score:
    """A loaded weights table. Equal pack and equal text give equal numbers, whatever else is in the batch."""

    pack: str
    bits: int
    weights: npt.NDArray[np.int16]
    unit: float
    bias: float
    slope: float
    intercept: float
    items: tuple[str, ...]
    item_buckets: npt.NDArray[np.uint32]
    item_weights: npt.NDArray[np.int8]
    item_units: npt.NDArray[np.float32]
    item_biases: npt.NDArray[np.float32]

    def margins(self, texts: Sequence[str]) -> list[float]:
        """Calibrated log-odds that each text is a violation; 0 is even odds in the mix of the training corpus.

        A text is a sentence, a list item with its lead-in before it, or a whole clause. Empty texts get `SILENT`.
        """
        out: list[float] = []
        for chunk in chunks(texts, self.bits):
            out.extend(self._chunk_margins(chunk).tolist())
        return out

    def _chunk_margins(self, chunk: Chunk) -> npt.NDArray[np.float64]:
        total = np.zeros(len(chunk.grams[0][0]), np.int32)
        for buckets, inside in chunk.grams:
            total += np.where(inside, self.weights[buckets], 0)
        bounds = np.stack([chunk.starts, chunk.starts + chunk.lengths], axis=1).ravel()
        sums = np.add.reduceat(total, bounds, dtype=np.int64)[::2]
        raw = sums * self.unit / np.sqrt(np.maximum(chunk.lengths, 1)) + self.bias
        return np.where(chunk.lengths > 0, raw * self.slope + self.intercept, SILENT)

    def _item_scores(self, text: str) -> npt.NDArray[np.float64]:
        chunk = next(chunks([text], self.bits))
        seen = np.concatenate([buckets[inside] for buckets, inside in chunk.grams])
        at = np.minimum(np.searchsorted(self.item_buckets, seen), len(self.item_buckets) - 1)
        rows = at[self.item_buckets[at] == seen]
        sums = self.item_weights[rows].astype(np.int64).sum(axis=0)
        length = max(1, int(chunk.lengths[0]))
        scores: npt.NDArray[np.float64] = sums * self.item_units / np.sqrt(length) + self.item_biases
        return scores

    def articles(self, text: str, limit: int = 3) -> tuple[str, ...]:
        """Measures or tender items the text most likely breaks, most likely first; candidates, never a conclusion."""
        order = np.argsort(-self._item_scores(text), kind="stable")
        return tuple(self.items[i] for i in order[:limit])

    def regulation(self, text: str, limit: int = 2) -> tuple[str, ...]:
        """Regulation items the text most likely breaks, most likely first."""
        ranked = dict.fromkeys(regulation_item(item) for item in self.articles(text, len(self.items)))
        return tuple(ranked)[:limit]


def _checked(path: Path, sha256: str) -> bytes:
    """The bytes of a pack file; raises StandardsError unless they are the ones the pack was signed with."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StandardsError(f"评分权重文件读不出：{path}（{error}）。", "请重新安装本软件。") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StandardsError(f"评分权重文件与其摘要不符：{path}。", "文件被改动或损坏，请重新安装本软件。")
    return content


def read_score(folder: Path) -> Score:
    """The score in `folder` (score.json and score.npz); raises StandardsError when either is missing or altered."""
    card_path = folder / "score.json"
    try:
        card: dict[str, Any] = json.loads(card_path.read_text(encoding="utf-8"))
        content = _checked(folder / "score.npz", card["sha256"])
        with np.load(io.BytesIO(content), allow_pickle=False) as table:
            return Score(
                pack=card["pack"],
                bits=card["bits"],
                weights=_spread(table["buckets"], table["weights"], card["bits"]),
                unit=card["unit"],
                bias=card["bias"],
                slope=card["slope"],
                intercept=card["intercept"],
                items=tuple(card["items"]),
                item_buckets=table["item_buckets"],
                item_weights=table["item_weights"],
                item_units=table["item_units"],
                item_biases=table["item_biases"],
            )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StandardsError(f"评分权重说明读不懂：{card_path}（{error}）。", "请重新安装本软件。") from error


def _spread(buckets: npt.NDArray[np.uint32], weights: npt.NDArray[np.int16], bits: int) -> npt.NDArray[np.int16]:
    """The full table from its non-zero entries."""
    table = np.zeros(1 << bits, np.int16)
    table[buckets] = weights
    return table


@cache
def load_score() -> Score:
    """The packaged score, read once a process; raises StandardsError when the pack does not match its digest."""
    return read_score(PACK)


__all__ = ["LONGEST", "PACK", "SILENT", "Score", "load_score", "read_score", "regulation_item"]
