"""The command trail export: events of the whole trail by period, unit, officer, act, item, for auditors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import Conflict, InvalidInput
from reviewers.desk.counter import As, Home, Json, database, emit, open_database, open_profile

if TYPE_CHECKING:
    from engine.store.extracts import Extract, Wanted
    from reviewers.roster import Profile


class Form(StrEnum):
    """What the events are written as."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


def trail_export(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="文件", help="写到哪里；以 .jsonl、.csv、.xlsx 或 .html 结尾")
    ],
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], metavar="日期", help="起日（北京时间，含当日）")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], metavar="日期", help="止日（含当日）")
    ] = None,
    unit: Annotated[str, typer.Option(metavar="单位", help="该单位办理的，或者该单位起草的")] = "",
    person: Annotated[str, typer.Option("--officer", metavar="人员", help="该人员办理的，或者由人代其办理的")] = "",
    act: Annotated[str, typer.Option(metavar="操作", help="操作代码，如 conclude")] = "",
    item: Annotated[str, typer.Option(metavar="项目", help="认定、存疑、提示或者例外涉及的项目，如 M15-3")] = "",
    case: Annotated[str, typer.Option(metavar="案件编号", help="只导一个案件；网页附标出经过的流程图")] = "",
    form: Annotated[Form | None, typer.Option("--format", metavar="格式", help="jsonl、csv、xlsx、html")] = None,
    officer: As = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """导出留痕：按期间、单位、人员、操作、项目或案件，供审计和分析。"""
    from engine.store.extracts import Wanted
    from reviewers.extracting import days, extracted

    chosen = form or _form_of(output)
    if output.exists() or output.is_symlink():
        raise Conflict(f"{output} 已存在，不会覆盖。", "请换一个位置。")
    profile = open_profile(home)
    if not officer:
        raise InvalidInput("没有指明经办人。", "请加 --as 审计人员的编号；名单见 shuangshen officers。")
    start, end = days(first.date() if first else None, last.date() if last else None)
    wanted = Wanted(start, end, unit, person, act, item, case)
    found = extracted(database(home), profile.officer(officer), profile, wanted)
    drawings = _drawings(home, case, found, chosen)
    output.write_bytes(_written(chosen, found, profile, _asked(wanted, first, last), drawings))
    if as_json:
        emit({"path": str(output), "format": chosen.value, "events": len(found)})
        return
    print(f"留痕 {len(found)} 条已写到 {output}")


def _form_of(output: Path) -> Form:
    try:
        return Form(output.suffix.lower().lstrip("."))
    except ValueError as error:
        raise InvalidInput(
            f"从文件名“{output.name}”看不出格式。", "请以 .jsonl、.csv、.xlsx 或 .html 结尾，或者加 --format。"
        ) from error


def _written(form: Form, found: Sequence[Extract], profile: Profile, asked: str, drawings: Mapping[str, str]) -> bytes:
    from reviewers.reports import trail

    if form is Form.JSONL:
        return trail.as_json_lines(found)
    if form is Form.CSV:
        return trail.as_csv(found, profile)
    rows = trail.rows(found, profile)
    if form is Form.XLSX:
        from reviewers.reports.trail_sheet import as_workbook

        return as_workbook(rows)
    from reviewers.reports.trail_page import as_page

    return as_page(found, rows, asked, drawings)


def _asked(wanted: Wanted, first: datetime | None, last: datetime | None) -> str:
    """What was asked for, in words."""
    period = f"{first.date() if first else '最早'} 至 {last.date() if last else '最近'}"
    named = (("单位", wanted.unit), ("人员", wanted.officer), ("操作", wanted.act), ("项目", wanted.item))
    told = [f"{name} {value}" for name, value in (*named, ("案件", wanted.case)) if value]
    return "，".join([period, *told])


def _drawings(home: Path | None, case: str, found: Sequence[Extract], form: Form) -> Mapping[str, str]:
    """For one case on a page: its process with the way these events took."""
    if not case or not found or form is not Form.HTML or "stage_to" not in found[0].event["facts"]:
        return {}
    from reviewers.office import load_bundle
    from reviewers.papers.way import drawings

    with open_database(home).work() as work:
        standing = work.case(case)
        bundle = load_bundle(work, standing.bundle)
    return drawings(bundle, [each.event for each in found], standing.stage)
