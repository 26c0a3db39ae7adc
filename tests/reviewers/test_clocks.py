"""Clocks reckoned from events: what a stop and an extension may do to a due day, and that the sums come out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Pause, add_working_days, load_calendar
from engine.calendar.zone import LOCAL_ZONE
from engine.errors import StandardsError
from engine.process import load_bundle
from reviewers.clocks import moments_of, running_clock, stays_of
from reviewers.reckoning import Running, days_before, reckon
from reviewers.roster import load_profile, shipped_profile
from reviewers.timing import Rule, rules_of

CALENDAR = load_calendar()
PRACTICE = load_profile(shipped_profile("qingyang")).practice
MONDAY = date(2026, 3, 2)


@cache
def rules() -> dict[str, Rule]:
    return rules_of(load_bundle(), PRACTICE)


def event(act: str, day: int, was: str, now: str, **facts: Any) -> dict[str, Any]:
    """An event so many days after the Monday."""
    at = datetime.combine(MONDAY + timedelta(days=day), datetime.min.time(), LOCAL_ZONE) + timedelta(hours=10)
    return {"act": act, "at": at.isoformat(), "facts": {"stage_from": was, "stage_to": now, **facts}}


def accepted(day: int = 0, number: int = 1) -> list[dict[str, Any]]:
    return [
        event("sign", day, "sign_off", "accept", round=number),
        event("accept", day, "accept", "co_review", round=number),
    ]


def noted(act: str, day: int, element: str = "co_review", number: int = 1, **facts: Any) -> dict[str, Any]:
    return event(act, day, element, element, element=element, round=number, **facts)


def clock(element: str, events: list[dict[str, Any]]) -> Running:
    running = running_clock(element, moments_of(events), rules())
    assert running is not None
    return running


days_from_start = st.integers(0, 400)
pauses = st.lists(st.tuples(days_from_start, st.integers(0, 40)), max_size=6)
starts = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@st.composite
def evaluations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Evaluations one after another during a joint review accepted on the Monday; the last may still go on."""
    moments = sorted(draw(st.lists(st.integers(0, 60), max_size=7)))
    return [noted("suspend" if number % 2 == 0 else "resume", day) for number, day in enumerate(moments)]


@given(evaluations())
def test_a_stop_never_shortens_the_period(stops: list[dict[str, Any]]) -> None:
    plain = reckon(clock("co_review", accepted()), CALENDAR, MONDAY)
    stopped = reckon(clock("co_review", [*accepted(), *stops]), CALENDAR, MONDAY + timedelta(days=90))
    assert plain.due_on is not None
    assert stopped.due_on is None or stopped.due_on >= plain.due_on


@given(evaluations(), st.integers(1, 10), st.integers(0, 60))
def test_an_extension_gives_exactly_so_many_days_more(stops: list[dict[str, Any]], extra: int, granted: int) -> None:
    plain = clock("co_review", [*accepted(), *stops])
    grant = noted("extend", granted, days=extra, reason="复杂")
    extended = clock("co_review", [*accepted(), *sorted([*stops, grant], key=lambda each: each["at"])])
    assert (extended.days, extended.extension, extended.pauses) == (plain.days, extra, plain.pauses)
    longer = replace(plain, days=plain.days + extra)
    assert reckon(extended, CALENDAR, MONDAY).due_on == reckon(longer, CALENDAR, MONDAY).due_on


@given(starts, st.integers(1, 60), st.integers(0, 10), pauses)
def test_every_day_is_counted_once(start: date, days: int, extra: int, stops: list[tuple[int, int]]) -> None:
    inside = (Pause(start + timedelta(days=first), "x", start + timedelta(days=first + long)) for first, long in stops)
    running = Running(rules()["co_review"], start, days, tuple(inside), extra, "复杂" if extra else "")
    reckoned = reckon(running, CALENDAR, start)
    counts = reckoned.counts
    assert reckoned.due_on is not None
    assert counts.calendar == (reckoned.due_on - start).days
    assert counts.calendar == counts.worked + counts.weekend + counts.holiday + counts.stopped
    assert counts.worked == days + extra
    assert counts.make_up <= counts.worked


@given(starts, st.integers(1, 40), st.data())
def test_going_back_is_going_forth_the_other_way(start: date, days: int, data: st.DataObject) -> None:
    back = data.draw(st.integers(0, days - 1))
    due_on = add_working_days(start, days, CALENDAR).due_on
    assert days_before(due_on, back, CALENDAR) == add_working_days(start, days - back, CALENDAR).due_on


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 30)), min_size=1, max_size=12))
def test_stays_follow_each_other_without_gap(visits: list[tuple[str, int]]) -> None:
    stages = ["", *(stage for stage, _ in visits)]
    events = [event("x", day, was, now) for (now, day), was in zip(visits, stages, strict=False)]
    stays = stays_of(moments_of(events))
    assert [stay.stage for stay in stays] == [now for now, was in zip(stages[1:], stages, strict=False) if now != was]
    assert [stay.to_on for stay in stays] == [*(stay.from_on for stay in stays[1:]), None]
    assert all(stay.to_on is None or stay.from_on <= stay.to_on for stay in stays)


