"""Filling in a checklist: a blank form, a filled form, or question by question on a terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from engine.calendar.zone import local_day
from engine.errors import InvalidInput, NotYourTurn
from engine.model import CaseFile, Gate
from reviewers.desk.counter import (
    As,
    CaseId,
    Command,
    Home,
    Json,
    Why,
    answer,
    home_directory,
    open_database,
    open_office,
)

if TYPE_CHECKING:
    from engine.store import UnitOfWork
    from reviewers.checklist import Checklist, ReviewForm
    from reviewers.office import Office

DRAFTS = "drafts"
MAX_FORM_BYTES = 1_000_000
GATE_OF_STAGE = {"self_check": Gate.SELF_REVIEW, "co_review": Gate.JOINT_REVIEW}


def form(
    case: CaseId,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="文件", help="写入文件，缺省输出到屏幕")
    ] = None,
    home: Home = None,
) -> None:
    """生成本环节的审查表（YAML），填好后用 review 提交；条款未变的，预填上一轮答复并注明。"""
    with open_database(home).work() as work:
        text = prefilled(work, work.case_file(case))
    if output is None:
        print(text, end="")
        return
    if output.exists():
        raise InvalidInput(f"{output} 已存在，不会覆盖。", "请换一个文件名。")
    output.write_text(text, encoding="utf-8")
    print(f"审查表已写入 {output}")


def review(
    case: CaseId,
    answers: Annotated[Path | None, typer.Option("--answers", metavar="文件", help="填好的审查表（YAML）")] = None,
    officer: As = "",
    home: Home = None,
    command: Command = "",
    as_json: Json = False,
) -> None:
    """提交审查表：起草单位自我审查，或市场监管部门会审。"""
    from reviewers import drafting_unit, market_regulator
    from reviewers.checklist import parse_answers

    office = open_office(home, officer, command)
    with office.store.work() as work:
        file = work.case_file(case)
    gate, draft = gate_of(file), None
    if answers:
        filled = parse_answers(read_form(answers), str(answers))
    else:
        filled, draft = asked(office, file, home_directory(home) / DRAFTS)
    file_review = drafting_unit.self_review if gate is Gate.SELF_REVIEW else market_regulator.joint_review
    receipt = file_review(office, case, filled)
    if draft:
        draft.unlink(missing_ok=True)
    answer(receipt, "审查表已提交。", as_json)


def redo(
    case: CaseId, reason: Why = "", officer: As = "", home: Home = None, command: Command = "", as_json: Json = False
) -> None:
    """签署人把审查退回重做（初审由起草单位负责人，会审由会审负责人）。"""
    from reviewers import turns

    answer(turns.redo(open_office(home, officer, command), case, reason), "已退回审查人员重新审查。", as_json)


def gate_of(file: CaseFile) -> Gate:
    """The gate whose checklist the case now waits for; raises NotYourTurn when it waits for none."""
    gate = GATE_OF_STAGE.get(file.case.stage)
    if gate is None:
        raise NotYourTurn(
            f"案件 {file.case.id} 现在不在填写审查表的环节。", f"运行 shuangshen show {file.case.id} 查看进度。"
        )
    return gate


def checklist_of(file: CaseFile) -> Checklist:
    """The checklist the case now waits for, as it stood on the day the case was opened."""
    from reviewers.checklist import load_checklist

    return load_checklist(gate_of(file), file.case.kind, local_day(file.case.opened_at))


def prefilled(work: UnitOfWork, file: CaseFile) -> str:
    """The form of the present gate: what still stands from an earlier round filled in and marked, the rest blank."""
    from reviewers.carrying import carried, carried_form
    from reviewers.checklist import filled_form
    from reviewers.versions import readable_documents

    checklist = checklist_of(file)
    findings = file.screenings[-1].findings if file.screenings else ()
    found = carried(file, checklist.gate, checklist, readable_documents(work, file))
    filled, remarks = carried_form(found)
    return filled_form(checklist, f"{file.case.id} {file.case.title}", findings, filled, remarks)


def drop_unfinished(home: Path, case_id: str) -> None:
    """Answers somebody began for this case and never filed are gone."""
    for begun in (home / DRAFTS).glob(f"{case_id}-*.yaml"):
        begun.unlink(missing_ok=True)


def read_form(path: Path) -> str:
    """The text of a filled form; raises InvalidInput when it cannot be read as one."""
    try:
        if path.stat().st_size > MAX_FORM_BYTES:
            raise InvalidInput(f"审查表 {path} 超过 1 MB。", "请检查是否选错了文件。")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"无法读取审查表 {path}。", "请检查路径，文件须为 UTF-8 编码的 YAML。") from error


def asked(office: Office, file: CaseFile, drafts: Path) -> tuple[ReviewForm, Path]:
    """The form filled question by question, and where it was kept meanwhile; the database is free all the while.

    Raises InvalidInput when there is no terminal, Refused when the review is not his: before the first question.
    """
    if not sys.stdin.isatty():
        raise InvalidInput("没有终端，无法逐项询问。", "请用 --answers 提供填好的审查表；空白表见 shuangshen form。")
    from reviewers import policy
    from reviewers.carrying import carried, carried_form
    from reviewers.desk.asking import Sheet, fill
    from reviewers.office import stored_document
    from reviewers.versions import readable_documents

    case, officer, checklist = file.case, office.officer, checklist_of(file)
    with office.store.work() as work:
        waiting = [turn for turn in work.open_turns(case.id) if turn.element == case.stage]
        document = stored_document(work, file)
        standing = carried(file, checklist.gate, checklist, readable_documents(work, file))
    policy.pick_turn(officer, waiting, file, office.profile, office.today)
    path = drafts / f"{case.id}-{case.round}-{gate_of(file)}-{quote(officer.id, safe='')}.yaml"
    return fill(Sheet(file, checklist, document, path, carried_form(standing)[0])), path
