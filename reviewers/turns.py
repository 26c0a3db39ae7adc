"""What is done with a task whoever's it is: taking it, putting it back, sending a finished review back to be redone."""

from __future__ import annotations

from dataclasses import replace

from engine.errors import Conflict, InvalidInput, Refused
from engine.model import Gate, Redo, Turn
from engine.store import Receipt
from reviewers.office import Acting, act


@act("claim")
def claim(acting: Acting) -> Receipt:
    """The officer holds the one open task of this case he may do; raises Conflict naming who holds it already."""
    turns = acting.work.open_turns(acting.case.id)
    turn = acting.turn(*(t.element for t in turns))
    me = acting.office.officer.id
    if turn.holder == me:
        raise Conflict(f"“{turn.name}”已由您本人领取。", "可直接办理。")
    return acting.note({"element": turn.element, "instance": turn.instance}, turns=_held(turns, turn, me))


@act("release")
def release(acting: Acting) -> Receipt:
    """The task the officer held is free for others again."""
    turns = acting.work.open_turns(acting.case.id)
    mine = [turn for turn in turns if turn.holder == acting.office.officer.id]
    if not mine:
        raise Refused(
            f"案件 {acting.case.id} 没有由您领取的任务。", f"运行 shuangshen show {acting.case.id} 查看由谁领取。"
        )
    return acting.note({"element": mine[0].element, "instance": mine[0].instance}, turns=_held(turns, mine[0], ""))


@act("redo")
def redo(acting: Acting, reason: str) -> Receipt:
    """Whoever was to sign has sent the review back to its reviewers, with the reason."""
    turn = acting.turn("sign_off", "conclude")
    if not reason.strip():
        raise InvalidInput("退回重审须说明理由。", "请加上 --reason “理由”。")
    gate = Gate.SELF_REVIEW if turn.element == "sign_off" else Gate.JOINT_REVIEW
    office = acting.office
    record = Redo(gate, acting.case.round, reason, office.officer.id, office.officer.unit, office.now)
    return acting.save(acting.complete(turn, {"outcome": "redo"}), {"reason": reason}, [record])


def _held(turns: tuple[Turn, ...], turn: Turn, holder: str) -> tuple[Turn, ...]:
    return tuple(replace(t, holder=holder) if t == turn else t for t in turns)
