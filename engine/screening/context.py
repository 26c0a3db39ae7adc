"""What only the document as a whole can tell: where its issuer sits, and which firms it calls by name.

本市 is local everywhere; 庆阳市 is local in a Qingyang document and outside in any other. Called once a document by
`engine.screening`, and by the lexicon for the firms of a statement.
"""

from __future__ import annotations

from engine.model import Document
from engine.patterns import pattern_of

_PLACE = pattern_of(
    r"([一-鿿]{2,4}?(?:自治区|自治州|自治县|省|市|州|县|区|旗))(?=人民政府|委|政府|[一-鿿]{0,12}局|[一-鿿]{2,30}(?:办法|意见|措施|方案|规定|细则|通知|政策|协议|公告|要点|纪要))"
)
_FIRM_END = pattern_of(
    r"公司|集团|设计院|研究院|事务所|检测站|体检中心|检测中心|(?<!工)商行(?!政)|农商行|合作社|财险|人寿|中心血站|印刷厂|搅拌站|职校|驾校"
)
_FIRM_START = pattern_of(
    r"(?:统一|委托|指定|选择|使用|采购|购买|通过|直接|全部|一律|交由|授权|授予|同意|支持|给予|安排|应当|明确|确定|聘请|其中|联合|安装|投保|接入|经由|并由|均由|只能|必须|关于|纳入|依托|向|由|在|与|从|到|和|、|,|经|的|给|对|为|是|至|:|;|“|\(|“|及|将|把|让|归|按|以|等|或|后|前|,|。|\d|请|须|应|用|交|找|"
    r"提高|规范|解聘|聘任|设立|成立|保护|维护|促进|加强|推动|发展|管理|监督|条[\s ]?|百|省级|依照|根据|作为|称|为了)"
)
_GENERIC_FIRM = pattern_of(
    r"^(?:其他|各|该|本|楼宇|小区|船|港口|货代|创新|创业|SPV|引荐方|新?落户|会计师|分|子|全资|控股|项目|有限|股份有限|有限责任|总|母|外地|市外|县外|区外|省外|本地|当地|外来|保险|担保|旅游|物流|物业|建筑|施工|监理|劳务|测绘|代理|审计|会计师|律师|评估|咨询|设计|检测|运输|快递|"
    r"燃气|供水|供电|供热|公交|出租汽车|网约车|房地产|人力资源|融资担保|再担保|基金|证券|互联网|平台|国有|民营|外资|上市|集团|中标|符合条件|有资质|具备资质|专业|家政|安保|保安|清洁|保洁|环卫|养老|培训|广告|印刷|装修|药品|医药|食品|"
    r"农民|农业|专业|农村|关联|跨国|大型|小型|中型|相关|有关|多家|一家|两家|几家|任何|任一|任意|两|三|四|五|六|七|八|九|十|几|家|户|创业投资|小额贷款|财产保险|人身保险|勘察|乙方|甲方|承运|运营|生产|销售|贸易|服务|科技|电力|电网|通信|软件|新设|新|母|系统|企业|市属|县属|区属|属|市级|县级)*$"
)
_ALWAYS_LOCAL = ("本市", "我市")


def own_places(document: Document) -> tuple[str, ...]:
    """Names of the issuer's own locality, from the titles, the sign-off and the file number's heading."""
    found: dict[str, None] = {}
    for clause in document.clauses[:12]:
        words = clause.text.strip()[:80]
        first = next(filter(None, (_PLACE.match(words, place) for place in range(3))), None)
        if first:
            found[first.group(1)] = None
    return tuple(found)


_PRICE_CATALOGUE = pattern_of(r"定价目录")
_PRICE_PROCEDURE = pattern_of(r"听证|成本监审|成本调查")


def sets_prices_by_law(document: Document) -> bool:
    """The document names the pricing catalogue and the pricing procedure it followed. Source: Price Law arts. 18-23."""
    return bool(_PRICE_CATALOGUE.search(document.text) and _PRICE_PROCEDURE.search(document.text))


def named_firms(text: str) -> list[tuple[int, int]]:
    """Spans of firms called by a proper name, as against 保险公司, 其他公司, 项目公司."""
    found = []
    for end in _FIRM_END.finditer(text):
        begin = max(0, end.start() - 12)
        left = text[begin : end.start()]
        starts = [match.end() for match in _FIRM_START.finditer(left)]
        start = begin + (starts[-1] if starts else 0)
        core = text[start : end.start()]
        if len(core) >= 2 and not _GENERIC_FIRM.match(core):
            found.append((start, end.end()))
    return found
