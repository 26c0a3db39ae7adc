"""Where the token may go: every way of a drawing leads somewhere, and every split is decided.

SpiffWorkflow 3.2.0 tells of a split without a default only in the middle of a case. Called by `profile.check`.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.process.diagram import Complaints, Diagram
from engine.process.expressions import NotAnExpression, names_in


def _connected(diagram: Diagram) -> Complaints:
    met = set(diagram.walk()[0])
    for node_id, node in diagram.nodes.items():
        if node_id not in met:
            yield node, "从开始事件走不到这里"
        if diagram.kind(node_id) != "endEvent" and not diagram.outgoing(node_id):
            yield node, "没有出口，只有结束事件可以没有出口"
    for flow in diagram.flows:
        if flow.source not in diagram.nodes or flow.target not in diagram.nodes:
            yield flow.node, "连线的一端不存在"


def _branches(diagram: Diagram) -> Complaints:
    for node_id, node in diagram.nodes.items():
        ways_in, ways_out = len(diagram.incoming(node_id)), len(diagram.outgoing(node_id))
        gateway = diagram.kind(node_id).endswith("Gateway")
        if ways_out > 1 and not gateway:
            yield node, "有多条出口，请先接一个网关"
        if ways_in > 1 and not gateway and diagram.kind(node_id) != "endEvent":
            yield node, "有多条入口，请先用一个排他网关汇合"
        if ways_in > 1 and ways_out > 1:
            yield node, "同一个网关既汇合又分叉，请分成两个"


def _loops(diagram: Diagram) -> Complaints:
    for node_id in diagram.walk()[1]:
        if diagram.kind(node_id) != "exclusiveGateway":
            yield diagram.nodes.get(node_id, diagram.process), "回路必须回到一个排他网关（汇合）"


def _conditions(diagram: Diagram) -> Complaints:
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


def _expressions(diagram: Diagram) -> Complaints:
    for flow in diagram.flows:
        try:
            unknown = names_in(flow.condition) - diagram.variables if flow.condition else frozenset[str]()
        except NotAnExpression as refusal:
            yield flow.node, refusal.message.rstrip("。")
            continue
        for name in sorted(unknown):
            yield flow.node, f"条件用到的变量“{name}”没有在流程里声明（bpmn:property）"


FLOW_RULES: tuple[Callable[[Diagram], Complaints], ...] = (
    _connected,
    _branches,
    _loops,
    _conditions,
    _expressions,
)
