"""Reads the law files and refuses whatever does not hold together. Called only by `engine.standards`.

A wrong law file must stop the program, not colour a conclusion: every refusal names the file, the key and what is
allowed there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.errors import StandardsError
from engine.model import BasisRank
from engine.standards.items import (
    ExceptionMode,
    Group,
    Instrument,
    Item,
    Provision,
    Series,
    Severity,
    Standards,
    Verified,
)
from engine.standards.tables import Table, parse_toml

INSTRUMENTS_FILE = "instruments.toml"
ITEM_FILES = {
    "regulation.toml": Series.REGULATION,
    "measures.toml": Series.MEASURES,
    "bidding.toml": Series.BIDDING,
    "procedure.toml": Series.PROCEDURE,
}
INSTRUMENT_NEEDS = frozenset(
    [
        "title",
        "title_en",
        "number",
        "issuer",
        "rank",
        "promulgated_on",
        "effective_from",
        "source",
        "checked_on",
        "verified",
    ]
)
INSTRUMENT_KEYS = INSTRUMENT_NEEDS | {"repealed_on", "articles", "note"}
ITEM_NEEDS = frozenset({"text", "text_en"})
ITEM_KEYS = ITEM_NEEDS | frozenset(
    ["group", "severity", "exception_mode", "basis_switch", "clue_words", "parent", "related", "valid_from", "valid_to"]
)
GATE_NEEDS = ITEM_NEEDS | {"anchors", "blocks"}
GATE_KEYS = GATE_NEEDS | {"valid_from", "valid_to"}
ANCHOR_NEEDS = frozenset({"instrument", "article"})
ANCHOR_KEYS = ANCHOR_NEEDS | {"paragraph", "item"}
NUMBERED_ID = re.compile(r"[RMB]([1-9]\d?)(?:-([1-9]\d?))?\Z")
GATE_ID = re.compile(r"P-\d\d\Z")


def read_standards(directory: Path) -> Standards:
    """The law in the five files of `directory`; StandardsError when they do not hold together."""
    raw = {name: _read(directory / name) for name in (INSTRUMENTS_FILE, *ITEM_FILES)}
    instruments = _instruments(parse_toml(INSTRUMENTS_FILE, raw[INSTRUMENTS_FILE], directory))
    items: dict[str, Item] = {}
    for filename, series in ITEM_FILES.items():
        for item in _items(filename, series, parse_toml(filename, raw[filename], directory), instruments):
            items[item.id] = item
    _check_links(items)
    return Standards(MappingProxyType(instruments), MappingProxyType(items), _digest(raw))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StandardsError(f"读不到法规数据文件“{path}”。", "请检查安装是否完整。") from error


def _digest(raw: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name in sorted(raw):
        whole.update(f"{name} {len(raw[name])}\n".encode())
        whole.update(raw[name])
    return whole.hexdigest()


def _instruments(tables: Mapping[str, Any]) -> dict[str, Instrument]:
    return {name: _instrument(name, values) for name, values in tables.items()}


def _instrument(name: str, values: object) -> Instrument:
    table = Table(INSTRUMENTS_FILE, name, values, INSTRUMENT_KEYS)
    table.require(INSTRUMENT_NEEDS)
    instrument = Instrument(
        id=name,
        title=table.chinese("title"),
        title_en=table.english("title_en"),
        number=table.chinese("number"),
        issuer=table.chinese("issuer"),
        rank=table.word("rank", BasisRank),
        promulgated_on=table.needed_day("promulgated_on"),
        effective_from=table.needed_day("effective_from"),
        source=table.get("source", str, ""),
        checked_on=table.needed_day("checked_on"),
        verified=table.word("verified", Verified),
        repealed_on=table.day("repealed_on"),
        articles=table.get("articles", int, 0),
        note=table.get("note", str, ""),
    )
    if instrument.effective_from < instrument.promulgated_on:
        raise table.refuse("effective_from", "早于公布日期")
    if instrument.repealed_on and instrument.repealed_on < instrument.effective_from:
        raise table.refuse("repealed_on", "早于施行日期")
    return instrument


def _items(
    filename: str, series: Series, tables: Mapping[str, Any], instruments: Mapping[str, Instrument]
) -> list[Item]:
    if series is Series.PROCEDURE:
        return [_gate(filename, name, values, instruments) for name, values in tables.items()]
    head = Table(filename, "", {"instrument": tables.get("instrument", "")}, {"instrument"})
    instrument = head.get("instrument", str, "")
    if instrument not in instruments:
        raise head.refuse("instrument", f"指向未登记的文件“{instrument}”", f"已登记：{'、'.join(instruments)}。")
    return [
        _numbered(filename, series, name, values, instruments[instrument])
        for name, values in tables.items()
        if name != "instrument"
    ]


def _numbered(filename: str, series: Series, name: str, values: object, instrument: Instrument) -> Item:
    table = Table(filename, name, values, ITEM_KEYS)
    table.require(ITEM_NEEDS)
    numbers = NUMBERED_ID.match(name)
    if numbers is None or name[0] != series:
        raise StandardsError(f"{table.place}：编号不合规则。", f"本文件的编号形如 {series}9-3（条、项）。")
    provision = Provision(instrument.id, int(numbers[1]), item=int(numbers[2] or 0))
    _check_article(table, provision, instrument)
    return _dated(
        table,
        Item(
            id=name,
            provisions=(provision,),
            text=table.chinese("text"),
            text_en=table.english("text_en"),
            group=table.word("group", Group),
            severity=table.word("severity", Severity),
            exception_mode=table.word("exception_mode", ExceptionMode),
            basis_switch=_basis_switch(table),
            valid_from=instrument.effective_from,
            parent=_parent(table, series),
            related=table.strings("related"),
            clue_words=table.strings("clue_words"),
        ),
    )


def _basis_switch(table: Table) -> bool:
    switch = table.get("basis_switch", bool, False)
    if switch and table.values.get("group") != Group.OPERATING_COST:
        raise table.refuse("basis_switch", "只能用于影响生产经营成本的标准", "见《公平竞争审查条例》第十条。")
    return switch


def _parent(table: Table, series: Series) -> str:
    parent = table.get("parent", str, "")
    free = series is Series.REGULATION or table.values.get("group") == Group.ALL_GROUPS
    if free and parent:
        raise table.refuse("parent", f"不应填写“{parent}”", "条例各项和总兜底项没有上级。")
    if not free and not parent:
        raise StandardsError(f"{table.place}：缺少键“parent”。", "填写它所细化的条例项，如 R9-3。")
    return parent


def _gate(filename: str, name: str, values: object, instruments: Mapping[str, Instrument]) -> Item:
    table = Table(filename, name, values, GATE_KEYS)
    table.require(GATE_NEEDS)
    if not GATE_ID.match(name):
        raise StandardsError(f"{table.place}：编号不合规则。", "本文件的编号形如 P-04。")
    anchors = table.get("anchors", list, [])
    provisions = tuple(_anchor(filename, name, anchor, instruments) for anchor in anchors)
    if not provisions:
        raise table.refuse("anchors", "没有列出任何条款")
    return _dated(
        table,
        Item(
            id=name,
            provisions=provisions,
            text=table.chinese("text"),
            text_en=table.english("text_en"),
            group=Group.PROCEDURE,
            severity=Severity.BAN,
            exception_mode=ExceptionMode.NONE,
            basis_switch=False,
            valid_from=min(instruments[provision.instrument].effective_from for provision in provisions),
            blocks=table.get("blocks", str, ""),
        ),
    )


def _anchor(filename: str, name: str, values: object, instruments: Mapping[str, Instrument]) -> Provision:
    table = Table(filename, f"{name}.anchors", values, ANCHOR_KEYS)
    table.require(ANCHOR_NEEDS)
    cited = table.get("instrument", str, "")
    if cited not in instruments:
        raise table.refuse("instrument", f"指向未登记的文件“{cited}”", f"已登记：{'、'.join(instruments)}。")
    provision = Provision(
        cited, table.get("article", int, 0), table.get("paragraph", int, 0), table.get("item", int, 0)
    )
    _check_article(table, provision, instruments[cited])
    return provision


def _check_article(table: Table, provision: Provision, instrument: Instrument) -> None:
    if provision.article < 1 or min(provision.paragraph, provision.item) < 0:
        raise table.refuse("article", f"的值“{provision.article}”不是条款序号")
    if instrument.articles and provision.article > instrument.articles:
        raise StandardsError(
            f"{table.place}：《{instrument.title}》没有第{provision.article}条。", f"全文共{instrument.articles}条。"
        )


def _dated(table: Table, item: Item) -> Item:
    dated = replace(item, valid_from=table.day("valid_from") or item.valid_from, valid_to=table.day("valid_to"))
    if dated.valid_to and dated.valid_to < dated.valid_from:
        raise table.refuse("valid_to", f"的值 {dated.valid_to} 早于起始日 {dated.valid_from}")
    return dated


def _check_links(items: Mapping[str, Item]) -> None:
    for item in items.values():
        for linked in (item.parent, *item.related):
            if linked and linked not in items:
                raise StandardsError(f"{_file_of(item)} 的 {item.id}：指向不存在的编号“{linked}”。")
        _check_ancestry(item, items)


def _check_ancestry(item: Item, items: Mapping[str, Item]) -> None:
    seen = [item.id]
    while parent := items[seen[-1]].parent:
        if parent in seen:
            raise StandardsError(f"{_file_of(item)} 的 {item.id}：上级关系成环（{'→'.join([*seen, parent])}）。")
        if parent not in items:
            return
        seen.append(parent)


def _file_of(item: Item) -> str:
    return next(filename for filename, series in ITEM_FILES.items() if series is item.series)
