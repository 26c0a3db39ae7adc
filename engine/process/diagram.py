"""One BPMN file as a graph: its nodes, flows and lanes, before SpiffWorkflow sees it.

The profile check, the table of elements and the drawing all read the file through this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from engine.process.xml import NAMESPACES, local_name, read_xml

NODE_KINDS = frozenset({
    "startEvent", "endEvent", "intermediateCatchEvent", "boundaryEvent", "userTask", "manualTask", "serviceTask",
    "businessRuleTask", "callActivity", "exclusiveGateway", "parallelGateway", "eventBasedGateway",
})  # fmt: skip
HUMAN = frozenset({"userTask", "manualTask"})
Complaints = Iterator[tuple[etree._Element, str]]
"""Where something stands that the profile refuses, and what to change."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is empty when it has none."""

    id: str
    name: str
    source: str
    target: str
    condition: str
    node: etree._Element


@dataclass(frozen=True)
class Diagram:
    """A parsed BPMN file and the first process in it."""

    file: str
    root: etree._Element

    @cached_property
    def process(self) -> etree._Element:
        """The process; an empty element when the file has none, which the profile refuses."""
        found = self.find("bpmn:process")
        return found[0] if found else etree.Element("none")

    @cached_property
    def nodes(self) -> dict[str, etree._Element]:
        """Flow nodes by id, in file order."""
        return {n.get("id", ""): n for n in self.process if isinstance(n.tag, str) and local_name(n) in NODE_KINDS}

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Sequence flows in file order."""
        return tuple(_flow(node) for node in self.find("bpmn:sequenceFlow", self.process))

    @cached_property
    def lanes(self) -> dict[str, list[str]]:
        """Lane names of each flow node; a sound file names exactly one."""
        found: dict[str, list[str]] = defaultdict(list)
        for lane in self.find(".//bpmn:lane", self.process):
            for reference in self.find("bpmn:flowNodeRef", lane):
                found[(reference.text or "").strip()].append(lane.get("name", ""))
        return found

    @cached_property
    def variables(self) -> frozenset[str]:
        """Names of the variables the process declares (`bpmn:property`)."""
        return frozenset(node.get("name", "") for node in self.find("bpmn:property", self.process))

    def find(self, path: str, node: etree._Element | None = None) -> list[etree._Element]:
        """Elements under `node` (the whole file by default) on an ElementPath with the usual prefixes."""
        return (self.root if node is None else node).findall(path, NAMESPACES)

    def outgoing(self, node_id: str) -> list[Flow]:
        """Flows that leave a node."""
        return [flow for flow in self.flows if flow.source == node_id]

    def incoming(self, node_id: str) -> list[Flow]:
        """Flows that reach a node."""
        return [flow for flow in self.flows if flow.target == node_id]

    def kind(self, node_id: str) -> str:
        """The BPMN kind of a node, empty for an unknown id."""
        return local_name(self.nodes[node_id]) if node_id in self.nodes else ""

    def successors(self, node_id: str) -> list[str]:
        """Nodes a token may go to next: along flows, and to the boundary events a node carries."""
        boundary = [n for n, node in self.nodes.items() if node.get("attachedToRef") == node_id]
        return [flow.target for flow in self.outgoing(node_id)] + boundary

    def left_to_right(self) -> list[str]:
        """Nodes as a reader of the drawing meets them: by left edge, then from the top."""
        places: dict[str, tuple[float, float]] = {}
        for shape in self.find(".//bpmndi:BPMNShape"):
            for box in self.find("dc:Bounds", shape):
                places[shape.get("bpmnElement", "")] = float(box.get("x", "0")), float(box.get("y", "0"))
        return sorted(self.nodes, key=lambda node_id: places[node_id])

    def walk(self) -> tuple[list[str], set[str]]:
        """Nodes a depth-first walk from the start events meets, and the targets of its back edges."""
        met: dict[str, bool] = {}
        targets: set[str] = set()
        stack = [(n, iter(self.successors(n))) for n in self.nodes if self.kind(n) == "startEvent"]
        met.update((node, True) for node, _ in stack)
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                met[node] = False
                stack.pop()
            elif following not in met:
                met[following] = True
                stack.append((following, iter(self.successors(following))))
            elif met[following]:
                targets.add(following)
        return list(met), targets

    def extension(self, node: etree._Element, name: str) -> str | None:
        """The text of a SpiffWorkflow extension element, None when absent."""
        found = self.find(f"bpmn:extensionElements/spiffworkflow:{name}", node)
        return (found[0].text or "").strip() if found else None

    def extension_properties(self, node: etree._Element) -> dict[str, str]:
        """The name/value properties an editor stores on a node."""
        path = "bpmn:extensionElements/spiffworkflow:properties/spiffworkflow:property"
        return {p.get("name", ""): p.get("value", "") for p in self.find(path, node)}


def read_diagram(file: str, content: bytes) -> Diagram:
    """The file as a graph. Raises ProcessError when it is not safe, well-formed XML."""
    return Diagram(file, read_xml(content, file))


def _flow(node: etree._Element) -> Flow:
    condition = node.findtext("bpmn:conditionExpression", "", NAMESPACES)
    return Flow(
        node.get("id", ""),
        node.get("name", ""),
        node.get("sourceRef", ""),
        node.get("targetRef", ""),
        condition.strip(),
        node,
    )
