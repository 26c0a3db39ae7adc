"""A stretch of a statement that carries no order of its own, and the segments between commas it is found in."""

from __future__ import annotations

from dataclasses import dataclass

from engine.patterns import pattern_of


@dataclass(frozen=True, slots=True)
class Clearing:
    """A stretch of a statement that carries no order of its own, and why."""

    start: int
    end: int
    reason: str


_SENTENCE = pattern_of(r"[^;。!?\n]+")
_SEGMENT = pattern_of(r"[^,;:。!?|\n]+")


def segments(words: str) -> list[tuple[int, int]]:
    """The spans between commas, semicolons, colons, bars and stops."""
    return [found.span() for found in _SEGMENT.finditer(words)]


def sentences(words: str) -> list[tuple[int, int]]:
    """The spans between semicolons and stops."""
    return [found.span() for found in _SENTENCE.finditer(words)]
