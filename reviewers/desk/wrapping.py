"""Breaking Chinese text into lines by display width: Rich breaks at spaces only, which leaves lines half empty."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

NEVER_FIRST = frozenset("，。、；：？！）》〉】〕”’…—,.;:?!)]}%")
NEVER_LAST = frozenset("（《〈【〔“‘([{")


def width_of(character: str) -> int:
    """Terminal cells to allow for one character: two for wide, full-width and ambiguous ones, none for combining marks.

    Ambiguous characters (curly quotes, dashes, circled numbers) take one or two cells as the terminal pleases.
    """
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def wrap(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Half-open code-point ranges of `text`, one a display line of at most `width` cells.

    A line never starts with closing punctuation nor ends with an opening bracket, and Latin words and numbers stay
    whole where they fit on a line. Line feeds end a line and belong to none.
    """
    start = 0
    for line in text.split("\n"):
        yield from _wrap_line(text, start, start + len(line), max(width, 4))
        start += len(line) + 1


def _wrap_line(text: str, start: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = _fill(text, start, end, width)
        if stop < end:
            stop = _good_break(text, start, stop)
        yield start, stop
        start = stop
        while start < end and text[start] == " ":
            start += 1


def _fill(text: str, start: int, end: int, width: int) -> int:
    used = 0
    for position in range(start, end):
        used += width_of(text[position])
        if used > width:
            return max(position, start + 1)
    return end


def _good_break(text: str, start: int, stop: int) -> int:
    for position in range(stop, start, -1):
        before, after = text[position - 1], text[position]
        if after in NEVER_FIRST or before in NEVER_LAST:
            continue
        if before.isascii() and after.isascii() and before.isalnum() and after.isalnum():
            continue
        return position
    return stop
