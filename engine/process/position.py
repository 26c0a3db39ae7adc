"""Where a case stands, as bytes: the live part of SpiffWorkflow's task tree and nothing else.

The library's own format repeats the specification in every save and keeps every finished round, so a case grows
without end and is silently lost past depth 1000. Here the specification stays in the bundle, a task is one short row,
finished called processes and finished rounds are dropped, and tasks are numbered, so equal histories give equal bytes.
The history itself is the store's trail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import ProcessError
from engine.process.bundle import Bundle, pack, unpack
from engine.process.machine import Services, bare_workflow, workflows

MAX_POSITION = 1024 * 1024
_FORMAT = 1

Row = list[Any]


@dataclass
class Live:
    """A position opened for one step. After an ended case `workflow` is None and `data` are its last variables."""

    bundle: Bundle
    workflow: Any
    next_number: int = 1
    ended: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def save(live: Live) -> bytes:
    """The position as bytes, after pruning. Tasks that have no number yet get the next ones."""
    document: dict[str, Any] = {"format": _FORMAT, "bundle": live.bundle.hash}
    if live.ended:
        return pack(document | {"ended": live.ended, "data": live.data})
    _prune(live.workflow)
    _number(live)
    called = [[task_id, _rows(called)] for task_id, called in live.workflow.subprocesses.items()]
    return pack(document | {"next": live.next_number, "top": _rows(live.workflow), "called": called})


def load(bundle: Bundle, position: bytes, services: Services) -> Live:
    """The position opened. Raises ProcessError when it is damaged or belongs to another bundle."""
    document = unpack(position, MAX_POSITION, "流程位置")
    if document.get("format") != _FORMAT:
        raise ProcessError("流程位置不是本系统的格式。", "请从备份恢复。")
    if document.get("bundle") != bundle.hash:
        raise ProcessError(
            f"本案按流程版本 {str(document.get('bundle'))[:12]} 办理，不能用 {bundle.hash[:12]} 继续。",
            "请取用本案开始时的流程版本。",
        )
    if "ended" in document:
        return Live(bundle, None, ended=document["ended"], data=document["data"])
    return Live(bundle, _restored(bundle, document, services), document["next"])


def _number(live: Live) -> None:
    numbers: dict[Any, int] = {}
    for workflow in workflows(live.workflow):
        for task_id in _preorder(workflow):
            if not isinstance(task_id, int):
                numbers[task_id] = live.next_number
                live.next_number += 1
    for workflow in workflows(live.workflow):
        for task in workflow.tasks.values():
            task.id = numbers.get(task.id, task.id)
            task._parent = numbers.get(task._parent, task._parent)
            task._children = [numbers.get(child, child) for child in task._children]
        workflow.tasks = {task.id: task for task in workflow.tasks.values()}
    live.workflow.subprocesses = {numbers.get(k, k): called for k, called in live.workflow.subprocesses.items()}


def _preorder(workflow: Any) -> Iterator[Any]:
    stack = [workflow.task_tree.id]
    while stack:
        task_id = stack.pop()
        yield task_id
        stack.extend(reversed(workflow.tasks[task_id]._children))


def _rows(workflow: Any) -> list[Row]:
    return [_row(workflow.tasks[task_id]) for task_id in _preorder(workflow)]


def _row(task: Any) -> Row:
    return [
        task.id,
        task._parent or 0,
        task.task_spec.name,
        task.state,
        int(task.triggered),
        _internal(task),
        _changes(task.parent.data if task.parent else {}, task.data),
    ]


def _internal(task: Any) -> Mapping[str, Any]:
    if task.has_state(TaskState.FINISHED_MASK):
        return {}
    return {name: [] if name == "merged" else value for name, value in task.internal_data.items()}


def _changes(inherited: Mapping[str, Any], data: Mapping[str, Any]) -> Row | None:
    """What `data` adds to and drops from `inherited`; None for a task that has not been given data yet."""
    if not data:
        return None
    added = {name: value for name, value in data.items() if name not in inherited or inherited[name] != value}
    return [added, [name for name in inherited if name not in data]]


def _restored(bundle: Bundle, document: Mapping[str, Any], services: Services) -> Any:
    top = bare_workflow(bundle, services)
    try:
        _lay(top, document["top"])
        for parent_id, rows in document["called"]:
            host = top.get_task_from_id(parent_id)
            called = BpmnSubWorkflow(top.subprocess_specs[host.task_spec.spec], host.id, top, deserializing=True)
            called.completed_event.connect(host.task_spec._on_subworkflow_completed, host)
            top.subprocesses[host.id] = called
            _lay(called, rows)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProcessError("流程位置与流程版本对不上，读不出来。", "请从备份恢复。") from error
    return top


def _lay(workflow: Any, rows: list[Row]) -> None:
    for number, parent_number, spec, state, triggered, internal, changes in rows:
        parent = workflow.tasks[parent_number] if parent_number else None
        task = Task(workflow, workflow.spec.task_specs[spec], parent, state=state, id=number)
        task.triggered = bool(triggered)
        task.internal_data = internal
        task.data = _with_changes(parent.data if parent else {}, changes)
        if isinstance(task.task_spec, CatchingEvent) and task.has_state(TaskState.WAITING):
            workflow.top_workflow.event_manager.add_task(task)
    workflow.task_tree = workflow.tasks[rows[0][0]]


def _with_changes(inherited: Mapping[str, Any], changes: Row | None) -> dict[str, Any]:
    if changes is None:
        return {}
    added, dropped = changes
    return {name: value for name, value in inherited.items() if name not in dropped} | dict(added)


def _prune(workflow: Any) -> None:
    for task_id in list(workflow.subprocesses):
        host = next((part.tasks[task_id] for part in workflows(workflow) if task_id in part.tasks), None)
        if host is None or host.has_state(TaskState.FINISHED_MASK):
            del workflow.subprocesses[task_id]
    for part in workflows(workflow):
        merge = _newest_merge(part)
        if merge is not None:
            _hang_under_start(part, merge)


def _newest_merge(workflow: Any) -> Any:
    """The deepest finished loop merge that everything unfinished descends from, if any.

    Nothing above such a merge can be reached again: a parallel join or an event that still waits would itself be
    unfinished and outside the merge's branch.
    """
    unfinished = [t for t in workflow.tasks.values() if not t.has_state(TaskState.FINISHED_MASK)]
    paths = [list(_merges_above(task)) for task in unfinished]
    shared = set.intersection(*(set(path) for path in paths)) if paths else set()
    return next((workflow.tasks[task_id] for task_id in paths[0] if task_id in shared), None) if paths else None


def _merges_above(task: Any) -> Iterator[Any]:
    above = task.parent
    while above is not None:
        merges = type(above.task_spec).__name__ == "ExclusiveGateway" and len(above.task_spec.inputs) > 1
        if merges and above.state == TaskState.COMPLETED:
            yield above.id
        above = above.parent


def _hang_under_start(workflow: Any, merge: Any) -> None:
    root = workflow.task_tree
    if merge._parent == root.id:
        return
    kept, stack = {root.id: root}, [merge.id]
    while stack:
        task = workflow.tasks[stack.pop()]
        kept[task.id] = task
        stack.extend(task._children)
    root._children, merge._parent = [merge.id], root.id
    workflow.tasks = kept
