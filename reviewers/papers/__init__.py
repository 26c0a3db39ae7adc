"""The papers people take away: one module a paper, each a pure function of the case file and what prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model import CaseFile, Document
from engine.standards import Standards
from reviewers.roster import Profile


@dataclass(frozen=True, slots=True)
class Dossier:
    """What papers are made from. `trail_head` is the digest of the newest event, printed on every paper.

    `documents` are the versions' texts by number, as far as they still read as they were filed.
    """

    file: CaseFile
    profile: Profile
    standards: Standards
    trail_head: str
    documents: Mapping[int, Document] = field(default_factory=dict)

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
    from reviewers.papers import adoption_table, cover, findings_list, opinion_letter, redline, review_form

    papers: dict[str, bytes] = {}
    papers.update(findings_list.papers(dossier))
    papers.update(review_form.papers(dossier))
    papers.update(opinion_letter.papers(dossier))
    papers.update(redline.papers(dossier))
    papers.update(adoption_table.papers(dossier))
    return {**cover.papers(dossier, tuple(papers)), **papers}
