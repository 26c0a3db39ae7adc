"""What each element must say: its lane and outcomes, what it calls, whose answers it gathers, the message it waits for.

What it names must exist: `Setting` holds what the other files define. Called by `profile.check`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.model import Role
from engine.process.diagram import HUMAN, Complaints, Diagram
from engine.process.xml import local_name


@dataclass(frozen=True, slots=True)
class Setting:
    """What one diagram is checked against: lane names with their roles, and what the other files define.

    `collected` maps a decision that collects to the variable it fills.
    """

    roles: Mapping[str, Role | None]
    processes: frozenset[str]
    decisions: frozenset[str]
    collected: Mapping[str, str]


def _several_reviewers(diagram: Diagram, _: Setting) -> Complaints:
    for loop in diagram.find(".//bpmn:multiInstanceLoopCharacteristics"):
        texts = {local_name(child): (child.text or child.get("name") or "").strip() for child in loop}
        needed = {"loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem"}
        if loop.get("isSequential") == "true" or set(texts) != needed:
            yield loop, "多人环节只能并行，并写明输入集合、输出集合、输入项、输出项"
            continue
        for collection in (texts["loopDataInputRef"], texts["loopDataOutputRef"]):
            if collection not in {p.get("id") for p in diagram.find("bpmn:property", diagram.process)}:
                yield loop, f"多人环节的集合“{collection}”没有声明（bpmn:property）"
        host = loop.getparent()
        if host is None or diagram.extension(host, "preScript") != f"{texts['loopDataOutputRef']} = {{}}":
            yield loop, f"多人环节开始前必须清空结果：{texts['loopDataOutputRef']} = {{}}"


def _lanes(diagram: Diagram, setting: Setting) -> Complaints:
    for lane in diagram.find(".//bpmn:lane"):
        if lane.get("name") not in setting.roles:
            yield lane, f"泳道“{lane.get('name', '')}”没有写进 lanes.toml"
    for node_id, node in diagram.nodes.items():
        names = diagram.lanes.get(node_id, [])
        if len(names) != 1:
            yield node, "每个环节要放在一条泳道里"
        elif diagram.kind(node_id) in HUMAN and setting.roles.get(names[0]) is None:
            yield node, f"人工环节不能放在泳道“{names[0]}”，它不对应角色"


def _outcomes(diagram: Diagram, _: Setting) -> Complaints:
    for node_id, node in diagram.nodes.items():
        properties = diagram.extension_properties(node)
        if diagram.kind(node_id) in HUMAN and not properties.get("outcomes", "").split():
            yield node, "人工环节要写明办理结果的用词（属性 outcomes）"
        for name, value in properties.items():
            if not re.fullmatch(r"outcomes|takes|stage|[a-z_]+\.[a-z_]+", name) or not re.fullmatch(
                r"[a-z_* ]+", value
            ):
                yield node, f"属性“{name}”的写法不对"


def _references(diagram: Diagram, setting: Setting) -> Complaints:
    for node_id, node in diagram.nodes.items():
        match diagram.kind(node_id):
            case "callActivity" if node.get("calledElement") not in setting.processes:
                yield node, f"调用的流程“{node.get('calledElement', '')}”不存在"
            case "businessRuleTask" if diagram.extension(node, "calledDecisionId") not in setting.decisions:
                yield node, "没有指明已有的决策表"
            case "serviceTask" if not diagram.find("bpmn:extensionElements/spiffworkflow:serviceTaskOperator", node):
                yield node, "自动环节没有指明操作"


def _collections(diagram: Diagram, setting: Setting) -> Complaints:
    for node in diagram.nodes.values():
        output = setting.collected.get(diagram.extension(node, "calledDecisionId") or "")
        if output and diagram.extension(node, "preScript") != f"{output} = {{}}":
            yield node, f"汇集多行的决策表之前必须清空上一次的结果：{output} = {{}}"


def _messages(diagram: Diagram, _: Setting) -> Complaints:
    messages = {m.get("id") for m in diagram.find("bpmn:message") if m.get("name")}
    for node_id, node in diagram.nodes.items():
        kind, events = diagram.kind(node_id), diagram.find("bpmn:messageEventDefinition", node)
        catches = kind in {"boundaryEvent", "intermediateCatchEvent"}
        if catches != (len(events) == 1) or (events and events[0].get("messageRef") not in messages):
            yield node, "边界事件和中间事件要写明一个消息，其他环节不能带消息"
        if diagram.find("bpmn:terminateEventDefinition", node) and kind != "endEvent":
            yield node, "终止只能用在结束事件上"
        if node.get("cancelActivity") == "false":
            yield node, "边界事件必须中断所在环节"
        if kind == "eventBasedGateway":
            targets = {diagram.kind(flow.target) for flow in diagram.outgoing(node_id)}
            if targets != {"intermediateCatchEvent"}:
                yield node, "事件网关后面只能接消息事件"


ELEMENT_RULES: tuple[Callable[[Diagram, Setting], Complaints], ...] = (
    _several_reviewers,
    _lanes,
    _outcomes,
    _references,
    _collections,
    _messages,
)
