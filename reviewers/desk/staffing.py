"""Who reviews, at the counter: reassign, reviewer add, reviewer skip."""

from __future__ import annotations

from typing import Annotated

import typer

from reviewers import staffing
from reviewers.desk.counter import As, CaseId, Command, Home, Json, Why, answer, open_office

Place = Annotated[str, typer.Argument(metavar="席位", help="席位号、人员编号或单位编号，见 shuangshen show")]
Person = Annotated[str, typer.Argument(metavar="人员", help="人员编号；征求部门意见时也可写单位编号")]
reviewer = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


def reassign(
    case: CaseId,
    place: Annotated[str, typer.Option("--from", metavar="席位", help="原席位号、领取人、人员或单位编号")],
    person: Annotated[str, typer.Option("--to", metavar="人员", help="改由谁审查")],
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """改派审查人员（自审由起草单位负责人，会审由会审负责人决定）。"""
    receipt = staffing.reassign(open_office(home, officer, command), case, place, person, reason)
    answer(receipt, f"已改派，由 {person} 审查，理由入卷。", as_json)


@reviewer.command("add")
def add(
    case: CaseId,
    person: Person,
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """增加一名审查人员。"""
    receipt = staffing.add_reviewer(open_office(home, officer, command), case, person, reason)
    answer(receipt, f"已增加 {person}，理由入卷。", as_json)


@reviewer.command("skip")
def skip(
    case: CaseId,
    place: Place,
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """跳过一名审查人员；最后一名不能跳过。"""
    receipt = staffing.skip_reviewer(open_office(home, officer, command), case, place, reason)
    answer(receipt, f"已跳过 {place}，理由入卷。", as_json)
