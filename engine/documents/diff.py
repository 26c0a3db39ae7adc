"""Comparison of two versions clause by clause: what stayed, moved, changed, came and went.

Numbers are left out of the comparison, so inserting one article does not mark all later ones as changed. Clauses with
the same words pair first; the rest pair by likeness, the most alike first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.documents.folding import fold
from engine.documents.markers import marker_at
from engine.model import Clause, Document

_LEAST_LIKENESS = 55
_CANDIDATES = 40
_MOST_COMPARISONS = 25_000_000


class ChangeKind(StrEnum):
    """What became of a clause between two versions."""

    SAME = "same"
    MOVED = "moved"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause and what became of it: `old` and `new` are indexes into the clauses of the two versions.

    `old` is None for an added clause, `new` for a removed one; `likeness` is 0 to 100.
    """

    kind: ChangeKind
    old: int | None
    new: int | None
    likeness: float


def align(old: Document, new: Document) -> tuple[ClauseChange, ...]:
    """Every clause of both versions exactly once, in the order of the new version, removed clauses where they stood.

    A changed clause may also have moved. Clauses below 55 % likeness are removed and added, not changed.
    """
    pairs = _pair_equal(old.clauses, new.clauses)
    pairs |= _pair_alike(old.clauses, new.clauses, pairs)
    moved = _out_of_order(pairs)
    changes = [_change(old.clauses, new.clauses, a, b, likeness, a in moved) for a, (b, likeness) in pairs.items()]
    taken = {b for b, _ in pairs.values()}
    changes += [ClauseChange(ChangeKind.ADDED, None, b, 0) for b in range(len(new.clauses)) if b not in taken]
    changes += [ClauseChange(ChangeKind.REMOVED, a, None, 0) for a in range(len(old.clauses)) if a not in pairs]
    return tuple(sorted(changes, key=_reading_order(pairs)))


Pairs = dict[int, tuple[int, float]]


def _pair_equal(old: Sequence[Clause], new: Sequence[Clause]) -> Pairs:
    places = {clause.key: index for index, clause in enumerate(new)}
    return {index: (places[clause.key], 100.0) for index, clause in enumerate(old) if clause.key in places}


def _pair_alike(old: Sequence[Clause], new: Sequence[Clause], paired: Pairs) -> Pairs:
    """Pair what is left, best first; clauses of different kinds never pair."""
    taken = {b for b, _ in paired.values()}
    left: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for index, clause in enumerate(old):
        if index not in paired:
            left[_family(clause)][0].append(index)
    for index, clause in enumerate(new):
        if index not in taken:
            left[_family(clause)][1].append(index)
    found: Pairs = {}
    for olds, news in left.values():
        if olds and news:
            found |= _best_first(old, new, olds, news)
    return found


def _family(clause: Clause) -> str:
    return clause.kind if clause.kind in ("table_row", "title", "sign_off", "contents") else "body"


def _best_first(old: Sequence[Clause], new: Sequence[Clause], olds: list[int], news: list[int]) -> Pairs:
    """Greedy pairs, the most alike first; versions too unlike to compare pair by pair are left unpaired."""
    if len(olds) * len(news) > _MOST_COMPARISONS:
        return {}
    found: Pairs = {}
    free = set(news)
    for negative, a, b in sorted(_scored(old, new, olds, news)):
        if a not in found and b in free:
            found[a] = (b, -negative)
            free.discard(b)
    return found


def _scored(
    old: Sequence[Clause], new: Sequence[Clause], olds: list[int], news: list[int]
) -> Iterator[tuple[float, int, int]]:
    """Likeness below zero (to sort by), old index, new index; for each old clause at most the best few."""
    from rapidfuzz import fuzz, process

    words = [_words(new[index]) for index in news]
    for index in olds:
        likest = process.extract(
            _words(old[index]), words, scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS, limit=_CANDIDATES
        )
        for _, likeness, column in likest:
            yield -likeness, index, news[column]


def _words(clause: Clause) -> str:
    folded = fold(clause.text)
    marker = marker_at(folded, 0, len(folded))
    return "".join(folded[marker.end if marker else 0 :].split())


def _out_of_order(pairs: Pairs) -> set[int]:
    """Old indexes outside the longest run that keeps its order in both versions."""
    ordered = sorted(pairs)
    tails: list[int] = []
    at: list[int] = []
    before: dict[int, int | None] = {}
    for index in ordered:
        place = bisect_left(tails, pairs[index][0])
        tails[place:] = [pairs[index][0], *tails[place + 1 :]]
        before[index] = at[place - 1] if place else None
        at[place:] = [index, *at[place + 1 :]]
    kept = set()
    step = at[-1] if at else None
    while step is not None:
        kept.add(step)
        step = before[step]
    return set(ordered) - kept


def _change(old: Sequence[Clause], new: Sequence[Clause], a: int, b: int, likeness: float, moved: bool) -> ClauseChange:
    if old[a].key.partition("-")[0] != new[b].key.partition("-")[0]:
        return ClauseChange(ChangeKind.CHANGED, a, b, round(likeness, 1))
    return ClauseChange(ChangeKind.MOVED if moved else ChangeKind.SAME, a, b, 100.0)


def _reading_order(pairs: Pairs) -> Callable[[ClauseChange], tuple[int, int, int]]:
    """Sort key: new clauses by their place; a removed one right after the new place of the clause before it."""
    anchors: dict[int, int] = {}
    last = -1
    for index in range(max(pairs, default=-1) + 1):
        last = pairs[index][0] if index in pairs else last
        anchors[index] = last

    def key(change: ClauseChange) -> tuple[int, int, int]:
        if change.new is not None:
            return (change.new, 0, 0)
        old = -1 if change.old is None else change.old
        return (anchors.get(old, last), 1, old)

    return key
