"""Sample drafts for the demonstration, with what a careful reader finds in them and the forms already filled.

Places and firms are invented. Called by `make demo` and by the tests of the screening.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from engine.model import Consultation, DraftKind, Hearing, Trigger
from reviewers.tables import Table

SAMPLES = Path(__file__).parent
INDEX = "samples.toml"


@dataclass(frozen=True, slots=True)
class Situation:
    """A clause a careful reader finds: its words in the draft, the checklist items it hits, and why."""

    quote: str
    items: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One draft with its packet. `source` is the plain text a docx was made from, `revision_of` the draft it mends."""

    id: str
    draft: Path
    source: Path
    drafting_note: Path
    title: str
    trigger: Trigger
    kind: DraftKind
    unit: str
    expected: tuple[Situation, ...]
    consultation: Consultation
    revision_of: str = ""


def load_samples() -> dict[str, Sample]:
    """The bundled samples by id, in the order of the index."""
    file = Table(INDEX, "", tomllib.loads((SAMPLES / INDEX).read_text(encoding="utf-8")))
    return {sample.id: sample for sample in map(_sample, file.tables("samples"))}


def _sample(row: Table) -> Sample:
    return Sample(
        id=row.text("id"),
        draft=SAMPLES / row.text("file"),
        source=SAMPLES / row.text("source", row.text("file")),
        drafting_note=SAMPLES / row.text("drafting_note"),
        title=row.text("title"),
        trigger=row.member("trigger", row.text("trigger"), Trigger),
        kind=row.member("kind", row.text("kind"), DraftKind),
        unit=row.text("unit"),
        expected=tuple(_situation(each) for each in row.tables("expected", required=False)),
        consultation=_consultation(row.table("consultation")),
        revision_of=row.text("revision_of", ""),
    )


def _situation(row: Table) -> Situation:
    return Situation(row.text("quote"), row.texts("items"), row.text("why"))


def _consultation(row: Table) -> Consultation:
    return Consultation(
        hearings=tuple(_hearing(each) for each in row.tables("hearings")),
        public_interest=row.flag("public_interest"),
        public_reason=row.text("public_reason", ""),
        confidential_reason=row.text("confidential_reason", ""),
    )


def _hearing(row: Table) -> Hearing:
    return Hearing(row.text("name"), row.text("kind"), row.day("heard_on"), row.text("opinion"), row.text("adopted"))
