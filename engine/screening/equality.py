"""Words that treat alike or open to all: both sides under one measure, an equal of the named maker, a competition.

Naming both sides is not enough, and neither is a word of equality: 本市企业和外地企业适用同一标准 holds both in one
segment and nothing that parts them again. Called by `engine.screening.polarity`.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.patterns import pattern_of
from engine.screening.clearing import Clearing, segments, sentences

_EQUIVALENT = pattern_of(
    r"(?:品牌|厂家|生产[^,。;]{0,6}商|型号|商标|专利)[^。;]{0,60}(?:或者?|参照)[^。;,]{0,6}(?:相当于|同等|同档次)"
)
_NO_EQUAL = pattern_of(r"(?<!不得)仅|只(?:能|限|接受)|不(?:接受|予认可|得替|允许替)|必须(?:为|是|采用)")
_SAVE_FOR = pattern_of(
    r"除[^,。;]{0,16}(?:外地|市外|县外|区外|省外|外省|异地|外资|民营|私营|个体|非本)[^,。;]{0,10}(?:之外|以外|外),$"
)
"""除外地企业外,…均可: the equality that follows leaves somebody out."""
_EQUAL = pattern_of(
    r"(?:同级|同数|同条件|没有(?:差别|区别|不同)|无区别|口径一致|一并适用|同台|照常办理|同等|同样|同一|一致|相同|一视同仁|统一(?:标准|执行|"
    r"适用|尺度)|均等|平等|无差别|机会均等|一律平等|互认|均可|均(?:加|为|按|能|适用|享|得(?!到)|视|有效|计)|都可|都能|"
    r"同价|同标准|不作区别|全国通用|全国有效|皆可|均有权)"
)
_BOTH = pattern_of(
    r"(?:市内市外|县内县外|区内区外|省内省外|本地外地|内资外资)|"
    r"(?:任何|任一|任意|各类|所有|不同|各地|各种|全国|全部|国内外|内外资|县内外|市内外|省内外|区内外|境内外)|"
    r"(?:本|我|市|县|区|省|当|属)(?:地|市|县|区|省|内|外)?(?:的)?(?:[^,、和与]{0,8})(?:和|与|、|及|"
    r"或者?|同)(?:非本|外|市外|县外|区外|省外|其他|境外|进口)|(?:外地|市外|县外|区外|省外|其他|进口)[^,]{0,10}(?:和|"
    r"与|、|及|或者?|同)(?:本|我|市|县|区|省|当|国产)"
    r"|[与和同]其他(?:投标人|企业|经营者|供应商|主体|单位|申请人|商户)[^,]{0,4}(?:适用|享受|执行|按|同|一)"
    r"|(?:区|市|县|省|域|境|国)内(?:还是|和|与|、|或者?)(?:区|市|县|省|域|境|国)?外|本地还是外|属何地|哪个(?:县|"
    r"市|区|省|地)|何地|国有[^,]{0,8}(?:和|与|、)[^,]{0,4}(?:民营|非国有|外资)|个体工商户|合伙企业|中小企业和大企业"
)
_UNEQUAL = pattern_of(r"优先|照顾|除外|但|仅|只|倾斜|分别|折算|减半|不足|另|加收|高于|低于")
_HERE = r"(?:[本我当属](?:地|市|县|区|省|州|旗)|[市县区省域州旗]内|市域|县域|辖区|国内|境内|本土|[市县区省]属)"
_THERE = (
    r"(?:外[地省市县区埠州]|外来|[市县区省域州旗]外|异地|非[本我][地市县区省]?|其他(?:地区|省市?|市县?|县区?|地方)|"
    r"境外|国外|进口|省际)"
)
_PUBLIC = r"(?:国有|国资|公办|公立|[市县区]属|集体)"
_PRIVATE = r"(?:民营|民办|私营|外资|社会(?:办|资本)|非国有|非公|个体)"


def _joined(one: str, other: str) -> str:
    """The two sides in either order, joined within a few words."""
    link = r"[^,;:。]{0,12}?(?:和|与|及|、|或者?|还是|以及|同|跟|比)[^,;:。]{0,4}?"
    return f"{one}{link}{other}|{other}{link}{one}"


_SIDES = pattern_of(_joined(_HERE, _THERE) + "|" + _joined(_PUBLIC, _PRIVATE) + "|[市县区省域]{1,2}内外")
"""Both sides by name. With them plainer words of equality do than with 各类企业, who may all have to obey."""
_ALIKE = pattern_of(
    r"不(?:受|因)[^,]{0,12}影响|不影响|均|都|一并(?!处|取|清|报)|同样|一致|不(?:再|予)?(?:区分|区别)|不分|统一|平等|"
    r"一个标准|一把尺子|抽签|随机"
)


_COMPETED = pattern_of(
    r"(?:通过|以|采取|采用|实行|经|重新|组织|依法|另行|由|须|应当?)[^,]{0,16}?(?:公开)?"
    r"(?:招标|竞争|遴选|比选|拍卖|挂牌|竞争性磋商)[^,]{0,10}?(?:选择|确定|产生|选定|选聘|经营者|方式|程序)|公开选择"
)
_NARROWED = pattern_of(
    r"不|无须|无需|免|仅|只|才|限|本[市县区省]|优先|除外|邀请|抽签|摇号|名录|名单|库|国有|国资|属企业|一家|的$|后$"
)
"""What narrows the competition again, or only names it as a condition of something else (通过挂牌取得的,…)."""


def equivalents(words: str) -> Iterator[Clearing]:
    """引用品牌的，应当注明“或相当于”: whoever names a maker must take its equals too."""
    for start, end in sentences(words):
        if _EQUIVALENT.search(words[start:end]) and not _NO_EQUAL.search(words[start:end]):
            yield Clearing(start, end, "允许相当的品牌、型号")


def equalities(words: str) -> Iterator[Clearing]:
    """本地企业和外地企业适用同一标准: the segment names both sides and treats them alike."""
    for start, end in segments(words):
        segment = words[start:end]
        equal = _EQUAL.search(segment)
        if _SIDES.search(segment):
            equal = equal or _ALIKE.search(segment)
        elif not _BOTH.search(segment):
            continue
        if equal and not _UNEQUAL.search(segment) and not _SAVE_FOR.search(words[:start]):
            yield Clearing(start, end, f"“{equal.group()}”表明各方同等对待")


def competitions(words: str) -> Iterator[Clearing]:
    """特许经营者通过公开招标选择: the segment opens what it speaks of to whoever competes."""
    for start, end in segments(words):
        segment = words[start:end]
        if (opened := _COMPETED.search(segment)) and not _NARROWED.search(segment):
            yield Clearing(start, end, f"“{opened.group()}”是公开竞争的方式")
