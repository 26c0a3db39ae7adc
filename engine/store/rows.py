"""Rows to records and back, for the unit of work and the verification; a row is a mapping from column to value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from engine.errors import TrailBroken
from engine.model import Case, CaseFile, DraftKind, Record, Role, Route, Trigger, Turn
from engine.store.records import digest_of, instant, record_of

Row = Mapping[str, Any]
Word = TypeVar("Word", bound=StrEnum)


def case_of(row: Row) -> Case:
    """The case in this row; raises TrailBroken for a word this program does not know."""
    place = f"案件 {row['id']}"
    return Case(
        **{
            **row,
            "kind": _word(DraftKind, row["kind"], place),
            "trigger": _word(Trigger, row["trigger"], place),
            "route": _word(Route, row["route"], place),
            "opened_at": datetime.fromisoformat(row["opened_at"]).astimezone(UTC),
        }
    )


def case_columns(case: Case) -> dict[str, Any]:
    """The columns of a case."""
    columns = {name: value.value if isinstance(value, StrEnum) else value for name, value in asdict(case).items()}
    return {**columns, "opened_at": instant(case.opened_at)}


def case_file_of(case: Case, filed: Iterable[Row]) -> CaseFile:
    """The case with its records in the order given; raises TrailBroken for one that is not as it was filed."""
    drawers: dict[str, list[Record]] = {}
    for row in filed:
        if digest_of(row["body"]) != row["digest"]:
            raise TrailBroken(
                f"记录 {row['id']} 与登记的摘要不符，内容被改动。", "请停止写入，运行 shuangshen verify。"
            )
        drawers.setdefault(f"{row['kind']}s", []).append(record_of(row["kind"], row["body"], f"记录 {row['id']}"))
    drawn: dict[str, Any] = {name: tuple(records) for name, records in drawers.items()}
    return CaseFile(case, **drawn)


def turn_of(row: Row) -> Turn:
    """The open task in this row."""
    return Turn(
        task=row["task"],
        element=row["element"],
        name=row["name"],
        role=_word(Role, row["role"], f"案件 {row['case_id']} 的待办 {row['task']}"),
        instance=row["instance"],
        holder=row["holder"],
        due_on=date.fromisoformat(row["due_on"]) if row["due_on"] else None,
    )


def task_columns(case: Case, turn: Turn, ordinal: int, opened_at: str) -> dict[str, Any]:
    """The columns of an open task of this case."""
    due_on = turn.due_on.isoformat() if turn.due_on else None
    place = {"case_id": case.id, "unit": case.unit, "ordinal": ordinal, "opened_at": opened_at}
    return {**asdict(turn), **place, "role": turn.role.value, "due_on": due_on}


def _word(words: type[Word], stored: str, place: str) -> Word:
    try:
        return words(stored)
    except ValueError as error:
        raise TrailBroken(f"{place}：不认识的值“{stored}”。", "请升级程序，或运行 shuangshen verify 核验。") from error
