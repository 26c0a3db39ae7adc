"""Which conditions every rule of `reviewers.policy` is made of: role, place, and the other side of the same case.

Each returns nothing when it is met and raises Refused naming the rule and who may instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine.errors import Refused
from engine.gate import who_acted
from engine.model import Case, CaseFile, Gate, Officer, Role
from reviewers.roster import ROLE_NAMES, Profile

GATE_OF_ROLE: Mapping[Role, Gate] = {
    Role.DRAFTER: Gate.SELF_REVIEW,
    Role.DRAFTING_REVIEWER: Gate.SELF_REVIEW,
    Role.DRAFTING_HEAD: Gate.SELF_REVIEW,
    Role.REGULATOR: Gate.JOINT_REVIEW,
    Role.JOINT_LEAD: Gate.JOINT_REVIEW,
    Role.CO_REVIEWER: Gate.JOINT_REVIEW,
}
GATE_NAMES: Mapping[Gate, str] = {Gate.SELF_REVIEW: "起草单位自审", Gate.JOINT_REVIEW: "市场监管部门会审"}


def not_the_auditor(officer: Officer) -> None:
    """An auditor only reads and exports."""
    if Role.AUDITOR in officer.roles:
        raise Refused(f"{officer.name}是审计人员，只能查阅和导出案卷，不能办理。", "请由名册中的办理人员操作。")


def holds(officer: Officer, role: Role, act: str, profile: Profile, on: date, unit: str = "") -> None:
    """The officer holds the role on that day, of his own or as a dated deputy; `unit` drafts, its people are named."""
    if role not in profile.roles_on(officer, on):
        held = "、".join(ROLE_NAMES[each] for each in officer.roles) or "无角色"
        raise Refused(
            f"{officer.name}（{held}）不能{act}：该环节只由{ROLE_NAMES[role]}办理。",
            f"请由{_who(profile, role, unit or officer.unit)}办理，或者在名册中登记代理。",
        )


def _who(profile: Profile, role: Role, unit: str) -> str:
    holders = profile.officers_with(role, unit) or profile.officers_with(role)
    return "、".join(f"{holder.name}（{holder.id}）" for holder in holders[:4]) or ROLE_NAMES[role]


def in_place(officer: Officer, role: Role, case: Case, profile: Profile) -> None:
    """The officer works where the role belongs: the drafting unit, or an office of the regulator that did not draft."""
    if GATE_OF_ROLE[role] is Gate.SELF_REVIEW:
        of_drafting_unit(officer, case.unit, profile)
        return
    if not profile.in_regulator(officer.unit):
        raise Refused(
            f"{officer.name}所在的“{profile.unit(officer.unit).name}”不是市场监管部门，不能参加会审。",
            f"会审由“{profile.regulator_unit.name}”组织，请转交{_who(profile, role, profile.regulator_unit.id)}。",
        )
    if officer.unit == case.unit:
        raise Refused(
            f"{officer.name}所在的“{profile.unit(case.unit).name}”就是起草单位，不能会审本单位起草的草案。",
            "市场监管部门自行起草的，由另一内设机构会审，或者委托第三方评估。",
        )


def of_drafting_unit(officer: Officer, unit: str, profile: Profile) -> None:
    """The officer is of the drafting unit."""
    if officer.unit != unit:
        raise Refused(
            f"{officer.name}属于“{profile.unit(officer.unit).name}”，本件起草单位是“{profile.unit(unit).name}”，"
            "自审环节只由起草单位人员办理。",
            "请由起草单位人员办理；联合起草的，由牵头单位办理。",
        )


def not_on_the_other_gate(officer: Officer, gate: Gate, case_file: CaseFile) -> None:
    """The officer has not acted on the other gate of this case. Source: Regulation art. 14."""
    acted = who_acted(case_file).get(officer.id, frozenset())
    for other in sorted(set(acted) - {gate}):
        raise Refused(
            f"{officer.name}已在案卷{case_file.case.id}办理过{GATE_NAMES[other]}，不能再办理{GATE_NAMES[gate]}："
            "同一案卷的两道审查不得由同一人办理。",
            "请由未参与本案的人员办理。",
        )
