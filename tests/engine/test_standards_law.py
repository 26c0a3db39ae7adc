"""Questions put to the packaged law as a whole: is everything there, cited, dated and worded in both languages?"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import FrozenInstanceError
from datetime import date, timedelta

import pytest

from engine.errors import StandardsError
from engine.model import BasisRank
from engine.standards import ExceptionMode, Group, Provision, Series, Severity, Verified, load_standards, place

LAW = load_standards()
ITEMS = list(LAW.items.values())
PER_ARTICLE = {
    "R": {8: 5, 9: 6, 10: 4, 11: 4},
    "M": dict(zip(range(9, 25), [6, 4, 5, 4, 4, 4, 7, 4, 4, 4, 5, 4, 4, 4, 3, 1], strict=True)),
    "B": dict(zip(range(5, 12), [11, 6, 6, 5, 5, 5, 6], strict=True)),
}


def of(series: Series) -> list[str]:
    return [item.id for item in ITEMS if item.series is series]


def test_every_list_is_complete() -> None:
    assert Counter(item.series for item in ITEMS) == {
        Series.REGULATION: 19,
        Series.MEASURES: 67,
        Series.BIDDING: 44,
        Series.PROCEDURE: 20,
    }


@pytest.mark.parametrize("series", ["R", "M", "B"])
def test_every_article_has_its_items_in_order(series: str) -> None:
    expected = [
        f"{series}{article}-{item}" if (series, article) != ("M", 24) else "M24"
        for article, items in PER_ARTICLE[series].items()
        for item in range(1, items + 1)
    ]
    assert of(Series(series)) == expected


def test_the_four_groups_of_the_measures_have_their_official_sizes() -> None:
    assert Counter(item.group for item in ITEMS if item.series is Series.MEASURES) == {
        Group.MARKET_ENTRY_EXIT: 19,
        Group.FREE_FLOW: 23,
        Group.OPERATING_COST: 13,
        Group.OPERATING_CONDUCT: 11,
        Group.ALL_GROUPS: 1,
    }


def test_procedure_gates_run_from_1_to_20() -> None:
    assert of(Series.PROCEDURE) == [f"P-{number:02}" for number in range(1, 21)]


def test_measures_and_bidding_items_hang_under_the_regulation() -> None:
    parents = {item.id: LAW.parent_of(item.id) for item in ITEMS if item.series in "MB" and item.id != "M24"}
    assert all(parent is not None and parent.series is Series.REGULATION for parent in parents.values())


def test_a_measures_item_is_in_the_group_of_its_parent() -> None:
    strays = [i.id for i in ITEMS if i.series is Series.MEASURES and i.parent and LAW.item(i.parent).group != i.group]
    assert strays == []


def test_every_regulation_item_but_the_catch_alls_is_spelt_out_by_measures() -> None:
    spelt_out = {i.parent for i in ITEMS if i.series is Series.MEASURES and i.parent}
    assert set(of(Series.REGULATION)) - spelt_out == set(LAW.item("M24").related)


@pytest.mark.parametrize(
    ("item", "parent"), [("M9-1", "R8-1"), ("M15-3", "R9-3"), ("M20-4", "R10-3"), ("M23-2", "R11-3"), ("B6-2", "R9-3")]
)
def test_parents_follow_the_law(item: str, parent: str) -> None:
    assert LAW.item(item).parent == parent
    assert item in [child.id for child in LAW.children(parent)]


def test_limits_on_the_tenderers_own_choice_are_other_effects_on_conduct() -> None:
    assert {LAW.item(item).parent for item in ("B5-2", "B5-3", "B8-1", "B8-4", "B11-1", "B11-5")} == {"R11-4"}


def test_related_items_exist() -> None:
    assert [(i.id, other) for i in ITEMS for other in i.related if other not in LAW.items] == []


def test_only_the_cost_group_has_a_basis_switch_and_all_of_it() -> None:
    cost = {i.id for i in ITEMS if i.group is Group.OPERATING_COST}
    assert {i.id for i in ITEMS if i.basis_switch} == cost


def test_catch_alls_close_every_article() -> None:
    last = [f"{s}{a}-{n}" for s in "RMB" for a, n in PER_ARTICLE[s].items() if (s, a) != ("M", 24)]
    listed = {i.id for i in ITEMS if i.severity is Severity.CATCH_ALL}
    assert listed == {*last, "M24"}


def test_exception_modes_are_those_of_the_dossier() -> None:
    modes = Counter(i.exception_mode for i in ITEMS if i.series is Series.MEASURES)
    assert modes == {ExceptionMode.LIMITED: 27, ExceptionMode.ALLOWED: 40}
    assert {i.exception_mode for i in ITEMS if i.series is Series.PROCEDURE} == {ExceptionMode.NONE}


def test_every_item_says_something_of_its_own_in_both_languages() -> None:
    assert len({item.text for item in ITEMS}) == len(ITEMS)
    assert all(re.search("[\u4e00-\u9fff]", item.text) for item in ITEMS)
    assert not any(re.search("[\u4e00-\u9fff]", item.text_en) for item in ITEMS)


def test_every_provision_is_in_a_registered_instrument_and_within_its_articles() -> None:
    beyond = [
        (item.id, provision)
        for item in ITEMS
        for provision in item.provisions
        if provision.article > (LAW.instruments[provision.instrument].articles or 10_000)
    ]
    assert beyond == []


def test_every_citation_is_written_out() -> None:
    one = "第[一二三四五六七八九十百]+条(?:第.款)?(?:第（[一二三四五六七八九十]+）项)?"
    written = re.compile(f"《[^》]+》{one}(?:、(?:《[^》]+》)?{one})*")
    assert [i.id for i in ITEMS if not written.fullmatch(LAW.citation(i.id))] == []


@pytest.mark.parametrize(
    ("item", "citation"),
    [
        ("R9-3", "《公平竞争审查条例》第九条第（三）项"),
        ("M15-3", "《公平竞争审查条例实施办法》第十五条第（三）项"),
        ("M20-1", "《公平竞争审查条例实施办法》第二十条第（一）项"),
        ("M24", "《公平竞争审查条例实施办法》第二十四条"),
        ("B5-11", "《招标投标领域公平竞争审查规则》第五条第（十一）项"),
        ("P-04", "《公平竞争审查条例》第十六条、《公平竞争审查条例实施办法》第二十八条、第三十一条第二款"),
    ],
)
def test_citations_read_as_a_paper_would_write_them(item: str, citation: str) -> None:
    assert LAW.citation(item) == citation


@pytest.mark.parametrize(
    ("article", "written"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (99, "九十九"),
        (101, "一百零一"),
        (110, "一百一十"),
        (203, "二百零三"),
        (1000, "一千"),
        (1002, "一千零二"),
        (1260, "一千二百六十"),
    ],
)
def test_article_numerals(article: int, written: str) -> None:
    assert place(Provision("civil_code", article)) == f"第{written}条"


def test_dates_are_in_order() -> None:
    laws = LAW.instruments.values()
    assert all(law.promulgated_on <= law.effective_from <= law.checked_on for law in laws)
    assert all(
        item.valid_from >= min(LAW.instruments[p.instrument].effective_from for p in item.provisions) for item in ITEMS
    )


def test_the_core_instruments_are_registered_with_their_dates() -> None:
    days = {name: (law.promulgated_on, law.effective_from, law.rank) for name, law in LAW.instruments.items()}
    assert days["regulation_783"] == (date(2024, 6, 6), date(2024, 8, 1), BasisRank.ADMINISTRATIVE_REGULATION)
    assert days["measures_99"] == (date(2025, 2, 28), date(2025, 4, 20), BasisRank.RULE)
    assert days["bidding_rules_16"] == (date(2024, 3, 25), date(2024, 5, 1), BasisRank.RULE)
    assert days["anti_monopoly_law"][2] is BasisRank.LAW


def test_only_texts_read_whole_claim_to_be_fully_verified() -> None:
    full = {name for name, law in LAW.instruments.items() if law.verified is Verified.FULL}
    assert full == {"regulation_783", "bidding_rules_16"}


@pytest.mark.parametrize(
    ("on", "counts"),
    [
        (date(2024, 4, 30), {}),
        (date(2024, 7, 31), {"B": 44}),
        (date(2024, 8, 1), {"R": 19, "B": 44}),
        (date(2025, 4, 19), {"R": 19, "B": 44}),
        (date(2025, 4, 20), {"R": 19, "M": 67, "B": 44}),
        (date(2026, 11, 23), {"R": 19, "M": 67, "B": 44}),
    ],
)
def test_what_was_in_force_on_a_day(on: date, counts: dict[str, int]) -> None:
    series = Counter(i.series.value for i in LAW.in_force(on).items.values() if i.series is not Series.PROCEDURE)
    assert series == counts


def test_in_force_cites_only_what_applied_that_day() -> None:
    before = LAW.in_force(date(2025, 4, 19))
    assert before.citation("P-09") == "《公平竞争审查条例》第十二条、第十七条"
    assert "measures_99" not in before.instruments
    assert before.digest == LAW.digest


def test_a_parent_not_yet_in_force_is_no_parent() -> None:
    assert LAW.in_force(date(2024, 7, 31)).parent_of("B6-2") is None


def test_an_instrument_ends_the_day_before_its_repeal() -> None:
    from dataclasses import replace

    law = replace(LAW.instruments["regulation_783"], repealed_on=date(2030, 1, 1))
    assert law.applies(date(2030, 1, 1) - timedelta(days=1))
    assert not law.applies(date(2030, 1, 1))


def test_an_unknown_item_is_refused_with_its_neighbours() -> None:
    assert LAW.item("M15-3").id == "M15-3"
    with pytest.raises(StandardsError, match=r"“m15-33”.*M15-3"):
        LAW.item("m15-33")


def test_the_law_cannot_be_changed_by_a_reader() -> None:
    with pytest.raises(FrozenInstanceError):
        LAW.item("M15-3").severity = Severity.CATCH_ALL  # type: ignore[misc]
    with pytest.raises(TypeError):
        LAW.items["M15-3"] = LAW.item("M15-4")  # type: ignore[index]


def test_the_packaged_law_is_read_once() -> None:
    assert load_standards() is LAW
