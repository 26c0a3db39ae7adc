"""The chain by itself: sealing, judging, and naming the first event that is wrong."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import TrailBroken
from engine.trail.chain import Event, Head, seal, verify_events
from engine.trail.verifier import GENESIS, Broken, Checkpoint, checkpoint_text, leaf_hash, parse_checkpoint, strict_json


def a_log(length: int) -> list[Event]:
    events, prev = [], GENESIS
    for seq in range(1, length + 1):
        sealed = seal(seq, prev, {"case": "2026-0001", "act": "note", "facts": {"reason": f"第{seq}次"}})
        events.append((seq, sealed.payload, prev, sealed.hash))
        prev = sealed.hash
    return events


def broken(events: list[Event], known: Checkpoint | None = None) -> str:
    with pytest.raises(TrailBroken) as caught:
        verify_events(events, known)
    return caught.value.message


def test_an_event_is_hashed_exactly_as_stored() -> None:
    sealed = seal(1, GENESIS, {"case": "2026-0001", "facts": {"b": 1, "a": "一"}})
    assert sealed.payload == (
        '{"attested":false,"case":"2026-0001","facts":{"a":"一","b":1},"prev":"' + "0" * 64 + '","seq":1,"v":1}'
    )
    assert sealed.hash == sha256(b"\x00" + sealed.payload.encode()).hexdigest()


def test_strings_are_sealed_in_one_normal_form() -> None:
    assert seal(1, GENESIS, {"a": "e\u0301"}) == seal(1, GENESIS, {"a": "\u00e9"})


@pytest.mark.parametrize("value", [0.5, float("nan"), b"bytes", {1: "a"}, {"set"}])
def test_what_has_no_single_spelling_is_not_sealed(value: object) -> None:
    seal(1, GENESIS, {"a": 1})
    with pytest.raises(TypeError):
        seal(1, GENESIS, {"a": value})


def test_an_endless_event_is_not_sealed() -> None:
    with pytest.raises(ValueError, match="long texts"):
        seal(1, GENESIS, {"a": "字" * 400_000})


def test_the_head_of_a_sound_log() -> None:
    events = a_log(3)
    leaves = [leaf_hash(event[1].encode()) for event in events]
    left = sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    assert verify_events(events) == Head(3, events[2][3], sha256(b"\x01" + left + leaves[2]).hexdigest())
    assert verify_events([]) == Head(0, GENESIS, sha256().hexdigest())


@settings(deadline=None)
@given(st.integers(0, 4), st.integers(0, 3), st.data())
def test_any_change_of_any_column_names_the_event(at: int, column: int, data: st.DataObject) -> None:
    events = a_log(5)
    event = list(events[at])
    if column == 0:
        event[0] = data.draw(st.integers().filter(lambda seq: seq != at + 1))
    else:
        text = str(event[column])
        place = data.draw(st.integers(0, len(text) - 1))
        other = data.draw(st.characters(exclude_categories=["Cs"]).filter(lambda c: c != text[place]))
        event[column] = text[:place] + other + text[place + 1 :]
    events[at] = (event[0], event[1], event[2], event[3])
    assert f"第 {at + 1} 条" in broken(events)


@settings(deadline=None)
@given(st.integers(0, 3))
def test_a_missing_doubled_or_moved_event_is_named(at: int) -> None:
    events = a_log(5)
    assert f"第 {at + 1} 条缺失" in broken(events[:at] + events[at + 1 :])
    assert f"第 {at + 2} 条" in broken(events[: at + 1] + events[at:])
    assert f"第 {at + 1} 条" in broken([*events[:at], events[at + 1], events[at], *events[at + 2 :]])


def test_an_event_resealed_after_the_fact_breaks_the_next() -> None:
    events = a_log(3)
    sealed = seal(2, events[0][3], {"case": "2026-0001", "act": "forged"})
    assert broken([events[0], (2, sealed.payload, events[0][3], sealed.hash), events[2]]).startswith("流水第 3 条")


def test_another_spelling_of_the_same_json_is_refused() -> None:
    payload = json.dumps(json.loads(a_log(1)[0][1]))
    assert "第 1 条" in broken([(1, payload, GENESIS, leaf_hash(payload.encode()).hex())])


def test_only_a_checkpoint_kept_elsewhere_sees_a_lost_end_or_a_new_history() -> None:
    events = a_log(4)
    head = verify_events(events)
    known = Checkpoint("shuangshen/test", head.size, bytes.fromhex(head.root))
    assert verify_events(a_log(6), known).size == 6
    assert verify_events(events[:3]).size == 3
    assert broken(events[:3], known).startswith("流水第 4 条缺失")
    sealed = seal(1, GENESIS, {"case": "another"})
    forged = [(1, sealed.payload, GENESIS, sealed.hash)]
    for seq in range(2, 5):
        sealed = seal(seq, forged[-1][3], {"case": "another"})
        forged.append((seq, sealed.payload, forged[-1][3], sealed.hash))
    assert verify_events(forged).size == 4
    assert broken(forged, known).startswith("流水前 4 条")


def test_a_checkpoint_reads_back_and_signatures_may_follow() -> None:
    checkpoint = Checkpoint("shuangshen/0a", 7, bytes(range(32)))
    text = checkpoint_text(checkpoint)
    assert text == "shuangshen/0a\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n"
    assert parse_checkpoint(text) == parse_checkpoint(text + "— shuangshen/0a abcd\n") == checkpoint


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n\n", "a\n-1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n", "a\n1\nAAEC\n\n",
     "a\n01\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n", "a\n1\n!!\n\n"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Broken):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"a":1,"a":1}', b'{"a": 1}', b'{"b":1,"a":1}', b"\xff", b"[" * 100_000, b'"\\ud800"']
)
def test_only_one_spelling_of_an_object_is_read(data: bytes) -> None:
    assert strict_json(b'{"a":1}', "x") == {"a": 1}
    with pytest.raises(Broken):
        strict_json(data, "x")
