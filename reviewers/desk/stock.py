"""Stock clean-up at the counter: whole directories through the screen command, and the stock commands over ledgers."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import Conflict, DocumentUnreadable, InvalidInput, NotFound
from reviewers.desk.counter import Json, emit

if TYPE_CHECKING:
    from reviewers.bulk.cleaning import Done, Plan
    from reviewers.bulk.ledger import Ledger

FORMS = ("text", "json", "jsonl", "sarif", "csv")
PLAIN_LINE_EVERY = 10.0
UNREADABLE_SHOWN = 20
INTERRUPTED_CODE = 130
INTERRUPTED = "已中断，做完的记在台账里，再运行同一条命令接着做。"
INTERRUPTED_UNKEPT = "已中断。加 --ledger 可以在中断后接着做。"

stock = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)

Ledgers = Annotated[list[Path], typer.Argument(metavar="台账...", help="存量清理的台账文件")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked of a clean-up, in the words of the screen command's options."""

    paths: Sequence[Path]
    form: str
    output: Path | None
    as_of: date
    jobs: int
    ledger: Path | None
    shard: str
    timeout: float
    memory: int
    retry: bool
    dask: str
    overlay: Path | None = None


def screen_stock(wanted: Wanted) -> int:
    """The stock is screened into the ledger and told in the wanted form; the exit code of the screen command."""
    from reviewers.bulk.cleaning import Plan, parse_shard
    from reviewers.bulk.ledger import Ledger
    from reviewers.desk.reporting import check_output, deliver, rendered

    if wanted.form not in FORMS:
        raise InvalidInput(
            f"筛查整个目录时不能输出{wanted.form}。", f"可用：{'、'.join(FORMS)}；{wanted.form}请逐个指明文件。"
        )
    check_output(wanted.form, wanted.output, 1)
    jobs = wanted.jobs or _cores()
    plan = Plan(
        wanted.paths,
        wanted.as_of,
        jobs,
        wanted.timeout,
        wanted.memory,
        parse_shard(wanted.shard),
        wanted.retry,
        wanted.overlay,
    )
    with Ledger(wanted.ledger) as ledger:
        try:
            with progress() as tell:
                done = _cleaned(plan, ledger, tell, wanted.dask)
        except KeyboardInterrupt:
            print(INTERRUPTED if wanted.ledger else INTERRUPTED_UNKEPT, file=sys.stderr)
            return INTERRUPTED_CODE
        if wanted.form == "text":
            print_done(done)
            print_summary(counted(ledger), ledger)
        else:
            deliver(rendered(ledger.results(), wanted.form), wanted.output)
        return exit_code(counted(ledger))


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cleaned(plan: Plan, ledger: Ledger, tell: Callable[[int, int], None], dask: str) -> Done:
    """The clean-up, by processes of our own or on a cluster."""
    if not dask:
        from reviewers.bulk.cleaning import clean_up

        return clean_up(plan, ledger, tell)
    from reviewers.bulk.dask_adapter import clean_up_with, connected

    with connected(dask) as client:
        return clean_up_with(client, plan, ledger, tell)


def exit_code(counts: dict[str, Any]) -> int:
    """2 when any file could not be read, else 1 when any finding must be dealt with, else 0."""
    return DocumentUnreadable.exit_code if counts["unreadable"] else int(counts["blocking"] > 0)


def counted(ledger: Ledger) -> dict[str, Any]:
    """The ledger's summary under the packaged law."""
    from engine.standards import load_standards
    from reviewers.bulk.summary import summary

    return summary(ledger, load_standards())


@stock.command("summary")
def stock_summary(ledgers: Ledgers, as_json: Json = False) -> None:
    """按部门、项目、年份汇总存量清理结果；几个台账一并汇总。"""
    with gathered(ledgers, None) as ledger:
        if as_json:
            emit(counted(ledger))
        else:
            print_summary(counted(ledger), ledger)


@stock.command("merge")
def stock_merge(
    ledgers: Ledgers,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="文件", help="合并成的新台账")],
    as_json: Json = False,
) -> None:
    """合并分片筛查的台账。"""
    if output.exists():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个文件名。")
    present(ledgers)
    with gathered(ledgers, output) as ledger:
        counts = counted(ledger)
    if as_json:
        emit({"path": str(output), "ledgers": len(ledgers), "files": counts["files"], "documents": counts["documents"]})
    else:
        print(
            f"已合并 {len(ledgers)} 个台账到 {output}：文件 {counts['files']} 个，不重复文档 {counts['documents']} 份。"
        )


