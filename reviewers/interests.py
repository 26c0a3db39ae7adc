"""Conflicts of interest (利益冲突): who reviews or concludes declares that he has none in this case, or says which.

A declared conflict keeps its officer from this review; who decides on the reviewers gives it to another.
"""

from __future__ import annotations

from engine.errors import InvalidInput, Refused
from engine.model import Turn
from reviewers.office import Acting

NO_INTERESTS = "无"
DECLARE = "没有填写“利益冲突声明”：没有的写“无”，有的写明情况"
_NONE = frozenset({"无", "没有", "无利益冲突", "none", "no"})


def declared(text: str) -> str:
    """The declaration as kept: 无, or the conflict in the officer's words; empty when nothing was declared."""
    words = text.strip()
    return NO_INTERESTS if words.rstrip("。").lower() in _NONE else words


def require_declared(text: str) -> str:
    """The declaration as kept. Raises InvalidInput when nothing was declared."""
    if not declared(text):
        raise InvalidInput(f"{DECLARE}。", "请加上 --interests 无，或者写明情况。")
    return declared(text)


def refuse_conflict(acting: Acting, turn: Turn, interests: str) -> None:
    """Returns when nothing stands between the officer and this case; raises Refused asking for another otherwise."""
    conflict = declared(interests)
    if conflict in ("", NO_INTERESTS):
        return
    officer, case = acting.office.officer, acting.case
    next_step = (
        f"请会审负责人改派：shuangshen reassign {case.id} --from {turn.instance} --to 人员 --reason “利益冲突回避”。"
        if turn.instance
        else "请由另一名会审负责人签署。"
    )
    raise Refused(f"{officer.name}声明与本案有利益冲突（{conflict}），不能办理“{turn.name}”，应当回避。", next_step)
