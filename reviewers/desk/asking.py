"""The checklist asked question by question on a terminal, for those who do not want to edit a form."""

from __future__ import annotations

from datetime import date

import typer

from engine.errors import InvalidInput
from engine.model import (
    Answer,
    AnswerValue,
    Basis,
    CaseFile,
    Consultation,
    Disposition,
    Finding,
    Gate,
    Hearing,
    Treatment,
)
from reviewers.checklist import Checklist, Question, ReviewForm
from reviewers.form.words import ALLOWED_TREATMENTS, ANSWER_WORDS, HEARING_WORDS, RANK_WORDS, TREATMENT_WORDS

CHOICES = {word: value for value, word in ANSWER_WORDS.items()}
RANKS = {word: rank for rank, word in RANK_WORDS.items()}
KINDS = {word: kind for kind, word in HEARING_WORDS.items()}


def fill(file: CaseFile, checklist: Checklist) -> ReviewForm:
    """The form as answered on the terminal. Nothing is kept if the person stops half-way."""
    findings = file.screenings[-1].findings if file.screenings else ()
    dispositions = tuple(_disposition(finding, checklist.gate) for finding in findings)
    answers = tuple(_answer(question, n, len(checklist.questions)) for n, question in enumerate(checklist.questions, 1))
    asked = checklist.gate is Gate.SELF_REVIEW and not file.consultations
    consultation = _consultation() if asked else None
    return ReviewForm(_line("总体意见"), answers, dispositions, consultation, None)


def _answer(question: Question, number: int, total: int) -> Answer:
    typer.echo(f"\n[{number}/{total}] {question.id} {question.text}")
    value = CHOICES[_choice("答", tuple(CHOICES))]
    if value is AnswerValue.NO_HIT:
        return Answer(question.item, value)
    if value is AnswerValue.NOT_APPLICABLE:
        return Answer(question.item, value, reason=_line("理由"))
    clauses = tuple(part for part in _line("条款编号（多个用空格隔开）").split() if part)
    change = _line("修改意见") if value is AnswerValue.HIT else ""
    return Answer(question.item, value, clauses, reason=_line("理由"), change=change)


def _disposition(finding: Finding, gate: Gate) -> Disposition:
    typer.echo(f"\n疑似问题 {finding.id} 第{finding.line}行：{finding.text}\n原因：{finding.why}")
    choices = {TREATMENT_WORDS[treatment]: treatment for treatment in ALLOWED_TREATMENTS[gate]}
    treatment = choices[_choice("处置", tuple(choices))]
    basis = None
    if treatment is Treatment.BASIS:
        basis = Basis(_line("依据文件全称"), _line("条款"), RANKS[_choice("位阶", tuple(RANKS))])
    return Disposition(finding.id, treatment, _line("理由"), basis)


def _consultation() -> Consultation:
    typer.echo("\n听取意见情况（至少一位经营者或行业协会）")
    hearings = []
    while True:
        name = typer.prompt("对象名称（回车结束）", default="", show_default=False)
        if not name:
            break
        kind = KINDS[_choice("类型", tuple(KINDS))]
        hearings.append(Hearing(name, kind, _day("日期（如 2026-10-01）"), _line("意见"), _line("采纳情况")))
    touched = _choice("是否涉及公共利益", ("是", "否")) == "是"
    return Consultation(tuple(hearings), touched, _line("公众意见情况或不征求的理由"))


def _choice(prompt: str, choices: tuple[str, ...]) -> str:
    while True:
        word = str(typer.prompt(f"{prompt}（{'/'.join(choices)}）")).strip()
        if word in choices:
            return word
        typer.echo(f"“{word}”不在可选范围内。")


def _line(prompt: str) -> str:
    return str(typer.prompt(prompt)).strip()


def _day(prompt: str) -> date:
    word = _line(prompt)
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise InvalidInput(f"“{word}”不是日期。", "请按 2026-10-01 的形式填写。") from error
