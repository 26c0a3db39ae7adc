"""How this locality does things (practice.toml): names to print, days, materials, forms. Read by `reviewers.roster`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.model import DraftKind, Trigger
from reviewers.tables import Table

MATERIALS = ("drafting_note", "legal_basis", "other")
"""The kinds of material a packet may hold besides the draft."""


@dataclass(frozen=True, slots=True)
class LocalDays:
    """How many working days this locality gives one element of the process, and on what footing."""

    element: str
    days: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Practice:
    """Local practice: names to print, reviewers and working days by element, the packet, form titles.

    `required_materials` maps the kind of a material to its Chinese name; with `require_signatures` a decision is not
    taken without its officer's signature; with `third_party_for_own_drafts` the regulator's own drafts are evaluated
    by a third party. `routing` maps the departments of the routing table to units; checkpoints are stamped by the
    authority at `timestamp_url`, if there is one. `materials_for` lists what a trigger or a kind of draft needs on top;
    `overlay` names the local rules beside the profile's files.
    """

    locality: str
    government: str
    government_office: str
    case_prefix: str
    dual_review_for_all: bool
    minimum_hearings: int
    hearing_kinds: tuple[str, ...]
    reviewers: Mapping[str, int]
    required_materials: Mapping[str, str]
    days: Mapping[str, LocalDays]
    forms: Mapping[str, str]
    require_signatures: bool = False
    timestamp_url: str = ""
    third_party_for_own_drafts: bool = False
    routing: Mapping[str, str] = field(default_factory=dict)
    materials_for: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    overlay: str = ""

    @property
    def working_days(self) -> Mapping[str, int]:
        """Working days by element of the process; an element not listed has no deadline here."""
        return {element: local.days for element, local in self.days.items()}


def read_practice(file: Table) -> Practice:
    tables = ("reviewers", "required_materials", "materials_for", "days", "forms", "routing")
    file.only("practice", *tables)
    row = file.table("practice")
    row.only(*(name for name in Practice.__dataclass_fields__ if name not in tables))
    return Practice(
        locality=row.text("locality"),
        government=row.text("government"),
        government_office=row.text("government_office"),
        case_prefix=row.text("case_prefix"),
        dual_review_for_all=row.flag("dual_review_for_all"),
        minimum_hearings=row.count("minimum_hearings"),
        hearing_kinds=row.texts("hearing_kinds"),
        reviewers=file.table("reviewers").all_counts(),
        required_materials=file.table("required_materials").all_texts(),
        days=_local_days(file),
        forms=file.table("forms").all_texts(),
        require_signatures=row.flag("require_signatures", False),
        timestamp_url=row.text("timestamp_url", ""),
        third_party_for_own_drafts=row.flag("third_party_for_own_drafts", False),
        routing=file.table("routing").all_texts() if "routing" in file.values else {},
        materials_for=_materials_for(file),
        overlay=row.text("overlay", ""),
    )


def _materials_for(file: Table) -> Mapping[str, Mapping[str, str]]:
    """What each trigger or kind needs besides; raises StandardsError for a word that is neither, or no material."""
    if "materials_for" not in file.values:
        return {}
    listed = file.table("materials_for")
    listed.only(*Trigger, *DraftKind)
    for word in listed.values:
        listed.table(word).only(*MATERIALS)
    return {word: listed.table(word).all_texts() for word in listed.values}


def _local_days(file: Table) -> Mapping[str, LocalDays]:
    days: dict[str, LocalDays] = {}
    for row in file.tables("days"):
        row.only("element", "days", "anchor")
        local = LocalDays(row.text("element"), row.count("days"), row.text("anchor"))
        row.new_id(local.element, days, key="element")
        days[local.element] = local
    return MappingProxyType(days)
