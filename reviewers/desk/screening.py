"""The screen command: files, folders or JSON lines in, findings out, exit 1 when anything blocks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from engine.errors import DocumentUnreadable, InvalidInput

if TYPE_CHECKING:
    from engine.model import Screening
    from engine.screening.rules import RulePack
    from reviewers.reports import Screened

MAX_LINE_CHARS = 1_000_000
FORMATS = ("text", "json", "jsonl", "sarif", "csv", "html", "docx")
WITH_PATCHES = ("text", "html", "docx")


def screen(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="文件或目录...", help="要筛查的文件（.docx .pdf .txt 等）、压缩包或整个目录"),
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="格式", help="、".join(FORMATS))] = "text",
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="文件|目录", help="结果写到哪里")] = None,
    with_considered: Annotated[bool, typer.Option("--considered", help="列出考虑过而未提示的")] = False,
    patches: Annotated[
        bool | None, typer.Option("--patches/--no-patches", help="给出试过的改写；终端、网页、批注缺省给出")
    ] = None,
    examples: Annotated[
        bool | None, typer.Option("--examples/--no-examples", help="给出相近的已标注示例；网页缺省给出")
    ] = None,
    jsonl: Annotated[str, typer.Option("--jsonl", metavar="文件|-", help="逐行读 {id,text}，逐行输出结果")] = "",
    on: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="日期", help="按哪一天的法规")
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=0, max=64, metavar="个数", help="存量清理：同时几个进程，0 为自动")
    ] = 0,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", metavar="文件", help="存量清理：台账，中断后接着做")
    ] = None,
    shard: Annotated[str, typer.Option("--shard", metavar="i/n", help="存量清理：只做第 i 份，共 n 份")] = "",
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, max=3600, metavar="秒", help="存量清理：每个文件的时限")
    ] = 60,
    memory: Annotated[int, typer.Option("--memory", min=64, metavar="MB", help="存量清理：每个进程的内存上限")] = 512,
    retry: Annotated[bool, typer.Option("--retry", help="存量清理：再试一次上次未能读取的")] = False,
    dask: Annotated[
        str, typer.Option("--dask", metavar="地址", help="存量清理：交给 Dask 集群做，如 tcp://10.0.0.1:8786")
    ] = "",
    overlay: Annotated[
        Path | None, typer.Option("--overlay", metavar="文件|目录", help="加用本地规则：增减词、地名和规则")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="同 --format json")] = False,
) -> None:
    """筛查文件中的疑似排除、限制竞争条款。退出码：0 无须处理；1 有须处理的条款；2 有无法读取的文件。"""
    as_of = on.date() if on else date.today()  # noqa: DTZ011  the user's own calendar day
    if jsonl:
        sys.exit(screen_lines(jsonl, as_of, overlay))
    if not paths:
        raise InvalidInput(
            "没有指明要筛查的文件。", "用法：shuangshen screen 文件或目录…，或 shuangshen screen --jsonl 文件。"
        )
    if form not in FORMATS:
        raise InvalidInput(f"不支持的输出格式“{form}”。", f"可用：{'、'.join(FORMATS)}。")
    form = "json" if as_json else form
    if ledger or shard or jobs or dask or any(path.is_dir() for path in paths):
        from reviewers.desk.stock import Wanted, screen_stock

        if with_considered or patches or examples:
            raise InvalidInput(
                "筛查整个目录时不列出考虑过的条款、改写和示例。",
                "请去掉 --considered、--patches、--examples，或逐个指明文件。",
            )
        bounds = (jobs, ledger, shard, timeout, memory, retry, dask, overlay)
        sys.exit(screen_stock(Wanted(tuple(paths), form, output, as_of, *bounds)))
    with_patches = form in WITH_PATCHES if patches is None else patches
    with_examples = form == "html" if examples is None else examples
    aids = Aids(with_patches, with_examples, overlay)
    sys.exit(screen_files(paths, as_of, form, output, with_considered, aids))


@dataclass(frozen=True, slots=True)
class Aids:
    """The local rules to use, and what is worked out beside the findings."""

    patches: bool = False
    examples: bool = False
    overlay: Path | None = None


def screen_files(
    paths: list[Path],
    as_of: date,
    form: str = "text",
    output: Path | None = None,
    with_considered: bool = False,
    aids: Aids | None = None,
) -> int:
    """Screens each file in turn; an unreadable one is named and never passes for clean, the rest are still screened."""
    from engine.screening.overlay import load_pack
    from reviewers.desk.reporting import check_output, report_screened

    check_output(form, output, len(paths))
    wanted = aids or Aids()
    rules = load_pack(wanted.overlay)
    screened, unreadable = [], []
    for path in paths:
        for found in read_and_screen(path, as_of, rules):
            if isinstance(found, DocumentUnreadable):
                unreadable.append((path, found))
            else:
                screened.append((path, _with_aids(found, as_of, wanted, rules)))
    report_screened(screened, unreadable, form, output, with_considered)
    for _, refusal in unreadable:
        print(str(refusal), file=sys.stderr)
    if unreadable:
        return DocumentUnreadable.exit_code
    return int(any(found.blocking for _, found in screened))


def _with_aids(screened: Screened, as_of: date, aids: Aids, rules: RulePack | None) -> Screened:
    from engine.standards import load_standards
    from reviewers.reports.aids import aided

    return aided(screened, load_standards(), as_of, aids.patches, aids.examples, rules)


def read_and_screen(path: Path, as_of: date, rules: RulePack | None = None) -> Iterator[Screened | DocumentUnreadable]:
    """The file screened, a zip file's documents one by one; what cannot be read comes as its refusal."""
    from engine.documents import read_archive, read_document
    from engine.screening import screen as screen_document
    from engine.standards import load_standards
    from reviewers.reports import Screened

    try:
        zipped = path.suffix.lower() == ".zip"
        for document in read_archive(path) if zipped else [read_document(path)]:
            if isinstance(document, DocumentUnreadable):
                yield document
            else:
                shown = str(path.parent / document.filename) if zipped else str(path)
                result = screen_document(document, load_standards(), as_of, rules)
                yield Screened(printable(shown), document, result)
    except DocumentUnreadable as refusal:
        yield refusal


def printable(path: str) -> str:
    """The path as it can be printed: bytes of a name that is no UTF-8 are shown as a replacement character."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def screen_lines(source: str, as_of: date, overlay: Path | None = None) -> int:
    """One JSON object a line in, one out, same order, one line held at a time; 1 when any blocks, 2 on a bad line."""
    from engine.screening import screen_text
    from engine.screening.overlay import load_pack
    from engine.standards import load_standards
    from reviewers.reports.contract import finding_json

    standards, rules, worst = load_standards(), load_pack(overlay), 0
    with _opened(source) as stream:
        for row_id, text in rows(stream, source):
            result = screen_text(text, standards, as_of, rules)
            told = {"id": row_id, "findings": [finding_json(finding) for finding in result.findings]}
            print(json.dumps(told | ({"local": list(result.local)} if result.local else {}), ensure_ascii=False))
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


def _opened(source: str) -> TextIO:
    if source == "-":
        return sys.stdin
    try:
        return Path(source).open(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"无法读取 {source}。", "请检查路径和权限。") from error
