"""The screen command: files or JSON lines in, findings out, exit 1 when anything blocks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from engine.errors import DocumentUnreadable, InvalidInput

if TYPE_CHECKING:
    from engine.model import Document, Finding, Screening

SCREEN_SCHEMA = "shuangshen.screen/1"
MAX_LINE_CHARS = 1_000_000
SHOWN = ("level", "rule", "articles", "clause", "line", "start", "end", "text", "why", "advice")


def screen(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="文件...", help="要筛查的文件(.docx .pdf .txt .md 等)")
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="text|json", help="输出格式")] = "text",
    jsonl: Annotated[str, typer.Option("--jsonl", metavar="文件|-", help="逐行读 {id,text},逐行输出结果")] = "",
    on: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="日期", help="按哪一天的法规")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="同 --format json")] = False,
) -> None:
    """筛查文件中的疑似排除、限制竞争条款。退出码:0 无须处理;1 有须处理的条款;2 无法读取。"""
    as_of = on.date() if on else date.today()  # noqa: DTZ011  the user's own calendar day
    if jsonl:
        sys.exit(screen_lines(jsonl, as_of))
    if not paths:
        raise InvalidInput("没有指明要筛查的文件。", "用法:shuangshen screen 文件…,或 shuangshen screen --jsonl 文件。")
    if form not in ("text", "json"):
        raise InvalidInput(f"不支持的输出格式“{form}”。", "可用:text、json。")
    sys.exit(screen_files(paths, as_of, as_json or form == "json"))


def screen_files(paths: list[Path], as_of: date, as_json: bool) -> int:
    """Screens each file in turn; an unreadable one is named and never passes for clean, the rest are still screened."""
    screened, unreadable = [], []
    for path in paths:
        try:
            screened.append((path, *read_and_screen(path, as_of)))
        except DocumentUnreadable as unread:
            unreadable.append(unread)
    if as_json:
        documents = [document_json(path, document, result) for path, document, result in screened]
        print(json.dumps({"schema": SCREEN_SCHEMA, "documents": documents}, ensure_ascii=False, indent=2))
    else:
        from reviewers.desk.printing import print_screening

        for path, document, result in screened:
            print_screening(path, document, result)
    for refusal in unreadable:
        print(str(refusal), file=sys.stderr)
    if unreadable:
        return DocumentUnreadable.exit_code
    return int(any(blocks(result) for _, _, result in screened))


def read_and_screen(path: Path, as_of: date) -> tuple[Document, Screening]:
    """The document as read and its screening; raises DocumentUnreadable naming the file."""
    from engine.documents import read_document
    from engine.screening import screen as screen_document
    from engine.standards import load_standards

    document = read_document(path)
    return document, screen_document(document, load_standards(), as_of)


def screen_lines(source: str, as_of: date) -> int:
    """One JSON object a line in, one out, same order, one line held at a time; 1 when any blocks, 2 on a bad line."""
    from engine.screening import screen_text
    from engine.standards import load_standards

    standards, worst = load_standards(), 0
    with _opened(source) as stream:
        for row_id, text in rows(stream, source):
            result = screen_text(text, standards, as_of)
            found = [finding_json(finding) for finding in result.findings]
            print(json.dumps({"id": row_id, "findings": found}, ensure_ascii=False))
            worst = max(worst, int(blocks(result)))
    return worst


def rows(stream: Iterable[str], source: str) -> Iterator[tuple[Any, str]]:
    """The (id, text) pairs of a JSONL stream; raises InvalidInput naming source and line."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        if len(line) > MAX_LINE_CHARS:
            raise InvalidInput(f"{source} 第 {number} 行超过 {MAX_LINE_CHARS} 个字符。", "请拆分后重试。")
        try:
            row = json.loads(line)
            yield row["id"], str(row["text"])
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(f'{source} 第 {number} 行不是 {{"id","text"}} 形式的 JSON。', "请改正该行。") from error


def blocks(result: Screening) -> bool:
    """Whether the screening has a finding that must be dealt with."""
    return any(finding.level == "block" for finding in result.findings)


def document_json(path: Path, document: Document, result: Screening) -> dict[str, Any]:
    """One document of `shuangshen.screen/1`."""
    return {
        "path": str(path),
        "title": document.title,
        "sha256": document.sha256,
        "pack": result.pack,
        "notices": list(document.notices),
        "clauses": len(document.clauses),
        "findings": [finding_json(finding) for finding in result.findings],
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding of `shuangshen.screen/1`: the contract's keys, and what explains them."""
    told = {name: getattr(finding, name) for name in SHOWN}
    return {"id": finding.id, **told, "confidence": finding.confidence, "evidence": list(finding.evidence)}


def _opened(source: str) -> TextIO:
    if source == "-":
        return sys.stdin
    try:
        return Path(source).open(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"无法读取 {source}。", "请检查路径和权限。") from error
