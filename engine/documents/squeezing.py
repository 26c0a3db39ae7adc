"""Squeezing: take out what was put between the characters of a word, and know where every character came from.

Spaces, dots, invisible characters and marks within words, and characters written as their parts (木又), hide a clause
from matching but not from a reader. Screening reads the squeezed document and gives the spans of the original;
reading tells what was found. Blanks and marks as people set them (a list of names, a title set wide) do no harm:
nothing but matching sees the squeezed text.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from engine.documents.inserted import Edit, applied, edits_of, place_before, places_after
from engine.model import Document, Screening


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A document to match on, and the way back to the one it was made of."""

    document: Document
    original: Document
    edits: tuple[Edit, ...]
    after: tuple[int, ...]
    """Where the squeezed text goes on behind each edit."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that `[start, end)` of the squeezed text was made of."""
        if end <= start:
            return self._place(start), self._place(start)
        last = bisect_right(self.after, end - 1)
        whole = last < len(self.edits) and self.edits[last].words and self.after[last] == end
        return self._place(start), self.edits[last].end if whole else self._place(end - 1) + 1

    def restored(self, screening: Screening) -> Screening:
        """The screening of the squeezed document as one of the original: spans, words and lines are the original's.

        A finding with something between its words says so in its evidence.
        """
        findings = []
        for finding in screening.findings:
            start, end = self.span(finding.start, finding.end)
            findings.append(
                replace(
                    finding,
                    start=start,
                    end=end,
                    text=self.original.text[start:end],
                    line=self.original.text.count("\n", 0, start) + 1,
                    evidence=finding.evidence + self._told(start, end),
                )
            )
        considered = []
        for one in screening.considered:
            start, end = self.span(one.start, one.end)
            considered.append(replace(one, start=start, end=end, text=self.original.text[start:end]))
        return replace(
            screening,
            text_sha256=self.original.text_sha256,
            findings=tuple(findings),
            considered=tuple(considered),
        )

    def _place(self, at: int) -> int:
        return place_before(at, self.edits, self.after)

    def _told(self, start: int, end: int) -> tuple[str, ...]:
        first = bisect_left(self.edits, start, key=lambda edit: edit.start)
        last = bisect_right(self.edits, end, key=lambda edit: edit.end)
        kinds = dict.fromkeys(edit.kind.value for edit in self.edits[first:last] if edit.kind.told)
        return (f"原文的字词之间有{'、'.join(kinds)}，还原后匹配",) if kinds else ()


def squeezed(document: Document) -> Squeezed | None:
    """The document with its words put together again; None when there is nothing to put together.

    Clauses keep key, number, kind and place in the tree; their offsets and words are those of the squeezed text.
    """
    edits = edits_of(document.text, document.clauses)
    if not edits:
        return None
    after = places_after(edits)
    text = applied(document.text, edits)

    def moved(at: int) -> int:
        behind = bisect_right(edits, at, key=lambda edit: edit.end)
        place = at + (after[behind - 1] - edits[behind - 1].end if behind else 0)
        inside = at - edits[behind].start if behind < len(edits) else 0
        return place - max(inside, 0)

    clauses = []
    for clause in document.clauses:
        start, end = moved(clause.start), moved(clause.end)
        clauses.append(replace(clause, start=start, end=end, text=text[start:end]))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Squeezed(replace(document, text=text, text_sha256=digest, clauses=tuple(clauses)), document, edits, after)
