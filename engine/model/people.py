"""Who acts, and whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """What an officer may be asked to do; lanes of the process name these.

    Nobody holds CO_REVIEWER in the roster: a department's own reviewers and heads act in it when it is asked.
    """

    DRAFTER = "drafter"
    DRAFTING_REVIEWER = "drafting_reviewer"
    DRAFTING_HEAD = "drafting_head"
    REGULATOR = "regulator"
    JOINT_LEAD = "joint_lead"
    AUDITOR = "auditor"
    CO_REVIEWER = "co_reviewer"


@dataclass(frozen=True, slots=True)
class Officer:
    """A person acting in an office. `unit` is a unit id of the roster."""

    id: str
    name: str
    unit: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One open task of a case: the BPMN element waiting, its name, the role its lane gives it to.

    `instance` tells parallel reviewers apart (an officer or unit id), empty elsewhere; `holder` is who claimed it.
    """

    task: str
    element: str
    name: str
    role: Role
    instance: str = ""
    holder: str = ""
    due_on: date | None = None
