"""Opinions on clauses: given, withdrawn, answered by the drafting unit, settled by the coordination meeting.

None of these acts moves a task; a blocking opinion keeps the draft through the gate.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.documents import fold
from engine.errors import InvalidInput, NotFound, NotYourTurn, Refused
from engine.gate import is_changed, is_settled, last_adoption
from engine.model import Adopted, Adoption, Document, Gate, Opinion, Role, Ruling, Settlement
from engine.store import Receipt
from reviewers import policy
from reviewers.conditions import GATE_NAMES
from reviewers.departments import is_reviewing_authority
from reviewers.office import Acting, act, stored_document
from reviewers.versions import WHOLE_TEXT, label, named_clause, version_of

ENDED = frozenset({"archived", "returned", "withdrawn", "must_not_issue", "out_of_scope"})
LONGEST_TEXT = 4000
ADOPTED_WORDS = {Adopted.YES: "采纳", Adopted.PARTLY: "部分采纳", Adopted.NO: "未采纳"}


@dataclass(frozen=True, slots=True)
class Comment:
    """What a reviewer has to say of one clause, or of the whole text; see `Opinion`."""

    text: str
    clause: str = WHOLE_TEXT
    suggestion: str = ""
    blocking: bool = False
    dissent: bool = False


@act("comment")
def comment(acting: Acting, said: Comment) -> Receipt:
    """The opinion is on file, bound to its clause's words. Raises InvalidInput when the clause is not in the text.

    A blocking opinion is given before one's own gate has concluded on this version; raises NotYourTurn afterwards.
    """
    gate = _gate_of_author(acting)
    _require_open(acting)
    opinion = new_opinion(acting, gate, said)
    facts = {"opinion": opinion.id, "clause": opinion.clause, "blocking": said.blocking, "dissent": said.dissent}
    return acting.note(facts, [opinion])


def new_opinion(acting: Acting, gate: Gate, said: Comment) -> Opinion:
    """The opinion as it will be filed; raises as `comment` does when it cannot be."""
    office, case = acting.office, acting.case
    _require_sensible(said)
    if said.blocking:
        _require_unconcluded(acting, gate)
    clause = named_clause(stored_document(acting.work, acting.file), said.clause)
    return Opinion(
        id=f"O-{len(acting.file.opinions) + 1}",
        gate=gate,
        round=case.round,
        version=case.version,
        clause=label(clause) if clause else WHOLE_TEXT,
        clause_key=clause.key if clause else "",
        text=said.text.strip(),
        suggestion=said.suggestion.strip(),
        blocking=said.blocking,
        dissent=said.dissent,
        author=office.officer.id,
        unit=office.officer.unit,
        given_at=office.now,
    )


def _gate_of_author(acting: Acting) -> Gate:
    """The gate the officer reviews at; a department asked has its say in the joint review."""
    office, case = acting.office, acting.case
    asked = [turn for turn in acting.work.open_turns(case.id) if turn.role is Role.CO_REVIEWER]
    if asked and not is_reviewing_authority(office.officer.unit, case, office.profile):
        policy.pick_turn(office.officer, asked, acting.file, office.profile, office.today)
        return Gate.JOINT_REVIEW
    return policy.may_comment(office.officer, acting.file, office.profile, office.today)


@act("withdraw_opinion")
def withdraw_opinion(acting: Acting, opinion_id: str, reason: str) -> Receipt:
    """The opinion no longer blocks because its author withdrew it, with the reason; it stays on file."""
    opinion = _opinion(acting, opinion_id)
    _require_open(acting)
    _require_unsettled(acting, opinion)
    if opinion.author != acting.office.officer.id:
        raise Refused(f"意见 {opinion.id} 只能由提出人撤回。", "对意见有异议的，由起草单位反馈或者报联席会议协调。")
    _require_reason(reason, "撤回意见须说明理由")
    return _settled(acting, opinion, Ruling.WITHDRAWN, reason, "")


@act("answer")
def answer_opinion(acting: Acting, opinion_id: str, adopted: Adopted, reason: str) -> Receipt:
    """What the drafting unit did with the opinion is on file. 'Adopted' must agree with the redline.

    Raises InvalidInput when the clause was not changed, or the suggested wording is not in the text. Source: Measures
    art. 31 (the drafting note tells what was adopted).
    """
    office = acting.office
    policy.may_answer(office.officer, acting.file, office.profile, office.today)
    opinion = _opinion(acting, opinion_id)
    _require_open(acting)
    _require_unsettled(acting, opinion)
    if adopted is not Adopted.YES:
        _require_reason(reason, f"{ADOPTED_WORDS[adopted]}的，须说明理由")
    if adopted is not Adopted.NO:
        _require_in_text(acting, opinion, adopted)
    officer = office.officer
    record = Adoption(opinion.id, adopted, reason, acting.case.version, officer.id, officer.unit, office.now)
    return acting.note({"opinion": opinion.id, "adopted": adopted, "reason": reason}, [record])


@act("escalate")
def escalate(acting: Acting, opinion_id: str, ruling: Ruling, reason: str, meeting: str) -> Receipt:
    """The coordination meeting's decision is on file: a cleared opinion blocks no more, an upheld one still does.

    Only a blocking opinion the drafting unit has not fully adopted goes to the meeting; raises InvalidInput else.
    """
    office = acting.office
    opinion = _opinion(acting, opinion_id)
    policy.may_settle(office.officer, opinion.author, acting.file, office.profile, office.today)
    _require_open(acting)
    _require_unsettled(acting, opinion)
    _require_reason(reason, "联席会议的决定须写明理由")
    answer = last_adoption(acting.file, opinion)
    if not opinion.blocking:
        raise InvalidInput(f"意见 {opinion.id} 不是须采纳的意见，不需要联席会议协调。", "可由起草单位直接反馈。")
    if answer is None or answer.adopted is Adopted.YES:
        raise InvalidInput(
            f"意见 {opinion.id} 没有分歧：起草单位{'已答复采纳' if answer else '尚未反馈采纳情况'}。",
            f"先由起草单位反馈：shuangshen answer {acting.case.id} {opinion.id} --adopted no --reason “理由”。",
        )
    return _settled(acting, opinion, ruling, reason, meeting)


def has_suggestion(document: Document, opinion: Opinion) -> bool:
    """Whether the suggested wording stands in the text, blanks and widths of punctuation aside."""
    wanted = _flat(opinion.suggestion)
    return bool(wanted) and wanted in _flat(document.text)


def _settled(acting: Acting, opinion: Opinion, ruling: Ruling, reason: str, meeting: str) -> Receipt:
    office, officer = acting.office, acting.office.officer
    gate = opinion.gate if ruling is Ruling.WITHDRAWN else Gate.JOINT_REVIEW
    record = Settlement(opinion.id, ruling, reason, meeting.strip(), gate, officer.id, officer.unit, office.now)
    return acting.note({"opinion": opinion.id, "ruling": ruling, "reason": reason, "meeting": meeting}, [record])


def _opinion(acting: Acting, opinion_id: str) -> Opinion:
    found = next((opinion for opinion in acting.file.opinions if opinion.id == opinion_id), None)
    if found is None:
        raise NotFound(
            f"案件 {acting.case.id} 中没有意见 {opinion_id}。", f"用 shuangshen opinions {acting.case.id} 查看编号。"
        )
    return found


def _require_open(acting: Acting) -> None:
    if acting.case.stage in ENDED:
        raise NotYourTurn(f"案件 {acting.case.id} 已经办结，不能再提出或者答复意见。", "记录仍可查阅。")


def _require_unconcluded(acting: Acting, gate: Gate) -> None:
    case = acting.case
    if any((c.gate, c.round, c.version) == (gate, case.round, case.version) for c in acting.file.conclusions):
        raise NotYourTurn(
            f"本轮{GATE_NAMES[gate]}结论已经签署，不能再提出须采纳的意见。",
            "可不加 --blocking 提出，或者在下一轮审查中提出。",
        )


def _require_unsettled(acting: Acting, opinion: Opinion) -> None:
    if is_settled(acting.file, opinion):
        raise InvalidInput(f"意见 {opinion.id} 已经了结。", f"用 shuangshen opinions {acting.case.id} 查看。")


def _require_sensible(said: Comment) -> None:
    if not said.text.strip():
        raise InvalidInput("没有写明意见。", "请加上 --text “意见”。")
    if max(len(said.text), len(said.suggestion)) > LONGEST_TEXT:
        raise InvalidInput(f"意见或者建议文字超过 {LONGEST_TEXT} 字。", "请按条款分别提出。")
    if said.blocking and said.dissent:
        raise InvalidInput("保留意见（--dissent）只记录不同看法，不阻断。", "须采纳的意见请只用 --blocking。")
    if said.dissent and said.suggestion:
        raise InvalidInput("保留意见不附建议文字。", "建议文字请作为意见另行提出。")


def _require_in_text(acting: Acting, opinion: Opinion, adopted: Adopted) -> None:
    version = version_of(acting.file, acting.case.version)
    if not is_changed(opinion, version):
        raise InvalidInput(
            f"{opinion.clause}在第{version.number}稿中未改动，不能答复“{ADOPTED_WORDS[adopted]}”。",
            "请先报送修改稿（revise），或者答复未采纳（--adopted no）并说明理由。",
        )
    if adopted is not Adopted.YES or not opinion.suggestion:
        return
    if not has_suggestion(stored_document(acting.work, acting.file), opinion):
        raise InvalidInput(
            f"现文本中没有意见 {opinion.id} 建议的文字，不能答复“采纳”。",
            "请答复部分采纳（--adopted partly）并说明理由。",
        )


def _require_reason(reason: str, what: str) -> None:
    if not reason.strip():
        raise InvalidInput(f"{what}。", "请加上 --reason “理由”。")


def _flat(text: str) -> str:
    return "".join(fold(text).split())
