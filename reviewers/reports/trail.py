"""Events as auditors take them away: the columns every form shares, JSON Lines, and CSV no spreadsheet executes."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime

from engine.calendar.zone import LOCAL_ZONE
from engine.store.extracts import Extract
from engine.trail.verifier import DECISIONS
from reviewers.deed_words import OUTCOMES, STAGES, deed, gist
from reviewers.reports.spreadsheet import harmless
from reviewers.roster import Profile

HEADINGS = (
    "留痕号", "时间", "案件或事项", "标题", "起草单位", "操作", "操作代码", "办理人", "代理", "办理单位", "原环节",
    "现环节", "轮次", "稿次", "结论", "要点", "签名", "摘要",
)  # fmt: skip
Cell = str | int
_WIDE_FORMULA = ("＝", "＋", "－", "＠")


def rows(found: Sequence[Extract], profile: Profile) -> list[tuple[Cell, ...]]:
    """One row an event; numbers as numbers, everything else in words."""
    return [_row(each, profile) for each in found]


def as_json_lines(found: Sequence[Extract]) -> bytes:
    """One event a line, as `trail show --json` tells it: the payload's fields and its hash."""
    told = ({**each.event, "hash": each.hash} for each in found)
    return "".join(json.dumps(one, ensure_ascii=False, sort_keys=True) + "\n" for one in told).encode("utf-8")


def as_csv(found: Sequence[Extract], profile: Profile) -> bytes:
    """CSV that Excel and WPS open in Chinese by double click; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows([_harmless(cell) for cell in row] for row in rows(found, profile))
    return codecs.BOM_UTF8 + out.getvalue().encode("utf-8")


def _harmless(cell: Cell) -> Cell:
    """A text a spreadsheet would compute gets an apostrophe: also behind blanks, and in full width."""
    if isinstance(cell, int):
        return cell
    head = cell.lstrip()
    return harmless(cell) if harmless(head) == head and not head.startswith(_WIDE_FORMULA) else f"'{cell}"


def _row(found: Extract, profile: Profile) -> tuple[Cell, ...]:
    event, facts = found.event, found.event["facts"]
    return (
        event["seq"],
        datetime.fromisoformat(event["at"]).astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M:%S"),
        event["case"],
        found.title,
        unit_name(found.unit, profile),
        deed(event),
        event["act"],
        person_name(event["actor"], profile),
        person_name(facts.get("for", ""), profile),
        unit_name(event["unit"], profile),
        STAGES.get(str(facts.get("stage_from")), ""),
        STAGES.get(str(facts.get("stage_to")), ""),
        facts.get("round", ""),
        facts.get("version", ""),
        OUTCOMES.get(str(facts.get("outcome")), ""),
        gist(event),
        signed(found),
        found.hash,
    )


def signed(found: Extract) -> str:
    """Whether a decision was signed by its officer; empty for what is no decision."""
    if found.event["attested"]:
        return "已签名"
    return "未签名" if found.event["act"] in DECISIONS else ""


def unit_name(unit: str, profile: Profile) -> str:
    """The unit's name, its id when the roster no longer lists it."""
    return profile.units[unit].name if unit in profile.units else unit


def person_name(officer: str, profile: Profile) -> str:
    """The officer's name, his id when the roster no longer lists him."""
    known = {"system": "系统"} | {each.id: each.name for each in profile.officers.values()}
    return known.get(officer, officer)
