"""The arithmetic of a spot check: anyone gets the same pick, every case has the same chance."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from reviewers.supervision.sampling import Population, picks, score

CASES = st.lists(st.from_regex(r"20[0-9]{2}-[0-9]{4}", fullmatch=True), unique=True, min_size=1, max_size=30)


def test_the_score_is_what_the_guide_tells_people_to_compute() -> None:
    assert score("种子", "ab", "2026-0001") == sha256("种子|ab|2026-0001".encode()).hexdigest()


@given(CASES, st.text(min_size=1, max_size=20), st.integers(1, 40), st.randoms(use_true_random=False))
def test_a_pick_does_not_depend_on_the_order_of_the_cases(cases: list[str], seed: str, n: int, chance: object) -> None:
    shuffled = list(cases)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    found = picks(seed, Population(tuple(cases), "ab"), n)
    assert found == picks(seed, Population(tuple(shuffled), "ab"), n)
    assert len(found) == len(set(found)) == min(n, len(cases))
    assert set(found) <= set(cases)


@given(CASES, st.text(min_size=1, max_size=20), st.integers(1, 20))
def test_a_larger_pick_holds_the_smaller(cases: list[str], seed: str, n: int) -> None:
    population = Population(tuple(cases), "ab")
    assert picks(seed, population, n + 1)[: len(picks(seed, population, n))] == picks(seed, population, n)


def test_every_case_has_the_same_chance() -> None:
    population = Population(tuple(f"2026-{number:04d}" for number in range(1, 11)), "ab")
    drawn = Counter(case for seed in range(3000) for case in picks(str(seed), population, 2))
    spread = sum((drawn[case] - 600) ** 2 / 600 for case in population.cases)
    assert (sum(drawn.values()), spread < 27.88) == (6000, True), "chi-square, 9 degrees of freedom, 0.1%"


def test_another_beacon_picks_other_cases() -> None:
    cases = tuple(f"2026-{number:04d}" for number in range(1, 101))
    assert picks("种子", Population(cases, "ab"), 5) != picks("种子", Population(cases, "ac"), 5)
