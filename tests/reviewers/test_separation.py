"""Nobody acts on both gates of one case, whoever is assigned, stands in for another or answers for a department."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Refused
from engine.gate import who_acted
from engine.model import (
    Case,
    CaseFile,
    Conclusion,
    DepartmentAnswer,
    DraftKind,
    Evaluation,
    Gate,
    Officer,
    Outcome,
    Rejection,
    Review,
    Role,
    Route,
    Staffing,
    StaffingAct,
    Trigger,
    Turn,
    Version,
)
from reviewers import policy
from reviewers.conditions import GATE_OF_ROLE
from reviewers.roster import Deputy, Profile, load_profile, shipped_profile

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
HASH = "0" * 64
SHIPPED = load_profile(shipped_profile("qingyang"))
MANY = (Role.DRAFTER, Role.DRAFTING_REVIEWER, Role.DRAFTING_HEAD)
MOVED = {
    "scjg.xyjg": (*MANY, Role.REGULATOR, Role.JOINT_LEAD),
    "scjg.jzxt": (*MANY, Role.REGULATOR, Role.JOINT_LEAD),
    "jtj": MANY,
    "czj": MANY,
}
"""Officers who hold every role their unit may hold, so that only separation stands in their way."""
OFFICERS = {
    **SHIPPED.officers,
    **{f"all.{unit}.{n}": Officer(f"all.{unit}.{n}", f"{unit}{n}", unit, r) for unit, r in MOVED.items() for n in "12"},
}
EVERYWHERE = tuple(
    Deputy(absent.id, deputy.id, DAY, DAY)
    for absent in OFFICERS.values()
    for deputy in OFFICERS.values()
    if absent.id != deputy.id and absent.unit == deputy.unit and Role.AUDITOR not in absent.roles + deputy.roles
)
ROLES = [role for role in Role if role is not Role.AUDITOR]
PLACES = ["", "1", "czj", "jtj", "fgw", "scjg", *sorted(OFFICERS)]

Record = Callable[[CaseFile, Officer, Turn], CaseFile]


def case_of(unit: str, opened_by: str) -> CaseFile:
    case = Case(
        "2026-0001", "若干措施", unit, DraftKind.POLICY_DOCUMENT, Trigger.GOVERNMENT_ISSUED, Route.GOVERNMENT, "", 1, 1,
        opened_by, NOW, HASH, b"", 1,
    )  # fmt: skip
    return CaseFile(case, versions=(Version(1, "a.txt", HASH, HASH, "若干措施", "", (), opened_by, NOW),))


def taken(file: CaseFile, who: Officer, turn: Turn) -> CaseFile:
    """The file after the officer has done this task."""
    gate = GATE_OF_ROLE[turn.role]
    if turn.role is Role.CO_REVIEWER:
        answer = DepartmentAnswer(who.unit, 1, 1, True, "", (), "无", who.id, who.unit, NOW)
        return replace(file, department_answers=(*file.department_answers, answer))
    if turn.role in (Role.DRAFTING_REVIEWER, Role.REGULATOR):
        review = Review(gate, 1, 1, HASH, who.id, who.unit, "v1", (), (), "", NOW)
        return replace(file, reviews=(*file.reviews, review))
    if turn.role is Role.DRAFTER:
        version = replace(file.versions[-1], filed_by=who.id)
        return replace(file, versions=(*file.versions, version))
    conclusion = Conclusion(gate, 1, 1, HASH, Outcome.REVISE, "理由", who.id, who.unit, NOW)
    return replace(file, conclusions=(*file.conclusions, conclusion))


def staffed(file: CaseFile, who: Officer, turn: Turn) -> CaseFile:
    gate = GATE_OF_ROLE[turn.role]
    record = Staffing(
        StaffingAct.SKIPPED, gate, 1, 1, turn.element, turn.instance, "", "理由", who.id, who.unit, NOW
    )  # fmt: skip
    return replace(file, staffings=(*file.staffings, record))


def evaluated(file: CaseFile, who: Officer, _: Turn) -> CaseFile:
    record = Evaluation(1, 1, HASH, "甲研究院", "无", "符合", "a.txt", HASH, who.id, who.unit, NOW)
    return replace(file, evaluations=(*file.evaluations, record))


def rejected(file: CaseFile, who: Officer, _: Turn) -> CaseFile:
    return replace(file, rejections=(*file.rejections, Rejection("F-1", "k", "理由", who.id, who.unit, NOW)))


def attempt(file: CaseFile, act: str, who: Officer, turn: Turn, profile: Profile) -> CaseFile:
    """The file after the act if policy allows it, the same file if not."""
    ask: dict[str, tuple[Callable[[], None], Record]] = {
        "take": (lambda: policy.may_take(who, turn, file, profile, DAY), taken),
        "staff": (lambda: policy.may_staff(who, turn, file, profile, DAY), staffed),
        "evaluate": (lambda: policy.may_evaluate(who, file, profile, DAY), evaluated),
        "reject": (lambda: policy.may_reject(who, file, profile, DAY), rejected),
    }
    allowed, record = ask[act]
    try:
        allowed()
    except Refused:
        return file
    _in_his_place(who, turn, file, profile, act)
    return record(file, who, turn)


def _in_his_place(who: Officer, turn: Turn, file: CaseFile, profile: Profile, act: str) -> None:
    """What holds of every act allowed, besides the separation of the gates."""
    assert Role.AUDITOR not in who.roles
    if act != "take":
        return
    standing_in = {who.id, *(absent.id for absent in profile.acting_for(who.id, DAY))}
    assert turn.instance not in profile.officers or turn.instance in standing_in
    drafting, own = profile.authority_of(file.case.unit), profile.authority_of(who.unit)
    if turn.role is Role.CO_REVIEWER:
        assert own not in (drafting, profile.regulator_unit)
        assert turn.instance not in profile.units or own == profile.authority_of(turn.instance)
    elif GATE_OF_ROLE[turn.role] is Gate.SELF_REVIEW:
        assert who.unit == file.case.unit
    else:
        assert own == profile.regulator_unit
        assert who.unit != file.case.unit


steps = st.tuples(
    st.sampled_from(["take", "take", "take", "staff", "evaluate", "reject"]),
    st.sampled_from(
        [*sorted(OFFICERS), *(name for name in OFFICERS if name.startswith("all.")), "tian.fang", "gao.yuan"]
    ),
    st.sampled_from(ROLES),
    st.sampled_from(PLACES),
    st.sampled_from(["", "", *sorted(OFFICERS)]),
)


@settings(max_examples=150, database=None)
@given(
    unit=st.sampled_from(["jtj", "scjg.xyjg", "czj"]),
    deputies=st.lists(st.sampled_from(EVERYWHERE), max_size=12),
    walk=st.lists(steps, min_size=10, max_size=40),
)
def test_whatever_is_allowed_one_after_another_nobody_acts_on_both_gates(
    unit: str, deputies: list[Deputy], walk: list[tuple[str, str, Role, str, str]]
) -> None:
    profile = Profile(SHIPPED.practice, SHIPPED.units, OFFICERS, tuple(deputies))
    file = case_of(unit, f"all.{unit}.1")
    for act, name, role, place, holder in walk:
        file = attempt(file, act, OFFICERS[name], Turn("t", "e", "某环节", role, place, holder), profile)
        assert {officer: gates for officer, gates in who_acted(file).items() if len(gates) > 1} == {}


def test_the_walk_can_reach_both_sides_and_departments() -> None:
    """The property above would hold of a policy that allows nothing; this one shows what it lets through."""
    profile = Profile(SHIPPED.practice, SHIPPED.units, OFFICERS)
    file = case_of("jtj", "all.jtj.1")
    for act, name, role, place in [
        ("take", "all.jtj.2", Role.DRAFTING_REVIEWER, "1"),
        ("staff", "all.jtj.1", Role.DRAFTING_REVIEWER, "1"),
        ("take", "all.czj.1", Role.CO_REVIEWER, "czj"),
        ("take", "all.scjg.jzxt.1", Role.REGULATOR, "all.scjg.jzxt.1"),
        ("staff", "all.scjg.jzxt.2", Role.REGULATOR, "1"),
        ("evaluate", "all.scjg.xyjg.1", Role.REGULATOR, ""),
        ("reject", "all.scjg.jzxt.1", Role.REGULATOR, ""),
    ]:
        before = file
        file = attempt(file, act, OFFICERS[name], Turn("t", "e", "某环节", role, place), profile)
        assert file != before, (act, name)
    own = case_of("scjg.xyjg", "all.scjg.xyjg.1")
    for name, other in (("all.scjg.xyjg.1", "all.scjg.jzxt.1"), ("all.scjg.xyjg.2", "all.scjg.jzxt.2")):
        turn = Turn("t", "e", "某环节", Role.REGULATOR, "1")
        assert attempt(own, "take", OFFICERS[name], turn, profile) == own
        assert attempt(own, "take", OFFICERS[other], turn, profile) != own
