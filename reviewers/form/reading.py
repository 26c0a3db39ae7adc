"""Reads a filled form into the records. All faults of a form are told at once, each with its line and the words typed.

Whether the answers are complete and agree with the draft is for `reviewers.checklist` and the gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TypeVar

from engine.errors import InvalidInput
from engine.model import Answer, AnswerValue, Basis, Consultation, Disposition, ExceptionClaim, Hearing, Treatment
from reviewers.form.tree import Fields, Node, Rows, Scalar, read_form
from reviewers.form.words import (
    ANSWER_WORDS,
    BASIS_WORDS,
    BOOLEAN_WORDS,
    CONSULTATION_WORDS,
    DISPOSITION_WORDS,
    EXCEPTION_WORDS,
    FIELD_WORDS,
    GROUND_WORDS,
    HEARING_FIELD_WORDS,
    HEARING_WORDS,
    RANK_WORDS,
    SECTION_WORDS,
    TREATMENT_WORDS,
    ReviewForm,
)

LIST_MARKS = re.compile(r"[、,\uff0c;\uff1b]")
SWEEPING = frozenset({"其余", "其他", "其它", "全部", "所有", "剩余", "*"})
PLAIN_ANSWERS = {"yes": AnswerValue.HIT, "no": AnswerValue.NO_HIT} | {str(value): value for value in AnswerValue}
MAX_FAULTS = 20
ROUND = re.compile(r"第?([1-9][0-9]{0,3})轮?")

Meaning = TypeVar("Meaning")


def parse_answers(text: str, filename: str) -> ReviewForm:
    """The form as records, answers and dispositions in the order written; what was left blank is absent, never 否.

    Raises InvalidInput naming file, line and the words typed.
    """
    form = _Reading(filename)
    top = form.fields(read_form(text, filename), SECTION_WORDS)
    review = ReviewForm(
        opinion=top.text("opinion"),
        answers=tuple(_answers(form, top.node("answers"))),
        dispositions=tuple(_dispositions(form, top.node("dispositions"))),
        consultation=_consultation(form, top.node("consultation")),
        exception_claim=_exception_claim(form, top.node("exception_claim")),
        interests=top.text("interests"),
    )
    form.close()
    return review


class _Reading:
    """One form being read: collects the faults so that a reviewer mends them in one go."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.faults: list[str] = []

    def fault(self, line: int, said: str) -> None:
        self.faults.append(f"{self.filename} 第 {line} 行：{said}。")

    def close(self) -> None:
        if self.faults:
            more = len(self.faults) - MAX_FAULTS
            rest = [f"另有 {more} 处。"] if more > 0 else []
            raise InvalidInput("\n".join([*self.faults[:MAX_FAULTS], *rest]), "\n改正后重新提交。")

    def fields(self, node: Node, words: Mapping[str, str]) -> _Section:
        """The section at `node`, its Chinese keys turned into the fields of the record."""
        named = dict(self.entries(node))
        fields = {word: field for field, word in words.items()}
        lines = node.key_lines if isinstance(node, Fields) else {}
        for key in [key for key in named if key not in fields]:
            self.fault(lines[key], f"不认识的栏目“{key}”，这里可以写：{'、'.join(fields)}")
        return _Section(self, node.line, words, {fields[key]: named[key] for key in named if key in fields})

    def entries(self, node: Node) -> Iterable[tuple[str, Node]]:
        if isinstance(node, Fields):
            return node.nodes.items()
        if not (isinstance(node, Scalar) and not node.text):
            self.fault(node.line, "这里应当是“栏目: 内容”的形式，冒号用半角并空一格")
        return ()

    def text(self, node: Node) -> str:
        if isinstance(node, Scalar):
            return node.text
        self.fault(node.line, "这里应当是一段文字；含有冒号、括号的请加引号")
        return ""

    def texts(self, node: Node) -> tuple[str, ...]:
        """A list, or one line with 、 between its members."""
        members = node.nodes if isinstance(node, Rows) else ()
        typed = [self.text(member) for member in members]
        if not isinstance(node, Rows):
            typed = [part.strip() for part in LIST_MARKS.split(self.text(node))]
        return tuple(part for part in typed if part)

    def meaning(self, node: Node, meanings: Mapping[str, Meaning], shown: Iterable[str]) -> Meaning | None:
        """What the word at `node` stands for; None when blank, or unknown and noted as a fault."""
        word = self.text(node)
        if word and word not in meanings:
            self.fault(node.line, f"不认识“{word}”，可以写：{'、'.join(shown)}")
        return meanings.get(word)

    def round(self, node: Node) -> int:
        """The number of a round ("1", "第1轮"), 0 when blank."""
        typed = self.text(node)
        number = ROUND.fullmatch(typed)
        if typed and number is None:
            self.fault(node.line, f"“{typed}”不是轮次，写作 1；重新作答的请删去“沿用”")
        return int(number[1]) if number else 0

    def day(self, node: Node) -> date | None:
        typed = self.text(node)
        if not typed:
            return None
        try:
            return date.fromisoformat(typed)
        except ValueError:
            self.fault(node.line, f"“{typed}”不是日期，写作 2026-10-01")
            return None


