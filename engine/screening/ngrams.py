"""Character n-grams of many texts at once, as buckets of a hash table.

The learned score is trained (bench/train_score.py) and run (score.py) on exactly these buckets; whoever changes this
file must train again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BITS = 20
LONGEST = 4
GAP = "\0" * LONGEST
CHUNK = 1 << 17

Codes = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

NUMBER = re.compile(
    r"\s*(?:第[一二三四五六七八九十百零〇\d]+[章节条]|[(\uff08][一二三四五六七八九十\d]{1,3}[)\uff09]"
    r"|[一二三四五六七八九十]{1,3}、|\d{1,2}(?:\.\d{1,2})*[.、\uff0e](?!\d)"
    r"|\d{1,2}(?:\.\d{1,2}){1,2}(?![\d.%\uff05倍万亿元个年月米吨])|[①-⑳㈠-㈩⑴-⒇⒈-⒛])\s*"
)
"""A numbering label at the start of a line."""
_DUTY_UNITS = re.compile(r"[(\uff08](?:责任|牵头)(?:单位|部门)[:\uff1a][^)\uff09]*[)\uff09]")


def _fold_table() -> Codes:
    """Width folding 1:1, all digits as one, paired quotation marks and brackets as their plain kind."""
    table = np.arange(0x10000, dtype=np.uint32)
    table[0xFF01:0xFF5F] -= np.uint32(0xFEE0)
    table[0x3000] = 0x20
    for plain, variants in (('"', "“”「」『』"), ("'", "‘’"), ("(", "〔"), (")", "〕"), ("[", "【"), ("]", "】")):
        for variant in variants:
            table[ord(variant)] = ord(plain)
    table[0x30:0x3A] = 0x30
    table[0xFF10:0xFF1A] = 0x30
    return table


_FOLD = _fold_table()


def bare(text: str) -> str:
    """The text without its own number and without the units in charge: neither says what is ordered."""
    found = NUMBER.match(text)
    text = text[found.end() :] if found else text
    return _DUTY_UNITS.sub("", text).strip() if "单位" in text or "部门" in text else text.strip()


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
            rolling *= np.uint32(0x9E3779B1)
            rolling += here * np.uint32(0x85EBCA6B)
            rolling += np.uint32(n)
            inside = inside & (here != 0)
            mixed = rolling ^ (rolling >> np.uint32(15))
            mixed *= np.uint32(0x2C1B3C6D)
            mixed ^= mixed >> np.uint32(12)
            yield mixed >> np.uint32(32 - BITS), inside


def _chunk(batch: list[str]) -> Chunk:
    joined = GAP.join(batch) + GAP
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, batch), np.int64, len(batch))
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths + LONGEST)[:-1]])
    return Chunk(joined, _FOLD[np.minimum(codes, np.uint32(0xFFFF))], starts, lengths)


def chunks(texts: Iterable[str]) -> Iterator[Chunk]:
    """The texts, bare, in order, about 130 000 characters at a time (one longer text is one chunk)."""
    batch: list[str] = []
    held = 0
    for text in texts:
        batch.append(bare(text))
        held += len(batch[-1])
        if held >= CHUNK:
            yield _chunk(batch)
            batch, held = [], 0
    if batch:
        yield _chunk(batch)
