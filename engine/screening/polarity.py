"""Which words of a statement are not ordered but forbidden, cured, quoted, asked about or defined.

The question is who is bound, to what (addressee, operator, content), never whether a negator occurs. Every span that is
let go carries its reason, so that a reviewer can check the reading first. Called by `engine.screening` before any rule
or score may speak.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.screening import stance
from engine.screening.addressee import Addressee, bound_party
from engine.screening.reading import Statement
from engine.screening.stance import Stance


@dataclass(frozen=True, slots=True)
class Clearing:
    """A stretch of a statement that carries no order of its own, and why."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Polarity:
    """What was let go in a statement. `whole` is the reason when the whole statement is let go."""

    cleared: tuple[Clearing, ...] = ()
    whole: str = ""

    def asserts(self, start: int, end: int) -> bool:
        """The span stands as an order: no clearing covers its middle."""
        middle = (start + end) // 2
        return not self.whole and not any(gone.start <= middle < gone.end for gone in self.cleared)

    def reason(self, start: int, end: int) -> str:
        """Why the span is let go, or nothing."""
        middle = (start + end) // 2
        return self.whole or next((gone.reason for gone in self.cleared if gone.start <= middle < gone.end), "")


_SEGMENT = re.compile(r"[^,;:。!?\n]+")
_BAN = re.compile(
    r"(?:一律|均|也|亦|并|又|都|更|坚决|绝|决)?(?:不得(?!不)|不准|不许|不应(?!当是)|不可(?!抗|撤)|不能(?!够)|不宜|严禁|禁止|切勿|切忌|严防|防止|杜绝|谨防|避免|防范|反对|抵制|警惕|不允许|无权)"
)
_ADVERB = (
    r"(?:擅自|随意|直接|间接|无故|无正当理由|变相|违规|违法|非法|自行|单方面?|再|另行|再行|随意|任意|人为|借机|继续|或者?|和|直接或者?间接|强制或者?变相|违反规定|"
    r"以任何(?:形式|方式|理由|名义)|在[^,]{1,24}?(?:中|时|上|过程中|文件中?|环节|之外|以外|外)|从|通过[^,]{1,20}?(?:方式|形式|手段)?)"
)
_EXCLUDE = re.compile(
    r"限制|限定|限于|指定|排斥|排除|强制|强迫|强行|变相|要求|设置|设定|设门槛|设限|增设|附加|加设|规定|干预|干涉|阻碍|阻挠|阻止|阻挡|妨碍|阻滞|刁难|歧视|区别|差别|"
    r"作为|列为|挂钩|垄断|拒绝|拒收|推诿|拖延|搭车|摊派|索要|索取|推荐|代为|代替|替代|代选|越权|违法|违规|出台|制定|下达|划分|划定|加收|收取|设卡|照顾|优先|倾斜|偏向|"
    r"锁定|绑定|捆绑|搭售|封锁|给予|承诺|约定|兑现|减免|返还|退还税|免征|缓征|组织[^,]{0,20}(?:商定|约定|协商|统一|达成|划分|涨价|签订)|因(?:此|[^,]{1,30}而)|增加|提高|降低(?:标准)?|"
    r"强调|暗示|引导|诱导|授意|指使|选定|确定(?:唯一|特定|某)|联系或者确定|实行(?:差别|差异|不同|区别)|采取(?:差别|差异|歧视)|抽签|摇号|滥用|提出|额外|重复|另立|另设|保护(?:本地|落后)|"
    r"借|收缩|压缩|扩大|扩充|截留|占用|披露|泄露|公开企业|缩短|虚报|将[^,]{1,60}(?:作为|列为|列入|与[^,]{0,20}挂钩|纳入(?:评|条件))|把[^,]{1,60}(?:作为|列为|与)|以[^,]{1,60}(?:为由|为条件|为前提)|"
    r"不予|不认可|不受理|不接收|不采信|不支持|不给予|不认|为[^,]{1,30}(?:指定|联系|确定|安排)|对[^,]{1,50}(?:限制|歧视|设置|实行|采取|区别|要求|加|另|附加|作出|给予|排斥|指定|进行(?:歧视|限制))|"
    r"向[^,]{1,30}(?:收取|摊派|推荐|推销|指定|索要|转嫁|承诺|企业)|介入|插手|参与[^,]{0,10}(?:定价|经营)|过问|打招呼|转嫁|统一(?:申报|定价|价格|收费)|缩小|擅自设|擅自增|擅自提|擅自扩|擅自制|擅自出"
)
_FREEDOM = re.compile(
    r"迁出|迁离|迁往|迁移|迁至|搬迁|搬离|转出|转移|转至|迁址|注销|减资|减少注册|变更|转让|撤资|撤离|退出|外运|外销|外调|外流|销往|运出|运往|调往|调出|运入|调入|流出|进入|入市|入场|上市|"
    r"销售|上架|经营|从事|开展|参与|参加|投标|报名|申请|申报|享受|承接|承揽|承担|低于|高于|超过|少于|超出|采购|购买|购进|使用|选用|选择|委托|接受|接收|受理|办理|认可|采信|引进|新设|新建|新增|"
    r"招生|降价|降低|下浮|上浮|打折|让利|签约|签订|通行|驶入|停放|设立|开设|开业|营业|投放|投资|推介|发布|对外|向[^,]{0,12}(?:供货|销售|提供|购买)|从[^,]{0,16}(?:采购|购进|购买)|自(?:行|主|备|建)|另行|收购|屠宰|拒绝"
)
_DEPART = re.compile(
    r"迁出|迁离|迁往|迁移|迁至|搬迁|搬离|转出|转移|转至|转到|减资|减少注册资本|注销|变更|外运|外销|销往|运出|调往|退出|转让|降价|调低|调价"
)
_FRAME = re.compile(
    r"^(?:以|因|借|利用|假借|凭|通过|采取|采用|按|依)(?!上|下|后|此)[^,]{1,70}?(?:为由|为名|名义|为条件|为前提|为依据|为理由|理由|方式|形式|手段|等|而|为目的|口径)"
)
_NEW_SUBJECT = re.compile(
    r"^(?:但|而|否则|违反|违者|确需|确因|经|凡|未|没有|逾期|其中|对(?!其|不)|给予|鼓励|支持|引导|由|可以?(?!以)|应当?|须|必须|一律(?!不)|统一|均(?!不)|全部|优先|同时|如|若|需|仍|还|改|已|待|直至|直到|"
    r"[^,]{0,16}?(?:应当|应|须|必须|可以|由|负责|方可|优先|按|统一|实行|给予|奖励|仍|均可|将))"
)
_CONTINUES = re.compile(r"^(?:或者?|以及|和|并|也|亦|更)?(?:不得|不准|严禁|禁止|不应|不能|不可)")
_CURE = re.compile(
    r"(?:全面|坚决|依法|着力|重点|持续|集中|开展|限期|立即|一律|予以|加快|同意|现|深入|及时|逐步|进一步|大力|稳妥)?"
    r"(?:清理(?!费|垃圾|现场)|清查|清除|废止|废除|取消|破除|破解|纠正|纠治|查处|整治|剔除|停止执行|停止实施|停止(?=[^,]{2,60}的?(?:做法|规定|行为|政策))|撤销|删除|删去|退还|清退|叫停|打破|打击|消除|拆除|拆掉|整改|制止|查办|解决|排查|治理|撤除|放宽|放开|"
    r"解除|减少|压减|缩减|规范清理|停用|查纠|曝光|通报|约谈|终止|追究|问责|规制|防治|严惩|惩处|监督|举报|受理[^,]{0,10}(?:反映|投诉|举报)|回应)"
)
_BAD_NOUN = re.compile(
    r"规定|做法|条款|问题|行为|情形|限制|门槛|壁垒|障碍|要求|条件(?!的企业|下)|措施|现象|政策文件|歧视|待遇差别|差别待遇|不合理[^,]{0,10}|优惠政策|内容|办法|机制|程序|证明|环节|审批|审查事项|许可|"
    r"保护主义|地方保护|市场分割|垄断|备案(?:事项|管理|制)|名录|目录|清单|资质要求|前置|手续|制度|收费|费用|关卡|加分(?:项)?|表述|字样|关系|指定|模式|事项|协议|招标文件|公告"
)
_RIGHT_NOUN = re.compile(
    r"(?:资格|资质|名额|奖励|补助|补贴|优惠|待遇|配额|指标|扶持|投标|中标|合同|证书|许可证|评优|经营权|申报|参评)(?!.{0,12}(?:限制|门槛|要求|规定|条件|做法|条款|壁垒))"
)
_OMISSION = re.compile(
    r"(?:未|没有|不(?!合理|正当|符|当|公|得|同|必要|平等|利|法)|拒不|仍从|擅自|私自|逃避|规避)(?:在|按|经|使用|购|办|取得|向|从|通过|重新|加贴|单独|执行|落实|配合|达到|采购|提交|签|安装|接入|纳|入|设|登)"
)
_KEEP = re.compile(
    r"保留|继续(?:有效|执行|实施|沿用|使用)|予以保留|恢复(?:执行|实施)|长期有效|改为(?!公开|对.{0,8}(?:方案|质量|技术)|依法|按国家)"
)
_POST_CURE = re.compile(
    r"(?:一律|立即|均|全部|应当?|应予|须|予以|依法|已|现|坚决|及时|限期|逐项|自[^,]{1,16}起|要|同步|一并|应该|责令|依规|就地|当场|一经(?:发现|查实)[^,]{0,6}|坚决|统统|无条件)*"
    r"(?:予以|责令|进行)?(?:取消|废止|停止执行|停止实施|停止|删除|删去|撤销|清理|纠正|整改|改正|剔除|查处|叫停|修改|否决|作废|失效|废除|退回|不予通过|立案|查办|问责|追究责任|追责|终止|责令|依规依纪|严肃处理|通报批评|不再(?:执行|要求|实施|保留|收取|适用|使用))"
)
_WAIVER = re.compile(
    r"(?:不再?|均不|也不|一概不|并不|从不)(?:要求(?!.{0,8}(?:公示|招标|实际|有实际|实体))|强制|限制|限定|限(?!次|期|额|量|购|于|制|时|上|外|在|价|产)|设(?:置|定|立)?(?:任何|不合理|与|最低|注册|地域|区域|歧视|定向|前置|门槛|限制|户籍|准入|品牌)|"
    r"区分|区别|分(?:所有制|行业|地域|内外|本地|企业|规模|先后|号牌|大小|来源|外地|国有|产地|注册)|论|干预|干涉|指定|影响(?!通过)|额外|增加|加收|加分|另行(?:要求|收取|审批|检|设|备案|评)|另设|作(?:为|要求)|列为|挂钩|与[^,]{1,24}(?:挂钩|绑定|关联|捆绑)|"
    r"以[^,]{1,40}(?:为|作)(?:前提|条件|由|门槛|依据|标准|限)|因[^,]{1,30}(?:而|不同)|将[^,]{1,50}(?:作为|列|纳入|与)|把[^,]{1,50}(?:作为|列|与)|对[^,]{1,30}(?:限制|要求|区别|设|另)|得因|构成|视为|承诺|搞|实行(?:价格干预|差别)|收取任何|重复|设(?:卡|限)|"
    r"安排(?:财政)?奖|给予[^,]{0,10}(?:奖励|返还|优惠)|组织[^,]{0,10}(?:评比|迎))"
    r"|(?:无需|无须|毋须|不需要?|不必|免于|免去|免提交|免除提交)(?!缴|纳|招标|评审|公开|竞争|比选|采购程序)"
    r"|与[^,]{2,40}(?:无关|脱钩)|(?:无论|不论|不管|不问|不看)[^,]{1,30}"
)
_NOT_WAIVER = re.compile(
    r"不设(?:上限|期限|统一)|不限(?:次|期|额)|不再(?:另行)?(?:招标|组织|公开|受理|接受|审批|新增|准入|保留.{0,4}资格)|不予|不分(?:配|红)"
)
_DOUBLE = re.compile(r"不得不(?=予|认可|受理|接收|采信|承认|采纳|同意|给予|办理|支持|开放|公开|安排|退还|允许|纳入)")
_HAS_TO = re.compile(r"不得不")
_QUOTE = re.compile(r"“[^”]{2,300}”")
_QUOTE_BAD = re.compile(
    r"^.{0,4}(?:等|之类|类|的)?[^,。;]{0,14}(?:问题|做法|表述|条款|规定|字样|内容|情形|行为|要求|壁垒|门槛|限制|承诺|措辞|现象)|^[^。]{0,40}(?:责令|废止|删除|整改|不符|违反|纠正|禁止|立案|自查|修改|清理|剔除|取消|叫停|通报|不得|违规|撤销)"
)
_QUOTE_BEFORE = re.compile(
    r"(?:不得|禁止|严禁|杜绝|纠治|纠正|清理|整改|破除|取消|删除|废止|违规|违法|问题|例如|比如|诸如|设置|写入|出现|含有|要求|规定|以|关于|表述|通报|指出|发现|列举|对|把|将|剔除|叫停|摒弃|告别)[^“”]{0,24}$"
)
_REPORT = re.compile(
    r"(?:巡[察视]|审计|督[查导]|检查|核查|抽查|清查|清理|排查|通报|复核|评估|调查|信访|举报|投诉|媒体|群众|企业|从[^,]{2,12}看|近期|个别|部分|有的|少数|一些|仍)[^。]{0,24}(?:指出|发现|反映|查明|认定|存在|暴露|查出|显示|出现|收到)"
    r"|(?:送审稿|征求意见稿|草案|原文件|原办法|原规定)[^。]{0,80}(?:不符合?|违反|不合法|应当?删|请(?:修改|删除)|涉嫌)|(?:某|有)(?:市|县|地|区|局|镇|单位|部门)[^。]{0,40}(?:规定|要求|印发|出台|下发|擅自|违规)"
    r"|(?:案例|案情|讲义|例题|试题|判断题|情景|反面教材|典型案例)[^。]{0,12}:|属于[^。]{0,30}(?:禁止|违反|违法|不得|滥用|歧视|限定|排除)[^。]{0,20}|涉嫌(?:违反|构成|滥用|排除)"
)
_REPORT_CURE = re.compile(
    r"整改|责令|纠正|查处|立案|删除|废止|撤销|不符|违反|请(?:学员)?(?:指出|修改|判断|分析)|不执行|处分|问责|改正|清理|追究|停止|叫停|修改|禁止|举一反三|自查|依法处理|违规|违法|约谈(?:相关|有关)?(?:部门|单位|负责)|不合规|滥用"
)
_ASK = re.compile(r"(?:是否|有无|有没有|会不会|可否)")
_ASK_BAD = re.compile(
    r"^(?:存在|含有?|包含|涉及|设置|设定|规定|要求|强制|变相|禁止|限制|限定|指定|排斥|歧视|对[^,]{1,40}(?:设|实行|要求|限|给|另|区别)|以[^,]{1,40}(?:为|作)|将[^,]{1,60}(?:作为|列|与|纳入|分档|计)|把[^,]{1,60}(?:作为|列|与)|"
    r"写明|违规|违法|给予|承诺|约定|优先|公布[^,]{0,20}要求|被要求|因|超|擅自|附加|增设|通过[^,]{1,30}(?:限|变相)|妨碍|不合理|直接|未经|为[^,]{1,20}(?:指定|设)|有|列|减免|出现|带有|带|发布|仍|还有|在[^,]{1,40}(?:设|要求|限|中))"
)
_ASK_DUTY = re.compile(
    r"^(?:已|全部|均|按|使用|采用|执行|接受|落实|在[^,]{1,20}(?:选用|使用|注册|纳税|缴纳|设立)|缴纳|选用|购买|取得|具备|完成|通过|仍从|为本|属于本|登记|纳入|办理)"
)
_DEFINE = re.compile(r"(?:所称|本[^,。]{2,8}所指)[^。]{1,30}(?:是指|包括|指的是|,指|系指)|^[^,。]{2,14},是指")
_DEFINE_BAD = re.compile(
    r"禁止|违反|不得|排查|剔除|歧视性|不正当|滥用|(?:条例|反垄断法|办法|规则|细则)》?第[^,。]{1,10}条[^,。]{0,8}所称|变相强制|地方保护|行政垄断|壁垒|不合理条件|负面|特定经营者"
)


