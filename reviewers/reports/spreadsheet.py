"""Findings as CSV for Excel and WPS: opens in Chinese by double click, and no cell can run as a formula."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from engine.model import Level
from engine.standards import Standards
from reviewers.reports import LEVEL_NAMES, Plain, is_unreadable

HEADINGS = (
    "文件", "标题", "级别", "编号", "位置", "行", "起", "止", "条款原文", "项目", "依据", "原因", "建议", "把握",
    "规则",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(documents: Iterable[Plain], standards: Standards) -> bytes:
    """One row a finding; a file without findings, a duplicate or an unreadable one has one row that says so."""
    return b"".join(csv_lines(documents, standards))


def csv_lines(documents: Iterable[Plain], standards: Standards) -> Iterator[bytes]:
    """The bytes of `as_csv`, a document at a time."""
    yield codecs.BOM_UTF8 + _written([HEADINGS])
    for plain in documents:
        yield _written(_rows(plain, standards))


def _written(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def harmless(cell: str) -> str:
    """The cell with an apostrophe before it when a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _rows(plain: Plain, standards: Standards) -> Iterator[list[str]]:
    path = str(plain["path"])
    if is_unreadable(plain):
        yield _short(path, "", "未能读取", str(plain["unreadable"]))
    elif "duplicate_of" in plain:
        yield _short(path, "", "内容相同", f"与{plain['duplicate_of']}内容相同，见该文件。")
    elif not plain["findings"]:
        yield _short(path, str(plain["title"]), "未提示", "")
        yield from _local(plain)
    else:
        yield from _local(plain)
        for finding in plain["findings"]:
            yield [path, str(plain["title"]), *_finding(finding, standards)]


def _local(plain: Plain) -> Iterator[list[str]]:
    """A row that says what a local overlay changed in the rules, when there was one."""
    if plain.get("local"):
        yield _short(str(plain["path"]), str(plain["title"]), "本地规则", "；".join(plain["local"]))


def _short(path: str, title: str, level: str, reason: str) -> list[str]:
    return [path, title, level, "", "", "", "", "", "", "", "", reason, "", "", ""]


def _finding(finding: Plain, standards: Standards) -> list[str]:
    return [
        LEVEL_NAMES[Level(finding["level"])],
        finding["id"],
        finding["clause"],
        str(finding["line"]),
        str(finding["start"]),
        str(finding["end"]),
        finding["text"],
        "、".join(finding["articles"]),
        "；".join(standards.citation(item) for item in finding["articles"]),
        finding["why"],
        finding["advice"],
        finding["confidence"],
        finding["rule"],
    ]
