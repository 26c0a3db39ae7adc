"""What stands between the characters of a word and does not belong there, and characters written as their parts.

Found on the text as read, each with its place, so that squeezing can leave it out and reading can tell it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from itertools import accumulate, pairwise

from engine.documents.folding import INVISIBLE, fold
from engine.model import Clause, ClauseKind
from engine.patterns import pattern_of


class Kind(Enum):
    """What was put in; the value is what a user calls it."""

    INVISIBLE = "看不见的字符"
    MARK = "叠加的符号"
    GAP = "空格或符号"
    PARTS = "拆开写的字"
    LINE_END = "换行"
    FULL_STOP = "半角句号"

    @property
    def told(self) -> bool:
        """Whether it is worth telling: a wrapped line or a full stop of another width is not."""
        return self not in (Kind.LINE_END, Kind.FULL_STOP)


@dataclass(frozen=True, slots=True)
class Edit:
    """`text[start:end]` is to be read as `words`: nothing, a blank, or the one character its parts make up."""

    start: int
    end: int
    words: str
    kind: Kind


_INVISIBLE = frozenset(INVISIBLE)
_SEEN_INVISIBLE = "".join(character for character in INVISIBLE if character <= chr(0xFFFF))
_MARK_SIGNS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_UNSEEN = pattern_of(f"[{_SEEN_INVISIBLE}{_MARK_SIGNS}]")
_MARKS = pattern_of(f"[{_MARK_SIGNS}]+")
_LINE_END = pattern_of(" *\n *")
_SEPARATORS = pattern_of(r"[ ·*_^`#\\+=¦@$&\-~./'…—|]{1,12}+(?=[㐀-鿿,。;:、!?“”《》()])")
_SINGLE = pattern_of("[、,][㐀-鿿][、,][㐀-鿿](?:[、,][㐀-鿿]){5,}")
_FULL_STOP = pattern_of(r"\.(?= {0,8}(?:\n|\Z))")
_PUNCTUATION = frozenset(",。;:、!?“”《》()")
# Never between two Chinese characters of ordinary text: one is enough. The others must stand close together.
_ODD = frozenset("*_^`#\\¦.~@$")
_LONGEST_GAP = 3
_LONGEST_PIECE = 4
_LONGEST_PIECE_ON_AVERAGE = 3
_FEWEST_GAPS = 3
_FEWEST_CELLS = 8
_TOGETHER = (
    "本地 本市 本省 本县 本区 外地 外省 外市 优先 限定 限制 指定 禁止 排除 排斥 歧视 企业 产品 注册 招标 "
    "投标 中标 采购 补贴 奖励 返还 减免 优惠 财政 税收 品牌 当地 辖区 域内 市内 省内 县内 区内 设立 纳税 "
    "独家 垄断 唯一 不得 必须 只能 "
)
_WORDS = frozenset(_TOGETHER.split())
# The character, then its parts: one of them at least is no character of its own.
_MADE_OF = (
    "优亻尤 法氵去 限阝艮 指扌旨 投扌殳 招扌召 排扌非 拒扌巨 持扌寺 提扌是 授扌受 拨扌发 挂扌圭 抵扌氐 "
    "补衤卜 社礻土 准冫隹 减冫咸 决冫夬 设讠殳 许讠午 证讠正 评讠平 请讠青 认讠人 订讠丁 计讠十 记讠己 "
    "保亻呆 供亻共 价亻介 位亻立 任亻壬 仅亻又 他亻也 值亻直 得彳㝵 行彳亍 待彳寺 独犭虫 给纟合 级纟及 "
    "纳纟内 组纟且 结纟吉 镇钅真 院阝完 除阝余 阻阝且 障阝章 注氵主 减氵咸 馆饣官 政正攵 进辶井 进井辶 "
    "选辶先 选先辶 退辶艮 退艮辶 运辶云 运云辶 教孝攵 放方攵 定宀疋 "
)
_PARTS = {made[1:]: made[0] for made in _MADE_OF.split()}
# Parts that are words themselves make up the character only next to the rest of its word.
_PARTS_OF_WORDS = {
    "木又": ("权", "产特授股债", "利限益"),
    "木示": ("标", "招投中指评目", "准"),
    "夕卜": ("外", "对向省市县区", "地来商省市县资"),
    "耳又": ("取", "收领获选录", "得消费"),
    "贝占": ("贴", "补", "息补"),
    "贝才": ("财", "", "政产务"),
    "贝勾": ("购", "采收", "买置房车"),
    "禾兑": ("税", "纳退免减", "收务费款"),
    "禾中": ("种", "各品", "类"),
}
_BOTH = [*_PARTS, *_PARTS_OF_WORDS]
_PARTED = pattern_of(
    f"([{''.join({pair[0] for pair in _BOTH})}])(?=[ ·*_~^./-]{{0,2}}([{''.join({pair[1] for pair in _BOTH})}]))"
)


def edits_of(text: str, clauses: Sequence[Clause] = ()) -> tuple[Edit, ...]:
    """Every edit that makes the words of `text` whole, in order, none overlapping another.

    Line feeds are left out only within clauses, where reading has found a wrapped line.
    """
    wrapped = list(_wrapped(text, clauses))
    return _made(text, wrapped) if wrapped else _within_words(text)


@lru_cache(maxsize=1)
def _within_words(text: str) -> tuple[Edit, ...]:
    """The edits of a text without wrapped lines, kept for who asks next: reading tells them, screening makes them."""
    return _made(text, ())


def _made(text: str, wrapped: Iterable[Edit]) -> tuple[Edit, ...]:
    first = _apart([*_unseen(text), *wrapped])
    folded = fold(applied(text, first))
    second = _apart([*_parted(folded), *_gaps(folded), *_single(folded), *_full_stops(folded)])
    return tuple(_apart([*_placed(second, first), *first]) if first else second)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made."""
    pieces, at = [], 0
    for edit in edits:
        pieces += [text[at : edit.start], edit.words]
        at = edit.end
    return "".join([*pieces, text[at:]]) if pieces else text


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in order, of overlapping ones the first and longest."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def places_after(edits: Sequence[Edit]) -> tuple[int, ...]:
    """Where the text goes on behind each edit once all are made."""
    shifts = accumulate(len(edit.words) - (edit.end - edit.start) for edit in edits)
    return tuple(edit.end + shift for edit, shift in zip(edits, shifts, strict=True))


