"""A sentence that grants or limits by reference (符合第一、三项的, 前款规定的企业) is read with what it refers to.

By themselves neither the items nor the sentence may order anything; only together do they. A reference is resolved to
the items of the nearest list above, or of the article it names, and the sentence is judged again with the items' words
in its place. An item that is only referred to in order to be treated alike or forbidden is lowered, for a person to
look. Called by `engine.screening` after the statements have been judged one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.documents.markers import numeral
from engine.model import Document, Level
from engine.patterns import pattern_of
from engine.screening.polarity import read_polarity
from engine.screening.reading import Statement
from engine.screening.verdict import MAX_TOGETHER, Judgement

FARTHEST = 60
"""Statements back from a reference within which its list must stand."""
MOST = 60
"""References of one document that are followed."""
MOST_ITEMS = 12
_N = r"(?:[一二三四五六七八九十]{1,3}|\d{1,2})"
_ONE = rf"\(?{_N}\)?"
_THING = (
    r"(?:企业|车辆|保函|主体|经营者|货物|商户|申请人|车|服务|单位|机构|公司|供应商|投标人"
    r"|情形|条件|要求|标准|产品|商品|建材|报告|证明|承诺|材料)"
)
_REFERENCE = pattern_of(
    rf"(?:(?:本办法|本规定|本细则|本措施)?第(?P<article>[一二三四五六七八九十百]{{1,4}})条)?"
    rf"(?:第{_N}款|前款|上款|本条|前条|前述|上述|以上|前列)?(?:规定的?|所列)?"
    rf"(?:第(?P<items>{_ONE}(?:项?(?:、|,|和|及|或|以及|至|到)第?{_ONE})*)项|前(?P<last>[一两二三四五])项|(?P<all>(?<=[款述上条列])各项|任[何意]?一项))"
    rf"(?P<what>(?:所列|规定|列明|所述)?的?{_THING})?"
)
_ALL = pattern_of(
    rf"(?:前款|上述|(?<![^,;。:合备足按对将])以上|前述|前列)(?:规定的?|所列|各项|{_N}项|的)*(?P<what>{_THING}|各项|项)"
)
_RANGE = pattern_of(rf"({_ONE})项?(至|到)?")
_LABEL = pattern_of(rf"\s*(?:\(({_N})\)|({_N})[、.](?!\d))")
_ARTICLE = pattern_of(r"第([一二三四五六七八九十百]{1,4})条")
_KIND = pattern_of(rf"{_THING}$")
_ALIKE = pattern_of(
    r"同等|同一|同样|相同|不考虑|均(?:可|应|能|有权|享)|不(?:区分|分|论|限|受)|任[何意]?一项|一视同仁|平等|一致|自主选择|一律取消|予以废止"
)


@dataclass(frozen=True, slots=True)
class Tie:
    """A sentence and the items it refers to, by their places among the statements; `spans` are in the sentence.

    `kin` are the other items of their list that only name a kind of things.
    """

    place: int
    items: tuple[int, ...]
    kin: tuple[int, ...]
    spans: tuple[tuple[int, int, tuple[int, ...]], ...]


def ties(document: Document, said: Sequence[Statement]) -> Iterator[Tie]:
    """Every sentence that refers to items which can be found, in reading order, up to `MOST`."""
    found = 0
    for place, one in enumerate(said):
        if "项" in one.text or "前款" in one.text or "上述" in one.text or "以上" in one.text or "前述" in one.text:
            resolved = list(_resolved(document, said, place))
            items = tuple(dict.fromkeys(item for (_, _, some), _ in resolved for item in some))
            if items:
                found += 1
                others = dict.fromkeys(item for _, listed in resolved for item in listed.values() if item not in items)
                kin = tuple(item for item in others if _KIND.search(_bare(said[item].text)))
                yield Tie(place, items, kin, tuple(span for span, _ in resolved))
        if found >= MOST:
            return


def _resolved(
    document: Document, said: Sequence[Statement], place: int
) -> Iterator[tuple[tuple[int, int, tuple[int, ...]], dict[int, int]]]:
    """Every reference in the sentence: its span, the items it names, and the list they are of."""
    text, end = said[place].text, 0
    for match in sorted([*_REFERENCE.finditer(text), *_ALL.finditer(text)], key=lambda match: match.start()):
        if match.start() < end:
            continue
        groups = match.groupdict()
        listed = _list_above(document, said, place, groups.get("article") or "")
        if items := tuple(listed[number] for number in _wanted(groups, listed) if number in listed)[:MOST_ITEMS]:
            end = match.end()
            yield (match.start(), end, items), listed


def _wanted(groups: dict[str, str | None], listed: dict[int, int]) -> list[int]:
    """The numbers of the items a reference names."""
    if named := groups.get("items"):
        return _numbers(named)
    if last := groups.get("last"):
        count = 2 if last == "两" else _value(last)
        return sorted(listed)[-count:]
    return sorted(listed)


def _numbers(words: str) -> list[int]:
    numbers: list[int] = []
    spanning = False
    for match in _RANGE.finditer(words):
        number = _value(match[1].strip("()"))
        numbers += range(numbers[-1] + 1, min(number, numbers[-1] + MOST_ITEMS) + 1) if spanning else [number]
        spanning = bool(match[2]) and bool(numbers)
    return numbers


def _value(words: str) -> int:
    return numeral(words)


def _list_above(document: Document, said: Sequence[Statement], place: int, article: str) -> dict[int, int]:
    """The items of the nearest list before the sentence, by number; of the list of an article when one is named."""
    listed: dict[int, int] = {}
    for back in range(place - 1, max(-1, place - 1 - FARTHEST), -1):
        if article and not _is_of(document.clauses[said[back].clause].number, article):
            if listed:
                break
            continue
        label = _LABEL.match(said[back].text)
        number = _value(label[1] or label[2]) if label else 0
        if not number:
            continue
        if listed and number != min(listed) - 1:
            break
        listed[number] = back
        if number == 1:
            return listed
    return {}


def _is_of(number: str, article: str) -> bool:
    found = _ARTICLE.search(number)
    return found is not None and found[1] == article


def joined(said: Sequence[Statement], tie: Tie) -> Statement | None:
    """The sentence with the items' words where it refers to them, under what governs it; None when it grows too long.

    Its span is the sentence's own; `referred` tells where the items stand.
    """
    one = said[tie.place]
    pieces, place = [], 0
    for start, end, items in tie.spans:
        words = "、".join(_bare(said[item].text) for item in items)
        pieces += [one.text[place:start], words]
        place = end
    text = "".join((*pieces, one.text[place:]))
    if len(text) > MAX_TOGETHER:
        return None
    return one._replace(text=text, referred=tuple((said[item].start, said[item].end) for item in tie.items))


def _bare(words: str) -> str:
    label = _LABEL.match(words)
    return words[label.end() if label else 0 :].strip(" ;。,")


def read_together(
    document: Document,
    said: Sequence[Statement],
    judged: Sequence[Judgement],
    judge_one: Callable[[Statement], list[Judgement]],
) -> list[Judgement]:
    """The judgements with those of sentences that refer replaced by what they say together with their items.

    Only a sentence that blocks no more than before by itself is raised, and only items nobody grants by are lowered.
    """
    by_start = {one.said.start: one for one in judged}
    alike: set[int] = set()
    granted: set[int] = set()
    for tie in ties(document, said):
        starts = {said[item].start for item in tie.items}
        if _treats_alike(said[tie.place], tie):
            alike |= starts | {said[item].start for item in tie.kin}
            continue
        granted |= starts
        whole = joined(said, tie)
        for together in judge_one(whole) if whole else ():
            alone = by_start.get(together.said.start)
            if together.level is Level.BLOCK and (alone is None or alone.level is not Level.BLOCK):
                by_start[together.said.start] = together
    for start in alike - granted:
        if start in by_start and by_start[start].level is Level.BLOCK and not by_start[start].matches:
            by_start[start] = replace(by_start[start], level=Level.ATTENTION)
    return [by_start[start] for start in sorted(by_start)]


def _treats_alike(one: Statement, tie: Tie) -> bool:
    """The sentence refers in order to treat alike, to forbid or to take away."""
    polarity = read_polarity(one)
    return bool(_ALIKE.search(one.text)) or not any(polarity.asserts(start, end) for start, end, _ in tie.spans)
