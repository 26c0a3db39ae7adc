"""Taking out what a list of destruction names, and telling it from damage ever after.

The events stay, with the digest of everything that was filed; records and files behind those digests may go when the
list of destruction (`Disposal`) of a case says so. Whether it may say so is asked again by every verification, from the
trail alone: two persons, nothing held, the term over. Who can write to the database can still file a false list, as he
can file any false event; a checkpoint kept elsewhere and the officers' signatures are against that.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from json import loads
from pathlib import Path
from typing import Any

from engine.calendar.zone import local_day
from engine.errors import TrailBroken
from engine.model import Disposal, DisposedRecord, RetentionTerm
from engine.store.connection import gone, reading
from engine.store.records import record_of
from engine.trail.chain import ADVICE

SET, HOLD, RELEASE = "retention_set", "retention_hold", "retention_release"
PROPOSE, DISPOSE = "retention_propose", "retention_dispose"
ACTS = (SET, HOLD, RELEASE, PROPOSE, DISPOSE)
KEPT = ("retention_step", "disposal")
"""Records that outlast the case: they prove that it was destroyed lawfully."""

_LISTS = "SELECT id, case_id, body, event_seq FROM record WHERE kind = 'disposal' ORDER BY event_seq"
_EVENTS = "SELECT payload FROM event WHERE case_id = ? AND seq <= ? ORDER BY seq"
_DIGEST = re.compile(r'"([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A case that was destroyed: by which event, when (UTC text), and the list."""

    case: str
    seq: int
    at: str
    disposal: Disposal


@dataclass
class Gone:
    """What lawful lists of destruction account for: records by id, and files, with the event that took each out."""

    records: dict[str, tuple[str, DisposedRecord]] = field(default_factory=dict)
    contents: dict[str, int] = field(default_factory=dict)


def due_day(term: RetentionTerm, ended_on: date) -> date | None:
    """The first day a case may be destroyed: its years run from 1 January after the year it ended. None for ever."""
    return None if term.years is None else date(ended_on.year + 1 + term.years, 1, 1)


def files_in(payload: str) -> list[str]:
    """The digests of the files this event puts on the trail."""
    return list(loads(payload)["contents"])


def destroyed(path: Path) -> list[Destroyed]:
    """Every case that was destroyed, in that order, whether or not lawfully: `verify_store` says that."""
    with reading(path) as connection:
        return [_read(connection, dict(row)) for row in connection.execute(_LISTS).fetchall()]


def last_acts(path: Path) -> dict[str, str]:
    """When each case was last acted upon otherwise than about its keeping (UTC text), by its id."""
    statement = f"""SELECT e.case_id, e.payload FROM event e JOIN (SELECT case_id, MAX(seq) AS seq FROM event
        WHERE {" AND ".join("instr(payload, ?) <> 1" for _ in ACTS)} GROUP BY case_id) AS last ON last.seq = e.seq"""  # noqa: S608
    with reading(path) as connection:
        rows = connection.execute(statement, [f'{{"act":"{act}",' for act in ACTS]).fetchall()
    return {row["case_id"]: str(loads(row["payload"])["at"]) for row in rows}


def require_kept(connection: sqlite3.Connection, case_id: str) -> None:
    """Raises NotFound when the case was destroyed."""
    statement = "SELECT id, case_id, body, event_seq FROM record WHERE case_id = ? AND kind = 'disposal'"
    for row in connection.execute(statement, (case_id,)).fetchall():
        raise gone(case_id, _read(connection, dict(row)).at)


def _read(connection: sqlite3.Connection, row: dict[str, Any]) -> Destroyed:
    disposal = record_of("disposal", row["body"], f"记录 {row['id']}")
    assert isinstance(disposal, Disposal)  # noqa: S101  # by its kind
    found = connection.execute("SELECT payload FROM event WHERE seq = ?", (row["event_seq"],)).fetchone()
    at = str(loads(found[0])["at"]) if found else ""
    return Destroyed(row["case_id"], row["event_seq"], at, disposal)


def lawfully_gone(connection: sqlite3.Connection) -> Gone:
    """What may be missing. Raises TrailBroken for a list of destruction that breaks a rule."""
    account = Gone()
    for row in connection.execute(_LISTS).fetchall():
        each = _read(connection, dict(row))
        payloads = connection.execute(_EVENTS, (each.case, each.seq)).fetchall()
        fault = _fault(each, [loads(payload[0]) for payload in payloads])
        if fault:
            raise TrailBroken(f"流水第 {each.seq} 条：案件 {each.case} 的销毁不合规，{fault}。", ADVICE)
        account.records |= {record.id: (each.case, record) for record in each.disposal.records}
        account.contents |= {content.sha256: each.seq for content in each.disposal.contents}
    return account


def _fault(each: Destroyed, events: list[dict[str, Any]]) -> str:
    """What is wrong with this destruction according to the events of its case, "" when nothing is."""
    disposal, last = each.disposal, events[-1] if events else {}
    if last.get("act") != DISPOSE or last.get("actor") != disposal.disposed_by:
        return "清单不是由销毁这一动作登记的"
    before = events[:-1]
    acts = [event["act"] for event in before]
    proposers = [event["actor"] for event in before if event["act"] == PROPOSE]
    if not proposers or proposers[-1] != disposal.proposed_by or proposers[-1] == last["actor"]:
        return "没有经过两个人"
    if [act for act in acts if act in (HOLD, RELEASE)][-1:] == [HOLD]:
        return "当时正暂缓销毁"
    terms = [event["facts"].get("term") for event in before if event["act"] == SET]
    if terms and terms[-1] != disposal.term:
        return "保管期限与流水记载的不同"
    ended = [local_day(datetime.fromisoformat(event["at"])) for event in before if event["act"] not in ACTS]
    due = due_day(disposal.term, ended[-1]) if ended else None
    if due is None or local_day(datetime.fromisoformat(last["at"])) < due:
        return "保管期限没有届满"
    return ""


def require_accounted(connection: sqlite3.Connection, missing: Mapping[str, int], account: Gone) -> None:
    """Raises TrailBroken for a missing file that no list names, or that a case which is still kept refers to."""
    for digest, seq in missing.items():
        if digest not in account.contents:
            raise TrailBroken(f"流水第 {seq} 条登记的文件 {digest} 不见了。", ADVICE)
    if not missing:
        return
    kept = connection.execute(
        "SELECT seq, payload FROM event WHERE case_id NOT IN (SELECT case_id FROM record WHERE kind = 'disposal')"
    )
    for seq, payload in kept:
        lost = missing.keys() & set(_DIGEST.findall(payload)) & set(files_in(payload))
        if lost:
            raise TrailBroken(f"流水第 {seq} 条登记的文件 {min(lost)} 不见了，它不在该案的销毁清单里。", ADVICE)
