"""What a decision table (DMN) may contain, so that no cell silently never matches.

SpiffWorkflow reads cells as Python and treats every hit policy but COLLECT as "first row"; the cell forms that
dmn-js users type from habit (`"a","b"`, `not("a")`, `[1..10]`) would never match and never complain. The profile
check calls `check_decision` for each DMN file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.process.expressions import NotAnExpression, compile_expression, is_constant, names_in
from engine.process.xml import DMN, NAMESPACES, is_in, local_name

MAX_ROWS = 500
PLACEHOLDER = "dmninputexpr"

Complaint = tuple[etree._Element, str]

_TAGS = frozenset({
    "definitions", "decision", "decisionTable", "input", "inputExpression", "text", "output", "rule", "description",
    "inputEntry", "outputEntry",
})  # fmt: skip


def decision_ids(root: etree._Element) -> list[str]:
    """Ids of the decisions in a DMN file."""
    return [node.get("id", "") for node in root.findall(".//dmn:decision", NAMESPACES)]


def collected(root: etree._Element) -> dict[str, str]:
    """The output a collecting decision fills, by the decision's id; SpiffWorkflow adds to it what was there before."""
    return {
        decision.get("id", ""): output.get("name", "")
        for decision in root.findall(".//dmn:decision", NAMESPACES)
        for output in decision.findall("dmn:decisionTable[@hitPolicy='COLLECT']/dmn:output", NAMESPACES)
    }


def check_decision(root: etree._Element) -> Iterator[Complaint]:
    """Everything the small grammar refuses in a DMN file, each with its element."""
    if root.tag != f"{{{DMN}}}definitions":
        yield root, "不是 DMN 1.3 文件，请用决策表编辑器另存为 DMN 1.3"
        return
    yield from _foreign_tags(root)
    tables = root.findall("dmn:decision/dmn:decisionTable", NAMESPACES)
    if len(tables) != 1 or len(decision_ids(root)) != 1:
        yield root, "一个文件只能有一张决策表"
        return
    yield from _table(tables[0])


def _foreign_tags(root: etree._Element) -> Iterator[Complaint]:
    for node in root.iter():
        if is_in(node, DMN) and local_name(node) not in _TAGS:
            yield node, f"决策表不支持 {local_name(node)}"


def _table(table: etree._Element) -> Iterator[Complaint]:
    if table.get("hitPolicy", "UNIQUE") not in {"FIRST", "UNIQUE", "COLLECT"}:
        yield table, f"命中策略 {table.get('hitPolicy')} 不受支持，只能用 FIRST、UNIQUE、COLLECT"
    inputs, outputs, rules = (table.findall(f"dmn:{tag}", NAMESPACES) for tag in ("input", "output", "rule"))
    if not inputs or not outputs or not 0 < len(rules) <= MAX_ROWS:
        yield table, f"决策表要有输入、输出和 1 至 {MAX_ROWS} 行规则"
        return
    yield from _columns(inputs, outputs)
    for rule in rules:
        yield from _rule(rule, len(inputs), len(outputs))
    if not all(_is_any(cell) for cell in _cells(rules[-1], "inputEntry")):
        yield rules[-1], "最后一行必须是兜底行：所有输入都填“-”"


def _columns(inputs: list[etree._Element], outputs: list[etree._Element]) -> Iterator[Complaint]:
    for column in inputs:
        text = column.findtext("dmn:inputExpression/dmn:text", "", NAMESPACES).strip()
        if not text.isidentifier():
            yield column, f"输入列“{column.get('label', '')}”必须写一个变量名，现在是“{text}”"
    for column in outputs:
        if not column.get("name", "").isidentifier():
            yield column, f"输出列“{column.get('label', '')}”必须有变量名"


def _rule(rule: etree._Element, inputs: int, outputs: int) -> Iterator[Complaint]:
    cells, results = _cells(rule, "inputEntry"), _cells(rule, "outputEntry")
    if (len(cells), len(results)) != (inputs, outputs):
        yield rule, "这一行的格数与表头不一致"
    for cell in cells:
        if not _is_any(cell) and not is_input_cell(_text(cell)):
            yield cell, f"输入格“{_text(cell)}”不被允许：只能写“-”、一个常量、比较（如 >= 5）或 ? in [常量, …]"
    for cell in results:
        if not is_constant(_text(cell)):
            yield cell, f"输出格“{_text(cell)}”必须是一个常量（文字要加英文双引号）"


def is_input_cell(text: str) -> bool:
    """Whether a cell is a constant, a comparison with a constant, or `? in [constants]`."""
    if is_constant(text):
        return True
    if re.match(r"\?\s+(not\s+)?in\s*\[", text):
        return _reads_only_input(PLACEHOLDER + text[1:])
    compared = re.match(r"(==|!=|<=|>=|<|>)(.+)$", text)
    return compared is not None and is_constant(compared[2])


def _reads_only_input(text: str) -> bool:
    try:
        compile_expression(text)
    except NotAnExpression:
        return False
    return names_in(text) == {PLACEHOLDER}


def _cells(rule: etree._Element, tag: str) -> list[etree._Element]:
    return rule.findall(f"dmn:{tag}", NAMESPACES)


def _text(cell: etree._Element) -> str:
    return cell.findtext("dmn:text", "", NAMESPACES).strip()


def _is_any(cell: etree._Element) -> bool:
    return _text(cell) in {"", "-"}
