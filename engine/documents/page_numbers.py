"""Page numbers: printed on every page of a PDF or OFD file and no words of the document."""

from __future__ import annotations

from engine.documents.folding import fold
from engine.patterns import pattern_of

_PAGE_NUMBER = pattern_of(r"[-—–·\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/,]?\s*共?\s*\d{1,4}\s*页?)?[-—–·\s]*")


def without_page_number(lines: list[str]) -> list[str]:
    """The lines of a page without a page number in the first or the last of them."""
    first = 1 if lines and _PAGE_NUMBER.fullmatch(fold(lines[0])) else 0
    last = len(lines) - 1 if len(lines) > first and _PAGE_NUMBER.fullmatch(fold(lines[-1])) else len(lines)
    return lines[first:last]
