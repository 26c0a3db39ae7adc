"""The quick walk says what the slow one says, or nothing: never that a changed log is sound."""

# ruff: noqa: S608

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from store_cases import an_act, two_cases

from engine.store import create_store, open_store, verify_store
from engine.store.connection import reading
from engine.store.quick import Stretch, _joined, quick_walk, walk
from engine.store.records import state_in
from engine.store.sqlite import sqlite3
from engine.store.triggers import triggers
from engine.store.verify import stored_state
from engine.trail.usual import Unusual, told
from engine.trail.verifier import canonical

PER_TEST = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
COLUMNS = [
    *(("event", column) for column in ("case_id", "payload", "prev", "hash")),
    *(("record", column) for column in ("id", "case_id", "kind", "body", "digest")),
    *(("command", column) for column in ("id", "actor", "act", "digest", "case_id", "result")),
]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five events, and a sixth whose reason needs an escape: the strict reader's."""
    path = two_cases(create_store(tmp_path_factory.mktemp("quick") / "review.db"))
    with open_store(path).work() as work:
        work.save(work.case("2026-0002"), an_act("noted", "note", 10, reason='说：“可”\n"no"', days=-3, kept=None))
    return path


@pytest.fixture
def path(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original, tmp_path / "review.db"))


def changed(path: Path, statement: str, *values: object) -> None:
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA ignore_check_constraints=ON")
    raw.execute("PRAGMA synchronous=OFF")
    for name, _ in triggers():
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(statement, values)
    raw.close()


def walked(path: Path, sizes: set[int]) -> Stretch | None:
    with quick_walk(path, 6, sizes) as seen:
        return seen()


def test_it_sees_what_the_slow_walk_sees(path: Path) -> None:
    head, seen = verify_store(path), walked(path, {0, 3, 6})
    assert seen is not None
    assert (seen.frontier.size, seen.last, seen.frontier.root().hex()) == (head.size, head.hash, head.root)
    assert {case: (seq, revision, stage) for case, (seq, revision, _, stage) in seen.cases.items()} == {
        "2026-0001": (5, 3, "joint_review"),
        "2026-0002": (6, 3, "joint_review"),
    }
    assert sorted(seen.contents.values()) == [1, 2]
    assert sorted(seen.roots) == [3, 6]


@pytest.mark.parametrize("cut", range(1, 6))
def test_stretches_join_into_the_whole(path: Path, cut: int) -> None:
    sizes = frozenset({2, 5})
    joined = _joined([walk(path, 1, cut, sizes), walk(path, cut + 1, 6, sizes)])
    whole = _joined([walk(path, 1, 6, sizes)])
    assert (joined.last, joined.frontier.peaks, joined.cases, joined.contents, joined.roots) == (
        whole.last, whole.frontier.peaks, whole.cases, whole.contents, whole.roots,
    )  # fmt: skip


def test_stretches_of_different_logs_do_not_join(path: Path, original: Path) -> None:
    end = walk(original, 4, 6, frozenset())
    assert _joined([walk(original, 1, 3, frozenset()), end]).last == end.last
    for part in (walk(original, 1, 2, frozenset()), walk(original, 1, 4, frozenset())):
        with pytest.raises(Unusual):
            _joined([part, end])
    with pytest.raises(Unusual):
        _joined([end])


@PER_TEST
@given(st.sampled_from(COLUMNS), st.data())
def test_no_changed_character_passes_quickly(path: Path, where: tuple[str, str], data: st.DataObject) -> None:
    table, column = where
    raw = sqlite3.connect(path)
    rows = raw.execute(f"SELECT rowid, {column} FROM {table} ORDER BY rowid").fetchall()
    raw.close()
    row, text = data.draw(st.sampled_from(rows))
    place = data.draw(st.integers(0, len(text) - 1))
    other = chr(ord(text[place]) ^ (1 << data.draw(st.integers(0, 6))))
    copy = Path(shutil.copy(path, path.with_name("changed.db")))
    other = text[:place] + other + text[place + 1 :]
    assume(other not in [known for _, known in rows])  # a key stands once
    changed(copy, f"UPDATE {table} SET {column} = ? WHERE rowid = ?", other, row)
    assert walked(path, set()) is not None
    assert walked(copy, set()) is None


