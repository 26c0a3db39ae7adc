"""Writes the form a reviewer fills in, blank or with what is already known. Called by the desk and the command line.

What comes from a draft or a person is quoted or kept inside a comment, so that no title can write an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from engine.model import Answer, Consultation, Disposition, ExceptionClaim, Finding, Gate, Hearing, Level
from reviewers.form.words import (
    ALLOWED_TREATMENTS,
    ANSWER_WORDS,
    BASIS_WORDS,
    BOOLEAN_WORDS,
    CONSULTATION_WORDS,
    DISPOSITION_WORDS,
    EXCEPTION_WORDS,
    FIELD_WORDS,
    GATE_WORDS,
    HEARING_FIELD_WORDS,
    HEARING_WORDS,
    RANK_WORDS,
    SECTION_WORDS,
    TREATMENT_WORDS,
    ReviewForm,
)
from reviewers.lines import one_line

if TYPE_CHECKING:
    from reviewers.checklist import Checklist, Question

LEVEL_WORDS = {Level.BLOCK: "必须处理", Level.ATTENTION: "需要留意"}
COMMENT_LENGTH = 160
PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}\Z")
# YAML takes these for line breaks or refuses them, JSON does not
UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
INSTRUCTIONS = (
    "每一项都要单独作答：否、是、存疑、不适用。答“是”就是存在该问题。空着等于没有作答，不等于“否”。",
    '答“是”的写法  M15-3: {答: 是, 条款: [三(二)5], 摘录: "原话", 理由: "…", 修改: "…"}',
    "“存疑”写条款和理由，“不适用”写理由。没有编号的条款可写“第12行”，涉及通篇的写“全文”。冒号用半角，后面空一格。",
)
HEARING_EXAMPLE = '- {名称: "某某公司", 类型: 经营者, 日期: 2026-10-01, 意见: "…", 采纳: "…"}'
BASIS_EXAMPLE = 'M19-1: {处置: 依据, 理由: "…", 依据: {文件: "…法", 条款: "第…条", 位阶: 法律}}'
INTERESTS_NOTE = "与起草单位、所涉经营者没有利害关系的写：无；有的写明情况，由会审负责人改派"
EXCEPTION_NOTES = {
    "ground": "一 国家安全和发展 / 二 科技进步、自主创新 / 三 节能环保、救灾等公益 / 四 法律、行政法规规定或国务院批准",
    "effect": "对竞争的影响",
    "ground_reason": "为何属于该情形",
    "least_harm": "为何没有影响更小的办法",
    "period_reason": "期限或者终止条件为何合理",
    "items": "例如 [M11-1]",
    "ends_on": "例如 2027-12-31；没有截止日的写终止条件",
}


def blank_form(checklist: Checklist, case_title: str, findings: Sequence[Finding]) -> str:
    """The form to fill in, as YAML: every question as a comment beside its key, every finding to be disposed of."""
    return filled_form(checklist, case_title, findings, ReviewForm())


@dataclass(frozen=True, slots=True)
class Remarks:
    """What the form says in comments besides the questions: at its head, and beside an item or finding by its id."""

    head: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)

    def before(self, target: str) -> str:
        """The remark to stand at the beginning of the comment beside this item or finding."""
        told = self.beside.get(target, "")
        return f"{_comment(told)}  " if told else ""


NO_REMARKS = Remarks()


def filled_form(
    checklist: Checklist,
    case_title: str,
    findings: Sequence[Finding],
    form: ReviewForm,
    remarks: Remarks = NO_REMARKS,
) -> str:
    """The form with what `form` holds filled in; `parse_answers` gives back equal records.

    Answers and dispositions come in the order of the checklist and the findings; those that belong to neither follow.
    The remarks stand in comments only.
    """
    lines = [f"# 案件 {_comment(case_title)} {GATE_WORDS[checklist.gate]}  检查单 {checklist.id}"]
    lines += [f"# {instruction}" for instruction in INSTRUCTIONS]
    lines += [f"# {_comment(line)}" for line in remarks.head]
    lines += ["", f"{SECTION_WORDS['opinion']}: {_quoted(form.opinion)}  # 总体意见", ""]
    if checklist.gate is Gate.JOINT_REVIEW or form.interests:
        lines += [f"{SECTION_WORDS['interests']}: {_quoted(form.interests)}  # {INTERESTS_NOTE}", ""]
    lines += [f"{SECTION_WORDS['answers']}:", *_answer_lines(checklist, form.answers, remarks), ""]
    lines += _disposition_lines(checklist.gate, findings, form.dispositions, remarks)
    if checklist.gate is Gate.SELF_REVIEW or form.consultation:
        lines += ["", *_consultation_lines(form.consultation)]
    if checklist.gate is Gate.SELF_REVIEW or form.exception_claim:
        lines += ["", *_exception_lines(form.exception_claim)]
    return "\n".join(lines) + "\n"


def _answer_lines(checklist: Checklist, answers: Sequence[Answer], remarks: Remarks) -> Iterator[str]:
    given = {answer.item: answer for answer in answers}
    for (hint, evidence), questions in groupby(checklist.questions, key=lambda q: (q.hint, q.evidence)):
        together = list(questions)
        yield ""
        yield f"  # ---- {together[0].citation.partition('第（')[0]}"
        yield f"  # 提示：{hint}" + (f"材料：{evidence}。" if evidence else "")
        for question in together:
            yield _question_line(question, given.pop(question.item, None), remarks.before(question.item))
    if given:
        yield "  # ---- 不在本检查单内的答复"
        yield from (f"  {_key(answer.item)}: {_answer(answer)}" for answer in given.values())


def _question_line(question: Question, answer: Answer | None, remark: str) -> str:
    clues = f"  线索：{'、'.join(question.clue_words)}" if question.clue_words else ""
    written = f"  {_key(question.id)}: {_answer(answer)}" if answer else f"  {_key(question.id)}:"
    return f"{written}  # {remark}{_comment(question.text)}{clues}"


def _answer(answer: Answer) -> str:
    if answer == Answer(answer.item, answer.value):
        return ANSWER_WORDS[answer.value]
    told = [
        (FIELD_WORDS["value"], ANSWER_WORDS[answer.value]),
        (FIELD_WORDS["clauses"], _list(answer.clauses)),
        (FIELD_WORDS["quote"], _quoted(answer.quote)),
        (FIELD_WORDS["reason"], _quoted(answer.reason)),
        (FIELD_WORDS["change"], _quoted(answer.change)),
    ]
    if answer.carried_from:
        bare = answer == Answer(answer.item, answer.value, carried_from=answer.carried_from)
        return _flow(*told[: 1 if bare else None], (FIELD_WORDS["carried_from"], str(answer.carried_from)))
    return _flow(*told)


def _disposition_lines(
    gate: Gate, findings: Sequence[Finding], dispositions: Sequence[Disposition], remarks: Remarks
) -> Iterator[str]:
    given = {disposition.finding: disposition for disposition in dispositions}
    section = SECTION_WORDS["dispositions"]
    if not findings and not given:
        yield f"{section}:  # 机器没有提示疑似问题；答“是”而有上位法依据的，按项目写一行"
        yield f"  # {BASIS_EXAMPLE}"
        return
    choices = "、".join(TREATMENT_WORDS[treatment] for treatment in ALLOWED_TREATMENTS[gate])
    yield f"{section}:  # 处置写：{choices}；都要写理由。写“依据”的，再写 依据: {{文件: …, 条款: …, 位阶: 法律}}"
    yield f"  # 答“是”而有上位法依据的，按项目另写一行  {BASIS_EXAMPLE}"
    for finding in findings:
        where = f"{_comment(finding.clause)}（第{finding.line}行）"
        yield f"  # 〔{LEVEL_WORDS[finding.level]}〕{where}：{_comment(finding.text)}"
        yield f"  #   {'、'.join(finding.articles)}：{_comment(finding.why)} 建议：{_comment(finding.advice)}"
        if remark := remarks.before(finding.id):
            yield f"  #   {remark.rstrip()}"
        yield f"  {_key(finding.id)}: {_disposition(given.pop(finding.id, None))}"
    yield from (f"  {_key(d.finding)}: {_disposition(d)}" for d in given.values())


def _disposition(disposition: Disposition | None) -> str:
    if disposition is None:
        return _flow((DISPOSITION_WORDS["treatment"], '""'), (DISPOSITION_WORDS["reason"], '""'))
    written = [
        (DISPOSITION_WORDS["treatment"], TREATMENT_WORDS[disposition.treatment]),
        (DISPOSITION_WORDS["reason"], _quoted(disposition.reason)),
    ]
    if basis := disposition.basis:
        inner = _flow(
            (BASIS_WORDS["instrument"], _quoted(basis.instrument)),
            (BASIS_WORDS["provision"], _quoted(basis.provision)),
            (BASIS_WORDS["rank"], RANK_WORDS[basis.rank]),
        )
        written.append((DISPOSITION_WORDS["basis"], inner))
    if disposition.carried_from:
        written.append((DISPOSITION_WORDS["carried_from"], str(disposition.carried_from)))
    return _flow(*written)


def _consultation_lines(consultation: Consultation | None) -> Iterator[str]:
    public = f" {BOOLEAN_WORDS[consultation.public_interest]}" if consultation else ""
    words = CONSULTATION_WORDS
    yield f"{SECTION_WORDS['consultation']}:"
    yield f"  {words['public_interest']}:{public}  # 是 或者 否"
    yield f"  {words['public_reason']}: {_quoted(consultation.public_reason if consultation else '')}"
    yield f"  {words['confidential_reason']}: {_quoted(consultation.confidential_reason if consultation else '')}"
    yield f"  {words['hearings']}:  # 每听取一家写一行；类型写：{'、'.join(HEARING_WORDS.values())}"
    yield f"    # {HEARING_EXAMPLE}"
    yield from (f"    - {_hearing(hearing)}" for hearing in (consultation.hearings if consultation else ()))


def _hearing(hearing: Hearing) -> str:
    words = HEARING_FIELD_WORDS
    return _flow(
        (words["name"], _quoted(hearing.name)),
        (words["kind"], HEARING_WORDS[hearing.kind]),
        (words["heard_on"], hearing.heard_on.isoformat()),
        (words["opinion"], _quoted(hearing.opinion)),
        (words["adopted"], _quoted(hearing.adopted)),
    )


def _exception_lines(claim: ExceptionClaim | None) -> Iterator[str]:
    yield f"{SECTION_WORDS['exception_claim']}:  # 主张例外的才填"
    for name, word in EXCEPTION_WORDS.items():
        note = f"  # {EXCEPTION_NOTES[name]}" if name in EXCEPTION_NOTES else ""
        yield f"  {word}:{_exception_value(claim, name)}{note}"


def _exception_value(claim: ExceptionClaim | None, field: str) -> str:
    value = getattr(claim, field) if claim else None
    if value is None:
        return ""
    if isinstance(value, tuple):
        return f" {_list(value)}"
    return f" {_quoted(value)}" if isinstance(value, str) else f" {value}"


def _flow(*pairs: tuple[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"


def _list(texts: Sequence[str]) -> str:
    return "[" + ", ".join(_quoted(text) for text in texts) + "]"


def _key(text: str) -> str:
    return text if PLAIN_KEY.match(text) else _quoted(text)


def _quoted(text: str) -> str:
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _comment(text: str) -> str:
    """One printable line: whatever would end the comment is gone."""
    line = one_line(text)
    return line if len(line) <= COMMENT_LENGTH else line[:COMMENT_LENGTH] + "…"
