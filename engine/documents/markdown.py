"""Markdown files, read line by line: marks of layout are dropped, words, numbers and table cells stay."""

from __future__ import annotations

import re

from engine.patterns import pattern_of

_HEADING = pattern_of(r"^ {0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$")
_BULLET = pattern_of(r"^(\s*)[-*+]\s+(?:\[[ xX]\]\s+)?")
_QUOTE = pattern_of(r"^ {0,3}(?:>\s?)+")
_RULE = pattern_of(r"^ {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,}|={3,})$")
_FENCE = pattern_of(r"^ {0,3}(?:```|~~~)")
_EMPHASIS = pattern_of(r"(\*\*\*|\*\*|__|~~|`)(?=\S)(.{1,2000}?)(?<=\S)\1")
_LINK = pattern_of(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,500}\)")
_ESCAPE = pattern_of(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
_TELLTALE = pattern_of(r"^ {0,3}#{1,6} \S|^ {0,8}\|? {0,8}:?-{3,}:? {0,8}\|", re.MULTILINE)


def looks_like_markdown(text: str) -> bool:
    """Whether the text has Markdown headings or table rules; plain policy text has neither."""
    return bool(_TELLTALE.search(text))


def plain_text(text: str) -> str:
    """The words of a Markdown text line by line; rules and fences leave an empty line, rules in a table none."""
    return "\n".join(_line(line) for line in text.split("\n") if not _is_table_rule(line))


def _is_table_rule(line: str) -> bool:
    """Whether a line is the rule under the head of a table: nothing but bars, dashes and colons."""
    return "|" in line and "--" in line and not line.strip("|:- \t")


def _line(line: str) -> str:
    if _RULE.match(line) or _FENCE.match(line):
        return ""
    line = _QUOTE.sub("", line)
    if heading := _HEADING.match(line):
        line = heading[1]
    line = _BULLET.sub(r"\1", line)
    line = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", line))
    if line.lstrip().startswith("|"):
        line = " | ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
    return _ESCAPE.sub(r"\1", line)
