"""A case carried between a department's installation and the regulator's, twice there and back, kept at every halt."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from city import City, Matter, notice

from engine.model import Outcome, Role
from engine.store import Receipt
from engine.trail.signatures import make_key, sign
from engine.trail.transfers import read_package
from engine.trail.verifier import NAMESPACE
from reviewers import drafting_unit
from reviewers.desk.setup import initialise
from reviewers.operations.keys import add_key
from reviewers.operations.peers import card, key_of, own_key, trust
from reviewers.transferring import Sent, receive, send

HERE, THERE = "2026-0001", "JTJ-2026-0001"


@dataclass(frozen=True)
class Carried:
    """The packages in order, and copies of both installations as they stood before each was taken in."""

    room: Path
    packages: tuple[Path, ...]

    def home(self, which: str, hop: int, room: Path) -> City:
        """A copy of the installation as it stood before package `hop` was taken in; 5: at the end."""
        city = City(Path(shutil.copytree(self.room / f"{which}-{hop}", room / f"{which}-{hop}")))
        city.on(date(2026, 4, 1))
        city.acts = itertools.count(1000)
        return city


def introduce(here: City, there: City, tag: str, units: tuple[str, ...], room: Path) -> None:
    """`here` knows `there` from now on."""
    place = room / f"{tag}-{here.home.name}.json"
    place.write_bytes(card(there.database, f"{tag}的系统"))
    trust(here.database, here.profile, place, tag, key_of(own_key(there.database)).fingerprint, units)


def sent(city: City, case: str, to: str, out: Path, role: Role) -> Sent:
    officer = city.one(role, "jtj" if role is Role.DRAFTER else None)
    return send(city.by(officer), case, to, out)


def taken_in(city: City, package: Path, role: Role = Role.REGULATOR) -> Receipt:
    officer = city.one(role, "jtj" if role is Role.DRAFTER else None)
    return receive(city.by(officer), read_package(package))


def carry(room: Path) -> Carried:
    """The whole journey: refused in the first round, passed in the second, issued at home."""
    dept, joint = (City(initialise(room / name, "qingyang")) for name in ("dept", "joint"))
    for city in (dept, joint):
        city.on(date(2026, 3, 2))
    introduce(dept, joint, "SCJG", ("scjg",), room)
    introduce(joint, dept, "JTJ", ("jtj",), room)
    here, there = Matter(dept, "jtj"), Matter(joint, "jtj", id=THERE)
    other = Matter(joint, "gxj").submitted()
    packages = tuple(room / f"{hop}.zip" for hop in (1, 2, 3, 4))

    def over(hop: int, sender: City, to: City, case: str, tag: str) -> None:
        role, taker = (Role.DRAFTER, Role.REGULATOR) if sender is dept else (Role.JOINT_LEAD, Role.DRAFTER)
        sent(sender, case, tag, packages[hop - 1], role)
        _keep(room, hop)
        to.now = max(to.now, sender.now)
        taken_in(to, packages[hop - 1], taker)

    here.submitted().self_reviewed()
    _sign(here, room)
    over(1, dept, joint, HERE, "SCJG")
    other.self_reviewed()
    there.accepted().jointly_reviewed().concluded(Outcome.REVISE)
    over(2, joint, dept, THERE, "JTJ")
    here.revised(notice("进一步简化办事程序。")).self_reviewed().signed()
    over(3, dept, joint, HERE, "SCJG")
    there.accepted().jointly_reviewed().concluded()
    over(4, joint, dept, THERE, "JTJ")
    here.issued()
    _keep(room, 5)
    return Carried(room, packages)


def _keep(room: Path, hop: int) -> None:
    for name in ("dept", "joint"):
        shutil.copytree(room / name, room / f"{name}-{hop}")


def _sign(matter: Matter, room: Path) -> None:
    """The head of the unit signs with his own key, which the department's log alone knows."""
    city = matter.city
    head = city.one(Role.DRAFTING_HEAD, "jtj")
    make_key(room / "head", head)
    add_key(city.by(city.one(Role.JOINT_LEAD)), head, (room / "head.pub").read_text())
    signer: Callable[[bytes], str] = lambda data: sign(room / "head", data, NAMESPACE)  # noqa: E731
    drafting_unit.sign(replace(city.by(head), signer=signer), matter.id, Outcome.COMPLIANT, "初审意见")
