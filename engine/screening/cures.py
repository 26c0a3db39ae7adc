"""Words that undo: clean-up verbs with their far objects, withdrawals after the object, waivers.

The verb is the cure only when its object is a limit; taking away a right (取消资格), punishing those who do not obey a
barrier (查处未复检), or waiving what is owed to the public purse for one side cures nothing. Called by
`engine.screening.polarity`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.patterns import pattern_of
from engine.screening.clearing import Clearing, segments
from engine.screening.containers import KEEP, QUOTE

_CURE = pattern_of(
    r"(?:全面|坚决|依法|着力|重点|持续|集中|开展|限期|立即|一律|予以|加快|同意|现|深入|及时|逐步|进一步|大力|稳妥)?"
    r"(?:清理(?!费|垃圾|现场)|清查|清除|废止|废除|取消|破除|破解|纠正|纠治|查处|整治|剔除|停止执行|停止实施|停止(?=[^,]{2,60}的?(?:做法|"
    r"规定|行为|政策))|撤销|删除|删去|退还|清退|叫停|打破|打击|消除|拆除|拆掉|整改|制止|查办|解决|排查|治理|撤除|放宽|放开|"
    r"停用|查纠|终止执行|追究|问责|严惩|惩处|受理[^,]{0,10}(?:反映|投诉|举报)|回应)"
)
_BAD_NOUN = pattern_of(
    r"规定|做法|条款|问题|行为|情形|限制|门槛|壁垒|障碍|要求|条件(?!的企业|下)|措施|现象|政策文件|歧视|待遇差别|差别待遇|不合理[^,]{0,10}|"
    r"优惠政策|内容|办法|机制|程序|证明|环节|审批|审查事项|许可|"
    r"保护主义|地方保护|市场分割|垄断|备案(?:事项|管理|制)|名录|目录|清单|资质要求|前置|手续|制度|收费|费用|关卡|加分(?:项)?|表述|字样|关系|指定|模式|事项|协议|招标文件|公告"
)
_RIGHT_NOUN = pattern_of(
    r"(?:资格|资质|名额|奖励|补助|补贴|优惠|待遇|配额|指标|扶持|投标|中标|合同|证书|许可证|评优|经营权|申报|参评)(?!.{0,12}(?:限制|门槛|要求|规定|条件|做法|条款|壁垒))"
)
_OMISSION = pattern_of(
    r"(?:未|没有|不(?!合理|正当|符|当|公|得|同|必要|平等|利|法)|拒不|仍从|擅自|私自|逃避|规避)(?:在|按|经|使用|购|"
    r"办|取得|向|从|通过|重新|加贴|单独|执行|落实|配合|达到|提供|出具|附|含|采购|提交|签|安装|接入|纳|入|设|登)"
)
_FREE_ACT = pattern_of(
    r"逃缴|拒缴|低于[^,]{0,12}价|跨区|跨县|跨片区|窜货|串货|外运|外销|外购|私自|自行|降价|低价(?!倾销)|压价|抢客|外流"
)
_POST_CURE = pattern_of(
    r"由[^,]{2,30}(?:协商)?(?:删除|终止|废止|纠正|清理|修改|整改)|"
    r"(?:一律|立即|均|全部|应当?|应予|须|予以|依法|已|现|坚决|及时|限期|逐项|自[^,]{1,16}起|要|同步|一并|应该|责令|"
    r"依规|就地|当场|一经(?:发现|查实)[^,]{0,6}|坚决|统统|无条件)*"
    r"(?:予以|责令|进行)?(?:取消|废止|停止执行|停止实施|停止|删除|删去|撤销|清理|纠正|整改|改正|剔除|查处|叫停|修改|否决|"
    r"作废|失效|废除|退回|不予通过|立案|查办|问责|追究责任|追责|终止|责令|依规依纪|严肃处理|通报批评|不再(?:执行|要求|实施|保留|"
    r"收取|适用|使用))"
)
_DROPPED = pattern_of(
    r"[^,]{4,80}的(?:方案|做法|规定|条款|办法|要求|政策|限制|条件|门槛)(?:一律|即|均|同时|已|一并|全部|同步|相应|予以)*"
    r"(不再(?:采用|执行|实行|保留|适用)|停止执行|作废|废止|失效|取消|删除|撤销)$"
)
_WAIVER = pattern_of(
    r"(?:性质|属性|所有制|产地|来源|地域|注册地|规模|籍|纳税)[^,]{0,6}不(?:计|给|加|赋|得)分|不(?:再)?自动(?:延长|续期|展期|续签|顺延)|"
    r"(?:不再?|均不|也不|一概不|并不|从不)(?:要求(?!.{0,8}(?:公示|招标|实际|有实际|实体))|强制|限制|限定|限(?!次|"
    r"期|额|量|购|于|制|时|上|外|在|价|产)|设(?:置|定|立)?(?:任何|不合理|与|最低|注册|地域|区域|歧视|定向|前置|门槛|"
    r"限制|户籍|准入|品牌)|"
    r"区分|区别|分(?:所有制|行业|地域|内外|本地|企业|规模|先后|号牌|大小|来源|外地|国有|产地|注册)|论|干预|干涉|指定|影响(?!通过)|"
    r"额外|增加(?:企业|条件|环节|材料|要求|审批|收费|负担|任何|额外)|加收|加分|另行(?:要求|收取|审批|检|设|备案|评)|另设|"
    r"作要求|作(?:为)?(?:审批|批准|许可|前置|限制)(?:$|,)|作为[^,]{0,24}(?:条件|门槛|前提|限制|理由|因素|加分|得分|分项)|列为|挂钩|与[^,]{1,24}(?:挂钩|"
    r"绑定|关联|捆绑)|"
    r"以[^,]{1,40}(?:为|作)(?:前提|条件|由|门槛|依据|标准|限)|因[^,]{1,30}(?:而|不同)|将[^,]{1,50}(?:作为|"
    r"列|纳入|与)|把[^,]{1,50}(?:作为|列|与)|对[^,]{1,30}(?:限制|要求|区别|设|另)|得因|构成|承诺(?!的)|"
    r"搞(?:一刀切|“一刀切”|变通|特殊|地方保护|差别|平衡照顾)|实行(?:价格干预|差别)|收取任何|重复|设(?:卡|限)|"
    r"安排(?:财政)?奖|给予[^,]{0,10}(?:奖励|返还|优惠)|组织[^,]{0,10}(?:评比|迎))"
    r"|(?:无需|无须|毋须|不需要?|不必|免于|免去|免提交|免除提交)(?!缴|纳|招标|评审|公开|竞争|比选|采购程序)"
    r"|(?:目录|名录|名单|清单|榜单|评价|排名|注册地|所在地|纳税地|关系|业绩|产地|规模|所有制)[^,]{0,10}不(?:再)?(?:作为|"
    r"影响|纳入)|与[^,]{2,40}(?:无关|脱钩)|(?:无论|不论|不管|不看)(?:注册地|所有制|规模|来源|地区|地域|内外|本地|"
    r"企业性质|国有|经营地|何种|产地|品牌|号牌|登记|是否在本|企业)[^,]{0,30}"
)
_ELSEWHERE = pattern_of(
    r"(?:自行|私自|另行|擅自)(?:联系|采购|选择|购买|委托|更换)|(?:向|到|从|使用|选用)?其他(?:厂家|品牌|单位|企业|渠道|机构|公司)"
)
"""Going elsewhere than ordered: what is punished here is freedom, not a barrier."""
_ORDERED_BEFORE = pattern_of(r"一律|应当|必须|统一|由[^,]{2,24}(?:生产|承担|供应|承接|实施|配送|承办)")
_OWED = pattern_of(r"税|社会保险|养老保险|社保费|基金|出让金|配套费|滞纳金|招标|公开竞争|竞争性|评估程序|报批")
_ONE_SIDE = pattern_of(
    r"(?:本地|市内|县内|区内|省内|本市|本县|本区|本省|国内|国有|国资|市属|县属|区属|会员)[^,]{0,8}"
    r"(?:企业|单位|公司|机构|产品|货|车|会员|商户|品牌|业主)"
)
_NOT_WAIVER = pattern_of(
    r"不设(?:上限|期限|统一)|不限(?:次|期|额)|不再(?:另行)?(?:招标|组织|公开|受理|接受|审批|新增|准入|保留.{0,4}资格)|不予|不分(?:配|红)"
)


def cleanups(words: str) -> Iterator[Clearing]:
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
        if _FREE_ACT.search(thing) and not re.search(r"要求|限制|规定|强制|禁止|限定|约定|商定|统一|组织|不得", thing):
            continue
        if KEEP.search(words[reach : reach + 12]) or re.search(r"仍|保留|继续|恢复执行", thing):
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
    heads = list(_BAD_NOUN.finditer(thing))
    if not heads:
        return None
    unquoted = QUOTE.sub(lambda quote: "□" * len(quote.group()), thing)
    comma = unquoted.find(",")
    if comma > 0 and any(head.end() <= comma for head in heads):
        heads = [head for head in heads if head.end() <= comma]
        thing = thing[:comma]
    right = _RIGHT_NOUN.match(thing.rsplit("的", 1)[-1])
    if right and heads[-1].start() < thing.rfind("的"):
        return None
    return begin + heads[-1].end()


def withdrawals(words: str) -> Iterator[Clearing]:
    """对……的规定,一律取消: the cure stands after its object."""
    for start, end in segments(words):
        if dropped := _DROPPED.match(words[start:end]):
            yield Clearing(start, end, f"“{dropped.group(1)}”取消了前述内容")
        segment = words[start:end].strip()
        cure = _POST_CURE.match(segment)
        if not cure or start == 0:
            continue
        before = words[: start - 1]
        begin = max(before.rfind(mark) for mark in "。;!?\n") + 1
        thing = before[begin:]
        head = re.search(
            r"(?:规定|做法|条款|问题|行为|情形|限制|门槛|壁垒|要求|条件|措施|政策|内容|文件|证明|表述|协议|约定|通知|办法)的?[”]?的?$",
            thing,
        )
        gone = re.search(r"(?:的|地)$", thing) and re.match(
            r"[^,]{0,4}(?:停止执行|废止|删除|撤销|纠正|改正|问责|追究|责令)", segment
        )
        last = thing.rsplit(",", 1)[-1]
        if gone and not head:
            if _ELSEWHERE.search(last):
                continue
            if _ORDERED_BEFORE.search(thing.removesuffix(last)):
                begin += len(thing) - len(last)
                thing = last
        if (
            (head or gone)
            and not _OMISSION.search(thing)
            and not re.search(r"(?:企业|公司|乙方|供应商|投标人)[^,]{0,10}(?:未|擅自|违反)", thing)
        ):
            yield Clearing(begin, end, f"“{cure.group()}”取消了前述内容")


def waivers(words: str) -> Iterator[Clearing]:
    """不限注册地、不要求……、与产地无关: the segment lifts a condition instead of setting one."""
    for start, end in segments(words):
        segment = words[start:end]
        waiver = _WAIVER.search(segment)
        if waiver and not _NOT_WAIVER.search(segment) and not _favours(segment, waiver.start()):
            yield Clearing(start, end, f"“{waiver.group()[:12]}”取消了条件")


def _favours(segment: str, at: int) -> bool:
    """Waived is what is owed to the public purse, or waived for one side only: a favour, not a cure."""
    owed = _OWED.search(segment) and not re.search(r"挂钩|作为|为条件|为前提|无关|要求提供|证明", segment)
    sided = _ONE_SIDE.search(segment[:at]) and not re.search(r"外|其他|各|任何|不(?:区)?分|不限|不论|和|与", segment)
    return bool(owed or sided)
