"""Where each character of the extracted text stands in a Word file: paragraph, run, place in the run.

The reader numbers clauses, joins cells and adds notes, so extracted text and runs differ. Paragraph texts come in the
reader's order, so each is looked for behind the one before it; what is not found has no place, and a comment then
goes to the whole of the nearest paragraph.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from reviewers.reports.ooxml import w

if TYPE_CHECKING:
    from lxml import etree

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_REMOVED = {w("del"), w("moveFrom")}
_INSIDE = {
    w(name)
    for name in ("ins", "moveTo", "hyperlink", "smartTag", "customXml", "fldSimple", "dir", "bdo", "sdt", "sdtContent")
}
_TYPED = {w("tab"): " ", w("br"): "\n", w("cr"): "\n", w("noBreakHyphen"): "-", w("ptab"): " "}
_LINE_ENDS = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A child of a run with its words, which begin at `start` in the extracted text."""

    run: etree._Element
    child: etree._Element
    start: int
    words: str

    @property
    def end(self) -> int:
        return self.start + len(self.words)


@dataclass(frozen=True, slots=True)
class Placed:
    """A paragraph whose words were found in the extracted text."""

    paragraph: etree._Element
    pieces: tuple[Piece, ...]

    @property
    def start(self) -> int:
        return self.pieces[0].start

    @property
    def end(self) -> int:
        return self.pieces[-1].end


def placed_paragraphs(body: etree._Element, text: str) -> list[Placed]:
    """The paragraphs found in `text`, in reading order, none overlapping another."""
    found: list[Placed] = []
    cursor = 0
    for paragraph in body.iter(w("p")):
        if any(True for _ in paragraph.iterancestors(_MC + "Fallback", w("del"), w("moveFrom"))):
            continue
        parts = list(_words(paragraph))
        words = "".join(each for _, _, each in parts)
        start = text.find(words, cursor) if words.strip() else -1
        if start < 0:
            continue
        pieces = []
        cursor = start
        for run, child, each in parts:
            pieces.append(Piece(run, child, cursor, each))
            cursor += len(each)
        found.append(Placed(paragraph, tuple(pieces)))
    return found


def _words(parent: etree._Element) -> Iterator[tuple[etree._Element, etree._Element, str]]:
    for child in parent:
        if child.tag == w("r"):
            for inner in child:
                words = (inner.text or "") if inner.tag == w("t") else _TYPED.get(str(inner.tag), "")
                if words:
                    yield child, inner, _LINE_ENDS.sub("\n", words)
        elif child.tag in _INSIDE:
            yield from _words(child)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run and the characters it shows."""

    run: etree._Element
    start: int
    end: int


def divided(placed: Placed, cuts: Collection[int]) -> list[Stretch]:
    """The paragraph's runs in order, each divided so that no cut is inside one; every part keeps the run's look."""
    stretches: list[Stretch] = []
    for run, pieces in groupby(placed.pieces, key=lambda piece: piece.run):
        stretches += _divided_run(run, list(pieces), cuts)
    return stretches


def _divided_run(run: etree._Element, pieces: list[Piece], cuts: Collection[int]) -> list[Stretch]:
    start, end = pieces[0].start, pieces[-1].end
    inside = sorted(cut for cut in cuts if start < cut < end)
    if not inside:
        return [Stretch(run, start, end)]
    words = {id(piece.child): piece for piece in pieces}
    children = [child for child in run if child.tag != w("rPr")]
    runs = [run, *(_like(run) for _ in inside)]
    for child in children:
        piece = words.get(id(child))
        for part, at in [(child, start)] if piece is None else _parts(piece, inside):
            runs[bisect_right(inside, at)].append(part)
        start = piece.end if piece else start
    for before, behind in pairwise(runs):
        before.addnext(behind)
    edges = [pieces[0].start, *inside, end]
    return [Stretch(part, left, right) for part, (left, right) in zip(runs, pairwise(edges), strict=True)]


def _like(run: etree._Element) -> etree._Element:
    """An empty run with the same properties."""
    made = run.makeelement(run.tag, {str(key): str(kept) for key, kept in run.attrib.items()})
    style = run.find(w("rPr"))
    if style is not None:
        made.append(deepcopy(style))
    return made


def _parts(piece: Piece, cuts: list[int]) -> list[tuple[etree._Element, int]]:
    """The child itself, or its text in several like it, each with the offset it begins at."""
    edges = [piece.start, *(cut for cut in cuts if piece.start < cut < piece.end), piece.end]
    if len(edges) == 2:
        return [(piece.child, piece.start)]
    parts = []
    for left, right in pairwise(edges):
        part = deepcopy(piece.child)
        part.text = (piece.child.text or "")[left - piece.start : right - piece.start]
        part.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        parts.append((part, left))
    parent = piece.child.getparent()
    if parent is not None:
        parent.remove(piece.child)
    return parts
