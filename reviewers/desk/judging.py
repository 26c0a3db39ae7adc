"""Asking the gate: why a case is blocked, and whether it may be issued."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reviewers.desk.counter import CaseId, Home, Json, database, emit, now

if TYPE_CHECKING:
    from engine.model import CaseFile, Verdict

GATE_SCHEMA = "shuangshen.gate/1"


def why(case: CaseId, home: Home = None, as_json: Json = False) -> None:
    """为什么不得出台：逐条理由、出处和下一步。"""
    file, verdict = judged(home, case)
    if as_json:
        emit(verdict_json(file, verdict))
        return
    from reviewers.desk.printing import print_verdict

    print_verdict(file, verdict)


def gate(
    case: CaseId,
    final: Annotated[Path | None, typer.Option("--file", metavar="文件", help="拟印发的文本，与已审查文本比对")] = None,
    home: Home = None,
) -> None:
    """可否出台：输出 JSON，可以则退出码 0，不可以则 1。"""
    text = ""
    if final:
        from engine.documents import read_document

        text = read_document(final).text_sha256
    file, verdict = judged(home, case, text)
    emit(verdict_json(file, verdict))
    sys.exit(0 if verdict.may_issue else 1)


def judged(home: Path | None, case_id: str, text_sha256: str = "") -> tuple[CaseFile, Verdict]:
    """The case file and the gate's verdict on it today."""
    from engine.store.holdings import case_file
    from engine.store.whereabouts import handed_over
    from engine.trail.segments import AWAY

    file = case_file(database(home), case_id)
    if file.case.stage == AWAY:
        raise handed_over(case_id)
    from engine.calendar.zone import local_day
    from engine.gate import may_issue
    from engine.standards import load_standards
    from reviewers.conclusions import gate_question

    return file, may_issue(gate_question(file, load_standards(), text_sha256, on=local_day(now())))


def verdict_json(file: CaseFile, verdict: Verdict) -> dict[str, Any]:
    """The verdict as scripts read it (`shuangshen.gate/1`)."""
    return {
        "schema": GATE_SCHEMA,
        "case": file.case.id,
        "title": file.case.title,
        "stage": file.case.stage,
        "round": file.case.round,
        "version": file.case.version,
        "may_issue": verdict.may_issue,
        "outcome": verdict.outcome,
        "reasons": [asdict(reason) for reason in verdict.reasons],
    }
