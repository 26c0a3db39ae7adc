"""Who works where, in which role, and how this locality does things: the profile of an installation.

Three hand-written TOML files are checked key by key before anybody may act on them, because a roster that loads
wrongly lets the wrong person through. Called by the counter when it opens an installation, by `reviewers.policy`
and by the papers, which print unit names and form titles from here.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from engine.errors import NotFound, StandardsError
from engine.model import Officer, Role
from reviewers.practice import Practice, read_practice
from reviewers.tables import Table

PROFILES = Path(__file__).parent / "profiles"
MAX_FILE_BYTES = 1_000_000
RESERVED = "system"
ROLE_NAMES: Mapping[Role, str] = {
    Role.DRAFTER: "起草人",
    Role.DRAFTING_REVIEWER: "自审人员",
    Role.DRAFTING_HEAD: "起草单位负责人",
    Role.REGULATOR: "会审人员",
    Role.JOINT_LEAD: "会审负责人",
    Role.AUDITOR: "审计人员",
    Role.CO_REVIEWER: "会审部门人员",
}
JOINT_ROLES = frozenset({Role.REGULATOR, Role.JOINT_LEAD})


@dataclass(frozen=True, slots=True)
class Unit:
    """An authority, or an internal office (内设机构) of the authority `part_of`."""

    id: str
    name: str
    full_name: str
    part_of: str = ""
    regulator: bool = False


@dataclass(frozen=True, slots=True)
class Deputy:
    """`deputy` acts in the roles of `officer` from `from_on` to `to_on`, both days included."""

    officer: str
    deputy: str
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class Profile:
    """A checked profile: every unit an officer or deputy names exists, exactly one unit is the regulator."""

    practice: Practice
    units: Mapping[str, Unit]
    officers: Mapping[str, Officer]
    deputies: tuple[Deputy, ...] = ()
    overlay: Path | None = None
    """The local rules laid over the packaged ones: a file or directory beside the profile's files."""

    @property
    def regulator_unit(self) -> Unit:
        """The market regulator of this level."""
        return next(unit for unit in self.units.values() if unit.regulator)

    def officer(self, officer_id: str) -> Officer:
        """The officer of this id; raises NotFound naming the nearest ids."""
        if officer_id not in self.officers:
            raise NotFound(f"名册中没有编号为“{officer_id}”的人员。", _nearest(officer_id, self.officers))
        return self.officers[officer_id]

    def unit(self, unit_id: str) -> Unit:
        """The unit of this id; raises NotFound naming the nearest ids."""
        if unit_id not in self.units:
            raise NotFound(f"名册中没有编号为“{unit_id}”的单位。", _nearest(unit_id, self.units))
        return self.units[unit_id]

    def authority_of(self, unit_id: str) -> Unit:
        """The authority a unit belongs to: itself, or the one its internal office is part of."""
        unit = self.unit(unit_id)
        return self.unit(unit.part_of) if unit.part_of else unit

    def in_regulator(self, unit_id: str) -> bool:
        """Whether the unit is the market regulator or one of its internal offices."""
        return self.authority_of(unit_id) == self.regulator_unit

    def officers_with(self, role: Role, unit: str | None = None) -> tuple[Officer, ...]:
        """Officers holding `role`, in roster order; only those of `unit` when given. Deputies are not counted."""
        return tuple(o for o in self.officers.values() if role in o.roles and unit in (None, o.unit))

    def acting_for(self, officer_id: str, on: date) -> tuple[Officer, ...]:
        """The officers whom this officer stands in for on that day, in roster order of the deputies table."""
        self.officer(officer_id)
        return tuple(
            self.officers[d.officer] for d in self.deputies if d.deputy == officer_id and d.from_on <= on <= d.to_on
        )

    def roles_on(self, officer: Officer, on: date) -> frozenset[Role]:
        """The officer's own roles and those of everyone he stands in for on that day."""
        covered = (role for absent in self.acting_for(officer.id, on) for role in absent.roles)
        return frozenset((*officer.roles, *covered))


def shipped_profile(name: str) -> Path:
    """The directory of a profile that comes with the program; raises NotFound listing those that exist."""
    shipped = sorted(path.name for path in PROFILES.iterdir() if (path / "practice.toml").is_file())
    if name not in shipped:
        raise NotFound(f"没有随附的机构配置“{name}”。", f"现有：{'、'.join(shipped)}。")
    return PROFILES / name


def load_profile(directory: Path) -> Profile:
    """The profile kept in `directory` as practice.toml, units.toml and officers.toml.

    Raises StandardsError naming file and key when a file is missing or unreadable, a key unknown or absent, an id
    given twice, or a unit, role or officer does not exist.
    """
    units = _units(_read(directory / "units.toml"))
    people = _read(directory / "officers.toml")
    officers = _officers(people, units)
    practice = _read(directory / "practice.toml")
    local = read_practice(practice)
    overlay = _overlay(practice, local.overlay, directory)
    profile = Profile(local, units, officers, _deputies(people, officers), overlay)
    _check_routing(practice, profile)
    _check_places(people, profile)
    return profile


