"""The acts on a process: start, complete, send, skip or add a reviewer, and the questions about where it stands.

Every function is pure over an opaque position: it opens the bytes, checks whose turn it is, moves, and gives new
bytes; on any refusal the old position still holds. The store calls these inside one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.errors import InvalidInput, NotYourTurn, ProcessError
from engine.model import Turn
from engine.process.bundle import TOP, Bundle
from engine.process.elements import Element
from engine.process.machine import Services, event, new_workflow, run, spiff_refusals, workflows
from engine.process.outcomes import FRESH, check_size, plain, taken, written
from engine.process.position import Live, load, save

SKIPPED = "skipped"
_WAITING_KINDS = frozenset({"eventBasedGateway", "intermediateCatchEvent"})


@dataclass(frozen=True, slots=True)
class Step:
    """What one act did to the process.

    `stage` is the element waited for, the first in process order, or the end reached. `passed` are the elements
    completed in this step, in order; a task with several reviewers counts when the last of them is done.
    """

    position: bytes
    turns: tuple[Turn, ...]
    stage: str
    ended: bool
    passed: tuple[str, ...]
    variables: Mapping[str, Any]


def start(bundle: Bundle, variables: Mapping[str, Any], services: Services) -> Step:
    """A new case under `bundle`, run up to the first turns.

    Raises InvalidInput when a variable is not plain or nobody is named as reviewer.
    """
    empty: dict[str, Any] = {e.reviewers: {} for e in bundle.elements.values() if e.reviewers}
    workflow = new_workflow(bundle, services)
    workflow.task_tree.data.update(empty | {name: plain(name, value) for name, value in variables.items()})
    return _moved(Live(bundle, workflow), [])


def complete(
    bundle: Bundle,
    position: bytes,
    element: str,
    outcome: Mapping[str, Any],
    services: Services,
    instance: str = "",
) -> Step:
    """The position after the person whose turn `element` (and `instance`) is has acted.

    The outcome of the act before is erased first, so no gateway can take it a second time. Raises NotYourTurn when
    the process does not wait for this act, InvalidInput when the outcome is not one of the element's.
    """
    live = load(bundle, position, services)
    task, known = _turn_task(live, element, instance), bundle.elements[element]
    values = written(known, outcome)
    if known.result:
        return _instance_done(live, task, known, values["outcome"])
    task.data = {name: value for name, value in task.data.items() if name not in FRESH} | values
    with spiff_refusals():
        task.run()
    return _moved(live, [element])


def skip(
    bundle: Bundle, position: bytes, element: str, instance: str, services: Services, replacement: str = ""
) -> Step:
    """The position after one reviewer of several has been passed over, with `replacement` in their place if given.

    The skipped reviewer is not asked again on a redo. Raises NotYourTurn when it is not this reviewer's turn,
    Refused kinds when the element has a single holder or the replacement already reviews.
    """
    live = load(bundle, position, services)
    task, known = _turn_task(live, element, instance), bundle.elements[element]
    if not known.result:
        raise InvalidInput(f"“{known.name}”由一人办理，不能跳过。", "请由办理人办结，或撤回本案。")
    several = task.parent
    others = {name: value for name, value in several.data[known.reviewers].items() if name != instance}
    if replacement:
        _refuse_second_review(known, several, replacement)
        several.task_spec.create_child(several, {}, replacement)
        others = others | {replacement: {}}
    several.data = {**several.data, known.reviewers: others}
    return _instance_done(live, task, known, SKIPPED)


def add(bundle: Bundle, position: bytes, element: str, newcomer: str, services: Services) -> Step:
    """The position after one more reviewer is asked beside those whose answers are still waited for.

    Raises NotYourTurn when nobody is waited for at `element`, InvalidInput when it has a single holder or the newcomer
    already reviews.
    """
    live = load(bundle, position, services)
    waited = next((task for task in open_tasks(live) if task.task_spec.bpmn_id == element), None)
    if waited is None:
        raise _not_waiting(live, bundle.elements[element].name if element in bundle.elements else element)
    known = bundle.elements[element]
    if not known.result:
        raise InvalidInput(f"“{known.name}”由一人办理，不能增加人员。", "请由办理人办结。")
    several = waited.parent
    _refuse_second_review(known, several, newcomer)
    with spiff_refusals():
        several.task_spec.create_child(several, {}, newcomer)
    several.data = {**several.data, known.reviewers: {**several.data[known.reviewers], newcomer: {}}}
    return _moved(live, [])


def send(bundle: Bundle, position: bytes, message: str, payload: Mapping[str, Any], services: Services) -> Step:
    """The position after a message (`withdraw`, `return_overdue`, `ask_department`, `text_changed`, `archive`).

    Raises NotYourTurn when nothing waits for the message, InvalidInput for a payload it does not take.
    """
    live = load(bundle, position, services)
    waiting = [task for task in listening(live) if message in messages_of(task)]
    if not waiting:
        raise _not_waiting(live, _message_label(bundle, message))
    catching = next(e for e in bundle.elements.values() if e.message == message)
    values = taken(catching, payload)
    staffed = [_staffed(live, task) for task in waiting]
    with spiff_refusals():
        live.workflow.send_event(event(message))
    for task, people in zip(waiting, staffed, strict=True):
        task.data = {name: value for name, value in task.data.items() if name not in FRESH} | people | values
    return _moved(live, [])


def open_turns(bundle: Bundle, position: bytes) -> tuple[Turn, ...]:
    """Whose turn it is, in process order; empty when only messages are waited for or the case has ended."""
    return _turns(load(bundle, position, {}))


def variables(bundle: Bundle, position: bytes) -> Mapping[str, Any]:
    """The routing variables as the waiting element sees them, or as they were when the case ended."""
    return _variables(load(bundle, position, {}))


def to_plain(bundle: Bundle, position: bytes) -> dict[str, Any]:
    """The position as readable JSON, enough to rebuild the case under another engine."""
    live = load(bundle, position, {})
    return {
        "bundle": bundle.hash,
        "stage": _stage(live),
        "ended": bool(live.ended),
        "turns": [
            {"task": t.task, "element": t.element, "name": t.name, "role": t.role.value, "instance": t.instance}
            for t in _turns(live)
        ],
        "messages": sorted({name for task in listening(live) for name in messages_of(task)}),
        "variables": dict(_variables(live)),
    }


def _instance_done(live: Live, task: Any, known: Element, word: str) -> Step:
    task.data = {**task.data, known.result: word}
    with spiff_refusals():
        task.run()
    return _moved(live, [])


def _refuse_second_review(known: Element, several: Any, replacement: str) -> None:
    already = {child.internal_data.get("key_or_index") for child in several.children} | set(several.data[known.results])
    if replacement in already:
        raise InvalidInput(f"{replacement} 已经是“{known.name}”的审查人。", "请另选一人。")


def _moved(live: Live, passed: list[str]) -> Step:
    run(live.workflow, _recorder(live.bundle, passed))
    seen = _variables(live)
    if live.workflow.completed:
        live.ended, live.data = _end_stage(live.bundle, passed), dict(live.workflow.last_task.data)
        seen = live.data
    check_size(seen)
    position = save(live)
    return Step(position, _turns(live), _stage(live), bool(live.ended), tuple(passed), seen)


def _recorder(bundle: Bundle, passed: list[str]) -> Callable[[Any], None]:
    def record(task: Any) -> None:
        known = bundle.elements.get(task.task_spec.bpmn_id or "")
        if known is None:
            return
        if known.result and not task.data[known.results]:
            raise InvalidInput(f"“{known.name}”没有指定任何人。", "请先指定审查人员。")
        passed.append(known.id)

    return record


def _end_stage(bundle: Bundle, passed: list[str]) -> str:
    ends = [bundle.elements[e] for e in passed]
    return [e.stage for e in ends if e.kind == "endEvent" and e.process == TOP][-1]


def _stage(live: Live) -> str:
    if live.ended:
        return live.ended
    waiting = [live.bundle.elements[turn.element] for turn in _turns(live)]
    waiting += [e for e in (_element(live, task) for task in listening(live)) if e.kind in _WAITING_KINDS]
    if not waiting:
        raise ProcessError("流程停在没有人能办理的地方。", "请联系维护人员检查流程文件。")
    return min(waiting, key=lambda element: element.order).stage


def _element(live: Live, task: Any) -> Element:
    return live.bundle.elements[task.task_spec.bpmn_id]


def open_tasks(live: Live) -> Iterator[Any]:
    """The tasks of an opened position that wait for a person."""
    parts = workflows(live.workflow) if live.workflow is not None else ()
    for part in parts:
        for task in part.tasks.values():
            if task.state == TaskState.READY and task.task_spec.manual:
                yield task


def _instance(task: Any) -> str:
    return str(task.internal_data.get("key_or_index", ""))


def _turns(live: Live) -> tuple[Turn, ...]:
    found = sorted(open_tasks(live), key=lambda task: (_element(live, task).order, task.id))
    return tuple(_turn(_element(live, task), task) for task in found)


def _turn(known: Element, task: Any) -> Turn:
    if known.role is None:
        raise ProcessError(f"“{known.name}”没有对应的角色。", "请检查泳道和 lanes.toml。")
    return Turn(str(task.id), known.id, known.name, known.role, _instance(task))


def _turn_task(live: Live, element: str, instance: str) -> Any:
    for task in open_tasks(live):
        if (task.task_spec.bpmn_id, _instance(task)) == (element, instance):
            return task
    known = live.bundle.elements.get(element)
    label = known.name if known else element
    raise _not_waiting(live, f"{label}（{instance}）" if instance else label)


def _not_waiting(live: Live, label: str) -> NotYourTurn:
    if live.ended:
        ends = [e.name for e in live.bundle.elements.values() if e.stage == live.ended and e.kind == "endEvent"]
        return NotYourTurn(f"本案已经结束（{ends[0]}），不再办理“{label}”。", "如需重新审查，请另行报送。")
    names = [f"{turn.name}（{turn.instance}）" if turn.instance else turn.name for turn in _turns(live)]
    names = names or [live.bundle.elements[_stage(live)].name]
    return NotYourTurn(f"流程现在不等待“{label}”。", f"现在等待的是：{'、'.join(names)}。")


def listening(live: Live) -> list[Any]:
    """The tasks of an opened position that wait for a message."""
    return list(live.workflow.event_manager.tasks.values()) if live.workflow is not None else []


def messages_of(task: Any) -> list[str]:
    """The messages such a task waits for."""
    definition = task.task_spec.event_definition
    return [inner.name for inner in getattr(definition, "event_definitions", [definition])]


def _staffed(live: Live, catcher: Any) -> dict[str, Any]:
    """Who is asked at the task of several that this message interrupts: replaced and added people stay asked."""
    hosts = [(_element(live, task), task.parent) for task in open_tasks(live) if task.workflow is catcher.workflow]
    return {known.reviewers: host.data[known.reviewers] for known, host in hosts if known.result}


def _message_label(bundle: Bundle, message_name: str) -> str:
    return next((e.name for e in bundle.elements.values() if e.message == message_name), message_name)


def _variables(live: Live) -> dict[str, Any]:
    if live.ended:
        return live.data
    for task in [*open_tasks(live), *listening(live)]:
        host = task.parent if _element(live, task).result else task
        if task.state == TaskState.READY or _element(live, task).kind in _WAITING_KINDS:
            return dict(host.data)
    return {}
