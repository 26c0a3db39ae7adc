"""The checklist asked question by question on a terminal, for those who do not want to edit a form.

Every answer is kept at once in a draft form of the installation, so that whoever stops goes on where he was. Nothing
of it is in the record until the whole form is filed. Questions go to stderr: stdout belongs to the answer in JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import typer

from engine.model import (
    Answer,
    AnswerValue,
    Basis,
    CaseFile,
    Consultation,
    Disposition,
    Document,
    ExceptionClaim,
    Finding,
    Gate,
    Hearing,
    Treatment,
)
from reviewers.checklist import Checklist, Question, ReviewForm, filled_form, parse_answers, problems
from reviewers.form.words import (
    ALLOWED_TREATMENTS,
    ANSWER_WORDS,
    BOOLEAN_WORDS,
    GROUND_WORDS,
    HEARING_WORDS,
    RANK_WORDS,
    TREATMENT_WORDS,
)
from reviewers.lines import one_line

STOP = "停"
HIT_ASKED_FOR = "涉及的审查项目（多个用空格隔开，如 M11-1 M15-2）"

Meaning = TypeVar("Meaning")


@dataclass(slots=True)
class Sheet:
    """One reviewer's form while it is being filled in, kept at `path` after every answer."""

    file: CaseFile
    checklist: Checklist
    document: Document
    path: Path
    form: ReviewForm = field(default_factory=ReviewForm)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.file.screenings[-1].findings if self.file.screenings else ()

    def resume(self) -> None:
        """What was kept before is in the form again; at first, what was carried over from the round before.

        Raises InvalidInput when the draft has been spoilt by hand.
        """
        if self.path.is_file():
            self.form = parse_answers(self.path.read_text(encoding="utf-8"), self.path.name)
            _say(f"接着上次填写：已答 {len(self.form.answers)} 项。要改已答的，请编辑 {self.path}。")
        elif self.form.answers:
            self.keep()
            told = "、".join(f"{answer.item} {ANSWER_WORDS[answer.value]}" for answer in self.form.answers)
            _say(f"沿用上一轮答复 {len(self.form.answers)} 项，所依据的条款未变：{told}。")
            _say(f"沿用的答复仍由您负责。要改的，请暂停后编辑 {self.path}，并删去其中的“沿用”；其余逐项询问。")

    def keep(self, **sections: Any) -> None:
        """The form with these sections, also on disk; the file is replaced whole."""
        self.form = replace(self.form, **sections)
        case = self.file.case
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = self.path.with_suffix(".part")
        text = filled_form(self.checklist, f"{case.id} {case.title}", self.findings, self.form)
        written.write_text(text, encoding="utf-8")
        written.replace(self.path)


def fill(sheet: Sheet) -> ReviewForm:
    """The form as answered on the terminal; raises typer.Abort when the person stops, with all answers kept."""
    sheet.resume()
    _say(f"每题输入序号或文字；输入 0 或“{STOP}”暂停，以后运行同一命令接着填写。")
    try:
        _ask_findings(sheet)
        _ask_questions(sheet)
        _ask_rest(sheet)
    except (typer.Abort, KeyboardInterrupt) as stop:  # an interrupt may come between two questions
        if sheet.path.is_file():
            _say(f"\n尚未提交，已答内容暂存在 {sheet.path}。")
        raise typer.Abort from stop
    return sheet.form


def _ask_findings(sheet: Sheet) -> None:
    done = {disposition.finding for disposition in sheet.form.dispositions}
    for finding in sheet.findings:
        if finding.id not in done:
            sheet.keep(dispositions=(*sheet.form.dispositions, _disposition(finding, sheet.checklist.gate)))


def _ask_questions(sheet: Sheet) -> None:
    done = {answer.item for answer in sheet.form.answers}
    total, hint = len(sheet.checklist.questions), ""
    for number, question in enumerate(sheet.checklist.questions, 1):
        if question.item in done:
            continue
        if question.hint != hint:
            hint = question.hint
            _say(f"\n{question.citation.partition('第（')[0]}  提示：{hint}")
        sheet.keep(answers=(*sheet.form.answers, _answer(sheet, question, f"\n[{number}/{total}]")))


