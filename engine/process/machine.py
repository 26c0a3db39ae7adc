"""SpiffWorkflow itself, and the only module that imports it: parse, build, run.

It replaces the two parts of the library that evaluate text (Python's `eval` and `exec`) with the expression language
of this project, and calls our screening instead of a connector.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

from engine.errors import ProcessError
from engine.process.bundle import Bundle
from engine.process.expressions import compile_expression, evaluate

Service = Callable[[Mapping[str, Any]], Mapping[str, Any]]
Services = Mapping[str, Service]

MAX_ENGINE_STEPS = 500
SERVICE_PREFIX = "op_"
_specs: dict[str, tuple[Any, dict[str, Any]]] = {}


class RestrictedEngine(PythonScriptEngine):  # type: ignore[misc]
    """Evaluates only the whitelist language, executes only `name = {}`, and calls services by name."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services

    def validate(self, expression: str) -> None:
        """Raises a SyntaxError for foreign text, which is how a decision cell `>= 5` is told from `5`."""
        compile_expression(expression)

    def evaluate(self, task: Any, expression: str, external_context: Mapping[str, Any] | None = None) -> Any:
        """The value of an expression over the task's data."""
        return evaluate(expression, {**task.data, **(external_context or {})})

    def execute(self, task: Any, script: str, external_context: Mapping[str, Any] | None = None) -> bool:
        """Empties one collection; the profile admits no other script."""
        cleared = re.fullmatch(r"\s*([a-z_][a-z0-9_]*) = \{\}\s*", script)
        if cleared is None or external_context:
            raise ProcessError(f"不执行脚本“{script[:40]}”。", "环节前动作只允许“变量 = {}”。")
        task.data[cleared[1]] = {}
        return True

    def call_service(self, task: Any, operation_name: str, operation_params: Mapping[str, Any]) -> str:
        """What the engine's own service says about the case, as JSON."""
        name = operation_name.removeprefix(SERVICE_PREFIX)
        if name not in self._services or operation_params:
            raise ProcessError(f"没有名为“{name}”的自动环节。", "这是程序缺失，请联系维护人员。")
        return json.dumps(dict(self._services[name](dict(task.data))), ensure_ascii=False)


def new_workflow(bundle: Bundle, services: Services) -> Any:
    """A workflow of the bundle that has not started."""
    top, called = specs(bundle)
    return BpmnWorkflow(top, called, script_engine=RestrictedEngine(services))


def bare_workflow(bundle: Bundle, services: Services) -> Any:
    """A workflow of the bundle without tasks, for a stored position to be laid into."""
    top, called = specs(bundle)
    return BpmnWorkflow(top, called, script_engine=RestrictedEngine(services), deserializing=True)


def specs(bundle: Bundle) -> tuple[Any, dict[str, Any]]:
    """SpiffWorkflow's specification objects of a bundle, built once per hash and shared between cases."""
    if bundle.hash not in _specs:
        registry = BpmnWorkflowSerializer.configure(SPIFF_CONFIG)
        plain = json.loads(json.dumps(bundle.spec))
        called = {name: registry.restore(spec) for name, spec in plain["called"].items()}
        _specs[bundle.hash] = registry.restore(plain["top"]), called
    return _specs[bundle.hash]


def decide(bundle: Bundle, table: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """What the decision table answers under these names: the very table the bundle's process asks.

    Of a table that collects, each output is the list of all rows that match. Raises ProcessError when no element of
    the process asks this table, or a name it reads is missing.
    """
    top, called = specs(bundle)
    tasks = [task for part in (top, *called.values()) for task in part.task_specs.values()]
    engines = [task.dmnEngine for task in tasks if getattr(task, "dmnEngine", None) is not None]
    asked = next((engine for engine in engines if engine.decision_table.id == table), None)
    if asked is None:
        raise ProcessError(f"流程里没有环节用到决策表“{table}”。", "请在流程图中引用它，或者删除该文件。")
    workflow = SimpleNamespace(script_engine=RestrictedEngine({}))
    with spiff_refusals():
        return dict(asked.result(SimpleNamespace(workflow=workflow, data=dict(names))))


def parse_specs(files: Mapping[str, bytes], top: str) -> dict[str, Any]:
    """The specification of `top` and all it calls as plain values, validated against the BPMN and DMN schemas.

    Raises ProcessError with the parser's reason.
    """
    from lxml import etree
    from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser

    parser = SpiffBpmnParser(validator=VALIDATOR)
    safe = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        for name, data in files.items():
            if name.endswith(".dmn"):
                parser.add_dmn_xml(etree.parse(BytesIO(data), safe).getroot(), name)
            elif name.endswith(".bpmn"):
                parser.add_bpmn_xml(etree.parse(BytesIO(data), safe), name)
        registry = BpmnWorkflowSerializer.configure(SPIFF_CONFIG)
        called = {name: registry.convert(spec) for name, spec in parser.get_subprocess_specs(top).items()}
        plain = {"top": registry.convert(parser.get_spec(top)), "called": called}
    except SpiffWorkflowException as error:
        raise ProcessError(f"流程文件不符合 BPMN 规范：{error}。", "请用流程编辑器重新保存。") from error
    return dict(json.loads(json.dumps(plain)))


def run(workflow: Any, completed: Callable[[Any], None]) -> None:
    """Runs every automatic step until only people and messages are waited for; `completed` hears of each step.

    Raises ProcessError when a step fails or the process does not come to rest.
    """
    budget = iter(range(MAX_ENGINE_STEPS))

    def count(_: Any) -> None:
        if next(budget, None) is None:
            raise ProcessError("流程在自动环节之间打转，停不下来。", "请检查流程图的回路。")

    with spiff_refusals():
        while workflow.get_next_task(state=TaskState.READY, manual=False) is not None:
            workflow.do_engine_steps(will_complete_task=count, did_complete_task=completed)


@contextmanager
def spiff_refusals() -> Iterator[None]:
    """Turns the library's exceptions into ProcessError; ours pass unchanged."""
    try:
        yield
    except SpiffWorkflowException as error:
        raise ProcessError(f"流程不能继续：{error}。", "请联系维护人员检查流程文件。") from error


def event(name: str) -> Any:
    """An event that only SpiffWorkflow's own kind of message catch compares equal to."""
    return BpmnEvent(MessageEventDefinition(name))


def workflows(workflow: Any) -> Iterator[Any]:
    """The top workflow and every called one still in it."""
    yield workflow
    yield from workflow.subprocesses.values()
