"""What a document is called: its title and its document number (文号), out of its head."""

from __future__ import annotations

from collections.abc import Sequence

from engine.documents.folding import fold
from engine.documents.layout import is_title_end, number_in
from engine.model import Clause, ClauseKind

_LAST_HEAD_CLAUSE = 40


def document_title(clauses: Sequence[Clause]) -> str:
    """The title on one line, of a transmittal notice that of the text it transmits; empty when there is none."""
    titles = [clause for clause in clauses if clause.kind is ClauseKind.TITLE and _is_title(clause.text)]
    if not titles:
        return ""
    signed = next((clause for clause in clauses if clause.kind is ClauseKind.SIGN_OFF), None)
    after = [title for title in titles if signed and title.start > signed.start]
    return "".join(" ".join(line.split()) for line in (after or titles)[0].text.split("\n"))


def _is_title(text: str) -> bool:
    folded = fold(text)
    return not number_in(folded) and (is_title_end(folded.rstrip()) and folded[0] not in "(—-")


def document_number(clauses: Sequence[Clause]) -> str:
    """The document number as printed (望政办发〔2025〕33号), empty when the head has none."""
    for clause in clauses[:_LAST_HEAD_CLAUSE]:
        if clause.kind is ClauseKind.TITLE and (number := number_in(fold(clause.text))):
            return clause.text[len(clause.text) - len(number) :].strip()
    return ""
