"""A case walked through the shipped process, kept only as bytes between two acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.process import (
    Bundle,
    Step,
    add,
    complete,
    open_turns,
    send,
    skip,
    start,
    variables,
)

VARIABLES: Mapping[str, Any] = {
    "trigger": "government_issued",
    "kind": "normative_document",
    "concerns_operators": True,
    "dual_review_for_all": False,
    "reviewers": {"zhang": {}, "li": {}},
    "joint_reviewers": {"wang": {}, "zhao": {}},
    **{f"touches_{field}": False for field in ("bidding", "procurement", "price", "tax", "land", "data")},
}
SCREENED = {"blocking": 1, "attention": 2}


def asked(words: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The departments of the routing table by its own names."""
    return {word: {} for word in words if word != "none"}


class Walk:
    """One case: every act starts from the bytes the act before left."""

    def __init__(self, bundle: Bundle, **changed: Any) -> None:
        self.bundle = bundle
        self.services = {"screen": lambda _: SCREENED, "departments": lambda data: asked(data["routing"])}
        self.last: Step = start(bundle, {**VARIABLES, **changed}, self.services)

    @property
    def stage(self) -> str:
        return self.last.stage

    def turns(self) -> list[tuple[str, str]]:
        read = open_turns(self.bundle, self.last.position)
        assert read == self.last.turns
        assert variables(self.bundle, self.last.position) == self.last.variables
        return [(turn.element, turn.instance) for turn in read]

    def act(self, element: str, outcome: str = "", instance: str = "", **more: Any) -> str:
        given = {"outcome": outcome, **more} if outcome else more
        self.last = complete(self.bundle, self.last.position, element, given, self.services, instance)
        return self.last.stage

    def tell(self, message: str, **payload: Any) -> str:
        self.last = send(self.bundle, self.last.position, message, payload, self.services)
        return self.last.stage

    def pass_over(self, element: str, instance: str, replacement: str = "") -> str:
        self.last = skip(self.bundle, self.last.position, element, instance, self.services, replacement)
        return self.last.stage

    def ask_also(self, element: str, newcomer: str) -> str:
        self.last = add(self.bundle, self.last.position, element, newcomer, self.services)
        return self.last.stage

    def self_review(self, outcome: str = "signed", **more: Any) -> str:
        for element, instance in self.turns():
            self.act(element, instance=instance)
        words = {"conclusion": "compliant"} if outcome == "signed" else {}
        return self.act("sign_off", outcome, **{**words, **more})

    def joint_review(self, outcome: str = "compliant") -> str:
        self.act("accept", "accepted")
        for element, instance in self.turns():
            self.act(element, instance=instance)
        return self.act("conclude", outcome)

    def resubmit(self) -> str:
        self.self_review()
        self.joint_review("revise")
        return self.act("revise")
