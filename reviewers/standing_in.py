"""Whom an officer stands in for: the absent one in whose role an act is done goes into the trail beside the deputy.

Called by every act of `office.py` when it is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine.model import Officer, Role, Turn
from reviewers.departments import SPEAKERS
from reviewers.roster import Profile

ROLES_WITHOUT_TASK: Mapping[str, tuple[Role, ...]] = {
    "submit": (Role.DRAFTER,),
    "revise": (Role.DRAFTER,),
    "issue": (Role.DRAFTER,),
    "withdraw": (Role.DRAFTER, Role.DRAFTING_HEAD),
    "reject": (Role.REGULATOR, Role.JOINT_LEAD),
    "effect_check": (Role.DRAFTER,),
    "reopen": (Role.DRAFTER,),
    "migrate": (Role.JOINT_LEAD,),
    "reassign": (Role.DRAFTING_HEAD, Role.JOINT_LEAD),
    "reviewer_add": (Role.DRAFTING_HEAD, Role.JOINT_LEAD),
    "reviewer_skip": (Role.DRAFTING_HEAD, Role.JOINT_LEAD),
    "evaluate": (Role.REGULATOR, Role.JOINT_LEAD),
    "repair": (Role.JOINT_LEAD,),
    "retention_set": (Role.JOINT_LEAD,),
    "retention_hold": (Role.JOINT_LEAD,),
    "retention_release": (Role.JOINT_LEAD,),
    "retention_propose": (Role.REGULATOR, Role.JOINT_LEAD),
    "retention_dispose": (Role.JOINT_LEAD,),
    "transfer_out": (Role.DRAFTER, Role.DRAFTING_HEAD, Role.REGULATOR, Role.JOINT_LEAD),
    "transfer_in": (Role.DRAFTER, Role.DRAFTING_HEAD, Role.REGULATOR, Role.JOINT_LEAD),
}
"""The roles in which an act is done that completes no task; what a deputy's act is recorded under."""


def principal(act: str, turn: Turn | None, officer: Officer, profile: Profile, on: date) -> dict[str, str]:
    """Whom the officer stands in for in this act, as the fact `for`; nothing when he acts in a role of his own.

    `turn` is the task the act completes, if any.
    """
    roles = _roles_of(turn) if turn else ROLES_WITHOUT_TASK.get(act, ())
    known = officer.id in profile.officers  # the system stands in for nobody
    absent = profile.acting_for(officer.id, on) if roles and known else ()
    named = [one.id for one in absent if turn and one.id in (turn.holder, turn.instance)]
    if not named and not set(roles) & set(officer.roles):
        named = [one.id for one in absent if set(roles) & set(one.roles)]
    return {"for": named[0]} if named else {}


def _roles_of(turn: Turn) -> tuple[Role, ...]:
    """The roster roles that may do this task: a department asked is answered for by its own reviewers and heads."""
    return tuple(sorted(SPEAKERS)) if turn.role is Role.CO_REVIEWER else (turn.role,)
