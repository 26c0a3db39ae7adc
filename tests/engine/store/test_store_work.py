"""What a unit of work promises: whole or nothing, once only, never over somebody else's work."""

from __future__ import annotations

import sqlite3
import stat
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from databases import Database
from store_cases import a_case, a_conclusion, a_turn, a_version, an_act, conclude, submit, two_cases

from engine.errors import Busy, Conflict, InvalidInput, NotFound, NotYourTurn, TrailBroken
from engine.model import CaseFile, Officer, Role
from engine.store import Receipt, Store, create_store, open_store, verify_store
from engine.store import connection as store_connection
from engine.store import sqlite as store_sqlite
from engine.store.backup import set_aside
from engine.store.contents import MAX_CONTENT
from engine.store.reads import events
from engine.store.sqlite import wal_is_safe


@pytest.fixture
def store(database: Database) -> Store:
    return database.new_store()


def test_a_submitted_case_is_there_when_the_store_is_opened_again(store: Store) -> None:
    receipt = submit(store)
    with open_store(store.path).work() as work:
        file = work.case_file("2026-0001")
        digest = file.versions[0].sha256
        assert file == CaseFile(case=a_case(revision=1), versions=(a_version(digest),))
        assert work.case("2026-0001") == file.case
        assert work.open_turns("2026-0001") == (a_turn(),)
        assert work.content(digest) == "第一条 本市企业优先。2026-0001".encode()
        assert work.bundle("b" * 64) == b"<definitions/>"
    assert receipt == Receipt("2026-0001", 1, 1, events(store.path)[0]["hash"], repeated=False)


def test_the_event_says_what_was_done(store: Store) -> None:
    submit(store)
    event = events(store.path)[0]
    record = event["records"][0]
    assert {name: event[name] for name in ("seq", "case", "revision", "act", "actor", "unit", "at", "command")} == {
        "seq": 1, "case": "2026-0001", "revision": 1, "act": "submit", "actor": "wang", "unit": "商务局",
        "at": "2026-03-02T04:00:00.000000Z", "command": "submit 2026-0001",
    }  # fmt: skip
    assert event["facts"] == {"stage_to": "self_review"}
    assert (record["kind"], record["id"], len(event["contents"]), event["attested"]) == ("version", "1-1", 1, False)


def test_nothing_is_kept_without_save(store: Store) -> None:
    with store.work() as work:
        work.next_case_id(2026)
        digest = work.put_content(b"draft")
        work.put_bundle("x", b"definition")
    with store.work() as work:
        assert work.next_case_id(2026) == "2026-0001"
        with pytest.raises(NotFound):
            work.content(digest)
        with pytest.raises(NotFound):
            work.bundle("x")


def test_nothing_is_kept_when_the_block_raises_after_saving(store: Store) -> None:
    with pytest.raises(RuntimeError, match="power"), store.work() as work:
        work.save(a_case(), an_act("one"), records=[a_conclusion()], turns=[a_turn()])
        raise RuntimeError("power")
    assert events(store.path) == []
    verify_store(store.path)
    submit(store)


def test_numbers_run_by_year_and_only_when_saved(store: Store) -> None:
    for expected in ("2026-0001", "2026-0002"):
        with store.work() as work:
            case_id = work.next_case_id(2026)
            work.save(a_case(case_id), an_act(case_id))
            assert case_id == expected
    with store.work() as work:
        assert work.next_case_id(2027) == "2027-0001"
        assert work.next_case_id(2026) == "2026-0003"
        assert work.next_case_id(2026) == "2026-0004"


def test_a_repeated_command_gives_the_first_receipt(store: Store) -> None:
    receipt = submit(store, command="c1")
    with store.work() as work:
        assert work.repeated("c2", "digest of c2") is None
        assert work.repeated("c1", "digest of c1") == replace(receipt, repeated=True)
        with pytest.raises(Conflict, match="“c1”已用于案件 2026-0001 的另一个动作（submit，wang）"):
            work.repeated("c1", "digest of another act")
        with pytest.raises(Conflict, match="“c1”已经办理过"):
            work.save(work.case("2026-0001"), an_act("c1"))


def test_who_saves_on_an_old_revision_is_told_who_was_first(store: Store) -> None:
    submit(store)
    with store.work() as work:
        mine = work.case("2026-0001")
    conclude(store)
    with store.work() as work, pytest.raises(Conflict) as caught:
        work.save(mine, an_act("late"))
    assert caught.value.message == (
        "案件 2026-0001 已由 wang 于 2026-03-02T04:05:00.000000Z 办理了“conclude”，你所依据的不是最新状态。"
    )
    assert len(events(store.path)) == 2