def place_before(at: int, edits: Sequence[Edit], after: Sequence[int]) -> int:
    """Where the character at `at` of the edited text stands in the text before."""
    behind = bisect_right(after, at) - 1
    return at if behind < 0 else at - after[behind] + edits[behind].end


def _placed(later: Iterable[Edit], earlier: Sequence[Edit]) -> Iterator[Edit]:
    """Edits of a text that `earlier` was applied to, as edits of the text before."""
    after = places_after(earlier)
    for edit in later:
        start, last = place_before(edit.start, earlier, after), place_before(edit.end - 1, earlier, after)
        yield replace(edit, start=start, end=last + 1)


def _unseen(text: str) -> Iterator[Edit]:
    if text.isascii() or not (_UNSEEN.search(text) or _leaves_basic_plane(text)):
        return
    # a class of only those that occur: with all of them, most beyond the basic plane, the search is twenty times slower
    if present := "".join(_INVISIBLE.intersection(text)):
        for found in re.finditer(f"[{present}]+", text):
            yield Edit(*found.span(), "", Kind.INVISIBLE)
    for found in _MARKS.finditer(text):
        if _is_chinese(text[found.start() - 1 : found.start()]):
            yield Edit(*found.span(), "", Kind.MARK)


def _leaves_basic_plane(text: str) -> bool:
    return len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text)


