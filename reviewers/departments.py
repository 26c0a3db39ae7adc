"""Which other departments are asked to co-review (会审部门), and who may answer for one.

The table `routing.dmn` names departments by what they are in charge of; which unit that is here is local practice.
The drafting authority and the market regulator are never asked: they review the draft anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.errors import Refused
from engine.model import PolicyField, Role

if TYPE_CHECKING:
    from engine.model import Case, Officer, Turn
    from reviewers.roster import Profile

CONSULTING = "consult_departments"
NOBODY = "none"
SPEAKERS = frozenset({Role.DRAFTING_REVIEWER, Role.DRAFTING_HEAD})
FIELD_WORDS: Mapping[PolicyField, str] = {
    PolicyField.BIDDING: "招标投标",
    PolicyField.PROCUREMENT: "政府采购",
    PolicyField.PRICE: "价格",
    PolicyField.TAX: "税收",
    PolicyField.LAND: "土地",
    PolicyField.DATA: "数据",
}


def touches(fields: Iterable[PolicyField]) -> dict[str, bool]:
    """The variables the routing table reads, one a field."""
    named = set(fields)
    return {f"touches_{field}": field in named for field in PolicyField}


def departments_asked(words: Iterable[str], case: Case, profile: Profile) -> dict[str, dict[str, Any]]:
    """The units to ask, each once, as the process takes them; a word local practice has no unit for asks nobody."""
    units = [profile.practice.routing[word] for word in words if word in profile.practice.routing]
    return {unit: {} for unit in units if not is_reviewing_authority(unit, case, profile)}


def not_mapped(words: Iterable[str], profile: Profile) -> list[str]:
    """The departments the table names for which local practice has no unit."""
    return [word for word in dict.fromkeys(words) if word != NOBODY and word not in profile.practice.routing]


def speakers(unit: str, profile: Profile) -> tuple[Officer, ...]:
    """The officers who may answer for the authority of this unit, in roster order."""
    authority = profile.authority_of(unit)
    return tuple(
        officer
        for officer in profile.officers.values()
        if set(officer.roles) & SPEAKERS and profile.authority_of(officer.unit) == authority
    )


def departments_waited_for(turns: Iterable[Turn], profile: Profile) -> tuple[str, ...]:
    """The authorities whose answer these open tasks wait for."""
    places = [turn.instance for turn in turns if turn.role is Role.CO_REVIEWER]
    units = [profile.officers[place].unit if place in profile.officers else place for place in places]
    return tuple(profile.authority_of(unit).id for unit in units if unit in profile.units)


def places_asked(officer: Officer, profile: Profile) -> tuple[str, ...]:
    """The places at which this officer may be asked to answer for his department: its units, or he by name."""
    if not set(officer.roles) & SPEAKERS:
        return ()
    authority = profile.authority_of(officer.unit)
    units = [unit.id for unit in profile.units.values() if profile.authority_of(unit.id) == authority]
    return (*units, officer.id)


def may_ask_department(unit: str, case: Case, profile: Profile) -> None:
    """Returns when this unit may be asked to co-review the case; raises Refused otherwise."""
    if is_reviewing_authority(unit, case, profile):
        raise Refused(
            f"“{profile.authority_of(unit).name}”是本案的起草单位或者会审组织单位，不再作为会审部门征求意见。",
            "请选择其他部门。",
        )
    if not speakers(unit, profile):
        raise Refused(
            f"“{profile.unit(unit).name}”在名册中没有自审人员或者负责人，无人可以答复。",
            "请先在 officers.toml 中登记该部门人员。",
        )


def may_speak(officer: Officer, turn: Turn, case: Case, profile: Profile, on: date) -> None:
    """Returns when the officer may answer for the department asked at this turn, as one of its reviewers or heads.

    A turn given to an officer by name asks his own department. Raises Refused for officers of other authorities, of
    the drafting authority and of the regulator.
    """
    asked = turn.instance if turn.instance in profile.units else officer.unit
    may_ask_department(asked, case, profile)
    if profile.authority_of(officer.unit) == profile.authority_of(asked) and profile.roles_on(officer, on) & SPEAKERS:
        return
    names = "、".join(f"{each.name}（{each.id}）" for each in speakers(asked, profile)[:4])
    raise Refused(
        f"{officer.name}不能代表“{profile.unit(asked).name}”办理“{turn.name}”：由该部门的自审人员或者负责人答复。",
        f"请由{names}办理。",
    )


def is_reviewing_authority(unit: str, case: Case, profile: Profile) -> bool:
    """Whether the unit belongs to the drafting authority or the market regulator, who review the draft anyway."""
    return profile.authority_of(unit) in (profile.authority_of(case.unit), profile.regulator_unit)
