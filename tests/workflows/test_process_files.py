"""The files an official edits agree with each other: decision examples, lanes, deadlines."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from engine.model import Role
from engine.process import load_bundle, start

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
BUNDLE = load_bundle()
EXAMPLES = list(csv.DictReader((WORKFLOWS / "examples" / "scope.csv").read_text(encoding="utf-8").splitlines()))
PEOPLE = {e.id for e in BUNDLE.elements.values() if e.outcomes}


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["case"] for example in EXAMPLES])
def test_the_scope_table_decides_its_examples(example: dict[str, str]) -> None:
    step = start(
        BUNDLE,
        {
            "trigger": example["trigger"],
            "kind": example["kind"],
            "concerns_operators": example["concerns_operators"] == "true",
            "dual_review_for_all": example["dual_review_for_all"] == "true",
            "reviewers": {"zhang": {}},
        },
        {"screen": lambda _: {}},
    )
    decided = ("route", "scope_rule", "reason_code")
    assert {name: step.variables[name] for name in decided} == {name: example[name] for name in decided}
    assert step.stage == ("confirm_scope" if example["route"] == "out_of_scope" else "self_check")


def test_the_examples_use_every_row_of_the_scope_table() -> None:
    rows = BUNDLE.files["scope.dmn"].decode().count("<rule ")
    assert {example["scope_rule"] for example in EXAMPLES} == {f"S{n}" for n in range(1, rows + 1)}


def test_every_role_of_the_reviews_has_exactly_one_lane_name() -> None:
    roles = tomllib.loads((WORKFLOWS / "lanes.toml").read_text(encoding="utf-8"))["roles"]
    assert sorted(roles.values()) == sorted(role.value for role in Role if role is not Role.AUDITOR)
    assert {e.role.value for e in BUNDLE.elements.values() if e.outcomes and e.role} == set(roles.values())


def test_every_human_element_has_a_deadline_and_says_whether_it_is_local() -> None:
    deadlines = tomllib.loads((WORKFLOWS / "deadlines.toml").read_text(encoding="utf-8"))
    assert set(deadlines) == PEOPLE
    for element, entry in deadlines.items():
        assert set(entry) == {"days", "remind", "escalate", "on_overdue", "clock", "anchor", "local"}, element
        assert 0 <= entry["remind"] < entry["days"], element
        assert entry["escalate"] in {role.value for role in Role}, element
        assert (entry["on_overdue"], entry["clock"]) in {
            ("warn", "run"),
            ("warn", "stop"),
            ("offer_return", "stop"),
        }, element
        assert entry["anchor"], element
        assert entry["local"] is True, element
