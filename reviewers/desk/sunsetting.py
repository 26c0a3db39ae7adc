"""The commands about exceptions in force: sunset list, sunset check, sunset reopen."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.calendar.zone import local_day
from engine.errors import InvalidInput
from reviewers.desk import counter
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
    open_office,
    open_profile,
    upload,
)

if TYPE_CHECKING:
    from reviewers.sunset import DueCheck

SCHEMA = "shuangshen.sunset/1"
KINDS = {"ends": "例外到期", "yearly": "年度效果评估"}
sunset = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


@sunset.command("list")
def sunset_list(
    within: Annotated[int, typer.Option("--within", metavar="天数", min=0, max=3660, help="今后多少天内")] = 366,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """例外规定何时到期、何时应作年度效果评估；已超期的排在前面。"""
    from reviewers.sunset import due_checks

    today = local_day(counter.now())
    found = due_checks(database(home), today, within)
    if as_json:
        emit({"schema": SCHEMA, "on": today, "within": within, "due": [asdict(each) for each in found]})
        return
    profile = open_profile(home)
    for each in found:
        print(_line(each, profile.unit(each.unit).name))
    if not found:
        print(f"今后 {within} 天内没有到期或应评估的例外规定。")


@sunset.command("check")
def sunset_check(
    case: CaseId,
    effect: Annotated[str, typer.Option(metavar="效果", help="实施效果：对竞争和政策目标的实际影响")] = "",
    kept: Annotated[bool | None, typer.Option("--keep/--stop", help="继续执行/停止执行")] = None,
    condition_met: Annotated[bool, typer.Option("--condition-met", help="终止条件已经成就")] = False,
    evidence: Annotated[list[Path] | None, typer.Option(metavar="文件", help="证据（可多次）")] = None,
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """登记例外规定的年度效果评估；停止执行须附证据。"""
    from reviewers.sunset import check

    if kept is None:
        raise InvalidInput("没有说明继续执行还是停止执行。", "请加上 --keep 或 --stop。")
    files = tuple(upload(path) for path in evidence or ())
    receipt = check(open_office(home, officer, command), case, effect, kept, reason, condition_met, files)
    met = f"终止条件已成就：请停止执行并附证据，或 shuangshen sunset reopen {case}。"
    kept_on = met if condition_met else "继续执行。"
    answer(receipt, f"效果评估已登记，{kept_on}" if kept else "已登记停止执行，监测结束。", as_json)


@sunset.command("reopen")
def sunset_reopen(
    case: CaseId,
    draft: Annotated[Path | None, typer.Argument(metavar="[文件]", help="重新送审的文本，缺省为原审查文本")] = None,
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """例外规定到期后重新送审：开立新案件，与原案件互相注明。"""
    from reviewers.sunset import reopen

    file = upload(draft) if draft else None
    receipt = reopen(open_office(home, officer, command), case, reason, file)
    answer(receipt, f"已就案件 {case} 的措施重新送审。", as_json)


def _line(each: DueCheck, unit: str) -> str:
    mark = "【超期】" if each.overdue else ""
    return f"{each.due_on}  {KINDS[each.kind]}{mark}  案件 {each.case}  {each.title}（{unit}）"