def test_a_new_case_does_not_overwrite_one_and_an_old_one_must_exist(store: Store) -> None:
    submit(store)
    with store.work() as work, pytest.raises(Conflict):
        work.save(a_case(), an_act("again"))
    with store.work() as work, pytest.raises(NotFound):
        work.save(a_case("2026-0009", revision=3), an_act("ghost"))


def test_an_unknown_case_is_refused_with_near_ids(store: Store) -> None:
    submit(store)
    with store.work() as work, pytest.raises(NotFound) as caught:
        work.case("2026-001")
    assert str(caught.value) == "没有编号为“2026-001”的案件。是否指 2026-0001？"


def test_open_tasks_are_replaced_kept_and_claimed(store: Store) -> None:
    submit(store)
    with store.work() as work:
        work.save(work.case("2026-0001"), an_act("note", "note"))
        assert work.holder("2026-0001", "self_review") == ""
    with store.work() as work:
        claimed = [replace(turn, holder="li") for turn in work.open_turns("2026-0001")]
        work.save(work.case("2026-0001"), an_act("claim", "claim"), turns=claimed)
    with store.work() as work:
        assert work.holder("2026-0001", "self_review") == "li"
    conclude(store)
    with store.work() as work:
        assert [(turn.instance, turn.role) for turn in work.open_turns("2026-0001")] == [
            ("市监局", Role.REGULATOR),
            ("司法局", Role.REGULATOR),
        ]
        assert work.holder("2026-0001", "joint_review", "司法局") == ""
        with pytest.raises(NotYourTurn):
            work.holder("2026-0001", "self_review")
    verify_store(store.path)


def test_a_kept_task_keeps_its_opening_and_a_new_one_gets_the_acts(store: Store, database: Database) -> None:
    submit(store)
    with store.work() as work:
        turns = [a_turn(), a_turn("consult")]
        work.save(work.case("2026-0001"), an_act("fork", minute=7), turns=turns)
    with database.raw(store.path) as raw:
        opened = raw.execute("SELECT element, opened_at FROM task ORDER BY ordinal").fetchall()
    assert opened == [("self_review", "2026-03-02T04:00:00.000000Z"), ("consult", "2026-03-02T04:07:00.000000Z")]


def test_an_officer_may_be_given_whole(store: Store) -> None:
    act = replace(an_act("one"), actor=Officer("zhao", "赵", "市监局", (Role.REGULATOR,)))
    with store.work() as work:
        work.save(a_case(), act)
    assert events(store.path)[0]["actor"] == "zhao"


def test_the_same_content_is_kept_once_and_contents_must_be_there(store: Store) -> None:
    with store.work() as work:
        assert work.put_content(b"draft") == work.put_content(b"draft")
        with pytest.raises(ValueError, match="was not put"):
            work.save(a_case(), an_act("one"), contents=["0" * 64])
        with pytest.raises(InvalidInput, match="64 MiB"):
            work.put_content(b"\0" * (MAX_CONTENT + 1))


def test_a_process_definition_is_never_rewritten(store: Store) -> None:
    submit(store)
    with store.work() as work:
        work.put_bundle("b" * 64, b"<definitions/>")
        with pytest.raises(Conflict):
            work.put_bundle("b" * 64, b"<other/>")


@pytest.mark.parametrize("wrong", [{"command": ""}, {"name": ""}, {"actor": ""}])
def test_an_act_names_itself(store: Store, wrong: dict[str, str]) -> None:
    with store.work() as work, pytest.raises(ValueError, match="an act needs"):
        work.save(a_case(), replace(an_act("one"), **wrong))


def test_two_writers_wait_and_then_say_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_connection, "BUSY_SECONDS", 0.05)
    submit(store)
    with store.work() as work:
        mine = work.case("2026-0001")
        with pytest.raises(Busy) as caught, open_store(store.path).work() as other:
            other.case("2026-0001")
        work.save(mine, an_act("one"))
    assert str(caught.value) == "数据库正被另一操作占用，什么都没有写入。请稍候重复同一命令。"
    conclude(store)
    assert [event["command"] for event in events(store.path)] == ["submit 2026-0001", "one", "conclude 2026-0001"]


def test_a_changed_record_or_content_is_not_served(store: Store, database: Database) -> None:
    submit(store)
    with store.work() as work:
        digest = work.case_file("2026-0001").versions[0].sha256
    database.tamper(
        store.path,
        "UPDATE record SET body = replace(body, '送审稿', '定稿')",
        f"UPDATE content SET data = {database.blob(bytes(40))}",  # noqa: S608
        f"UPDATE bundle SET data = {database.blob(bytes(1))}",  # noqa: S608
    )
    with store.work() as work:
        with pytest.raises(TrailBroken, match="记录 1-1"):
            work.case_file("2026-0001")
        with pytest.raises(TrailBroken, match=digest):
            work.content(digest)
        with pytest.raises(TrailBroken, match="流程定义"):
            work.bundle("b" * 64)


