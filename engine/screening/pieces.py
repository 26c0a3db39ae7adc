"""A clause cut into its lines, its inline items and its sentences, and the stems that open its lists.

Whatever stands inside quotation marks is one piece: quoted rules hold full stops and numbers of their own. Called by
`engine.screening.reading`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_STATEMENT = 1200
"""Code points: a longer run without a full stop is cut, so that hostile input stays linear."""

SHORTEST = 8
"""Code points: shorter runs order nothing."""
MAX_QUOTE = 600
"""Code points: a quotation that does not close within these is not one."""
_SENTENCE = re.compile(
    r"(?:“[^”\n]{0,300}”|《[^》\n]{0,80}》|\([^()\n]{0,120}\)|[^。!?\n]){1," + str(MAX_STATEMENT) + r"}[。!?]?"
)
_MARKER = re.compile(
    r"(?:(?<=[\n:;。,!?])|\A)[ \t]*"
    r"(?:\([一二三四五六七八九十]{1,3}\)|[一二三四五六七八九十]{1,3}、|\(\d{1,2}\)|\d{1,2}\)|[①-⑳㈠-㈩⑴-⒇⒈-⒛]"
    r"|\d{1,2}[.、](?!\d)|\d{1,2}\.\d{1,2}(?:\.\d{1,2})?(?=[ 一-鿿])"
    r"|第[一二三四五六七八九十百]{1,4}条(?!第|的|规定|、|和|至|,|所)"
    r"|[一二三四五六七八九]是(?!否)|第[一二三四五六七八九](?=,))"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A line or an inline item of a clause. `shape` is the kind of its number, empty without one."""

    start: int
    end: int
    shape: str


def masked(text: str) -> str:
    """The text with whatever is quoted blotted out, one sign for one character; quotations may nest."""
    if "“" not in text:
        return text
    signs = list(text)
    opened: list[int] = []
    for place, sign in enumerate(text):
        if sign == "“":
            opened.append(place)
        elif sign == "”" and opened:
            begin = opened.pop()
            if not opened and place - begin <= MAX_QUOTE:
                signs[begin + 1 : place] = "□" * (place - begin - 1)
    return "".join(signs)


def pieces_of(text: str) -> list[Piece]:
    """The clause cut at its lines and its inline items; a single inline number is not an item."""
    hidden = masked(text)
    marks = {found.start(): _shape(found.group()) for found in _MARKER.finditer(hidden)}
    if len(marks) < 2:
        marks = {place: shape for place, shape in marks.items() if place == 0}
    cuts = {0: "", **{found.end(): "" for found in re.finditer(r"\n", hidden)}, **marks}
    places = sorted(cuts)
    bounds = zip(places, [*places[1:], len(text)], strict=True)
    return [Piece(start, end, cuts[start]) for start, end in bounds if text[start:end].strip()]


def _shape(marker: str) -> str:
    return re.sub(r"[一二三四五六七八九十百]+", "n", re.sub(r"\d+", "0", marker.strip())) or "n"


def stems_over(text: str, pieces: Sequence[Piece]) -> list[tuple[tuple[int, int], ...]]:
    """For every piece the spans of the stems that govern it, outermost first.

    A stem is a sentence ending in a colon, or a bare title line, before a numbered piece. A list within an item adds
    its own stem until a number of the outer list's shape returns.
    """
    hidden = masked(text)
    open_lists: list[tuple[tuple[int, int], str]] = []
    found: list[tuple[tuple[int, int], ...]] = []
    for order, piece in enumerate(pieces):
        opens = _opens(hidden, pieces, order)
        if not piece.shape:
            open_lists = []
        while len(open_lists) > 1 and open_lists[-1][1] not in ("", piece.shape):
            open_lists.pop()
        if open_lists and not open_lists[-1][1]:
            open_lists[-1] = (open_lists[-1][0], piece.shape)
        found.append(tuple(stem for stem, _ in open_lists))
        if opens:
            open_lists.append((opens, ""))
    return found


def _opens(hidden: str, pieces: Sequence[Piece], order: int) -> tuple[int, int] | None:
    piece = pieces[order]
    if order + 1 >= len(pieces) or not pieces[order + 1].shape:
        return None
    words = hidden[piece.start : piece.end].rstrip()
    if words.endswith(":"):
        begin = max(words.rfind(mark, 0, -1) for mark in "。!?;") + 1
        return piece.start + begin, piece.start + len(words)
    if len(words) <= 26 and not words.endswith(("。", ";", ",")) and hidden[piece.end - 1] == "\n":
        return piece.start, piece.start + len(words)
    return None


def sentences_in(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of the sentences between two places; scraps too short to order anything are left out."""
    for found in _SENTENCE.finditer(masked(text), start, end):
        words = found.group()
        left = len(words) - len(words.lstrip())
        if len(words.strip()) >= SHORTEST:
            yield found.start() + left, found.start() + len(words.rstrip())
