"""What an auditor takes away: the dossier of one case, and that he took it."""

from __future__ import annotations

from pathlib import Path

from engine.store import Bundle, Receipt, write_bundle
from reviewers import policy
from reviewers.departments import departments_waited_for
from reviewers.office import Acting, Office, act
from reviewers.papers import Dossier, all_papers
from reviewers.versions import readable_documents


@act("export")
def record_export(acting: Acting) -> Receipt:
    """The trail says who exported the case; raises Refused when he may not read it."""
    profile = acting.office.profile
    asked = departments_waited_for(acting.work.open_turns(acting.case.id), profile)
    policy.may_read(acting.office.officer, acting.case, profile, asked)
    return acting.note({})


def export_case(office: Office, case_id: str, database: Path, out: Path) -> Bundle:
    """The dossier of the case lies at `out` (a folder, or a zip if the name ends so) and can be verified without us.

    Raises Conflict when `out` exists, Refused when the officer may not read the case.
    """
    receipt = record_export(office, case_id)
    with office.store.work() as work:
        file = work.case_file(case_id)
        documents = readable_documents(work, file)
    papers = all_papers(Dossier(file, office.profile, office.standards, receipt.event_hash, documents))
    return write_bundle(database, case_id, out, {f"papers/{name}": data for name, data in papers.items()})
