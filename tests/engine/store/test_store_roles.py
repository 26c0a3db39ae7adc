"""With psql in hand: what each role may do it can do, and every way around is shut."""

# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from databases import Database, PostgreSQL, pointer
from postgresql_server import Server
from store_cases import a_case, a_turn, an_act, conclude, submit, two_cases
from test_store_disposal import disposed, step

from engine.errors import InvalidInput, NotFound, Refused, TrailBroken
from engine.model import RetentionAct, Role
from engine.store import Store, create_store, open_store, reads, verify_store
from engine.store.connection import reading
from engine.store.place import url_at
from engine.store.roles import Logins, make_roles
from engine.store.verify import changed_triggers

Denied = (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)
LOGINS = ("app_login", "audit_login", "swj_login", "zjj_login", "nobody_login")
Psql = Callable[..., list[tuple[Any, ...]]]


def guarded(database: Database, postgresql: Server) -> Store:
    """Two cases of the one department, one of the other, the regulator's turn in one of them; logins in their roles."""
    made = database.new_store()
    with postgresql.connect() as raw:
        for login in LOGINS:
            if raw.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (login,)).fetchone() is None:
                raw.execute(f"CREATE ROLE {login} LOGIN")
    two_cases(made)
    with made.work() as work:
        work.save(a_case("2026-0003", unit="住建局"), an_act("other"), turns=[a_turn()])
    units = {"swj_login": "商务局", "zjj_login": "住建局"}
    make_roles(made.path, Logins(["app_login"], ["audit_login"], units))
    return made


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> Store:
    """The store that withstands every attack of this module."""
    return guarded(PostgreSQL(tmp_path_factory.mktemp("kept"), postgresql, []), postgresql)


@pytest.fixture
def store(database: Database, postgresql: Server) -> Store:
    """One that may be changed."""
    return guarded(database, postgresql)


@pytest.fixture
def psql(postgresql: Server) -> Psql:
    """Runs statements in this store as this login and gives what the last one answers."""

    def run(store: Store, login: str, *statements: str) -> list[tuple[Any, ...]]:
        database = url_at(store.path).split("/")[3].split("?")[0]
        with closing(postgresql.connect(database, login)) as connection:
            connection.execute("SET search_path = shuangshen")
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    return run


def by(store: Store, login: str, room: Path) -> Path:
    """A place that names the same database for another login."""
    return pointer(room / f"{login}.url", url_at(store.path).replace("postgres@", f"{login}@"))


# ---------------------------------------------------------------- the application


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_application_works_without_owning_anything(store: Store, tmp_path: Path) -> None:
    place = by(store, "app_login", tmp_path)
    submit(open_store(place), "2026-0009")
    conclude(open_store(place), "2026-0009")
    with open_store(place).work() as work:
        assert work.next_case_id(2026) == "2026-0001"
        work.save(work.case("2026-0003"), an_act("withdraw"), turns=[])
    assert verify_store(place).size == 9


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_application_destroys_what_a_list_names_and_no_more(store: Store, psql: Psql, tmp_path: Path) -> None:
    place = by(store, "app_login", tmp_path)
    psql(store, "app_login", "SELECT destroy(1)")
    size = verify_store(place).size
    assert psql(store, "zjj_login", "SELECT COUNT(*) FROM passage") == [(0,)]
    assert psql(store, "swj_login", "SELECT COUNT(*) > 0 FROM passage") == [(True,)]
    step(open_store(place), RetentionAct.PROPOSE, "qian")
    disposed(open_store(place))
    assert verify_store(place).size == size + 2
    assert psql(store, "app_login", "SELECT kind FROM record WHERE case_id = '2026-0001' ORDER BY 1") == [
        ("disposal",), ("retention_step",)]  # fmt: skip
    assert open_store(place).reindex() > 0


@pytest.mark.parametrize("table", ["event", "record", "content", "bundle", "command", "merkle"])
def test_the_application_cannot_take_back_what_is_written(kept: Store, psql: Psql, table: str) -> None:
    (before,) = psql(kept, "app_login", f"SELECT COUNT(*) FROM {table}")
    assert before > (0,)
    column = {"event": "payload", "record": "body", "command": "act", "merkle": "hash"}.get(table, "data")
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            psql(kept, "app_login", statement)
    assert psql(kept, "app_login", f"SELECT COUNT(*) FROM {table}") == [before]


