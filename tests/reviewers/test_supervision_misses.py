"""Stage misses and strikes over made-up rounds; the Wilson interval against published values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.supervision.misses import Round, rates, strikes, wilson

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def a_round(number: int, unit: str = "jtj", blocked: bool = True, clean: bool = True, missed: str = "") -> Round:
    items = frozenset({"M15-1", "M15-3", "M16-1"})
    gone = frozenset(missed.split())
    return Round(f"2026-{number:04d}", unit, 1, NOON + timedelta(days=number), clean, blocked, items, gone)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 100, 0.0018, 0.0545), (0, 0, 0.0, 1.0)],
)
def test_wilson_gives_the_textbook_interval(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share_and_narrows_with_the_count(counted: tuple[int, int]) -> None:
    hits, of = counted
    low, high = wilson(hits, of)
    assert 0.0 <= low <= hits / of + 1e-12
    assert hits / of - 1e-12 <= high <= 1.0
    wider = wilson(hits * 2, of * 2)
    assert wider[1] - wider[0] < high - low


def test_two_in_a_row_are_listed_and_a_pass_between_clears_them() -> None:
    one, two, three = (a_round(number) for number in (1, 2, 3))
    assert strikes([one]) == ()
    (strike,) = strikes([two, one])
    assert (strike.unit, strike.in_a_row, strike.rounds) == ("jtj", 2, (one, two))
    assert strikes([one, a_round(2, blocked=False), three]) == ()
    assert strikes([one, a_round(2, clean=False), three]) == ()
    assert [s.in_a_row for s in strikes([one, two, three])] == [3]
    assert strikes([one, a_round(2, unit="fgw")]) == ()


def test_a_miss_is_counted_by_unit_and_item_with_its_cases() -> None:
    found = rates([a_round(1, missed="M15-3"), a_round(2, missed="M15-3 M16-1"), a_round(3, unit="fgw")])
    assert [(r.unit, r.item, r.missed, r.compared, r.cases) for r in found] == [
        ("fgw", "", 0, 3, ()),
        ("jtj", "", 3, 6, ("2026-0001", "2026-0002")),
        ("jtj", "M15-3", 2, 2, ("2026-0001", "2026-0002")),
        ("jtj", "M16-1", 1, 2, ("2026-0002",)),
    ]
    assert all((r.low, r.high) == wilson(r.missed, r.compared) for r in found)
