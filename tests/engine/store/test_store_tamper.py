"""Whoever has the file can drop the triggers and change it; these tests do, and the verification says where."""

# ruff: noqa: S608

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_cases import conclude, submit, two_cases

from engine.errors import InvalidInput, TrailBroken
from engine.store import create_store, open_store, verify_store
from engine.store.reads import events
from engine.store.sqlite import sqlite3
from engine.store.tables import SQLModel
from engine.store.triggers import triggers
from engine.store.verify import checkpoint_of
from engine.trail.chain import seal
from engine.trail.merkle import completed_by, node_count

PER_TEST = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_cases(create_store(tmp_path_factory.mktemp("original") / "review.db"))


@pytest.fixture
def path(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original, tmp_path / "review.db"))


def tamper(path: Path, *statements: str | tuple[str, tuple[object, ...]]) -> None:
    """What somebody with the file and patience does: triggers off, change, triggers on again."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA ignore_check_constraints=ON")
    for name, _ in triggers():
        raw.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        raw.execute(*([statement] if isinstance(statement, str) else statement))
    for _, trigger in triggers():
        raw.execute(trigger)
    raw.close()


def told(path: Path, known: str | None = None) -> str:
    with pytest.raises(TrailBroken) as caught:
        verify_store(path, known)
    return caught.value.message


def test_an_untouched_store_is_sound(path: Path) -> None:
    head = verify_store(path, checkpoint_of(path))
    assert (head.size, head.hash) == (5, events(path)[-1]["hash"])
    assert checkpoint_of(path).split("\n")[1] == "5"
    tamper(path)
    assert verify_store(path) == head


# ---------------------------------------------------------------- the triggers


@pytest.mark.parametrize(
    "statement",
    [
        *(f"UPDATE {table} SET {column} = {column}" for table, column in
          [("event", "payload"), ("record", "body"), ("content", "data"), ("bundle", "data")]),
        *(f"DELETE FROM {table}" for table in ("event", "record", "content", "bundle")),
        *(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"
          for table in ("event", "record", "content", "bundle")),
        "INSERT INTO event SELECT seq + 6, case_id, payload, hash, hash FROM event WHERE seq = 5",
        "INSERT INTO event SELECT seq + 1, case_id, payload, prev, hash FROM event WHERE seq = 5",
        "INSERT INTO event SELECT 0, case_id, payload, prev, hash FROM event WHERE seq = 1",
    ],
)  # fmt: skip
def test_what_is_written_is_not_written_again(path: Path, statement: str) -> None:
    before = path.read_bytes()
    raw = sqlite3.connect(path, isolation_level=None)
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|does not follow"):
        raw.execute(statement)
    raw.close()
    assert path.read_bytes() == before


def test_the_next_event_in_order_is_let_in(path: Path) -> None:
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("INSERT INTO event SELECT seq + 1, case_id, payload, hash, hash FROM event WHERE seq = 5")
    raw.close()
    assert len(events(path)) == 6


@pytest.mark.parametrize("name", [name for name, _ in triggers()])
def test_a_missing_trigger_is_told(path: Path, name: str) -> None:
    raw = sqlite3.connect(path)
    raw.execute(f"DROP TRIGGER {name}")
    raw.close()
    assert told(path) == f"只许追加的触发器 {name} 被删除或改动。"


# ---------------------------------------------------------------- events


CHANGED_EVENTS = [
    ("UPDATE event SET payload = replace(payload, 'wang', 'wong') WHERE seq = 3", "流水第 3 条：内容与哈希不符"),
    (f"UPDATE event SET hash = '{1:064d}' WHERE seq = 3", "流水第 3 条：内容与哈希不符"),
    (f"UPDATE event SET prev = '{1:064d}' WHERE seq = 3", "流水第 3 条：所记的前一条"),
    ("UPDATE event SET case_id = '2026-0002' WHERE seq = 3", "流水第 3 条：所属案件"),
    ("UPDATE event SET seq = 103 WHERE seq = 3", "流水第 3 条缺失"),
    ("DELETE FROM event WHERE seq = 3", "流水第 3 条缺失"),
    ("DELETE FROM event WHERE seq = 1", "流水第 1 条缺失"),
    ("DELETE FROM event WHERE seq = 5", "流水第 5 条缺失"),
    ("DELETE FROM event", "流水第 1 条缺失"),
    ("INSERT INTO event SELECT 6, case_id, payload, hash, hash FROM event WHERE seq = 5", "流水第 6 条"),
    ("INSERT INTO event SELECT 0, case_id, payload, prev, hash FROM event WHERE seq = 1", "流水第 1 条缺失"),
]
"""What the owner of the database may do to the trail, in SQL both databases read, and what is then said."""


@pytest.mark.parametrize(("change", "place"), CHANGED_EVENTS)
def test_a_changed_event_is_named(path: Path, change: str, place: str) -> None:
    tamper(path, change)
    assert told(path).startswith(place)


def test_two_events_exchanged_are_named(path: Path) -> None:
    tamper(
        path,
        "UPDATE event SET seq = 100 WHERE seq = 2",
        "UPDATE event SET seq = 2 WHERE seq = 3",
        "UPDATE event SET seq = 3 WHERE seq = 100",
    )
    assert told(path).startswith("流水第 2 条")


@PER_TEST
@given(seq=st.integers(1, 5), column=st.sampled_from(["payload", "prev", "hash", "case_id"]), data=st.data())
def test_any_character_of_any_event_counts(path: Path, seq: int, column: str, data: st.DataObject) -> None:
    raw = sqlite3.connect(path)
    (text,) = raw.execute(f"SELECT {column} FROM event WHERE seq = ?", (seq,)).fetchone()
    raw.close()
    place = data.draw(st.integers(0, len(text) - 1))
    other = chr(ord(text[place]) ^ (1 << data.draw(st.integers(0, 6))))
    change = f"UPDATE event SET {column} = ? WHERE seq = ?"
    tamper(path, (change, (text[:place] + other + text[place + 1 :], seq)))
    assert told(path).startswith(f"流水第 {seq} 条")
    tamper(path, (change, (text, seq)))
    assert verify_store(path).size == 5


def resealed(path: Path, **changes: object) -> Iterator[tuple[str, tuple[object, ...]]]:
    """The last event made anew around other contents, tree included: the best an owner can do to one entry."""
    raw = sqlite3.connect(path)
    nodes = dict(raw.execute("SELECT position, hash FROM merkle"))
    raw.close()
    event = events(path)[-1]
    prev = event["prev"]
    body = {name: value for name, value in event.items() if name not in ("v", "seq", "prev", "attested", "hash")}
    body = {name: value for name, value in (body | changes).items() if value is not None}
    sealed = seal(5, prev, body)
    yield "UPDATE event SET payload = ?, hash = ? WHERE seq = 5", (sealed.payload, sealed.hash)
    yield "UPDATE command SET result = replace(result, ?, ?)", (event["hash"], sealed.hash)
    for place, node in enumerate(completed_by(4, bytes.fromhex(sealed.hash), nodes.__getitem__), node_count(4)):
        yield "UPDATE merkle SET hash = ? WHERE position = ?", (node, place)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"revision": 4}, "流水第 5 条：不是案件 2026-0001 的第 3 个动作"),
        ({"state": "0" * 64}, "案件 2026-0001（流水第 5 条）：当前状态"),
        ({"actor": "li"}, "流水第 5 条：操作号 note"),
        ({"command": "other"}, "流水第 5 条：操作号 other"),
        ({"records": [{"kind": "review", "id": "5-1", "digest": "0" * 64}]}, "流水第 5 条：登记的记录有缺失"),
        ({"contents": ["0" * 64]}, f"流水第 5 条登记的文件 {'0' * 64} 不见了"),
        ({"facts": {"stage_to": "issued"}}, "案件 2026-0001（流水第 5 条）：环节是“joint_review”，流水记载“issued”"),
        ({"facts": None}, "流水第 5 条：内容缺少应有的字段"),
        ({"records": "none"}, "流水第 5 条：内容缺少应有的字段"),
    ],
)
def test_an_event_made_anew_contradicts_the_rest(path: Path, changes: dict[str, object], place: str) -> None:
    tamper(path, *resealed(path))
    assert verify_store(path).size == 5
    tamper(path, *resealed(path, **changes))
    assert told(path).startswith(place)


def test_a_consistent_forgery_is_seen_only_by_a_checkpoint_kept_elsewhere(path: Path) -> None:
    known = checkpoint_of(path)
    tamper(path, *resealed(path, at="2026-03-01T00:00:00.000000Z"))
    assert verify_store(path).size == 5
    assert told(path, known).startswith("流水前 5 条与检查点的根哈希不符")


def test_an_older_copy_put_back_is_seen_only_by_a_checkpoint_kept_elsewhere(path: Path, tmp_path: Path) -> None:
    older = Path(shutil.copy(path, tmp_path / "older.db"))
    store = create_store(tmp_path / "other.db")
    submit(store)
    foreign = checkpoint_of(store.path)
    conclude(open_store(path), "2026-0001", "later")
    known = checkpoint_of(path)
    assert verify_store(path, known).size == 6
    assert verify_store(older).size == 5
    assert told(older, known).startswith("流水第 6 条缺失：检查点记载有 6 条，现在只有 5 条")
    assert "不是这个数据库" in told(path, foreign)
    assert "不是检查点" in told(path, "hello")


# ---------------------------------------------------------------- everything else in the file


def replaced(table: str, column: str) -> str:
    kind = SQLModel.metadata.tables[table].columns[column].type.python_type
    other = {str: f"{column} || 'x'", int: f"{column} + 1", bytes: f"CAST({column} || x'00' AS BLOB)"}[kind]
    return f"UPDATE {table} SET {column} = {other} WHERE rowid = (SELECT MAX(rowid) FROM {table})"


COLUMNS = [
    (table.name, column.name)
    for table in SQLModel.metadata.tables.values()
    if table.name != "passage"  # derived, and never relied upon
    for column in table.columns
    if table.name not in ("meta", "matter")  # matters have tests of their own
]
NOT_VOUCHED_FOR = {("record", "round"), ("record", "ordinal"), ("task", "ordinal"), ("task", "opened_at")}
"""Conveniences for lists: the round is in the record's body, places are checked only where there are two."""


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_every_column_is_vouched_for(path: Path, table: str, column: str) -> None:
    tamper(path, replaced(table, column))
    if (table, column) in NOT_VOUCHED_FOR:
        assert verify_store(path).size == 5
    else:
        assert told(path)


