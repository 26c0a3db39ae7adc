"""The flow as a table written by hand, knowing nothing of the process: where each act leads, and who may do it.

`Table` is one case as the table sees it. `refusals_due.py` says from it which refusals an act must meet, none when it
must succeed; `walker.py` does the same acts on a real store and compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.calendar import add_working_days, load_calendar
from reviewers.roster import Profile

DEPARTMENT = "fgw"
"""In charge of prices: asked when the draft touches them, or when the joint lead names it later."""
ENDS = {"out_of_scope", "returned", "must_not_issue", "withdrawn", "archived"}
OPEN = {
    "confirm_scope", "self_check", "sign_off", "accept", "correct_materials", "consult_departments", "co_review",
    "conclude", "revise",
}  # fmt: skip
JOINT = ("co_review", "conclude")
EVALUATED = {
    "self_check": "self", "sign_off": "self", "accept": "joint", "consult_departments": "joint",
    "co_review": "joint", "conclude": "joint",
}  # fmt: skip
"""The stages whose clock an evaluation stops, and the gate it belongs to."""

# (stage, act, what is told) -> the next stages; of two, the second is that of a department alone
TABLE: dict[tuple[str, str, str], tuple[str, ...]] = {
    ("", "submit", "concerned"): ("self_check",),
    ("", "submit", "unconcerned"): ("confirm_scope",),
    ("confirm_scope", "confirm_scope", "out"): ("out_of_scope",),
    ("confirm_scope", "confirm_scope", "in"): ("self_check",),
    ("self_check", "self_review", ""): ("sign_off",),
    ("sign_off", "redo", ""): ("self_check",),
    ("sign_off", "sign", "revise"): ("revise",),
    ("sign_off", "sign", "compliant"): ("accept", "passed"),
    ("sign_off", "sign", "exception"): ("accept", "passed"),
    ("sign_off", "sign", "must_not_issue"): ("must_not_issue",),
    ("accept", "accept", ""): ("co_review",),
    ("accept", "accept", "routed"): ("consult_departments",),
    ("consult_departments", "consult", ""): ("co_review",),
    ("accept", "correct", ""): ("correct_materials",),
    ("accept", "return", ""): ("returned",),
    ("correct_materials", "supply", ""): ("accept",),
    ("correct_materials", "return", ""): ("returned",),
    ("co_review", "joint_review", ""): ("conclude",),
    ("co_review", "ask", ""): ("consult_departments",),
    ("conclude", "ask", ""): ("consult_departments",),
    ("conclude", "redo", ""): ("co_review",),
    ("conclude", "conclude", "revise"): ("revise",),
    ("conclude", "conclude", "compliant"): ("passed",),
    ("conclude", "conclude", "exception"): ("passed",),
    ("conclude", "conclude", "must_not_issue"): ("must_not_issue",),
    ("revise", "revise", ""): ("self_check",),
    ("passed", "revise", ""): ("self_check",),
    ("passed", "issue", ""): ("archived",),
    **{(stage, "withdraw", ""): ("withdrawn",) for stage in OPEN},
}
MOVES = {(stage, after) for (stage, _, _), next_stages in TABLE.items() for after in next_stages}

# the side of the case an act is done on, and the roles that may do it there
WHO: dict[str, tuple[str, frozenset[str]]] = {
    "self_review": ("self", frozenset({"drafting_reviewer"})),
    "sign": ("self", frozenset({"drafting_head"})),
    "supply": ("self", frozenset({"drafter"})),
    "revise": ("self", frozenset({"drafter"})),
    "issue": ("self", frozenset({"drafter"})),
    "effect_check": ("self", frozenset({"drafter"})),
    "reopen": ("self", frozenset({"drafter"})),
    "withdraw": ("unit", frozenset({"drafter", "drafting_head"})),
    "answer": ("self", frozenset({"drafter", "drafting_head"})),
    "confirm_scope": ("joint", frozenset({"regulator"})),
    "accept": ("joint", frozenset({"regulator"})),
    "correct": ("joint", frozenset({"regulator"})),
    "return": ("joint", frozenset({"regulator"})),
    "joint_review": ("joint", frozenset({"regulator"})),
    "consult": ("department", frozenset({"drafting_reviewer", "drafting_head"})),
    "conclude": ("joint", frozenset({"joint_lead"})),
    "ask": ("joint", frozenset({"joint_lead"})),
    "evaluate": ("joint", frozenset({"regulator", "joint_lead"})),
    "editorial": ("deciding", frozenset()),
    "reject": ("joint", frozenset({"regulator", "joint_lead"})),
    "escalate": ("joint", frozenset({"joint_lead"})),
    "extend": ("joint", frozenset({"joint_lead"})),
    "suspend": ("joint", frozenset({"regulator", "joint_lead"})),
    "resume": ("joint", frozenset({"regulator", "joint_lead"})),
}
# the act that completes what a case waits for in each stage: who may do it may take the task
TAKES = {
    "confirm_scope": "confirm_scope", "self_check": "self_review", "sign_off": "sign", "accept": "accept",
    "correct_materials": "supply", "consult_departments": "consult", "co_review": "joint_review",
    "conclude": "conclude", "revise": "revise",
}  # fmt: skip
REVIEWING = frozenset({"drafting_reviewer", "drafting_head"})
OF_A_TASK = frozenset({*TAKES.values(), "redo", "correct", "return"})
LEAVES_A_NAME = (WHO.keys() | {"redo"}) - {
    "consult",
    "withdraw", "issue", "effect_check", "reopen", "extend", "suspend", "resume"
}  # fmt: skip
"""The acts after which the officer counts as having acted on his side of the case."""
ALONE = frozenset({"conclude", "extend"})
"""What a lead does not do as the only reviewer of the round."""


@dataclass
class Said:
    """An opinion on the text."""

    author: str
    gate: str
    version: int
    blocking: bool
    adopted: str = ""
    settled: bool = False


@dataclass
class Table:
    """One case by the table. `tasks` are the holders of the open tasks, '' for a free one.

    `findings` and `due` are read from the store after each act: the table judges neither words nor calendars, except
    that a correction is due three working days on.
    """

    profile: Profile
    unit: str
    several: dict[str, int]
    department: bool
    note: bool
    routed: bool = False
    answered: bool = False
    stage: str = ""
    round: int = 1
    tasks: list[str] = field(default_factory=list)
    acted: dict[str, set[str]] = field(default_factory=dict)
    reviewed: dict[str, set[str]] = field(default_factory=lambda: {"self": set(), "joint": set()})
    self_reviewers: set[str] = field(default_factory=set)
    self_signers: set[str] = field(default_factory=set)
    signed: dict[str, str] = field(default_factory=dict)
    findings: set[str] = field(default_factory=set)
    rejected: set[str] = field(default_factory=set)
    claim_ends: date | None = None
    opinions: list[Said] = field(default_factory=list)
    suspended: str = ""
    extended: bool = False
    due: date | None = None
    over: bool = False
    condition_met: bool = False
    mended: bool = False

    # ---------------------------------------------------------------- who

    def roles(self, officer: str, on: date) -> set[str]:
        """His own roles and those of whom he stands in for."""
        return {str(role) for role in self.profile.roles_on(self.profile.officer(officer), on)}

    def side_of(self, act: str) -> str:
        """The side of the case the act belongs to; sending back belongs to whoever was to sign."""
        if act == "editorial":
            return self.decides
        return {"sign_off": "self", "conclude": "joint"}.get(self.stage, "") if act == "redo" else WHO[act][0]

    def may(self, officer: str, act: str, on: date) -> bool:
        """Whether the table lets him do the act on this case, in the stage it is in."""
        signing = TAKES[self.stage] if act == "redo" else act
        if not (self.in_role(officer, signing, on) and self._apart(officer, signing)):
            return False
        if act not in OF_A_TASK or self.stage not in OPEN or (self.stage, act) == ("correct_materials", "return"):
            return True
        return self._free_for(officer, on) and not self._has_reviewed(officer)

    def in_role(self, officer: str, act: str, on: date) -> bool:
        """Whether he holds a role the act asks for, in the right place, untouched by the other side of this case."""
        side, roles = WHO[act]
        own = self.profile.officer(officer).unit
        there = {
            "joint": self.profile.in_regulator(own) and own != self.unit,
            "department": own == DEPARTMENT,
        }.get(side, own == self.unit)
        other = {"self": "joint", "joint": "self", "department": "self"}.get(side)
        return there and bool(roles & self.roles(officer, on)) and other not in self.acted.get(officer, ())

    def _apart(self, officer: str, act: str) -> bool:
        """Reviewing and signing are different people's; a lead does not conclude on his review alone."""
        if (act == "sign" and officer in self.self_reviewers) or (
            act == "self_review" and officer in self.self_signers
        ):
            return False
        return act not in ALONE or self.reviewed["joint"] != {officer}

    def _free_for(self, officer: str, on: date) -> bool:
        return bool({"", officer, *self._absent(officer, on)} & set(self.tasks))

    def _absent(self, officer: str, on: date) -> set[str]:
        return {absent.id for absent in self.profile.acting_for(officer, on)}

    def _has_reviewed(self, officer: str) -> bool:
        gate = {"self_check": "self", "co_review": "joint"}.get(self.stage)
        return gate is not None and officer in self.reviewed[gate]

    def gate_of(self, officer: str, on: date) -> str:
        """The gate at which he may give an opinion, '' for none."""
        if self.profile.officer(officer).unit == self.unit and self.roles(officer, on) & REVIEWING:
            return "self" if "joint" not in self.acted.get(officer, ()) else ""
        return "joint" if self.in_role(officer, "reject", on) else ""

    @property
    def evaluated(self) -> str:
        """The gate whose clock an evaluation would stop now, '' for none."""
        return EVALUATED.get(self.stage, "")

    def may_stop(self, officer: str, act: str, on: date) -> bool:
        """Whether he may stop and resume this gate's clock: its head in the drafting unit, else the regulator."""
        return self.may_sign(officer, "sign" if self.evaluated == "self" else act, on)

    def may_sign(self, officer: str, act: str, on: date) -> bool:
        """Whether he could do this act of a signer, whatever the stage."""
        return self.in_role(officer, act, on) and self._apart(officer, act)

    # ---------------------------------------------------------------- the gate

    @property
    def decides(self) -> str:
        return "self" if self.department else "joint"

    def passes(self, accepting: bool, on: date) -> bool:
        """Whether nothing in the substance keeps the draft; accepting an exception still running cures its findings."""
        if any(each.blocking and not each.settled and not self._adopted(each) for each in self.opinions):
            return False
        if accepting:
            return self.claim_ends is not None and self.claim_ends >= on and not self.condition_met
        return self.findings <= self.rejected

    def _adopted(self, said: Said) -> bool:
        return said.adopted in ("yes", "partly") and self.round > said.version

    def expired(self, on: date) -> bool:
        """Whether the exception no longer covers the measure on that day."""
        return self.condition_met or (self.claim_ends is not None and self.claim_ends < on)

    # ---------------------------------------------------------------- afterwards

    def did(self, act: str, officer: str, told: dict[str, Any], on: date) -> None:
        """The act succeeded: its name is left, its traces, and the case is where the table leads."""
        if act in LEAVES_A_NAME:
            self.acted.setdefault(officer, set()).add(self.side_of(act))
        getattr(self, f"_after_{act}", lambda *_: None)(officer, told, on)
        if act in ("self_review", "joint_review") and self.tasks:
            return
        if any((stage, moving) == (self.stage, act) for stage, moving, _ in TABLE):
            self.go(act, told.get("word", ""))

    def go(self, act: str, word: str = "") -> None:
        """The case is in the next stage, its tasks free and nothing reviewed there yet."""
        after = TABLE[self.stage, act, word]
        self.stage = after[-1] if self.department else after[0]
        self.tasks = [""] * (self.several.get(self.stage, 1) if self.stage in OPEN else 0)
        if self.suspended != self.evaluated and self.stage != "correct_materials":
            self.suspended = ""
        if self.stage in ("self_check", "co_review"):
            self.reviewed["self" if self.stage == "self_check" else "joint"] = set()

    def _after_self_review(self, officer: str, told: dict[str, Any], _: date) -> None:
        self._reviewed("self", officer)
        self.self_reviewers.add(officer)
        self.claim_ends = told["claim_ends"] or self.claim_ends

    def _after_joint_review(self, officer: str, told: dict[str, Any], _: date) -> None:
        self._reviewed("joint", officer)
        self.rejected |= self.findings if told["rejecting"] else set()

    def _reviewed(self, gate: str, officer: str) -> None:
        self.reviewed[gate].add(officer)
        self.tasks.remove(officer if officer in self.tasks else "")

    def _after_consult(self, *_: Any) -> None:
        self.answered = True

    def _after_ask(self, *_: Any) -> None:
        self.reviewed["joint"] = set()

    def _after_sign(self, officer: str, told: dict[str, Any], _: date) -> None:
        self.signed["self"] = told["word"]
        self.self_signers.add(officer)

    def _after_conclude(self, _: str, told: dict[str, Any], __: date) -> None:
        self.signed["joint"] = told["word"]

    def _after_correct(self, _: str, __: dict[str, Any], on: date) -> None:
        self.due = add_working_days(on, 3, load_calendar()).due_on

    def _after_supply(self, _: str, told: dict[str, Any], __: date) -> None:
        self.note = self.note or told["note"]

    def _after_revise(self, _: str, told: dict[str, Any], __: date) -> None:
        self.round += 1
        self.note = self.note or told["note"]
        self.signed, self.suspended, self.extended = {}, "", False
        self.over = self.condition_met = self.answered = self.mended = False
        self.reviewed = {"self": set(), "joint": set()}

    def _after_reject(self, _: str, told: dict[str, Any], __: date) -> None:
        self.rejected.add(told["finding"])

    def _after_claim(self, officer: str, _: dict[str, Any], on: date) -> None:
        taken = next(at for at, holder in enumerate(self.tasks) if holder in {"", *self._absent(officer, on)})
        self.tasks[taken] = officer

    def _after_release(self, officer: str, _: dict[str, Any], __: date) -> None:
        self.tasks[self.tasks.index(officer)] = ""

    def _after_comment(self, officer: str, told: dict[str, Any], on: date) -> None:
        gate = self.gate_of(officer, on)
        self.acted.setdefault(officer, set()).add(gate)
        self.opinions.append(Said(officer, gate, self.round, told["blocking"]))

    def _after_withdraw_opinion(self, _: str, told: dict[str, Any], __: date) -> None:
        self.opinions[told["number"] - 1].settled = True

    def _after_answer(self, _: str, told: dict[str, Any], __: date) -> None:
        self.opinions[told["number"] - 1].adopted = told["adopted"]

    def _after_escalate(self, _: str, told: dict[str, Any], __: date) -> None:
        self.opinions[told["number"] - 1].settled = told["ruling"] == "cleared"

    def _after_extend(self, *_: Any) -> None:
        self.extended = True

    def _after_suspend(self, *_: Any) -> None:
        self.suspended = self.evaluated

    def _after_resume(self, *_: Any) -> None:
        self.suspended = ""

    def _after_editorial(self, *_: Any) -> None:
        self.mended = True

    def _after_effect_check(self, _: str, told: dict[str, Any], __: date) -> None:
        self.over = self.over or not told["kept"]
        self.condition_met = self.condition_met or told["condition_met"]

    def _after_reopen(self, *_: Any) -> None:
        self.over = True
