"""A position as plain JSON: read without the engine, and the very same position rebuilt from it through the door."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from process_walk import Walk

from engine.errors import ProcessError
from engine.process import Bundle, complete, open_turns, variables
from engine.process.document import from_document, to_document


def halts(bundle: Bundle) -> Iterator[Walk]:
    """One case at every kind of halt: several reviewers, called processes, a message, a later round, the end."""
    case = Walk(bundle)
    yield case
    case.act("self_check", instance="zhang")
    yield case
    case.self_review()
    yield case
    case.act("accept", "correction")
    yield case
    case.act("correct_materials", "supplied")
    case.act("accept", "accepted")
    case.act("co_review", instance="wang")
    yield case
    case.act("co_review", instance="zhao")
    case.act("conclude", "revise")
    case.act("revise", "resubmitted", version=2, reviewers={"sun": {}})
    yield case
    case.self_review()
    case.joint_review()
    yield case
    case.tell("archive")
    yield case


def test_every_halt_is_told_and_rebuilt(bundle: Bundle) -> None:
    seen = []
    for case in halts(bundle):
        document = json.loads(json.dumps(to_document(bundle, case.last.position)))
        rebuilt = from_document(bundle, document)
        assert rebuilt == case.last.position
        assert open_turns(bundle, rebuilt) == case.last.turns
        assert variables(bundle, rebuilt) == case.last.variables
        waited = [(t["element"], t["instance"]) for t in document["tokens"] if not t["messages"]]
        assert waited == [(turn.element, turn.instance) for turn in case.last.turns]
        seen.append((document["stage"], sorted(name for t in document["tokens"] for name in t["messages"])))
    assert seen == [
        ("self_check", ["withdraw"]),
        ("self_check", ["withdraw"]),
        ("accept", ["withdraw"]),
        ("correct_materials", ["return_overdue", "withdraw"]),
        ("co_review", ["ask_department", "withdraw"]),
        ("self_check", ["withdraw"]),
        ("passed", ["archive", "text_changed"]),
        ("archived", []),
    ]


def test_a_rebuilt_case_goes_on(bundle: Bundle) -> None:
    case = Walk(bundle)
    case.act("self_check", instance="zhang")
    rebuilt = from_document(bundle, json.loads(json.dumps(to_document(bundle, case.last.position))))
    step = complete(bundle, rebuilt, "self_check", {}, case.services, "li")
    assert (step.stage, step.passed) == ("sign_off", ("self_check",))


def test_a_token_says_what_another_engine_needs(bundle: Bundle) -> None:
    case = Walk(bundle)
    case.self_review()
    accept = next(token for token in to_document(bundle, case.last.position)["tokens"] if token["element"] == "accept")
    assert (accept["name"], accept["role"], accept["data"]) == ("核对送审材料", "regulator", dict(case.last.variables))


WRONGS: dict[str, Callable[[dict[str, Any]], object]] = {
    "another bundle": lambda told: told.update(bundle="0" * 64),
    "a task left out": lambda told: told["tasks"].pop(1),
    "an unknown state": lambda told: told["tasks"][-1].update(state="DONE"),
    "a finished task": lambda told: told["called"][-1]["tasks"][-1].update(state="COMPLETED"),
    "another element": lambda told: told["tasks"][1].update(spec="elsewhere"),
    "another stage": lambda told: told.update(stage="passed"),
    "a token too many": lambda told: told["tokens"].append(told["tokens"][0]),
    "other data": lambda told: told["tokens"][0]["data"].update(route="department"),
    "a field missing": lambda told: told.pop("next"),
}


@pytest.mark.parametrize("name", WRONGS)
def test_a_document_that_does_not_agree_with_itself_rebuilds_nothing(bundle: Bundle, name: str) -> None:
    case = Walk(bundle)
    told = json.loads(json.dumps(to_document(bundle, case.last.position)))
    assert from_document(bundle, told) == case.last.position
    WRONGS[name](told)
    with pytest.raises(ProcessError):
        from_document(bundle, told)
