"""The block: a complete file passes, and each thing taken from it is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.gate import Question, exception_gaps, may_issue, substance_reasons
from engine.model import (
    Answer,
    AnswerValue,
    Basis,
    BasisRank,
    Case,
    CaseFile,
    Conclusion,
    Consultation,
    Disposition,
    DraftKind,
    Editorial,
    EffectCheck,
    ExceptionClaim,
    Finding,
    Gate,
    Hearing,
    Level,
    Material,
    Outcome,
    Redo,
    Rejection,
    Review,
    Route,
    ScopeDecision,
    Screening,
    Treatment,
    Trigger,
    Version,
)
from engine.standards import load_standards

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
TEXT = "a" * 64
ITEMS = frozenset({"M11-1", "M15-3", "M18-1", "M19-4"})
REQUIRED = {Gate.SELF_REVIEW: ITEMS, Gate.JOINT_REVIEW: ITEMS}
LAW = load_standards()


def answers(**values: AnswerValue) -> tuple[Answer, ...]:
    """Every item answered 否 but those named ("M11_1=…")."""
    given = {name.replace("_", "-"): value for name, value in values.items()}
    return tuple(Answer(item, given.get(item, AnswerValue.NO_HIT), reason="理由") for item in sorted(ITEMS))


def review(gate: Gate, reviewer: str, *dispositions: Disposition, **values: AnswerValue) -> Review:
    return Review(gate, 1, 1, TEXT, reviewer, "u", "c", answers(**values), dispositions, "", NOW)


def conclusion(gate: Gate, signer: str, outcome: Outcome = Outcome.COMPLIANT) -> Conclusion:
    accepted = outcome is Outcome.EXCEPTION
    return Conclusion(gate, 1, 1, TEXT, outcome, "理由", signer, "u", NOW, exception_accepted=accepted)


def finding(level: Level = Level.BLOCK, *articles: str) -> Finding:
    return Finding("F-1", level, "r", articles or ("R8-3", "M11-1"), "三", "k", 3, 0, 4, "只能用甲", "因", "改")


CASE = Case(
    "2026-0001", "办法", "u", DraftKind.POLICY_DOCUMENT, Trigger.GOVERNMENT_ISSUED, Route.GOVERNMENT, "conclude", 1, 1,
    "drafter", NOW, "b", b"", 9,
)  # fmt: skip
COMPLETE = CaseFile(
    CASE,
    versions=(Version(1, "a.txt", "f", TEXT, "办法", "", (Material("drafting_note", "n", "d"),), "drafter", NOW),),
    scope_decisions=(ScopeDecision(Route.GOVERNMENT, "S2", "r", "drafter", NOW),),
    screenings=(Screening(TEXT, "p", ()),),
    consultations=(Consultation((Hearing("协会", "association", date(2026, 2, 1), "无", "采纳"),), False),),
    reviews=(review(Gate.SELF_REVIEW, "self"), review(Gate.JOINT_REVIEW, "joint")),
    conclusions=(conclusion(Gate.SELF_REVIEW, "head"), conclusion(Gate.JOINT_REVIEW, "lead")),
)
CLAIM = ExceptionClaim(3, "有影响", "救灾", "影响最小", "灾害期间", "无", ("M11-1",), ends_on=date(2026, 12, 31))


def asked(file: CaseFile, **how: object) -> Question:
    return Question(file, LAW, REQUIRED, **how)  # type: ignore[arg-type]


def codes(file: CaseFile, **how: object) -> list[str]:
    return [reason.code for reason in may_issue(asked(file, **how)).reasons]


def joint(*dispositions: Disposition, **values: AnswerValue) -> tuple[Review, ...]:
    return (COMPLETE.reviews[0], review(Gate.JOINT_REVIEW, "joint", *dispositions, **values))


def test_a_complete_file_may_be_issued() -> None:
    verdict = may_issue(asked(COMPLETE, text_sha256=TEXT))
    assert (verdict.may_issue, verdict.outcome, verdict.reasons) == (True, Outcome.COMPLIANT, ())


@pytest.mark.parametrize(
    ("taken", "code"),
    [
        (lambda f: replace(f, scope_decisions=()), "P-01"),
        (lambda f: replace(f, screenings=()), "SCREEN"),
        (lambda f: replace(f, versions=(replace(f.versions[0], materials=()),)), "P-10"),
        (lambda f: replace(f, consultations=()), "P-04"),
        (lambda f: replace(f, consultations=(Consultation((), False),)), "P-04"),
        (lambda f: replace(f, consultations=(replace(f.consultations[0], public_interest=True),)), "P-05"),
        (lambda f: replace(f, reviews=f.reviews[1:]), "P-07"),
        (lambda f: replace(f, reviews=f.reviews[:1]), "P-13"),
        (lambda f: replace(f, conclusions=f.conclusions[1:]), "P-08"),
        (lambda f: replace(f, conclusions=f.conclusions[:1]), "P-14"),
        (lambda f: replace(f, reviews=(f.reviews[0], replace(f.reviews[1], answers=answers()[1:]))), "P-07"),
        (lambda f: replace(f, reviews=(f.reviews[0], replace(f.reviews[1], reviewer="self"))), "P-12"),
        (lambda f: replace(f, reviews=(f.reviews[0], replace(f.reviews[1], text_sha256="b" * 64))), "P-16"),
        (lambda f: replace(f, reviews=joint(M15_3=AnswerValue.HIT)), "P-15"),
        (lambda f: replace(f, reviews=joint(M15_3=AnswerValue.UNSURE)), "UNSURE"),
        (lambda f: replace(f, screenings=(Screening(TEXT, "p", (finding(),)),)), "FINDING"),
        (lambda f: replace(f, screenings=(Screening(TEXT, "p", (finding(Level.ATTENTION),)),)), "ANSWER"),
        (lambda f: replace(f, redos=(Redo(Gate.JOINT_REVIEW, 1, "r", "lead", "u", LATER),)), "P-13"),
    ],
)  # fmt: skip
def test_each_thing_missing_is_named(taken: Callable[[CaseFile], CaseFile], code: str) -> None:
    assert codes(taken(COMPLETE)) == [code]


def test_another_text_is_not_the_reviewed_one() -> None:
    assert codes(COMPLETE, text_sha256=TEXT) == []
    assert codes(COMPLETE, text_sha256="b" * 64) == ["P-16"]


def test_the_joint_answer_wins_over_the_self_answer_and_needs_a_reason() -> None:
    hit_in_self = review(Gate.SELF_REVIEW, "self", M15_3=AnswerValue.HIT)
    assert codes(replace(COMPLETE, reviews=(hit_in_self, COMPLETE.reviews[1]))) == []
    silent = replace(COMPLETE.reviews[1], answers=tuple(replace(a, reason="") for a in answers()))
    assert codes(replace(COMPLETE, reviews=(hit_in_self, silent))) == ["P-14"]


def test_one_of_several_joint_reviewers_is_enough_to_block() -> None:
    other = review(Gate.JOINT_REVIEW, "second", M11_1=AnswerValue.HIT)
    assert codes(replace(COMPLETE, reviews=(*COMPLETE.reviews, other))) == ["P-15"]


def test_a_regulators_rejection_clears_a_finding() -> None:
    found = replace(COMPLETE, screenings=(Screening(TEXT, "p", (finding(),)),))
    assert codes(found) == ["FINDING"]
    assert codes(replace(found, rejections=(Rejection("F-1", "k", "误报", "joint", "u", NOW),))) == []
    assert codes(replace(found, rejections=(Rejection("F-1", "k", " ", "joint", "u", NOW),))) == ["FINDING"]


@pytest.mark.parametrize("rank", BasisRank)
def test_only_a_national_basis_lifts_a_cost_item(rank: BasisRank) -> None:
    basis = Disposition("M18-1", Treatment.BASIS, "依据", Basis("企业所得税法", "第二十八条", rank))
    lifted = codes(replace(COMPLETE, reviews=joint(basis, M18_1=AnswerValue.HIT))) == []
    assert lifted is (rank in (BasisRank.LAW, BasisRank.ADMINISTRATIVE_REGULATION, BasisRank.STATE_COUNCIL_APPROVAL))


def test_no_basis_lifts_an_item_outside_the_cost_group() -> None:
    basis = Disposition("M15-3", Treatment.BASIS, "依据", Basis("某法", "第一条", BasisRank.LAW))
    assert codes(replace(COMPLETE, reviews=joint(basis, M15_3=AnswerValue.HIT))) == ["P-15"]


def test_the_drafting_units_own_basis_is_not_enough() -> None:
    basis = Disposition("M18-1", Treatment.BASIS, "依据", Basis("企业所得税法", "第二十八条", BasisRank.LAW))
    own = review(Gate.SELF_REVIEW, "self", basis)
    reviews = (own, review(Gate.JOINT_REVIEW, "joint", M18_1=AnswerValue.HIT))
    assert codes(replace(COMPLETE, reviews=reviews)) == ["P-15"]


def test_a_complete_exception_accepted_by_the_deciding_gate_passes() -> None:
    signed = (COMPLETE.conclusions[0], conclusion(Gate.JOINT_REVIEW, "lead", Outcome.EXCEPTION))
    claimed = replace(COMPLETE, reviews=joint(M11_1=AnswerValue.HIT), exception_claims=(CLAIM,), conclusions=signed)
    verdict = may_issue(asked(claimed))
    assert (verdict.may_issue, verdict.outcome) == (True, Outcome.EXCEPTION)
    assert codes(replace(claimed, conclusions=COMPLETE.conclusions)) == ["P-15"]
    assert codes(replace(claimed, exception_claims=(replace(CLAIM, items=("M15-3",)),))) == ["P-15"]


def test_the_exception_alone_does_not_cure_what_another_law_forbids() -> None:
    claim = replace(CLAIM, items=("M19-4",))
    hit = replace(COMPLETE, reviews=joint(M19_4=AnswerValue.HIT), exception_claims=(claim,))
    assert substance_reasons(asked(hit, accepting=True)) != ()
    by_law = replace(hit, exception_claims=(replace(claim, ground=4),))
    assert substance_reasons(asked(by_law, accepting=True)) == ()


@given(st.sampled_from(["effect", "ground_reason", "least_harm", "period_reason", "other"]))
def test_each_statement_of_an_exception_is_required(statement: str) -> None:
    assert exception_gaps(CLAIM) == ()
    assert len(exception_gaps(replace(CLAIM, **{statement: "  "}))) == 1


def test_an_exception_needs_an_end() -> None:
    assert exception_gaps(replace(CLAIM, ends_on=None)) == ("实施期限或者终止条件",)
    assert exception_gaps(replace(CLAIM, ends_on=None, end_condition="灾害响应终止之日")) == ()


def test_an_exception_whose_period_has_run_out_no_longer_passes() -> None:
    signed = (COMPLETE.conclusions[0], conclusion(Gate.JOINT_REVIEW, "lead", Outcome.EXCEPTION))
    claimed = replace(COMPLETE, reviews=joint(M11_1=AnswerValue.HIT), exception_claims=(CLAIM,), conclusions=signed)
    assert codes(claimed, on=date(2026, 12, 31)) == []
    assert codes(claimed, on=date(2027, 1, 1)) == ["P-19"]


def test_an_exception_whose_end_condition_has_come_about_no_longer_passes() -> None:
    granted = replace(conclusion(Gate.JOINT_REVIEW, "lead", Outcome.EXCEPTION), exception_accepted=True)
    claim = ExceptionClaim(3, "影响", "公共利益", "最小", "期限", "无", ("M15-3",), None, "更换完成")
    file = replace(
        COMPLETE,
        reviews=joint(M15_3=AnswerValue.HIT),
        exception_claims=(claim,),
        conclusions=(COMPLETE.conclusions[0], granted),
    )
    assert codes(file) == []
    met = EffectCheck("已更换", True, True, "条件成就", (), "d", "u", LATER)
    assert codes(replace(file, effect_checks=(met,))) == ["P-19"]
    assert codes(replace(file, effect_checks=(replace(met, checked_at=NOW - timedelta(days=1)),))) == []


def test_what_the_unit_itself_says_must_not_be_issued_has_this_one_reason() -> None:
    own = conclusion(Gate.SELF_REVIEW, "head", Outcome.MUST_NOT_ISSUE)
    verdict = may_issue(asked(replace(COMPLETE, reviews=COMPLETE.reviews[:1], conclusions=(own,))))
    assert [reason.code for reason in verdict.reasons if reason.code in ("P-08", "P-14")] == ["P-08"]
    assert not verdict.may_issue


def test_a_text_decided_to_differ_only_in_wording_may_be_issued() -> None:
    decided = Editorial(1, 1, "b" * 64, "印发.txt", "c" * 64, ("一",), "措辞", "lead", Gate.JOINT_REVIEW, "u", LATER)
    file = replace(COMPLETE, editorials=(decided,))
    assert codes(file, text_sha256="b" * 64) == codes(file, text_sha256=TEXT) == []
    for other in (replace(decided, round=2), replace(decided, version=2), replace(decided, gate=Gate.SELF_REVIEW)):
        assert "P-16" in codes(replace(COMPLETE, editorials=(other,)), text_sha256="b" * 64)


def test_the_department_route_ends_with_the_self_review() -> None:
    department = replace(
        COMPLETE,
        case=replace(CASE, route=Route.DEPARTMENT),
        reviews=COMPLETE.reviews[:1],
        conclusions=COMPLETE.conclusions[:1],
    )
    assert codes(department) == []
    assert codes(replace(department, case=CASE)) == ["P-13", "P-14"]


def test_out_of_scope_is_issuable_only_when_the_regulator_confirmed() -> None:
    outside = ScopeDecision(Route.OUT_OF_SCOPE, "S1", "内部管理", "drafter", NOW, confirmed_by="joint")
    file = CaseFile(replace(CASE, route=Route.OUT_OF_SCOPE), scope_decisions=(outside,))
    assert may_issue(asked(file)).outcome is Outcome.OUT_OF_SCOPE
    assert codes(replace(file, scope_decisions=(replace(outside, confirmed_by=""),))) == ["P-01"]


@given(st.lists(st.sampled_from(sorted(ITEMS)), unique=True), st.sampled_from(list(AnswerValue)))
def test_no_open_hit_or_doubt_ever_passes(items: list[str], value: AnswerValue) -> None:
    given = {item.replace("-", "_"): value for item in items}
    file = replace(COMPLETE, reviews=(COMPLETE.reviews[0], review(Gate.JOINT_REVIEW, "joint", **given)))
    blocked = bool(items) and value in (AnswerValue.HIT, AnswerValue.UNSURE)
    assert may_issue(asked(file)).may_issue is not blocked
