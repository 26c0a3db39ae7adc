"""What a list of destruction names may go, by the guards and by verification; whatever else is missing is damage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from databases import Database
from store_cases import NOON, a_case, a_turn, a_version, an_act, conclude, submit

from engine.errors import NotFound, TrailBroken
from engine.model import Disposal, DisposedContent, DisposedRecord, RetentionAct, RetentionStep, RetentionTerm
from engine.store import Act, Store, verify_store
from engine.store.backup import back_up
from engine.store.connection import reading
from engine.store.destroying import destroy, destructible
from engine.store.disposal import destroyed, lawfully_gone
from engine.store.history import replayed
from engine.store.holdings import case_file, case_files

CASE, OTHER = "2026-0001", "2026-0002"
LATER = datetime(2037, 1, 1, 4, 0, tzinfo=UTC)
TEN = RetentionTerm.TEN_YEARS


def told(path: Path) -> str:
    with pytest.raises(TrailBroken) as broken:
        verify_store(path)
    return broken.value.message


def acted(name: str, by: str, at: datetime, **facts: object) -> Act:
    return replace(an_act(f"{name} {by} {at}", name, **facts), actor=by, at=at)


def step(store: Store, what: RetentionAct, by: str, at: datetime = LATER, **facts: object) -> None:
    with store.work() as work:
        record = RetentionStep(what, TEN, "理由", by, "市监局", at)
        work.save(work.case(CASE), acted(f"retention_{what}", by, at, **facts), records=[record])


def disposed(
    store: Store, by: str = "zhao", at: datetime = LATER, proposed_by: str = "qian", name: str = "retention_dispose",
    going: bool = True, more: Sequence[DisposedContent] = (), **changes: Any,
) -> None:  # fmt: skip
    """The case is destroyed without anybody being asked whether it may be."""
    with store.work() as work:
        records, contents = destructible(work, CASE)
        disposal = Disposal(
            TEN, date(2026, 3, 2), date(2037, 1, 1), records, (*contents, *more), "期满", proposed_by, by, "市监局", at
        )
        disposal = replace(disposal, **changes)
        receipt = work.save(work.case(CASE), acted(name, by, at), records=[disposal])
        if going:
            destroy(work, CASE, receipt.event_seq, disposal)


@pytest.fixture
def store(database: Database) -> Store:
    made = database.new_store()
    submit(made, CASE)
    submit(made, OTHER)
    conclude(made, CASE)
    return made


def test_a_lawful_destruction_leaves_a_whole_log(store: Store, tmp_path: Path) -> None:
    step(store, RetentionAct.PROPOSE, "qian")
    size = verify_store(store.path).size
    assert case_file(store.path, CASE).versions
    disposed(store)
    assert verify_store(store.path).size == size + 1
    (gone,) = destroyed(store.path)
    assert (gone.case, gone.seq, len(gone.disposal.records), len(gone.disposal.contents)) == (CASE, size + 1, 2, 1)
    assert [file.case.id for file in case_files(store.path)] == [OTHER]
    for ask in (lambda: case_file(store.path, CASE), lambda: replayed(store.path, CASE, LATER)):
        with pytest.raises(NotFound, match="已于 2037-01-01 依法销毁"):
            ask()
    with store.work() as work, pytest.raises(NotFound, match="依法销毁"):
        work.case_file(CASE)
    assert back_up(store.path, tmp_path / "backup.db").size == size + 1


BREACHES: dict[str, tuple[Sequence[tuple[RetentionAct, str]], dict[str, Any], str]] = {
    "nobody proposed": ((), {}, "没有经过两个人"),
    "one person": (((RetentionAct.PROPOSE, "zhao"),), {"proposed_by": "zhao"}, "没有经过两个人"),
    "another proposed": (((RetentionAct.PROPOSE, "sun"),), {}, "没有经过两个人"),
    "held": (((RetentionAct.PROPOSE, "qian"), (RetentionAct.HOLD, "zhao")), {}, "当时正暂缓销毁"),
    "too early": (
        ((RetentionAct.PROPOSE, "qian"),), {"at": datetime(2036, 12, 31, 15, tzinfo=UTC)}, "保管期限没有届满"),
    "for ever": (((RetentionAct.PROPOSE, "qian"),), {"term": RetentionTerm.PERMANENT}, "保管期限没有届满"),
    "thirty years": (((RetentionAct.PROPOSE, "qian"),), {"term": RetentionTerm.THIRTY_YEARS}, "保管期限没有届满"),
    "another's name": (((RetentionAct.PROPOSE, "qian"),), {"disposed_by": "sun"}, "清单不是由销毁这一动作登记的"),
}  # fmt: skip


@pytest.mark.parametrize("how", BREACHES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_destruction_that_breaks_a_rule_is_found(store: Store, how: str) -> None:
    steps, changes, fault = BREACHES[how]
    for what, by in steps:
        step(store, what, by, min(LATER, changes.get("at", LATER)))
    assert verify_store(store.path).size == 3 + len(steps)
    disposed(store, **changes)
    assert told(store.path) == f"流水第 {4 + len(steps)} 条：案件 {CASE} 的销毁不合规，{fault}。"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_term_set_otherwise_is_found(store: Store) -> None:
    step(store, RetentionAct.SET, "zhao", NOON, term="permanent")
    step(store, RetentionAct.PROPOSE, "qian")
    disposed(store)
    assert told(store.path).endswith("保管期限与流水记载的不同。")


def test_the_guards_let_nothing_else_go(store: Store, database: Database) -> None:
    step(store, RetentionAct.PROPOSE, "qian")
    disposed(store, going=False)
    with database.raw(store.path) as raw:
        other = raw.execute("SELECT id FROM record WHERE case_id = ?", (OTHER,)).fetchone()[0]
        kept = raw.execute("SELECT id FROM record WHERE kind = 'disposal'").fetchone()[0]
        listed = raw.execute("SELECT id FROM record WHERE case_id = ? AND kind = 'version'", (CASE,)).fetchone()[0]
        for name in (other, kept):
            with pytest.raises(Exception, match="append-only"):
                raw.execute("DELETE FROM record WHERE id = ?", (name,))
        with pytest.raises(Exception, match="append-only"):
            raw.execute("UPDATE record SET body = '' WHERE id = ?", (listed,))
        files = [row[0] for row in raw.execute("SELECT sha256 FROM content").fetchall()]
        went = [digest for digest in files if _goes(raw, digest)]
        raw.execute("DELETE FROM record WHERE id = ?", (listed,))
    assert len(files) == 2
    assert went == [content.sha256 for content in destroyed(store.path)[0].disposal.contents]


def _goes(raw: Any, digest: str) -> bool:
    try:
        raw.execute("DELETE FROM content WHERE sha256 = ?", (digest,))
    except Exception as refusal:
        assert "append-only" in str(refusal)
        return False
    return True


def test_what_no_list_names_is_damage(store: Store, database: Database) -> None:
    step(store, RetentionAct.PROPOSE, "qian")
    disposed(store)
    assert verify_store(store.path).size == 5
    record = database.copy(store.path)
    database.tamper(record, ("DELETE FROM record WHERE case_id = ?", (OTHER,)))
    assert told(record) == "流水第 2 条：登记的记录有缺失或次序被改。"
    file = database.copy(store.path)
    database.tamper(file, "DELETE FROM content")
    assert "流水第 2 条登记的文件" in told(file)


def test_a_list_of_which_the_log_knows_nothing_is_found(store: Store, database: Database) -> None:
    step(store, RetentionAct.PROPOSE, "qian")
    body = '{"contents":[],"disposed_at":"2037-01-01T04:00:00.000000Z","disposed_by":"zhao","due_on":"2037-01-01","ended_on":"2026-03-02","proposed_by":"qian","reason":"x","records":[{"digest":"%s","id":"1-1","kind":"version"}],"term":"10_years","unit":"x"}'  # noqa: E501
    with database.raw(store.path) as raw:
        digest = raw.execute("SELECT digest FROM record WHERE id = '1-1'").fetchone()[0]
        forged = ("4-2", CASE, "disposal", 1, body % digest, "0" * 64, 4, 2)
        raw.execute(f"INSERT INTO record VALUES ({', '.join('?' * 8)})", forged)  # noqa: S608
        with pytest.raises(Exception, match="append-only"):
            raw.execute("DELETE FROM record WHERE id = '1-1'")
    assert "不合规，清单不是由销毁这一动作登记的" in told(store.path)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_said_to_be_gone_and_is_not(store: Store) -> None:
    step(store, RetentionAct.PROPOSE, "qian")
    disposed(store, going=False)
    assert told(store.path) == "流水第 1 条：销毁清单里的记录 1-1 仍在。"


def test_a_file_another_case_keeps_does_not_go(store: Store, database: Database) -> None:
    with store.work() as work:
        shared = work.put_content("第一条 本市企业优先。2026-0001".encode())
        case = a_case("2026-0003")
        work.save(case, an_act("third"), records=[a_version(shared)], turns=[a_turn()], contents=[shared])
    step(store, RetentionAct.PROPOSE, "qian")
    sound, forged = database.copy(store.path), database.copy(store.path)
    disposed(type(store)(sound))
    assert verify_store(sound).size == 6
    assert destroyed(sound)[0].disposal.contents == ()
    disposed(type(store)(forged), more=[DisposedContent(shared, 1)])
    assert told(forged) == f"流水第 4 条登记的文件 {shared} 不见了，它不在该案的销毁清单里。"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_list_cannot_name_the_record_of_another_case(store: Store, database: Database) -> None:
    step(store, RetentionAct.PROPOSE, "qian")
    with database.raw(store.path) as raw:
        row = raw.execute("SELECT id, kind, digest FROM record WHERE case_id = ?", (OTHER,)).fetchone()
    with pytest.raises(Exception, match="append-only"):
        disposed(store, records=(DisposedRecord(*row),))
    assert verify_store(store.path).size == 4
    disposed(store)
    database.tamper(store.path, ("DELETE FROM record WHERE id = ?", (row[0],)))
    assert told(store.path) == "流水第 2 条：登记的记录有缺失或次序被改。"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_is_gone_where_nothing_was_destroyed(store: Store) -> None:
    with reading(store.path) as connection:
        account = lawfully_gone(connection)
    assert (account.records, account.contents) == ({}, {})
