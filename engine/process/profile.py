"""The part of BPMN this project runs, checked before a file is ever given to SpiffWorkflow.

SpiffWorkflow 3.2.0 accepts more than it executes correctly: link events lose the token, an event sub-process changes
the specification in memory, a split without a default fails in the middle of a case. Every rule here closes one such
trap, and each complaint tells the official who edited the drawing what to change. `load_bundle` calls `check`.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.errors import ProcessError
from engine.model import Role
from engine.process.decisions import check_decision, collected, decision_ids
from engine.process.diagram import HUMAN, NODE_KINDS, Diagram, read_diagram
from engine.process.expressions import NotAnExpression, names_in
from engine.process.xml import BPMN, SPIFF, is_in, local_name, read_xml

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


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing the profile refuses: where it stands and what to change, in Chinese."""

    file: str
    element: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file} 第 {self.line} 行（{self.element}）：{self.message}。"


@dataclass(frozen=True, slots=True)
class Setting:
    """What one diagram is checked against: lane names with their roles, and what the other files define.

    `collected` maps a decision that collects to the variable it fills.
    """

    roles: Mapping[str, Role | None]
    processes: frozenset[str]
    decisions: frozenset[str]
    collected: Mapping[str, str]


Complaints = Iterator[tuple[etree._Element, str]]
Rule = Callable[[Diagram, Setting], Complaints]


def check(files: Mapping[str, bytes]) -> tuple[Violation, ...]:
    """Every breach of the profile in a set of files (`*.bpmn`, `*.dmn`, `lanes.toml`); empty when it may run.

    Raises ProcessError at once for files that are not safe, bounded XML or TOML.
    """
    diagrams = [read_diagram(name, data) for name, data in files.items() if name.endswith(".bpmn")]
    tables = {name: read_xml(data, name) for name, data in files.items() if name.endswith(".dmn")}
    setting = Setting(
        lane_roles(files.get("lanes.toml", b"")),
        frozenset(diagram.process.get("id", "") for diagram in diagrams),
        frozenset(decision for root in tables.values() for decision in decision_ids(root)),
        {decision: output for root in tables.values() for decision, output in collected(root).items()},
    )
    found = [_violation(d.file, *complaint) for d in diagrams for rule in RULES for complaint in rule(d, setting)]
    found += [_violation(name, *complaint) for name, root in tables.items() for complaint in check_decision(root)]
    return tuple(found + list(_ids_shared_between(diagrams)))


def lane_roles(content: bytes) -> dict[str, Role | None]:
    """Lane name to role, None for a lane of automatic steps. Raises ProcessError naming the key that is wrong."""
    try:
        table = tomllib.loads(content.decode("utf-8"))
        roles: dict[str, Role | None] = {name: Role(role) for name, role in table.get("roles", {}).items()}
    except (ValueError, AttributeError) as error:
        raise ProcessError(f"lanes.toml 读不懂：{error}。", "请对照自带的 lanes.toml 修改。") from error
    return roles | dict.fromkeys(table.get("automatic", {}).get("lanes", []))


def _violation(file: str, node: etree._Element, message: str) -> Violation:
    element = node.get("id") or (local_name(node) if isinstance(node.tag, str) else "注释")
    return Violation(file, element, _line(node), message)


def _line(node: etree._Element) -> int:
    line = node.sourceline
    return line if isinstance(line, int) else 0


def _one_process(diagram: Diagram, _: Setting) -> Complaints:
    processes = diagram.find("bpmn:process")
    if len(processes) != 1 or diagram.root.tag != f"{{{BPMN}}}definitions":
        yield diagram.root, "一个文件要有且只有一个流程"
    starts = [n for n in diagram.nodes if diagram.kind(n) == "startEvent"]
    if len(starts) != 1:
        yield diagram.process, "流程要有且只有一个开始事件"


def _known_elements(diagram: Diagram, _: Setting) -> Complaints:
    for node in diagram.root.iter():
        if isinstance(node, etree._ProcessingInstruction | etree._Entity):
            yield node, "不得含有处理指令"
        elif is_in(node, BPMN) and local_name(node) not in _TAGS:
            tag = local_name(node)
            yield node, _ADVICE.get(tag, f"不支持的元素 {tag}，请改用允许的环节、网关和消息事件")


