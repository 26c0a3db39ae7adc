"""Versions side by side: the redline, what must be looked at again, and what would still block a draft if filed."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import InvalidInput
from reviewers.desk.counter import CaseId, Home, Json, emit, open_database, open_profile

if TYPE_CHECKING:
    from engine.model import CaseFile, Document
    from reviewers.carrying import Carried
    from reviewers.versions import ComparedClause

DIFF_SCHEMA = "shuangshen.diff/1"
CHANGES_SCHEMA = "shuangshen.changes/1"
WHAT_IF_SCHEMA = "shuangshen.what-if/1"


class RedlineFormat(StrEnum):
    """How the redline is written out."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def diff(
    case: CaseId,
    old: Annotated[int | None, typer.Option("--from", metavar="稿次", min=1, help="旧稿，缺省为上一稿")] = None,
    new: Annotated[int | None, typer.Option("--to", metavar="稿次", min=1, help="新稿，缺省为现稿")] = None,
    form: Annotated[RedlineFormat, typer.Option("--format", help="输出格式")] = RedlineFormat.TEXT,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """逐条对照两稿：新增、删除、修改（标到字词）、移动；条款编号变动不算修改。"""
    file, documents, (old, new) = _two_versions(home, case, old, new)
    from reviewers.versions import compare

    if form is RedlineFormat.HTML and not as_json:
        sys.stdout.write(_html(file, documents, old, new))
        return
    compared = compare(documents[old], documents[new])
    if as_json or form is RedlineFormat.JSON:
        emit(diff_json(file, old, new, compared))
        return
    from reviewers.desk.redlining import print_redline

    print_redline(file.case.title, old, new, compared)


def _two_versions(
    home: Path | None, case: str, old: int | None, new: int | None
) -> tuple[CaseFile, dict[int, Document], tuple[int, int]]:
    from reviewers.versions import version_document, version_of

    with open_database(home).work() as work:
        file = work.case_file(case)
        after = new or file.case.version
        before = old or after - 1
        if before == 0:
            raise InvalidInput(f"案件 {case} 只有第1稿，没有可以对照的上一稿。", "修改稿报送（revise）后再对照。")
        documents = {number: version_document(work, version_of(file, number)) for number in (before, after)}
    return file, documents, (before, after)


def _html(file: CaseFile, documents: dict[int, Document], old: int, new: int) -> str:
    from reviewers.papers.redline import redline_page

    return redline_page(file.case.title, documents, old, new, "（未导出）").decode()


def diff_json(file: CaseFile, old: int, new: int, compared: tuple[ComparedClause, ...]) -> dict[str, Any]:
    """The redline as scripts read it (`shuangshen.diff/1`): every clause once, with its wording."""
    return {
        "schema": DIFF_SCHEMA,
        "case": file.case.id,
        "from": old,
        "to": new,
        "clauses": [
            {
                "change": clause.change,
                "old": _cited(clause.old),
                "new": _cited(clause.new),
                "pieces": [{"part": piece.part, "text": piece.text} for piece in clause.pieces],
            }
            for clause in compared
        ],
    }


def _cited(clause: Any) -> dict[str, Any] | None:
    return {"clause": clause.number, "key": clause.key, "line": clause.line} if clause else None


# ---------------------------------------------------------------- what must be looked at again


def show_changes(case: str, home: Path | None, as_json: bool) -> None:
    """Only what must be looked at again since the last round: clauses, items, findings."""
    from reviewers.carrying import carried
    from reviewers.desk.reviewing import checklist_of
    from reviewers.versions import readable_documents

    with open_database(home).work() as work:
        file = work.case_file(case)
        checklist = checklist_of(file)
        found = carried(file, checklist.gate, checklist, readable_documents(work, file))
    told = changes_json(file, found)
    if as_json:
        emit(told)
        return
    from reviewers.desk.redlining import print_changes

    print_changes(told)


def changes_json(file: CaseFile, found: Carried) -> dict[str, Any]:
    """What must be looked at again (`shuangshen.changes/1`); everything when this gate has no earlier round."""
    findings = file.screenings[-1].findings if file.screenings else ()
    return {
        "schema": CHANGES_SCHEMA,
        "case": file.case.id,
        "since_round": found.round,
        "clauses": list(found.touched.look),
        "items": [{"item": item, "why": why} for item, why in found.again.items()],
        "findings": [
            {"id": finding.id, "clause": finding.clause, "line": finding.line, "text": finding.text}
            for finding in findings
            if finding.id not in found.dispositions
        ],
        "carried": sorted(found.answers),
    }


# ---------------------------------------------------------------- what would still block


def what_if(
    case: CaseId,
    draft: Annotated[Path | None, typer.Option("--file", metavar="草案文件", help="假设报送的修改稿")] = None,
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="文件", help="假设提交的会审审查表（YAML）")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """预演：如报送此稿、如此作答，还有哪些理由不得出台，最少要做哪些事。不作任何登记。"""
    from engine.documents import read_document
    from engine.screening.overlay import load_pack
    from engine.standards import load_standards
    from reviewers.checklist import parse_answers
    from reviewers.desk.reviewing import read_form
    from reviewers.versions import readable_documents, version_document, version_of
    from reviewers.what_if import outlook

    if draft is None and answers is None:
        raise InvalidInput("没有写明预演什么。", "请用 --file 给出修改稿，或者用 --answers 给出审查表。")
    form = parse_answers(read_form(answers), str(answers)) if answers else None
    with open_database(home).work() as work:
        file = work.case_file(case)
        present = version_document(work, version_of(file, file.case.version))
        documents = {**readable_documents(work, file), file.case.version: present}
    document = read_document(draft) if draft else None
    rules = load_pack(open_profile(home).overlay) if document else None
    found = outlook(file, documents, load_standards(), datetime.now(UTC), document, form, rules)
    if as_json:
        emit(
            {"schema": WHAT_IF_SCHEMA, "case": case, "blocked": bool(found.reasons or found.form_gaps), **asdict(found)}
        )
    else:
        from reviewers.desk.redlining import print_outlook

        print_outlook(file.case.title, found)
    sys.exit(1 if found.reasons or found.form_gaps else 0)
