"""Wording that claims the exception: a public-interest case together with an end that can be named.

Such a statement is not let go: it is pointed at, and the exception form is asked for. Called by `engine.screening`.
Source: Regulation art. 12, Measures arts. 25, 29.
"""

from __future__ import annotations

from engine.patterns import pattern_of

_CASE = pattern_of(
    r"应急响应|突发(?:事件|公共卫生)|灾害|救灾|抢险|疫情|防汛|抗旱|地震|国家安全|国防|封锁|重污染天气|预警期间|应急状态|紧急状态"
)
_END = pattern_of(
    r"至[^,。]{2,20}(?:止|之日|时止)|(?:终止|解除|结束|撤销)(?:之日|后)?(?:即|立即|自动|同时|时)[^,。]{0,6}(?:恢复|失效|停止|废止|止)"
    r"|(?:响应|预警|封锁|应急|状态|疫情)[^,。]{0,6}(?:终止|解除|结束)[^,。]{0,10}(?:恢复|失效|停止|即止|废止)|为(?:解除|终止)[^,。]{0,8}之日|期限(?:为|至)[^,。]{1,12}(?:日|天|月)"
)
_LASTING = pattern_of(
    r"继续(?:执行|有效|保留|限|沿用|作为)|长期有效|常态化|另行通知|(?:结束|终止|解除)后(?:两年|一年|仍|继续|三年)|未经"
)

CLAIM = "写有公共利益情形和终止条件，可能主张例外，降为提示"
ADVICE = "确需主张例外的，按《公平竞争审查条例》第十二条填写例外说明，写明情形、必要性、实施期限或者终止条件。"


def claims_exception(words: str) -> bool:
    """A case of the exception and an end stand in the words, and nothing says that the measure outlasts it."""
    return bool(_CASE.search(words) and _END.search(words)) and not _LASTING.search(words)
