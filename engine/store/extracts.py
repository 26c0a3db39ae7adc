"""Events of the whole trail as an auditor asks for them: by period, unit, officer, act, item, case. Reads only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from json import loads
from pathlib import Path
from typing import Any

from engine.store.connection import reading
from engine.store.wording import with_words

_EVENTS = """SELECT e.seq, e.hash, e.payload, COALESCE(c.title, m.title, '') AS title,
    COALESCE(c.unit, m.unit, '') AS unit
    FROM event e LEFT JOIN case_ c ON c.id = e.case_id LEFT JOIN matter m ON m.id = e.case_id
    WHERE e.seq > ? {} ORDER BY e.seq LIMIT 2000"""
_RECORDS = "SELECT kind, body FROM record WHERE event_seq = ?"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; an empty field asks for everything. `start` and `end` are UTC text, `end` not included.

    `unit` is the unit that acted or the unit whose draft it is; `officer` acted or was stood in for; `item` was
    answered 是 or 存疑, found by the machine, or claimed as an exception in what the event filed.
    """

    start: str = ""
    end: str = ""
    unit: str = ""
    officer: str = ""
    act: str = ""
    item: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """One event: its payload, its hash, and the title and drafting unit of the case or matter it is about."""

    event: Mapping[str, Any]
    hash: str
    title: str
    unit: str


def extracts(path: Path, wanted: Wanted) -> Iterator[Extract]:
    """The events asked for, oldest first, read in pages so that a long trail is not held in memory."""
    with reading(path) as connection:
        for page in _pages(connection, wanted.case):
            found = [Extract(loads(row["payload"]), row["hash"], row["title"], row["unit"]) for row in page]
            about = [each for each in found if _is_wanted(each, wanted) and _is_about(connection, each, wanted.item)]
            events = with_words(connection, [each.event for each in about])
            yield from (replace(each, event=event) for each, event in zip(about, events, strict=True))


def _pages(connection: sqlite3.Connection, case: str) -> Iterator[list[sqlite3.Row]]:
    statement, last = _EVENTS.format("AND e.case_id = ?" if case else ""), 0
    while rows := connection.execute(statement, (last, case) if case else (last,)).fetchall():
        yield rows
        last = rows[-1]["seq"]


def _is_wanted(found: Extract, wanted: Wanted) -> bool:
    event = found.event
    return (
        (not wanted.start or event["at"] >= wanted.start)
        and (not wanted.end or event["at"] < wanted.end)
        and (not wanted.act or event["act"] == wanted.act)
        and (not wanted.unit or wanted.unit in (event["unit"], found.unit))
        and (not wanted.officer or wanted.officer in (event["actor"], event["facts"].get("for")))
    )


def _is_about(connection: sqlite3.Connection, found: Extract, item: str) -> bool:
    """Whether what the event filed speaks of the item; of no item in particular, everything does."""
    if not item:
        return True
    rows = connection.execute(_RECORDS, (found.event["seq"],)).fetchall()
    return any(item in items_of(row["kind"], loads(row["body"])) for row in rows)


def items_of(kind: str, body: Mapping[str, Any]) -> set[str]:
    """The items a record speaks of: answered 是 or 存疑, cited by a finding, or claimed as an exception."""
    if kind == "review":
        return {answer["item"] for answer in body["answers"] if answer["value"] in ("hit", "unsure")}
    if kind == "screening":
        return {item for finding in body["findings"] for item in finding["articles"]}
    return set(body["items"]) if kind == "exception_claim" else set()
