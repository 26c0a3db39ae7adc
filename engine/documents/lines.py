"""Lines as a reader sees them: blank lines dropped, hard-wrapped lines put back together.

Text copied from a page breaks every line at the margin. A line is continued by the next when it is full, and full is
measured in display columns (a Chinese character takes two), because a count of characters differs with every digit.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from engine.documents.folding import fold
from engine.documents.markers import Marker, follows, marker_at
from engine.patterns import pattern_of

_SENTENCE_ENDS = "。;:!?"
_NEVER_FIRST = ",。;:、)”!?]》"
_CLOSING = '”’")]》>'
_UPRIGHT = pattern_of(r"(?<![^\n])(?:[ \u3000]*[^\x00-\u2fff][ \u3000]*(?:\n\s*|\Z)){6,}")
_SLACK = 6
_MINIMUM_LINES = 5
_PAGE_COLUMNS = range(30, 131)
_INDENT = 2
_BRACKET = 200
"""Code points to either side of a line's end within which a bracket that runs over it must begin and end."""
# Table rows, attachment lines, document numbers and dates neither go on nor are gone on from.
_STANDS_ALONE = pattern_of(
    r"附 ?[件表] ?[\d一二三四五六七八九十]{0,3} ?(?::|$)|[^\s。,;:]{0,24}[\[(] ?\d{4} ?[\])] ?第? ?\d{1,5} ?[号期]$"
    r"|\d{4} ?年 ?\d{1,2} ?月(?: ?\d{1,2} ?日)?$"
)


class Line(NamedTuple):
    """A line or several wrapped ones: folded[start:end] has no blank at either end; `number` is 1-based."""

    start: int
    end: int
    number: int


class _Physical(NamedTuple):
    start: int
    end: int
    number: int
    indent: int
    columns: int
    stands_alone: bool


def logical_lines(folded: str) -> list[Line]:
    """The lines of folded text without the blank ones; wrapped lines come back as one that spans line feeds."""
    physical = _physical_lines(folded)
    margin = _margin(folded, physical)
    if margin is None:
        return [Line(line.start, line.end, line.number) for line in physical]
    return _joined(folded, physical, margin)


def unwrapped(text: str) -> str:
    """`text` with wrapped lines put together: nothing between Chinese characters, one blank between Latin words."""
    return "\n".join(_on_one_line(text[line.start : line.end]) for line in logical_lines(fold(text)))


def set_level(text: str) -> tuple[str, list[str]]:
    """Lines of a single character each, six or more in a row, put on one line; and a notice when there were any."""
    level, found = _UPRIGHT.subn(lambda column: "".join(column[0].split()) + "\n", text)
    return level, [f"文本中有{found}处一行只有一个字，已连成一行读取。"] if found else []


def _on_one_line(text: str) -> str:
    joined: list[str] = []
    for piece in (part.strip() for part in text.split("\n")):
        if joined and joined[-1][-1:].isascii() and joined[-1][-1:].isalnum() and piece[:1].isascii():
            joined.append(" ")
        joined.append(piece)
    return "".join(joined)


def columns(text: str) -> int:
    """Display width: one column for ASCII, two for a Chinese character."""
    return (len(text) + len(text.encode("utf-8", "surrogatepass"))) // 2


def ends_sentence(folded: str, end: int) -> bool:
    """Whether the text before `end` closes with a full stop, semicolon or colon, quotes and brackets aside."""
    while end and folded[end - 1] in _CLOSING:
        end -= 1
    return end > 0 and folded[end - 1] in _SENTENCE_ENDS


def _physical_lines(folded: str) -> list[_Physical]:
    lines = []
    position = 0
    for number, raw in enumerate(folded.split("\n"), 1):
        body = raw.strip()
        if body:
            indent = len(raw) - len(raw.lstrip())
            start = position + indent
            alone = "|" in body or (len(body) <= 40 and bool(_STANDS_ALONE.match(body)))
            lines.append(_Physical(start, start + len(body), number, indent, indent + columns(body), alone))
        position += len(raw) + 1
    return lines


def _margin(folded: str, lines: list[_Physical]) -> int | None:
    """The column where the text is wrapped, or None when it is not: many full lines that end in mid-sentence."""
    running = [line for line in lines if not line.stands_alone]
    if len(running) < _MINIMUM_LINES:
        return None
    widths = sorted(line.columns for line in running)
    margin = widths[min(len(widths) - 1, len(widths) * 9 // 10)]
    if margin not in _PAGE_COLUMNS or widths[len(widths) * 98 // 100] > margin + 2 * _SLACK:
        return None
    full = [line for line in running if line.columns >= margin - _SLACK]
    open_ended = sum(not ends_sentence(folded, line.end) for line in full)
    return margin if len(full) * 4 >= len(running) and open_ended * 2 > len(full) else None


def _joined(folded: str, lines: list[_Physical], margin: int) -> list[Line]:
    indented = _sets_in_paragraphs(lines, margin)
    joined: list[Line] = []
    last: dict[int, Marker] = {}
    for before, line in zip([None, *lines], lines, strict=False):
        marker = marker_at(folded, line.start, line.end)
        runs_on = before and _continues(folded, joined[-1].start, before, line, margin, indented, marker)
        if before and runs_on and not _opens(folded, before, marker, last):
            joined[-1] = Line(joined[-1].start, line.end, joined[-1].number)
            continue
        joined.append(Line(line.start, line.end, line.number))
        if marker:
            last[marker.rank] = marker
    return joined


def _sets_in_paragraphs(lines: list[_Physical], margin: int) -> bool:
    """Whether paragraphs begin with an indent: many lines do, or most of those that follow a line that is not full."""
    if sum(line.indent >= _INDENT for line in lines) * 5 >= len(lines):
        return True
    first = [line.indent for before, line in pairwise(lines) if before.columns < margin - _SLACK]
    return len(first) >= _MINIMUM_LINES and sum(indent >= _INDENT for indent in first) * 2 > len(first)


def _continues(
    folded: str, start: int, before: _Physical, line: _Physical, margin: int, indented: bool, marker: Marker | None
) -> bool:
    """Whether a line runs on from a full one: by its indent where paragraphs have one, else by what is left open.

    A sentence or a bracket is open; or the line before is filled to the last column, which the last line of a paragraph
    rarely is, and no number stands here. `start` is where the paragraph begins.
    """
    if before.columns < margin - _SLACK or line.number != before.number + 1 or before.stands_alone or line.stands_alone:
        return False
    if folded[line.start] in _NEVER_FIRST:
        return True
    if indented:
        return line.indent < _INDENT
    if not ends_sentence(folded, before.end) or _is_bracketed(folded, start, line.start):
        return True
    return before.columns >= margin - 1 and marker is None


def _is_bracketed(folded: str, start: int, place: int) -> bool:
    """Whether a bracket opened not long before the place is closed not long behind it."""
    opened = folded.rfind("(", max(start, place - _BRACKET), place)
    if opened < 0 or folded.find(")", opened, place) >= 0:
        return False
    return folded.find(")", place, place + _BRACKET) >= 0


def _opens(folded: str, before: _Physical, marker: Marker | None, last: dict[int, Marker]) -> bool:
    """Whether a mark after a full line opens a clause: after an unfinished sentence only if it is next in sequence."""
    if marker is None:
        return False
    known = last.get(marker.rank)
    if marker.doubtful:
        return follows(marker, known.parts if known else ())
    return ends_sentence(folded, before.end) or marker.value in (1, known.value + 1 if known else 1)
