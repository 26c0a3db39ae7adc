"""Rows to records and back, for the unit of work and the verification; a row is a mapping from column to value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from engine.errors import TrailBroken
from engine.model import (
    Case,
    CaseFile,
    DraftKind,
    Matter,
    MatterFile,
    MatterKind,
    MatterRecord,
    Record,
    Role,
    Route,
    Trigger,
    Turn,
)
from engine.store.records import digest_of, instant, matter_record_of, record_of
from engine.trail.words import KIND as WORDS

Row = Mapping[str, Any]
Value = TypeVar("Value")


def case_of(row: Row) -> Case:
    """The case in this row; raises TrailBroken for a word this program does not know."""
    place = f"案件 {row['id']}"
    return Case(
        **{
            **row,
            "kind": _parsed(DraftKind, row["kind"], place),
            "trigger": _parsed(Trigger, row["trigger"], place),
            "route": _parsed(Route, row["route"], place),
            "opened_at": _parsed(_instant, row["opened_at"], place),
        }
    )


def case_columns(case: Case) -> dict[str, Any]:
    """The columns of a case."""
    columns = {name: value.value if isinstance(value, StrEnum) else value for name, value in _columns(case).items()}
    return {**columns, "opened_at": instant(case.opened_at)}


def case_file_of(case: Case, filed: Iterable[Row]) -> CaseFile:
    """The case with its records in the order given; raises TrailBroken for one that is not as it was filed."""
    drawers: dict[str, list[Record]] = {}
    for row in filed:
        _require_intact(row)
        if row["kind"] == WORDS:
            continue  # of an event, not of the case
        drawers.setdefault(f"{row['kind']}s", []).append(record_of(row["kind"], row["body"], f"记录 {row['id']}"))
    drawn: dict[str, Any] = {name: tuple(records) for name, records in drawers.items()}
    return CaseFile(case, **drawn)


def matter_of(row: Row) -> Matter:
    """The matter in this row; raises TrailBroken for a word this program does not know."""
    place = f"事项 {row['id']}"
    kind = _parsed(MatterKind, row["kind"], place)
    return Matter(**{**row, "kind": kind, "opened_at": _parsed(_instant, row["opened_at"], place)})


def matter_columns(matter: Matter) -> dict[str, Any]:
    """The columns of a matter."""
    return {**_columns(matter), "kind": matter.kind.value, "opened_at": instant(matter.opened_at)}


def matter_file_of(matter: Matter, filed: Iterable[Row]) -> MatterFile:
    """The matter with its records in the order given; raises TrailBroken for one that is not as it was filed."""
    return MatterFile(matter, tuple(_matter_record(row) for row in filed if row["kind"] != WORDS))


def _matter_record(row: Row) -> MatterRecord:
    _require_intact(row)
    return matter_record_of(row["kind"], row["body"], f"记录 {row['id']}")


def _require_intact(row: Row) -> None:
    if digest_of(row["body"]) != row["digest"]:
        raise TrailBroken(f"记录 {row['id']} 与登记的摘要不符，内容被改动。", "请停止写入，运行 shuangshen verify。")


def turn_of(row: Row) -> Turn:
    """The open task in this row; raises TrailBroken for a word this program does not know."""
    place = f"案件 {row['case_id']} 的待办 {row['task']}"
    return Turn(
        task=row["task"],
        element=row["element"],
        name=row["name"],
        role=_parsed(Role, row["role"], place),
        instance=row["instance"],
        holder=row["holder"],
        due_on=None if row["due_on"] is None else _parsed(date.fromisoformat, row["due_on"], place),
    )


def task_columns(case: Case, turn: Turn, ordinal: int, opened_at: str) -> dict[str, Any]:
    """The columns of an open task of this case."""
    due_on = turn.due_on.isoformat() if turn.due_on else None
    place = {"case_id": case.id, "unit": case.unit, "ordinal": ordinal, "opened_at": opened_at}
    return {**_columns(turn), **place, "role": turn.role.value, "due_on": due_on}


def _columns(record: Case | Matter | Turn) -> dict[str, Any]:
    """The fields of a flat record; nothing in them can be changed, so nothing need be copied."""
    return {each.name: getattr(record, each.name) for each in fields(record)}


def _parsed(parse: Callable[[str], Value], stored: str, place: str) -> Value:
    try:
        return parse(stored)
    except (ValueError, TypeError) as error:
        raise TrailBroken(f"{place}：不认识的值“{stored}”。", "请升级程序，或运行 shuangshen verify 核验。") from error


def _instant(stored: str) -> datetime:
    return datetime.fromisoformat(stored).astimezone(UTC)
