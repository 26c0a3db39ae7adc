"""Who is bound by an operator (不得、应当): an authority, or an operator of business.

The same words protect competition when an authority is forbidden to exclude, and restrict it when a firm is
forbidden to leave. `engine.screening.polarity` asks this module before it lets any prohibition clear anything.
"""

from __future__ import annotations

import re
from enum import StrEnum

from engine.patterns import pattern_of

_AUTHORITY = pattern_of(
    r"政府|部门|机关|[市县区省州镇旗街路政改税管建教卫民财商科法信水农林]局|委员会|[市县区]委|管委|办公室|[招治督]办|中心|街道|乡镇|镇街|各镇|园区|"
    r"招标人|采购人|采购单位|招标代理|代理机构|委托人|建设单位|业主|协会|商会|学会|行业组织|平台(?:企业|公司)|交易平台|电网|供[电水气热]企业|"
    r"公用企业|专营单位|专业经营单位|物业|银行|金融机构|学校|医院|医疗机构|登记机关|窗口|甲方|评标|评审|监管|执法|工作人员|干部|各级|各地|各[县区市镇]|"
    r"任何(?:单位|部门|组织|地区|个人)|各(?:单位|部门|乡|街|有关|相关|支队|所|分局|科室|招商)|国资|出资人|征收机关|税务|财政|起草单位|牵头单位|"
    r"行政机关|事业单位|基层|主管单位|监督|实施机构|组织单位|主办(?:方|单位)|村|社区|政策|文件|措施|协议|合同|标准|规定|目录|清单|名录|补贴|资金|奖励|补助|公告|条款"
)
_OPERATOR = pattern_of(
    r"企业|公司|乙方|投标人|投标单位|供应商|经营者|商户|商家|会员|经营主体|市场主体|申报(?:单位|主体|人)|承包(?:人|商|单位)|中标|项目公司|厂商|经销商|"
    r"门店|驾校|网点|加油站|搅拌站|养殖|经营户|农户|合作社|被许可人|受让人|竞得人|施工单位|承运|车辆|货车|机构|受益人|领取|享受|运营商|业户|摊主|旅行社|药店|"
    r"从业人员|单位和个人|他人|产品|商品|货物|货"
)
_QUASI_AUTHORITY = pattern_of(
    r"(?:公用|供[电水气热]|燃气|电网|国有平台|平台|物业(?:服务)?|物业管理|运营|代理|专业经营|管网|通信)(?:企业|公司|机构|单位)|交易平台|登记机关|代理机构|招标代理|"
    r"行政机关|金融机构|出资企业|国有企业|国企|特许经营者|评标委员会|学校|医疗机构|监管(?:机构|单位)|经办机构|公证机构|平台经营者|登记机构"
)


class Addressee(StrEnum):
    """Who is bound."""

    AUTHORITY = "authority"
    OPERATOR = "operator"
    UNKNOWN = "unknown"


def bound_party(words: str) -> Addressee:
    """Who the words before an operator name last: the grammatical subject stands nearest to its operator."""
    body = re.sub(
        r"(?:对|向|为|给|与|和同|要求|允许)[^,]{0,14}(?:企业|公司|机构|经营者|供应商|投标人|单位)(?=$|,)", "", words
    )
    quasi = max((found.end() for found in _QUASI_AUTHORITY.finditer(body)), default=-1)
    authority = max(quasi, max((found.end() for found in _AUTHORITY.finditer(body)), default=-1))
    operator = max((found.end() for found in _OPERATOR.finditer(body)), default=-1)
    if authority < 0 and operator < 0:
        return Addressee.UNKNOWN
    return Addressee.AUTHORITY if authority >= operator else Addressee.OPERATOR
