"""The way a case has taken through its process, told from the stages its events name.

The trail names the tasks a case waited in; what lies between two of them (gateways, automatic steps, the ways into and
out of called processes) is the shortest way the drawing allows. Called by the papers that draw it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.process.bundle import Bundle
from engine.process.diagram import HUMAN, Diagram, read_diagram


@dataclass(frozen=True, slots=True)
class _Step:
    """A way from one node to another; `flow` is the flow drawn between them, "" where none is."""

    to: str
    flow: str = ""


def way_taken(bundle: Bundle, moves: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The ids of all elements and flows passed by these moves from stage to stage; unknown stages add nothing."""
    diagrams = [read_diagram(name, data) for name, data in bundle.files.items() if name.endswith(".bpmn")]
    steps = _steps(diagrams)
    human = {node for diagram in diagrams for node in diagram.nodes if diagram.kind(node) in HUMAN}
    passed: set[str] = set()
    for start, end in dict.fromkeys(moves):
        passed |= _shortest(steps, human, _called(bundle, start), _called(bundle, end))
    return frozenset(passed)


def _called(bundle: Bundle, stage: str) -> set[str]:
    """The elements a case in this stage may stand at: several ends give the same stage."""
    return {stage, *(element.id for element in bundle.elements.values() if element.stage == stage)}


def _steps(diagrams: Iterable[Diagram]) -> Mapping[str, list[_Step]]:
    """Where a token may go from each node, into called processes and out of them."""
    known = {diagram.process.get("id", ""): diagram for diagram in diagrams}
    steps: dict[str, list[_Step]] = {}
    for diagram in known.values():
        for node in diagram.nodes:
            called = known.get(diagram.nodes[node].get("calledElement", ""))
            steps.setdefault(node, []).extend(_into(called) if called else _onwards(diagram, node))
            if called:
                for end, after in _out_of(diagram, node, called, known):
                    steps.setdefault(end, []).append(after)
    return steps


def _into(called: Diagram) -> list[_Step]:
    return [_Step(node) for node in called.nodes if called.kind(node) == "startEvent"]


def _onwards(diagram: Diagram, node: str) -> list[_Step]:
    flows = [_Step(flow.target, flow.id) for flow in diagram.outgoing(node)]
    return flows + [_Step(each) for each, element in diagram.nodes.items() if element.get("attachedToRef") == node]


def _out_of(diagram: Diagram, call: str, called: Diagram, known: Mapping[str, Diagram]) -> Iterator[tuple[str, _Step]]:
    """From the ends of a called process to what follows its call, and from any task in it to the call's boundaries."""
    for step in _onwards(diagram, call):
        boundary = not step.flow
        for node in _inside(called, known) if boundary else called.nodes:
            if boundary or called.kind(node) == "endEvent":
                yield node, step


def _inside(called: Diagram, known: Mapping[str, Diagram]) -> Iterator[str]:
    for node, element in called.nodes.items():
        yield node
        deeper = known.get(element.get("calledElement", ""))
        if deeper:
            yield from _inside(deeper, known)


def _shortest(steps: Mapping[str, list[_Step]], human: set[str], starts: set[str], ends: set[str]) -> set[str]:
    """Nodes and flows of the shortest way that passes no other task people do; nothing when there is none."""
    came: dict[str, tuple[str, str]] = {}
    waiting = deque(sorted(starts & steps.keys()))
    while waiting:
        node = waiting.popleft()
        for step in steps[node]:
            if step.to in came or (step.to in human and step.to not in ends):
                continue
            came[step.to] = node, step.flow
            if step.to in ends:
                return _told(came, starts, step.to)
            waiting.append(step.to)
    return set()


def _told(came: Mapping[str, tuple[str, str]], starts: set[str], end: str) -> set[str]:
    passed, node = {end}, end
    while True:
        node, flow = came[node]
        passed |= {node, flow}
        if node in starts:
            return passed - {""}
