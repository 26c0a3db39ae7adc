"""What a changed rule pack would make of drafts already on record: newly flagged, cleared, raised or lowered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.model import Finding, Screening


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence of a stored draft on which two packs differ; `before` or `now` is empty where nothing is told."""

    case: str
    version: int
    clause: str
    text: str
    before: str
    now: str


def changes(case: str, version: int, before: Screening, now: Screening) -> Iterator[Change]:
    """Where the two screenings of one text differ in what is reported or how gravely, in reading order."""
    old, new = _by_place(before), _by_place(now)
    for place in sorted(old.keys() | new.keys()):
        was, is_now = old.get(place), new.get(place)
        finding = is_now or was
        levels = (str(was.level) if was else "", str(is_now.level) if is_now else "")
        if finding is not None and levels[0] != levels[1]:
            yield Change(case, version, finding.clause, finding.text, *levels)


def _by_place(screening: Screening) -> Mapping[tuple[int, int], Finding]:
    """The gravest finding at each place of the text."""
    found: dict[tuple[int, int], Finding] = {}
    for finding in screening.findings:
        place = (finding.start, finding.end)
        if place not in found or finding.level == "block":
            found[place] = finding
    return found
