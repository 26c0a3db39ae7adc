"""What a document says, one statement at a time, each with the words that govern it.

A violation is judged by the sentence that carries it, but a list item means nothing without its lead-in, its tail and
the headings above it. This module cuts clauses into statements and hands every statement those words. Called by
`engine.screening.screen`; knows nothing of the law.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.documents import fold
from engine.model import Clause, ClauseKind, Document
from engine.screening.pieces import Piece, pieces_of, sentences_in, stems_over

HEADER_ROW = "表头"
_SCANNED = frozenset({ClauseKind.PARAGRAPH, ClauseKind.ITEM, ClauseKind.TABLE_ROW, ClauseKind.HEADING})
_TAIL = re.compile(
    r"(?:以上|上述|前述|前款|有前|存在(?:上述|以上|前)|具有上述|违反(?:上述|前)|凡(?:存在|有)上述|请(?:于|在|各))"
)
_BLANK = re.compile(r"[ \t]+")
_HAN = r"[㐀-鿿]"
_SPACED = re.compile(rf"(?<={_HAN})[ ·•*_\-~|^]{{1,3}}(?={_HAN})")


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence or list item with what governs it.

    `text` is folded and, where characters were put between the words, squeezed; `index` then maps its code points to
    the document, otherwise `start + i` does. `leads` are the stems above it, outermost first; `tail` is what is said
    after its list; `headings` and `header` are the section titles and the column heads above it,
    `after` the sentence that follows in the clause.
    """

    text: str
    start: int
    end: int
    clause: int
    leads: tuple[str, ...] = ()
    tail: str = ""
    headings: tuple[str, ...] = ()
    header: str = ""
    after: str = ""
    index: tuple[int, ...] | None = None

    @property
    def lead(self) -> str:
        """The nearest stem, or nothing."""
        return self.leads[-1] if self.leads else ""

    @property
    def dodged(self) -> bool:
        """Characters stood between the words and were taken out before reading."""
        return self.index is not None


def statements(document: Document) -> list[Statement]:
    """Every statement of the document that can carry a verdict, in reading order."""
    folded = fold(document.text)
    children = _children(document.clauses)
    found: list[Statement] = []
    header = ""
    for number, clause in enumerate(document.clauses):
        if clause.number.endswith(HEADER_ROW):
            header = folded[clause.start : clause.end].strip()[:200]
        elif clause.kind in _SCANNED and _speaks(clause, children.get(number, ())):
            heads = header if clause.kind is ClauseKind.TABLE_ROW else ""
            found.extend(_of_clause(document, folded, number, children, heads))
    return found


def _speaks(clause: Clause, children: Sequence[int]) -> bool:
    """A heading is read only when a whole sentence is run into it and nothing hangs below it."""
    if clause.kind is not ClauseKind.HEADING:
        return True
    return not children and len(clause.text) > 24 and any(mark in clause.text for mark in "。;；:：,，")


def _children(clauses: Sequence[Clause]) -> dict[int | None, list[int]]:
    below: dict[int | None, list[int]] = {}
    for number, clause in enumerate(clauses):
        below.setdefault(clause.parent, []).append(number)
    return below


def _of_clause(
    document: Document, folded: str, number: int, children: dict[int | None, list[int]], header: str
) -> Iterator[Statement]:
    clause = document.clauses[number]
    outer, headings = _above(document, folded, clause)
    text = folded[clause.start : clause.end]
    after = _tail_after(document, folded, number, children)
    pieces = pieces_of(text)
    stems = stems_over(text, pieces)
    for order, piece in enumerate(pieces):
        inner = stems[order]
        leads = outer + tuple(text[slice(*stem)].strip() for stem in inner)
        tail = _tail_within(text, pieces, order) if inner else after
        spans = list(sentences_in(text, piece.start, piece.end))
        for (start, end), following in zip(spans, [*spans[1:], None], strict=False):
            words, index = squeeze(text[start:end])
            yield Statement(
                words,
                clause.start + start,
                clause.start + end,
                number,
                leads,
                tail,
                headings,
                header,
                text[slice(*following)][:160] if following else "",
                None if index is None else tuple(clause.start + start + place for place in index),
            )


def _above(document: Document, folded: str, clause: Clause) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Stems and titles above the clause: stems outermost first, titles nearest first."""
    stems: list[str] = []
    headings: list[str] = []
    step = clause.parent
    for _ in range(12):
        if step is None:
            break
        parent = document.clauses[step]
        words = folded[parent.start : parent.end].strip()
        if stem := stem_of(words):
            stems.append(stem)
        elif parent.kind is ClauseKind.HEADING or (len(words) < 32 and "。" not in words):
            headings.append(words[:80])
        step = parent.parent
    return tuple(reversed(stems)), tuple(headings)


def stem_of(words: str) -> str:
    """The last sentence of a clause when it opens a list, else nothing."""
    if not words.endswith((":", "：")):
        return ""
    return words[max(words.rfind(mark, 0, -1) for mark in "。!?\n") + 1 :].strip()[-240:]


def _tail_after(document: Document, folded: str, number: int, children: dict[int | None, list[int]]) -> str:
    """The sentence after the list the clause belongs to, when it looks back at the list."""
    clause = document.clauses[number]
    if clause.parent is None or clause.kind is not ClauseKind.ITEM:
        return ""
    parent = document.clauses[clause.parent]
    siblings = children.get(parent.parent, [])
    place = siblings.index(clause.parent)
    candidates = [*children.get(clause.parent, [])[-1:], *siblings[place + 1 : place + 2]]
    for other in candidates:
        words = folded[document.clauses[other].start : document.clauses[other].end]
        for start, end in sentences_in(words, 0, len(words)):
            if _TAIL.match(words[start:end]):
                return words[start:end][:240]
    return ""


def _tail_within(text: str, pieces: Sequence[Piece], order: int) -> str:
    for piece in pieces[order:]:
        for start, end in sentences_in(text, piece.start, piece.end):
            if _TAIL.match(text[start:end]):
                return text[start:end][:240]
    return ""


def squeeze(words: str) -> tuple[str, tuple[int, ...] | None]:
    """The words without blanks or marks set between Chinese characters, and where each code point came from.

    Returns `(words, None)` unless at least three such gaps stand close together: an ordinary blank is not a dodge.
    """
    gaps = [found.span() for found in _SPACED.finditer(words)]
    if len(gaps) < 3 or not any(later[0] - first[1] <= 8 for first, later in zip(gaps, gaps[2:], strict=False)):
        return words, None
    dropped = {place for start, end in gaps for place in range(start, end)}
    kept = tuple(place for place in range(len(words)) if place not in dropped)
    return "".join(words[place] for place in kept), kept
