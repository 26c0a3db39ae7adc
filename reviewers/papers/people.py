"""经办人和代理情况: who acted in the case, in which role, for whom, and with which key he signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.calendar.zone import local_day
from engine.trail.verifier import DECISIONS
from reviewers.deed_words import SYSTEM, deed
from reviewers.papers import Dossier
from reviewers.papers.sheet import heading, page, paragraph, table
from reviewers.roster import ROLE_NAMES


def papers(dossier: Dossier) -> Mapping[str, bytes]:
    """Everybody who acted, and every deputyship that touched the case."""
    if not dossier.events:
        return {}
    acted: dict[str, list[Mapping[str, Any]]] = {}
    for event in dossier.events:
        acted.setdefault(event["actor"], []).append(event)
    rows = [_row(dossier, officer, events) for officer, events in acted.items() if officer != SYSTEM]
    deputies = list(_deputies(dossier, set(acted)))
    stood_in = [
        (
            str(event["seq"]),
            dossier.officer_name(event["actor"]),
            dossier.officer_name(event["facts"]["for"]),
            deed(event),
        )
        for event in dossier.events
        if event["facts"].get("for")
    ]
    body = [
        paragraph(f"{dossier.subject}。姓名、单位和角色取自导出时的名册；办理事项和代理取自留痕。"),
        table(("人员", "单位", "角色", "办理事项", "签名"), rows, widths=(16, 22, 18, 26, 18)),
        heading("代理办理"),
        _or_none(("留痕号", "代理人", "被代理人", "事项"), stood_in, "没有代理办理的事项。"),
        heading("办理期间登记的代理"),
        _or_none(("被代理人", "代理人", "起止"), deputies, "办理期间，经办人没有登记代理。"),
    ]
    return {"经办人和代理情况.html": page("经办人和代理情况", body, dossier.trail_head)}


def _row(dossier: Dossier, officer: str, events: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    known = dossier.profile.officers.get(officer)
    roles = "、".join(ROLE_NAMES[role] for role in known.roles) if known else "（已不在名册）"
    units = "\n".join(dict.fromkeys(dossier.unit_name(event["unit"]) for event in events))
    did = "、".join(dict.fromkeys(deed(event) for event in events))
    decisions = [event for event in events if event["act"] in DECISIONS]
    signed = sum(event["attested"] for event in decisions)
    keys = "\n".join(dict.fromkeys(event["key"] for event in decisions if event["attested"]))
    told = f"决定 {len(decisions)} 项，签名 {signed} 项" if decisions else "没有须签名的决定"
    return f"{dossier.officer_name(officer)}\n{officer}", units, roles, did, f"{told}\n{keys}".strip()


def _deputies(dossier: Dossier, acted: set[str]) -> Iterator[tuple[str, str, str]]:
    first, last = (local_day(datetime.fromisoformat(dossier.events[place]["at"])) for place in (0, -1))
    for each in dossier.profile.deputies:
        if each.from_on <= last and each.to_on >= first and {each.officer, each.deputy} & acted:
            names = dossier.officer_name(each.officer), dossier.officer_name(each.deputy)
            yield *names, f"{each.from_on} 至 {each.to_on}"


def _or_none(headings: Sequence[str], rows: Sequence[Sequence[str]], none: str) -> str:
    return table(headings, rows) if rows else paragraph(none)