def test_a_clock_goes_on_after_each_correction() -> None:
    events = [
        event("sign", 0, "sign_off", "accept", round=1),
        event("correct", 1, "accept", "correct_materials", round=1, due_on="2026-03-06"),
        event("supply", 3, "correct_materials", "accept", round=1),
        event("correct", 4, "accept", "correct_materials", round=1, due_on="2026-03-11"),
        event("supply", 7, "correct_materials", "accept", round=1),
    ]
    running = clock("accept", events)
    assert running.started_on == MONDAY
    stops = [(pause.from_on - MONDAY, (pause.to_on or MONDAY) - MONDAY) for pause in running.pauses]
    assert stops == [(timedelta(1), timedelta(3)), (timedelta(4), timedelta(7))]
    assert reckon(running, CALENDAR, MONDAY).due_on == MONDAY + timedelta(days=9)


def test_a_review_sent_back_starts_anew_with_the_evaluation_still_standing() -> None:
    events = [
        *accepted(),
        noted("suspend", 2),
        event("joint_review", 3, "co_review", "conclude", round=1),
        event("redo", 8, "conclude", "co_review", round=1),
    ]
    running = clock("co_review", events)
    assert (running.started_on, running.pauses) == (
        MONDAY + timedelta(days=8),
        (Pause(MONDAY + timedelta(days=2), "第三方评估"),),
    )
    assert reckon(running, CALENDAR, MONDAY + timedelta(days=20)).due_on is None


def test_the_evaluation_and_the_extension_of_one_round_are_not_those_of_the_next() -> None:
    events = [
        *accepted(),
        noted("suspend", 2),
        noted("extend", 2, days=5, reason="复杂"),
        event("conclude", 4, "conclude", "revise", round=1),
        event("revise", 8, "revise", "self_check", round=2),
        *accepted(10, number=2),
    ]
    running = clock("co_review", events)
    assert (running.started_on, running.pauses, running.extension) == (MONDAY + timedelta(days=10), (), 0)


def test_pauses_that_overlap_are_one() -> None:
    events = [
        event("sign", 0, "sign_off", "accept", round=1),
        noted("suspend", 2, "accept"),
        event("correct", 4, "accept", "correct_materials", round=1, due_on="2026-03-11"),
        event("supply", 9, "correct_materials", "accept", round=1),
        noted("resume", 11, "accept"),
    ]
    running = clock("accept", events)
    assert running.pauses == (Pause(MONDAY + timedelta(days=2), "第三方评估、补正材料", MONDAY + timedelta(days=11)),)


def test_an_evaluation_of_the_drafting_unit_ends_with_its_own_review() -> None:
    events = [
        event("submit", 0, "", "self_check", round=1),
        noted("suspend", 1, "self_check"),
        event("self_review", 3, "self_check", "sign_off", round=1),
    ]
    assert clock("sign_off", events).pauses == (Pause(MONDAY + timedelta(days=1), "第三方评估"),)
    events.append(event("sign", 4, "sign_off", "accept", round=1))
    assert clock("accept", events).pauses == ()


def test_the_days_in_force_at_the_start_count_to_the_end() -> None:
    began = event("accept", 0, "accept", "co_review", round=1, days=7)
    assert clock("co_review", [began]).days == 7
    assert rules()["co_review"].days == 10


def test_there_is_no_clock_where_the_case_does_not_wait() -> None:
    assert running_clock("conclude", moments_of(accepted()), rules()) is None
    assert running_clock("co_review", (), rules()) is None
    assert running_clock("co_review", moments_of(accepted()), {}) is None


def test_a_day_never_goes_back_within_a_case() -> None:
    moments = moments_of([event("x", 5, "", "a"), event("y", 4, "a", "b")])
    assert [moment.on for moment in moments] == [MONDAY + timedelta(days=5)] * 2


@pytest.mark.parametrize(
    ("raw", "saying"),
    [
        (b"[accept", "TOML"),
        (b"[accept]\nremind = 1\n", "accept"),
        (b'[accept]\nremind = 1\nescalate = "boss"\non_overdue = "warn"\nclock = "run"\n', "boss"),
        (b"accept = 3\n", "accept"),
    ],
    ids=["not toml", "missing key", "unknown role", "not a table"],
)
def test_broken_deadline_rules_are_named(raw: bytes, saying: str) -> None:
    bundle = load_bundle()
    broken = replace(bundle, files={**bundle.files, "deadlines.toml": raw})
    with pytest.raises(StandardsError, match=saying):
        rules_of(broken, PRACTICE)
