"""Bans that keep somebody from excluding: 不得限制、严禁指定、不得以……为由拒绝.

A ban clears what it forbids only when it binds an authority, tenderer, association or utility, and only as far as it
reaches; 企业不得将注册地迁出 forbids freedom and clears nothing. Called by `engine.screening.polarity`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.patterns import pattern_of
from engine.screening.addressee import Addressee, bound_party
from engine.screening.clearing import Clearing, segments
from engine.screening.reading import Statement

BAN = pattern_of(
    r"(?:一律|均|也|亦|并|又|都|更|坚决|绝|决)?(?:不得(?!不)|不准|不许|不应(?!当是)|不可(?!抗|撤)|不能(?!够)|"
    r"不宜|严禁|禁止|切勿|切忌|严防|防止|杜绝|谨防|避免|防范|反对|抵制|警惕|不允许|无权)"
)
_ADVERB = (
    r"(?:擅自|随意|直接|间接|无故|无正当理由|变相|违规|违法|非法|自行|单方面?|再|另行|再行|随意|任意|人为|借机|继续|或者?|和|直接或者?间接|强制或者?变相|违反规定|"
    r"以任何(?:形式|方式|理由|名义)|在[^,]{1,24}?(?:中|时|上|过程中|文件中?|环节|之外|以外|外)|从|通过[^,]{1,20}?(?:方式|形式|手段)?)"
)
_EXCLUDE = pattern_of(
    r"将[^,]{1,60}(?:授予|交给|交由|打包|委托给|指定)|把[^,]{1,60}(?:交给|授予|委托)|直接(?:委托|授予|确定|交给)|视为|清退|驱离|中止|"
    r"限制|限定|限于|指定|排斥|排除|强制|强迫|强行|变相|要求|设置|设定|设门槛|设限|增设|附加|加设|规定|干预|干涉|阻碍|阻挠|阻止|阻挡|妨碍|阻滞|刁难|歧视|区别|差别|"
    r"作为|列为|挂钩|垄断|拒绝|拒收|推诿|拖延|搭车|摊派|索要|索取|推荐|代为|代替|替代|代选|越权|违法|违规|出台|制定|下达|划分|划定|加收|收取|设卡|照顾|优先|倾斜|偏向|"
    r"锁定|绑定|捆绑|搭售|封锁|给予|承诺|约定|兑现|减免|返还|退还税|免征|缓征|组织[^,]{0,20}(?:商定|约定|协商|统一|"
    r"达成|划分|涨价|签订)|因(?:此|[^,]{1,30}而)|增加|提高|降低(?:标准)?|"
    r"强调|暗示|引导|诱导|授意|指使|选定|确定(?:唯一|特定|某)|联系或者确定|实行(?:差别|差异|不同|区别)|采取(?:差别|差异|"
    r"歧视)|抽签|摇号|滥用|提出|额外|重复|另立|另设|保护(?:本地|落后)|"
    r"借|收缩|压缩|扩大|扩充|截留|占用|披露|泄露|公开企业|缩短|虚报|规避|妨害|迟延|推卸|损害|影响(?:公平|企业)|否认|否定|"
    r"剥夺|拦截|借(?:机|送检)|禁止|叫停|考核企业|审批|倒查|将[^,]{1,60}(?:作为|列为|列入|与[^,]{0,20}挂钩|"
    r"纳入(?:评|条件))|把[^,]{1,60}(?:作为|列为|与)|以[^,]{1,60}(?:为由|为条件|为前提)|"
    r"设禁|收存|扣押|扣留|包办|把持|不予|不认可|不受理|不接收|不采信|不支持|不给予|不认|为[^,]{1,30}(?:指定|联系|确定|安排)|对[^,]{1,50}(?:限制|"
    r"歧视|设置|实行|采取|区别|要求|加|另|附加|作出|给予|排斥|指定|进行(?:歧视|限制))|"
    r"向[^,]{1,30}(?:收取|摊派|推荐|推销|指定|索要|转嫁|承诺|企业)|介入|插手|参与[^,]{0,10}(?:定价|经营)|"
    r"过问|打招呼|转嫁|统一(?:申报|定价|价格|收费)|缩小|擅自设|擅自增|擅自提|擅自扩|擅自制|擅自出"
)
_FREEDOM = pattern_of(
    r"迁出|迁离|迁往|迁移|迁至|搬迁|搬离|转出|转移|转至|迁址|注销|减资|减少注册|变更|转让|撤资|撤离|退出|外运|外销|外调|外流|"
    r"销往|运出|运往|调往|调出|运入|调入|流出|进入|入市|入场|上市|"
    r"销售|上架|经营|从事|开展|参与|参加|投标|报名|申请|申报|享受|承接|承揽|承担|低于|高于|超过|少于|超出|采购|购买|购进|使用|"
    r"选用|选择|委托|接受|接收|受理|办理|认可|采信|引进|新设|新建|新增|"
    r"招生|降价|降低|下浮|上浮|打折|让利|签约|签订|通行|驶入|停放|设立|开设|开业|营业|投放|投资|推介|发布|对外|向[^,]{0,12}(?:供货|"
    r"销售|提供|购买)|从[^,]{0,16}(?:采购|购进|购买)|自(?:行|主|备|建)|另行|收购|屠宰|拒绝"
)
_POWER = pattern_of(
    r"限制|限定|指定|排斥|排除|强制|强迫|设置|设定|歧视|垄断|干预|干涉|阻碍|阻挠|妨碍|滥用|变相|搭售|捆绑|区别|组织|划分|商定|协商|将|把|以|向|对|违规|违法|因|索要|推荐|出台|制定|规定|禁止"
)
_DISPOSES = pattern_of(r"将|把")
"""不得将享受补贴的门店限定为…: what stands between is the object, and its words forbid nothing."""
_DEPART = pattern_of(
    r"迁出|迁离|迁往|迁移|迁至|搬迁|搬离|转出|转移|转至|转到|减资|减少注册资本|注销|变更|外运|外销|销往|运出|调往|退出|转让|降价|调低|调价"
)
_FRAME = pattern_of(
    r"^(?:以|因|借|利用|假借|凭|通过|采取|采用|按|依)(?!上|下|后|此)[^,]{1,70}?(?:为由|为名|名义|为条件|为前提|为依据|为理由|理由|方式|形式|手段|等|而|为目的|口径)"
)
_NEW_SUBJECT = pattern_of(
    r"^(?:但|而|否则|违反|违者|确需|确因|经|凡|未|没有|逾期|其中|对(?!其|不)|给予|鼓励|支持|引导|由|可以?(?!以)|"
    r"应当?|须|必须|一律(?!不)|统一|均(?!不)|全部|优先|同时|如|若|需|仍|还|改|已|待|直至|直到|"
    r"[^,]{0,16}?(?:应当|应|须|必须|可以|由|负责|方可|优先|按|统一|实行|给予|奖励|仍|均可|将))"
)
_GOES_ON = pattern_of(
    r"^(?:或者?|以及|也|并|和|及|以|将|把|对其|或变相|变相|亦|从而|进而|继而|进行|实施|采取|作为|为|在|通过|利用|与|"
    r"向|因此|妨碍|影响|损害|排除)|^(?:要求|限制|限定|指定|强制|强迫|排斥|设置|设定|规定|拒绝|阻碍|阻挠|歧视|干预|给予|"
    r"承诺|增设|附加|收取|加收|禁止|保留|提高|降低|组织|另行|重复)"
)
_WITHHELD = pattern_of(
    r"(?:未|没有|不|非)(?:在|到|于)?[^,]{0,12}(?:注册|纳税|缴纳|缴税|设立|登记|加入|入[库会统]|落户|采购|购买|使用|本[市县区省地])[^,]{0,8}的?"
    r"(?:企业|公司|单位|商户|经营者|供应商|项目|主体)"
)
_BENEFIT = pattern_of(r"发放|拨付|兑现|支付|奖励|补[贴助]|扶持|优惠|资金")
_UNFAIR = pattern_of(r"不予|拒绝|限制|歧视|差别|区别|少|降低|取消|扣减")
_OPERATOR_WORD = pattern_of(r"不得|不准|不应|不能|严禁|禁止|应当?|必须|须|可以")
_PURPOSE = pattern_of(r"(?:防止|杜绝|避免|防范|严防|谨防|警惕)$")
_CONTINUES = pattern_of(r"^(?:或者?|以及|和|并|也|亦|更)?(?:不得|不准|严禁|禁止|不应|不能|不可)")
_ORDERED = pattern_of(
    r"(?:拒绝|拒不|拖延|推诿|推脱|敷衍|逃避|规避|抵制|变相不|不)[^,]{0,6}?(?:执行|落实|遵守|履行|贯彻)"
    r"[^,]{0,60}(?:规定|要求|政策|制度|决定|通知|办法|措施)$"
)
_DOUBLE = pattern_of(r"不得不(?=予|认可|受理|接收|采信|承认|采纳|同意|给予|办理|支持|开放|公开|安排|退还|允许|纳入)")


def prohibitions(words: str, said: Statement) -> Iterator[Clearing]:
    """Bans that keep an authority, tenderer or association from excluding."""
    if not BAN.search(words) and "不得不" not in words:
        return
    parts = segments(words)
    subject = said.lead
    for order, (start, end) in enumerate(parts):
        segment = words[start:end]
        for ban in BAN.finditer(segment):
            if _protects(segment, ban, subject):
                first = _topic_start(words, parts, order)
                last = end if _PURPOSE.search(ban.group()) else _reach(words, parts, order)
                yield Clearing(first, last, f"“{ban.group()}”约束的是排除、限制竞争的行为")
                break
        for double in _DOUBLE.finditer(segment):
            if bound_party(segment[: double.start()] or subject) is not Addressee.OPERATOR:
                yield Clearing(_topic_start(words, parts, order), end, "“不得不予”禁止的是拒绝")
        named = _OPERATOR_WORD.split(segment, maxsplit=1)[0]
        if bound_party(named) is not Addressee.UNKNOWN:
            subject = named


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
        return _frame_protects(framed.group(), after[framed.end() :], party)
    body = re.sub(rf"^{_ADVERB}+", "", after) or after
    if _ORDERED.match(body) or _withholds(body):
        return False
    exclude, freedom = _EXCLUDE.search(body), _FREEDOM.search(body)
    if not exclude:
        return False
    if freedom and freedom.start() < exclude.start() and not _DISPOSES.match(body):
        return False
    if party is Addressee.OPERATOR:
        return bool(_POWER.match(body))
    return True


def _withholds(body: str) -> bool:
    """不得向未在本区纳税的企业发放补贴: the ban itself excludes those who are not local."""
    return bool(_WITHHELD.search(body) and _BENEFIT.search(body)) and not _UNFAIR.search(body)


def _frame_protects(frame: str, rest: str, party: Addressee) -> bool:
    """以……为由 names a pretext and protects; 以……方式 protects when what is done that way is an exclusion."""
    if party is Addressee.OPERATOR and (_DEPART.search(rest) or not _EXCLUDE.search(rest)):
        return False
    if frame.endswith(("方式", "形式", "手段", "等", "名义", "为名", "口径")):
        return bool(_EXCLUDE.search(rest) or re.search(r"要求|强制|限制|排斥|指定|变相|设卡|歧视", frame))
    return True


def _topic_start(words: str, parts: list[tuple[int, int]], order: int) -> int:
    """A topic before the comma (对…的,) belongs to the ban that follows it."""
    start = parts[order][0]
    if order and words[parts[order][0] - 1] == ",":
        before = words[slice(*parts[order - 1])]
        topic = re.match(r"\s*(?:对|将|凡|关于|以|把|就|除)", before) and not re.search(
            r"给予|奖励|补[贴助]|收取|实行|应当?|须|加[收分]|不予|扣", before
        )
        if topic or re.match(r"\s*(?:审核|办理|受理|评审|编制|开展|签订|出让|制定)[^,]{2,30}$", before):
            return parts[order - 1][0]
    return start


def _reach(words: str, parts: list[tuple[int, int]], order: int) -> int:
    """A ban reaches over commas until a new subject or a new operator."""
    end = parts[order][1]
    for start, stop in parts[order + 1 :]:
        if words[start - 1] in ";。:!?\n":
            break
        segment = words[start:stop].strip()
        if _CONTINUES.match(segment) or _NEW_SUBJECT.match(segment) or not _GOES_ON.match(segment):
            break
        end = stop
    return end
