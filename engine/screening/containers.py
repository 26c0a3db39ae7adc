"""Sentences that only tell: reports of breaches, cases, replies, check-list questions, definitions, quotations.

They hold the words of a violation without ordering it, unless they say that it is kept (予以保留、继续执行). Called by
`engine.screening.polarity`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.patterns import pattern_of
from engine.screening.clearing import Clearing
from engine.screening.pieces import masked
from engine.screening.reading import Statement

_FIRM_OMISSION = pattern_of(
    r"(?:企业|公司|商户|门店|车辆|供应商|网点|摊主|经营者|业户|会员|产品|制品|肉|药|设备)[^,。]{0,10}(?:未|没有|拒不|仍从|擅自|私自|逃避|逃缴|拒缴)(?!被)"
)
KEEP = pattern_of(
    r"保留|继续(?:有效|执行|实施|沿用|使用)|予以保留|恢复(?:执行|实施)|长期有效|改为(?!公开|对.{0,8}(?:方案|质量|技术)|依法|按国家)"
)
QUOTE = pattern_of(r"“[^”]{2,300}”")
_QUOTE_BAD = pattern_of(
    r"^.{0,4}(?:等|之类|类|的)?[^,。;]{0,14}(?:问题|做法|表述|条款|规定|字样|内容|情形|行为|要求|壁垒|门槛|"
    r"限制|承诺|措辞|现象)|^[^。]{0,40}(?:责令|废止|删除|整改|不符|违反|纠正|禁止|立案|自查|修改|清理|剔除|取消|叫停|"
    r"通报|不得|违规|撤销)"
)
_QUOTE_BEFORE = pattern_of(
    r"(?:不得|禁止|严禁|杜绝|纠治|纠正|清理|整改|破除|取消|删除|废止|违规|违法|问题|例如|比如|诸如|设置|写入|出现|含有|要求|"
    r"规定|以|关于|表述|通报|指出|发现|列举|对|把|将|剔除|叫停|摒弃|告别)[^“”]{0,24}$"
)
_REPORT = pattern_of(
    r"^[^。]{0,10}(?:巡[察视]|审计|督[查导]|检查|核查|抽查|清查|清理|排查|通报|复核|评估|调查|信访|举报|投诉|媒体|"
    r"群众|从[^,]{2,12}看|近期|经查)[^。]{0,24}(?:指出|发现|反映|查明|认定|存在|暴露|查出|显示|出现|收到)"
    r"|(?:个别|部分|有的|少数|一些|仍)[^,。]{0,16}(?:存在|出现|反映|要求|规定|设置|限定)"
    r"|(?:送审稿|征求意见稿|草案|原文件|原办法|原规定)[^。]{0,80}(?:不符合?|违反|不合法|应当?删|请(?:修改|删除)|"
    r"涉嫌)|(?:某|有)(?:市|县|地|区|局|镇|单位|部门)[^。]{0,40}(?:规定|要求|印发|出台|下发|擅自|违规)"
    r"|(?:案例|案情|讲义|例题|试题|判断题|情景|反面教材|典型案例)[^。]{0,12}:|属于[^。]{0,30}(?:禁止(?!类|[^,。]{0,4}目录)|违反|违法|"
    r"不得|滥用|歧视|限定|排除)[^。]{0,20}|涉嫌(?:违反|构成|滥用|排除)"
)
_CASE = pattern_of(
    r"^(?:审计|检查|抽查|核查)[^。]{0,12}(?:抽查|核查|检查)了|^某[^。]{0,40}已责(?:成|令)|"
    r"^\W{0,4}(?:\d{1,2}[.、])?问:[^。]{4,120}[?？]$|^\d+[个家户名](?:单位|企业|部门|项目|乡?镇|县区)[^。]{0,90}已(?:全部|经|责令|退还|整改|纠正|清退)|"
    r"^\W{0,4}(?:典型)?案例[一二三四五六七八九十\d]{0,3}[:,、]|^\W{0,6}(?:主要)?表现(?:为|是|在)?:|"
    r"^(?:\W{0,4})?(?:经)?(?:审计|巡察|巡视|督查|督导|检查|抽查|调查|通报|核查|自查|排查|复核|暗访|调研|清查)(?:组|"
    r"人员|结果|情况)?(?:指出|发现|查明|显示|反映|认定|查出)"
    r"|^(?:抽查|检查|审计|核查|清理|排查)的?[^,。]{0,16}中,?(?:有|发现(?!的|问)|存在)|^(?:某|有)(?:市|"
    r"县|地|区|局|镇|部门)[^,。]{0,16}(?:规定|要求|印发|出台|下发|擅自|以)"
)
_REPLY = pattern_of(
    r"^您(?:在[^,]{2,12}中)?(?:反映|提出|咨询|来信|投诉|建议)|^(?:问|网友|来信|来电|提问)[^:]{0,4}:[^?]{0,6}(?:去年|以前|此前|过去|原来|之前|听说)"
)
_AFTER_CURE = pattern_of(
    r"(?:上述|以上|该|相关|有关|前述|此类|这些|这一)(?:条款|内容|做法|规定|文件|要求|问题|行为|表述|门槛|限制)?[^。]{0,24}(?:已|"
    r"予以|应予|现已|一律|立即|责令|限期|均|应当|违反|不符|属于|构成|涉嫌)[^。]{0,16}"
    r"(?:删除|废止|停止|撤销|整改|纠正|收回|取消|修改|作废|清理|立案|查处|条例|规定|审查标准|责令|违法|滥用|限定|歧视|退回|"
    r"改正)|^(?:经(?:核实|核查|查)|已|现已|请)[^。]{0,30}(?:删除|废止|停止|撤销|整改|纠正|收回|致歉|指出|退还|"
    r"叫停|办结|修改)|^答:[^。]{0,6}(?:不执行|不需要|不用|不再|已取消|已删除|已废止|没有)"
)
_REPORT_CURE = pattern_of(
    r"整改|责令|纠正|查处|立案|删除|废止|撤销|不符|违反|请(?:学员)?(?:指出|修改|判断|分析)|不执行|处分|问责|改正|清理|"
    r"追究|停止|叫停|修改|禁止|举一反三|自查|依法处理|违规|违法|约谈(?:相关|有关)?(?:部门|单位|负责)|不合规|滥用"
)
_ASK = pattern_of(r"(?:是否|有无|有没有|会不会|可否)")
_ASK_BAD = pattern_of(
    r"^(?:存在|含有?|包含|涉及|设置|设定|规定|要求|强制|变相|禁止|限制|限定|指定|排斥|歧视|对[^,]{1,40}(?:设|实行|"
    r"要求|限|给|另|区别)|以[^,]{1,40}(?:为|作)|将[^,]{1,60}(?:作为|列|与|纳入|分档|计)|把[^,]{1,60}(?:作为|"
    r"列|与)|"
    r"写明|违规|违法|给予|承诺|约定|优先|公布[^,]{0,20}要求|被要求|因|擅自|附加|增设|通过[^,]{1,30}(?:限|变相)|"
    r"妨碍|不合理|直接|未经|为[^,]{1,20}(?:指定|设)|有|列|减免|出现|带有|带|发布|仍|还有|在[^,]{1,40}(?:设|"
    r"要求|限|中))"
)
_CHECKS = pattern_of(
    r"^\W{0,6}(?:\d|[一二三四五六七八九十])?[、.)]?是否|[?？]|审查|自查|核对|检查|排查|对照|逐[项条份]|清单|审核|体检|询问|抽查|存在的|核查|问卷|看是否|回头看|评估"
)
_ASK_DUTY = pattern_of(
    r"^(?:已|超过|低于|高于|违反|未|没有|达到|满|全部|均|按|使用|采用|执行|接受|落实|在[^,]{1,20}(?:选用|使用|"
    r"注册|纳税|缴纳|设立)|缴纳|选用|购买|取得|具备|完成|通过|仍从|为本|属于本|登记|纳入|办理)"
)
_DEFINE = pattern_of(r"(?:所称|本[^,。]{2,8}所指)[^。]{1,30}(?:是指|包括|指的是|,指|系指)|^[^,。]{2,14},是指")
_DEFINE_BAD = pattern_of(
    r"禁止|违反|不得(?:设|要求|限|以|有)|违规|排查|剔除|歧视性|不正当|滥用|(?:条例|反垄断法|办法|规则|细则)》?第[^,。]{1,10}条[^,。]{0,8}所称|"
    r"变相强制|地方保护|行政垄断|壁垒|不合理条件|负面|特定经营者"
)

_ASKER = pattern_of(r"^\W{0,3}(?:问|Q|q|提问|网友|咨询)\d{0,3}[:、.]?[^。]{2,160}[?]$")
_WONDERS = pattern_of(
    r"^[^。]{2,120}(?:吗|呢|能否|能不能|可不可以|可否|是不是|要不要|怎么办|怎么|如何|行不行)[^。,]{0,24}[?]$"
)
_OUTSIDER_NAMED = pattern_of(
    r"^[^,。;:]{0,20}(?:所称|本[^,。]{2,8}中)的?(?:外地|外来|市外|县外|区外|省外|异地|非本[市县区省地])[^,。;:]{1,14},?(?:是指|系指|指)(?![^。]*(?:应当?|须|不得|方可|优先))"
)


def contained(said: Statement) -> str:
    """The reason a whole sentence only reports, asks or explains."""
    words = said.text
    if KEEP.search(masked(words)) or KEEP.search(masked(said.after)):
        return ""
    if _CASE.match(words):
        return "该句是在通报问题或者剖析案例"
    if _REPLY.search(words) or (said.after and _AFTER_CURE.search(said.after) and _REPORT.search(words)):
        return "该句转述已被纠正的做法"
    if _REPORT.search(words) and (cure := _REPORT_CURE.search(words)) and not is_firm_breach(words, cure.start()):
        return "该句是在通报问题或者剖析案例"
    if _asks(words):
        return "该句是审查、自查的提问"
    if _DEFINE.search(words) and _DEFINE_BAD.search(words):
        return "该句是在解释被禁止的概念"
    if _ASKER.match(words) or _WONDERS.match(words):
        return "该句是提问"
    if _OUTSIDER_NAMED.match(words):
        return "该句只说明谁是外地经营者，没有规定后果"
    return ""


def is_firm_breach(words: str, cure: int) -> bool:
    """The breach reported is a firm's failure to obey the barrier, so the barrier stands."""
    return bool(_FIRM_OMISSION.search(masked(words)[:cure]))


