"""What a lead-in, a heading, a tail or a frame does to the words it governs.

The items of 不得有下列行为 look exactly like violations and hold no negator; the items of 应当符合下列条件 do not.
`engine.screening.polarity` asks here first, before it reads a statement's own words.
"""

from __future__ import annotations

import re
from enum import StrEnum

from engine.patterns import pattern_of
from engine.screening.addressee import Addressee, bound_party


class Stance(StrEnum):
    """How governed words are to be taken."""

    OPEN = "open"
    FORBIDS = "forbids"
    CLEANS = "cleans"
    REPORTS = "reports"
    ASKS = "asks"
    SANCTIONS = "sanctions"


REASONS = {
    Stance.FORBIDS: "导语禁止行政机关等实施下列内容",
    Stance.CLEANS: "导语要求清理、取消下列内容",
    Stance.REPORTS: "导语是在列举已发现的问题或者案例",
    Stance.ASKS: "导语是自查、审查的提问",
    Stance.SANCTIONS: "导语对实施下列行为的单位追责",
}

_LIST = r"(?:下列|以下|如下|前述|上述|这些|此类|哪些)"
_BAN = pattern_of(
    r"(?:不得|不准|不应|不可|不许|不能|严禁|禁止|杜绝|防止|避免|不允许|禁用|切忌|谨防|坚决防范|远离|不再|无需|不需要?)"
)
_UNREFUSE = pattern_of(
    r"(?:不得|不准|不能|严禁|禁止|不应|不可|不许)[^:,;。]{0,10}(?:拒绝|拒不|拖延|阻碍|阻挠|推诿|逃避|规避|抵制|不(?:执行|落实|办理|予))"
)
_REFUSE = (
    r"(?:拒绝|拒不|拖延|推诿|推脱|推卸|敷衍|逃避|规避|抵制|阻碍|阻挠|"
    r"(?:变相)?不(?=执行|落实|办理|遵守|履行|配合))"
)
_RESTORES = pattern_of(
    r"^[^:;。]{0,60}(?:不得|不准|不能|严禁|禁止|不应|不可|不许|杜绝|防止|避免)[^:;。]{0,30}"
    + _REFUSE
    + r"[^:;。]{0,16}(?:执行|落实|办理|遵守|履行|贯彻|配合)[^:;。]{0,16}"
    + _LIST
    + r"[^:;。]{0,10}(?:规定|要求|事项|任务|措施|决定|安排|职责|义务|政策|条款|工作|手续|制度|程序|标准)[^:;。]{0,8}:"
)
_REFUSALS = pattern_of(
    _LIST + r"[^:,;。]{0,24}(?:行为|情形|做法|方式|手段|理由|借口)[^:]{0,4}:?$"
    r"|以(?:任何)?" + _LIST + r"[^:,]{0,6}(?:理由|借口|条件|情形|方式)[^:,]{0,4}(?:拒绝|限制|排斥|不予)"
)
_UNREFUSE_FRAME = pattern_of(
    r"(?:不得|不能|严禁)(?:以[^:。]{0,24}(?:为由|为理由)(?:拒绝|限制|排斥|不予)|作为[^:。]{0,16}(?:理由|依据|条件|前提|借口))"
)
_CURE_VERB = pattern_of(
    r"(?:清理|废止|取消|破除|纠正|纠治|查处|整治|剔除|停止执行|停止使用|撤销|删除|叫停|打破|消除|拆除|整改|制止|打击|查办|治理|清除|废除|规范治理|予以否定|"
    r"排查|核查|防范|取缔|失效|停止(?=" + _LIST + r")|不再(?:要求|执行|办理|保留|实施|收取))"
)
_NOT_CURE = pattern_of(r"(?:保留|继续|恢复)(?:执行|有效|实施|沿用)?|(?:未|没有|拒不|不)(?:执行|落实|办理|按)")
_REPORT = pattern_of(
    r"(?:存在|发现|查出|反映|指出|暴露|通报|梳理出|查实|曝光|认定|列举|典型(?!做法|经验)|违规|违法|错误|不当|不符合|反面)[^:]{0,16}(?:问题|情况|情形|做法|行为|案例|表述|条款|规定|内容|线索|清单|事例|表现)"
    r"|(?:主要|突出)?问题(?:有|如下|包括|是)?:?$|不符合.{0,16}(?:要求|标准|规定)的?(?:内容|条款|表述)|(?:案例|讲义|试题|判断题|练习|情景)"
    r"|(?:竞争|审查|垄断|统一大市场)[^:]{0,12}(?:答疑|问答)"
)
_ASK = pattern_of(
    r"(?:是否|有无|有没有|审查(?:要点|内容|重点|清单|表|事项|时)|自查(?!合格)|排查|(?<!考)核对(?!象)|检查(?:要点|内容|重点|清单|表)|对照检查|审核要点|"
    r"(?:政策|文件|制度|竞争|专项)[^:]{0,6}体检|筛查)"
)
_DUTY = (
    r"(?:按照?|依照|依据|根据|遵守|遵循|符合|具备|满足|达到|实行|实施|采取|采用|作出?|提出|落实|执行|享受|给予|适用)"
)
_ORDERED = pattern_of(
    _DUTY + r"(?:以下|下列|如下)[^,。;:]{0,10}?"
    r"(?:规定|要求|条件|标准|措施|办法|方式|程序|政策|原则|次序|顺序|比例|优惠|待遇|扶持|奖励|补助)"
    r"(?P<tail>[^,。;:]{0,14}):?$"
)
_FOLLOWS = pattern_of(
    r"(?:处理|处罚|认定|管理|处置|扣罚|核查|登记|具体|有关|相关)(?:规定|要求|条件|标准|措施|办法|程序)(?:明确)?(?:如下)?:?$"
    r"|(?:防止|防范|打击|治理|整治|避免|杜绝|解决|破解|应对)[^,。;:]{1,20}的?(?:具体|主要|有关|下列|以下)?措施(?:如下)?:?$"
)
_NOT_ORDERED = pattern_of(r"(?:不|未|停止|不再|取消|废止|清理)$")
_REVIEWING = pattern_of(
    r"审查|自查|排查|检查|核对|核查|清理|整改|纠正|对照|评估|废止|修改|剔除|行为|做法|情形|问题|公平竞争"
)
_BARRED = pattern_of(
    r"(?:情形|情况)(?:之一)?的?[^,;。:]{0,8},?[^,;。:]{0,10}(?:不得|不予|不能|不可|不准)(?:再)?"
    r"(?:参加|参与|投标|承接|承揽|申报|享受|进入|从事|登记|备案|受理|入围|入库|中标|报名|推荐)"
)
_SANCTION = pattern_of(
    r"(?:有|存在|出现|具有|发生|实施)" + _LIST + r"(?:情形|行为|情况|问题|做法)[^:]{0,6}之一的?[,]?[^:]{0,40}"
    r"(?:责令(?:改正|整改|限期)|追究|问责|处分|约谈|通报|纠正|不予通过|不得(?:出台|印发|提交|通过)|退回(?:起草|修改)|予以(?:撤销|废止)|给予(?:警告|政务)|移送)"
)
_OFFICIALS = pattern_of(
    r"部门|机关|工作人员|单位|招标人|采购人|代理机构|政府|管理人员|公职|评标|起草|街道|乡镇|局|协会|商会|文件|措施|政策"
)
_FIRMS = pattern_of(r"企业|公司|乙方|投标人|供应商|经营者|商户|会员|申报|承包|中标|申请人|项目公司|机构|享受|领取")
_EXCLUDING = pattern_of(
    r"限制|排斥|指定|强制|歧视|壁垒|障碍|妨碍|滥用|违规|违法|变相|不合理|不正当|竞争|门槛|负面|禁止|地方保护|隐性"
)
_BUSINESS = pattern_of(r"经营|从事|设点|进入|销售|办照|新建|开办|投资|使用|采购|参加|承接|享受|租房|准入|生产|入驻")
_CONDUCT = pattern_of(r"行为|做法|情形|条件|内容|规定|方式|要求|条款|活动|约定|表述|措施")
_TITLE_CLEANS = pattern_of(
    r"(?:清理|清查|废止|整治|纠治|纠正|破除|取消|治理|整改|剔除|否定|删除|停止执行|叫停|禁止(?!通行)|严禁|不得|负面|违规|违法|典型(?!做法|经验)|错误|反面|自查|问题|公平竞争审查|不再)"
    r"[^。:]{0,8}(?:内容|条款|清单|情形|行为|表$|要点|做法|范围|重点|案例|对象|事项|问题|目录|规定|表述|条件|项目|限制|表\b)"
    r"|(?:案例|负面)(?:通报|剖析|汇编|评析|清单)|(?:存在|发现|主要|突出)(?:的)?问题|问题(?:清单|台账|表现)|禁止性(?:行为|规定|条款|内容|要求)|红线|禁区|违规情形"
)
_FIRM_ORDERED = pattern_of(
    r"[^,;:。]{0,24}(?:企业|公司|投标人|供应商|经营者|乙方|申请人|承包人|中标人|商户|机构|单位)[^,;:。]{0,12}(?:须|应当?|必须|不得|只能|方可)"
)
_WRONGS = pattern_of(r"负面|红线|禁|违|不得|错误|反面|不当|竞争|限制|排斥|壁垒|歧视|保护|条款|规定|表述")
_TITLE_OPEN = pattern_of(
    r"环境|垃圾|河道|扬尘|污染|水域|渣土|违建|采砂|交通|燃放|工作要求|措施|(?:违规|违法|问题)[^。]{0,4}(?:处理|处罚)|"
    r"取消[^。]{0,6}(?:资格|名额)|停止(?!执行|使用)|不再续|资格审查|整改要求|市场准入|禁止(?:进入|入市|从业|准入|新[建设增]|经营)|禁限|处罚|问题导向|负面清单管理|(?:准入|产业|投资|项目|行业)[^。]{0,4}负面清单|违约"
)


