"""The part of BPMN this project runs, checked before a file is ever given to SpiffWorkflow.

SpiffWorkflow 3.2.0 accepts more than it executes correctly: link events lose the token, an event sub-process changes
the specification in memory, a split without a default fails in the middle of a case. Every rule here closes one such
trap, and each complaint tells the official who edited the drawing what to change. `load_bundle` calls `check`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.errors import ProcessError
from engine.model import Role
from engine.process.decisions import check_decision, collected, decision_ids
from engine.process.diagram import Complaints, Diagram, read_diagram
from engine.process.profile_contents import CONTENT_RULES
from engine.process.profile_elements import ELEMENT_RULES, Setting
from engine.process.profile_flow import FLOW_RULES
from engine.process.xml import local_name, read_xml


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing the profile refuses: where it stands and what to change, in Chinese."""

    file: str
    element: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file} 第 {self.line} 行（{self.element}）：{self.message}。"


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
    found = [_violation(d.file, *complaint) for d in diagrams for complaint in _complaints(d, setting)]
    found += [_violation(name, *complaint) for name, root in tables.items() for complaint in check_decision(root)]
    return tuple(found + list(_ids_shared_between(diagrams)))


def _complaints(diagram: Diagram, setting: Setting) -> Complaints:
    for rule in (*CONTENT_RULES, *FLOW_RULES):
        yield from rule(diagram)
    for said in ELEMENT_RULES:
        yield from said(diagram, setting)


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


def _ids_shared_between(diagrams: Iterable[Diagram]) -> Iterator[Violation]:
    owner: dict[str, str] = {}
    for diagram in diagrams:
        for node_id, node in diagram.nodes.items():
            if owner.setdefault(node_id, diagram.file) != diagram.file:
                yield _violation(diagram.file, node, f"编号“{node_id}”在 {owner[node_id]} 里已经用过")
