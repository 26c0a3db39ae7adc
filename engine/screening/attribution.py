"""Which items a reported statement would break: the rules' own citations first, the score's candidates after them.

At most three Measures or tender items, each with its Regulation parent; only items in force on the day are cited.
Called by `engine.screening`.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.screening.rules import Match
from engine.standards import Standards

MOST = 3
RANKED = 6
RULE_VOTE = 2.0


def cited_items(ranked: Sequence[str], matches: Sequence[Match], standards: Standards) -> tuple[str, ...]:
    """Item codes, main first, each Measures item followed by its Regulation parent.

    The score's ranking, the first `RANKED` of it, decides the order among what the rules name and what it ranks itself;
    a rule's vote counts like two ranks.
    """
    votes: dict[str, float] = {}
    for place, item in enumerate(ranked):
        votes[item] = votes.get(item, 0.0) + RANKED - place
    for item in sorted({match.rule.cites[0] for match in matches}):
        votes[item] = votes.get(item, 0.0) + RULE_VOTE
    known = [item for item in votes if item in standards.items]
    chosen = sorted(known, key=lambda item: (-votes[item], item))[:MOST]
    return with_parents(chosen, standards)


def with_parents(items: Sequence[str], standards: Standards) -> tuple[str, ...]:
    """Every item with its Regulation parent before it, none twice; a main item's parent opens the list."""
    cited: dict[str, None] = {}
    for item in items:
        parent = standards.parent_of(item)
        if parent is not None:
            cited[parent.id] = None
        cited[item] = None
    return tuple(cited)
