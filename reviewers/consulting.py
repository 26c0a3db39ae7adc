"""What a department asked to co-review answers: no objection, or its opinions on the text."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import InvalidInput
from engine.gate import is_settled
from engine.model import DepartmentAnswer, Gate, Opinion
from engine.store import Receipt
from reviewers.departments import CONSULTING
from reviewers.interests import refuse_conflict, require_declared
from reviewers.office import Acting, act
from reviewers.opinions import Comment, new_opinion


@dataclass(frozen=True, slots=True)
class Reply:
    """What the officer says for his department: `agrees` without objection, else `said` or opinions given before."""

    agrees: bool
    interests: str
    said: Comment | None = None


@act("consult")
def consult(acting: Acting, reply: Reply) -> Receipt:
    """The department's answer is on file, with its opinions; a blocking one keeps the draft until adopted or settled.

    Raises Refused when the officer does not speak for a department asked or declares a conflict of interest,
    InvalidInput when the answer says nothing or says two things.
    """
    turn = acting.turn(CONSULTING)
    interests = require_declared(reply.interests)
    refuse_conflict(acting, turn, interests)
    office, case = acting.office, acting.case
    department = office.profile.authority_of(office.officer.unit).id
    said = [new_opinion(acting, Gate.JOINT_REVIEW, reply.said)] if reply.said else []
    opinions = [*_given_before(acting, department), *said]
    _require_one_answer(reply, opinions)
    record = DepartmentAnswer(
        department=turn.instance if turn.instance in office.profile.units else department,
        round=case.round,
        version=case.version,
        agrees=reply.agrees,
        text="无不同意见" if reply.agrees else "；".join(opinion.text for opinion in opinions),
        opinions=tuple(opinion.id for opinion in opinions),
        interests=interests,
        answered_by=office.officer.id,
        unit=office.officer.unit,
        answered_at=office.now,
    )
    facts = {"department": record.department, "agrees": record.agrees, "opinions": list(record.opinions)}
    return acting.save(acting.complete(turn, {"outcome": "done"}), facts, [*said, record])


def _given_before(acting: Acting, department: str) -> list[Opinion]:
    """The opinions officers of this department gave in this round that were not withdrawn."""
    profile, case = acting.office.profile, acting.case
    return [
        opinion
        for opinion in acting.file.opinions
        if (opinion.round, opinion.gate) == (case.round, Gate.JOINT_REVIEW) and not is_settled(acting.file, opinion)
        if profile.authority_of(opinion.unit).id == department
    ]


def _require_one_answer(reply: Reply, opinions: list[Opinion]) -> None:
    if reply.agrees and opinions:
        raise InvalidInput(
            f"已经提出意见 {opinions[0].id}，不能同时答复无不同意见。",
            "请不加 --agree，或者先用 comment --withdraw 撤回。",
        )
    if not reply.agrees and not opinions:
        raise InvalidInput("没有写明部门意见。", "没有不同意见的写 --agree，有的写 --text “意见”。")