class _Section:
    """The fields of one section by their record names; absent ones read as blank."""

    def __init__(self, form: _Reading, line: int, words: Mapping[str, str], nodes: Mapping[str, Node]) -> None:
        self.form = form
        self.line = line
        self.words = words
        self.nodes = nodes

    def node(self, field: str) -> Node:
        return self.nodes.get(field, Scalar("", self.line))

    def text(self, field: str) -> str:
        return self.form.text(self.node(field))

    def word(self, field: str, words: Mapping[Meaning, str]) -> Meaning | None:
        return self.form.meaning(self.node(field), _meanings(words), words.values())

    def is_blank(self) -> bool:
        return all(_is_blank(node) for node in self.nodes.values())

    def require(self, *fields: str) -> bool:
        """Whether all of them are filled in; the missing ones are noted as faults."""
        missing = [self.words[field] for field in fields if _is_blank(self.node(field))]
        if missing:
            self.form.fault(self.line, f"没有写“{'、'.join(missing)}”")
        return not missing


def _is_blank(node: Node) -> bool:
    if isinstance(node, Scalar):
        return not node.text
    return all(_is_blank(n) for n in (node.nodes if isinstance(node, Rows) else node.nodes.values()))


def _meanings(words: Mapping[Meaning, str]) -> dict[str, Meaning]:
    """The Chinese word and, where the record keeps one, the stored word."""
    return {word: value for value, word in words.items()} | {str(value): value for value in words}


def _answers(form: _Reading, node: Node) -> Iterator[Answer]:
    for item, given in form.entries(node):
        if item in SWEEPING:
            form.fault(given.line, f"“{item}”这样的笼统答复不算数，每一项都要单独作答")
            continue
        answer = _answer(form, item, given)
        if answer is not None:
            yield answer


def _answer(form: _Reading, item: str, node: Node) -> Answer | None:
    if isinstance(node, Scalar):
        value = form.meaning(node, _answer_meanings(), ANSWER_WORDS.values())
        return Answer(item, value) if value else None
    given = form.fields(node, FIELD_WORDS)
    if given.is_blank() or not given.require("value"):
        return None
    value = form.meaning(given.node("value"), _answer_meanings(), ANSWER_WORDS.values())
    clauses = form.texts(given.node("clauses"))
    quote, reason, change = given.text("quote"), given.text("reason"), given.text("change")
    origin = form.round(given.node("carried_from"))
    return Answer(item, value, clauses, quote, reason, change, carried_from=origin) if value else None


def _answer_meanings() -> dict[str, AnswerValue]:
    return _meanings(ANSWER_WORDS) | PLAIN_ANSWERS


def _dispositions(form: _Reading, node: Node) -> Iterator[Disposition]:
    for finding, given in form.entries(node):
        disposition = _disposition(form, finding, form.fields(given, DISPOSITION_WORDS))
        if disposition is not None:
            yield disposition


def _disposition(form: _Reading, finding: str, given: _Section) -> Disposition | None:
    if given.is_blank():
        return None
    complete = given.require("treatment", "reason")
    treatment = given.word("treatment", TREATMENT_WORDS)
    basis = _basis(form, given.node("basis"))
    if treatment is Treatment.BASIS and basis is None and complete:
        form.fault(given.line, "处置为“依据”的，要写清依据的文件、条款、位阶")
    if treatment is not Treatment.BASIS and basis is not None:
        form.fault(given.line, "写了依据，处置却不是“依据”")
    origin = form.round(given.node("carried_from"))
    return Disposition(finding, treatment, given.text("reason"), basis, origin) if treatment and complete else None


def _basis(form: _Reading, node: Node) -> Basis | None:
    given = form.fields(node, BASIS_WORDS)
    if given.is_blank() or not given.require("instrument", "provision", "rank"):
        return None
    rank = given.word("rank", RANK_WORDS)
    return Basis(given.text("instrument"), given.text("provision"), rank) if rank else None


def _consultation(form: _Reading, node: Node) -> Consultation | None:
    given = form.fields(node, CONSULTATION_WORDS)
    if given.is_blank() or not given.require("public_interest"):
        return None
    public_interest = given.word("public_interest", BOOLEAN_WORDS)
    hearings = tuple(_hearings(form, given.node("hearings")))
    return Consultation(hearings, bool(public_interest), given.text("public_reason"), given.text("confidential_reason"))


def _hearings(form: _Reading, node: Node) -> Iterator[Hearing]:
    if not isinstance(node, Rows):
        if not _is_blank(node):
            form.fault(node.line, "每听取一家写一行，以“- ”开头")
        return
    for row in node.nodes:
        given = form.fields(row, HEARING_FIELD_WORDS)
        if given.is_blank() or not given.require("name", "kind", "heard_on"):
            continue
        kind = given.word("kind", HEARING_WORDS)
        heard_on = form.day(given.node("heard_on"))
        if kind and heard_on:
            yield Hearing(given.text("name"), kind, heard_on, given.text("opinion"), given.text("adopted"))


def _exception_claim(form: _Reading, node: Node) -> ExceptionClaim | None:
    given = form.fields(node, EXCEPTION_WORDS)
    if given.is_blank() or not given.require("ground"):
        return None
    ground = given.word("ground", GROUND_WORDS)
    claim = ExceptionClaim(
        ground=ground or 0,
        effect=given.text("effect"),
        ground_reason=given.text("ground_reason"),
        least_harm=given.text("least_harm"),
        period_reason=given.text("period_reason"),
        other=given.text("other"),
        items=form.texts(given.node("items")),
        ends_on=form.day(given.node("ends_on")),
        end_condition=given.text("end_condition"),
    )
    return claim if ground else None
