"""Opinions on clauses at the counter: comment, answer, escalate, and the table of what became of them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import InvalidInput
from engine.model import Adopted, Ruling
from reviewers import opinions as acts
from reviewers.desk.counter import As, CaseId, Command, Home, Json, Why, answer, emit, open_database, open_office

if TYPE_CHECKING:
    from engine.model import CaseFile
    from engine.store import Receipt
    from reviewers.adoption import AdoptionRow
    from reviewers.office import Office

OPINIONS_SCHEMA = "shuangshen.opinions/1"
OpinionId = Annotated[str, typer.Argument(metavar="意见编号", help="如 O-1，见 shuangshen opinions")]


def comment(
    case: CaseId,
    clause: Annotated[
        str, typer.Option(metavar="条款", help="条款编号，如 三（二）5、第七条、第12行；缺省全文")
    ] = "全文",
    text: Annotated[str, typer.Option(metavar="意见", help="意见")] = "",
    suggest: Annotated[str, typer.Option(metavar="新文字", help="建议改成的文字")] = "",
    blocking: Annotated[bool, typer.Option("--blocking", help="须采纳：未采纳或者未经协调前不得出台")] = False,
    dissent: Annotated[bool, typer.Option("--dissent", help="保留的不同意见：印在结论上，不阻断")] = False,
    withdraw: Annotated[str, typer.Option(metavar="意见编号", help="撤回本人提出的意见（须说明理由）")] = "",
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """对条款提出审查意见（初审、会审人员），或者撤回本人意见。"""
    office = open_office(home, officer, command)
    if withdraw:
        answer(acts.withdraw_opinion(office, case, withdraw, reason), f"意见 {withdraw} 已撤回，记录保留。", as_json)
        return
    said = acts.Comment(text, clause, suggest, blocking, dissent)
    receipt = acts.comment(office, case, said)
    opinion = _filed(office, case, receipt)
    if as_json:
        emit({**asdict(receipt), "opinion": opinion})
        return
    answer(receipt, f"意见 {opinion} 已入卷。", as_json)


def _filed(office: Office, case: str, receipt: Receipt) -> str:
    """The id of the opinion this receipt is for."""
    with office.store.work() as work:
        event = next(event for event in work.events(case) if event["seq"] == receipt.event_seq)
    return str(event["facts"]["opinion"])


def answer_opinion(
    case: CaseId,
    opinion: OpinionId,
    adopted: Annotated[Adopted, typer.Option(help="yes 采纳/partly 部分采纳/no 未采纳")],
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """起草单位反馈意见采纳情况；答“采纳”的，须与修改稿一致。"""
    receipt = acts.answer_opinion(open_office(home, officer, command), case, opinion, adopted, reason)
    answer(receipt, f"意见 {opinion} 已反馈：{acts.ADOPTED_WORDS[adopted]}。", as_json)


def escalate(
    case: CaseId,
    opinion: OpinionId,
    decision: Annotated[Ruling, typer.Option(help="联席会议决定：cleared 不再阻断/upheld 维持")],
    meeting: Annotated[str, typer.Option(metavar="会议", help="会议名称、日期")] = "联席会议",
    reason: Why = "",
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """登记联席会议对未采纳意见的协调决定（会审负责人）。"""
    if decision is Ruling.WITHDRAWN:
        raise InvalidInput(
            "联席会议的决定只有 cleared（不再阻断）和 upheld（维持）。", "撤回意见请用 comment --withdraw。"
        )
    receipt = acts.escalate(open_office(home, officer, command), case, opinion, decision, reason, meeting)
    answer(
        receipt, f"联席会议决定已登记：意见 {opinion} {'不再阻断' if decision is Ruling.CLEARED else '维持'}。", as_json
    )


def opinions(case: CaseId, home: Home = None, as_json: Json = False) -> None:
    """意见采纳情况：每条意见、修改对照结果、起草单位反馈和协调决定。"""
    file, rows = rows_of(case, home)
    if as_json:
        emit(opinions_json(file, rows))
        return
    from reviewers.desk.redlining import print_opinions

    print_opinions(file, rows)


def rows_of(case: str, home: Path | None) -> tuple[CaseFile, tuple[AdoptionRow, ...]]:
    """The case and what became of its opinions."""
    from reviewers.adoption import adoption_rows
    from reviewers.versions import readable_documents

    with open_database(home).work() as work:
        file = work.case_file(case)
        return file, adoption_rows(file, readable_documents(work, file))


def opinions_json(file: CaseFile, rows: tuple[AdoptionRow, ...]) -> dict[str, Any]:
    """The opinions as scripts read them (`shuangshen.opinions/1`)."""
    return {
        "schema": OPINIONS_SCHEMA,
        "case": file.case.id,
        "version": file.case.version,
        "opinions": [asdict(row) for row in rows],
        "dissents": [asdict(opinion) for opinion in file.opinions if opinion.dissent],
    }
