"""Where a case stands as plain JSON, with words instead of the library's numbers, and back again.

Two readings of one thing. `tokens` is enough for any other engine: which elements wait, for whom or for which message,
with which data. `tasks` and `called` are the whole remaining tree, from which the very same position is rebuilt here.
Called by the `position` command; the drawing itself is in the bundle, by its hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.errors import ProcessError
from engine.process import door
from engine.process.bundle import Bundle, pack, unpack
from engine.process.machine import specs
from engine.process.position import MAX_POSITION, load

SCHEMA = "shuangshen.position/1"
_STATES: Mapping[int, str] = {number: str(TaskState.get_name(number)) for number in TaskState._values}


def to_document(bundle: Bundle, position: bytes) -> dict[str, Any]:
    """The position as a JSON object. Raises ProcessError when it is damaged or belongs to another bundle."""
    plain = door.to_plain(bundle, position)
    told = {"schema": SCHEMA, "bundle": bundle.hash, "stage": plain["stage"], "ended": plain["ended"]}
    told["tokens"] = list(_tokens(bundle, position))
    stored = unpack(position, MAX_POSITION, "流程位置")
    if plain["ended"]:
        return told | {"variables": stored["data"]}
    names = dict(_processes(bundle, stored))
    tasks = [_task(row, names[0]) for row in stored["top"]]
    called = [
        {"host": host, "process": names[host].name, "tasks": [_task(row, names[host]) for row in rows]}
        for host, rows in stored["called"]
    ]
    return told | {"variables": plain["variables"], "next": stored["next"], "tasks": tasks, "called": called}


def from_document(bundle: Bundle, document: Mapping[str, Any]) -> bytes:
    """The position this object tells of; its tokens are those it names. With its keys in their order, byte for byte.

    Raises ProcessError when it is of another bundle, incomplete, or does not agree with itself.
    """
    if document.get("schema") != SCHEMA or document.get("bundle") != bundle.hash:
        raise ProcessError("不是这个流程版本的流程位置。", f"本案的流程版本是 {str(document.get('bundle'))[:12]}。")
    try:
        position = pack(_stored(document))
        same = to_document(bundle, position) == document
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ProcessError("流程位置写得不完整，不能重建。", "请用 shuangshen position 重新导出。") from error
    if not same:
        raise ProcessError("流程位置前后不一致：所写的待办不是任务树上的待办。", "请用 shuangshen position 重新导出。")
    return position


def _tokens(bundle: Bundle, position: bytes) -> Iterator[dict[str, Any]]:
    live = load(bundle, position, {})
    for turn in door.open_turns(bundle, position):
        task = next(task for task in door.open_tasks(live) if str(task.id) == turn.task)
        yield {"task": turn.task, "element": turn.element, "name": turn.name, "role": turn.role.value,
               "instance": turn.instance, "messages": [], "data": dict(task.data)}  # fmt: skip
    for task in sorted(door.listening(live), key=lambda task: int(task.id)):
        element = bundle.elements[task.task_spec.bpmn_id]
        yield {"task": str(task.id), "element": element.id, "name": element.name, "role": "", "instance": "",
               "messages": sorted(door.messages_of(task)), "data": dict(task.data)}  # fmt: skip


def _processes(bundle: Bundle, stored: Mapping[str, Any]) -> Iterator[tuple[int, Any]]:
    """The specification each list of rows belongs to: the top one under 0, called ones under their host's number."""
    top, called = specs(bundle)
    yield 0, top
    known = {row[0]: top.task_specs[row[2]] for row in stored["top"]}
    for host, rows in stored["called"]:
        own = called[known[host].spec]
        known |= {row[0]: own.task_specs[row[2]] for row in rows}
        yield host, own


def _task(row: list[Any], spec: Any) -> dict[str, Any]:
    number, parent, name, state, triggered, internal, changes = row
    return {
        "id": number,
        "parent": parent,
        "spec": name,
        "element": spec.task_specs[name].bpmn_id or "",
        "state": _STATES[state],
        "triggered": bool(triggered),
        "internal": internal,
        "set": changes[0] if changes else None,
        "dropped": changes[1] if changes else [],
    }


def _stored(document: Mapping[str, Any]) -> dict[str, Any]:
    """The object as `position` stores it."""
    begun = {"format": 1, "bundle": document["bundle"]}
    if document["ended"]:
        return begun | {"ended": document["stage"], "data": document["variables"]}
    called = [[each["host"], [_row(task) for task in each["tasks"]]] for each in document["called"]]
    return begun | {"next": document["next"], "top": [_row(task) for task in document["tasks"]], "called": called}


def _row(task: Mapping[str, Any]) -> list[Any]:
    numbers = {name: number for number, name in _STATES.items()}
    changes = None if task["set"] is None else [task["set"], task["dropped"]]
    state, triggered = numbers[task["state"]], int(task["triggered"])
    return [task["id"], task["parent"], task["spec"], state, triggered, task["internal"], changes]
