"""Opinions and carried answers at the gate: what was said of a clause holds while the clause stands, and no longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.gate import Question, substance_reasons, who_acted
from engine.model import (
    Adopted,
    Adoption,
    Answer,
    AnswerValue,
    Case,
    CaseFile,
    DraftKind,
    Gate,
    Opinion,
    Review,
    Route,
    Ruling,
    Settlement,
    Trigger,
    Version,
)
from engine.standards import load_standards

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CASE = Case(
    "2026-0001", "办法", "u", DraftKind.POLICY_DOCUMENT, Trigger.DEPARTMENT_ISSUED, Route.DEPARTMENT, "self_check",
    2, 2, "drafter", NOW, "b", b"", 9,
)  # fmt: skip
GIVEN = Opinion(
    "O-1", Gate.JOINT_REVIEW, 1, 1, "第七条", "k7", "只能用甲", "", True, False, "joint", "m", NOW
)  # fmt: skip
LAW = load_standards()


def version(number: int, *keys: str) -> Version:
    return Version(number, "a.txt", "f", str(number) * 64, "办法", "", (), "drafter", NOW, keys)


def filed(*present: str, **records: object) -> CaseFile:
    """The second version with these clauses; the first had k6, k7 and k8."""
    return CaseFile(CASE, versions=(version(1, "k6", "k7", "k8"), version(2, *present)), **records)  # type: ignore[arg-type]


def codes(file: CaseFile, code: str) -> list[str]:
    required: Mapping[Gate, frozenset[str]] = {gate: frozenset() for gate in Gate}
    return [r.subject for r in substance_reasons(Question(file, LAW, required)) if r.code == code]


def adoption(value: Adopted) -> Adoption:
    return Adoption("O-1", value, "理由", 2, "drafter", "u", NOW)


def settlement(ruling: Ruling) -> Settlement:
    return Settlement("O-1", ruling, "理由", "第3次", Gate.JOINT_REVIEW, "lead", "m", NOW)


# ---------------------------------------------------------------- opinions


@given(
    stands=st.booleans(),
    blocking=st.booleans(),
    adopted=st.lists(st.sampled_from(Adopted), max_size=3),
    rulings=st.lists(st.sampled_from(Ruling), max_size=2),
)
def test_an_opinion_blocks_unless_adopted_in_the_text_or_settled(
    stands: bool, blocking: bool, adopted: list[Adopted], rulings: list[Ruling]
) -> None:
    file = filed(
        *(("k7", "k8") if stands else ("k9", "k8")),
        opinions=(replace(GIVEN, blocking=blocking),),
        adoptions=tuple(map(adoption, adopted)),
        settlements=tuple(map(settlement, rulings)),
    )
    done = not stands and adopted[-1:] in ([Adopted.YES], [Adopted.PARTLY])
    cleared = rulings[-1:] in ([Ruling.CLEARED], [Ruling.WITHDRAWN])
    assert codes(file, "OPINION") == ([] if done or cleared or not blocking else ["O-1"])


def test_an_adopted_clause_that_comes_back_blocks_again() -> None:
    said = {"opinions": (GIVEN,), "adoptions": (adoption(Adopted.YES),)}
    assert codes(filed("k9", **said), "OPINION") == []
    assert codes(filed("k9", "k7", **said), "OPINION") == ["O-1"]


def test_an_opinion_on_the_whole_text_needs_a_new_text() -> None:
    said = {"opinions": (replace(GIVEN, clause_key=""),), "adoptions": (adoption(Adopted.PARTLY),)}
    file = filed("k6", "k7", "k8", **said)
    assert codes(file, "OPINION") == []
    first = replace(file, case=replace(CASE, round=1, version=1))
    assert codes(first, "OPINION") == ["O-1"]


def test_those_who_speak_on_a_clause_have_acted_on_their_gate() -> None:
    file = filed(opinions=(GIVEN,), adoptions=(adoption(Adopted.NO),), settlements=(settlement(Ruling.UPHELD),))
    assert who_acted(file) == {
        "drafter": {Gate.SELF_REVIEW},
        "joint": {Gate.JOINT_REVIEW},
        "lead": {Gate.JOINT_REVIEW},
    }


# ---------------------------------------------------------------- carried answers


def review(round_: int, answer: Answer) -> Review:
    return Review(Gate.SELF_REVIEW, round_, round_, str(round_) * 64, "self", "u", "c", (answer,), (), "", NOW)


FRESH = Answer("M11-1", AnswerValue.HIT, ("第七条",), clause_keys=("k7",))
CARRIED = replace(FRESH, carried_from=1)


@pytest.mark.parametrize(
    ("given", "carried", "present", "open_"),
    [
        (FRESH, CARRIED, ("k7",), []),
        (FRESH, CARRIED, ("k9", "k7-2"), []),
        (FRESH, CARRIED, ("k9",), ["M11-1"]),
        (FRESH, replace(CARRIED, clause_keys=("k9",)), ("k9",), ["M11-1"]),
        (FRESH, replace(CARRIED, value=AnswerValue.NO_HIT), ("k7",), ["M11-1"]),
        (FRESH, replace(CARRIED, carried_from=2), ("k7",), ["M11-1"]),
        (replace(FRESH, carried_from=1), CARRIED, ("k7",), ["M11-1"]),
        (FRESH, replace(FRESH, clause_keys=("k9",)), ("k9",), []),
    ],
    ids=["stands", "twice", "changed", "elsewhere", "another answer", "own round", "not given afresh", "fresh"],
)
def test_a_carried_answer_holds_only_while_its_clauses_stand(
    given: Answer, carried: Answer, present: tuple[str, ...], open_: list[str]
) -> None:
    assert codes(filed(*present, reviews=(review(1, given), review(2, carried))), "CARRIED") == open_
