"""What is done for many at once gives what is done for each alone: folding, cutting, ranking."""

from __future__ import annotations

import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.documents import fold
from engine.screening.pieces import _SENTENCE, _SHORT_SENTENCE, MAX_STATEMENT
from engine.screening.score import load_score

SIGNS = st.text(alphabet="甲乙丙“”《》()。!?\n,; a1", max_size=MAX_STATEMENT)
CLAUSES = (
    "本市企业中标的给予奖励,外地企业不享受。",
    "",
    "采购项目优先选用本地产品,并要求供应商在本市设立分公司。",
    "各部门应当公平对待各类经营主体。",
)


def test_a_long_text_folds_as_its_characters_do() -> None:
    points = [*range(0xD800), *range(0xE000, 0x30000), *range(0xE0000, 0xE0200), sys.maxunicode, 0xD800]
    text = "".join(map(chr, points))
    assert np.__name__ in sys.modules
    assert fold(text) == "".join(fold(character) for character in text)


@given(SIGNS)
def test_short_words_are_cut_into_the_same_sentences_without_the_limit(words: str) -> None:
    limited = [found.span() for found in _SENTENCE.finditer(words)]
    assert [found.span() for found in _SHORT_SENTENCE.finditer(words)] == limited


def test_ranked_together_as_each_alone() -> None:
    score = load_score()
    alone = [score.articles(clause, 6) for clause in CLAUSES]
    assert score.rankings(CLAUSES, 6) == alone
    assert len(set(alone)) > 1