@pytest.mark.parametrize(
    "attack",
    [
        "ALTER TABLE event DISABLE TRIGGER event_no_change",
        "DROP TRIGGER event_no_change ON event",
        "DROP TABLE event CASCADE",
        "ALTER TABLE case_ DISABLE ROW LEVEL SECURITY",
        "SET session_replication_role = replica",
        "CREATE FUNCTION refuse_change(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE public.event (a int)",
        "CREATE TEMP TABLE event (a int)",
        "DELETE FROM case_",
        "SET ROLE postgres",
    ],
)
def test_the_application_cannot_change_the_rules(kept: Store, psql: Psql, attack: str) -> None:
    psql(kept, "app_login", "UPDATE case_ SET title = title")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        psql(kept, "app_login", attack)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_application_cannot_rename_the_log_or_its_schema(store: Store, psql: Psql) -> None:
    wanted = psql(store, "app_login", "SELECT key, value FROM meta ORDER BY key")
    counted = ("INSERT INTO meta VALUES ('cases 2031', '7')", "UPDATE meta SET value = '8' WHERE key = 'cases 2031'")
    psql(store, "app_login", *counted)
    psql(store, "app_login", "UPDATE meta SET value = 'x' WHERE key IN ('schema', 'origin')")
    assert psql(store, "app_login", "SELECT key, value FROM meta WHERE key <> 'cases 2031' ORDER BY key") == wanted
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        psql(
            store,
            "app_login",
            "INSERT INTO meta VALUES ('origin', 'mine') ON CONFLICT (key) DO UPDATE SET value = 'mine'",
        )


# ---------------------------------------------------------------- the auditor


def test_the_auditor_reads_everything_and_writes_nothing(kept: Store, tmp_path: Path) -> None:
    place = by(kept, "audit_login", tmp_path)
    assert verify_store(place).size == 6
    assert len(reads.find_cases(place)) == 3
    with pytest.raises(Refused, match="无权做这一步"), open_store(place).work() as work:
        work.save(a_case("2026-0008"), an_act("forged"))
    assert verify_store(place).size == 6


# ---------------------------------------------------------------- the drafting unit


