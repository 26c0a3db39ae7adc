"""How far a question or a report reaches: over every sentence of its paragraph, until somebody orders something anew.

A reviewer reads 检查文件是否规定:甲。乙。 as one question and a quotation of three sentences as one quotation; sentence
by sentence, the later ones would look like orders. Called by `engine.screening.verdict` before polarity is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from engine.patterns import pattern_of
from engine.screening.addressee import Addressee, bound_party
from engine.screening.clearing import Clearing
from engine.screening.containers import KEEP, asks_duty, check_start, is_firm_breach, names_wrong
from engine.screening.narrated import narrated, shown
from engine.screening.pieces import masked
from engine.screening.reading import Statement

FARTHEST = 60
"""Statements: nobody asks or quotes further in one paragraph, and hostile input stays linear."""
ASKED = "该段是审查、自查的提问"
TOLD = "该段在转述已被指出或者纠正的规定"

_QUESTION = pattern_of(
    r"(?:是否|是不是|有没有|有无)(?:"
    r"(?:仍|还|曾|变相|违规|擅自|另行|直接|间接|对[^,;:。]{1,12}|在[^,;:。]{1,10}[中里])?"
    r"(?:规定|存在|要求|含有?|包含|设置|设定|约定|载明|写明|写有|写入|出现|有)[^,;:。]{0,24}"
    r"|[^,;:。]{0,14}(?:规定|要求|条款|内容|做法|情形|问题|表述|措辞)[^,;:。]{0,6}):"
)
_REPORT = pattern_of(
    r"(?:经查|查明|(?:检查|督查|督导|巡察|巡视|审计|核查|调查|抽查|清查|排查)组?[^,;:。]{0,6}(?:发现|指出|认定|显示)"
    r"|^(?:某|有[市县区镇地局])[^,;:。]{1,20})[^;:。]{0,40}(?:规定|要求|约定|明确|载明|写明):"
)
_CLOSING = pattern_of(
    r"^(?:上述|以上|前述|该|此类|这些|相关|有关)(?:条款|内容|做法|规定|文件|要求|问题|行为|表述|门槛|限制)"
    r"(?![^。;]{0,30}(?:未|不|拒|没有|违反)[^,。;]{0,12}的,)[^。;]{0,40}?(?<![不未无])(?:违反|不符|责令|废止|删除|撤销|纠正|整改|停止执行|取消|叫停|立案|查处|作废)"
)
_NEW_ORDER = pattern_of(
    r"^(?:但是?,?|同时,?|今后,?)?(?:各(?:单位|部门|地|级|镇|乡|街|区|县|市|科室|成员单位|有关|相关)[^,:。]{0,12}?|"
    r"[全本我][市县区省][^,:。]{0,12}?(?:单位|部门|机关))(?:一律|统一|应当?|要|须|必须|不得|严禁|可以)"
)
_NO_PUNISHED = pattern_of(
    r"(?:^|[;。])(?:凡|对|如|若|发现|经查)?(?:答案?)?(?:为[“]?(?:否|无)[”]?的|"
    r"(?:未|没有)(?:作出?)?(?:规定|要求|写入|写明|载明|落实|执行|完成|达到|列入|明确)的?,|缺(?:少|项))"
)


def reached(said: Sequence[Statement], asked: Collection[Statement] | None = None) -> dict[int, tuple[Clearing, ...]]:
    """What questions, reports and quotations opened in earlier sentences take away, keyed by a statement's start.

    `said` is in reading order; a reach never leaves the clause it was opened in and the clauses below it. With `asked`,
    what is taken away from these statements is sure to be there; of others it may be left out.
    """
    roots = _roots(said)
    wanted = set(roots.values()) if asked is None else {roots[one.clause] for one in asked}
    found: dict[int, tuple[Clearing, ...]] = {}
    for place, one in enumerate(said):
        if one.start in found or roots[one.clause] not in wanted:
            continue
        spans = list(narrated(said, place))
        if ":" in one.text or "“" in one.text:
            spans += [*_asked(said, place), *_reported(said, place), *_quoted(said, place), *shown(said, place)]
        for later, span in spans:
            found[later.start] = (*found.get(later.start, ()), span)
    return found


def _roots(said: Sequence[Statement]) -> dict[int, int]:
    """For every clause with a statement the outermost clause above it; no reach goes from one to another."""
    roots: dict[int, int] = {}
    for one in said:
        if one.clause not in roots:
            roots[one.clause] = one.clause if one.parent is None else roots.get(one.parent, one.parent)
    return roots


def _family(said: Sequence[Statement], place: int) -> Iterator[Statement]:
    """The statements after this one in its clause and in the clauses below it."""
    clauses = {said[place].clause}
    for later in islice(said, place + 1, place + 1 + FARTHEST):
        if later.clause not in clauses and later.parent not in clauses:
            return
        clauses.add(later.clause)
        yield later


def _whole(said: Statement, reason: str) -> tuple[Statement, Clearing]:
    return said, Clearing(0, len(said.text), reason)


def _asked(said: Sequence[Statement], place: int) -> Iterator[tuple[Statement, Clearing]]:
    """A question of a check-list and what it goes on to ask; none when the answer no is what is punished."""
    one = said[place]
    asked = _QUESTION.search(masked(one.text))
    if not asked or asks_duty(one.text[asked.start() :]) or _is_answered(one):
        return
    begin = check_start(one.text[: asked.end()])
    if begin < 0 or bound_party(one.text[: asked.start()]) is Addressee.OPERATOR:
        return
    under = [(one, Clearing(begin, len(one.text), ASKED))]
    for later in _family(said, place):
        if _NO_PUNISHED.match(later.text):
            return
        if _NEW_ORDER.match(later.text) or KEEP.search(masked(later.text)):
            break
        under.append(_whole(later, ASKED))
    yield from under


def _is_answered(said: Statement) -> bool:
    """The sentence that asks also says that what it asks about is kept, or must be there."""
    return bool(_NO_PUNISHED.search(said.text) or KEEP.search(masked(said.text)))


def _reported(said: Sequence[Statement], place: int) -> Iterator[tuple[Statement, Clearing]]:
    """A report of what somebody had ruled, up to the sentence that says it was wrong; none without such a sentence."""
    one = said[place]
    told = _REPORT.search(masked(one.text))
    if not told or is_firm_breach(one.text, told.end()):
        return
    under = [_whole(one, TOLD)]
    for later in _family(said, place):
        if _CLOSING.match(later.text):
            yield from () if KEEP.search(masked(later.text)) else under
            return
        under.append(_whole(later, TOLD))


def _quoted(said: Sequence[Statement], place: int) -> Iterator[tuple[Statement, Clearing]]:
    """A quotation over several statements that is named as wrong where it closes."""
    one = said[place]
    opening, depth = _opening(one.text)
    if depth <= 0:
        return
    under = [(one, Clearing(opening, len(one.text), TOLD))]
    for later in _family(said, place):
        close, depth = _closing(later.text, depth)
        if depth > 0:
            under.append(_whole(later, TOLD))
            continue
        rest = later.text[close:]
        closed = not rest.strip("。;, ") and _CLOSING.match(later.after)
        if not KEEP.search(masked(rest + later.after)) and (closed or names_wrong(one.text[:opening], rest)):
            yield from [*under, (later, Clearing(0, close, TOLD))]
        return


def _opening(words: str) -> tuple[int, int]:
    """Where the quotation begins that the words leave open, and how many are open."""
    opened: list[int] = []
    for place, sign in enumerate(words):
        if sign == "“":
            opened.append(place)
        elif sign == "”" and opened:
            opened.pop()
    return (opened[0] if opened else 0), len(opened)


def _closing(words: str, depth: int) -> tuple[int, int]:
    """Just after the mark that closes what `depth` marks opened; the depth left at the end when none does."""
    if "”" not in words:
        return len(words), depth + words.count("“")
    for place, sign in enumerate(words):
        depth += (sign == "“") - (sign == "”")
        if not depth:
            return place + 1, 0
    return len(words), depth
