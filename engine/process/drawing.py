"""The process as a picture: SVG from the drawing information in the BPMN file, with the waiting elements marked.

Papers and the desk show it; it needs no browser and no symbol font, icons are drawn as paths.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from html import escape

from lxml import etree

from engine.errors import NotFound
from engine.process.bundle import Bundle
from engine.process.diagram import Diagram, read_diagram
from engine.process.xml import local_name

Box = tuple[float, float, float, float]

MARGIN = 20
INK, PAPER, LINE, LANE, MARK, MARK_FILL = "#24292f", "#ffffff", "#57606a", "#f6f8fa", "#b35900", "#fff1d6"
PAST, PAST_FILL = "#1a6b3c", "#e6f4ea"
_STYLE = (
    "text{font-family:'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif;"
    f"font-size:13px;fill:{INK}}}.small{{font-size:12px;fill:{LINE}}}"
    f".n{{fill:{PAPER};stroke:{INK};stroke-width:1.5}}.i{{fill:none;stroke:{INK};stroke-width:1.4}}"
    f".f{{fill:none;stroke:{LINE};stroke-width:1.4}}.past .n{{fill:{PAST_FILL};stroke:{PAST};stroke-width:2}}"
    f".gone{{fill:none;stroke:{PAST};stroke-width:3}}.on .n{{fill:{MARK_FILL};stroke:{MARK};stroke-width:2.5}}"
)
_ICONS = {
    "userTask": "M0 13v-3c0-3 3-4 6-4s6 1 6 4v3zM6 5.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4z",
    "serviceTask": "M6.5 2a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM6.5 4.8a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z"
    "M6.5 0v2M6.5 11v2M0 6.5h2M11 6.5h2M1.9 1.9l1.4 1.4M9.7 9.7l1.4 1.4M1.9 11.1l1.4-1.4M9.7 3.3l1.4-1.4",
    "businessRuleTask": "M0 1h14v11H0zM0 4.5h14M0 8.2h14M4.5 4.5V12",
}
_ENVELOPE = "M-8-5.5H8v11H-8zM-8-5.5l8 6 8-6"
_CALL = "M-6-6h12v12h-12zM0-3.5v7M-3.5 0h7"
_SEVERAL = "M-4-5v10M0-5v10M4-5v10"


def file_of(bundle: Bundle, process: str) -> str:
    """The name of the BPMN file that draws this process. Raises NotFound when none does."""
    for name, data in bundle.files.items():
        if name.endswith(".bpmn") and read_diagram(name, data).process.get("id") == process:
            return name
    raise NotFound(f"流程版本里没有流程“{process}”的图。", "请检查流程文件。")


def draw(bundle: Bundle, file: str, highlight: Collection[str] = (), way: Collection[str] = ()) -> str:
    """The diagram of `file` as SVG: elements in `highlight` marked, elements and flows in `way` drawn as passed.

    Raises NotFound for another file.
    """
    if file not in bundle.files or not file.endswith(".bpmn"):
        raise NotFound(
            f"流程版本里没有流程图 {file}。", f"有：{'、'.join(f for f in bundle.files if f.endswith('.bpmn'))}。"
        )
    diagram = read_diagram(file, bundle.files[file])
    boxes = {s.get("bpmnElement", ""): _bounds(diagram, s) for s in diagram.find(".//bpmndi:BPMNShape")}
    left, top = min(b[0] for b in boxes.values()) - MARGIN, min(b[1] for b in boxes.values()) - MARGIN
    width = max(b[0] + b[2] for b in boxes.values()) - left + MARGIN
    height = max(b[1] + b[3] for b in boxes.values()) - top + MARGIN
    body = "".join(
        [*_frames(diagram, boxes), *_edges(diagram, way), *_nodes(diagram, boxes, highlight, way), *_labels(diagram)]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:g} {top:g} {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img"><title>{escape(diagram.process.get("name", file))}</title>'
        f"<style>{_STYLE}</style><defs>{_arrow('arrow', LINE)}{_arrow('arrow-gone', PAST)}</defs>"
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" fill="{PAPER}"/>{body}</svg>'
    )


def _arrow(name: str, ink: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="11" markerHeight="11" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1L9 5L0 9z" fill="{ink}"/></marker>'
    )


def _bounds(diagram: Diagram, node: etree._Element) -> Box:
    box = diagram.find("dc:Bounds", node)[0]
    x, y, width, height = (float(box.get(name, "0")) for name in ("x", "y", "width", "height"))
    return x, y, width, height


def _frames(diagram: Diagram, boxes: dict[str, Box]) -> Iterator[str]:
    for node in [*diagram.find(".//bpmn:participant"), *diagram.find(".//bpmn:lane")]:
        x, y, width, height = boxes[node.get("id", "")]
        fill = LANE if local_name(node) == "participant" else PAPER
        middle = y + height / 2
        yield f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}" stroke="{LINE}"/>'
        if local_name(node) == "lane":
            yield f'<rect x="{x:g}" y="{y:g}" width="30" height="{height:g}" fill="{LANE}" stroke="{LINE}"/>'
        yield (
            f'<text transform="translate({x + 20:g} {middle:g}) rotate(-90)" text-anchor="middle">'
            f"{escape(node.get('name', ''))}</text>"
        )


def _edges(diagram: Diagram, way: Collection[str]) -> Iterator[str]:
    for edge in sorted(diagram.find(".//bpmndi:BPMNEdge"), key=lambda each: each.get("bpmnElement") in way):
        css, arrow = ("gone", "arrow-gone") if edge.get("bpmnElement") in way else ("f", "arrow")
        points = " ".join(
            f"{float(p.get('x', 0)):g},{float(p.get('y', 0)):g}" for p in diagram.find("di:waypoint", edge)
        )
        yield f'<polyline class="{css}" points="{points}" marker-end="url(#{arrow})"/>'


def _nodes(diagram: Diagram, boxes: dict[str, Box], highlight: Collection[str], way: Collection[str]) -> Iterator[str]:
    ordered = sorted(diagram.nodes.items(), key=lambda item: diagram.kind(item[0]) == "boundaryEvent")
    for node_id, node in ordered:
        kind = diagram.kind(node_id)
        mark = ' class="on"' if node_id in highlight else ' class="past"' if node_id in way else ""
        yield f'<g id="{escape(node_id)}"{mark}>{_node(diagram, node, kind, boxes[node_id])}</g>'


def _node(diagram: Diagram, node: etree._Element, kind: str, box: Box) -> str:
    if kind.endswith("Gateway"):
        return _gateway(kind, box)
    return (_event if kind.endswith("Event") else _task)(diagram, node, kind, box)


def _event(diagram: Diagram, node: etree._Element, kind: str, box: Box) -> str:
    x, y, r = box[0] + box[2] / 2, box[1] + box[3] / 2, box[2] / 2
    thick = ' style="stroke-width:3.5"' if kind == "endEvent" else ""
    found = f'<circle class="n" cx="{x:g}" cy="{y:g}" r="{r:g}"{thick}/>'
    if kind in {"boundaryEvent", "intermediateCatchEvent"}:
        found += f'<circle class="i" cx="{x:g}" cy="{y:g}" r="{r - 3.5:g}"/>'
    if diagram.find("bpmn:messageEventDefinition", node):
        found += f'<path class="i" transform="translate({x:g} {y:g})" d="{_ENVELOPE}"/>'
    return found


def _gateway(kind: str, box: Box) -> str:
    x, y, r = box[0] + box[2] / 2, box[1] + box[3] / 2, box[2] / 2
    inner = {
        "exclusiveGateway": f'<path d="M-7-8L7 8M7-8L-7 8" stroke="{INK}" stroke-width="3"/>',
        "parallelGateway": f'<path d="M0-10V10M-10 0H10" stroke="{INK}" stroke-width="3"/>',
        "eventBasedGateway": '<circle class="i" r="13"/><circle class="i" r="10.5"/>'
        '<path class="i" d="M0-6.5L6.2-2L3.8 5.3H-3.8L-6.2-2z"/>',
    }[kind]
    return f'<g transform="translate({x:g} {y:g})"><path class="n" d="M0 {-r:g}L{r:g} 0L0 {r:g}L{-r:g} 0z"/>{inner}</g>'


def _task(diagram: Diagram, node: etree._Element, kind: str, box: Box) -> str:
    x, y, width, height = box
    thick = ' style="stroke-width:3.5"' if kind == "callActivity" else ""
    found = f'<rect class="n" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8"{thick}/>'
    if kind in _ICONS:
        found += f'<path class="i" transform="translate({x + 7:g} {y + 7:g})" d="{_ICONS[kind]}"/>'
    several = diagram.find("bpmn:multiInstanceLoopCharacteristics", node)
    mark = _CALL if kind == "callActivity" else _SEVERAL if several else ""
    if mark:
        found += f'<path class="i" transform="translate({x + width / 2:g} {y + height - 10:g})" d="{mark}"/>'
    name = escape(node.get("name", ""))
    return f'{found}<text x="{x + width / 2:g}" y="{y + height / 2 + 5:g}" text-anchor="middle">{name}</text>'


def _labels(diagram: Diagram) -> Iterator[str]:
    names = {flow.id: flow.name for flow in diagram.flows} | {i: n.get("name", "") for i, n in diagram.nodes.items()}
    for shape in [*diagram.find(".//bpmndi:BPMNShape"), *diagram.find(".//bpmndi:BPMNEdge")]:
        for label in diagram.find("bpmndi:BPMNLabel", shape):
            x, y, width, height = _bounds(diagram, label)
            name = escape(names.get(shape.get("bpmnElement", ""), ""))
            yield f'<text class="small" x="{x + width / 2:g}" y="{y + height - 2:g}" text-anchor="middle">{name}</text>'
