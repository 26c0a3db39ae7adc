"""What a document says, one statement at a time, each with the words that govern it.

A violation is judged by the sentence that carries it, but a list item means nothing without its lead-in, its tail and
the headings above it. This module cuts clauses into statements and hands every statement those words. Called by
`engine.screening.screen`; knows nothing of the law.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine.documents import fold
from engine.model import Clause, ClauseKind, Document
from engine.patterns import pattern_of
from engine.screening.pieces import BEFORE_MARKER, masked, pieces_of, sentences_in, spans_of, stems_over

HEADER_ROW = "表头"
_SCANNED = frozenset({ClauseKind.PARAGRAPH, ClauseKind.ITEM, ClauseKind.TABLE_ROW, ClauseKind.HEADING})
_Governing = tuple[tuple[str, ...], str, tuple[str, ...], str]
"""Leads, tail, headings and header."""
_TAIL = pattern_of(
    r"(?:以上|上述|前述|前款|有前|存在(?:上述|以上|前)|具有上述|违反(?:上述|前)|凡(?:存在|有)上述|请(?:于|在|各))"
)


class Statement(NamedTuple):
    """One sentence or list item with what governs it.

    `text` is folded, code point for code point the document's from `start`. `leads` are the stems above it, outermost
    first; `tail` is what is said after its list; `headings` and `header` are the section titles and the column heads
    above it, `after` the sentence that follows in the clause; `parent` is the clause above its clause. `referred` are
    the spans of the items whose words stand in `text` in place of a reference (see `references`).
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
    parent: int | None = None
    referred: tuple[tuple[int, int], ...] = ()

    @property
    def lead(self) -> str:
        """The nearest stem, or nothing."""
        return self.leads[-1] if self.leads else ""


def statements(document: Document) -> list[Statement]:
    """Every statement of the document that can carry a verdict, in reading order."""
    text = _Text(document)
    found: list[Statement] = []
    header = ""
    for number, clause in enumerate(document.clauses):
        if clause.number.endswith(HEADER_ROW):
            header = text.words(number).strip()[:200]
        elif clause.kind in _SCANNED and _speaks(clause, text.children.get(number, ())):
            heads = header if clause.kind is ClauseKind.TABLE_ROW else ""
            _read_clause(text, number, heads, found)
    return found


class _Text:
    """A folded document with what its clauses share, each worked out once: siblings have one parent and one tail."""

    def __init__(self, document: Document) -> None:
        self.clauses = document.clauses
        self.folded = fold(document.text)
        self.children = _children(document.clauses)
        self.marks = [found.end() for found in BEFORE_MARKER.finditer(self.folded)]
        self.above: dict[int | None, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self.tails: dict[int, str] = {}

    def words(self, number: int) -> str:
        """The folded words of a clause."""
        return self.folded[self.clauses[number].start : self.clauses[number].end]

    def is_marked(self, start: int, end: int) -> bool:
        """Whether a number may stand inside the span, behind its first character."""
        following = bisect_right(self.marks, start)
        return following < len(self.marks) and self.marks[following] < end


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


def _read_clause(text: _Text, number: int, header: str, found: list[Statement]) -> None:
    """The statements of a clause come to those found before it."""
    clause = text.clauses[number]
    words = text.folded[clause.start : clause.end]
    outer, headings = _above(text, clause.parent)
    after = _tail_after(text, clause)
    if text.is_marked(clause.start, clause.end) or "\n" in words:
        _read_pieces(text, number, words, (outer, after, headings, header), found)
    else:
        spans = spans_of(words)
        _add_sentences(text, number, spans, (outer, after, headings, header), found)


def _read_pieces(text: _Text, number: int, words: str, governing: _Governing, found: list[Statement]) -> None:
    """The statements of a clause of several lines or inline items, each under the stems that open its list."""
    outer, after, headings, header = governing
    hidden = masked(words)
    pieces = pieces_of(words, hidden)
    stems = stems_over(hidden, pieces)
    cut = [list(sentences_in(hidden, piece.start, piece.end)) for piece in pieces]
    for order, inner in enumerate(stems):
        leads = outer + tuple(words[slice(*stem)].strip() for stem in inner) if inner else outer
        tail = _tail_within(words, cut[order:]) if inner else after
        _add_sentences(text, number, cut[order], (leads, tail, headings, header), found)


def _add_sentences(
    text: _Text, number: int, spans: Sequence[tuple[int, int]], governing: _Governing, found: list[Statement]
) -> None:
    """The sentences of a piece of a clause, their places counted from its start, under the words that govern it."""
    folded, clause = text.folded, text.clauses[number]
    origin, parent = clause.start, clause.parent
    last = len(spans) - 1
    for place, (begin, stop) in enumerate(spans):
        start, end = origin + begin, origin + stop
        after = ""
        if place < last:
            begin, stop = spans[place + 1]
            after = folded[origin + begin : origin + min(stop, begin + 160)]
        found.append(Statement(folded[start:end], start, end, number, *governing, after, parent))


def _above(text: _Text, parent: int | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Stems and titles above a clause of this parent: stems outermost first, titles nearest first."""
    if parent not in text.above:
        text.above[parent] = _climbed(text, parent)
    return text.above[parent]


def _climbed(text: _Text, step: int | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    stems: list[str] = []
    headings: list[str] = []
    for _ in range(12):
        if step is None:
            break
        words = text.words(step).strip()
        if stem := stem_of(words):
            stems.append(stem)
        elif text.clauses[step].kind is ClauseKind.HEADING or (len(words) < 32 and "。" not in words):
            headings.append(words[:80])
        step = text.clauses[step].parent
    return tuple(reversed(stems)), tuple(headings)


def stem_of(words: str) -> str:
    """The last sentence of a clause when it opens a list, else nothing."""
    if not words.endswith((":", "：")):
        return ""
    return words[max(words.rfind(mark, 0, -1) for mark in "。!?\n") + 1 :].strip()[-240:]


def _tail_after(text: _Text, clause: Clause) -> str:
    """The sentence after the list the clause belongs to, when it looks back at the list."""
    if clause.parent is None or clause.kind is not ClauseKind.ITEM:
        return ""
    if clause.parent not in text.tails:
        text.tails[clause.parent] = _tail_of_list(text, clause.parent)
    return text.tails[clause.parent]


def _tail_of_list(text: _Text, parent: int) -> str:
    siblings = text.children.get(text.clauses[parent].parent, [])
    place = bisect_left(siblings, parent)
    for other in [*text.children.get(parent, [])[-1:], *siblings[place + 1 : place + 2]]:
        words = text.words(other)
        if _TAIL.search(words):
            hidden = masked(words)
            if tail := _tail_within(words, [sentences_in(hidden, 0, len(hidden))]):
                return tail
    return ""


def _tail_within(words: str, pieces: Iterable[Iterable[tuple[int, int]]]) -> str:
    """The first of the sentences of a clause that looks back at a list."""
    for spans in pieces:
        for start, end in spans:
            if _TAIL.match(words, start, end):
                return words[start:end][:240]
    return ""