def of_lead(lead: str, tail: str = "") -> Stance:
    """What a stem and the tail of its list do to the items between them."""
    words = lead[-160:]
    if orders(words) or _BARRED.search(words):
        return Stance.OPEN
    if _RESTORES.match(words) or (_UNREFUSE.search(words) and not _refuses(words)):
        return Stance.OPEN
    if _SANCTION.search(words):
        return Stance.SANCTIONS if _EXCLUDING.search(words) or not _FIRMS.search(words) else _sanctioned(words)
    if tail and (stance := _of_tail(words, tail)) is not Stance.OPEN:
        return stance
    near = re.split(r"[,;。]", words)[-1]
    if (ban := _last(_BAN, words)) and ban.group() in near:
        return _of_ban(words, ban)
    if (cure := _last(_CURE_VERB, words)) and cure.group() in near and not _NOT_CURE.search(words):
        return _of_cure(words, cure)
    if _ASK.search(words):
        return Stance.OPEN if re.search(r"是否已|资格审查|符合性审查", words + tail) or _missing(tail) else Stance.ASKS
    if _REPORT.search(words) and not re.search(r"申报|处罚|扣分|整改|不予(?:受理|支持)", words):
        return Stance.REPORTS
    return Stance.OPEN


def orders(lead: str) -> bool:
    """A lead-in that orders its list (按照下列规定执行), whatever else it speaks of curing, asking or preventing."""
    segment = re.split(r"[,;。]", lead)[-1]
    if follows := _FOLLOWS.search(segment):
        return not re.search(r"竞争|限制|排斥|歧视|壁垒", segment[: follows.start()]) and "公平竞争审查" not in lead
    ordered = _ORDERED.search(segment)
    if not ordered or "公平竞争审查" in lead:
        return False
    before, after = segment[: ordered.start()], ordered["tail"]
    banned = _BAN.search(re.sub(r"为(?:了)?(?:防止|避免|杜绝)", "", before))
    return not (banned or _NOT_ORDERED.search(before) or _REVIEWING.search(after) or _EXCLUDING.search(after))