def _read(path: Path) -> Table:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise StandardsError(f"机构配置文件读不到：{path}。", "请检查文件是否存在、是否有读取权限。") from error
    if len(raw) > MAX_FILE_BYTES:
        raise StandardsError(f"机构配置文件过大：{path}。", f"上限 {MAX_FILE_BYTES} 字节。")
    try:
        return Table(path.name, "", tomllib.loads(raw.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StandardsError(f"{path.name}：不是有效的 TOML 文件（{error}）。", "请按提示的行列改正。") from error


def _units(file: Table) -> Mapping[str, Unit]:
    file.only("units")
    units: dict[str, Unit] = {}
    for row in file.tables("units"):
        row.only("id", "name", "full_name", "part_of", "regulator")
        unit = Unit(
            row.text("id"),
            row.text("name"),
            row.text("full_name"),
            row.text("part_of", ""),
            row.flag("regulator", False),
        )
        row.new_id(unit.id, units)
        units[unit.id] = unit
    _check_units(file, units)
    return MappingProxyType(units)


def _check_units(file: Table, units: Mapping[str, Unit]) -> None:
    for row, unit in zip(file.tables("units"), units.values(), strict=True):
        if unit.part_of and (unit.part_of not in units or units[unit.part_of].part_of):
            raise row.fault("part_of", f"“{unit.part_of}”不是已列出的单位，或者本身就是内设机构")
        if unit.part_of and unit.regulator:
            raise row.fault("regulator", "内设机构不能标为市场监管部门，请标在其所属单位上")
    if sum(unit.regulator for unit in units.values()) != 1:
        raise file.fault("units", "应当有且只有一个单位写明 regulator = true")


def _officers(file: Table, units: Mapping[str, Unit]) -> Mapping[str, Officer]:
    file.only("officers", "deputies")
    officers: dict[str, Officer] = {}
    for row in file.tables("officers"):
        row.only("id", "name", "unit", "roles")
        roles = tuple(row.member("roles", role, Role) for role in row.texts("roles"))
        officer = Officer(row.text("id"), row.text("name"), row.text("unit"), roles)
        row.new_id(officer.id, officers)
        if officer.id == RESERVED:
            raise row.fault("id", f"“{RESERVED}”留给系统自动办理的留痕，不能用作人员编号")
        if officer.unit not in units:
            raise row.fault("unit", f"没有单位“{officer.unit}”。{_nearest(officer.unit, units)}")
        officers[officer.id] = officer
    return MappingProxyType(officers)


def _check_places(file: Table, profile: Profile) -> None:
    for row, officer in zip(file.tables("officers"), profile.officers.values(), strict=True):
        if JOINT_ROLES & set(officer.roles) and not profile.in_regulator(officer.unit):
            raise row.fault("roles", f"会审角色只能由市场监管部门人员担任，“{officer.unit}”不是")
        if Role.CO_REVIEWER in officer.roles:
            raise row.fault("roles", "会审部门人员不在名册中设角色，由该部门的自审人员或者负责人答复")
        if Role.AUDITOR in officer.roles and len(officer.roles) > 1:
            raise row.fault("roles", "审计人员不能兼任其他角色")


def _deputies(file: Table, officers: Mapping[str, Officer]) -> tuple[Deputy, ...]:
    deputies = []
    for row in file.tables("deputies", required=False):
        row.only("officer", "deputy", "from", "to")
        deputy = Deputy(row.text("officer"), row.text("deputy"), row.day("from"), row.day("to"))
        _check_deputy(row, deputy, officers)
        deputies.append(deputy)
    return tuple(deputies)


def _check_deputy(row: Table, deputy: Deputy, officers: Mapping[str, Officer]) -> None:
    for key, person in (("officer", deputy.officer), ("deputy", deputy.deputy)):
        if person not in officers:
            raise row.fault(key, f"没有人员“{person}”。{_nearest(person, officers)}")
    if deputy.officer == deputy.deputy:
        raise row.fault("deputy", "不能由本人代理本人")
    if officers[deputy.officer].unit != officers[deputy.deputy].unit:
        raise row.fault("deputy", "代理人须与被代理人在同一单位")
    if Role.AUDITOR in officers[deputy.officer].roles + officers[deputy.deputy].roles:
        raise row.fault("deputy", "审计人员不代理他人，也不由他人代理")
    if deputy.from_on > deputy.to_on:
        raise row.fault("to", "终止日期早于起始日期")


def _overlay(file: Table, name: str, directory: Path) -> Path | None:
    """Where the local rules are; the profile may only name what lies beside it."""
    if not name:
        return None
    if Path(name).name != name or name == ".." or not (directory / name).exists():
        raise file.table("practice").fault("overlay", f"“{name}”不是配置目录里的文件或者目录")
    return directory / name


def _check_routing(file: Table, profile: Profile) -> None:
    for word, unit in profile.practice.routing.items():
        if unit not in profile.units:
            raise file.table("routing").fault(word, f"没有单位“{unit}”。{_nearest(unit, profile.units)}")


def _nearest(wanted: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    return f"相近的有：{'、'.join(near)}。" if near else f"可用的有：{'、'.join(list(known)[:8])}等。"
