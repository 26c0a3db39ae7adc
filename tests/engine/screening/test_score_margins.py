"""The learned score: what it says of a text depends on the text and the pack alone."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.screening.ngrams import CHUNK, LONGEST, bare, chunks
from engine.screening.score import SILENT, load_score
from engine.standards import load_standards

VIOLATION = "外地建筑企业未在本市设立分公司的,不得参加政府投资项目投标,评审时对本地企业加5分。"
LAWFUL = "招标人不得因外地建筑企业未在本市设立分公司而拒绝其投标,评审标准对各类企业一视同仁。"


def test_a_violation_scores_above_its_lawful_twin() -> None:
    bad, good = load_score().margins([VIOLATION, LAWFUL])
    assert bad > 0 > good


def test_the_text_alone_decides_not_its_neighbours() -> None:
    score = load_score()
    alone = score.margins([VIOLATION])
    crowd = score.margins([LAWFUL * 40, "", VIOLATION, "的" * (CHUNK + 5), VIOLATION])
    assert [crowd[2], crowd[4]] == alone * 2


def test_blank_texts_are_silent() -> None:
    assert load_score().margins(["", "  \n", "　"]) == [SILENT, SILENT, SILENT]


def test_no_texts_give_no_margins() -> None:
    assert load_score().margins([]) == []


def test_width_number_and_duty_units_do_not_matter() -> None:
    wide = VIOLATION.replace(",", "，").replace("5", "５")
    marked = f"（三）{VIOLATION[:-1]}。（责任单位：市住房城乡建设局；市发展改革委）"
    narrow, widened, numbered = load_score().margins([VIOLATION, wide, marked])
    assert widened == narrow
    assert numbered == narrow


def test_bare_keeps_what_is_ordered() -> None:
    assert bare("第十二条 供应商应当公平竞争。") == "供应商应当公平竞争。"
    assert bare("1.5倍计分") == "1.5倍计分"
    assert bare("责任单位不得指定品牌") == "责任单位不得指定品牌"


def test_items_are_ranked_without_repeats_and_as_many_as_asked() -> None:
    score = load_score()
    ranked = score.articles(VIOLATION, limit=5)
    assert len(set(ranked)) == 5
    assert score.articles(VIOLATION, limit=2) == ranked[:2]
    assert set(score.articles(VIOLATION, limit=1000)) == set(score.items.names)


def test_both_breaches_of_a_sentence_come_before_all_others() -> None:
    assert set(load_score().regulation(VIOLATION, limit=2)) == {"R9-2", "R9-3"}


def test_the_pack_knows_every_item_by_its_place_in_the_law() -> None:
    items = load_score().items
    assert items.parents == tuple(load_standards().item(name).parent for name in items.names)


def test_ngrams_never_cross_from_one_text_to_the_next() -> None:
    (pair,) = chunks(["甲乙", "丙丁戊"])
    inside = [int(mask.sum()) for _, mask in pair.ngrams()]
    assert inside == [5, 3, 1, 0][:LONGEST]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_gets_a_finite_margin_of_its_own(texts: list[str]) -> None:
    score = load_score()
    margins = score.margins(texts)
    assert margins == [score.margins([text])[0] for text in texts]
    assert all(math.isfinite(margin) for margin in margins)
