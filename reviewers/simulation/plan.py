"""What is simulated and what came of it: people, rates and times in, queues and working days out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from engine.errors import InvalidInput
from engine.model import Officer, Role
from reviewers.roster import Profile

OF_THE_UNIT = (Role.DRAFTER, Role.DRAFTING_REVIEWER, Role.DRAFTING_HEAD)
SIMULATED = (*OF_THE_UNIT, Role.REGULATOR, Role.JOINT_LEAD)
MINUTES: Mapping[str, int] = {
    "confirm_scope": 20, "self_check": 90, "sign_off": 15, "accept": 20, "correct_materials": 60, "co_review": 120,
    "conclude": 30, "revise": 240,
}  # fmt: skip
"""The middling time each element takes one person; assumptions, see docs/guide/simulation.md."""
WAITS: Mapping[str, float] = {"correct_materials": 1.5, "revise": 4.0}
"""Working days before the drafter can begin, spent asking others."""


@dataclass(frozen=True, slots=True)
class Staff:
    """So many people in a role (in each drafting unit, or at the regulator), each for this share of the day."""

    people: int
    share: float


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of cases, 0 to 1; of `blocked` see docs/guide/simulation.md, the others are assumptions."""

    blocked: float = 0.69
    again: float = 0.2
    incomplete: float = 0.15
    redone: float = 0.03
    withdrawn: float = 0.02
    unconcerned: float = 0.05


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated: so many cases over `days` calendar days, the last five working days of a month `peak` times
    as busy as the others."""

    cases: int = 300
    seed: int = 1
    days: int = 365
    begins: date = date(2026, 1, 1)
    peak: float = 2.5
    rates: Rates = field(default_factory=Rates)
    staff: Mapping[Role, Staff] = field(
        default_factory=lambda: {
            Role.DRAFTER: Staff(1, 0.3),
            Role.DRAFTING_REVIEWER: Staff(1, 0.2),
            Role.DRAFTING_HEAD: Staff(1, 0.1),
            Role.REGULATOR: Staff(4, 0.5),
            Role.JOINT_LEAD: Staff(1, 0.3),
        }
    )


@dataclass(frozen=True, slots=True)
class StepTime:
    """Working days one element took: how often, the middle, nine out of ten, and the share after its due day."""

    element: str
    times: int
    median: float
    p90: float
    overdue: float


@dataclass(frozen=True, slots=True)
class Queue:
    """Open tasks of one role at the close of the working days of a month."""

    month: str
    role: Role
    mean: float
    most: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a plan. `ends` counts cases by the stage they stand in, `events` are those of a verified trail."""

    plan: Plan
    ends: Mapping[str, int]
    rounds: float
    case_median: float
    case_p90: float
    overdue: float
    steps: tuple[StepTime, ...]
    queues: tuple[Queue, ...]
    events: int


def require_playable(plan: Plan) -> None:
    """Raises InvalidInput naming what of the plan cannot be played."""
    if not 1 <= plan.cases <= 20_000 or not 1 <= plan.days <= 366:
        raise InvalidInput("案件数应为 1 至 20000，天数应为 1 至 366。", "请用 --cases、--days 重新指定。")
    for role, staff in plan.staff.items():
        if not 1 <= staff.people <= 200 or not 0 < staff.share <= 1:
            raise InvalidInput(
                f"“{role}”的人数应为 1 至 200，投入比例应大于 0、至多 1。", "例如 --staff regulator=4:0.5。"
            )


def staffed(profile: Profile, plan: Plan) -> Profile:
    """The profile with made-up officers in the place of its own: one role each, so many as the plan says."""
    units = sorted(
        {o.unit for o in profile.officers_with(Role.DRAFTER)}
        & {o.unit for o in profile.officers_with(Role.DRAFTING_HEAD)}
    )
    regulator = profile.officers_with(Role.REGULATOR)[0].unit
    places = [(role, unit) for role in OF_THE_UNIT for unit in units if unit != regulator]
    places += [(Role.REGULATOR, regulator), (Role.JOINT_LEAD, regulator)]
    officers = [
        Officer(f"{role}.{unit}.{number}", f"模拟{number}", unit, (role,))
        for role, unit in places
        for number in range(1, plan.staff[role].people + 1)
    ]
    return replace(profile, officers={officer.id: officer for officer in officers}, deputies=())
