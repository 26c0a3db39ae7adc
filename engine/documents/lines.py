"""Lines as a reader sees them: blank lines dropped, hard-wrapped lines put back together.

Text copied from a page breaks every line at the margin. A line is continued by the next when it is full, and full is
measured in display columns (a Chinese character takes two), because a count of characters differs with every digit.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from engine.documents.folding import fold
from engine.documents.markers import Marker, follows, marker_at

_SENTENCE_ENDS = "。;:!?"
_CLOSING = '”’")]》>'
_SLACK = 6
_MINIMUM_LINES = 5
_PAGE_COLUMNS = range(30, 131)


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
            lines.append(_Physical(start, start + len(body), number, indent, indent + columns(body)))
        position += len(raw) + 1
    return lines


def _margin(folded: str, lines: list[_Physical]) -> int | None:
    """The column where the text is wrapped, or None when it is not: many full lines that end in mid-sentence."""
    if len(lines) < _MINIMUM_LINES:
        return None
    widths = sorted(line.columns for line in lines)
    margin = widths[min(len(widths) - 1, len(widths) * 9 // 10)]
    if margin not in _PAGE_COLUMNS or widths[len(widths) * 98 // 100] > margin + 2 * _SLACK:
        return None
    full = [line for line in lines if line.columns >= margin - _SLACK and "|" not in folded[line.start : line.end]]
    open_ended = sum(not ends_sentence(folded, line.end) for line in full)
    return margin if len(full) * 4 >= len(lines) and open_ended * 2 > len(full) else None


def _joined(folded: str, lines: list[_Physical], margin: int) -> list[Line]:
    indented = sum(line.indent >= 2 for line in lines) * 5 >= len(lines)
    joined = [Line(lines[0].start, lines[0].end, lines[0].number)]
    last: dict[int, Marker] = {}
    _remember(last, marker_at(folded, lines[0].start, lines[0].end))
    for before, line in pairwise(lines):
        marker = marker_at(folded, line.start, line.end)
        open_ended = not ends_sentence(folded, before.end)
        continues = before.columns >= margin - _SLACK and line.number == before.number + 1
        continues = continues and (open_ended if not indented else line.indent < 2)
        if continues and not (marker and _expected(marker, last, open_ended)):
            joined[-1] = Line(joined[-1].start, line.end, joined[-1].number)
        else:
            joined.append(Line(line.start, line.end, line.number))
            _remember(last, marker)
    return joined


def _remember(last: dict[int, Marker], marker: Marker | None) -> None:
    if marker:
        last[marker.rank] = marker


def _expected(marker: Marker, last: dict[int, Marker], open_ended: bool) -> bool:
    """Whether a mark after a full line opens a clause: after an unfinished sentence only if it is next in sequence."""
    if marker.doubtful:
        return follows(marker, last[marker.rank].parts if marker.rank in last else ())
    before = last[marker.rank].value if marker.rank in last else 0
    return not open_ended or marker.value in (1, before + 1)