def read_polarity(said: Statement) -> Polarity:
    """What a statement does not order, with the reasons."""
    if whole := _governed(said) or _contained(said.text):
        return Polarity(whole=whole)
    words = said.text
    spans = [
        *_prohibitions(words, said),
        *_cleanups(words),
        *_withdrawals(words),
        *_quotations(words),
        *_waivers(words),
        *_inner_lead(words, said),
    ]
    return Polarity(cleared=tuple(sorted(set(spans), key=lambda gone: (gone.start, gone.end, gone.reason))))


def residual(words: str, polarity: Polarity) -> str:
    """The words that still stand as orders; cleared stretches leave nothing behind."""
    if polarity.whole:
        return ""
    kept, place = [], 0
    for gone in _merged(polarity.cleared):
        kept.append(words[place : gone[0]])
        place = max(place, gone[1])
    kept.append(words[place:])
    return "".join(kept)


def _merged(cleared: Iterable[Clearing]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for gone in cleared:
        if merged and gone.start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], gone.end))
        else:
            merged.append((gone.start, gone.end))
    return merged


def _governed(said: Statement) -> str:
    """The reason a stem, its tail or a title above takes the whole statement away."""
    for lead in reversed(said.leads):
        taken = stance.of_lead(lead, said.tail)
        if taken is not Stance.OPEN:
            return stance.REASONS[taken]
        if re.search(r"(?:应当?|须|必须|需|按照?)[^,。]{0,12}(?:下列|以下|如下)", lead):
            return ""
        if (taken := stance.of_heading(lead)) is not Stance.OPEN:
            return stance.REASONS[taken]
    for heading in said.headings[:2]:
        if (taken := stance.of_heading(heading)) is not Stance.OPEN:
            return stance.REASONS[taken]
    return ""


