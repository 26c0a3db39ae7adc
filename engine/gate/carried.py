"""Answers carried over from an earlier round hold only while the clauses they rest on stand word for word.

Filing refuses the others; the gate does not take its word for it and looks again.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.gate.question import Question
from engine.model import Answer, Gate, Reason, Review


def carried_reasons(question: Question) -> Iterator[Reason]:
    """Every carried answer without an equal answer in its round, or with a clause that has changed since."""
    for gate in question.gates:
        for review in question.reviews(gate):
            for answer in review.answers:
                if answer.carried_from and not _stands(question, gate, review, answer):
                    yield Reason(
                        "CARRIED",
                        f"{answer.item} 沿用第{answer.carried_from}轮的答复，但所依据的条款已变动或者当时无此答复。",
                        (answer.item,),
                        next((clause for clause in answer.clauses), ""),
                        "重新作答该项",
                        answer.item,
                    )


def _stands(question: Question, gate: Gate, review: Review, answer: Answer) -> bool:
    given = [
        earlier.version
        for earlier in question.case_file.reviews
        if earlier.gate is gate and earlier.round == answer.carried_from < review.round
        for said in earlier.answers
        if (said.item, said.value, said.carried_from) == (answer.item, answer.value, 0)
    ]
    rests_on = {_words(key) for key in answer.clause_keys}
    return bool(given) and all(rests_on <= _keys(question, number) for number in (given[-1], review.version))


def _keys(question: Question, number: int) -> set[str]:
    return {_words(key) for v in question.case_file.versions if v.number == number for key in v.clause_keys}


def _words(key: str) -> str:
    return key.partition("-")[0]
