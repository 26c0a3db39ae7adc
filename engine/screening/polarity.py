"""Which words of a statement are not ordered but forbidden, cured, quoted, asked about or defined.

The question is who is bound, to what (addressee, operator, content), never whether a negator occurs. Every span that is
let go carries its reason, so that a reviewer can check the reading first. Called by `engine.screening.verdict` before
any rule or score may speak.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.patterns import pattern_of
from engine.screening import stance
from engine.screening.clearing import Clearing
from engine.screening.containers import contained, quotations
from engine.screening.cures import cleanups, waivers, withdrawals
from engine.screening.equality import competitions, equalities, equivalents
from engine.screening.prohibition import BAN, prohibitions
from engine.screening.reading import Statement
from engine.screening.rejected import rejections
from engine.screening.stance import Stance
from engine.screening.stated import STATED, states

_DUTIES = pattern_of(r"(?:应当?|须|必须|需|按照?)[^,。]{0,12}(?:下列|以下|如下)")


@dataclass(frozen=True, slots=True)
class Polarity:
    """What was let go in a statement. `whole` is the reason when the whole statement is let go."""

    cleared: tuple[Clearing, ...] = ()
    whole: str = ""

    def asserts(self, start: int, end: int) -> bool:
        """The span stands as an order: no clearing covers its middle."""
        middle = (start + end) // 2
        return not self.whole and not any(gone.start <= middle < gone.end for gone in self.cleared)

    def reason(self, start: int, end: int) -> str:
        """Why the span is let go, or nothing."""
        middle = (start + end) // 2
        return self.whole or next((gone.reason for gone in self.cleared if gone.start <= middle < gone.end), "")


def read_polarity(said: Statement, reached: Sequence[Clearing] = ()) -> Polarity:
    """What a statement does not order, with the reasons; `reached` is what sentences before it take away."""
    words = said.text
    taken = (gone.reason for gone in reached if gone.start == 0 and gone.end == len(words))
    if whole := _governed(said) or contained(said) or next(taken, "") or (STATED if _stated(said) else ""):
        return Polarity(whole=whole)
    spans = [
        *reached,
        *_restoring(words),
        *prohibitions(words, said),
        *cleanups(words),
        *withdrawals(words),
        *quotations(words),
        *rejections(words),
        *waivers(words),
        *equalities(words),
        *equivalents(words),
        *competitions(words),
        *_inner_lead(words, said),
    ]
    return Polarity(cleared=tuple(sorted(set(spans), key=lambda gone: (gone.start, gone.end, gone.reason))))


def _stated(said: Statement) -> bool:
    """A sentence of its own that states what is; items and rows are read with what stands above them."""
    return not said.leads and not said.header and states(said.text)


def residual(words: str, polarity: Polarity) -> str:
    """The words that still stand as orders; cleared stretches leave nothing behind."""
    if polarity.whole:
        return ""
    kept, place = [], 0
    for gone in _merged(polarity.cleared):
        kept.append(words[place : gone[0]])
        place = max(place, gone[1])
    kept.append(words[place:])
    return "".join(kept)


def _merged(cleared: Iterable[Clearing]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for gone in cleared:
        if merged and gone.start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], gone.end))
        else:
            merged.append((gone.start, gone.end))
    return merged


def _governed(said: Statement) -> str:
    """The reason a stem, its tail or a title above takes the whole statement away."""
    for lead in reversed(said.leads):
        taken = stance.of_lead(lead, said.tail)
        if taken is Stance.OPEN and not BAN.search(lead) and not stance.orders(lead):
            taken = stance.of_heading(lead)
        if taken is not Stance.OPEN:
            return stance.REASONS[taken]
    if any(_DUTIES.search(lead) for lead in said.leads):
        return ""
    for heading in said.headings[:2]:
        if (taken := stance.of_heading(heading, said.text)) is not Stance.OPEN:
            return stance.REASONS[taken]
    return ""


def _restoring(words: str) -> Iterator[Clearing]:
    """不得拒绝执行下列要求: orders what follows; the stem itself is no part of the order."""
    if end := stance.restored(words):
        yield Clearing(0, end, "双重否定的导语，所列内容仍须执行")


def _inner_lead(words: str, said: Statement) -> Iterator[Clearing]:
    """A lead-in and its list inside one sentence (不得有下列行为:甲、乙)."""
    place = words.find(":")
    if not 3 < place < 120 or place > len(words) - 4:
        return
    taken = stance.of_lead(words[: place + 1], words[place + 1 :] + said.tail)
    if taken is not Stance.OPEN:
        yield Clearing(0, len(words), stance.REASONS[taken])
