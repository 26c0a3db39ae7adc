"""The simulated year: the same plan gives the same numbers, every case comes to an end, more people make less queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.model import Role
from reviewers.simulation import Plan, Rates, Result, Staff, simulate

SMALL = Plan(cases=10, seed=7, days=40)


def played(plan: Plan, room: Path) -> Result:
    room.mkdir()
    return simulate(plan, room)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return simulate(SMALL, tmp_path_factory.mktemp("small"))


def test_the_same_plan_gives_the_same_result(small: Result, tmp_path: Path) -> None:
    assert simulate(SMALL, tmp_path) == small


def test_every_case_ends_and_every_step_is_counted(small: Result) -> None:
    assert sum(small.ends.values()) == SMALL.cases
    assert set(small.ends) <= {"passed", "withdrawn", "out_of_scope"}
    times = {step.element: step.times for step in small.steps}
    assert times["co_review"] == 2 * times["conclude"]
    assert small.events == SMALL.cases + sum(times.values())


def test_nothing_is_blocked_when_nothing_is_wrong(tmp_path: Path) -> None:
    sound = Rates(blocked=0, again=0, incomplete=0, redone=0, withdrawn=0, unconcerned=0)
    result = played(replace(SMALL, cases=4, rates=sound), tmp_path / "sound")
    assert (result.ends, result.rounds) == ({"passed": 4}, 1.0)
    assert [(step.element, step.times) for step in result.steps] == [
        ("self_check", 4), ("sign_off", 4), ("accept", 4), ("co_review", 8), ("conclude", 4),
    ]  # fmt: skip


def test_fewer_hands_make_a_longer_queue(small: Result, tmp_path: Path) -> None:
    few = {**SMALL.staff, Role.REGULATOR: Staff(2, 0.1)}
    slow = played(replace(SMALL, staff=few), tmp_path / "few")
    longest = [max(q.most for q in each.queues if q.role is Role.REGULATOR) for each in (small, slow)]
    assert longest[0] < longest[1]
    assert small.case_median < slow.case_median


@pytest.mark.parametrize(
    ("words", "saying"),
    [
        (["--staff", "auditor=1"], "regulator"),
        (["--staff", "regulator=0"], "1 至 200"),
        (["--rate", "blocked=1.5"], "blocked"),
        (["--cases", "0"], "1 至 20000"),
    ],
)
def test_a_plan_that_cannot_be_played_is_refused(shuangshen: Callable[..., Any], words: list[str], saying: str) -> None:
    ran = shuangshen("simulate", "--cases", "1", "--days", "20", *words)
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (2, True, 1), ran.err


def test_the_command_prints_and_tells_scripts(shuangshen: Callable[..., Any]) -> None:
    words = ["simulate", "--cases", "2", "--days", "20", "--rate", "blocked=0", "--staff", "regulator=3:0.5"]
    printed, told = shuangshen(*words), shuangshen(*words, "--json")
    assert (printed.code, told.code, "每月待办" in printed.out) == (0, 0, True), printed.err
    assert told.json["schema"] == "shuangshen.simulation/1"
    assert told.json["plan"]["staff"]["regulator"] == {"people": 3, "share": 0.5}
