"""How much every feature of a text speaks for each item of the law, added up: the learned score's candidates.

Called by the learned score for the few statements that are reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from struct import unpack

from engine.screening.arrays import Numbers

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
        """Where the weights of a feature begin."""
        width, features = len(self.names), self.features.values.tolist()
        return dict(zip(features, range(0, len(features) * width, width), strict=True))

    def sums(self, seen: Iterable[int]) -> list[float]:
        """The weights of all features seen, with repetition, added up item by item.

        A row is added as one long number: the weights at even and at odd places, each in a lane of sixteen bits.
        """
        rows = self.rows
        starts = [rows[feature] for feature in seen if feature in rows]
        width = len(self.names)
        totals = [0] * width
        for first in range(0, len(starts), _AT_ONCE):
            part = starts[first : first + _AT_ONCE]
            for place, total in enumerate(self._added(part)):
                totals[place] += total - _BIAS * len(part)
        return [total * unit for total, unit in zip(totals, self.units.values, strict=True)]

    def _added(self, starts: Iterable[int]) -> list[int]:
        """The weights of the rows, each with the bias, added up item by item."""
        width, weights = len(self.names), self.weights.data
        lanes = (width + 1) // 2
        kept = int.from_bytes(b"\xff\0" * lanes, "little")
        even = odd = 0
        for start in starts:
            row = int.from_bytes(weights[start : start + width].translate(_UNSIGNED), "little")
            even += row & kept
            odd += row >> 8 & kept
        added = [0] * (2 * lanes)
        added[::2] = unpack(f"<{lanes}H", even.to_bytes(2 * lanes, "little"))
        added[1::2] = unpack(f"<{lanes}H", odd.to_bytes(2 * lanes, "little"))
        return added[:width]
