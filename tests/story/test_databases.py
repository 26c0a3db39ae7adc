"""The whole way of a draft in PostgreSQL, through the command line; moving house from one database to the other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from journey import Counter, Journey
from postgresql_server import Server
from test_deadlines import WORKER, numbers_in

from engine.calendar.zone import local_day
from engine.standards import load_standards
from engine.store import open_store, reads, verify_store
from engine.store.connection import SCHEMA
from engine.store.place import place_in
from engine.store.sqlite import sqlite3
from reviewers.desk.setup import initialise
from reviewers.firings import SYSTEM
from reviewers.office import Office
from reviewers.roster import load_profile
from reviewers.samples import Sample
from reviewers.ticking import tick

ROOT = Path(__file__).parents[2]


@pytest.fixture
def installation(shuangshen: Callable[..., Any], tmp_path: Path, postgresql: Server) -> Path:
    """As everywhere, but with its cases in PostgreSQL."""
    home = tmp_path / "home"
    ran = shuangshen("init", "--database", postgresql.url(postgresql.new_database()), "--home", home)
    assert ran.code == 0, ran.err
    return home


def good(counter: Counter, *words: str | Path, by: str = "") -> Any:
    """What the command printed; it succeeded."""
    ran = counter(*words, by=by)
    assert ran.code == 0, ran.err
    return ran


def test_a_draft_goes_all_the_way_in_postgresql(journey: Journey, samples: dict[str, Sample], tmp_path: Path) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(samples["blocked"].expected)
    case = journey.case
    refused = counter("conclude", case, "--outcome", "compliant", "--reason", "符合", by=people["lead"])
    assert (refused.code, "不得出台" in refused.err, counter("gate", case).code) == (1, True, 1)
    journey.concluded("revise").revised(samples["revised"])
    journey.self_reviewed().signed().accepted().jointly_reviewed(()).concluded("compliant")
    good(counter, "issue", case, samples["revised"].draft, by=people["drafter"])
    assert counter.file(case).case.stage == "archived"

    bundle = tmp_path / "案卷.zip"
    good(counter, "export", case, "--output", bundle, by=people["auditor"])
    assert good(counter, "certificate", case, "--output", tmp_path / "凭证.json").code == 0
    assert counter.run("verify", bundle).code == counter.run("verify", tmp_path / "凭证.json").code == 0
    good(counter, "export", case, "--redacted", "--output", tmp_path / "脱密", by=people["auditor"])
    assert counter.run("verify", tmp_path / "脱密").code == 0
    taken = good(
        counter, "trail", "export", "-o", tmp_path / "a.jsonl", "--item", "M15-1", "--json", by=people["auditor"]
    )
    assert taken.json["events"] == len((tmp_path / "a.jsonl").read_bytes().splitlines())
    assert good(counter, "trail", "verify", "--json").json["events"] == reads.last_seq(place_in(counter.home))

    looked_up = (
        *(["show", case], ["why", case], ["due", case], ["opinions", case], ["trail", "show", case]),
        *(["queue", "--all"], ["sunset", "list"], ["ledger", "list"], ["sample", "list"], ["process", "list"]),
        *(
            ["supervise", "strikes"],
            ["supervise", "misses"],
            ["incidents", "list"],
            ["officers"],
            ["doctor"],
            ["db", "status"],
        ),
        ["replay", case, "--as-of", str(local_day(datetime.now(UTC)))],
    )
    for words in looked_up:
        ran = counter(*words, "--json")
        assert (ran.code, ran.err) in ((0, ""), (1, "")), (words, ran.err)


def test_an_installation_moves_from_one_database_to_the_other_and_back(
    journey: Journey, postgresql: Server, tmp_path: Path
) -> None:
    """A backup is a file that either is restored from; the trail is the same, to the last byte."""
    counter, there = journey.counter, postgresql.url(postgresql.new_database())
    journey.submitted().self_reviewed()
    head = verify_store(place_in(counter.home))
    good(counter, "backup", tmp_path / "a.db")
    local, remote = tmp_path / "local", tmp_path / "remote"
    assert counter("restore", tmp_path / "a.db", home=local).code == 0
    assert counter("restore", tmp_path / "a.db", "--database", there, home=remote).code == 0
    assert (place_in(local).name, place_in(remote).name) == ("shuangshen.db", "shuangshen.url")
    assert verify_store(place_in(local)) == verify_store(place_in(remote)) == head
    assert reads.queue(place_in(local)) == reads.queue(place_in(remote)) == reads.queue(place_in(counter.home))
    assert counter("restore", tmp_path / "a.db", "--database", there, home=tmp_path / "third").code == 5
    assert not (tmp_path / "third" / "shuangshen.url").exists()

    journey.signed()
    again = counter("restore", tmp_path / "a.db", "--replace")
    assert (again.code, "短于" in again.err or "检查点" in again.err) == (6, True)
    assert reads.last_seq(place_in(counter.home)) == 3
    good(counter, "backup", tmp_path / "b.db")
    assert "shuangshen_replaced_" in good(counter, "restore", tmp_path / "b.db", "--replace").out
    journey.accepted()
    assert verify_store(place_in(counter.home)).size == 4


def test_init_takes_neither_a_place_that_is_none_nor_one_that_is_taken(
    counter: Counter, postgresql: Server, tmp_path: Path
) -> None:
    taken = (counter.home / "shuangshen.url").read_text(encoding="utf-8").strip()
    assert counter("init", "--database", taken, home=tmp_path / "b").code == 5
    for url in ("mysql://wang:geheim@host/x", "postgresql://wang:ge@heim@host/x", "postgresql://wang:geheim@host/x y"):
        ran = counter("init", "--database", url, home=tmp_path / "c")
        assert (ran.code, "geheim" in ran.err, "heim" in ran.err) == (2, False, False)
    ran = counter("init", "--database", "postgresql://wang:geheim@/x?host=/nowhere&password=tief", home=tmp_path / "d")
    assert (ran.code, "连不上" in ran.err, "geheim" in ran.err or "tief" in ran.err) == (75, True, False)
    assert place_in(tmp_path / "d") is None
    assert counter("init", "--database", postgresql.url(postgresql.new_database()), home=tmp_path / "d").code == 0
    (tmp_path / "d" / "shuangshen.db").touch()
    assert "不知道用哪一个" in counter("queue", "--all", home=tmp_path / "d").err


# ---------------------------------------------------------------- several workers


def overdue(journey: Journey, samples: dict[str, Sample], count: int) -> list[str]:
    """So many cases at the desk of the drafting reviewer, overdue long ago by the workers' clock."""
    cases = []
    for _ in range(count):
        cases.append(Journey(journey.counter, samples["blocked"], journey.people).submitted().case)
    return cases