# ---------------------------------------------------------------- creating and opening


def test_a_store_is_its_owners_alone_and_not_made_twice(tmp_path: Path) -> None:
    path = tmp_path / "新目录" / "a?b#c.db"
    create_store(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    before = path.read_bytes()
    with pytest.raises(Conflict, match="已经存在"):
        create_store(path)
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="建不了数据库"):
        create_store(tmp_path / "file" / "a.db")


def test_a_missing_database_says_init(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="请先运行 shuangshen init"):
        open_store(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def foreign(path: Path, *statements: str) -> Path:
    with store_sqlite.sqlite3.connect(path) as raw:
        for statement in statements:
            raw.execute(statement)
    raw.close()
    return path


def test_strange_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("不是数据库" * 500)
    for path in (
        tmp_path / "text.db",
        foreign(tmp_path / "empty.db"),
        foreign(tmp_path / "other.db", "CREATE TABLE note (a)"),
        foreign(tmp_path / "meta.db", "CREATE TABLE meta (id, version)"),
        foreign(tmp_path / "word.db", "CREATE TABLE meta (key, value)", "INSERT INTO meta VALUES ('schema', 'x')"),
    ):
        with pytest.raises(InvalidInput, match="不是"):
            open_store(path)


@pytest.mark.parametrize(("version", "told"), [("99", "请先升级本程序"), ("0", "已不再支持")])
def test_another_schema_is_refused(store: Store, database: Database, version: str, told: str) -> None:
    open_store(store.path)
    with database.raw(store.path) as raw:
        raw.execute(f"UPDATE meta SET value = '{version}' WHERE key = 'schema'")  # noqa: S608
    with pytest.raises(InvalidInput, match=told):
        open_store(store.path)
    with pytest.raises(InvalidInput, match=told):
        events(store.path)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True),
    ],
)  # fmt: skip
def test_wal_only_where_it_cannot_corrupt(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_a_safe_sqlite_is_taken_from_the_optional_library(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ModuleType("pysqlite3.dbapi2")
    monkeypatch.setitem(sys.modules, "pysqlite3", other)
    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", other)
    for own, others, taken in (
        ((3, 40, 1), (3, 53, 4), other),
        ((3, 40, 1), (3, 51, 1), sqlite3),
        ((3, 51, 3), (3, 53, 4), sqlite3),
    ):
        monkeypatch.setattr(sqlite3, "sqlite_version_info", own)
        other.sqlite_version_info = others  # type: ignore[attr-defined]
        assert store_sqlite.chosen() is taken
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", None)
    assert store_sqlite.chosen() is sqlite3


def test_writing_connections_are_durable_and_strict(tmp_path: Path) -> None:
    store = create_store(tmp_path / "review.db")
    raw = store_connection.connect(store.path, write=True)
    asked = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
    set_to = tuple(raw.execute(f"PRAGMA {name}").fetchone()[0] for name in asked)
    raw.close()
    safe = wal_is_safe(store_sqlite.sqlite3.sqlite_version_info)
    assert set_to == (("wal", 2, 1, 1) if safe else ("delete", 3, 1, 1))


def test_the_other_journal_serves_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """WAL where this SQLite would use the rollback journal, and the other way round; one process only."""
    store = create_store(tmp_path / "review.db")
    other = not wal_is_safe(store_sqlite.sqlite3.sqlite_version_info)
    monkeypatch.setattr(store_connection, "wal_is_safe", lambda _: other)
    two_cases(store)
    assert verify_store(store.path).size == 5
    monkeypatch.undo()
    conclude(store, "2026-0001", "back again")
    assert verify_store(store.path).size == 6


def test_acts_in_a_row_are_acts_like_any_other(store: Store) -> None:
    with store.staying() as kept:
        two_cases(kept)
        assert len(events(store.path)) == 5
    conclude(store, "2026-0001", "afterwards")
    assert verify_store(store.path).size == 6


def test_a_file_put_in_the_place_of_another_is_written_to(tmp_path: Path) -> None:
    store, other = create_store(tmp_path / "review.db"), create_store(tmp_path / "other.db")
    with store.staying() as kept:
        submit(kept)
        with kept.work():
            pass
        set_aside(store.path, tmp_path / "aside")
        other.path.rename(store.path)
        submit(kept)
    assert [verify_store(path).size for path in (store.path, tmp_path / "aside" / "review.db")] == [1, 1]
