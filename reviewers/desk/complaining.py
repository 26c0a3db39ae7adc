"""The complaint commands: file, list, show, correct, accept, extend, transfer, conclude, close."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.calendar.zone import local_day
from engine.errors import InvalidInput, NotFound
from reviewers.desk.counter import As, Command, Home, Json, Why, emit, open_office
from reviewers.desk.supervising import tell
from reviewers.lines import one_line

if TYPE_CHECKING:
    from reviewers.office import Office
    from reviewers.supervision.complaints import Standing

SCHEMA = "shuangshen.complaint/1"
Id = Annotated[str, typer.Argument(metavar="举报编号", help="如 JB-2026-0001")]
complaint = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


@complaint.command("file")
def complaint_file(
    about: Annotated[str, typer.Option(metavar="案件或标题", help="案件编号，或被举报文件的标题")] = "",
    text: Annotated[str, typer.Option(metavar="事由", help="举报事由")] = "",
    by: Annotated[str, typer.Option(metavar="举报人", help="举报人或社会监督员；缺省为匿名")] = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """登记举报或社会监督员线索；举报人姓名不进入留痕摘要和清单。"""
    from reviewers.supervision.complaints import file

    tell(file(open_office(home, officer, command), about, text, by), "举报已登记。", as_json)


@complaint.command("list")
def complaint_list(
    overdue: Annotated[bool, typer.Option("--overdue", help="只列超期的")] = False,
    officer: As = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """举报清单（市场监管部门和审计人员可看，不含举报人）。"""
    from reviewers.supervision.complaints import STATES

    office = open_office(home, officer)
    found = [each for each in _readable(office) if not overdue or each.overdue_on(office.today)]
    if as_json:
        emit({"schema": SCHEMA, "on": office.today, "complaints": [_told(each, office) for each in found]})
        return
    for each in found:
        due = f"  到期 {each.due_on}{'【超期】' if each.overdue_on(office.today) else ''}" if each.due_on else ""
        case = f"（案件 {each.complaint.case}）" if each.complaint.case else ""
        print(f"{each.id}  {STATES[each.state]}{due}  {each.complaint.title}{case}")
    print(f"共 {len(found)} 件。")


@complaint.command("show")
def complaint_show(entry: Id, officer: As = "", home: Home = None, as_json: Json = False) -> None:
    """查看一件举报的全部内容，含举报人。"""
    from reviewers.supervision.complaints import STATES

    office = open_office(home, officer)
    found = {each.id: each for each in _readable(office)}
    if entry not in found:
        raise NotFound(f"没有编号为“{entry}”的举报。", "运行 shuangshen complaint list 查看。")
    each = found[entry]
    steps: list[dict[str, Any]] = [
        {"act": s.act, "on": local_day(s.done_at), "by": s.done_by, "reason": s.reason} for s in each.steps
    ]
    if as_json:
        told = {**_told(each, office), "reporter": each.complaint.reporter, "text": each.complaint.text}
        emit({"schema": SCHEMA, **told, "steps": steps})
        return
    print(f"{each.id}  {STATES[each.state]}\n文件：{each.complaint.title}")
    print(f"举报人：{one_line(each.complaint.reporter)}\n事由：{one_line(each.complaint.text)}")
    for step in steps:
        print(f"{step['on']}  {STEP_NAMES[step['act']]}  {step['by']}  {one_line(step['reason'])}")


@complaint.command("correct")
def complaint_correct(
    entry: Id, reason: Why = "", officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """材料不全，要求举报人限期补正（缺省 7 个工作日）。"""
    from reviewers.supervision.complaints import correct

    tell(correct(open_office(home, officer, command), entry, reason), "已要求补正。", as_json)


@complaint.command("accept")
def complaint_accept(
    entry: Id, reason: Why = "", officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """受理：材料符合要求，开始核查（缺省 60 日）。"""
    from reviewers.supervision.complaints import accept

    tell(accept(open_office(home, officer, command), entry, reason), "已受理，核查期限开始计算。", as_json)


@complaint.command("extend")
def complaint_extend(
    entry: Id,
    days: Annotated[int, typer.Option("--days", metavar="天数", help="延长多少天（自然日）")],
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """负责人批准延长核查期限，只能一次。"""
    from reviewers.supervision.complaints import extend

    tell(extend(open_office(home, officer, command), entry, days, reason), f"核查期限已延长 {days} 天。", as_json)


@complaint.command("transfer")
def complaint_transfer(
    entry: Id,
    to: Annotated[str, typer.Option(metavar="单位", help="移送给哪个单位")] = "",
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """移送有权处理的单位。"""
    from reviewers.supervision.complaints import transfer

    tell(transfer(open_office(home, officer, command), entry, to, reason), f"已移送{one_line(to)}。", as_json)


@complaint.command("conclude")
def complaint_conclude(
    entry: Id,
    confirmed: Annotated[bool | None, typer.Option("--confirmed/--unfounded", help="属实/不属实")] = None,
    unit: Annotated[str, typer.Option(metavar="单位", help="责任单位编号，缺省为案件的起草单位")] = "",
    measure: Annotated[str, typer.Option(metavar="措施", help="属实的，写明整改措施")] = "",
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="日期", help="整改时限")] = None,
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """作出核查结论；属实的同时登入整改台账。"""
    from reviewers.supervision.complaints import conclude

    if confirmed is None:
        raise InvalidInput("没有写明是否属实。", "请加上 --confirmed 或 --unfounded。")
    by = due.date() if due else None
    receipt = conclude(open_office(home, officer, command), entry, confirmed, reason, unit, measure, by)
    tell(receipt, "核查属实，已登入整改台账。" if confirmed else "核查不属实，结论已登记。", as_json)


@complaint.command("close")
def complaint_close(
    entry: Id, reason: Why = "", officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """办结：已告知举报人，或材料逾期未补正不予核查。"""
    from reviewers.supervision.complaints import close

    tell(close(open_office(home, officer, command), entry, reason), "举报已办结。", as_json)


STEP_NAMES = {
    "correct": "要求补正",
    "accept": "受理",
    "extend": "延长期限",
    "transfer": "移送",
    "conclude": "核查结论",
    "close": "办结",
}


def _readable(office: Office) -> tuple[Standing, ...]:
    from reviewers.supervision.complaints import complaints
    from reviewers.supervision.minding import may_look

    may_look(office.officer, office.profile, "举报")
    return complaints(office.store.path)


def _told(each: Standing, office: Office) -> dict[str, Any]:
    return {
        "id": each.id,
        "case": each.complaint.case,
        "title": each.complaint.title,
        "unit": each.unit,
        "received_on": local_day(each.complaint.received_at),
        "state": each.state,
        "due_on": each.due_on,
        "overdue": each.overdue_on(office.today),
        "extended": each.extended,
        "confirmed": each.confirmed,
        "ledger": each.ledger,
    }
