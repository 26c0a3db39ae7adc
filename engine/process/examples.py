"""The example tables beside a process: an official writes what a decision table should say, publishing checks it.

Each `examples/NAME.csv` belongs to `NAME.dmn`; its columns are `case`, the inputs and the outputs of that table; what
a collecting table gives is written as words in order. Examples go through the process itself when it asks the table at
its start, else through the table as the process would ask it later: never through a second reading of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from engine.errors import FairReviewError, ProcessError
from engine.process.bundle import Bundle
from engine.process.door import start
from engine.process.machine import decide
from engine.process.xml import NAMESPACES, read_xml

FOLDER = "examples"
AT_THE_START = "scope_table"
MAX_BYTES = 1_000_000
MAX_SHOWN = 20


def require_examples(bundle: Bundle, directory: Path) -> int:
    """How many examples were run, all of them as written.

    Raises ProcessError naming file, line and column of each that was not, or the table without examples.
    """
    tables = [name for name in bundle.files if name.endswith(".dmn")]
    ran = [list(_run(bundle, name, directory / FOLDER / f"{Path(name).stem}.csv")) for name in tables]
    wrong = [each for table in ran for each in table if each]
    if wrong:
        listed = "\n".join(wrong[:MAX_SHOWN])
        raise ProcessError(f"示例有 {len(wrong)} 处与流程不符：\n{listed}\n", "请修改决策表或示例后再发布。")
    return sum(len(table) for table in ran)


def _run(bundle: Bundle, table: str, path: Path) -> Iterator[str]:
    """What is wrong with each example, empty when nothing is."""
    root = read_xml(bundle.files[table], table)
    first = root.findall(".//dmn:decisionTable", NAMESPACES)[0]
    asked, collects = first.get("id", ""), first.get("hitPolicy") == "COLLECT"
    inputs = [(n.text or "").strip() for n in root.findall(".//dmn:inputExpression/dmn:text", NAMESPACES)]
    outputs = [node.get("name", "") for node in root.findall(".//dmn:output", NAMESPACES)]
    for line, row in _rows(path, {"case", *inputs, *outputs}):
        given = {name: _value(row[name]) for name in inputs}
        expected = {name: row[name].split() if collects else _value(row[name]) for name in outputs}
        ask = _started if asked == AT_THE_START else partial(decide, table=asked)
        yield _compared(f"{path.name} 第 {line} 行（{row['case']}）", expected, partial(ask, bundle, names=given))


def _rows(path: Path, columns: set[str]) -> list[tuple[int, dict[str, str]]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ProcessError(f"示例 {path.name} 过大。", f"上限 {MAX_BYTES} 字节。")
        reader = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
        rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ProcessError(f"读不到示例 {FOLDER}/{path.name}。", "每张决策表都要有示例表。") from error
    if not rows or set(reader.fieldnames or ()) != columns or any(set(row.values()) & {None} for _, row in rows):
        raise ProcessError(f"示例 {path.name} 没有内容或列不对。", f"应有的列：{'、'.join(sorted(columns))}。")
    return rows


def _started(bundle: Bundle, names: Mapping[str, Any]) -> Mapping[str, Any]:
    people: dict[str, Any] = {"reviewers": {"1": {}}, "joint_reviewers": {"1": {}}}
    return start(bundle, people | dict(names), {"screen": lambda _: {"findings": 0}}).variables


def _compared(place: str, expected: Mapping[str, Any], ask: Callable[[], Mapping[str, Any]]) -> str:
    try:
        seen = ask()
    except FairReviewError as refusal:
        return f"{place}：流程走不下去，{refusal.message}"
    differing = [name for name in expected if seen.get(name) != expected[name]]
    if not differing:
        return ""
    told = "；".join(
        f"{name} 应为“{_words(expected[name])}”，流程给出“{_words(seen.get(name, '（没有）'))}”" for name in differing
    )
    return f"{place}：{told}。"


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _value(text: str) -> Any:
    words = {"true": True, "false": False}
    return words[text] if text in words else int(text) if text.isdecimal() else text
