"""How much every feature of a text speaks for each item of the law, added up: the learned score's candidates.

Called by the learned score for the few statements that are reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from struct import unpack
from typing import TYPE_CHECKING

from engine.screening.arrays import Numbers

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.screening.ngrams import Counts

_BIAS = 128
_UNSIGNED = bytes((weight + _BIAS) % 256 for weight in range(256))
_AT_ONCE = 256
"""So many weights of eight bits add up within sixteen."""


@dataclass(frozen=True)
class ItemTable:
    """Weights of the items for the features that speak for one; `features` ascending, pairs after the n-grams.

    `parents` are the Regulation items of `names`, in the same order.
    """

    names: tuple[str, ...]
    parents: tuple[str, ...]
    features: Numbers
    weights: Numbers
    units: Numbers

    @cached_property
    def rows(self) -> dict[int, int]:
        """The row of every feature."""
        return {feature: row for row, feature in enumerate(self.features.values.tolist())}

    def order(self, parts: Sequence[tuple[Iterable[int], float]]) -> list[int]:
        """The items the features speak for, most of all first; what those of a part say counts by its divisor."""
        scores = [0.0] * len(self.names)
        for seen, by in parts:
            rows = [row for row in map(self.rows.get, seen) if row is not None]
            for place, (total, unit) in enumerate(zip(self._by_lanes(rows), self.units.values, strict=True)):
                scores[place] += total * unit / by
        return sorted(range(len(scores)), key=scores.__getitem__, reverse=True)

    @cached_property
    def _row_of(self) -> npt.NDArray[np.int16]:
        """The row of every feature, one past the last for those without; as there are no 32 767 rows."""
        import numpy as np

        features = self.features.array
        row_of = np.full(int(features[-1]) + 2, len(features), np.int16)
        row_of[features] = np.arange(len(features))
        return row_of

    @cached_property
    def _rows(self) -> npt.NDArray[np.int8]:
        """The weights, and a last row of none."""
        import numpy as np

        return np.concatenate([self.weights.array, np.zeros((1, len(self.names)), np.int8)])

    def scores(self, text: Counts, seen: Counts, divisors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """For every text what all features seen in it say of each item, by the text's divisor.

        `text` numbers the text of every feature seen.
        """
        import numpy as np

        row = self._row_of[np.minimum(seen, len(self._row_of) - 1)]
        known = np.flatnonzero(row < len(self.features.array))
        order = known[np.argsort(text[known], kind="stable")]
        bounds = np.searchsorted(text[order], np.arange(len(divisors) + 1)).tolist()
        rows = self._rows[row[order]]
        totals = np.stack([rows[start:end].sum(axis=0, dtype=np.int32) for start, end in pairwise(bounds)])
        scores: npt.NDArray[np.float64] = totals * self.units.array.astype(np.float64) / divisors[:, None]
        return scores

    def _by_lanes(self, rows: list[int]) -> list[int]:
        """A row is added as one long number: the weights at even and at odd places, each in a lane of sixteen bits."""
        totals = [0] * len(self.names)
        for first in range(0, len(rows), _AT_ONCE):
            part = rows[first : first + _AT_ONCE]
            for place, total in enumerate(self._added(part)):
                totals[place] += total - _BIAS * len(part)
        return totals

    def _added(self, rows: Iterable[int]) -> list[int]:
        """The weights of the rows, each with the bias, added up item by item."""
        width, weights = len(self.names), self.weights.data
        lanes = (width + 1) // 2
        kept = int.from_bytes(b"\xff\0" * lanes, "little")
        even = odd = 0
        for row in rows:
            lane = int.from_bytes(weights[row * width : (row + 1) * width].translate(_UNSIGNED), "little")
            even += lane & kept
            odd += lane >> 8 & kept
        added = [0] * (2 * lanes)
        added[::2] = unpack(f"<{lanes}H", even.to_bytes(2 * lanes, "little"))
        added[1::2] = unpack(f"<{lanes}H", odd.to_bytes(2 * lanes, "little"))
        return added[:width]