def _wrapped(text: str, clauses: Sequence[Clause]) -> Iterator[Edit]:
    """Line ends within clauses; a single clause may be a text in hand, whose lines nobody has judged."""
    if len(clauses) < 2:
        return
    for clause in clauses:
        if "\n" in clause.text and clause.kind in (ClauseKind.PARAGRAPH, ClauseKind.ITEM, ClauseKind.HEADING):
            for found in _LINE_END.finditer(fold(clause.text)):
                start, end = clause.start + found.start(), clause.start + found.end()
                latin = text[start - 1 : start].isascii() and text[end : end + 1].isascii()
                yield Edit(start, end, " " if latin else "", Kind.LINE_END)


def _is_chinese(character: str) -> bool:
    return "㐀" <= character <= "鿿"


def _parted(folded: str) -> Iterator[Edit]:
    for found in _PARTED.finditer(folded):
        pair = found[1] + found[2]
        start, end = found.start(1), found.end(2)
        whole = _PARTS.get(pair, "")
        if not whole and pair in _PARTS_OF_WORDS:
            word, before, after = _PARTS_OF_WORDS[pair]
            fits = (start and folded[start - 1] in before) or folded[end : end + 1] in tuple(after)
            whole = word if fits else ""
        if whole:
            yield Edit(start, end, whole, Kind.PARTS)


def _full_stops(folded: str) -> Iterator[Edit]:
    for found in _FULL_STOP.finditer(folded):
        before = folded[found.start() - 1 : found.start()]
        if _is_chinese(before) or before in (")", "”"):
            yield Edit(*found.span(), "。", Kind.FULL_STOP)


def _single(folded: str) -> Iterator[Edit]:
    """The pauses of a list of single characters that is too long for one."""
    for found in _SINGLE.finditer(folded):
        if _is_chinese(folded[found.start() - 1 : found.start()]):
            for at in range(found.start(), found.end(), 2):
                yield Edit(at, at + 1, "", Kind.GAP)


def _gaps(folded: str) -> list[Edit]:
    """Marks and blanks between Chinese characters: odd ones, those within a known word, and those close together."""
    edits: list[Edit] = []
    chain: list[tuple[int, int]] = []
    for found in _SEPARATORS.finditer(folded):
        start, end = found.span()
        if end - start > _LONGEST_GAP or not _is_between(folded, start, end) or found[0] == " | ":
            continue
        if chain and not _goes_on(folded, chain[-1][1], start):
            edits += _chained(folded, chain)
            chain = []
        chain.append((start, end))
    return edits + _chained(folded, chain)


def _is_between(folded: str, start: int, end: int) -> bool:
    """Whether a gap has Chinese characters on both sides, or one and a mark of punctuation."""
    left, right = folded[start - 1 : start], folded[end : end + 1]
    if not _is_chinese(left):
        return left in _PUNCTUATION and _is_chinese(right)
    return _is_chinese(right) or right in _PUNCTUATION


def _goes_on(folded: str, start: int, end: int) -> bool:
    return end - start <= _LONGEST_PIECE and all(_is_chinese(one) or one in _PUNCTUATION for one in folded[start:end])


def _chained(folded: str, chain: Sequence[tuple[int, int]]) -> list[Edit]:
    """The gaps of a chain that are to go: all of a close one, else those that cannot be meant."""
    close = len(chain) >= _FEWEST_GAPS and _is_close(folded, chain)
    return [Edit(start, end, "", Kind.GAP) for start, end in chain if close or _is_put_in(folded, start, end)]


def _is_put_in(folded: str, start: int, end: int) -> bool:
    """Whether one gap by itself cannot be meant: an odd mark between two Chinese characters, or within a known word."""
    left, right = folded[start - 1], folded[end]
    odd = not _ODD.isdisjoint(folded[start:end]) and _is_chinese(left) and _is_chinese(right)
    return odd or left + right in _WORDS


def _is_close(folded: str, chain: Sequence[tuple[int, int]]) -> bool:
    inner = sum(later[0] - first[1] for first, later in pairwise(chain))
    cells = any("|" in folded[start:end] for start, end in chain)
    fewest, longest = (_FEWEST_CELLS, 1) if cells else (_FEWEST_GAPS, _LONGEST_PIECE_ON_AVERAGE)
    return len(chain) >= fewest and inner <= longest * (len(chain) - 1)
