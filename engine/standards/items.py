"""The law as the other rooms see it: instruments, items and the answers about them, all frozen.

Built only by `engine.standards.loading`; read by screening, the gate, the checklists and the papers, which cite an
item by its id ("M15-3") and never write an article number of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from engine.errors import StandardsError
from engine.model import BasisRank


class Verified(StrEnum):
    """How far the entry was compared with the published text: wholly, in part, or written from memory."""

    FULL = "full"
    PARTIAL = "partial"
    MEMORY = "memory"


class Series(StrEnum):
    """Which list an item belongs to: the first letter of its id."""

    REGULATION = "R"
    MEASURES = "M"
    BIDDING = "B"
    PROCEDURE = "P"


class Group(StrEnum):
    """The four groups of standards, the catch-all over them, the bidding rules and the procedure."""

    MARKET_ENTRY_EXIT = "market_entry_exit"
    FREE_FLOW = "free_flow"
    OPERATING_COST = "operating_cost"
    OPERATING_CONDUCT = "operating_conduct"
    ALL_GROUPS = "all_groups"
    BIDDING = "bidding"
    PROCEDURE = "procedure"


class Severity(StrEnum):
    """P: an explicit ban; J: turns on need, objectivity or a basis, so reasons are wanted; C: catch-all.

    Sorts and routes; never lets a hit through.
    """

    BAN = "P"
    JUDGEMENT = "J"
    CATCH_ALL = "C"


class ExceptionMode(StrEnum):
    """Whether the exception may be argued for an item.

    `limited`: the item contains unlawfulness under another law, so the exception alone does not cure it. `none`: a
    procedure gate. A product reading; the statute does not sort its items this way. Source: Regulation art. 12.
    """

    ALLOWED = "allowed"
    LIMITED = "limited"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Instrument:
    """A legal text that can be cited. `repealed_on` is the first day it no longer applies, absent while in force.

    `articles` is the number of its articles, 0 where not known; `checked_on` the last day a person looked.
    """

    id: str
    title: str
    title_en: str
    number: str
    issuer: str
    rank: BasisRank
    promulgated_on: date
    effective_from: date
    source: str
    checked_on: date
    verified: Verified
    repealed_on: date | None = None
    articles: int = 0
    note: str = ""

    def applies(self, on: date) -> bool:
        return self.effective_from <= on and (self.repealed_on is None or on < self.repealed_on)


@dataclass(frozen=True, slots=True)
class Provision:
    """A place in an instrument: 条, 款, 项. Paragraph and item are 0 when the whole article is meant."""

    instrument: str
    article: int
    paragraph: int = 0
    item: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a draft must not contain, or one gate it must pass. `valid_to` is its last day.

    `parent` is the Regulation item it spells out; `related` are items of other lists on the same subject; `blocks` is
    the step a procedure gate holds up, empty elsewhere.
    """

    id: str
    provisions: tuple[Provision, ...]
    text: str
    text_en: str
    group: Group
    severity: Severity
    exception_mode: ExceptionMode
    basis_switch: bool
    valid_from: date
    valid_to: date | None = None
    parent: str = ""
    related: tuple[str, ...] = ()
    clue_words: tuple[str, ...] = ()
    blocks: str = ""

    @property
    def series(self) -> Series:
        return Series(self.id[0])

    def applies(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Standards:
    """Instruments and items in the order of the law. `digest` is of the data files, whatever day is asked about."""

    instruments: Mapping[str, Instrument]
    items: Mapping[str, Item]
    digest: str

    def item(self, item_id: str) -> Item:
        """The item of that id; StandardsError naming the nearest ids when there is none."""
        found = self.items.get(item_id)
        if found is None:
            raise StandardsError(f"没有编号为“{item_id}”的审查标准。", _nearest(item_id, self.items))
        return found

    def citation(self, item_id: str) -> str:
        """The provisions of an item as a Chinese paper cites them: 《…实施办法》第十五条第(三)项."""
        cited: list[str] = []
        previous = ""
        for provision in self.item(item_id).provisions:
            title = "" if provision.instrument == previous else f"《{self.instruments[provision.instrument].title}》"
            cited.append(title + place(provision))
            previous = provision.instrument
        return "、".join(cited)

    def parent_of(self, item_id: str) -> Item | None:
        """The Regulation item this one spells out, or None: it has none, or the parent is not in force here."""
        return self.items.get(self.item(item_id).parent)

    def children(self, item_id: str) -> tuple[Item, ...]:
        """The items that spell out this one, in the order of the law."""
        parent = self.item(item_id).id
        return tuple(item for item in self.items.values() if item.parent == parent)

    def in_force(self, on: date) -> Standards:
        """Only what applies on that day: instruments, items, and of an item's provisions those of such instruments."""
        instruments = {name: law for name, law in self.instruments.items() if law.applies(on)}
        kept = (
            replace(item, provisions=tuple(p for p in item.provisions if p.instrument in instruments))
            for item in self.items.values()
            if item.applies(on)
        )
        items = {item.id: item for item in kept if item.provisions}
        return Standards(MappingProxyType(instruments), MappingProxyType(items), self.digest)


def place(provision: Provision) -> str:
    """第十五条第(三)项, 第二十五条第三款: a provision without its title."""
    paragraph = f"第{_numeral(provision.paragraph)}款" if provision.paragraph else ""
    item = f"第（{_numeral(provision.item)}）项" if provision.item else ""
    return f"第{_numeral(provision.article)}条{paragraph}{item}"


def _numeral(number: int) -> str:
    """Chinese numeral of 1 to 9999, as statutes count their articles."""
    written = ""
    skipped = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if not digit:
            skipped = bool(written)
            continue
        written += ("零" if skipped else "") + "零一二三四五六七八九"[digit] + name
        skipped = False
    return written.removeprefix("一") if 10 <= number < 20 else written


def _nearest(word: str, known: Iterable[str]) -> str:
    import difflib  # only a refusal needs it

    near = difflib.get_close_matches(word.upper(), list(known), n=3, cutoff=0.5)
    return f"相近的编号：{'、'.join(near)}。" if near else "编号形如 R9-3、M15-3、B6-2、P-04。"
