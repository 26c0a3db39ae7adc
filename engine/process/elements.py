"""The table of elements of a bundle: what each one is called, whose it is, which outcomes it takes.

SpiffWorkflow keeps the moves; everything an act has to know about an element is read from the drawing once, when the
bundle is published, and stored beside the specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.model import Role
from engine.process.diagram import Diagram
from engine.process.xml import NAMESPACES


@dataclass(frozen=True, slots=True)
class Element:
    """One flow node.

    `order` counts along the drawing from left to right over the whole bundle, a called process after its call.
    `outcomes` are the words a human task may end with. `words` maps an outcome to the variables that must come with
    it and their allowed words; a word marked `*` stands in when none is given. `takes` are variables that may come
    with any outcome. `stage` is what the case is called while it waits here or after it ended here. `results` is the
    collection a task with several reviewers fills, `reviewers` the one it reads, `result` the name of one result.
    """

    id: str
    kind: str
    name: str
    process: str
    order: int
    stage: str
    role: Role | None = None
    outcomes: tuple[str, ...] = ()
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    takes: tuple[str, ...] = ()
    message: str = ""
    reviewers: str = ""
    results: str = ""
    result: str = ""


def read_elements(diagrams: Iterable[Diagram], roles: Mapping[str, Role | None], top: str) -> dict[str, Element]:
    """Every flow node of process `top` and of all it calls, by id, in process order."""
    by_process = {diagram.process.get("id", ""): diagram for diagram in diagrams}
    return {
        node_id: _element(diagram, node_id, roles, order)
        for order, (diagram, node_id) in enumerate(_in_order(by_process, top, ()))
    }


def to_rows(elements: Mapping[str, Element]) -> list[dict[str, Any]]:
    """The table as plain values, fit for JSON."""
    return [asdict(element) for element in elements.values()]


def from_rows(rows: Iterable[Mapping[str, Any]]) -> dict[str, Element]:
    """The table `to_rows` wrote."""
    return {row["id"]: _from_row(row) for row in rows}


def _from_row(row: Mapping[str, Any]) -> Element:
    words = {outcome: {n: tuple(w) for n, w in names.items()} for outcome, names in row["words"].items()}
    changed = {
        "role": Role(row["role"]) if row["role"] else None,
        "outcomes": tuple(row["outcomes"]),
        "takes": tuple(row["takes"]),
        "words": words,
    }
    return Element(**{**row, **changed})


def _in_order(by_process: Mapping[str, Diagram], process: str, open_: tuple[str, ...]) -> list[tuple[Diagram, str]]:
    if process in open_:
        return []
    diagram, found = by_process[process], []
    for node_id in diagram.left_to_right():
        found.append((diagram, node_id))
        if diagram.kind(node_id) == "callActivity":
            called = diagram.nodes[node_id].get("calledElement", "")
            found += [pair for pair in _in_order(by_process, called, (*open_, process)) if pair not in found]
    return found


def _element(diagram: Diagram, node_id: str, roles: Mapping[str, Role | None], order: int) -> Element:
    node, properties = diagram.nodes[node_id], diagram.extension_properties(diagram.nodes[node_id])
    loop = "bpmn:multiInstanceLoopCharacteristics/bpmn:"
    item = node.find(f"{loop}outputDataItem", NAMESPACES)
    return Element(
        id=node_id,
        kind=diagram.kind(node_id),
        name=node.get("name", ""),
        process=diagram.process.get("id", ""),
        order=order,
        stage=properties.get("stage", node_id),
        role=roles[diagram.lanes[node_id][0]],
        outcomes=tuple(properties.get("outcomes", "").split()),
        words=_words(properties),
        takes=tuple(properties.get("takes", "").split()),
        message=_message(diagram, node_id),
        reviewers=node.findtext(f"{loop}loopDataInputRef", "", NAMESPACES),
        results=node.findtext(f"{loop}loopDataOutputRef", "", NAMESPACES),
        result=item.get("name", "") if item is not None else "",
    )


def _words(properties: Mapping[str, str]) -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for key, value in properties.items():
        variable, dot, outcome = key.partition(".")
        if dot:
            found.setdefault(outcome, {})[variable] = tuple(value.split())
    return found


def _message(diagram: Diagram, node_id: str) -> str:
    event = diagram.nodes[node_id].find("bpmn:messageEventDefinition", NAMESPACES)
    if event is None:
        return ""
    names = {m.get("id"): m.get("name", "") for m in diagram.find("bpmn:message")}
    return names[event.get("messageRef")]
