"""Awards that anybody can earn are shown to a person; awards tied to somebody are not let off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.screening.awards import is_open_award

OPEN = (
    "对新评定为三星级、四星级、五星级的酒店,一次性分别给予20万元、50万元、100万元奖励。",
    "当年认定为省级首版次软件的产品,一次性奖励企业50万元。",
    "对新发展的五百亩以上中药材种植基地,一次性奖励每亩二百元。",
    "对当年自营出口额增长百分之十以上的企业,奖励五万元。",
)
TIES = (
    "纳税",
    "本市",
    "县内",
    "注册地",
    "落户",
    "国有企业",
    "民办",
    "一事一议",
    "名录",
    "外地",
    "会员单位",
    "会议确定",
    "仅限",
    "不享受",
)


@pytest.mark.parametrize("award", OPEN)
def test_a_measure_anybody_can_meet_is_an_open_award(award: str) -> None:
    assert is_open_award(award)


@given(st.sampled_from(OPEN), st.sampled_from(TIES), st.data())
def test_a_tie_anywhere_closes_it(award: str, tie: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(award)))
    closed = is_open_award(award[:place] + tie + award[place:])
    assert not closed


@pytest.mark.parametrize(
    "words",
    ["酒店应当自评星级。", "对酒店给予奖励。", "对高管按其上年度薪金形成的留用部分的80%给予奖励。", OPEN[0] * 8],
    ids=["no-award", "no-amount", "share-of-revenue", "too-long"],
)
def test_other_sentences_are_none(words: str) -> None:
    assert not is_open_award(words)