def restored(words: str) -> int:
    """Where a stem ends that forbids to refuse what follows (不得拒绝执行下列要求:), 0 without one.

    What follows is ordered, and neither the ban nor the refusing says anything of it.
    """
    if ":" not in words:
        return 0
    stem = _RESTORES.match(words)
    return stem.end() if stem else 0


def _refuses(words: str) -> bool:
    """The list below holds ways of refusing or pretexts for it, not what must not be refused."""
    return bool(_UNREFUSE_FRAME.search(words) or _REFUSALS.search(words))


def of_heading(heading: str, words: str = "") -> Stance:
    """What a section title does to what stands below it; most titles do nothing.

    A title of cleaning up (整治内容) does not take away `words` that put a firm under a duty; a list of wrongs does.
    """
    title = re.sub(r"^[\s第一二三四五六七八九十百\d.、()（）章节部分附件]+", "", heading)[:40]
    if len(title) > 34 or _TITLE_OPEN.search(title) or not _TITLE_CLEANS.search(title):
        return Stance.OPEN
    if re.search(r"案例|问题|通报", title):
        return Stance.REPORTS
    return Stance.OPEN if _FIRM_ORDERED.match(words) and not _WRONGS.search(title) else Stance.CLEANS


def _last(pattern: re.Pattern[str], words: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(words):  # noqa: B007 - the last match decides
        pass
    return found


def _of_ban(words: str, ban: re.Match[str]) -> Stance:
    """A ban over a list clears it unless operators are the ones banned from doing ordinary business."""
    before = re.split(r"[;。]", words[: ban.start()])[-1]
    party = bound_party(before)
    after = words[ban.end() :]
    if party is Addressee.OPERATOR and not _EXCLUDING.search(after) and not re.search(r"要求|设置|将|以", after):
        return Stance.OPEN
    if re.search(r"未|没有", before) and party is not Addressee.AUTHORITY:
        return Stance.OPEN
    if party is not Addressee.AUTHORITY and _BUSINESS.search(after) and not _CONDUCT.search(words):
        return Stance.OPEN
    return Stance.FORBIDS


def _of_cure(words: str, cure: re.Match[str]) -> Stance:
    after = words[cure.end() :]
    if cure.group() == "失效" or re.search(_LIST + r"[^:]{0,16}$", words[: cure.start()]):
        return Stance.CLEANS
    refers = re.search(_LIST + r"|重点|内容|包括|事项|条款|问题|做法|情形|规定|限制|:$", after)
    subject = bound_party(words[: cure.start()])
    if not refers or (subject is Addressee.OPERATOR and not re.search(_LIST, after)):
        return Stance.OPEN
    return Stance.CLEANS


def _sanctioned(words: str) -> Stance:
    """A sanction list aimed at firms describes duties of firms; aimed at officials it protects competition."""
    firms, officials = _last(_FIRMS, words), _last(_OFFICIALS, words)
    if officials and (not firms or officials.start() > firms.start()):
        return Stance.SANCTIONS
    return Stance.OPEN


def _missing(tail: str) -> bool:
    """The tail punishes the answer no: the list is a list of duties."""
    return bool(
        re.search(r"为[“\"]?(?:否|无)[”\"]?的|(?:未|没有)(?:落实|执行|完成|达到|列入)|缺(?:少|项)", tail)
    ) and not re.search(r"为[“\"]?(?:是|有)[”\"]?的", tail)


def _of_tail(lead: str, tail: str) -> Stance:
    if re.search(r"为[“\"]?(?:是|有)[”\"]?的|存在(?:上述|以上|前述)", tail) and not _FIRMS.search(tail[:12]):
        return Stance.ASKS
    if re.search(
        r"(?:一律|立即|全部|予以|应当|应)(?:予以)?(?:取消|废止|停止|删除|撤销|清理|纠正|整改|改正|剔除)", tail
    ):
        return Stance.CLEANS
    if re.search(
        r"(?:以上|上述|前述)(?:内容|条款|做法|规定|情形|问题|行为|要求)[^。]{0,20}(?:不符|违反|不得|禁止|责令|整改|已)",
        tail,
    ):
        return Stance.REPORTS
    if re.search(r"请[^。]{0,10}(?:整改|改正|删除|自查|纠正)", tail) and re.search(r"存在|问题|发现", lead):
        return Stance.REPORTS
    return Stance.OPEN
