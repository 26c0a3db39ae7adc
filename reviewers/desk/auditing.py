"""The auditor's commands: trail show, trail verify, export, verify."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import Conflict, InvalidInput, NotFound, TrailBroken
from engine.store import reads
from reviewers.desk.counter import As, CaseId, Command, Home, Json, database, emit, open_office, open_profile

trail = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


@trail.command("show")
def trail_show(
    case: Annotated[str, typer.Argument(metavar="[案件编号]", help="只看一个案件，缺省为全部")] = "",
    after: Annotated[int, typer.Option("--after", metavar="序号", min=0, help="从此号之后开始")] = 0,
    limit: Annotated[int, typer.Option(metavar="条数", min=1, max=10_000, help="最多显示多少条")] = 100,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """查看留痕。"""
    rows = reads.events(database(home), case or None, after, limit)
    if as_json:
        emit(rows)
        return
    from reviewers.desk.printing import print_events

    print_events(rows, open_profile(home))


@trail.command("verify")
def trail_verify(
    checkpoint: Annotated[Path | None, typer.Option(metavar="文件", help="以前留存的检查点，用来发现删尾")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """校验全部留痕：链、树、记录、文本与案件状态互相一致，并与本机最近留存的检查点相符。"""
    from engine.store.signing import verify_signatures
    from engine.store.verify import checkpoint_of, verify_store
    from engine.trail.verifier import told_signatures
    from reviewers.operations.keeping import known_checkpoints

    known = checkpoint.read_text(encoding="utf-8", errors="replace") if checkpoint else None
    path = database(home)
    head = verify_store(path, known, *known_checkpoints(path))
    signatures = verify_signatures(path)
    if as_json:
        emit(
            {
                "sound": True,
                "events": head.size,
                "head": head.hash,
                "root": head.root,
                "checkpoint": checkpoint_of(path),
                "signatures": signatures._asdict(),
            }
        )
        return
    print(f"留痕完好：{head.size} 条，链首 {head.hash}\n{told_signatures(signatures)}\n{checkpoint_of(path)}", end="")


def export(
    case: CaseId,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="路径", help="案卷位置：目录，或以 .zip 结尾的文件")
    ],
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """导出案卷：草案、审查表、疑似问题、结论、留痕和校验脚本。"""
    from reviewers.auditor import export_case

    if output.exists():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个位置。")
    if not output.parent.is_dir():
        raise InvalidInput(f"没有目录 {output.parent}，案卷无处可放。", "请先建立目录，或换一个位置。")
    bundle = export_case(open_office(home, officer, command), case, database(home), output)
    if as_json:
        emit({"path": str(bundle.path), "manifest": bundle.manifest, "events": bundle.checkpoint.size})
        return
    print(f"案卷已导出到 {bundle.path}\n清单摘要 {bundle.manifest}\n校验：shuangshen verify {bundle.path}")


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="案卷", help="导出的案卷目录或 zip")],
    manifest: Annotated[str, typer.Option(metavar="摘要", help="纸面上打印的清单摘要")] = "",
    as_json: Json = False,
) -> None:
    """校验导出的案卷；不需要数据库。"""
    from engine.trail.verifier import told_signatures, verify_bundle

    if not bundle.exists():
        raise NotFound(f"没有案卷 {bundle}。", "请检查路径。")
    found = verify_bundle(bundle, manifest)
    if as_json:
        emit(found._asdict())
        sys.exit(0 if found.sound else TrailBroken.exit_code)
    if not found.sound:
        raise TrailBroken(f"案卷不可信，第一处问题在 {found.place}：{found.what}。", "请向导出单位重新索取并报告。")
    print(f"案卷完好：案件 {found.case}，{found.events} 条留痕，{found.files} 个文件\n清单摘要 {found.manifest}")
    print(told_signatures(found))
