"""脱密案卷一览: what a redacted bundle shows of each act, made from its table of fields and from nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.process import Bundle
from engine.trail.redaction import fields_of
from reviewers.deed_words import OUTCOMES, RECORDS, STAGES, deed
from reviewers.papers.sheet import heading, page, paragraph, short_time, table
from reviewers.papers.way import way_body
from reviewers.roster import Profile

WIDTHS = (8, 13, 11, 12, 12, 13, 8, 11, 12)
HIDDEN = "（不公开）"
Fields = Mapping[str, Mapping[str, Any]]


def overview(fields: bytes, case: str, trail_head: str, bundle: Bundle, profile: Profile) -> bytes:
    """The page: counts, every act in order, the way taken; people as the first eight digits of their digest."""
    events = list(fields_of(fields).items())
    acts = Counter(str(shown(told, "act")) for _, told in events)
    counted = "，".join(f"{deed({'act': act, 'actor': ''})} {count} 次" for act, count in acts.items())
    rows = [_row(seq, told, profile) for seq, told in events]
    plain = [_moves(told) for _, told in events]
    body = [
        paragraph(f"案件编号 {case}。导出以前共 {len(events)} 个动作：{counted}。"),
        paragraph("本页由 fields.jsonl 中公开的字段生成。办理人写摘要的前八位，同一人在本案卷中的摘要相同。"),
        table(("留痕号", "时间", "事项", "办理人", "单位", "环节", "轮、稿", "结论", "记录"), rows, widths=WIDTHS),
        heading("走过的流程"),
        *way_body(bundle, plain, str(plain[-1]["facts"].get("stage_to")) if plain else ""),
    ]
    return page("脱密案卷一览", body, trail_head)


def shown(told: Fields, path: str) -> Any:
    """The public value at this path, None when it is withheld or not there."""
    return told.get(path, {}).get("value")


def _row(seq: int, told: Fields, profile: Profile) -> tuple[str, ...]:
    before, after = (STAGES.get(str(shown(told, f"facts.{name}")), "") for name in ("stage_from", "stage_to"))
    unit = shown(told, "unit")
    numbers = [shown(told, f"facts.{name}") for name in ("round", "version")]
    kinds = Counter(str(shown(told, path)) for path in told if path.startswith("records.") and path.endswith(".kind"))
    return (
        str(seq),
        short_time(datetime.fromisoformat(str(shown(told, "at")))),
        deed({"act": shown(told, "act"), "actor": ""}),
        _person(told, "actor") + (f"（代{_person(told, 'facts.for')}）" if "facts.for" in told else ""),
        profile.units[unit].name if unit in profile.units else HIDDEN,
        f"{before} → {after}" if before and after and before != after else after,
        "，".join(f"第{n}{word}" for n, word in zip(numbers, ("轮", "稿"), strict=True) if n is not None),
        OUTCOMES.get(str(shown(told, "facts.outcome")), ""),
        "、".join(f"{RECORDS.get(kind, kind)} {count}" for kind, count in kinds.items()),
    )


def _person(told: Fields, path: str) -> str:
    return str(told[path].get("digest", HIDDEN))[:8]


def _moves(told: Fields) -> dict[str, dict[str, Any]]:
    return {"facts": {name: shown(told, f"facts.{name}") for name in ("stage_from", "stage_to")}}
