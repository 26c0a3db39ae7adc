"""What the people are asked at each gate, and what is still missing from their answers.

The acts of both gates load the checklist of the day, hand it out as a form, and refuse to close a review while
`unanswered` or `problems` has something to say. The questions are data in `checklists/`; the law they stand on is
`engine.standards`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from engine.errors import StandardsError
from engine.model import Answer, AnswerValue, Document, DraftKind, Gate
from engine.standards import Item, Series, Standards, load_standards
from engine.standards.tables import Table, parse_toml
from reviewers.form import ANSWER_WORDS, FIELD_WORDS, ReviewForm, blank_form, filled_form, parse_answers

__all__ = [
    "Checklist",
    "Question",
    "ReviewForm",
    "blank_form",
    "filled_form",
    "load_checklist",
    "parse_answers",
    "problems",
    "unanswered",
]

QUESTIONS_FILE = "questions.toml"
SUBSTANCE_NEEDS = ("clauses", "reason", "change")
PROCEDURE_NEEDS = ("reason",)
WHOLE_TEXT = "全文"
LINE = re.compile(r"第([1-9]\d{0,6})行\Z")
HALF_WIDTH = str.maketrans("（）", "()")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a checklist; answering 是 says that the problem exists.

    `id` is the key it is answered under, the id of its item. `needs` are the fields of an Answer a hit must fill;
    `evidence` is what to look at or attach, `hint` how to look, in the words of this gate.
    """

    id: str
    item: str
    text: str
    text_en: str
    evidence: str
    needs: tuple[str, ...]
    hint: str = ""
    citation: str = ""
    clue_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checklist:
    """The questions of one gate on one day for one kind of draft, in the order of the law.

    `id` is gate and edition ("self_review/2026-1"); `digest` changes with any word that is shown to the reviewer.
    """

    id: str
    gate: Gate
    questions: tuple[Question, ...]
    digest: str

    @property
    def items(self) -> frozenset[str]:
        return frozenset(question.item for question in self.questions)


def load_checklist(gate: Gate, kind: DraftKind, as_of: date, directory: Path | None = None) -> Checklist:
    """The checklist of that gate for the law in force on `as_of`; tender documents add the bidding module.

    Raises StandardsError when the edition or the Measures are not in force on that day, or a question file does not
    hold together: an empty checklist would pass everything.
    """
    if directory is None:
        return _packaged(gate, kind, as_of)
    return _read(directory, load_standards(), gate, kind, as_of)


@cache
def _packaged(gate: Gate, kind: DraftKind, as_of: date) -> Checklist:
    return _read(Path(__file__).parent / "checklists", load_standards(), gate, kind, as_of)


def unanswered(checklist: Checklist, answers: Sequence[Answer]) -> tuple[Question, ...]:
    """The questions without an answer. Unanswered is never 否."""
    answered = {answer.item for answer in answers}
    return tuple(question for question in checklist.questions if question.item not in answered)


def problems(checklist: Checklist, answers: Sequence[Answer], document: Document | None) -> tuple[str, ...]:
    """What is wrong with the answers given, one Chinese sentence each; empty when nothing is.

    Without a document, clause numbers and quotes are not compared with its text. Missing answers are `unanswered`.
    """
    questions = {question.item: question for question in checklist.questions}
    found = [f"{item} 答了 {times} 次，只能答一次。" for item, times in _repeated(answers)]
    for answer in answers:
        question = questions.get(answer.item)
        if question is None:
            found.append(f"{answer.item} 不在本检查单内{_nearest(answer.item, questions)}。")
            continue
        found += _missing(question, answer)
        if document is not None:
            found += _astray(answer, document)
    return tuple(found)


def _repeated(answers: Sequence[Answer]) -> Iterator[tuple[str, int]]:
    times = Counter(answer.item for answer in answers)
    return ((item, count) for item, count in times.items() if count > 1)


def _missing(question: Question, answer: Answer) -> Iterator[str]:
    needs = {
        AnswerValue.HIT: question.needs,
        AnswerValue.UNSURE: tuple(need for need in question.needs if need != "change"),
        AnswerValue.NOT_APPLICABLE: ("reason",),
    }.get(answer.value, ())
    for need in needs:
        if not getattr(answer, need):
            yield f"{answer.item} 答“{ANSWER_WORDS[answer.value]}”，没有写“{FIELD_WORDS[need]}”。"


