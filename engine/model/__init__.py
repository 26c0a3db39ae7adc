"""The frozen records every room speaks in. No behaviour beyond what a record can say about itself.

Offsets are code points, half-open, into `Document.text`. Days end in `_on` (date), instants in `_at` (aware UTC).
Enum values are the words stored in the database, used in BPMN and printed in JSON: one word everywhere.
Names are loaded on first use, so that reading a queue does not build every record class.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model.cases import Case, CaseFile, Reason, Record, Verdict
    from engine.model.documents import Clause, ClauseKind, Document
    from engine.model.filings import (
        Acceptance,
        Answer,
        Basis,
        Conclusion,
        Consultation,
        Correction,
        Disposition,
        ExceptionClaim,
        Hearing,
        Material,
        Redo,
        Rejection,
        Review,
        ScopeDecision,
        Version,
    )
    from engine.model.findings import Considered, Finding, Level, Screening
    from engine.model.matters import (
        Complaint,
        ComplaintAct,
        ComplaintStep,
        LedgerClosure,
        LedgerEntry,
        LedgerProgress,
        Matter,
        MatterFile,
        MatterKind,
        MatterRecord,
        ProcessPublication,
        SampleCommitment,
        SampleDraw,
    )
    from engine.model.opinions import Adoption, EffectCheck, Opinion, Reopening, Settlement
    from engine.model.people import Officer, Role, Turn
    from engine.model.terms import (
        Adopted,
        AnswerValue,
        BasisRank,
        DraftKind,
        Gate,
        Outcome,
        Route,
        Ruling,
        Treatment,
        Trigger,
    )

__all__ = [
    "Acceptance",
    "Adopted",
    "Adoption",
    "Answer",
    "AnswerValue",
    "Basis",
    "BasisRank",
    "Case",
    "CaseFile",
    "Clause",
    "ClauseKind",
    "Complaint",
    "ComplaintAct",
    "ComplaintStep",
    "Conclusion",
    "Considered",
    "Consultation",
    "Correction",
    "Disposition",
    "Document",
    "DraftKind",
    "EffectCheck",
    "ExceptionClaim",
    "Finding",
    "Gate",
    "Hearing",
    "LedgerClosure",
    "LedgerEntry",
    "LedgerProgress",
    "Level",
    "Material",
    "Matter",
    "MatterFile",
    "MatterKind",
    "MatterRecord",
    "Officer",
    "Opinion",
    "Outcome",
    "ProcessPublication",
    "Reason",
    "Record",
    "Redo",
    "Rejection",
    "Reopening",
    "Review",
    "Role",
    "Route",
    "Ruling",
    "SampleCommitment",
    "SampleDraw",
    "ScopeDecision",
    "Screening",
    "Settlement",
    "Treatment",
    "Trigger",
    "Turn",
    "Verdict",
    "Version",
]

_HOMES = {
    "Acceptance": "filings",
    "Adopted": "terms",
    "Adoption": "opinions",
    "Answer": "filings",
    "AnswerValue": "terms",
    "Basis": "filings",
    "BasisRank": "terms",
    "Case": "cases",
    "CaseFile": "cases",
    "Clause": "documents",
    "ClauseKind": "documents",
    "Complaint": "matters",
    "ComplaintAct": "matters",
    "ComplaintStep": "matters",
    "Conclusion": "filings",
    "Considered": "findings",
    "Consultation": "filings",
    "Correction": "filings",
    "Disposition": "filings",
    "Document": "documents",
    "DraftKind": "terms",
    "EffectCheck": "opinions",
    "ExceptionClaim": "filings",
    "Finding": "findings",
    "Gate": "terms",
    "Hearing": "filings",
    "LedgerClosure": "matters",
    "LedgerEntry": "matters",
    "LedgerProgress": "matters",
    "Level": "findings",
    "Material": "filings",
    "Matter": "matters",
    "MatterFile": "matters",
    "MatterKind": "matters",
    "MatterRecord": "matters",
    "Officer": "people",
    "Opinion": "opinions",
    "Outcome": "terms",
    "ProcessPublication": "matters",
    "Reason": "cases",
    "Record": "cases",
    "Redo": "filings",
    "Rejection": "filings",
    "Reopening": "opinions",
    "Review": "filings",
    "Role": "people",
    "Route": "terms",
    "Ruling": "terms",
    "SampleCommitment": "matters",
    "SampleDraw": "matters",
    "ScopeDecision": "filings",
    "Screening": "findings",
    "Settlement": "opinions",
    "Treatment": "terms",
    "Trigger": "terms",
    "Turn": "people",
    "Verdict": "cases",
    "Version": "filings",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
