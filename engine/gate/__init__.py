"""The block: may this document be issued, and if not, why not.

Pure functions over a `CaseFile` and the law in force; nothing here reads a clock, a file or a database. Each rule is
one small function that yields `Reason`s; `may_issue` is their sum. The acts call it before a conclusion, the agenda
office calls it through `shuangshen gate`.
"""

from __future__ import annotations

from engine.gate.cures import exception_gaps
from engine.gate.opinions import is_adopted, is_changed, is_settled, last_adoption, last_settlement
from engine.gate.question import Question, counting_reviews
from engine.gate.reasons import conclusion_reasons, issued_text_reasons, scope_reasons, substance_reasons
from engine.gate.separation import who_acted
from engine.model import Outcome, Route, Verdict

__all__ = [
    "Question",
    "counting_reviews",
    "exception_gaps",
    "is_adopted",
    "is_changed",
    "is_settled",
    "last_adoption",
    "last_settlement",
    "may_issue",
    "substance_reasons",
    "who_acted",
]


def may_issue(question: Question) -> Verdict:
    """The verdict on the version now filed: issuable only when no rule has an open reason.

    Source: Regulation art. 18; Measures arts. 27, 29, 33, 34.
    """
    if question.case_file.case.route is Route.OUT_OF_SCOPE:
        reasons = (*scope_reasons(question), *issued_text_reasons(question))
        return Verdict(not reasons, None if reasons else Outcome.OUT_OF_SCOPE, reasons)
    reasons = (*substance_reasons(question), *conclusion_reasons(question))
    conclusion = question.conclusion(question.deciding_gate)
    return Verdict(not reasons, conclusion.outcome if conclusion and not reasons else None, reasons)