def _astray(answer: Answer, document: Document) -> Iterator[str]:
    numbers = {_plain(clause.number): clause.number for clause in document.clauses if clause.number}
    lines = document.text.count("\n") + 1
    for clause in answer.clauses:
        line = LINE.match(_plain(clause))
        known = _plain(clause) in numbers or clause == WHOLE_TEXT or (line is not None and int(line[1]) <= lines)
        if not known:
            yield (
                f"{answer.item} 所写条款“{clause}”在文中找不到{_nearest(clause, numbers.values())}；"
                f"没有编号的可写“第12行”，涉及通篇的写“{WHOLE_TEXT}”。"
            )
    if answer.quote and _plain(answer.quote) not in _plain(document.text):
        yield f"{answer.item} 的摘录“{answer.quote}”不是文中的原话。"


def _plain(text: str) -> str:
    """Without blanks and with half-width brackets: what a person copying a clause may change without meaning to."""
    return "".join(text.split()).translate(HALF_WIDTH)


def _nearest(word: str, known: Iterable[str]) -> str:
    import difflib  # only a mistake needs it

    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.75)
    return f"，相近的有：{'、'.join(near)}" if near else ""


def _read(directory: Path, standards: Standards, gate: Gate, kind: DraftKind, as_of: date) -> Checklist:
    words = _tables(directory, QUESTIONS_FILE)
    for name in words:
        standards.item(name)
    filename = f"{gate}.toml"
    head = Table(filename, "", _tables(directory, filename), {"edition", "valid_from", "guide", "procedure"})
    head.require({"edition", "valid_from", "guide", "procedure"})
    in_force = standards.in_force(as_of)
    if as_of < head.needed_day("valid_from") or not any(i.series is Series.MEASURES for i in in_force.items.values()):
        raise StandardsError(f"{filename}：{as_of} 没有适用的检查单。", f"本版自 {head.values['valid_from']} 起使用。")
    guides = head.get("guide", dict, {})
    modules = {Series.MEASURES, Series.BIDDING} if kind is DraftKind.TENDER_DOCUMENT else {Series.MEASURES}
    asked = [item for item in in_force.items.values() if item.series in modules]
    questions = [_substance(filename, in_force, item, words, guides) for item in asked]
    for name, values in head.get("procedure", dict, {}).items():
        questions.append(_procedure(filename, in_force, name, values))
    return Checklist(f"{gate}/{head.get('edition', str, '')}", gate, tuple(questions), _digest(questions))


def _tables(directory: Path, filename: str) -> Mapping[str, Any]:
    try:
        return parse_toml(filename, (directory / filename).read_bytes())
    except OSError as error:
        raise StandardsError(f"读不到检查单文件“{directory / filename}”。", "请检查安装是否完整。") from error


def _substance(
    filename: str, standards: Standards, item: Item, words: Mapping[str, Any], guides: Mapping[str, Any]
) -> Question:
    if item.id not in words:
        raise StandardsError(f"{QUESTIONS_FILE}：缺少 {item.id} 的问题。", "现行各项都要有问题。")
    asked = Table(QUESTIONS_FILE, item.id, words[item.id], {"text", "text_en"})
    article = item.id.partition("-")[0]
    if article not in guides:
        raise StandardsError(f"{filename} 的 guide：缺少键“{article}”。")
    guide = Table(filename, f"guide.{article}", guides[article], {"hint", "evidence"})
    return Question(
        id=item.id,
        item=item.id,
        text=asked.chinese("text"),
        text_en=asked.english("text_en"),
        evidence=guide.get("evidence", str, ""),
        needs=SUBSTANCE_NEEDS,
        hint=guide.chinese("hint"),
        citation=standards.citation(item.id),
        clue_words=item.clue_words,
    )


def _procedure(filename: str, standards: Standards, name: str, values: object) -> Question:
    asked = Table(filename, f"procedure.{name}", values, {"text", "text_en", "hint", "evidence"})
    return Question(
        id=name,
        item=standards.item(name).id,
        text=asked.chinese("text"),
        text_en=asked.english("text_en"),
        evidence=asked.get("evidence", str, ""),
        needs=PROCEDURE_NEEDS,
        hint=asked.chinese("hint"),
        citation=standards.citation(name),
    )


def _digest(questions: Sequence[Question]) -> str:
    shown = json.dumps([asdict(question) for question in questions], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()