TABLES = sorted({table for table, _ in COLUMNS})


@pytest.mark.parametrize("table", TABLES)
def test_no_row_disappears_unseen(path: Path, table: str) -> None:
    tamper(path, f"DELETE FROM {table} WHERE rowid = (SELECT MAX(rowid) FROM {table})")
    assert told(path)


FIRST_BAD = [
    ("UPDATE record SET body = replace(body, 'compliant', 'exception') WHERE id = '3-1'",
     "流水第 3 条：记录 3-1（conclusion）的内容被改动"),
    ("UPDATE record SET case_id = '2026-0002' WHERE id = '3-1'", "流水第 3 条：记录 3-1 被移到案件 2026-0002"),
    ("INSERT INTO record SELECT '5-1', case_id, kind, round, body, digest, 5, 1 FROM record WHERE id = '3-1'",
     "流水第 5 条：记录 5-1 与流水登记的不符"),
    ("INSERT INTO record SELECT '6-1', case_id, kind, round, body, digest, 6, 1 FROM record WHERE id = '3-1'",
     "表 record 的 6-1 没有对应的流水"),
    ("INSERT INTO command SELECT 'x', actor, act, digest, case_id, 5, result FROM command WHERE event_seq = 5",
     "表 command 里有流水没有记载的操作号"),
    ("UPDATE case_ SET stage = 'issued' WHERE id = '2026-0002'",
     "案件 2026-0002（流水第 4 条）：环节是“issued”，流水记载“joint_review”"),
    ("UPDATE case_ SET revision = 1 WHERE id = '2026-0002'", "案件 2026-0002（流水第 4 条）：修订号是 1"),
    ("UPDATE case_ SET position = {x00} WHERE id = '2026-0002'", "案件 2026-0002（流水第 4 条）：当前状态"),
    ("UPDATE task SET holder = 'li' WHERE case_id = '2026-0002'", "案件 2026-0002（流水第 4 条）：当前状态或待办"),
    ("DELETE FROM case_ WHERE id = '2026-0002'", "流水第 4 条所属的案件 2026-0002 不见了"),
    ("INSERT INTO case_ SELECT '2026-0003', title, unit, kind, trigger, route, stage, round, version, opened_by, "
     "opened_at, bundle, position, revision FROM case_ LIMIT 1", "案件 2026-0003 没有任何流水"),
    ("UPDATE content SET data = {x00} WHERE size > 0", "文件内容"),
    ("UPDATE bundle SET data = {x00}", "流程定义 " + "b" * 64 + " 的内容被改动"),
    ("UPDATE merkle SET hash = {zeros} WHERE position = 2", "流水第 2 条：默克尔树"),
]  # fmt: skip
"""Changes anywhere else; `{x00}` and `{zeros}` stand for bytes, which the two databases write differently."""


