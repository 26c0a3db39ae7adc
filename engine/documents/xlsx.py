"""Workbooks (.xlsx): sheets in order, each row a line of cells parted by |, on the raw XML within the common limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.documents.limits import Package, damaged, suspicious
from engine.patterns import pattern_of

if TYPE_CHECKING:
    from lxml import etree

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_COLUMN = pattern_of(r"([A-Z]{1,3})\d+")
_MOST_COLUMNS = 256
_MOST_CELLS = 1_000_000


def read(data: bytes, filename: str) -> tuple[str, list[str]]:
    """The text of a workbook and its notices; dates and numbers are read as stored, formulas by their last result."""
    package = Package(data, filename)
    if not package.has("xl/workbook.xml"):
        raise damaged(filename, "缺少工作簿")
    strings = _strings(package)
    sheets = list(_sheets(package))
    lines: list[str] = []
    for name, part, _ in sheets:
        lines.extend([name] if len(sheets) > 1 else [])
        lines.extend(_rows(package, part, strings))
    hidden = [name for name, _, is_hidden in sheets if is_hidden]
    notices = [f"工作簿中有{len(hidden)}张隐藏工作表（{'、'.join(hidden)}），已一并读取。"] if hidden else []
    return "\n".join(lines), notices


def _sheets(package: Package) -> Iterator[tuple[str, str, bool]]:
    """Name, part and hiddenness of every sheet."""
    targets = {}
    if package.has("xl/_rels/workbook.xml.rels"):
        for relation in package.xml("xl/_rels/workbook.xml.rels").iter(_RELATIONS + "Relationship"):
            target = str(relation.get("Target", ""))
            targets[relation.get("Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    for sheet in package.xml("xl/workbook.xml").iter(_S + "sheet"):
        part = targets.get(sheet.get(_R + "id"), "")
        if package.has(part):
            yield str(sheet.get("name", "")), part, sheet.get("state", "visible") != "visible"


def _strings(package: Package) -> list[str]:
    if not package.has("xl/sharedStrings.xml"):
        return []
    return [_plain(entry) for entry in package.xml("xl/sharedStrings.xml").iter(_S + "si")]


def _plain(entry: etree._Element) -> str:
    """The words of a string without phonetic hints."""
    texts = (
        text for text in entry.iter(_S + "t") if not any(above.tag == _S + "rPh" for above in text.iterancestors())
    )
    return "".join(text.text or "" for text in texts)


def _rows(package: Package, part: str, strings: list[str]) -> Iterator[str]:
    read = 0
    for row in package.xml(part).iter(_S + "row"):
        cells: dict[int, str] = {}
        for cell in row.iter(_S + "c"):
            read += 1
            words = " ".join(_value(cell, strings).split())
            column = _column(cell, len(cells))
            if words and column < _MOST_COLUMNS:
                cells[column] = words
        if read > _MOST_CELLS:
            raise suspicious(package.filename, f"单元格超过{_MOST_CELLS}个")
        if cells:
            yield _line(cells)


def _line(cells: dict[int, str]) -> str:
    """A row with a single word is a title or a note; any other keeps its empty cells so that columns stay in line."""
    if len(cells) == 1:
        return next(iter(cells.values()))
    return " | ".join(cells.get(column, "") for column in range(max(cells) + 1))


def _column(cell: etree._Element, default: int) -> int:
    found = _COLUMN.fullmatch(str(cell.get("r", "")))
    if not found:
        return default
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _value(cell: etree._Element, strings: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(_S + "is")
        return "" if inline is None else _plain(inline)
    stored = cell.findtext(_S + "v") or ""
    if kind == "s":
        return strings[int(stored)] if stored.isdecimal() and int(stored) < len(strings) else ""
    if kind == "b":
        return "是" if stored == "1" else "否"
    return stored
