"""What somebody proposed, wrote or did and what was turned down: told together with its rejection, it orders nothing.

有企业建议甲，未予采纳; 法院认定甲的行为违法; 将“甲”修改为“乙”; 凡要求甲的，一律退回. Where the thing turned down is
itself a cure, or a firm's failure to obey a barrier, the barrier stands. Called by `engine.screening.polarity`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.patterns import pattern_of
from engine.screening.clearing import Clearing
from engine.screening.containers import KEEP, QUOTE

_OBEYED = pattern_of(
    r"(?:未|没有(?!依据|法律|法规|政策)|拒不|擅自|私自|逃避|规避)(?!被)|不(?:满足|具备|达|符合[^公]{0,6}(?:要求|条件))|"
    r"(?<![限保])不(?:在|按|经|使用|购|办|向|从|执行|落实|配合|采购|安装|纳|缴)"
)
_CURED = pattern_of(r"取消|放宽|放开|删除|废止|不再|降低门槛|开放|平等|一视同仁|公开")

_OUTVOTED = pattern_of(
    r"(?:认为|建议|提出|主张|希望|提议|诉求)(?P<thing>[^。;]{2,100}?)"
    r"(?:未予?采纳|不予?采纳|没有采纳|未被采纳|不予支持|予以否决|被否决|未获通过|不予同意|没有同意)"
)
_RULED = pattern_of(
    r"(?:认定|判决|裁定|确认|认为|指出|通报)(?P<thing>[^。;]{2,100}(?:行为|做法|规定|条款|要求|内容|限定|约定)[^。;,]{0,6}(?<!的)),?"
    r"(?:属于|构成|系|是)?[^。;,]{0,10}"
    r"(?:违法|违规|无效|不合法|不当|不符合|违反|滥用|应当?(?:予以)?(?:修改|删除|纠正|废止|取消|撤销))"
)
_FAULTED = pattern_of(
    r"(?P<thing>(?:该|上述|前述|此|这一|原)(?:条款|规定|做法|文件|内容|表述|要求)[^。;]{2,80}?),(?:建议|应当?|须|请|已)(?:予以|责令|尽快)?"
    r"(?:修改|删除|纠正|废止|撤销)"
)
_DENIED = pattern_of(
    r"(?P<thing>[^。;]{4,80}的)(?:说法|传言|消息|传闻|理解)[^,。;]{0,6}(?:不属实|不实|有误|错误|是谣言|不成立|系误传)"
)
_AUDITED = pattern_of(
    r"(?:审计|巡[察视]|督[查导]|检查|抽查|评估)(?:组|报告)?(?:发现|指出|反映|认为)[^。;“]{0,40}(?P<thing>“[^”]{4,200}”)"
    r"[^。;]{0,30}(?:属于|构成|涉嫌|不符合|违反|存在)"
)
_RETURNED = pattern_of(
    r"(?:各?(?:单位|部门|地|乡?镇|街道)|采购人|招标人|代理机构|招标(?:公告|文件)|采购文件|文件|凡|对)[^,。;]{0,12}"
    r"(?<![没未不])(?:要求|设置|限定|规定|含有|出现|有|强制|指定)(?P<thing>[^。;]{2,60}的(?:招标公告|采购公告|文件|公告)?),"
    r"(?:一经发现|一律|应当|均|由|不予)[^。;]{0,20}"
    r"(?:责令(?:改正|整改|限期)|撤回|退回|发布|受理|追责|问责|约谈|追究)"
)
_COMPLAINT = pattern_of(
    r"(?:举报|投诉|反映|检举)(?P<thing>[^,。;]{0,40}(?:要求|指定|强制|限制|限定|摊派|设置|歧视)[^,。;]{0,40}的),[^。;]{0,30}(?:核查|查处|受理|调查|答复|查实|转办|移送)"
)
_KEPT_THOUGH_MOVED = pattern_of(
    r"(?P<thing>(?:迁出|迁离|迁址|迁移|注销|外迁|转移)[^,。;]{0,16}的?),[^,。;]{0,20}(?:不予|不再?|也不|均不|不得)(?:追回|追缴|收回|扣回|追索)"
)
_MUST_END = pattern_of(
    r"(?P<thing>(?:局面|现象|状况|格局|倾向|观念|思维|老办法|老路|惯例|潜规则))[^,。;]{0,6}"
    r"(?:改变|打破|扭转|破除|纠正|终结|行不通|清除|根除|一去不复返)"
)
_REASONS = {
    _OUTVOTED: "该意见未被采纳",
    _RULED: "该做法已被认定不当",
    _DENIED: "该说法已被否认",
    _AUDITED: "该句在转述已被指出的规定",
    _FAULTED: "该条款是要修改、删除的",
    _RETURNED: "含有该内容的文件不予办理或者须改正",
    _COMPLAINT: "该句是受理举报、投诉的安排",
    _KEPT_THOUGH_MOVED: "迁移不影响已得的待遇",
    _MUST_END: "该现象是要改变的",
}

_BEFORE_QUOTE = pattern_of(r"(?:删去|删除|去掉|取消|改掉|摒弃|破除|杜绝|纠正|清除|剔除|打破|告别|抛弃)[^,。;“”]{0,12}$")
_AFTER_QUOTE = pattern_of(
    r"一[句词条款段][^。;]{0,12}(?:误写|有误|撤回|删除|作废)|(?:一[句词条款]|等)?的?(?:字样|表述|措辞|说法|老办法|老路子|观念|思想|想法|做法|思维)[^。;]{0,12}"
    r"(?:行不通|不可取|站不住|不合法|必须改|要改|不得出现|不予发布|退回|无效|误区|错误)"
)
_REWORDED = pattern_of(r"(?:一[句词条款]|等)?[^,。;“”]{0,6}(?:修改|更改|改|调整|替换|更正|修订)为“")


def rejections(words: str) -> Iterator[Clearing]:
    """The stretches that tell of what was turned down, from the start of their sentence to the rejection."""
    for pattern, reason in _REASONS.items():
        for told in pattern.finditer(words):
            if not (_OBEYED.search(told["thing"]) or KEEP.search(words[told.end() :])) and not (
                pattern is _OUTVOTED and _CURED.search(told["thing"])
            ):
                yield Clearing(_sentence_start(words, told.start()), told.end(), reason)
    yield from _quoted(words)


def _sentence_start(words: str, at: int) -> int:
    return max(words.rfind(mark, 0, at) for mark in "。;:") + 1


def _quoted(words: str) -> Iterator[Clearing]:
    for quote in QUOTE.finditer(words):
        before, after = words[: quote.start()], words[quote.end() :]
        dropped, faulted = _BEFORE_QUOTE.search(before), _AFTER_QUOTE.match(after)
        if _REWORDED.match(after) and re.search(r"将|把|对", before):
            yield Clearing(quote.start(), quote.end(), "引号内是被改掉的表述")
        elif (dropped or faulted) and not KEEP.search(after[:40]):
            begin = dropped.start() if dropped else quote.start()
            yield Clearing(begin, quote.end() + (faulted.end() if faulted else 0), "引号内是被去掉的表述")