def _contained(words: str) -> str:
    """The reason a whole sentence only reports, asks or explains."""
    if _KEEP.search(words):
        return ""
    if _REPORT.search(words) and (cure := _REPORT_CURE.search(words)) and not _firm_breach(words, cure.start()):
        return "该句是在通报问题或者剖析案例"
    if _asks(words):
        return "该句是审查、自查的提问"
    if _DEFINE.search(words) and _DEFINE_BAD.search(words):
        return "该句是在解释被禁止的概念"
    return ""


def _firm_breach(words: str, cure: int) -> bool:
    """The breach reported is a firm's failure to obey the barrier, so the barrier stands."""
    return bool(_OMISSION.search(words[:cure])) and bound_party(words[: cure // 2 + 1]) is not Addressee.AUTHORITY


def _asks(words: str) -> bool:
    asked = [words[found.end() : found.end() + 80] for found in _ASK.finditer(words)]
    bad = sum(1 for question in asked if _ASK_BAD.match(question) and not _ASK_DUTY.match(question))
    duty = sum(1 for question in asked if _ASK_DUTY.match(question))
    if not asked or duty or not bad:
        return False
    return not re.search(r"为[“\"]?否[”\"]?的|接受的即可", words)


def _segments(words: str) -> list[tuple[int, int]]:
    return [found.span() for found in _SEGMENT.finditer(words)]


def _prohibitions(words: str, said: Statement) -> Iterator[Clearing]:
    """Bans that keep an authority, tenderer or association from excluding."""
    segments = _segments(words)
    subject = said.lead
    for order, (start, end) in enumerate(segments):
        segment = words[start:end]
        for ban in _BAN.finditer(segment):
            if _protects(segment, ban, subject):
                first = _topic_start(words, segments, order)
                yield Clearing(first, _reach(words, segments, order), f"“{ban.group()}”约束的是排除、限制竞争的行为")
                break
        for double in _DOUBLE.finditer(segment):
            if bound_party(segment[: double.start()] or subject) is not Addressee.OPERATOR:
                yield Clearing(_topic_start(words, segments, order), end, "“不得不予”禁止的是拒绝")
        if bound_party(segment) is not Addressee.UNKNOWN and not segment.startswith(("不得", "也不得", "严禁", "禁止")):
            subject = segment


def _protects(segment: str, ban: re.Match[str], subject: str) -> bool:
    before, after = segment[: ban.start()], segment[ban.end() :]
    if before.endswith(("未经", "非经")) or re.search(r"(?:未经|非经|除[^,]{1,20}外)[^,]{0,24}$", before):
        return bool(re.match(r"(?:设|出台|印发|制定|提交)", after)) or bool(
            re.search(r"公平竞争审查|法律|行政法规", before)
        )
    party = bound_party(before)
    if party is Addressee.UNKNOWN:
        party = bound_party(subject[-60:])
    framed = _FRAME.match(after)
    if framed:
        rest = after[framed.end() :]
        return not (party is Addressee.OPERATOR and _DEPART.search(rest))
    body = re.sub(rf"^{_ADVERB}+", "", after) or after
    exclude, freedom = _EXCLUDE.search(body), _FREEDOM.search(body)
    if not exclude:
        return False
    if freedom and freedom.start() < exclude.start():
        return False
    if party is Addressee.OPERATOR:
        return not re.match(
            r"(?:拒绝|要求|降低|提高|增加|约定|给予|收取|另|以|从|擅自|自行|优先|承诺|借|不)", body[:2]
        ) or bool(re.match(r"(?:优先享|要求[^,]{0,10}(?:提供|设立|注册))", body))
    return True


def _topic_start(words: str, segments: list[tuple[int, int]], order: int) -> int:
    """A topic before the comma (对…的,) belongs to the ban that follows it."""
    start = segments[order][0]
    if order and words[segments[order][0] - 1] == ",":
        before = words[slice(*segments[order - 1])]
        topic = re.match(r"\s*(?:对|将|凡|关于|以|把|就|除)", before) and not re.search(
            r"给予|奖励|补[贴助]|收取|实行|应当?|须|加[收分]|不予|扣", before
        )
        if topic or re.match(r"\s*(?:审核|办理|受理|评审|编制|开展|签订|出让|制定)[^,]{2,30}$", before):
            return segments[order - 1][0]
    return start


def _reach(words: str, segments: list[tuple[int, int]], order: int) -> int:
    """A ban reaches over commas until a new subject or a new operator."""
    end = segments[order][1]
    for start, stop in segments[order + 1 :]:
        if words[start - 1] in ";。:!?\n":
            break
        segment = words[start:stop].strip()
        if _CONTINUES.match(segment) or _NEW_SUBJECT.match(segment):
            break
        end = stop
    return end


def _cleanups(words: str) -> Iterator[Clearing]:
    """A clean-up verb and its object up to the head noun far to the right."""
    for cure in _CURE.finditer(words):
        if re.search(r"(?:不得|不予|不|未|拒不|没有|无法)$", words[max(0, cure.start() - 3) : cure.start()]):
            continue
        reach = _object_end(words, cure.end())
        if reach is None:
            continue
        thing = words[cure.end() : reach]
        if _OMISSION.search(thing[:40]) and not re.search(r"以|要求|因", thing[:6]):
            continue
        if _KEEP.search(words[reach : reach + 12]):
            continue
        yield Clearing(cure.start(), reach, f"“{cure.group()}”的对象是不当规定或者做法")


def _object_end(words: str, begin: int) -> int | None:
    """Where the object of a clean-up verb ends; None when its head noun is a right, or there is none."""
    limit = len(words)
    for mark in ";。!?\n":
        place = words.find(mark, begin)
        limit = min(limit, place if place >= 0 else limit)
    stop = re.compile(
        r",(?=(?:改为|并对|由|应|须|但|同时|对|给予|确需|实行|年内|于|鼓励|支持|保障|推动|让|凡|未|逾期|各|不得|允许|已|现|一律|其|建立|落实|以|推行|原则))"
    ).search(words, begin, limit)
    limit = stop.start() if stop else limit
    thing = words[begin:limit]
    heads = [found for found in _BAD_NOUN.finditer(thing)]
    if not heads:
        return None
    right = _RIGHT_NOUN.match(thing.rsplit("的", 1)[-1])
    if right and heads[-1].start() < thing.rfind("的"):
        return None
    return begin + heads[-1].end()


def _withdrawals(words: str) -> Iterator[Clearing]:
    """对……的规定,一律取消: the cure stands after its object."""
    for start, end in _segments(words):
        segment = words[start:end].strip()
        cure = _POST_CURE.match(segment)
        if not cure or start == 0:
            continue
        before = words[: start - 1]
        begin = max(before.rfind(mark) for mark in "。;!?\n") + 1
        thing = before[begin:]
        head = re.search(
            r"(?:规定|做法|条款|问题|行为|情形|限制|门槛|壁垒|要求|条件|措施|政策|内容|文件|证明|表述|协议|约定|通知|办法)的?[”]?$",
            thing,
        )
        gone = re.search(r"(?:的|地)$", thing) and re.match(
            r"[^,]{0,4}(?:停止执行|废止|删除|撤销|纠正|改正|问责|追究|责令)", segment
        )
        if (
            (head or gone)
            and not _OMISSION.search(thing)
            and not re.search(r"(?:企业|公司|乙方|供应商|投标人)[^,]{0,10}(?:未|擅自|违反)", thing)
        ):
            yield Clearing(begin, end, f"“{cure.group()}”取消了前述内容")


def _quotations(words: str) -> Iterator[Clearing]:
    """Quoted wording that is named as wrong."""
    if _KEEP.search(words):
        return
    for quote in _QUOTE.finditer(words):
        after, before = words[quote.end() : quote.end() + 90], words[: quote.start()]
        follow = _QUOTE_BAD.match(after) or _QUOTE.search(after)
        if len(quote.group()) > 6 and follow and (_QUOTE_BEFORE.search(before) or _REPORT_CURE.search(after)):
            yield Clearing(quote.start(), quote.end(), "引号内是被指出的不当表述")


def _waivers(words: str) -> Iterator[Clearing]:
    """不限注册地、不要求……、与产地无关: the segment lifts a condition instead of setting one."""
    for start, end in _segments(words):
        segment = words[start:end]
        waiver = _WAIVER.search(segment)
        if waiver and not _NOT_WAIVER.search(segment):
            yield Clearing(start, end, f"“{waiver.group()[:12]}”取消了条件")


def _inner_lead(words: str, said: Statement) -> Iterator[Clearing]:
    """A lead-in and its list inside one sentence (不得有下列行为:甲、乙)."""
    place = words.find(":")
    if not 3 < place < 120 or place > len(words) - 4:
        return
    taken = stance.of_lead(words[: place + 1], said.tail)
    if taken is not Stance.OPEN:
        yield Clearing(0, len(words), stance.REASONS[taken])
