"""Numbering marks of Chinese official writing: what a mark at the start of a line says about rank and number.

第X编/章/节/条, 一、 (一) 1. 1.1 (1) 1) ① A. 一是, with every single-character form (㈠ ⑴ ⒈). The clause splitter asks
here; nothing else decides what is a number and what is a decimal, a year or the citation of another article.
All functions take folded text.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.patterns import pattern_of

# Ranks: the smaller, the further out. A decimal number ranks by its points (1.1 is 9, 1.1.1 is 10, 1.1.1.1 is 11).
ATTACHMENT, ATTACHMENT_TITLE, PART, CHAPTER, SECTION, ARTICLE = 0, 1, 2, 3, 4, 5
ENUMERATED, BRACKETED, NUMBERED, ROUND, HALF_ROUND, CIRCLED, LETTERED, ORDINAL = 6, 7, 8, 13, 14, 15, 16, 17

_CN = "[一二三四五六七八九十百零〇○两]{1,7}"
_DIVISIONS = {"编": PART, "篇": PART, "部分": PART, "章": CHAPTER, "节": SECTION, "条": ARTICLE}
_DIVISION = pattern_of(rf"第 ?({_CN}|\d{{1,4}}) ?(编|篇|部分|章|节|条)(之{_CN})?")
_CITED_AFTER_SPACE = pattern_of(r" *[的、,》)”\"]")
_CITED = pattern_of(
    r"[的、,和至或及》)”\"第之]|规定|所[称列述指规]|中[的,规]|以[外下上及]|项(?!目)|款(?!项)|要求|情形|课|电"
)
_ENUMERATED = pattern_of(rf"({_CN})[、.](?!\d|[一二三四五]、|[二三]产业)")
_BRACKETED = pattern_of(rf"\( ?({_CN}) ?\)[、.]?")
_DECIMAL = pattern_of(r"(\d{1,3}(?:\.\d{1,3}){1,3})(?![\d])[.、]?")
_NUMBERED = pattern_of(r"(\d{1,3}) ?[.、](?!\d)")
_ROUND = pattern_of(r"\( ?(\d{1,3}) ?\)[、.]?")
_HALF_ROUND = pattern_of(r"(\d{1,3})\)")
_LETTERED = pattern_of(r"([A-Z])[.、)](?![A-Za-z0-9.])")
_ORDINAL = pattern_of(r"([一二三四五六七八九十]{1,3})(?:是|要)")
_UNIT = pattern_of(r" ?(?:[倍万亿元米吨个千百级折亩度%‰℃]|公[里斤顷]|平方|小时|分钟)")

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_TENS = {"十": 10, "百": 100}


class Marker(NamedTuple):
    """A numbering mark: its rank, its number, how a reader cites it, and where its clause's own words begin.

    `parts` holds the components of a decimal number; `doubtful` says that only the sequence can tell a contract
    number (1.2) from a decimal (1.2倍).
    """

    rank: int
    value: int
    label: str
    end: int
    parts: tuple[int, ...] = ()
    doubtful: bool = False


def numeral(text: str) -> int:
    """The value of a Chinese or Arabic numeral: 二十三, 一百零五, 二〇, 23."""
    if text.isdecimal():
        return int(text)
    if not any(unit in text for unit in _TENS):
        return int("".join(str(_DIGITS[character]) for character in text))
    total = digit = 0
    for character in text:
        if character in _TENS:
            total += (digit or 1) * _TENS[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return total + digit


def chinese(value: int) -> str:
    """`value` as counted in Chinese, 0 to 9999: 十, 二十三, 一百零五."""
    digits = "零一二三四五六七八九"
    if value < 10:
        return digits[value]
    if value < 20:
        return "十" + (digits[value - 10] if value > 10 else "")
    for unit, name in ((1000, "千"), (100, "百"), (10, "十")):
        if value >= unit:
            head, rest = divmod(value, unit)
            gap = "零" if 0 < rest < unit // 10 else ""
            tail = ("一" if 10 <= rest < 20 and unit > 10 else "") + chinese(rest) if rest else ""
            return digits[head] + name + gap + tail
    raise AssertionError(value)


def _single_characters() -> dict[str, tuple[int, int, str]]:
    """Numbers that are one character, each with its rank, value and plain label."""
    table: dict[str, tuple[int, int, str]] = {}
    for value in range(1, 21):
        table[chr(0x245F + value)] = (CIRCLED, value, chr(0x245F + value))
        table[chr(0x2473 + value)] = (ROUND, value, f"({value})")
        table[chr(0x2487 + value)] = (NUMBERED, value, str(value))
    for value in range(1, 11):
        circled = chr(0x245F + value)
        table[chr(0x321F + value)] = (BRACKETED, value, f"({chinese(value)})")
        for first in (0x2775, 0x277F, 0x2789, 0x327F):
            table[chr(first + value)] = (CIRCLED, value, circled)
    return table


SINGLE = _single_characters()


def marker_at(folded: str, start: int, end: int) -> Marker | None:
    """The numbering mark at `start` of a line of folded text that ends at `end`, or None.

    Not marks: an article cited after a line break (第八条的规定), decimals with a unit (1.5倍), years (2025.).
    """
    first = folded[start]
    if first == "第":
        return _division(folded, start, end)
    if first == "(":
        return _bracket(folded, start, end)
    if "0" <= first <= "9":
        return _arabic(folded, start, end)
    if first in _DIGITS or first in _TENS:
        return _counted(folded, start, end)
    if first in SINGLE:
        rank, value, label = SINGLE[first]
        after = start + 1
        return Marker(rank, value, label, after + 1 if folded[after : after + 1] in ("、", ".") else after)
    if "A" <= first <= "Z" and (found := _LETTERED.match(folded, start, end)):
        return Marker(LETTERED, ord(found[1]) - 64, found[1], found.end())
    return None


def _division(folded: str, start: int, end: int) -> Marker | None:
    found = _DIVISION.match(folded, start, end)
    if not found or _CITED_AFTER_SPACE.match(folded, found.end(), end) or _CITED.match(folded, found.end(), end):
        return None
    label = f"第{found[1]}{found[2]}{found[3] or ''}"
    value = numeral(found[1])
    parts = (value,) if found[2] == "条" else ()
    return Marker(_DIVISIONS[found[2]], value, label, found.end(), parts)


def _bracket(folded: str, start: int, end: int) -> Marker | None:
    if found := _BRACKETED.match(folded, start, end):
        return Marker(BRACKETED, numeral(found[1]), f"({found[1]})", found.end())
    if found := _ROUND.match(folded, start, end):
        return Marker(ROUND, int(found[1]), f"({found[1]})", found.end())
    return None


def _arabic(folded: str, start: int, end: int) -> Marker | None:
    if found := _DECIMAL.match(folded, start, end):
        parts = tuple(int(part) for part in found[1].split("."))
        doubtful = folded[found.end() - 1] not in ".、" and (
            found.end() < end and (folded[found.end()] not in " \n" or bool(_UNIT.match(folded, found.end(), end)))
        )
        return Marker(NUMBERED + len(parts) - 1, parts[-1], found[1], found.end(), parts, doubtful)
    if found := _NUMBERED.match(folded, start, end):
        return Marker(NUMBERED, int(found[1]), found[1], found.end(), (int(found[1]),))
    if found := _HALF_ROUND.match(folded, start, end):
        return Marker(HALF_ROUND, int(found[1]), f"{found[1]})", found.end())
    return None


def _counted(folded: str, start: int, end: int) -> Marker | None:
    if found := _ENUMERATED.match(folded, start, end):
        return Marker(ENUMERATED, numeral(found[1]), found[1], found.end())
    if found := _ORDINAL.match(folded, start, end):
        return Marker(ORDINAL, numeral(found[1]), found[0], found.end())
    return None


def follows(marker: Marker, before: tuple[int, ...]) -> bool:
    """Whether the decimal number `marker` can come after the number `before` (1.2 after 1.1, 2.1 after 1.4 or 2)."""
    parts = marker.parts
    if not before:
        return parts[-1] == 1
    if parts == (*before, 1):
        return True
    return any(
        parts == (*before[:depth], before[depth] + 1, *([1] * (len(parts) - depth - 1)))
        for depth in range(min(len(before), len(parts)))
    )


_INLINE = pattern_of(
    rf"[:;。,!?](?P<gap>\s*)(?:\( ?(?P<bracketed>{_CN}) ?\)|\( ?(?P<round>\d{{1,2}}) ?\)|(?P<single>["
    + "".join(SINGLE)
    + r"])|(?P<numbered>\d{1,2})[.、](?![\d])|(?P<ordinal>[一二三四五六七八九十]{1,3})(?:是|要))"
)


def inline_run(folded: str, start: int, end: int) -> list[tuple[int, Marker]]:
    """Where numbered items run on inside folded[start:end]: the first run from 1 upwards with at least two items.

    Each item stands after a punctuation mark; (一)(三)(五) in a citation is no run. Returns the position of each mark.
    """
    found: dict[int, list[tuple[int, Marker]]] = {}
    for match in _INLINE.finditer(folded, start, end):
        at = match.end("gap")
        marker = marker_at(folded, at, end)
        if marker is None or marker.rank < BRACKETED or NUMBERED < marker.rank < ROUND:
            continue
        run = found.setdefault(marker.rank, [])
        if marker.value == len(run) + 1 and (not run or at - run[-1][1].end >= 2):
            run.append((at, marker))
    if not found:
        return []
    runs = [run for run in found.values() if len(run) >= 2]
    return min(runs, key=lambda run: run[0][0]) if runs else []
