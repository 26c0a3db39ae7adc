"""Clauses: the numbering tree of a document, each clause with its own words only and its place in the text.

The scheme: every character that is not blank belongs to exactly one clause; clauses stand in reading order and do not
overlap; a clause covers its own line (or wrapped lines) without its children, so an item that runs on inside a
paragraph, `…下列行为:(一)…;(二)…`, is cut off its lead-in and hangs under it. A paragraph that ends in a colon becomes
the parent of what it introduces. Reading and comparison call `split_clauses`; screening asks `lineage` for lead-ins.
"""

from __future__ import annotations

import hashlib

from engine.documents.folding import fold
from engine.documents.layout import roles
from engine.documents.lines import logical_lines
from engine.documents.tree import LONGEST_HEADING, SENTENCE_MARK, Draft, Tree
from engine.model import Clause, ClauseKind


def split_clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of `text` in reading order, parents before children; never raises.

    Offsets are code points into `text`; blank text gives no clauses.
    """
    folded = fold(text)
    lines = logical_lines(folded)
    tree = Tree(folded)
    tree.grow(lines, roles(folded, lines))
    return _finished(text, folded, tree.drafts)


def _finished(text: str, folded: str, drafts: list[Draft]) -> tuple[Clause, ...]:
    seen: dict[str, int] = {}
    clauses = []
    for draft in drafts:
        key = clause_key(folded[draft.body : draft.end] or folded[draft.start : draft.end])
        seen[key] = seen.get(key, 0) + 1
        clauses.append(
            Clause(
                key=key if seen[key] == 1 else f"{key}-{seen[key]}",
                number=draft.number,
                kind=_kind(folded, draft),
                level=draft.level,
                start=draft.start,
                end=draft.end,
                line=draft.line,
                text=text[draft.start : draft.end],
                parent=draft.parent,
            )
        )
    return tuple(clauses)


def clause_key(words: str) -> str:
    """The key of a clause whose folded words, without number, are `words`: 16 hexadecimal digits."""
    return hashlib.sha256("".join(words.split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _kind(folded: str, draft: Draft) -> ClauseKind:
    """A numbered line without a sentence mark is a heading only when something hangs under it: else it is an item."""
    if draft.kind is not ClauseKind.ITEM or not draft.has_children:
        return draft.kind
    names = draft.end - draft.body <= LONGEST_HEADING and not SENTENCE_MARK.search(folded, draft.body, draft.end)
    return ClauseKind.HEADING if names else ClauseKind.ITEM