def _ask_rest(sheet: Sheet) -> None:
    own = sheet.checklist.gate is Gate.SELF_REVIEW
    if own and not sheet.file.consultations and sheet.form.consultation is None:
        sheet.keep(consultation=_consultation())
    claimed = any(d.treatment is Treatment.EXCEPTION for d in sheet.form.dispositions)
    if own and claimed and sheet.form.exception_claim is None:
        sheet.keep(exception_claim=_exception())
    if not own and not sheet.form.interests:
        sheet.keep(interests=_line("利益冲突声明（与起草单位、所涉经营者没有利害关系的写：无；有的写明情况）"))
    if not sheet.form.opinion:
        sheet.keep(opinion=_line("总体意见"))


def _answer(sheet: Sheet, question: Question, place: str) -> Answer:
    """The answer to one question; asked again until it can be filed."""
    while True:
        _say(f"{place} {question.id} {question.text}")
        value = _choice("答", ANSWER_WORDS)
        answer = _explained(Answer(question.item, value))
        faults = problems(sheet.checklist, (answer,), sheet.document)
        if not faults:
            return answer
        _say("\n".join(faults) + "\n请重新回答本题。")


def _explained(answer: Answer) -> Answer:
    if answer.value is AnswerValue.NO_HIT:
        return answer
    if answer.value is AnswerValue.NOT_APPLICABLE:
        return replace(answer, reason=_line("理由"))
    clauses = tuple(_line("条款（多个用空格隔开；没有编号的写“第12行”，涉及通篇的写“全文”）").split())
    change = _line("修改意见") if answer.value is AnswerValue.HIT else ""
    return replace(answer, clauses=clauses, reason=_line("理由"), change=change)


def _disposition(finding: Finding, gate: Gate) -> Disposition:
    _say(f"\n疑似问题 {finding.id} {finding.clause or f'第{finding.line}行'}：{one_line(finding.text)}")
    _say(f"原因：{finding.why}")
    treatment = _choice("处置", {t: TREATMENT_WORDS[t] for t in ALLOWED_TREATMENTS[gate]})
    basis = None
    if treatment is Treatment.BASIS:
        basis = Basis(_line("依据文件全称"), _line("条款"), _choice("位阶", RANK_WORDS))
    return Disposition(finding.id, treatment, _line("理由"), basis)


def _consultation() -> Consultation:
    _say("\n听取意见情况（至少一位经营者或者行业协会）")
    hearings: list[Hearing] = []
    while name := _line("对象名称（没有更多的直接回车）", optional=True):
        kind = _choice("类型", HEARING_WORDS)
        hearings.append(Hearing(name, kind, _day("日期（如 2026-10-01）"), _line("意见"), _line("采纳情况")))
    touched = _choice("是否涉及公共利益", BOOLEAN_WORDS)
    return Consultation(tuple(hearings), touched, _line("公众意见情况或者不征求的理由"))


def _exception() -> ExceptionClaim:
    _say("\n适用例外规定的说明")
    return ExceptionClaim(
        ground=_choice("情形：国家安全和发展/科技创新/公共利益/法律、行政法规规定或国务院批准", GROUND_WORDS),
        effect=_line("对竞争的影响"),
        ground_reason=_line("为何属于该情形"),
        least_harm=_line("为何没有影响更小的办法"),
        period_reason=_line("期限或者终止条件为何合理"),
        other=_line("其他需要说明的情况"),
        items=tuple(_line(HIT_ASKED_FOR).split()),
        ends_on=_day("截止日期（如 2027-12-31）"),
    )


def _choice(prompt: str, words: Mapping[Meaning, str]) -> Meaning:
    """What the person chose, by its number or its word."""
    shown = "/".join(f"{number} {word}" for number, word in enumerate(words.values(), 1))
    meanings = {word: meaning for meaning, word in words.items()}
    meanings |= {str(number): meaning for number, meaning in enumerate(words, 1)}
    while (typed := _line(f"{prompt}（{shown}）")) not in meanings:
        if typed in ("0", STOP):
            raise typer.Abort
        _say(f"“{typed}”不在可选范围内。")
    return meanings[typed]


def _line(prompt: str, optional: bool = False) -> str:
    """One line as typed, asked again while it is empty unless it may be; raises typer.Abort when the person stops."""
    typed = ""
    while not typed:
        typer.echo(f"{prompt}：", nl=False, err=True)
        try:
            typed = input().strip()
        except (EOFError, KeyboardInterrupt) as stop:
            raise typer.Abort from stop
        if optional:
            break
    return typed


def _day(prompt: str) -> date:
    while True:
        typed = _line(prompt)
        try:
            return date.fromisoformat(typed)
        except ValueError:
            _say(f"“{typed}”不是日期，请写成 2026-10-01 的样子。")


def _say(words: str) -> None:
    typer.echo(words, err=True)
