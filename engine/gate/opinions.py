"""Opinions on clauses: a blocking one keeps the draft until it is adopted in the text or settled.

An answer alone opens nothing: 'adopted' counts only when the words the opinion was given on are gone from the text.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.gate.question import Question
from engine.model import Adopted, Adoption, CaseFile, Gate, Opinion, Reason, Ruling, Settlement, Version

GATES = {Gate.SELF_REVIEW: "初审", Gate.JOINT_REVIEW: "会审"}
ESCALATE = "仍不采纳的，报联席会议协调（escalate）"


def opinion_reasons(question: Question) -> Iterator[Reason]:
    """Every blocking opinion that is neither adopted in the present text, nor withdrawn, nor cleared."""
    file, version = question.case_file, question.version
    for opinion in file.opinions:
        if opinion.blocking and not is_settled(file, opinion) and not is_adopted(file, opinion, version):
            told, next_step = _state(file, opinion, version)
            yield Reason(
                "OPINION",
                f"{opinion.id} {opinion.clause}：{GATES[opinion.gate]}意见{told}——“{_shorten(opinion.text)}”。",
                clause=opinion.clause,
                next_step=next_step,
                subject=opinion.id,
            )


def is_settled(file: CaseFile, opinion: Opinion) -> bool:
    """The opinion was withdrawn by its author, or the coordination meeting decided that it no longer blocks."""
    last = last_settlement(file, opinion)
    return last is not None and last.ruling is not Ruling.UPHELD


def is_adopted(file: CaseFile, opinion: Opinion, version: Version | None) -> bool:
    """The drafting unit has adopted the opinion, wholly or in part, and the words it was given on are gone."""
    answer = last_adoption(file, opinion)
    return answer is not None and answer.adopted is not Adopted.NO and is_changed(opinion, version)


def is_changed(opinion: Opinion, version: Version | None) -> bool:
    """The clause no longer stands in this version as it did; of an opinion on the whole text: the text was revised."""
    if version is None or version.number == opinion.version:
        return False
    return not opinion.clause_key or opinion.clause_key not in version.clause_keys


def last_adoption(file: CaseFile, opinion: Opinion) -> Adoption | None:
    """What the drafting unit last answered."""
    return next((a for a in reversed(file.adoptions) if a.opinion == opinion.id), None)


def last_settlement(file: CaseFile, opinion: Opinion) -> Settlement | None:
    """How the disagreement was last settled."""
    return next((s for s in reversed(file.settlements) if s.opinion == opinion.id), None)


def _state(file: CaseFile, opinion: Opinion, version: Version | None) -> tuple[str, str]:
    answer, ruling = last_adoption(file, opinion), last_settlement(file, opinion)
    if ruling is not None:
        return "经联席会议维持，条款尚未修改", "按意见修改条款，反馈采纳情况（answer）"
    if answer is None and is_changed(opinion, version):
        return "所指条款已改动，尚未反馈采纳情况", "由起草单位反馈采纳情况（answer）"
    if answer is None:
        return "尚未采纳", "按意见修改条款并反馈采纳情况（answer）"
    if answer.adopted is Adopted.NO:
        return "未被采纳", f"按意见修改条款；{ESCALATE}"
    return "称已采纳，但现文本中该条款未改动", "按意见修改条款"


def _shorten(text: str, limit: int = 40) -> str:
    flat = "".join(text.split())
    return flat if len(flat) <= limit else flat[:limit] + "……"
