"""Why a statement was reported or let go, in plain Chinese, from the trace alone.

The words that decided, what polarity made of them, the provision by name. Never a weight: a reviewer can check a word,
not a number. Called by `engine.screening`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from engine.model import Document, Level
from engine.screening.lexicon import Hit
from engine.screening.reading import Statement
from engine.screening.rules import Match
from engine.screening.verdict import Judgement
from engine.standards import Standards

LEAD = "导语"
HEADER = "表头"
"""How a line of the evidence begins that tells the stem or the column heads a statement was read under."""
_FULL_WIDTH = str.maketrans(",;:", "，；：")
_TOLD = {
    "LOCAL": "本地",
    "OUTSIDE": "外地",
    "OWNERSHIP": "所有制",
    "FORM": "组织形式",
    "SCALE": "规模条件",
    "FIRM": "具体单位",
    "LISTING": "名单或者库",
    "OUTLIST": "名单以外",
    "PREFER": "优先",
    "BARRED": "排除",
    "GATE": "前置条件",
    "APPROVAL": "同意或者证明",
    "BENEFIT": "优惠",
    "TAX": "税收",
    "CONTRIB": "地方贡献",
    "REFUND": "返还",
    "MOVEIN": "迁入",
    "STATS": "统计入库",
    "RELOCATE": "迁移",
    "BRANCH": "设点",
    "CONCESSION": "经营权",
    "CASEBYCASE": "一事一议",
    "WAIVE": "减免",
    "PRICE": "价格",
    "FIX": "定价",
    "PACT": "约定",
    "CHECK": "检查检验",
    "FEE": "收费",
    "PENALTY": "奖惩",
    "SCORE": "评分",
    "CREDIT": "信用评价",
}
_ADVICE = {
    "M9": "除法律、行政法规、国务院决定设定的许可外，不另设备案、登记、评估、证明等前置条件。",
    "M10": "通过招标、谈判等公平竞争方式选择经营者，期限和标准依法确定、事先公开。",
    "M11": "删去对特定单位、名录或者所有制、注册地的限定，由使用者自主选择或者通过公开竞争产生。",
    "M12": "条件与实际需要相适应，对各类经营主体一致适用。",
    "M13": "删去阻碍商品、要素进出和企业迁移的内容。",
    "M14": "是否在本地投资、设点由企业自主决定，不作为办理业务的条件。",
    "M15": "采购招标面向各地供应商，业绩、社保、纳税、注册地不设地域条件和加分。",
    "M16": "收费、价格、补贴不因来源地不同而不同。",
    "M17": "资质、标准、检查频次对本地外地一致适用。",
    "M18": "税收的减免依照法律、行政法规和国务院规定执行，删去本级优惠。",
    "M19": "奖补写明客观、公开、非排他的条件，与注册地、税收、统计关系脱钩。",
    "M20": "要素供应和规费按公开、统一的规则执行，没有依据的减免删去。",
    "M21": "删去组织企业协调价格、产量、区域或者交换敏感信息的内容。",
    "M22": "政府定价按权限和目录执行，目录外的由市场形成。",
    "M23": "市场调节价由经营者自主确定，不发布建议价、不限定费率和折扣。",
}
_BIDDING_ADVICE = "由招标人依法自主确定，不设地域、所有制、产地等与履约无关的条件。"


def why(judged: Judgement, level: Level, articles: Sequence[str], standards: Standards) -> str:
    """What decided, and the provisions it touches."""
    cited = "、".join(standards.citation(item) for item in articles[:2] if item in standards.items)
    match = main_match(judged, articles)
    if match is not None:
        reason = filled(match, judged.said.text)
    else:
        words = told(judged.hits, judged)
        seen = f"该句同时出现{words}，" if words else "该句"
        reason = f"{seen}与已知的排除、限制竞争写法相近"
    tail = "。" if match is not None and level is Level.BLOCK else "；请结合上下文核对。"
    return f"{reason.translate(_FULL_WIDTH)}，涉嫌触碰{cited}{tail}"


def read_with(said: Statement, document: Document) -> str:
    """That a sentence is read with the items it refers to, both in the document's own words; nothing otherwise."""
    if not said.referred:
        return ""
    items = "".join(f"“{document.text[start:end].strip()}”" for start, end in said.referred)
    return f"“{document.text[said.start : said.end]}”与所引的{items}合起来读，"


def main_match(judged: Judgement, articles: Sequence[str]) -> Match | None:
    """The match whose rule stands for the item cited first; failing that, for any item cited; else none of note."""
    for item in articles:
        for match in judged.matches:
            if match.rule.cites[0] == item:
                return match
    return next((match for match in judged.matches if set(match.rule.cites) & set(articles)), None)


def filled(match: Match, text: str) -> str:
    """The rule's reason with the words found in it; places without a word are left out."""
    words: dict[str, str] = {}
    for hit in match.chain:
        words.setdefault(hit.name.rpartition(":")[2], text[hit.start : hit.end])
    reason = re.sub(r"\{(\w+)\}", lambda place: words.get(place.group(1), ""), match.rule.because)
    return reason.replace("“”", "").replace("()", "").replace("（）", "")


def told(hits: Iterable[Hit], judged: Judgement) -> str:
    """Up to three kinds of words that stand as orders, each with one word quoted."""
    found: dict[str, str] = {}
    for hit in hits:
        if hit.name in _TOLD and judged.polarity.asserts(hit.start, hit.end):
            word = judged.said.text[hit.start : hit.end]
            if len(word) > max(1, len(found.get(_TOLD[hit.name], ""))):
                found[_TOLD[hit.name]] = word
    return "、".join(f"{kind}“{word}”" for kind, word in list(found.items())[:3])


def advice(judged: Judgement, articles: Sequence[str]) -> str:
    """What would be lawful instead."""
    match = main_match(judged, articles)
    if match is not None:
        return match.rule.advice.translate(_FULL_WIDTH) + "。"
    lines = (_ADVICE.get(item.partition("-")[0]) for item in articles)
    return next((line for line in lines if line), _BIDDING_ADVICE).translate(_FULL_WIDTH)


def evidence(judged: Judgement) -> tuple[str, ...]:
    """The trace: rules and their words, what polarity let go, what was done to the text before reading."""
    said = judged.said
    lines = [
        f"规则 {match.rule.id}：" + " + ".join(f"“{said.text[hit.start : hit.end]}”" for hit in match.chain)
        for match in judged.matches[:3]
    ]
    lines += [f"未计入“{said.text[gone.start : gone.end][:40]}”：{gone.reason}" for gone in judged.polarity.cleared[:3]]
    if said.referred:
        lines.append(f"连同所引条文读作“{said.text}”")
    if said.leads:
        lines.append(f"{LEAD}“{said.lead[-60:]}”")
    if said.header:
        lines.append(f"{HEADER}“{said.header[:60]}”")
    if not judged.matches:
        lines.append("由评分提示，没有规则命中，候选条款仅供参考")
    return tuple(lines)
