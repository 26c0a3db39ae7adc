"""Character n-grams of many texts at once, as buckets of a hash table, by NumPy.

The learned score is trained (bench/train_score.py) and run (score.py) on exactly these buckets; whoever changes this
file or `lanes` must train again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.screening.lanes import BITS, FOLDED, GAP, LAST, LONGEST, MIX, NUMBER, ROLL, STEP, bare

__all__ = ["BITS", "CHUNK", "LONGEST", "NUMBER", "Chunk", "Codes", "Counts", "Mask", "bare", "chunks", "chunks_of"]

CHUNK = 1 << 17

Codes = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


def _fold_table() -> Codes:
    table = np.arange(LAST + 1, dtype=np.uint32)
    table[list(FOLDED)] = list(FOLDED.values())
    return table


_FOLD = _fold_table()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive bare texts joined by gaps: where each starts, how long it is, and the folded code points."""

    joined: str
    codes: Codes
    starts: Counts
    lengths: Counts

    def sums(self, weights: npt.NDArray[np.int16]) -> Counts:
        """For every text the weights of its n-grams, added up."""
        total = np.zeros(len(self.codes), np.int32)
        for buckets, inside in self.ngrams():
            found = weights.take(buckets)
            found *= inside
            total += found
        bounds = np.stack([self.starts, self.starts + self.lengths], axis=1).ravel()
        added: Counts = np.add.reduceat(total, bounds, dtype=np.int64)[::2]
        return added

    def ngrams(self) -> Iterator[tuple[Codes, Mask]]:
        """For n = 1 to LONGEST: the bucket of the n-gram at each place, and whether it lies inside one text."""
        size = len(self.codes)
        padded = np.concatenate([self.codes, np.zeros(LONGEST, np.uint32)])
        rolling: Codes = np.zeros(size, np.uint32)
        inside: Mask = np.ones(size, np.bool_)
        for n in range(1, LONGEST + 1):
            here = padded[n - 1 : n - 1 + size]
            rolling *= np.uint32(ROLL)
            rolling += here * np.uint32(STEP)
            rolling += np.uint32(n)
            inside = inside & (here != 0)
            mixed = rolling ^ (rolling >> np.uint32(15))
            mixed *= np.uint32(MIX)
            mixed ^= mixed >> np.uint32(12)
            yield mixed >> np.uint32(32 - BITS), inside


def _chunk(batch: list[str]) -> Chunk:
    joined = GAP.join(batch) + GAP
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, batch), np.int64, len(batch))
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths + LONGEST)[:-1]])
    return Chunk(joined, _FOLD[np.minimum(codes, np.uint32(LAST))], starts, lengths)


def chunks(texts: Iterable[str]) -> Iterator[Chunk]:
    """The texts, bare, in order, about 130 000 characters at a time (one longer text is one chunk)."""
    return chunks_of(map(bare, texts))


def chunks_of(texts: Iterable[str]) -> Iterator[Chunk]:
    """The same of texts that are bare."""
    batch: list[str] = []
    held = 0
    for text in texts:
        batch.append(text)
        held += len(text)
        if held >= CHUNK:
            yield _chunk(batch)
            batch, held = [], 0
    if batch:
        yield _chunk(batch)
