"""Automatic numbering of Word documents, rendered as Word shows it.

第X条 and (一) are often not typed but generated: the text holds no number at all. A reader that loses them cites the
wrong clause, so counters, number formats, restarts and numbering that sits in a style are followed here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.documents.markers import chinese

if TYPE_CHECKING:
    from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_LARGEST = 9999


def value(element: etree._Element | None, name: str = "val") -> str:
    """The w:val (or another w: attribute) of an element, empty when element or attribute is missing."""
    return "" if element is None else str(element.get(W + name, ""))


def integer(text: str, default: int) -> int:
    """A small whole number out of an attribute, `default` when it is none."""
    try:
        number = int(text)
    except ValueError:
        return default
    return number if -1 <= number <= _LARGEST else default


@dataclass
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    legal: bool = False
    style: str = ""


@dataclass
class _List:
    """One w:num: its levels and the abstract list whose counters it shares."""

    abstract: str
    levels: dict[int, _Level]
    restarts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The numbering of one document; `label` is asked paragraph by paragraph in reading order."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._styles = {} if styles is None else {value(style, "styleId"): style for style in styles.iter(W + "style")}
        self._lists = _read_lists(numbering, self._styles)
        self._counts: dict[str, dict[int, int]] = {}
        self._seen: set[tuple[str, int]] = set()

    def label(self, properties: etree._Element | None) -> str:
        """The number Word would print before the paragraph with these w:pPr, with a blank behind it if one is due."""
        num_id, level_index = self._place(properties)
        listed = self._lists.get(num_id)
        if listed is None or level_index not in listed.levels:
            return ""
        level = listed.levels[level_index]
        self._count(num_id, listed, level_index)
        if level.format in ("bullet", "none"):
            return ""
        shown = self._shown(listed, level_index)
        return shown if not shown or level.suffix == "nothing" or shown[-1] in "、.．)）:：" else shown + " "

    def _place(self, properties: etree._Element | None) -> tuple[str, int]:
        """The list id and level of a paragraph: its own, else those of its style and the styles that one rests on."""
        own = None if properties is None else properties.find(W + "numPr")
        style_id = "" if properties is None else value(properties.find(W + "pStyle"))
        num_id = "" if own is None else value(own.find(W + "numId"))
        level = "" if own is None else value(own.find(W + "ilvl"))
        if num_id:
            return num_id, integer(level, 0)
        for _ in range(12):
            style = self._styles.get(style_id)
            if style is None:
                break
            numbered = style.find(f"{W}pPr/{W}numPr")
            found = "" if numbered is None else value(numbered.find(W + "numId"))
            if numbered is not None and found:
                return found, self._style_level(found, style_id, value(numbered.find(W + "ilvl")))
            style_id = value(style.find(W + "basedOn"))
        return "", 0

    def _style_level(self, num_id: str, style_id: str, level: str) -> int:
        listed = self._lists.get(num_id)
        linked = [index for index, known in listed.levels.items() if known.style == style_id] if listed else []
        return linked[0] if linked else integer(level, 0)

    def _count(self, num_id: str, listed: _List, index: int) -> None:
        counts = self._counts.setdefault(listed.abstract, {})
        if index in listed.restarts and (num_id, index) not in self._seen:
            counts[index] = listed.restarts[index]
        elif index in counts:
            counts[index] += 1
        else:
            counts[index] = listed.levels[index].start
        self._seen.add((num_id, index))
        for deeper in [level for level in counts if level > index]:
            del counts[deeper]

    def _shown(self, listed: _List, index: int) -> str:
        level = listed.levels[index]
        counts = self._counts[listed.abstract]
        text = level.text
        for position in range(_LEVELS):
            mark = f"%{position + 1}"
            if mark in text and position in listed.levels:
                number = counts.get(position, listed.levels[position].start)
                text = text.replace(mark, written(number, "decimal" if level.legal else listed.levels[position].format))
        return text


def _read_lists(numbering: etree._Element | None, styles: dict[str, etree._Element]) -> dict[str, _List]:
    if numbering is None:
        return {}
    abstracts = {value(element, "abstractNumId"): element for element in numbering.iter(W + "abstractNum")}
    numbers = {value(element, "numId"): element for element in numbering.iter(W + "num")}
    lists = {}
    for num_id, element in numbers.items():
        abstract_id = _linked(value(element.find(W + "abstractNumId")), abstracts, numbers, styles)
        abstract = abstracts.get(abstract_id)
        if abstract is not None:
            lists[num_id] = _overridden(element, _List(abstract_id, _levels(abstract)))
    return lists


def _linked(
    abstract_id: str,
    abstracts: dict[str, etree._Element],
    numbers: dict[str, etree._Element],
    styles: dict[str, etree._Element],
) -> str:
    """Follow w:numStyleLink: the levels may stand in the list that a numbering style points to."""
    abstract = abstracts.get(abstract_id)
    link = "" if abstract is None else value(abstract.find(W + "numStyleLink"))
    style = styles.get(link)
    if style is None:
        return abstract_id
    number = numbers.get(value(style.find(f"{W}pPr/{W}numPr/{W}numId")))
    return abstract_id if number is None else value(number.find(W + "abstractNumId"))


def _levels(parent: etree._Element) -> dict[int, _Level]:
    levels = {}
    for element in parent.findall(W + "lvl"):
        index = integer(value(element, "ilvl"), 0)
        if 0 <= index < _LEVELS:
            levels[index] = _level(element)
    return levels


def _level(element: etree._Element) -> _Level:
    return _Level(
        start=max(0, integer(value(element.find(W + "start")), 1)),
        format=value(element.find(W + "numFmt")) or "decimal",
        text=value(element.find(W + "lvlText"))[:200],
        suffix=value(element.find(W + "suff")) or "tab",
        legal=element.find(W + "isLgl") is not None,
        style=value(element.find(W + "pStyle")),
    )


def _overridden(element: etree._Element, listed: _List) -> _List:
    for override in element.findall(W + "lvlOverride"):
        index = integer(value(override, "ilvl"), -1)
        listed.levels |= _levels(override)
        start = override.find(W + "startOverride")
        if start is not None:
            listed.restarts[index] = max(0, integer(value(start), 1))
    return listed


def written(number: int, form: str) -> str:
    """`number` in a Word number format; unknown formats fall back to Arabic digits."""
    if not 0 <= number <= _LARGEST:
        return str(number)
    writer = _WRITERS.get(form)
    return writer(number) if writer else str(number)


def _digitwise(number: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(number))


def _counting(number: int) -> str:
    return chinese(number) if number < 100 else _digitwise(number)


def _financial(number: int) -> str:
    plain = "一" + chinese(number) if 10 <= number < 20 else chinese(number)
    return plain.translate(str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟"))


def _one_of(characters: str) -> Callable[[int], str]:
    return lambda number: characters[number - 1] if 1 <= number <= len(characters) else str(number)


def _letters(number: int) -> str:
    return chr(65 + (number - 1) % 26) * ((number - 1) // 26 + 1) if 1 <= number <= 260 else str(number)


def _roman(number: int) -> str:
    signs: tuple[tuple[int, str], ...] = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"))
    signs += ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    shown = ""
    for worth, sign in signs:
        shown += sign * (number // worth)
        number %= worth
    return shown


_CIRCLED = _one_of("".join(chr(0x2460 + offset) for offset in range(20)) + "".join(chr(0x3251 + o) for o in range(15)))
_WRITERS: dict[str, Callable[[int], str]] = {
    "chineseCounting": _counting,
    "chineseCountingThousand": chinese,
    "taiwaneseCounting": _counting,
    "taiwaneseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "ideographDigital": _digitwise,
    "japaneseDigitalTenThousand": _digitwise,
    "taiwaneseDigital": _digitwise,
    "chineseLegalSimplified": _financial,
    "ideographLegalTraditional": _financial,
    "ideographTraditional": _one_of("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _one_of("子丑寅卯辰巳午未申酉戌亥"),
    "ideographEnclosedCircle": _one_of("㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"),
    "decimalEnclosedCircle": _CIRCLED,
    "decimalEnclosedCircleChinese": _CIRCLED,
    "decimalEnclosedParen": _one_of("".join(chr(0x2474 + offset) for offset in range(20))),
    "decimalEnclosedFullstop": _one_of("".join(chr(0x2488 + offset) for offset in range(20))),
    "decimalFullWidth": lambda number: str(number).translate({48 + digit: 0xFF10 + digit for digit in range(10)}),
    "decimalZero": lambda number: f"{number:02d}",
    "upperLetter": _letters,
    "lowerLetter": lambda number: _letters(number).lower(),
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
}
