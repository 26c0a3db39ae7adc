"""A statement with its words of known kind replaced by one sign a kind: 外地企业须备案 and 市外单位应登记 look alike.

A second learned table is read over sketches, so that what was learned of one wording holds for its neighbours. Called
by the verdict and by bench/train_weighing.py, which trains it.
"""

from __future__ import annotations

import hashlib
import math
import sys
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from engine.errors import StandardsError
from engine.screening.arrays import Numbers, is_many, read_arrays
from engine.screening.lanes import BITS, bare, few
from engine.screening.lexicon import VETO, load_words
from engine.screening.score import SILENT

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PACK = Path(__file__).parent / "pack" / "sketch.npz"
FIRST_SIGN = 0xE000


@dataclass(frozen=True, slots=True)
class SketchCard:
    """What the table's whole numbers mean, and the digest of its file."""

    sha256: str
    unit: float
    slope: float
    intercept: float


@dataclass(frozen=True, slots=True)
class Sketcher:
    """Signs by word. Of overlapping words the longest counts; of a word's kinds the one with the fewest words."""

    automaton: AhoCorasick
    signs: tuple[str, ...]
    digest: str

    def sketch(self, text: str) -> str:
        """The text with every known word as its sign; other characters stand as they are."""
        pieces: list[str] = []
        place = 0
        for word, start, end in self.automaton.find_matches_as_indexes(text):
            pieces.append(text[place:start])
            pieces.append(self.signs[word])
            place = end
        pieces.append(text[place:])
        return "".join(pieces)


def sketcher_over(words: Mapping[str, list[str]]) -> Sketcher:
    """The sketcher over these word classes."""
    table = {name: listed for name, listed in words.items() if name not in ("patterns", VETO)}
    sign_of = {name: chr(FIRST_SIGN + place) for place, name in enumerate(sorted(table))}
    signs: dict[str, str] = {}
    for name in sorted(table, key=lambda name: (len(table[name]), name)):
        for word in table[name]:
            signs.setdefault(word, sign_of[name])
    known = sorted(signs)
    automaton = AhoCorasick(known, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.ContiguousNFA)
    digest = hashlib.sha256("\n".join(f"{word}\t{ord(signs[word])}" for word in known).encode()).hexdigest()
    return Sketcher(automaton, tuple(signs[word] for word in known), digest)


@cache
def load_sketcher() -> Sketcher:
    """The packaged sketcher, built once a process."""
    return sketcher_over(load_words())


@dataclass(frozen=True)
class SketchTable:
    """Learned weights over the n-grams of sketches, as whole numbers times a unit: sums are exact in any order."""

    content: bytes
    unit: float
    slope: float
    intercept: float

    def margins(self, sketches: Sequence[str]) -> list[float]:
        """Calibrated log-odds that each sketch is one of a violation; blank ones get the score's `SILENT`."""
        bared = [bare(sketch) for sketch in sketches]
        return [
            sums * self.unit / math.sqrt(max(len(sketch), 1)) * self.slope + self.intercept if sketch else SILENT
            for sketch, sums in zip(bared, self._sums(bared), strict=True)
        ]

    def _sums(self, sketches: Sequence[str]) -> list[int]:
        if not is_many(sum(map(len, sketches))):
            return few(sketches).sums(self._dense if "numpy" in sys.modules else self) if sketches else []
        from engine.screening.ngrams import chunks_of

        return [total for chunk in chunks_of(sketches) for total in chunk.sums(self.weights).tolist()]

    @cached_property
    def _table(self) -> dict[str, Numbers]:
        """The arrays of the file, unpacked when a first sketch is read."""
        try:
            table = read_arrays(self.content)
            return {name: table[name] for name in ("buckets", "weights")}
        except (ValueError, KeyError) as error:
            raise StandardsError(f"权重文件读不懂（{error}）。", "请重新安装本软件。") from error

    def __getitem__(self, bucket: int) -> int:
        """The weight of a bucket, 0 where none was learned."""
        buckets, weights = self._table["buckets"].values, self._table["weights"].values
        place = bisect_left(buckets, bucket)
        return int(weights[place]) if place < len(buckets) and buckets[place] == bucket else 0

    @cached_property
    def _dense(self) -> memoryview[Any]:
        return memoryview(self.weights)  # type: ignore[arg-type]

    @cached_property
    def weights(self) -> npt.NDArray[np.int16]:
        """The weights of all buckets."""
        import numpy as np

        weights = np.zeros(1 << BITS, np.int16)
        weights[self._table["buckets"].array] = self._table["weights"].array
        return weights


def read_sketch_table(path: Path, card: SketchCard) -> SketchTable:
    """The table in `path`; raises StandardsError unless it is the one the card was made with."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StandardsError(f"权重文件读不出：{path}（{error}）。", "请重新安装本软件。") from error
    if hashlib.sha256(content).hexdigest() != card.sha256:
        raise StandardsError(f"权重文件与其摘要不符：{path}。", "文件被改动或损坏，请重新安装本软件。")
    return SketchTable(content, card.unit, card.slope, card.intercept)
