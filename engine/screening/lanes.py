"""N-grams of a few texts by ordinary whole numbers: one long number holds a lane of 64 bits for every character.

What `engine.screening.ngrams` does with NumPy for many texts, bucket for bucket. Both are called by the learned tables;
a short clause is read several times faster here, and a first document without importing NumPy at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from struct import unpack
from typing import Protocol

from engine.patterns import pattern_of

BITS = 22
LONGEST = 4
GAP = "\0" * LONGEST
ROLL, STEP, MIX = 0x9E3779B1, 0x85EBCA6B, 0x2C1B3C6D
LAST = 0xFFFF
"""Code points beyond the basic plane count as this one."""
_LANE = 64
_LOW = 0xFFFF_FFFF
_BEYOND = pattern_of(f"[{chr(LAST + 1)}-\U0010ffff]")

NUMBER = pattern_of(
    r"\s*(?:第[一二三四五六七八九十百零〇\d]+[章节条]|[(\uff08][一二三四五六七八九十\d]{1,3}[)\uff09]"
    r"|[一二三四五六七八九十]{1,3}、|\d{1,2}(?:\.\d{1,2})*[.、\uff0e](?!\d)"
    r"|\d{1,2}(?:\.\d{1,2}){1,2}(?![\d.%\uff05倍万亿元个年月米吨])|[①-⑳㈠-㈩⑴-⒇⒈-⒛])\s*"
)
"""A numbering label at the start of a line."""
_DUTY_UNITS = pattern_of(r"[(\uff08](?:责任|牵头)(?:单位|部门)[:\uff1a][^)\uff09]*[)\uff09]")

FOLDED: dict[int, int] = {
    **{point: point - 0xFEE0 for point in range(0xFF01, 0xFF5F)},
    0x3000: 0x20,
    **{
        ord(variant): ord(plain)
        for plain, variants in (('"', "“”「」『』"), ("'", "‘’"), ("(", "〔"), (")", "〕"), ("[", "【"), ("]", "】"))
        for variant in variants
    },
    **dict.fromkeys([*range(0x30, 0x3A), *range(0xFF10, 0xFF1A)], 0x30),
}
"""Width folding 1:1, all digits as one, paired quotation marks and brackets as their plain kind."""


class Weights(Protocol):
    """Weights by bucket."""

    def __getitem__(self, bucket: int, /) -> int: ...


def bare(text: str) -> str:
    """The text without its own number and without the units in charge: neither says what is ordered."""
    found = NUMBER.match(text)
    text = text[found.end() :] if found else text
    return _DUTY_UNITS.sub("", text).strip() if "单位" in text or "部门" in text else text.strip()


@dataclass(frozen=True)
class Few:
    """Bare texts joined by gaps: where each starts."""

    texts: Sequence[str]
    joined: str
    starts: Sequence[int]

    @cached_property
    def folded(self) -> str:
        """The joined texts as they are hashed."""
        folded = self.joined.translate(FOLDED)
        return folded if folded.isascii() else _BEYOND.sub(chr(LAST), folded)

    @cached_property
    def buckets(self) -> tuple[tuple[int, ...], ...]:
        """For n = 1 to LONGEST the bucket of the n-gram at each place."""
        size = len(self.folded)
        ones = int.from_bytes((b"\1" + bytes(_LANE // 8 - 1)) * size, "little")
        low, kept = ones * _LOW, ones * ((1 << BITS) - 1)
        spread = "\0".join(self.folded).encode("utf-32-le", "surrogatepass")
        steps = int.from_bytes(spread, "little") * STEP & low
        rolling, found = 0, []
        for n in range(1, LONGEST + 1):
            rolling = rolling * ROLL + (steps >> _LANE * (n - 1)) + ones * n & low
            mixed = (rolling ^ rolling >> 15 & low) * MIX & low
            mixed ^= mixed >> 12 & low
            lanes = mixed >> 32 - BITS & kept
            found.append(unpack(f"<{size}Q", lanes.to_bytes(size * _LANE // 8, "little")))
        return tuple(found)

    def grams(self, number: int) -> Iterator[tuple[int, ...]]:
        """The buckets of all n-grams that lie within the text of that number, a run at a time."""
        start = self.starts[number]
        for run in self.texts[number].split("\0"):
            for n, buckets in enumerate(self.buckets):
                yield buckets[start : max(start, start + len(run) - n)]
            start += len(run) + 1

    def sums(self, weights: Weights) -> list[int]:
        """For every text the weights of its n-grams, added up."""
        weight = weights.__getitem__
        return [sum(sum(map(weight, run)) for run in self.grams(number)) for number in range(len(self.texts))]


def few(texts: Sequence[str]) -> Few:
    """The bare texts, joined."""
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text) + LONGEST
    return Few(texts, GAP.join(texts) + GAP, starts)
