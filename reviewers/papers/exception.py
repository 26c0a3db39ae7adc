"""The statement of an exception as the review form and the conclusion print it."""

from __future__ import annotations

from engine.model import ExceptionClaim
from reviewers.form.words import GROUND_WORDS


def exception_facts(claim: ExceptionClaim) -> list[tuple[str, str]]:
    """The case, the five statements and the end. Source: Regulation art. 12; Measures arts. 25, 29."""
    ends = claim.ends_on.isoformat() if claim.ends_on else claim.end_condition
    return [
        ("适用情形", f"《公平竞争审查条例》第十二条第（{GROUND_WORDS[claim.ground]}）项，{claim.ground_reason}"),
        ("适用项目", "、".join(claim.items)),
        ("对竞争的影响", claim.effect),
        ("影响最小的理由", claim.least_harm),
        ("期限或者终止条件", f"{ends}；{claim.period_reason}"),
        ("其他情况", claim.other),
    ]
