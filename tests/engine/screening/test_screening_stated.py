"""Sentences that state what is are let go; a word that orders brings them back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.screening.stated import states

STATED = (
    "截至九月底,全县现有供热企业十一家,其中国有四家、民营七家。",
    "五年间,长河食品、巨匠铸造等企业成长为省级专精特新企业,县内配套企业达到380家。",
    "2025年以来,外地投资企业新登记132户,增长8.9%。",
    "上半年新增本地配套企业二十家,本地配套率提高到百分之三十八。",
)


@pytest.mark.parametrize("words", STATED)
def test_results_and_inventories_are_statements(words: str) -> None:
    assert states(words)


@given(
    st.sampled_from(STATED),
    st.sampled_from(("应当", "优先", "给予", "由县城投公司承担", "仅限", "加5分", "委托", "不再")),
)
def test_a_word_that_orders_makes_an_order(words: str, order: str) -> None:
    assert not states(words.replace(",", f",{order}", 1))


@pytest.mark.parametrize(
    "words",
    ["供热企业有国有和民营。", "截至九月底提交材料。", "县城供热由长河公司独家经营。", STATED[0] * 9],
    ids=["no-time", "no-result", "order", "too-long"],
)
def test_other_sentences_are_none(words: str) -> None:
    assert not states(words)
