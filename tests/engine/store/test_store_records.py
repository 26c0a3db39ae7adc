"""Records to canonical JSON and back: every kind, every value; what is not understood is refused."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_cases import NOON, a_conclusion, a_turn, a_version

from engine import model
from engine.errors import InvalidInput, TrailBroken
from engine.store.records import KINDS, body_of, instant, kind_of, plain, record_of, state_of
from engine.store.rows import case_columns, case_of
from engine.store.tables import CaseRow, TaskRow
from engine.trail.verifier import canonical


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value a field with this annotation may hold."""
    if get_origin(hint) is tuple:
        return st.lists(values(get_args(hint)[0]), max_size=3).map(tuple)
    if get_args(hint):
        return st.one_of(*(st.none() if part is NoneType else values(part) for part in get_args(hint)))
    if issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    if hint is datetime:
        zones = st.sampled_from([UTC, timezone(timedelta(hours=8))])
        return st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31), timezones=zones)  # noqa: DTZ001
    plain_values = {
        str: st.text(max_size=20), int: st.integers(), bool: st.booleans(), date: st.dates(), bytes: st.binary(),
    }  # fmt: skip
    if hint in plain_values:
        return plain_values[hint]
    hints = get_type_hints(hint)
    return st.builds(hint, **{part.name: values(hints[part.name]) for part in fields(hint)})


def test_every_record_of_the_model_has_a_kind_and_a_place_in_the_file() -> None:
    assert set(KINDS.values()) == set(get_args(model.Record))
    assert {f"{kind}s" for kind in KINDS} == {part.name for part in fields(model.CaseFile)} - {"case"}


def test_the_tables_hold_every_field_of_case_and_turn() -> None:
    assert set(CaseRow.model_fields) == {part.name for part in fields(model.Case)}
    assert {part.name for part in fields(model.Turn)} <= set(TaskRow.model_fields)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_a_record_comes_back_as_it_went(kind: str, data: st.DataObject) -> None:
    record = data.draw(values(KINDS[kind]))
    body = body_of(record)
    assert kind_of(record) == kind
    assert record_of(kind, body, "记录 1-1") == record
    assert canonical(json.loads(body)) == body


@settings(deadline=None, max_examples=40)
@given(values(model.Case))
def test_a_case_comes_back_as_it_went(case: model.Case) -> None:
    assert case_of(case_columns(case)) == case


def misfit(kind: str, body: str) -> str:
    with pytest.raises(TrailBroken) as caught:
        record_of(kind, body, "记录 7-1")
    return caught.value.message


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"outcome": "perhaps"}, "记录 7-1 outcome：不认识的值“perhaps”（Outcome）。"),
        ({"extra": 1}, "记录 7-1：不认识的字段“extra”。"),
        ({"round": "1"}, "记录 7-1 round：值“1”的类型不对。"),
        ({"round": True}, "记录 7-1 round：值“True”的类型不对。"),
        ({"reason": None}, "记录 7-1 reason：值“None”的类型不对。"),
        ({"signed_at": "2026-03-02T04:00:00Z"}, "记录 7-1 signed_at：不认识的值“2026-03-02T04:00:00Z”（datetime）。"),
        ({"signed_at": 5}, "记录 7-1 signed_at：不认识的值“5”（datetime）。"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(change: dict[str, Any], told: str) -> None:
    stored = json.loads(body_of(a_conclusion()))
    assert record_of("conclusion", json.dumps(stored), "记录 7-1") == a_conclusion()
    assert misfit("conclusion", json.dumps({**stored, **change})) == told


def test_places_inside_lists_are_told() -> None:
    stored = json.loads(body_of(a_version("a" * 64, materials=(model.Material("other", "a.docx", "b" * 64),))))
    stored["materials"][0]["kind"] = 1
    assert misfit("version", json.dumps(stored)) == "记录 7-1 materials[0] kind：值“1”的类型不对。"
    stored["materials"] = "a.docx"
    assert misfit("version", json.dumps(stored)) == "记录 7-1 materials：应为列表。"


def test_a_field_added_with_a_default_may_be_missing_in_older_records() -> None:
    stored = json.loads(body_of(a_conclusion()))
    del stored["exception_accepted"]
    assert record_of("conclusion", json.dumps(stored), "记录 7-1") == a_conclusion()
    del stored["outcome"]
    assert misfit("conclusion", json.dumps(stored)) == "记录 7-1：缺少字段“outcome”。"


@pytest.mark.parametrize(("kind", "body"), [("verdict", "{}"), ("conclusion", "{"), ("conclusion", "[]")])
def test_no_record_at_all_is_refused(kind: str, body: str) -> None:
    assert misfit(kind, body).startswith("记录 7-1：")


def test_broken_characters_are_refused_before_they_are_stored() -> None:
    assert record_of("conclusion", body_of(a_conclusion(reason="好𠮷")), "") == a_conclusion(reason="好𠮷")
    with pytest.raises(InvalidInput, match="残缺的字符"):
        body_of(a_conclusion(reason="坏\ud842字"))


def test_words_are_not_normalised_because_offsets_count_them() -> None:
    assert json.loads(body_of(a_conclusion(reason="e\u0301")))["reason"] == "e\u0301"


@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=6))
def test_instants_sort_as_text(instants: list[datetime]) -> None:
    assert sorted(map(instant, instants)) == [instant(at) for at in sorted(instants)]


def test_an_instant_without_a_zone_is_a_mistake() -> None:
    assert instant(NOON) == "2026-03-02T04:00:00.000000Z"
    with pytest.raises(ValueError, match="time zone"):
        instant(NOON.replace(tzinfo=None))


@pytest.mark.parametrize("value", [0.5, b"x", {"a"}])
def test_what_no_record_may_hold_is_a_mistake(value: object) -> None:
    with pytest.raises(TypeError):
        plain(value)


@settings(deadline=None, max_examples=40)
@given(values(model.Case), values(model.Case), st.lists(values(model.Turn), max_size=2))
def test_the_state_tells_any_two_standings_apart(one: model.Case, other: model.Case, turns: list[model.Turn]) -> None:
    state = state_of(one, tuple(turns), "")
    assert (state == state_of(other, tuple(turns), "")) == (one == other)
    assert state != state_of(one, (*turns, a_turn()), "")
    assert state != state_of(one, tuple(turns), "c" * 64)