def test_a_drafting_unit_sees_its_own_cases_and_no_others(kept: Store, psql: Psql) -> None:
    assert psql(kept, "swj_login", "SELECT id FROM case_ ORDER BY id") == [("2026-0001",), ("2026-0002",)]
    assert psql(kept, "zjj_login", "SELECT id FROM case_") == [("2026-0003",)]
    assert psql(kept, "nobody_login", "SELECT 1") == [(1,)]
    for table in ("task", "record", "event"):
        seen = psql(kept, "swj_login", f"SELECT DISTINCT case_id FROM {table} ORDER BY case_id")
        assert seen == [("2026-0001",), ("2026-0002",)]
        assert psql(kept, "zjj_login", f"SELECT COUNT(*) FROM {table} WHERE case_id <> '2026-0003'") == [(0,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            psql(kept, "nobody_login", f"SELECT * FROM shuangshen.{table}")


@pytest.mark.parametrize(
    "attack",
    [
        "SELECT data FROM content",
        "SELECT * FROM drafting_login",
        "INSERT INTO drafting_login VALUES ('swj_login', '住建局')",
        "UPDATE drafting_login SET unit = '住建局'",
        "SET row_security = off; SELECT * FROM case_",
        "SET SESSION AUTHORIZATION zjj_login",
        "SET ROLE shuangshen_app",
        "SET ROLE shuangshen_auditor",
        "UPDATE task SET holder = 'swj_login' WHERE role = 'regulator'",
        "DELETE FROM task WHERE role = 'regulator'",
        "INSERT INTO task SELECT * FROM task LIMIT 1",
        "UPDATE case_ SET stage = 'passed'",
        "INSERT INTO event SELECT seq + 1, case_id, payload, hash, hash FROM event ORDER BY seq DESC LIMIT 1",
        "UPDATE event SET payload = payload",
        "DELETE FROM event",
        "TRUNCATE event CASCADE",
        "UPDATE record SET body = body",
        "INSERT INTO merkle VALUES (99, '')",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "DROP POLICY drafter_reads_own ON case_",
        "CREATE POLICY mine ON case_ USING (true)",
        "CREATE OR REPLACE FUNCTION own_unit() RETURNS text LANGUAGE sql AS 'SELECT ''住建局'''",
        "CREATE TEMP TABLE case_ (a int)",
        "SET session_replication_role = replica",
    ],
)
def test_a_drafting_unit_cannot_go_round(kept: Store, psql: Psql, attack: str) -> None:
    assert psql(kept, "swj_login", "SELECT role FROM task WHERE case_id = '2026-0001'") == [("regulator",)] * 2
    with pytest.raises(Denied):
        psql(kept, "swj_login", *attack.split("; "))
    assert verify_store(kept.path).size == 6


def test_who_says_he_is_another_stays_who_he_is(kept: Store, psql: Psql) -> None:
    pretending = ("SET shuangshen.unit = '住建局'", "SET application_name = 'zjj_login'")
    assert psql(kept, "swj_login", *pretending, "SELECT own_unit(), session_user") == [("商务局", "swj_login")]
    assert psql(kept, "swj_login", *pretending, "SELECT COUNT(*) FROM case_ WHERE unit = '住建局'") == [(0,)]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_regulators_task_is_completed_by_the_application_only(store: Store, tmp_path: Path) -> None:
    with open_store(by(store, "app_login", tmp_path)).work() as work:
        turns = [replace(turn, holder="zhao") for turn in work.open_turns("2026-0001")]
        work.save(work.case("2026-0001"), an_act("claim", "claim"), turns=turns)
    assert [turn["holder"] for turn in reads.queue(store.path, [Role.REGULATOR], officer="zhao")][:2] == [
        "zhao",
        "zhao",
    ]
    with pytest.raises(Refused), open_store(by(store, "swj_login", tmp_path)).work() as work:
        work.case("2026-0001")


# ---------------------------------------------------------------- the owner, the superuser, and making it all


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_even_the_superuser_has_to_take_the_guard_off_first_and_is_found_out(store: Store, psql: Psql) -> None:
    change = "UPDATE event SET payload = replace(payload, 'wang', 'wong') WHERE seq = 2"
    with pytest.raises(psycopg.errors.IntegrityError, match="append-only"):
        psql(store, "postgres", change)
    with pytest.raises(psycopg.errors.IntegrityError, match="append-only"):
        psql(store, "postgres", "SET session_replication_role = replica", change)
    with pytest.raises(psycopg.errors.IntegrityError, match="append-only"):
        psql(store, "postgres", "TRUNCATE event CASCADE")
    psql(store, "postgres", "ALTER TABLE event DISABLE TRIGGER event_no_change", change)
    with reading(store.path) as connection:
        assert changed_triggers(connection) == ["event_no_change"]
    psql(store, "postgres", "ALTER TABLE event ENABLE ALWAYS TRIGGER event_no_change")
    with pytest.raises(TrailBroken, match="流水第 2 条：内容与哈希不符"):
        verify_store(store.path)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_roles_are_made_as_often_as_asked_and_only_where_there_are_some(store: Store, tmp_path: Path) -> None:
    make_roles(store.path, Logins())
    with pytest.raises(NotFound, match="没有登录“wanderer”"):
        make_roles(store.path, Logins(app=["wanderer"]))
    with pytest.raises(Refused):
        make_roles(by(store, "app_login", tmp_path), Logins())
    with pytest.raises(InvalidInput, match="SQLite"):
        make_roles(create_store(tmp_path / "a.db").path, Logins())


def test_a_unit_finds_its_cases_by_the_index(kept: Store, psql: Psql) -> None:
    plan = psql(kept, "swj_login", "SET enable_seqscan = off", "EXPLAIN SELECT id FROM case_ ORDER BY id LIMIT 50")
    assert any("case_by_unit" in line for (line,) in plan), plan
