"""Where the cases are that crossed between installations: plain reads for `show`, `queue` and the list of transfers."""

from __future__ import annotations

from json import loads
from pathlib import Path
from typing import Any

from engine.errors import Refused
from engine.store.connection import reading
from engine.store.reads import Found
from engine.trail.segments import AWAY, IN, OUT

_TOLD = ("hop", "home", "home_case")


def handed_over(case_id: str) -> Refused:
    """The refusal of every act on a case that is at another installation."""
    return Refused(f"案件 {case_id} 已移送外单位，移回以前不能办理。", f"运行 shuangshen show {case_id} 查看移送给谁。")


def crossings(path: Path, case_id: str = "") -> list[Found]:
    """Every crossing of this case, or of all cases, oldest first."""
    condition, values = ("case_id = ? AND", [case_id]) if case_id else ("", list[str]())
    statement = f"""SELECT payload, hash FROM event
        WHERE {condition} (payload LIKE ? OR payload LIKE ?) ORDER BY seq"""  # noqa: S608
    with reading(path) as connection:
        rows = connection.execute(statement, (*values, *(f'{{"act":"{act}",%' for act in (OUT, IN)))).fetchall()
    return [_told(loads(row["payload"]), row["hash"]) for row in rows]


def away(path: Path) -> list[Found]:
    """The last crossing of every case that is not here, in order of ids, with its title."""
    last = """SELECT c.title, e.payload, e.hash FROM case_ c JOIN event e ON e.case_id = c.id
        AND e.seq = (SELECT MAX(seq) FROM event WHERE event.case_id = c.id) WHERE c.stage = ? ORDER BY c.id"""
    with reading(path) as connection:
        rows = connection.execute(last, (AWAY,)).fetchall()
    return [{**_told(loads(row["payload"]), row["hash"]), "title": row["title"]} for row in rows]


def _told(event: dict[str, Any], digest: str) -> Found:
    facts, out = event["facts"], event["act"] == OUT
    peer, name = (facts["to"], facts["to_name"]) if out else (facts["origin"], facts["origin_name"])
    kept = {name: facts[name] for name in _TOLD}
    told = {"case": event["case"], "direction": "out" if out else "in", "installation": peer, "name": name}
    theirs = None if out else facts["case"]
    return {**told, **kept, "their_case": theirs, "at": event["at"], "actor": event["actor"], "seq": event["seq"],
            "hash": digest}  # fmt: skip