def office_of(home: Path, now: datetime) -> Office:
    return Office(open_store(place_in(home)), load_profile(home / "profile"), load_standards(), SYSTEM, now, "")


@contextmanager
def held(home: Path, case: str) -> Iterator[None]:
    """Somebody is at this case."""
    with open_store(place_in(home)).work() as work:
        work.case(case)
        yield


def test_several_workers_share_the_cases_and_fire_nothing_twice(journey: Journey, samples: dict[str, Sample]) -> None:
    cases, home = overdue(journey, samples, 4), journey.counter.home
    worker = WORKER.replace('open_store(home / "shuangshen.db")', 'open_store(home / "shuangshen.url")')
    command = [sys.executable, "-c", worker, str(home), "2027-06-01T02:00:00+00:00"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    for each in workers:
        assert each.stdout.readline() == "ready\n"
    for each in workers:
        each.stdin.write("\n")
        each.stdin.flush()
    told: list[int] = []
    for each in workers:
        out, err = each.communicate(timeout=60)
        assert each.returncode == 0, err
        told += numbers_in(out)
    spoken = [e for e in reads.events(place_in(home), limit=1000) if e["actor"] == SYSTEM.id]
    assert sorted(told) == [event["seq"] for event in spoken]
    assert sorted((e["case"], e["act"]) for e in spoken) == sorted(
        (case, act) for case in cases for act in ("overdue", "escalate")
    )
    assert verify_store(place_in(home)).size == 4 + len(spoken)


def test_a_worker_passes_over_a_case_somebody_is_at_and_comes_back(
    journey: Journey, samples: dict[str, Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    cases, home = overdue(journey, samples, 2), journey.counter.home
    office = office_of(home, datetime(2027, 6, 1, 2, tzinfo=UTC))
    monkeypatch.setattr("engine.store.connection.BUSY_SECONDS", 0.3)
    with held(home, cases[0]):
        with pytest.raises(Exception, match="数据库正被另一操作占用"):
            tick(office, place_in(home))
        written = {event["case"] for event in reads.events(place_in(home)) if event["actor"] == SYSTEM.id}
        assert written == {cases[1]}, "the free case was done before anybody waited"
    assert {fired.case_id for fired in tick(office, place_in(home)).fired} == {cases[0]}
    assert tick(office, place_in(home)).fired == ()


# ---------------------------------------------------------------- the operator


def test_an_old_database_is_upgraded_on_request_and_never_by_itself(
    shuangshen: Callable[..., Any], tmp_path: Path
) -> None:
    home = initialise(tmp_path / "old", "qingyang")
    (home / "shuangshen.db").unlink()
    with closing(sqlite3.connect(home / "shuangshen.db")) as raw:
        raw.executescript((ROOT / "tests/engine/store/schema_3.sql").read_text(encoding="utf-8"))
    before = (home / "shuangshen.db").read_bytes()
    for words in (["queue", "--all"], ["trail", "verify"], ["tick"]):
        refused = shuangshen(*words, "--home", home)
        assert (refused.code, "请运行 shuangshen db upgrade" in refused.err) == (2, True)
    told = shuangshen("db", "status", "--json", "--home", home).json
    assert (told["schema"], told["pending"], "sqlite" in told) == (3, list(range(4, SCHEMA + 1)), True)
    assert (home / "shuangshen.db").read_bytes() == before

    done = shuangshen("db", "upgrade", "--json", "--home", home)
    assert (done.code, done.json["from"], done.json["to"], done.json["events"]) == (0, 3, SCHEMA, 6)
    assert Path(done.json["backup"]).read_bytes()[:15] == b"SQLite format 3"
    assert shuangshen("trail", "verify", "--home", home).code == 0
    assert shuangshen("db", "upgrade", "--home", home).code == 5


def test_roles_are_made_by_the_operator(counter: Counter, postgresql: Server, tmp_path: Path) -> None:
    with postgresql.connect() as raw:
        raw.execute("CREATE ROLE story_app LOGIN; CREATE ROLE story_jtj LOGIN")
    roles = good(counter, "db", "roles", "--app", "story_app", "--drafter", "story_jtj=jtj", "--json").json
    assert (roles["app"], roles["drafter"]) == (["story_app"], {"story_jtj": "jtj"})
    setting = counter.home / "shuangshen.url"
    setting.write_text(setting.read_text(encoding="utf-8").replace("postgres@", "story_app@"), encoding="utf-8")
    assert good(counter, "trail", "verify", "--json").json["events"] == 0
    for words, code, said in (
        (["--drafter", "story_jtj=nowhere"], 4, "nowhere"),
        (["--drafter", "story_jtj"], 2, "登录=单位编号"),
        (["--app", "story_app"], 3, "登录"),
    ):
        refused = counter("db", "roles", *words)
        assert (refused.code, said in refused.err) == (code, True), refused.err
    local = initialise(tmp_path / "local", "qingyang")
    assert (counter("db", "roles", home=local).code, counter("db", "roles", home=tmp_path / "none").code) == (2, 4)