def _asks(words: str) -> bool:
    asked = [words[found.end() : found.end() + 80] for found in _ASK.finditer(words)]
    bad = sum(1 for question in asked if _ASK_BAD.match(question) and not _ASK_DUTY.match(question))
    duty = sum(1 for question in asked if _ASK_DUTY.match(question))
    if not asked or duty or not bad:
        return False
    if re.search(r"为[“\"]?否[”\"]?的|接受的即可", words):
        return False
    return len(asked) > 1 or bool(_CHECKS.search(words))


def check_start(words: str) -> int:
    """Where the segment begins that last speaks of checking, reviewing or comparing; -1 when none does."""
    begins = [found.start() for found in _CHECKS.finditer(words)]
    return max(words.rfind(mark, 0, begins[-1]) for mark in ",;:。") + 1 if begins else -1


def asks_duty(question: str) -> bool:
    """The question, from its 是否 on, asks whether a duty was met, so what it names stays a duty."""
    asked = _ASK.match(question)
    return bool(asked and _ASK_DUTY.match(question[asked.end() :]))


def names_wrong(before: str, after: str) -> bool:
    """The words around a quotation call what it quotes wrong."""
    follow = _QUOTE_BAD.match(after[:90])
    return bool(follow and (_QUOTE_BEFORE.search(before) or _REPORT_CURE.search(after[:90])))


def quotations(words: str) -> Iterator[Clearing]:
    """Quoted wording that is named as wrong."""
    if KEEP.search(words):
        return
    for quote in QUOTE.finditer(words):
        after, before = words[quote.end() : quote.end() + 90], words[: quote.start()]
        follow = _QUOTE_BAD.match(after) or QUOTE.search(after)
        if len(quote.group()) > 6 and follow and (_QUOTE_BEFORE.search(before) or _REPORT_CURE.search(after)):
            yield Clearing(quote.start(), quote.end(), "引号内是被指出的不当表述")
