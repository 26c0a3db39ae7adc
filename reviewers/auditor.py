"""What an auditor takes away: the dossier of one case, whole or redacted, and that he took it."""

from __future__ import annotations

import secrets
from pathlib import Path

from engine.store import Bundle, Receipt
from engine.store.bundle import require_free, write_out
from engine.store.redacted import commit
from engine.trail.redaction import COMMITTED
from reviewers import policy
from reviewers.departments import departments_waited_for
from reviewers.dossiers import dossier_of, redacted_volume, volume
from reviewers.office import Acting, Office, act


@act("export")
def record_export(acting: Acting) -> Receipt:
    """The trail says who exported the case; raises Refused when he may not read it."""
    _may_read(acting)
    return acting.note({})


@act("export")
def record_redacted_export(acting: Acting) -> Receipt:
    """The trail says who took the case out redacted, and holds the digest of the table of fields he took.

    The salts that open single fields later are kept among the case's contents. Raises Refused when he may not read it.
    """
    _may_read(acting)
    table, salts = commit(acting.work, acting.case.id, secrets.token_bytes(32))
    return acting.note({COMMITTED: table}, contents=[salts])


def export_case(office: Office, case_id: str, database: Path, out: Path) -> Bundle:
    """The dossier of the case lies at `out` (a folder, or a zip if the name ends so) and can be verified without us.

    Raises Conflict when `out` exists, Refused when the officer may not read the case.
    """
    require_free(out)
    receipt = record_export(office, case_id)
    return write_out(volume(dossier_of(office, case_id, receipt.event_hash), database), out)


def export_redacted(office: Office, case_id: str, database: Path, out: Path) -> Bundle:
    """The redacted dossier of the case lies at `out`: every event in its place, no word that is not public.

    Raises as `export_case`.
    """
    require_free(out)
    receipt = record_redacted_export(office, case_id)
    return write_out(redacted_volume(office, case_id, receipt, database), out)


def _may_read(acting: Acting) -> None:
    profile = acting.office.profile
    asked = departments_waited_for(acting.work.open_turns(acting.case.id), profile)
    policy.may_read(acting.office.officer, acting.case, profile, asked)
