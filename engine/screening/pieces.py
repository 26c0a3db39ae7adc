"""A clause cut into its lines, its inline items and its sentences, and the stems that open its lists.

Whatever stands inside quotation marks is one piece: quoted rules hold full stops and numbers of their own. Called by
`engine.screening.reading`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.patterns import pattern_of

MAX_STATEMENT = 1200
"""Code points: a longer run without a full stop is cut, so that hostile input stays linear."""

SHORTEST = 8
"""Code points: shorter runs order nothing."""
MAX_QUOTE = 600
"""Code points: a quotation that does not close within these is not one."""
_QUOTED = r"“[^”\n]{0,300}”|《[^》\n]{0,80}》|\([^()\n]{0,120}\)"
_SENTENCE = pattern_of(rf"(?:{_QUOTED}|[^。!?\n]){{1,{MAX_STATEMENT}}}[。!?]?")
# The same where a limit cannot be met: many times faster, because ordinary words are passed over at once.
_SHORT_SENTENCE = pattern_of(rf"(?:[^。!?\n“《(]+|{_QUOTED}|[“《(])+[。!?]?")
_INNER_STOP = pattern_of(r"[。!?](?=.)")
_QUOTE_SIGN = pattern_of("[“”]")
_LINE_END = pattern_of(r"\n")
BEFORE_MARKER = pattern_of(r"[\n:;。,!?](?=[ \t]*[(\d①-⑳㈠-㈩⑴-⒇⒈-⒛第一二三四五六七八九十])")
_COUNT = pattern_of(r"[一二三四五六七八九十百]+")
_DIGITS = pattern_of(r"\d+")
_MARKER = pattern_of(
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
    kept: list[str] = []
    at = 0
    opened: list[int] = []
    for found in _QUOTE_SIGN.finditer(text):
        place = found.start()
        if found[0] == "“":
            opened.append(place)
        elif opened:
            begin = opened.pop()
            if not opened and place - begin <= MAX_QUOTE:
                kept += (text[at : begin + 1], "□" * (place - begin - 1))
                at = place
    return "".join((*kept, text[at:])) if kept else text


def pieces_of(text: str, hidden: str) -> list[Piece]:
    """The clause cut at its lines and its inline items; a single inline number is not an item.

    `hidden` is the text `masked`, here and below.
    """
    places = [0, *(found.end() for found in BEFORE_MARKER.finditer(hidden))]
    marks = {place: _shape(found.group()) for place in places if (found := _MARKER.match(hidden, place))}
    if len(marks) < 2:
        marks = {place: shape for place, shape in marks.items() if place == 0}
    if not marks and "\n" not in hidden:
        return [Piece(0, len(text), "")] if text.strip() else []
    cuts = {0: "", **{found.end(): "" for found in _LINE_END.finditer(hidden)}, **marks}
    places = sorted(cuts)
    bounds = zip(places, [*places[1:], len(text)], strict=True)
    return [Piece(start, end, cuts[start]) for start, end in bounds if text[start:end].strip()]


def _shape(marker: str) -> str:
    return _COUNT.sub("n", _DIGITS.sub("0", marker.strip())) or "n"


def stems_over(hidden: str, pieces: Sequence[Piece]) -> list[tuple[tuple[int, int], ...]]:
    """For every piece the spans of the stems that govern it, outermost first.

    A stem is a sentence ending in a colon, or a bare title line, before a numbered piece. A list within an item adds
    its own stem until a number of the outer list's shape returns.
    """
    if len(pieces) == 1:
        return [()]
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


def spans_of(words: str) -> list[tuple[int, int]]:
    """The spans of the sentences of words without line ends and inline items."""
    if len(words) <= MAX_STATEMENT and not _INNER_STOP.search(words):
        bare = words.strip()
        begin = words.find(bare)
        return [(begin, begin + len(bare))] if len(bare) >= SHORTEST else []
    hidden = masked(words)
    return list(sentences_in(hidden, 0, len(hidden)))


def sentences_in(hidden: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of the sentences between two places; scraps too short to order anything are left out."""
    pattern = _SENTENCE if end - start > MAX_STATEMENT else _SHORT_SENTENCE
    for found in pattern.finditer(hidden, start, end):
        words = found.group()
        bare = words.strip()
        if len(bare) >= SHORTEST:
            begin = found.start() + (0 if words[0] == bare[0] else len(words) - len(words.lstrip()))
            yield begin, begin + len(bare)
