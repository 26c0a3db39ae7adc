"""Reads a form a person filled in as YAML into a plain tree that knows its lines. Called only by `reading`.

A form is hostile input: its size and depth are bounded, and anchors, aliases, tags, repeated keys and second
documents are refused. Every value stays the string that was typed, so that no word turns into a truth value or number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import InvalidInput

MAX_BYTES = 1_000_000
MAX_DEPTH = 8
# the commonest slip: a full-width colon, or no blank behind it; the parser stumbles over it one line later
MISTYPED_COLON = re.compile(r"\s*[^\s:\uff1a{}\[\]\"'#]+(?:\uff1a|:(?=\S))")
NOTHING = frozenset({"~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """What was typed, without surrounding blanks; empty when nothing was."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Rows:
    nodes: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Fields:
    """Keys in the order written; `key_lines` says where each stands."""

    nodes: Mapping[str, Node]
    key_lines: Mapping[str, int]
    line: int


Node = Scalar | Rows | Fields


def read_form(text: str, filename: str) -> Node:
    """The tree of one YAML document; lines are 1-based. Raises InvalidInput naming file, line and the line's words."""
    from ruamel.yaml import YAML  # slow to import, and only forms need it
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise InvalidInput(f"{filename} 超过 {MAX_BYTES // 1000} KB，不像一份答复表。", "请检查是否选错了文件。")
    try:
        return _Tree(filename, YAML(typ="safe", pure=True).parse(text)).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _unreadable(text, filename, mark.line if mark else 0) from error
    except YAMLError as error:
        raise InvalidInput(f"{filename} 里有不能显示的控制字符，无法读取。", "请从表中删去后重试。") from error


def _unreadable(text: str, filename: str, line: int) -> InvalidInput:
    lines = text.splitlines() or [""]
    shown = min(line, len(lines) - 1)
    if shown and MISTYPED_COLON.match(lines[shown - 1]):
        shown -= 1
    return InvalidInput(
        f"{filename} 第 {shown + 1} 行附近读不懂：“{lines[shown].strip()[:60]}”。",
        "请检查：冒号用半角并在后面空一格，引号、括号成对，缩进用空格。",
    )


class _Tree:
    """Builds the tree from parser events, so that nothing is expanded or constructed on the way."""

    def __init__(self, filename: str, events: Iterator[Any]) -> None:
        self.filename = filename
        self.events = events

    def document(self) -> Node:
        from ruamel.yaml.events import DocumentEndEvent, DocumentStartEvent, StreamEndEvent, StreamStartEvent

        root: Node = Scalar("", 1)
        seen = False
        for event in self.events:
            if isinstance(event, DocumentStartEvent) and seen:
                raise self.refuse(event, "一份表里只能有一个文档，不能用“---”分成几份")
            if isinstance(event, (StreamStartEvent, StreamEndEvent, DocumentStartEvent, DocumentEndEvent)):
                continue
            root, seen = self.node(event, 0), True
        return root

    def node(self, event: Any, depth: int) -> Node:
        from ruamel.yaml.events import AliasEvent, MappingStartEvent, ScalarEvent

        if isinstance(event, AliasEvent) or event.anchor is not None or event.tag is not None:
            raise self.refuse(event, "不能使用 & * ! 开头的写法；要写这些字符请加引号")
        if depth > MAX_DEPTH:
            raise self.refuse(event, "嵌套太深")
        line = event.start_mark.line + 1
        if isinstance(event, ScalarEvent):
            empty = event.style is None and event.value in NOTHING
            return Scalar("" if empty else event.value.strip(), line)
        if isinstance(event, MappingStartEvent):
            return self.fields(line, depth)
        return self.rows(line, depth)

    def rows(self, line: int, depth: int) -> Rows:
        from ruamel.yaml.events import SequenceEndEvent

        nodes: list[Node] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            nodes.append(self.node(event, depth + 1))
        return Rows(tuple(nodes), line)

    def fields(self, line: int, depth: int) -> Fields:
        from ruamel.yaml.events import MappingEndEvent

        nodes: dict[str, Node] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self.node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise self.refuse(event, "冒号前面应当是一个词")
            if key.text in nodes:
                raise self.refuse(event, f"“{key.text}”已经在第 {lines[key.text]} 行写过")
            lines[key.text] = key.line
            nodes[key.text] = self.node(next(self.events), depth + 1)
        return Fields(nodes, lines, line)

    def refuse(self, event: Any, said: str) -> InvalidInput:
        return InvalidInput(f"{self.filename} 第 {event.start_mark.line + 1} 行：{said}。")
