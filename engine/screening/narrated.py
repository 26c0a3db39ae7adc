"""Paragraphs that tell a case or show a faulty wording: the sentences before the verdict order nothing.

A circular tells 某局要求甲。经查，该要求没有依据; a drafting guide prints 原文：甲 and then what is wrong with
it. Neither the first sentence nor the label alone says so; what follows does. Called by `engine.screening.reach`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from engine.patterns import pattern_of
from engine.screening.clearing import Clearing
from engine.screening.containers import KEEP, is_firm_breach
from engine.screening.pieces import masked
from engine.screening.reading import Statement

TOLD = "该段在通报案例，所述规定已被认定不当"
SHOWN = "该处列出的是被点评、修改的原文"
FARTHEST = 20
"""Statements a paragraph is read on for its verdict; hostile input stays linear."""
NEAREST = 4
"""Statements after a label within which its criticism must come."""

_ACT = pattern_of(
    r"印发|下发|发布|出台|制定|签订|发文|规定|要求|约定|明确|提出|组织|召集|指定|通知|纪要|委托|授予|公告"
)
_ORDERS_NOW = pattern_of(
    r"^\W{0,6}(?:\d|第[^条]{1,6}条|[一二三四五六七八九十])?[^,。;]{0,10}(?:各(?:单位|部门|地|乡?镇|街道)|凡|本(?:办法|规定|通知))"
)
_AUTHORITY = r"(?:该|其|上述|[^,。;]{0,8}(?:局|委|办|中心|政府|县|市|区|镇|街道|部门))"
_REFERRED = r"(?:该|上述|前述|此|其|当事人|相关|有关)"
_VERDICT = pattern_of(
    r"(?:没有|缺乏|无|于法无)[^,。;]{0,12}依据|(?:排除|限制)(?:了|、限制)?(?![^,。;]{0,12}(?:恶性|无序|低价))[^,。;]{0,16}竞争|"
    r"(?:排除|限制)了[^,。;]{0,16}(?:经营者|供应商)|(?:剥夺|损害)了?[^,。;]{0,16}(?:选择权|竞争)|"
    r"违反(?:了)?(?:《|公平竞争|反垄断|条例)|不符合[^,。;]{0,12}公平竞争|(?:构成|涉嫌)[^,。;]{0,10}(?:滥用|垄断)|"
    r"(?:经|在)?(?:调查|指导|督促|督办|提醒|约谈|抽查|核查|督导)(?:[^,。;]{0,12}(?:后|期间|整改))?,"
    + _AUTHORITY
    + r"[^,。;]{0,30}(?:停止|删除|废止|取消|撤销|整改|纠正|终止|开放|修改|退还|收回)|"
    r"向[^,。;]{0,10}(?:上级|有关)机关[^,。;]{0,10}建议|"
    + _REFERRED
    + r"[^,。;]{0,14}(?:已|主动|现已|随即|随后|及时)[^,。;]{0,10}(?:废止|停止|撤销|整改|纠正|删除|收回|退还|取消|修改)"
)
_SANCTION = pattern_of(r"违者|拒不|仍不|逾期|依法给予|处以?[^,。;]{0,12}罚款|行政处罚|资格|许可|名额|的[,;]")
"""A sentence that punishes those who do not obey is no verdict on what they are to obey."""
_CASE_TITLE = pattern_of(r"^\W{0,3}(?:典型)?案例[一二三四五六七八九十\d]{1,3}\W")
_LABEL = pattern_of(
    r"^\W{0,3}(?:原文|原条款|原规定|原表述|送审稿|问题条款|涉嫌条款|不当表述|错误(?:示例|写法|表述)|反例|反面示例)[^:,。;]{0,8}:"
)
_CRITICISM = pattern_of(
    r"^\W{0,3}(?:问题|分析|修改|审查(?:意见|结论)|理由|建议|处理|正确|点评|说明|评析|改为)|不符合|违反|应当?(?:删|改)|涉嫌"
)


def narrated(said: Sequence[Statement], place: int) -> Iterator[tuple[Statement, Clearing]]:
    """The sentences of a clause from this one, which tells of an act, to the one that says it was wrong."""
    one = said[place]
    titled = place and _CASE_TITLE.match(said[place - 1].text) and said[place - 1].clause != one.clause
    if titled:
        family = takewhile(lambda later: later.clause == one.clause, said[place : place + FARTHEST])
        yield from ((sentence, Clearing(0, len(sentence.text), TOLD)) for sentence in family)
        return
    if not _ACT.search(one.text) or _ORDERS_NOW.match(one.text):
        return
    told = [one]
    for later in takewhile(lambda later: later.clause == one.clause, said[place + 1 : place + FARTHEST]):
        told.append(later)
        verdict = _VERDICT.search(masked(later.text))
        if verdict and not _keeps(later, verdict.end()):
            yield from ((sentence, Clearing(0, len(sentence.text), TOLD)) for sentence in told)
            return


def _keeps(said: Statement, verdict: int) -> bool:
    """The sentence upholds what was told before it, whatever its words of fault speak of."""
    words = masked(said.text)
    return bool(KEEP.search(words) or _SANCTION.search(words)) or is_firm_breach(said.text, verdict)


def shown(said: Sequence[Statement], place: int) -> Iterator[tuple[Statement, Clearing]]:
    """A wording labelled as the one under review, when criticism follows at once."""
    one = said[place]
    label = _LABEL.match(one.text)
    if label and any(_CRITICISM.search(later.text) for later in said[place + 1 : place + 1 + NEAREST]):
        yield one, Clearing(label.end(), len(one.text), SHOWN)
