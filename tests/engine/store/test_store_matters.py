"""Matters share the trail with cases, never their lists; every column of theirs is vouched for."""

from __future__ import annotations

from datetime import date

import pytest
from databases import Database
from hypothesis import given, settings
from hypothesis import strategies as st
from store_cases import NOON, an_act, submit
from test_store_records import values

from engine import model
from engine.errors import Conflict, NotFound, TrailBroken
from engine.model import LedgerEntry, LedgerProgress, Matter, MatterKind
from engine.store import Store, reads, verify_store
from engine.store.matters import matter_file, matter_files, newest_bundle, next_matter_id, save_matter
from engine.store.records import MATTER_KINDS, body_of, kind_of, matter_record_of
from engine.store.tables import SQLModel

ENTRY = LedgerEntry("jtj", "", "未经审查印发", "补审", date(2026, 6, 30), "抽查", "", "wang", NOON)


@pytest.fixture
def store(database: Database) -> Store:
    made = database.new_store()
    submit(made, "2026-0001")
    return made


def added(store: Store, command: str = "add") -> str:
    with store.work() as work:
        matter = Matter(
            next_matter_id(work, MatterKind.LEDGER, 2026), MatterKind.LEDGER, "问题", "jtj", "wang", NOON, 0
        )
        save_matter(work, matter, an_act(command, "ledger_add"), [ENTRY])
    return matter.id


def test_a_matter_is_kept_beside_the_cases_and_never_among_them(store: Store) -> None:
    assert added(store) == "TZ-2026-0001"
    with store.work() as work:
        file = matter_file(work, "TZ-2026-0001", MatterKind.LEDGER)
        assert (file.matter.revision, file.records) == (1, (ENTRY,))
        save_matter(work, file.matter, an_act("go", "ledger_progress"), [LedgerProgress("已约谈", "wang", NOON)])
    assert [row["id"] for row in reads.find_cases(store.path)] == ["2026-0001"]
    assert [event["case"] for event in reads.events(store.path)] == ["2026-0001", "TZ-2026-0001", "TZ-2026-0001"]
    with store.work() as work:
        assert len(matter_files(work, MatterKind.LEDGER)[0].records) == 2
        assert matter_files(work, MatterKind.COMPLAINT) == ()
        assert newest_bundle(work) is None
    assert verify_store(store.path).size == 3


def test_what_is_not_there_or_of_another_kind_is_not_found(store: Store) -> None:
    added(store)
    with store.work() as work:
        assert matter_file(work, "TZ-2026-0001", MatterKind.LEDGER).matter.id == "TZ-2026-0001"
        with pytest.raises(NotFound, match="是否指 TZ-2026-0001"):
            matter_file(work, "TZ-2026-0002", MatterKind.LEDGER)
        with pytest.raises(NotFound, match="请核对编号"):
            matter_file(work, "TZ-2026-0001", MatterKind.COMPLAINT)


def test_an_overtaken_matter_is_not_written(store: Store) -> None:
    added(store)
    with store.work() as work:
        stale = matter_file(work, "TZ-2026-0001", MatterKind.LEDGER).matter
        save_matter(work, stale, an_act("first", "note"), [])
    with pytest.raises(Conflict, match="先行办理"), store.work() as work:
        save_matter(work, stale, an_act("second", "note"), [])
    assert verify_store(store.path).size == 3


def test_every_column_is_vouched_for(store: Store, database: Database) -> None:
    added(store)
    for column in (column.name for column in SQLModel.metadata.tables["matter"].columns):
        assert verify_store(store.path).size == 2
        kept = f"SELECT {column} FROM matter"  # noqa: S608
        with database.raw(store.path) as raw:
            (was,) = raw.execute(kept).fetchone()
        other = was + 1 if isinstance(was, int) else was + "1"
        database.tamper(store.path, (f"UPDATE matter SET {column} = ?", (other,)))  # noqa: S608
        with pytest.raises(TrailBroken):
            verify_store(store.path)
        database.tamper(store.path, (f"UPDATE matter SET {column} = ?", (was,)))  # noqa: S608


def test_a_matter_neither_vanishes_nor_appears_unseen(store: Store, database: Database) -> None:
    added(store)
    with database.raw(store.path) as raw:
        raw.execute("INSERT INTO matter SELECT 'TZ-2026-0009', kind, title, unit, opened_by, opened_at, 1 FROM matter")
        with pytest.raises(TrailBroken, match="事项 TZ-2026-0009 没有任何流水"):
            verify_store(store.path)
        raw.execute("DELETE FROM matter")
        with pytest.raises(TrailBroken, match="TZ-2026-0001 不见了"):
            verify_store(store.path)


@pytest.mark.parametrize("kind", MATTER_KINDS)
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_a_record_of_a_matter_comes_back_as_it_went(kind: str, data: st.DataObject) -> None:
    record = data.draw(values(MATTER_KINDS[kind]))
    assert kind_of(record) == kind
    assert matter_record_of(kind, body_of(record), "记录 1-1") == record


def test_every_record_of_a_matter_has_a_kind() -> None:
    assert set(MATTER_KINDS.values()) == set(model.MatterRecord.__args__)
