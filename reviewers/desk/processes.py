"""The commands about process versions: process list, publish, migrate, draw; incidents list, report, repair."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.calendar.zone import local_day
from engine.errors import Conflict, InvalidInput, TrailBroken
from reviewers.desk.counter import (
    As,
    CaseId,
    Command,
    Home,
    Json,
    Why,
    answer,
    database,
    emit,
    open_database,
    open_office,
)

if TYPE_CHECKING:
    from engine.process import Bundle

SCHEMA = "shuangshen.process/1"
process = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)
incidents = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


@process.command("list")
def process_list(home: Home = None, as_json: Json = False) -> None:
    """流程版本：哈希、案件数、在办数、哪个最新。"""
    from reviewers.supervision.processes import versions

    found = versions(database(home))
    if as_json:
        emit({"schema": SCHEMA, "versions": [asdict(each) for each in found]})
        return
    for each in found:
        mark = "  最新" if each.newest else ""
        by = (
            f"{local_day(each.published.published_at)} {each.published.published_by} 发布" if each.published else "随附"
        )
        print(f"{each.hash[:12]}  案件 {each.cases}  在办 {each.running}  {by}{mark}")
    if not found:
        print("库中还没有流程版本；第一个案件报送时存入随附的版本。")


@process.command("publish")
def process_publish(
    directory: Annotated[Path, typer.Argument(metavar="目录", help="放有 BPMN、DMN、TOML 和 examples 的目录")],
    note: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """发布流程版本：检查规定、跑示例、按哈希入库，以后报送的案件采用它。"""
    from reviewers.desk.supervising import tell
    from reviewers.supervision.processes import publish

    tell(publish(open_office(home, officer, command), directory, note), "流程版本已发布，新报送的案件采用它。", as_json)


@process.command("migrate")
def process_migrate(
    to: Annotated[str, typer.Option("--to", metavar="哈希", help="迁移到哪个版本，缺省为最新")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试算，不写入")] = False,
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """把处在两轮之间的在办案件迁移到另一流程版本，期限不变；不能迁移的逐件说明理由。"""
    from reviewers.supervision.processes import migrate_cases

    done = migrate_cases(open_office(home, officer, command), to, dry_run)
    if as_json:
        refused = [{"case": case, "reason": reason} for case, reason in done.refused]
        emit({"schema": SCHEMA, "to": done.to, "dry_run": dry_run, "moved": list(done.moved), "refused": refused})
        return
    print(f"{'试算：可迁移' if dry_run else '已迁移'} {len(done.moved)} 件到 {done.to[:12]}。")
    for case, reason in done.refused:
        print(f"{case}  未迁移：{reason}")


@process.command("draw")
def process_draw(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="文件", help="SVG 文件")],
    case: Annotated[str, typer.Argument(metavar="[案件编号]", help="标出该案件所在环节；缺省画最新版本")] = "",
    file: Annotated[str, typer.Option(metavar="流程图", help="画哪个文件，如 joint_review.bpmn")] = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """画流程图（SVG），案件所在的环节标亮。"""
    from engine.process.drawing import draw

    bundle, default, waiting = _of_case(home, case) if case else (_newest(home), "dual_review.bpmn", [])
    drawn = draw(bundle, file or default, waiting)
    if output.exists():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个文件名。")
    try:
        output.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"写不到 {output}：{error.strerror}。", "请换一个可写的位置。") from error
    if as_json:
        emit({"schema": SCHEMA, "path": str(output), "file": file or default, "highlighted": waiting})
        return
    print(f"流程图已写到 {output}")


@incidents.command("list")
def incidents_list(home: Home = None, as_json: Json = False) -> None:
    """查出流程位置读不出、缺流程版本、环节或待办不一致的案件；有则退出码为 6。"""
    from reviewers.supervision.processes import incidents as found_in

    found = found_in(database(home))
    if as_json:
        emit({"schema": SCHEMA, "incidents": [asdict(each) for each in found]})
    else:
        for each in found:
            print(f"{each.case}  {each.what}")
        print(f"共 {len(found)} 处。" if found else "没有发现异常。")
    if found:
        sys.exit(TrailBroken.exit_code)


@incidents.command("report")
def incidents_report(
    case: CaseId, reason: Why = "", officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """登记一件案件的流程异常（会审人员）；由另一人修复。"""
    from reviewers.supervision.repairing import report

    answer(report(open_office(home, officer, command), case, reason), "异常已登记，请由另一名会审负责人修复。", as_json)


@incidents.command("repair")
def incidents_repair(
    case: CaseId, reason: Why = "", officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """修复流程异常：按在卷材料从头开始新一轮审查（会审负责人，不得是登记人）。"""
    from reviewers.supervision.repairing import repair

    answer(repair(open_office(home, officer, command), case, reason), "已修复，从自我审查开始新一轮。", as_json)


def _of_case(home: Path | None, case_id: str) -> tuple[Bundle, str, list[str]]:
    """The process version of a case, the file that draws where it stands, and the elements it waits at."""
    from engine.process import open_turns
    from engine.process.drawing import file_of
    from reviewers.office import load_bundle

    with open_database(home).work() as work:
        case = work.case(case_id)
        bundle = load_bundle(work, case.bundle)
    waiting = list(dict.fromkeys(turn.element for turn in open_turns(bundle, case.position)))
    waiting = waiting or [
        e.id for e in bundle.elements.values() if e.stage == case.stage and e.process == "dual_review"
    ]
    return bundle, file_of(bundle, bundle.elements[waiting[0]].process), waiting


def _newest(home: Path | None) -> Bundle:
    from engine.process import bundle_from_bytes, load_bundle
    from engine.store.matters import newest_bundle

    with open_database(home).work() as work:
        published = newest_bundle(work)
    return bundle_from_bytes(published) if published else load_bundle()
