"""A case as it stood on an earlier day, and what the gate says of that day's file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from journey import Journey

from reviewers.desk import counter as desk
from reviewers.samples import Sample

FIRST = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def on_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets the clock of every command to the morning of the nth day; minutes go by with every look at it."""
    looks = iter(range(10**6))

    def set_to(day: int) -> None:
        monkeypatch.setattr(desk, "now", lambda: FIRST + timedelta(days=day, seconds=next(looks)))

    return set_to


def test_each_day_has_its_own_file_and_verdict(
    journey: Journey, samples: dict[str, Sample], on_day: Callable[[int], None]
) -> None:
    counter = journey.counter
    on_day(0)
    journey.submitted()
    on_day(1)
    journey.self_reviewed().signed().accepted().jointly_reviewed(samples["blocked"].expected).concluded("revise")
    on_day(2)
    journey.revised(samples["revised"])
    on_day(3)
    journey.self_reviewed().signed().accepted().jointly_reviewed(()).concluded("compliant")
    on_day(4)

    def then(day: int) -> dict[str, object]:
        ran = counter("replay", journey.case, "--as-of", f"2026-03-0{2 + day}", "--json")
        assert ran.code == 0, ran.err
        kinds = [record["kind"] for record in ran.json["records"]]
        told = {name: ran.json[name] for name in ("stage", "round", "version", "may_issue", "outcome")}
        return {**told, "versions": kinds.count("version"), "conclusions": kinds.count("conclusion")}

    def told(stage: str, version: int, conclusions: int, outcome: str | None = None) -> dict[str, object]:
        kept = {"stage": stage, "round": version, "version": version, "may_issue": bool(outcome), "outcome": outcome}
        return {**kept, "versions": version, "conclusions": conclusions}

    assert [then(day) for day in range(4)] == [
        told("self_check", 1, 0),
        told("revise", 1, 2),
        told("self_check", 2, 2),
        told("passed", 2, 4, "compliant"),
    ]
    now = counter.file(journey.case).case
    assert (now.stage, now.round) == ("passed", 2)
    gate = counter("gate", journey.case).json
    replayed = counter("replay", journey.case, "--as-of", "2026-03-06", "--json").json
    assert {name: replayed[name] for name in gate if name != "schema"} == {
        name: gate[name] for name in gate if name != "schema"
    }
    shown = counter("replay", journey.case, "--as-of", "2026-03-03").out
    assert ("2026-03-03 结束时：第1轮 第1稿" in shown, "不得出台" in shown) == (True, True)


def test_the_day_ends_at_midnight_in_china(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC)
    monkeypatch.setattr(desk, "now", lambda: late)
    journey.submitted()
    monkeypatch.setattr(desk, "now", lambda: late + timedelta(seconds=1))
    assert journey.counter("claim", journey.case, by=journey.people["reviewer"]).code == 0
    told = journey.counter("replay", journey.case, "--as-of", "2026-03-02", "--json").json
    assert [event["act"] for event in told["events"]] == ["submit"]
    told = journey.counter("replay", journey.case, "--as-of", "2026-03-03", "--json").json
    assert [event["act"] for event in told["events"]] == ["submit", "claim"]


def test_days_without_a_file_are_refused(journey: Journey, on_day: Callable[[int], None]) -> None:
    on_day(1)
    journey.submitted()
    counter, case = journey.counter, journey.case
    assert counter("replay", case, "--as-of", "2026-03-03").code == 0
    early = counter("replay", case, "--as-of", "2026-03-02")
    assert (early.code, "还没有报送" in early.err) == (4, True)
    late = counter("replay", case, "--as-of", "2026-03-04")
    assert (late.code, "还没有到" in late.err) == (2, True)
    assert counter("replay", "2026-9999", "--as-of", "2026-03-03").code == 4
    assert counter("replay", case, "--as-of", "三月").code == 2
