"""Slots in order, at bounded distance: how a rule finds its words in a statement.

Cost stays linear in the hits: every slot takes the nearest fitting words first, and no slot reaches further than the
rule's distance. Called by `engine.screening.rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.screening.lexicon import Hit

MAX_STARTS = 40


def find_chains(hits: Mapping[int, list[Hit]], order: Sequence[int], within: int) -> list[tuple[Hit, ...]]:
    """Every way, one per first word, to find the classes of `order` one after the other.

    Neighbours stand at most `within` code points apart and do not overlap. `hits` are sorted by start.
    """
    found = []
    for first in hits.get(order[0], ())[:MAX_STARTS]:
        chain = _continue(hits, order, within, (first,))
        if chain:
            found.append(chain)
    return found


def _continue(
    hits: Mapping[int, list[Hit]], order: Sequence[int], within: int, chain: tuple[Hit, ...]
) -> tuple[Hit, ...] | None:
    if len(chain) == len(order):
        return chain
    last = chain[-1]
    for candidate in hits.get(order[len(chain)], ()):
        if candidate.start < last.end:
            continue
        if candidate.start - last.end > within:
            return None
        if longer := _continue(hits, order, within, (*chain, candidate)):
            return longer
    return None
