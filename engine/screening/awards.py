"""Awards by measure alone: who meets it gets it, and nothing in the sentence says who may be meant.

对新评定为五星级的酒店,一次性奖励五十万元 names no operator, no place, no tax and no list: the score knows such
sentences from drafts that favour somebody, yet the words that favour are missing. A person is asked to look, nothing is
blocked. Called by `engine.screening` for what no rule matched.
"""

from __future__ import annotations

from engine.patterns import pattern_of

NOTE = "奖励条件客观，句中没有限定对象，降为提示"
_LONGEST = 260
_GIVEN = pattern_of(r"给予|奖励|补助|补贴|扶持|资助|奖补|贴息|兑现")
_AMOUNT = pattern_of(r"(?:\d|[一二三四五六七八九十百两]+)(?:万|元|%|个百分点|亿)|百分之|比例|倍")
_MEASURE = pattern_of(
    r"[认评]定|定为|评为|获评|获得|通过[^,]{0,16}(?:认证|评价|验收|认定)|达到?|增长|超过|上市|挂牌|新建|新增|首次|建成|列入|入选|创建|"
    r"投资|研发|参展|每(?:年|家|亩|吨|公斤|人|件|项|户|头|平方)|/(?:亩|人|吨)|以上|凡被"
)
_TIE = pattern_of(
    # place and tax
    r"税|贡献|财力|留[成存用]|薪|预算收入|注册|落户|迁|留在|本[市县区省地]|我[市县区省]|[市县区省]内|[市县区]属|当地|属地|辖|外[地省市县区来调]|"
    r"[市县区省]外(?!向)|引进|入驻|招商|入统|纳统|升规|规上|限上|规模以上|统计|法人|"
    # whose it is, and who says so
    r"国[有资企]|民[营办]|公办|外[资商]|内资|集体|个人独资|一事一议|一企一策|研究(?!开发|中心|院|与|平台)|会议|领导小组|推荐|择优|酌情|"
    r"另[定行]|确认|重点企业|链主|名单|名录|目录|库|公司|集团|实业|(?<!工)厂、|等[二两三四五六七八九十\d]?[家户]|会员|理事|协会|商会|社会服务机构|"
    # what is asked for in return
    r"销往|采购|购买|使用|选用|委托|选聘|原料|配套率|承诺|指定|合作(?!社)|战略|缴|社保|户籍|特定|优先|单独|关联|供应商|土地|出让|地价|用地|租|收费|"
    r"(?<!消)费(?!用)|乙方|甲方|书面|约定|"
    # who is left out
    r"不(?:得|予|适用|享受|列入|纳入|参加|再|办理)|[仅只]|除外|其他|其余|之前|以前|顺延|差别|来源|产地"
)


def is_open_award(words: str) -> bool:
    """The folded words grant a sum by a measure anybody can meet, and hold nothing that ties it to somebody."""
    if len(words) > _LONGEST or not (_GIVEN.search(words) and _AMOUNT.search(words) and _MEASURE.search(words)):
        return False
    return not _TIE.search(words)
