"""The one shape of an act on a matter: unit of work, repeated command, who may, records, save.

What `reviewers.office.act` is for cases; every act of this package goes through here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from engine.errors import Refused
from engine.model import Matter, MatterFile, MatterKind, MatterRecord, Officer, Role
from engine.store import Receipt, UnitOfWork
from engine.store.matters import matter_file, next_matter_id, save_matter
from reviewers.office import Office, digest_of, require_clock
from reviewers.operations.keeping import keep_after
from reviewers.roster import Profile

P = ParamSpec("P")
SUPERVISORS = frozenset({Role.REGULATOR, Role.JOINT_LEAD})
LEADS_ONLY = dict.fromkeys(("complaint_extend", "process_publish"), frozenset({Role.JOINT_LEAD}))
"""The acts that only the head of joint review does, by name; a deputy's act is recorded under that role."""


@dataclass(frozen=True, slots=True)
class Minding:
    """One act on one matter, inside an open unit of work; for a new matter `file` is still empty."""

    office: Office
    work: UnitOfWork
    name: str
    digest: str
    file: MatterFile

    @property
    def matter(self) -> Matter:
        return self.file.matter

    def save(self, facts: Mapping[str, Any], records: Sequence[MatterRecord], contents: Sequence[str] = ()) -> Receipt:
        """The matter, its records and the event in one transaction; raises Conflict when the clock was set back."""
        require_clock(self.office, self.work)
        act = self.office.act(self.name, self.digest, {**facts, **self._principal()})
        return save_matter(self.work, self.matter, act, records, contents)

    def _principal(self) -> dict[str, str]:
        """Whom the officer stood in for, as the fact `for`; nothing when he acted in a role of his own."""
        office, needed = self.office, LEADS_ONLY.get(self.name, SUPERVISORS)
        if needed & set(office.officer.roles) or office.officer.id not in office.profile.officers:
            return {}
        absent = [o for o in office.profile.acting_for(office.officer.id, office.today) if needed & set(o.roles)]
        return {"for": absent[0].id} if absent else {}

    def beginning(self, kind: MatterKind, name: str, title: str, unit: str) -> Minding:
        """A further matter begun within this act, under a command id of its own made from this one's."""
        office = replace(self.office, command=f"{self.office.command}/{name}")
        return begun(office, self.work, name, self.digest, _new(office, self.work, kind, title, unit))


def begun(office: Office, work: UnitOfWork, name: str, digest: str, matter: Matter) -> Minding:
    """The act that opens this matter."""
    return Minding(office, work, name, digest, MatterFile(matter))


def opening(
    name: str, kind: MatterKind
) -> Callable[[Callable[Concatenate[Minding, P], Receipt]], Callable[Concatenate[Office, str, str, P], Receipt]]:
    """Make a function of a `Minding` into the act `(office, title, unit, **arguments)` that opens a matter."""

    def decorate(
        body: Callable[Concatenate[Minding, P], Receipt],
    ) -> Callable[Concatenate[Office, str, str, P], Receipt]:
        @wraps(body)
        def perform(office: Office, title: str, unit: str, *args: P.args, **kwargs: P.kwargs) -> Receipt:
            digest = digest_of(name, office.officer.id, "", [title, unit, args, kwargs])

            def once(office: Office) -> Receipt:
                with office.store.work() as work:
                    done = work.repeated(office.command, digest)
                    if done:
                        return done
                    matter = _new(office, work, kind, title, unit)
                    return body(begun(office, work, name, digest, matter), *args, **kwargs)

            return kept(office, name, once)

        return cast("Callable[Concatenate[Office, str, str, P], Receipt]", perform)

    return decorate


def on_matter(
    name: str, kind: MatterKind
) -> Callable[[Callable[Concatenate[Minding, P], Receipt]], Callable[Concatenate[Office, str, P], Receipt]]:
    """Make a function of a `Minding` into the act `(office, matter_id, **arguments)` on a matter of this kind."""

    def decorate(body: Callable[Concatenate[Minding, P], Receipt]) -> Callable[Concatenate[Office, str, P], Receipt]:
        @wraps(body)
        def perform(office: Office, matter_id: str, *args: P.args, **kwargs: P.kwargs) -> Receipt:
            digest = digest_of(name, office.officer.id, matter_id, [args, kwargs])

            def once(office: Office) -> Receipt:
                with office.store.work() as work:
                    done = work.repeated(office.command, digest)
                    if done:
                        return done
                    file = matter_file(work, matter_id, kind)
                    return body(Minding(office, work, name, digest, file), *args, **kwargs)

            return kept(office, name, once)

        return cast("Callable[Concatenate[Office, str, P], Receipt]", perform)

    return decorate


def kept(office: Office, name: str, perform: Callable[[Office], Receipt]) -> Receipt:
    """The receipt of the act, a checkpoint of the trail kept after it if it is one to be remembered by."""
    receipt = perform(office)
    keep_after(name, office.store.path)
    return receipt


def may_supervise(office: Office, what: str) -> None:
    """Returns when the officer works in review at the market regulator; raises Refused otherwise.

    Source: Regulation arts. 20, 21.
    """
    officer = office.officer
    if not (SUPERVISORS & office.profile.roles_on(officer, office.today) and office.profile.in_regulator(officer.unit)):
        raise Refused(f"{officer.name}不能{what}：监督事项由市场监管部门会审人员办理。", _whom(office.profile))


def may_lead(office: Office, what: str) -> None:
    """Returns when the officer heads the joint review; raises Refused otherwise."""
    if Role.JOINT_LEAD not in office.profile.roles_on(office.officer, office.today):
        raise Refused(f"{office.officer.name}不能{what}：须由会审负责人办理。", _leads(office.profile))


def may_look(officer: Officer, profile: Profile, what: str) -> None:
    """Returns for officers of the market regulator and for auditors; raises Refused otherwise."""
    if Role.AUDITOR not in officer.roles and not profile.in_regulator(officer.unit):
        raise Refused(f"{officer.name}不能查阅{what}：只对市场监管部门和审计人员开放。", "请向市场监管部门了解。")


def _new(office: Office, work: UnitOfWork, kind: MatterKind, title: str, unit: str) -> Matter:
    matter_id = next_matter_id(work, kind, office.today.year)
    return Matter(matter_id, kind, title, unit, office.officer.id, office.now, 0)


def _whom(profile: Profile) -> str:
    holders = [officer for role in (Role.REGULATOR, Role.JOINT_LEAD) for officer in profile.officers_with(role)]
    return f"请由{'、'.join(f'{each.name}（{each.id}）' for each in holders[:4])}办理。"


def _leads(profile: Profile) -> str:
    return f"请由{'、'.join(f'{each.name}（{each.id}）' for each in profile.officers_with(Role.JOINT_LEAD))}办理。"
