"""Moving a case to another process version: only at a round boundary, where nobody's work is half done.

At `revise` and `passed` the pruned position holds one waiting point and the finished way to it, so it can be laid into
another specification without rewriting a task. What the library predicts after the waiting point is forgotten and
predicted anew; the waiting tasks keep their numbers, and with them their holders and deadlines in the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.errors import FairReviewError, ProcessError
from engine.model import Turn
from engine.process.bundle import Bundle, pack, unpack
from engine.process.door import complete, open_turns, send, to_plain
from engine.process.machine import Services, specs
from engine.process.position import MAX_POSITION, load, save

BOUNDARIES = ("revise", "passed")
_STANDING = TaskState.FINISHED_MASK | TaskState.DEFINITE_MASK & ~TaskState.FUTURE
_ADVICE = "请等到修改环节，或让本案按原流程版本办完。"


def migrate(old: Bundle, position: bytes, new: Bundle) -> bytes:
    """The position under `new`, waiting at the same point for the same people; the old one stays as it was.

    It has been tried out: from there the case can go on. Raises ProcessError, saying why, for a case in the middle of
    a round or at its end, or when `new` differs in what the case waits for or has passed through.
    """
    before = to_plain(old, position)
    if before["ended"]:
        raise ProcessError("本案已经结束。", "结束的案件不迁移。")
    if before["stage"] not in BOUNDARIES:
        waiting = "、".join(dict.fromkeys(turn["name"] for turn in before["turns"]))
        raise ProcessError(f"本案正在“{waiting}”，一轮审查没有办完，不能换流程版本。", _ADVICE)
    document = unpack(position, MAX_POSITION, "流程位置")
    if document["called"]:
        raise ProcessError("本案还有没有办完的调用环节。", _ADVICE)
    standing = [row for row in document["top"] if row[3] & _STANDING]
    _require_same_elements(old, new, standing)
    moved = _laid(new, document | {"bundle": new.hash, "top": standing})
    _require_same_waiting(before, new, moved)
    _try_out(new, moved, before["stage"])
    return moved


def kept_turns(turns: tuple[Turn, ...], bundle: Bundle, position: bytes) -> tuple[tuple[Turn, Turn], ...]:
    """The stored open tasks beside what the migrated position calls them; in number and order they are the same."""
    named = {turn.task: turn for turn in open_turns(bundle, position)}
    return tuple((turn, named[turn.task]) for turn in turns)


def _require_same_elements(old: Bundle, new: Bundle, standing: list[Any]) -> None:
    before, after = (specs(bundle)[0].task_specs for bundle in (old, new))
    for name in dict.fromkeys(row[2] for row in standing):
        if name not in after or type(after[name]) is not type(before[name]):
            known = old.elements.get(name.partition(".")[0])
            label = known.name if known else name
            raise ProcessError(f"新流程版本里没有本案经过的环节“{label}”，或其种类已变。", _ADVICE)


def _laid(new: Bundle, document: Mapping[str, Any]) -> bytes:
    live = load(new, pack(document), {})
    for task in list(live.workflow.tasks.values()):
        if task.state in (TaskState.READY, TaskState.WAITING):
            task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
    return save(live)


def _require_same_waiting(before: Mapping[str, Any], new: Bundle, moved: bytes) -> None:
    after = to_plain(new, moved)
    for what, name in (("stage", "环节"), ("messages", "消息")):
        if before[what] != after[what]:
            raise ProcessError(f"新流程版本等待的{name}与本案现在等待的不同。", _ADVICE)
    people = [[(t["task"], t["element"], t["role"], t["instance"]) for t in told["turns"]] for told in (before, after)]
    if people[0] != people[1]:
        raise ProcessError("新流程版本在此环节由另外的人员办理。", _ADVICE)


def _try_out(new: Bundle, moved: bytes, stage: str) -> None:
    """The next step is taken on a copy, so that a case never finds out later that it cannot go on."""
    nothing: Services = {"screen": lambda _: {"findings": 0}}
    try:
        if stage == "revise":
            complete(new, moved, "revise", {"outcome": "resubmitted"}, nothing)
        else:
            send(new, moved, "text_changed", {}, nothing)
            send(new, moved, "archive", {}, nothing)
    except FairReviewError as refusal:
        raise ProcessError(f"按新流程版本试办下一步时出错：{refusal.message}", _ADVICE) from refusal
