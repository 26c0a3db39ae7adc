"""How the search index writes down the characters of a passage; for `passages`, which fills it, and `search`."""

from __future__ import annotations

from itertools import pairwise

INDEX = "passage_marks"
"""The full-text index of SQLite; PostgreSQL keeps its marks beside the text."""


def folded(words: str) -> str:
    """The words with ASCII letters made small, as `lower` does in both databases; nothing else is changed."""
    return "".join(each.lower() if each.isascii() else each for each in words)


def signs_of(words: str) -> str:
    """Every character by its code point in hexadecimal, in order: no tokenizer has an opinion about those."""
    return " ".join(f"{ord(each):x}" for each in folded(words))


def marks_of(words: str) -> list[int]:
    """A number for every character and every pair of neighbours; what a passage holds, its parts hold as well."""
    small = [ord(each) for each in folded(words)]
    return sorted({*small, *(_pair(one, other) for one, other in pairwise(small))})


def sought(words: str) -> list[int]:
    """The marks of every passage that holds these words."""
    small = [ord(each) for each in folded(words)]
    return small if len(small) == 1 else sorted({_pair(one, other) for one, other in pairwise(small)})


def _pair(one: int, other: int) -> int:
    return (one * 40_503 + other * 2_654_435_761) % 0x3FFFFFFF | 0x40000000