@pytest.mark.parametrize(("change", "place"), FIRST_BAD)
def test_the_first_bad_entry_is_named(path: Path, change: str, place: str) -> None:
    tamper(path, change.format(x00="x'00'", zeros="zeroblob(32)"))
    assert told(path).startswith(place)


@PER_TEST
@given(offset=st.integers(0, 1 << 18), bit=st.integers(0, 7))
def test_a_flipped_bit_of_the_file_never_passes_as_another_truth(
    original: Path, path: Path, offset: int, bit: int
) -> None:
    """Bits in free space or in what is not vouched for may pass; then every event still reads the same."""
    data = bytearray(original.read_bytes())
    data[offset % len(data)] ^= 1 << bit
    path.write_bytes(data)
    try:
        verify_store(path)
    except (TrailBroken, InvalidInput):
        return
    assert events(path) == events(original)


def test_a_page_of_an_index_that_is_torn_is_found(path: Path) -> None:
    verify_store(path)
    raw = sqlite3.connect(path)
    size = raw.execute("PRAGMA page_size").fetchone()[0]
    root = raw.execute("SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'record'").fetchone()[0]
    raw.close()
    data = bytearray(path.read_bytes())
    data[(root - 1) * size : root * size] = bytes(size)
    path.write_bytes(bytes(data))
    assert told(path).startswith("数据库文件已损坏")
