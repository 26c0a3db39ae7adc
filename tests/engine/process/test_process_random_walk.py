"""The process against a hand-written transition table: random walks must agree after every act."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from process_walk import Walk

from engine.errors import NotYourTurn
from engine.process import load_bundle

BUNDLE = load_bundle()

ENDS = {"out_of_scope", "returned", "must_not_issue", "withdrawn", "archived"}
SEVERAL = {"self_check": "reviewers", "consult_departments": "departments", "co_review": "joint_reviewers"}
MESSAGES = {
    "withdraw": None,
    "text_changed": {"passed"},
    "archive": {"passed"},
    "return_overdue": {"correct_materials"},
    "ask_department": {"co_review", "conclude"},
}
"""Where each message is waited for; a withdrawal wherever a person is."""

# (where, outcome) -> where next; "signed" is decided by route and conclusion below, "accepted" by the departments
TABLE = {
    ("confirm_scope", "confirmed"): "out_of_scope",
    ("confirm_scope", "in_scope"): "self_check",
    ("sign_off", "redo"): "self_check",
    ("sign_off", "revise"): "revise",
    ("accept", "accepted"): "co_review",
    ("accept", "correction"): "correct_materials",
    ("accept", "returned"): "returned",
    ("correct_materials", "supplied"): "accept",
    ("conclude", "compliant"): "passed",
    ("conclude", "exception"): "passed",
    ("conclude", "revise"): "revise",
    ("conclude", "must_not_issue"): "must_not_issue",
    ("conclude", "redo"): "co_review",
    ("revise", "resubmitted"): "self_check",
}
WORDS = [*sorted(TABLE), ("sign_off", "signed")]
AFTER_ALL = {"self_check": "sign_off", "consult_departments": "co_review", "co_review": "conclude"}
DEPARTMENTS = {
    "touches_price": "price_authority",
    "touches_procurement": "finance",
    "touches_land": "natural_resources",
}


@dataclass
class Model:
    """What the table says: one place, and who of several still has to answer."""

    stage: str
    department: bool
    people: dict[str, list[str]]
    departments: tuple[str, ...] = ()
    pending: list[str] = field(default_factory=list)

    def go(self, stage: str) -> None:
        self.stage = stage
        self.pending = list(self.people[stage]) if stage in SEVERAL else []

    def signed(self, conclusion: str) -> str:
        if conclusion == "must_not_issue":
            return "must_not_issue"
        return "passed" if self.department else "accept"

    def accepted(self) -> str:
        self.people["consult_departments"] = list(self.departments)
        return "consult_departments" if self.departments else "co_review"

    def answered(self, instance: str) -> None:
        self.pending.remove(instance)
        if not self.pending:
            self.go(AFTER_ALL[self.stage])

    def turns(self) -> list[tuple[str, str]]:
        if self.stage in SEVERAL:
            return [(self.stage, instance) for instance in self.pending]
        return [] if self.stage in ENDS | {"passed"} else [(self.stage, "")]


class Cases(RuleBasedStateMachine):
    @initialize(
        trigger=st.sampled_from(["government_issued", "executive_meeting", "government_signed", "department_issued"]),
        concerns=st.sampled_from([True, True, False]),
        for_all=st.booleans(),
        reviewers=st.integers(1, 3),
        joint=st.integers(1, 3),
        touched=st.lists(st.sampled_from(sorted(DEPARTMENTS)), unique=True),
    )
    def submit(
        self, trigger: str, concerns: bool, for_all: bool, reviewers: int, joint: int, touched: list[str]
    ) -> None:
        people = {"self_check": [f"r{n}" for n in range(reviewers)], "co_review": [f"j{n}" for n in range(joint)]}
        self.case = Walk(
            BUNDLE,
            trigger=trigger,
            concerns_operators=concerns,
            dual_review_for_all=for_all,
            reviewers={name: {} for name in people["self_check"]},
            joint_reviewers={name: {} for name in people["co_review"]},
            **dict.fromkeys(touched, True),
        )
        department = trigger == "department_issued" and not for_all and concerns
        self.model = Model("", department, people, tuple(DEPARTMENTS[field] for field in touched))
        self.model.go("self_check" if concerns else "confirm_scope")
        self.spare = 0

    @precondition(lambda self: self.model.stage in SEVERAL)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        instance = data.draw(st.sampled_from(self.model.pending))
        self.case.act(self.model.stage, instance=instance)
        self.model.answered(instance)

    @precondition(lambda self: self.model.stage in SEVERAL)
    @rule(data=st.data())
    def replace(self, data: st.DataObject) -> None:
        stage, instance = self.model.stage, data.draw(st.sampled_from(self.model.pending))
        self.spare += 1
        self.case.pass_over(stage, instance, f"s{self.spare}")
        self.model.people[stage].remove(instance)
        self.model.people[stage].append(f"s{self.spare}")
        self.model.pending.append(f"s{self.spare}")
        self.model.answered(instance)

    @precondition(lambda self: self.model.stage in SEVERAL and self.spare < 6)
    @rule()
    def ask_one_more(self) -> None:
        self.spare += 1
        self.case.ask_also(self.model.stage, f"s{self.spare}")
        self.model.people[self.model.stage].append(f"s{self.spare}")
        self.model.pending.append(f"s{self.spare}")

    @precondition(lambda self: any(where == self.model.stage for where, _ in WORDS))
    @rule(data=st.data(), conclusion=st.sampled_from(["compliant", "exception", "must_not_issue"]))
    def decide(self, data: st.DataObject, conclusion: str) -> None:
        words = [(where, word) for where, word in WORDS if where == self.model.stage]
        where, word = data.draw(st.sampled_from(words))
        signed = word == "signed"
        self.case.act(where, word, **({"conclusion": conclusion} if signed else {}))
        decided = {"signed": lambda: self.model.signed(conclusion), "accepted": self.model.accepted}
        self.model.go(decided.get(word, lambda: TABLE[where, word])())

    @precondition(lambda self: self.model.stage == "passed")
    @rule(message=st.sampled_from(["text_changed", "text_changed", "archive"]))
    def after_passing(self, message: str) -> None:
        self.case.tell(message)
        self.model.go("self_check" if message == "text_changed" else "archived")

    @precondition(lambda self: self.model.stage not in ENDS | {"passed"})
    @rule(often=st.integers(0, 9))
    def withdraw(self, often: int) -> None:
        if often == 0:
            self.case.tell("withdraw")
            self.model.go("withdrawn")

    @rule(
        where=st.sampled_from([*WORDS, ("self_check", "done"), ("consult_departments", "done"), ("co_review", "done")]),
        stranger=st.sampled_from(["", "r9"]),
    )
    def act_out_of_turn(self, where: tuple[str, str], stranger: str) -> None:
        if (where[0], stranger) not in self.model.turns():
            with pytest.raises(NotYourTurn):
                self.case.act(where[0], where[1], stranger)

    @precondition(lambda self: self.model.stage == "correct_materials")
    @rule()
    def return_overdue(self) -> None:
        self.case.tell("return_overdue", outcome="returned")
        self.model.go("returned")

    @precondition(lambda self: self.model.stage in ("co_review", "conclude"))
    @rule(asked=st.lists(st.sampled_from(["tax", "data"]), min_size=1, unique=True))
    def ask_a_further_department(self, asked: list[str]) -> None:
        self.case.tell("ask_department", departments={name: {} for name in asked})
        self.model.people["consult_departments"] = asked
        self.model.go("consult_departments")

    @rule(message=st.sampled_from(sorted(MESSAGES)))
    def tell_what_nobody_waits_for(self, message: str) -> None:
        waiting, stage = MESSAGES[message], self.model.stage
        waited = stage in waiting if waiting else stage not in ENDS | {"passed"}
        if not waited:
            with pytest.raises(NotYourTurn):
                self.case.tell(message)

    @invariant()
    def agrees_with_the_table(self) -> None:
        assert self.case.stage == self.model.stage
        assert sorted(self.case.turns()) == sorted(self.model.turns())
        assert self.case.last.ended == (self.model.stage in ENDS)
        assert len(self.case.last.position) < 4096


Cases.TestCase.settings = settings(
    max_examples=20, stateful_step_count=30, deadline=None, derandomize=True, database=None
)
TestRandomWalk = Cases.TestCase