def _known_extensions(diagram: Diagram, _: Setting) -> Complaints:
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


def _named_and_drawn(diagram: Diagram, _: Setting) -> Complaints:
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


def _connected(diagram: Diagram, _: Setting) -> Complaints:
    met = set(diagram.walk()[0])
    for node_id, node in diagram.nodes.items():
        if node_id not in met:
            yield node, "从开始事件走不到这里"
        if diagram.kind(node_id) != "endEvent" and not diagram.outgoing(node_id):
            yield node, "没有出口，只有结束事件可以没有出口"
    for flow in diagram.flows:
        if flow.source not in diagram.nodes or flow.target not in diagram.nodes:
            yield flow.node, "连线的一端不存在"


def _branches(diagram: Diagram, _: Setting) -> Complaints:
    for node_id, node in diagram.nodes.items():
        ways_in, ways_out = len(diagram.incoming(node_id)), len(diagram.outgoing(node_id))
        gateway = diagram.kind(node_id).endswith("Gateway")
        if ways_out > 1 and not gateway:
            yield node, "有多条出口，请先接一个网关"
        if ways_in > 1 and not gateway and diagram.kind(node_id) != "endEvent":
            yield node, "有多条入口，请先用一个排他网关汇合"
        if ways_in > 1 and ways_out > 1:
            yield node, "同一个网关既汇合又分叉，请分成两个"


def _loops(diagram: Diagram, _: Setting) -> Complaints:
    for node_id in diagram.walk()[1]:
        if diagram.kind(node_id) != "exclusiveGateway":
            yield diagram.nodes.get(node_id, diagram.process), "回路必须回到一个排他网关（汇合）"


def _conditions(diagram: Diagram, _: Setting) -> Complaints:
    for flow in diagram.flows:
        split = diagram.kind(flow.source) == "exclusiveGateway" and len(diagram.outgoing(flow.source)) > 1
        default = diagram.nodes.get(flow.source, flow.node).get("default") == flow.id
        if flow.condition and not split:
            yield flow.node, "条件只能写在排他网关分出的连线上"
        if flow.condition and default:
            yield flow.node, "默认连线不写条件"
        if split and not flow.condition and not default:
            yield flow.node, "分叉的连线要么写条件，要么设为默认"
    for node_id, node in diagram.nodes.items():
        splits = diagram.kind(node_id) == "exclusiveGateway" and len(diagram.outgoing(node_id)) > 1
        if splits and node.get("default") not in {flow.id for flow in diagram.outgoing(node_id)}:
            yield node, "分叉的排他网关必须有默认连线"


def _expressions(diagram: Diagram, _: Setting) -> Complaints:
    for flow in diagram.flows:
        try:
            unknown = names_in(flow.condition) - diagram.variables if flow.condition else frozenset[str]()
        except NotAnExpression as refusal:
            yield flow.node, refusal.message.rstrip("。")
            continue
        for name in sorted(unknown):
            yield flow.node, f"条件用到的变量“{name}”没有在流程里声明（bpmn:property）"


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


def _unique_ids(diagram: Diagram, _: Setting) -> Complaints:
    counts = Counter(node.get("id") for node in diagram.root.iter() if node.get("id"))
    for node in diagram.root.iter():
        if counts[node.get("id")] > 1:
            yield node, f"编号“{node.get('id')}”重复"


def _ids_shared_between(diagrams: Iterable[Diagram]) -> Iterator[Violation]:
    owner: dict[str, str] = {}
    for diagram in diagrams:
        for node_id, node in diagram.nodes.items():
            if owner.setdefault(node_id, diagram.file) != diagram.file:
                yield _violation(diagram.file, node, f"编号“{node_id}”在 {owner[node_id]} 里已经用过")


RULES: tuple[Rule, ...] = (
    _one_process,
    _known_elements,
    _known_extensions,
    _unique_ids,
    _named_and_drawn,
    _connected,
    _branches,
    _loops,
    _conditions,
    _expressions,
    _several_reviewers,
    _lanes,
    _outcomes,
    _references,
    _collections,
    _messages,
)