@stock.command("results")
def stock_results(
    ledger: Annotated[Path, typer.Argument(metavar="台账", help="存量清理的台账文件")],
    form: Annotated[str, typer.Option("--format", metavar="格式", help="jsonl、csv、json、sarif")] = "jsonl",
    department: Annotated[str, typer.Option("--department", metavar="部门", help="只要这个部门的，缺省为全部")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="文件", help="写到哪个文件")] = None,
) -> None:
    """从台账导出逐份结果，可以按部门分发。"""
    from reviewers.desk.reporting import check_output, deliver, rendered

    if form not in FORMS[1:]:
        raise InvalidInput(f"不支持的输出格式“{form}”。", f"可用：{'、'.join(FORMS[1:])}。")
    check_output(form, output, 1)
    with gathered([ledger], None) as found:
        known = [str(row["department"]) for row in counted(found)["by_department"]]
        if department and department not in known:
            raise NotFound(f"台账里没有部门“{department}”。", f"有：{'、'.join(known[:20])}。")
        deliver(rendered(found.results(department), form), output)


def present(ledgers: Sequence[Path]) -> None:
    """Raises NotFound for a ledger that is not there: opening it would begin an empty one."""
    for path in ledgers:
        if not path.is_file():
            raise NotFound(f"没有台账 {path}。", "请检查路径。")


@contextmanager
def gathered(ledgers: Sequence[Path], output: Path | None) -> Iterator[Ledger]:
    """All the ledgers in one, at `output` or in memory."""
    from reviewers.bulk.ledger import Ledger

    present(ledgers)
    with Ledger(output) as whole:
        for path in ledgers:
            whole.add(path)
        yield whole


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """Shows how far the run is on stderr: a bar with the time left on a terminal, a line now and then elsewhere."""
    if not sys.stderr.isatty():
        yield PlainLines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("筛查"), BarColumn(), MofNCompleteColumn(), TextColumn("剩余"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bar:
        task = bar.add_task("筛查", total=None)
        shown = 0.0

        def tell(done: int, total: int) -> None:
            nonlocal shown
            bar.update(task, completed=done, total=total)
            if done == total or time.monotonic() - shown > 0.2:
                shown = time.monotonic()
                bar.refresh()

        yield tell


class PlainLines:
    """Progress without a terminal: one line every ten seconds, with the time left by the speed so far."""

    def __init__(self) -> None:
        self._began = self._told = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told >= PLAIN_LINE_EVERY:
            self._told = now
            left = (now - self._began) / done * (total - done)
            print(f"已筛查 {done}/{total}，约剩 {left / 60:.0f} 分钟", file=sys.stderr)


def print_done(done: Done) -> None:
    """One line on how the run went."""
    links = f"，未跟随符号链接 {done.links} 个" if done.links else ""
    print(f"文件 {done.files} 个，本次新筛查 {done.fresh} 份{links}。")


def print_summary(counts: dict[str, Any], ledger: Ledger) -> None:
    """The counts as tables, and the first of the files that could not be read by name."""
    from rich.table import Table
    from rich.text import Text

    from reviewers.desk.printing import console, paragraph

    out = console()
    out.print(
        paragraph(
            f"文件 {counts['files']}  不重复文档 {counts['documents']}  未能读取 {counts['unreadable']}  "
            f"有须处理条款的文档 {counts['with_blocking']}  须处理 {counts['blocking']}  请核对 {counts['attention']}",
            out.width,
        ),
        style="bold",
    )
    if counts["pending"]:
        out.print(Text(f"还有 {counts['pending']} 个文件未筛查，请再运行一次。", style="yellow"))
    for title, key, columns in TABLES:
        table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
        for name, heading in columns:
            table.add_column(heading, overflow="fold", justify="right" if name in NUMBERS else "left")
        for row in counts[key]:
            table.add_row(*(str(row[name]) for name, _ in columns))
        out.print(table)
    unreadable = [plain for plain in ledger.results() if "unreadable" in plain]
    for plain in unreadable[:UNREADABLE_SHOWN]:
        out.print(paragraph(f"未能读取 {plain['path']}：{plain['unreadable']}", out.width, hang=2), style="yellow")
    if len(unreadable) > UNREADABLE_SHOWN:
        out.print(Text(f"另有 {len(unreadable) - UNREADABLE_SHOWN} 个，见 jsonl 或 csv 结果。", style="yellow"))


NUMBERS = {"files", "documents", "unreadable", "with_blocking", "blocking", "attention"}
FOUND = (("blocking", "须处理"), ("attention", "请核对"))
TABLES = (
    (
        "按部门",
        "by_department",
        (
            ("department", "部门"),
            ("files", "文件"),
            ("unreadable", "未能读取"),
            ("with_blocking", "须处理文件"),
            *FOUND,
        ),
    ),
    ("按项目", "by_item", (("item", "项目"), ("citation", "依据"), ("documents", "文档"), *FOUND)),
    ("按年份", "by_year", (("year", "年份"), ("documents", "文档"), ("with_blocking", "须处理文档"), *FOUND)),
)
