"""What a drawing may contain: one process of elements and extensions that run, each with an id, a name and a place.

Whatever SpiffWorkflow 3.2.0 accepts without executing it correctly is not among them. Called by `profile.check`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from lxml import etree

from engine.process.diagram import NODE_KINDS, Complaints, Diagram
from engine.process.xml import BPMN, SPIFF, is_in, local_name

_TAGS = NODE_KINDS | {
    "definitions", "collaboration", "participant", "process", "property", "laneSet", "lane", "flowNodeRef",
    "sequenceFlow", "conditionExpression", "incoming", "outgoing", "documentation", "extensionElements", "message",
    "messageEventDefinition", "terminateEventDefinition", "multiInstanceLoopCharacteristics", "loopDataInputRef",
    "loopDataOutputRef", "inputDataItem", "outputDataItem", "textAnnotation", "text", "association",
}  # fmt: skip
_EXTENSIONS = frozenset({
    "properties", "property", "preScript", "calledDecisionId", "serviceTaskOperator", "parameters",
    "instructionsForEndUser",
})  # fmt: skip
_ADVICE = {
    "scriptTask": "脚本任务不被允许，请改用决策表或自动环节",
    "subProcess": "子流程请另存为文件，用调用环节引用",
    "timerEventDefinition": "期限写在 deadlines.toml 里，不画在流程图上",
    "linkEventDefinition": "链接事件会使流程丢失，请直接连线",
    "import": "不得引入外部文件",
}


def _one_process(diagram: Diagram) -> Complaints:
    processes = diagram.find("bpmn:process")
    if len(processes) != 1 or diagram.root.tag != f"{{{BPMN}}}definitions":
        yield diagram.root, "一个文件要有且只有一个流程"
    starts = [n for n in diagram.nodes if diagram.kind(n) == "startEvent"]
    if len(starts) != 1:
        yield diagram.process, "流程要有且只有一个开始事件"


def _known_elements(diagram: Diagram) -> Complaints:
    for node in diagram.root.iter():
        if isinstance(node, etree._ProcessingInstruction | etree._Entity):
            yield node, "不得含有处理指令"
        elif is_in(node, BPMN) and local_name(node) not in _TAGS:
            tag = local_name(node)
            yield node, _ADVICE.get(tag, f"不支持的元素 {tag}，请改用允许的环节、网关和消息事件")


def _known_extensions(diagram: Diagram) -> Complaints:
    for node in diagram.root.iter(f"{{{BPMN}}}extensionElements"):
        for inner in node.iterdescendants():
            if isinstance(inner.tag, str) and not (is_in(inner, SPIFF) and local_name(inner) in _EXTENSIONS):
                yield inner, f"不支持的扩展 {local_name(inner)}"
            elif is_in(inner, SPIFF) and local_name(inner) == "preScript" and not _clears(inner.text):
                yield inner, "环节前动作只允许“变量 = {}”，用来清空结果"
    for node in diagram.root.iter():
        if any(str(name).startswith(f"{{{SPIFF}}}") for name in node.attrib):
            yield node, "不支持 spiffworkflow 属性"


def _clears(script: str | None) -> bool:
    return re.fullmatch(r"\s*[a-z_][a-z0-9_]* = \{\}\s*", script or "") is not None


def _unique_ids(diagram: Diagram) -> Complaints:
    counts = Counter(node.get("id") for node in diagram.root.iter() if node.get("id"))
    for node in diagram.root.iter():
        if counts[node.get("id")] > 1:
            yield node, f"编号“{node.get('id')}”重复"


def _named_and_drawn(diagram: Diagram) -> Complaints:
    for node in diagram.nodes.values():
        if not node.get("name", "").strip():
            yield node, "没有名称"
    shapes = {s.get("bpmnElement") for s in diagram.find(".//bpmndi:BPMNShape") if diagram.find("dc:Bounds", s)}
    for node in [*diagram.nodes.values(), *diagram.find(".//bpmn:lane"), *diagram.find(".//bpmn:participant")]:
        if node.get("id") not in shapes:
            yield node, "没有画在图上（缺少图形信息）"
    edges = {
        e.get("bpmnElement") for e in diagram.find(".//bpmndi:BPMNEdge") if len(diagram.find("di:waypoint", e)) > 1
    }
    for flow in diagram.flows:
        if flow.id not in edges:
            yield flow.node, "连线没有画在图上（缺少图形信息）"


CONTENT_RULES: tuple[Callable[[Diagram], Complaints], ...] = (
    _one_process,
    _known_elements,
    _known_extensions,
    _unique_ids,
    _named_and_drawn,
)
