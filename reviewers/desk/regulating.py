"""The market regulator's commands: scope, accept, correct, return, reject, conclude, editorial."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.model import Outcome
from reviewers import market_regulator
from reviewers.desk.counter import As, CaseId, Command, Home, Json, Why, answer, open_office, upload
from reviewers.desk.fields import Fields, fields_of
from reviewers.desk.signing import Key, signing_office


def scope(
    case: CaseId,
    in_scope: Annotated[bool, typer.Option("--in-scope/--out-of-scope", help="属于审查范围/不属于审查范围")],
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """确认起草单位“不涉及”的判断，或转入审查。"""
    receipt = market_regulator.confirm_scope(open_office(home, officer, command), case, in_scope, reason)
    answer(receipt, "已转入审查。" if in_scope else "已确认不属于审查范围。", as_json)


def accept(
    case: CaseId,
    field: Fields = None,
    officer: As = "",
    key: Key = None,
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """受理：材料齐全，开始会审；涉及其他部门职责的，先征求部门意见。"""
    receipt = market_regulator.accept(signing_office(home, officer, command, key), case, fields_of(field))
    answer(receipt, "材料齐全，已受理，会审开始。", as_json)


def correct(
    case: CaseId,
    missing: Annotated[list[str] | None, typer.Option(metavar="材料", help="需要补正的材料（可多次）")] = None,
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="日期", help="补正期限")] = None,
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """要求起草单位补正材料。"""
    due_on: date | None = due.date() if due else None
    office = open_office(home, officer, command)
    receipt = market_regulator.request_correction(office, case, tuple(missing or ()), reason, due_on)
    answer(receipt, "已要求补正。", as_json)


def return_(
    case: CaseId,
    reason: Why = "",
    officer: As = "",
    key: Key = None,
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """退回案件。"""
    receipt = market_regulator.return_case(signing_office(home, officer, command, key), case, reason)
    answer(receipt, "案件已退回。", as_json)


def reject(
    case: CaseId,
    finding: Annotated[str, typer.Argument(metavar="疑似问题编号", help="如 F-1a2b3c4d")],
    reason: Why = "",
    officer: As = "",
    key: Key = None,
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """驳回机器提示的疑似问题。"""
    receipt = market_regulator.reject_finding(signing_office(home, officer, command, key), case, finding, reason)
    answer(receipt, f"已驳回 {finding}，理由入卷。", as_json)


def conclude(
    case: CaseId,
    outcome: Annotated[
        Outcome, typer.Option(help="结论：compliant 符合/exception 适用例外/revise 修改后再审/must_not_issue 不得出台")
    ],
    reason: Why = "",
    interests: Annotated[
        str, typer.Option(metavar="声明", help="利益冲突声明：签署即声明“无”，有的写明情况（应当回避）")
    ] = "无",
    officer: As = "",
    key: Key = None,
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """签署会审结论；有未消除的理由时不能作出“符合”。"""
    receipt = market_regulator.conclude(signing_office(home, officer, command, key), case, outcome, reason, interests)
    answer(receipt, "会审结论已签署。", as_json)


def editorial(
    case: CaseId,
    final: Annotated[Path, typer.Argument(metavar="文件", help="拟印发的文本")],
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """认定拟印发文本只作了文字性修改，可以印发；整条增删或者出现新的疑似问题的，须重新审查。"""
    from reviewers.editorial import decide_editorial

    receipt = decide_editorial(open_office(home, officer, command), case, upload(final), reason)
    answer(receipt, "已认定为文字性修改，可以登记印发（issue）。", as_json)
