"""The papers people take away: one module a paper, each a pure function of the case file and what prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.calendar import WorkCalendar
from engine.model import CaseFile, Document
from engine.process import Bundle
from engine.standards import Standards
from reviewers.roster import Profile


@dataclass(frozen=True, slots=True)
class Dossier:
    """What papers are made from. `trail_head` is the digest of the newest event, printed on every paper.

    `documents` are the versions' texts by number, as far as they still read as they were filed; `events` are the case's
    own, oldest first; `bundle` is the process version it runs by.
    """

    file: CaseFile
    profile: Profile
    standards: Standards
    trail_head: str
    documents: Mapping[int, Document] = field(default_factory=dict)
    events: tuple[Mapping[str, Any], ...] = ()
    bundle: Bundle | None = None
    calendar: WorkCalendar | None = None

    @property
    def subject(self) -> str:
        """The case as a paper names it in its first line."""
        return f"《{self.file.case.title}》，案件编号 {self.file.case.id}"

    def officer_name(self, officer_id: str) -> str:
        """The officer's name, the id when the roster no longer lists him."""
        officer = self.profile.officers.get(officer_id)
        return officer.name if officer else officer_id

    def unit_name(self, unit_id: str) -> str:
        """The unit's full name, the id when the roster no longer lists it."""
        unit = self.profile.units.get(unit_id)
        return unit.full_name if unit else unit_id


def all_papers(dossier: Dossier) -> Mapping[str, bytes]:
    """Every paper of the dossier by file name, in the order of its table of contents."""
    from reviewers.papers import (
        adoption_table,
        basis,
        cover,
        findings_list,
        hearings,
        opinion_letter,
        people,
        redline,
        review_form,
        timeline,
        way,
    )

    papers: dict[str, bytes] = {}
    for module in (findings_list, review_form, hearings, opinion_letter, redline, adoption_table):
        papers.update(module.papers(dossier))
    for module in (timeline, people, way, basis):
        papers.update(module.papers(dossier))
    return {**cover.papers(dossier, tuple(papers)), **papers}
