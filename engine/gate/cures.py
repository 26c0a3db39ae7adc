"""What cures a hit or a finding: a national legal basis (cost group only), an exception, a regulator's rejection.

A changed clause needs no cure: it is another text, reviewed anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.gate.question import Question
from engine.model import Answer, AnswerValue, BasisRank, ExceptionClaim, Finding, Outcome, Treatment
from engine.standards import ExceptionMode

NATIONAL_RANKS = frozenset({BasisRank.LAW, BasisRank.ADMINISTRATIVE_REGULATION, BasisRank.STATE_COUNCIL_APPROVAL})
SEVERITY = (AnswerValue.NOT_APPLICABLE, AnswerValue.NO_HIT, AnswerValue.UNSURE, AnswerValue.HIT)


def is_rejected(question: Question, finding: Finding) -> bool:
    """A regulator has rejected this finding, with a reason, on these very words."""
    return any(r.finding == finding.id and r.reason.strip() for r in question.case_file.rejections)


def is_cured(question: Question, target: str, items: tuple[str, ...]) -> bool:
    """The deciding gate has accepted a national basis (cost group only) or a complete exception for this target."""
    return has_basis(question, target, items) or has_exception(question, target, items)


def has_basis(question: Question, target: str, items: tuple[str, ...]) -> bool:
    """A law, administrative regulation or State Council approval is attached and verified by the deciding gate.

    Source: Regulation art. 10; a local regulation or a lower rule never lifts an item.
    """
    listed = [question.standards.item(item) for item in items]
    if not listed or not all(item.basis_switch for item in listed):
        return False
    return any(
        d.treatment is Treatment.BASIS and d.basis is not None and d.basis.rank in NATIONAL_RANKS
        for d in question.dispositions(target, (question.deciding_gate,))
    )


def has_exception(question: Question, target: str, items: tuple[str, ...]) -> bool:
    """A complete exception covers these items and the deciding gate accepts it.

    Source: Regulation art. 12. Items whose breach lies in another law's prohibition need case 4.
    """
    claim = question.claim()
    if claim is None or exception_gaps(claim) or not accepts_exception(question):
        return False
    claimed = set(claim.items)
    covered = target in claimed or bool(claimed & set(items))
    modes = {question.standards.item(item).exception_mode for item in items}
    curable = ExceptionMode.NONE not in modes and (claim.ground == 4 or ExceptionMode.LIMITED not in modes)
    return covered and curable


def exception_gaps(claim: ExceptionClaim) -> tuple[str, ...]:
    """What a claim still lacks, in Chinese; empty when it is complete. Source: Measures arts. 25, 29."""
    statements = {
        "对竞争的影响": claim.effect,
        "适用情形的理由": claim.ground_reason,
        "影响最小的理由": claim.least_harm,
        "期限或终止条件的理由": claim.period_reason,
        "其他需要说明的情况": claim.other,
    }
    gaps = [name for name, text in statements.items() if not text.strip()]
    if claim.ground not in (1, 2, 3, 4):
        gaps.append("适用情形（1至4）")
    if claim.ends_on is None and not claim.end_condition.strip():
        gaps.append("实施期限或者终止条件")
    if not claim.items:
        gaps.append("适用的审查项目")
    return tuple(gaps)


def worst(answers: Iterable[Answer]) -> AnswerValue | None:
    """The gravest of several reviewers' answers to one item; None when nobody answered."""
    return max((a.value for a in answers), key=SEVERITY.index, default=None)


def accepts_exception(question: Question) -> bool:
    """The deciding gate is about to accept an exception, or has signed that it does."""
    conclusion = question.conclusion(question.deciding_gate)
    signed = conclusion is not None and conclusion.outcome is Outcome.EXCEPTION and conclusion.exception_accepted
    return question.accepting or signed
