"""Sentences that state what is: results of a year, inventories, the number of firms there are.

截至九月底,全县有供热企业十一家,其中国有四家 names firms and owners like a violation does and orders nothing. It is
let go only when it speaks of a time or of a stock, gives a figure or a result, and holds no word that orders, grants,
scores, selects or plans. Called by `engine.screening.polarity`.
"""

from __future__ import annotations

from engine.patterns import pattern_of

STATED = "该句陈述已有的情况，没有提出要求"
_LONGEST = 220
_WHEN = pattern_of(
    r"(?:^|[,;。:])\W{0,3}(?:\d{4}年(?:以来|度?,|底|末|上半年|前|至)|(?:去|上|今)年(?:以来|底|,|全年|[^,]{0,6}共)|截至|截止|"
    r"[一二三四五六七八九十]年(?:来|间)|“?十[一二三四五]五”?(?:时期|期间|以来)|全年|上半年|前三季度|一季度|目前|现有|累计|近年来|多年来|过去|期间,)|"
    r"^[^,。]{0,14}(?:现有|共有|拥有|累计|新登记|建成|开工|新增|全年|完成)[^,。]{0,24}"
    r"(?:\d|[一二三四五六七八九十百千]+(?:家|个|项|户|处|万|亿|条|座|台))"
)
_RESULT = pattern_of(
    r"增加到|达到?\d|达[百\d]|增长|提高到|提升|提高|形成|成长为|建成|竣工|投产|开工|完成|实现|登记|培育|下降|减少到|"
    r"占比?(?:为|约|达)?\d|覆盖率|已(?:达|有|建|发展)|取得|增强|为主|亿元|万吨|"
    r"(?:\d|[一二三四五六七八九十百千]+)(?:家|户|个|条|座)"
)
_ORDER = pattern_of(
    r"应当?(?!届)|须|必须|不得|不予|不再|给予|奖励|补[助贴]|优先|负责|统一|鼓励|支持|引导|(?<!需|重|主|纪)要(?!素|求.{0,6}提高|闻|道)|"
    r"将(?!军)|力争|确保|一律|方可|只能|仅|限|委托|指定|授予|交由|由[^,]{2,16}(?:承担|实施|运营|负责|提供|统一|承接)|实行|推行|执行|"
    r"按照?|凡|可(?!持续|再生|观|靠|信)|同意|议定|决定|明确|安排|保障|承诺|约定|采用|使用|采购|选用|作为|纳入|列入|参加|申报|免|收取|缴|核定|定价|"
    r"禁止|取消|暂停|停止|经[^,]{2,10}(?:同意|批准)|需(?!求)|未|的,|以上的|方案|分(?:[,。;]|$)|每[个项]|不(?:少|低|超|高)于|"
    r"投标人|供应商|视为|直接|符合|\||加\d|关停|[甲乙]方|计划|前完成|目标"
)


def states(words: str) -> bool:
    """The folded words only say what is or was: nothing in them binds, favours or shuts out anybody."""
    if len(words) > _LONGEST or not (_WHEN.search(words) and _RESULT.search(words)):
        return False
    return not _ORDER.search(words)
