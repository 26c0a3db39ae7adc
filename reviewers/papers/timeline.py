"""时间线: every act in the case in order, who did it and for whom, and how long the case stayed where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from engine.calendar import WorkCalendar
from reviewers.clocks import moments_of, stays_of
from reviewers.deed_words import STAGES, deed, gist
from reviewers.papers import Dossier
from reviewers.papers.sheet import heading, page, paragraph, short_time, table


def papers(dossier: Dossier) -> Mapping[str, bytes]:
    """The timeline, from the case's own events."""
    if not dossier.events:
        return {}
    rows = [_row(dossier, event) for event in dossier.events]
    body = [
        paragraph(f"{dossier.subject}，留痕 {len(rows)} 条。时间均为北京时间。"),
        table(("留痕号", "时间", "事项", "办理人", "环节", "要点"), rows, widths=(9, 14, 17, 20, 17, 23)),
        heading("各环节用时"),
        table(("环节", "起", "止", "工作日"), stays(dossier), widths=(34, 22, 22, 22)),
        paragraph("当日起算的不计入；未标明的年份按法定节假日和周末推算。期限的算法用 shuangshen due 查看。"),
    ]
    return {"时间线.html": page("时间线", body, dossier.trail_head)}


def stays(dossier: Dossier) -> list[tuple[str, str, str, str]]:
    """Where the case waited, from when to when, and how many working days that took."""
    calendar = dossier.calendar
    return [
        (
            STAGES.get(stay.stage, stay.stage),
            stay.from_on.isoformat(),
            stay.to_on.isoformat() if stay.to_on else "（未结束）",
            str(_worked(calendar, stay.from_on, stay.to_on)) if calendar and stay.to_on else "",
        )
        for stay in stays_of(moments_of(dossier.events))
    ]


def who(dossier: Dossier, event: Mapping[str, Any]) -> str:
    """Who acted, for whom when he stood in for somebody, and for which unit."""
    if event["actor"] == "system":
        return "系统"
    principal = event["facts"].get("for")
    deputising = f"（代{dossier.officer_name(principal)}）" if principal else ""
    unit = dossier.profile.units.get(event["unit"])
    return f"{dossier.officer_name(event['actor'])}{deputising}\n{unit.name if unit else event['unit']}"


def _row(dossier: Dossier, event: Mapping[str, Any]) -> tuple[str, ...]:
    facts = event["facts"]
    before, after = (STAGES.get(str(facts.get(name)), "") for name in ("stage_from", "stage_to"))
    moved = f"{before} → {after}" if before != after and before and after else after
    signed = "（已签名）" if event["attested"] else ""
    return (
        str(event["seq"]),
        short_time(datetime.fromisoformat(event["at"])),
        deed(event) + signed,
        who(dossier, event),
        moved,
        gist(event),
    )


def _worked(calendar: WorkCalendar, start: date, end: date) -> int:
    days = (start + timedelta(days=offset) for offset in range(1, (end - start).days + 1))
    return sum(calendar.day(day).working for day in days)