@pytest.mark.parametrize("table", ["event", "record", "command", "merkle"])
@pytest.mark.parametrize("end", ["MIN", "MAX"])
def test_no_missing_row_passes_quickly(path: Path, table: str, end: str) -> None:
    changed(path, f"DELETE FROM {table} WHERE rowid = (SELECT {end}(rowid) FROM {table})")
    assert walked(path, set()) is None


@pytest.mark.parametrize(("table", "column"), [("event", "payload"), ("record", "body")])
def test_bytes_that_are_no_text_do_not_pass_quickly(path: Path, table: str, column: str) -> None:
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA writable_schema=ON")
    raw.execute("UPDATE sqlite_master SET sql = replace(sql, ' STRICT', '') WHERE name = ?", (table,))
    raw.close()
    assert walked(path, set()) is not None
    changed(path, f"UPDATE {table} SET {column} = CAST({column} AS BLOB) WHERE rowid = 1")
    assert walked(path, set()) is None


def test_an_event_before_the_first_does_not_pass_quickly(path: Path) -> None:
    changed(path, "INSERT INTO event SELECT 0, case_id, payload, prev, hash FROM event WHERE seq = 1")
    assert walked(path, set()) is None


def test_a_state_read_from_columns_is_the_state_of_the_case(path: Path) -> None:
    with reading(path) as connection:
        for row in connection.execute("SELECT * FROM case_").fetchall():
            tasks = connection.execute("SELECT * FROM task WHERE case_id = ? ORDER BY ordinal", (row["id"],)).fetchall()
            bundle = sha256(b"<definitions/>").hexdigest()
            assert state_in(dict(row), tasks, bundle) == stored_state(connection, dict(row))


# ---------------------------------------------------------------- reading one event

EVENT = {
    "act": "note", "actor": "wang", "at": "2026", "attested": False, "case": "2026-0001", "command": "c",
    "command_digest": "d", "contents": [], "facts": {}, "prev": "0" * 64, "records": [], "revision": 1, "seq": 1,
    "state": "1" * 64, "unit": "u", "v": 1,
}  # fmt: skip


@given(st.dictionaries(st.text(max_size=3) | st.just("stage_to"), st.text(max_size=5) | st.integers() | st.booleans()))
def test_the_usual_reading_is_the_strict_reading(facts: dict[str, object]) -> None:
    stage = facts.get("stage_to")
    try:
        said = told(canonical(EVENT | {"facts": facts}).encode())
    except Unusual:
        assert not isinstance(stage, str | None)
        return
    words = ("note", "wang", "2026-0001", "c", "d", "", stage, "0" * 64, "")
    assert said == (*(word.encode() if isinstance(word, str) else None for word in words), 1, 1, b"1" * 64)


def test_an_event_that_is_no_text_is_never_read() -> None:
    payload = canonical(EVENT).encode()
    assert told(payload)[0] == b"note"
    with pytest.raises(UnicodeDecodeError):
        told(payload.replace(b'"note"', b'"n\xffte"'))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('"facts":{"a":1,"b":"x"}', '"facts":{"b":"x","a":1}'),
        ('"facts":{"a":1,"b":"x"}', '"facts":{"a":1,"a":"x"}'),
        ('"facts":{"a":1,"b":"x"}', '"facts":{"a":01,"b":"x"}'),
        ('"facts":{"a":1,"b":"x"}', '"facts":{"a":1, "b":"x"}'),
        ('"facts":{"a":1,"b":"x"}', '"facts":{"a":1,"b":"\\u0078"}'),
        ('"facts":{"a":1,"b":"x"}', '"facts":{"a":1,"b":"x"},"facts":{}'),
        ('"facts":{"a":1,"b":"x"}', '"facts":{"a":-0,"b":"x"}'),
        ('"revision":1', '"revision":1.0'),
        ('"revision":1', '"revision":true'),
        ('"records":[]', '"records":{}'),
        ('"contents":[]', '"contents":["x"]'),
        ('"act":"note"', '"act":"no\\u0074e"'),
        ('"v":1', '"v":2'),
        ('"v":1', '"v":true'),
    ],
)
def test_another_spelling_is_never_read(good: str, bad: str) -> None:
    payload = canonical(EVENT | {"facts": {"a": 1, "b": "x"}})
    assert told(payload.encode())[6] is None
    with pytest.raises(Unusual):
        told(payload.replace(good, bad).encode())
