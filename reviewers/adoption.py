"""What became of each opinion, read off the redline, beside what the drafting unit says became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.documents import ChangeKind
from engine.gate import is_adopted, is_settled, last_adoption, last_settlement
from engine.model import Adoption, CaseFile, Clause, Document, Opinion, Settlement
from reviewers.opinions import has_suggestion
from reviewers.versions import ComparedClause, compare, label, version_of


class Seen(StrEnum):
    """What the redline shows of an opinion."""

    NOT_YET_REVISED = "not_yet_revised"
    UNCHANGED = "unchanged"
    AS_SUGGESTED = "as_suggested"
    CHANGED = "changed"
    REMOVED = "removed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class AdoptionRow:
    """One opinion: the clause it was given on, what stands there now, the answer, and whether it still blocks."""

    opinion: Opinion
    seen: Seen
    before: str
    now: str
    answer: Adoption | None
    settlement: Settlement | None
    blocks: bool


def adoption_rows(file: CaseFile, documents: Mapping[int, Document]) -> tuple[AdoptionRow, ...]:
    """The opinions of the case in the order given; minority views are not answered and are left out.

    `documents` are the versions by number; where one is missing the row says that nothing was compared.
    """
    present = file.case.version
    pairs = {
        number: compare(documents[number], documents[present])
        for number in {opinion.version for opinion in file.opinions}
        if number != present and {number, present} <= documents.keys()
    }
    return tuple(_row(file, documents, pairs, opinion) for opinion in file.opinions if not opinion.dissent)


def _row(
    file: CaseFile,
    documents: Mapping[int, Document],
    pairs: Mapping[int, Sequence[ComparedClause]],
    opinion: Opinion,
) -> AdoptionRow:
    seen, now = _seen(file, documents, pairs, opinion)
    settled = is_settled(file, opinion) or is_adopted(file, opinion, version_of(file, file.case.version))
    return AdoptionRow(
        opinion=opinion,
        seen=seen,
        before=_text_of(documents.get(opinion.version), opinion),
        now=now,
        answer=last_adoption(file, opinion),
        settlement=last_settlement(file, opinion),
        blocks=opinion.blocking and not settled,
    )


def _seen(
    file: CaseFile,
    documents: Mapping[int, Document],
    pairs: Mapping[int, Sequence[ComparedClause]],
    opinion: Opinion,
) -> tuple[Seen, str]:
    if opinion.version == file.case.version:
        return Seen.NOT_YET_REVISED, ""
    compared = pairs.get(opinion.version)
    if compared is None:
        return Seen.UNREADABLE, ""
    clause, unchanged = _present(compared, opinion)
    if unchanged:
        return Seen.UNCHANGED, clause.text if clause else ""
    if has_suggestion(documents[file.case.version], opinion):
        return Seen.AS_SUGGESTED, clause.text if clause else opinion.suggestion
    if clause is None and opinion.clause_key:
        return Seen.REMOVED, ""
    return Seen.CHANGED, clause.text if clause else ""


def _present(compared: Sequence[ComparedClause], opinion: Opinion) -> tuple[Clause | None, bool]:
    """What stands now where the opinion was given, and whether it is unchanged.

    A clause rewritten past likeness counts as removed; what was added under its number stands in its place.
    """
    if not opinion.clause_key:
        return None, all(c.change in (ChangeKind.SAME, ChangeKind.MOVED) for c in compared)
    own = next((c for c in compared if c.old and c.old.key == opinion.clause_key), None)
    if own is not None and own.new is not None:
        return own.new, own.change is not ChangeKind.CHANGED
    added = (c.new for c in compared if c.change is ChangeKind.ADDED and c.new and label(c.new) == opinion.clause)
    return next(added, None), False


def _text_of(document: Document | None, opinion: Opinion) -> str:
    clauses = document.clauses if document else ()
    return next((clause.text for clause in clauses if clause.key == opinion.clause_key), "")
