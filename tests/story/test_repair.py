"""A case whose position is lost: found, reported by one, repaired by another, and reviewed to its end."""

from __future__ import annotations

import pytest
from journey import Journey

from engine.store import verify_store
from engine.store.sqlite import sqlite3
from reviewers.samples import Sample

LOST = {
    "position lost": ("UPDATE case_ SET position = x'00'", "position_unreadable"),
    "process version lost": ("UPDATE case_ SET bundle = 'none'", "bundle_missing"),
    "tasks renamed": ("UPDATE task SET task = 'x' || task", "tasks_differ"),
}


@pytest.fixture
def reviewing(journey: Journey, samples: dict[str, Sample]) -> Journey:
    """In the joint review, one of two reviews given."""
    journey.sample = samples["clean"]
    journey.submitted().self_reviewed().signed().accepted()
    return journey


@pytest.mark.parametrize(("statement", "kind"), LOST.values(), ids=list(LOST))
def test_a_broken_case_goes_on_in_a_new_round(reviewing: Journey, statement: str, kind: str) -> None:
    counter, case, people = reviewing.counter, reviewing.case, reviewing.people
    database = counter.home / "shuangshen.db"
    damaged = sqlite3.connect(database)
    with damaged:
        damaged.execute(statement)
    damaged.close()
    listed = counter("incidents", "list", "--json")
    assert (listed.code, {each["kind"] for each in listed.json["incidents"]}) == (6, {kind})

    why = ["--reason", "磁盘故障"]
    alone = counter("incidents", "repair", case, *why, by=people["lead"])
    assert (alone.code, "两人办理" in alone.err) == (3, True)
    assert counter("incidents", "report", case, *why, by=people["drafter"]).code == 3
    reviewing.done("incidents", "report", case, *why, by=people["regulator"])
    assert counter("incidents", "repair", case, *why, by=people["regulator"]).code == 3
    reviewing.done("incidents", "repair", case, *why, by=people["lead"])

    assert counter("incidents", "list").code == 0
    file = counter.file(case)
    assert (file.case.round, file.case.version, file.case.stage) == (2, 1, "self_check")
    assert verify_store(database).size > 0
    reviewing.self_reviewed().signed().accepted().jointly_reviewed(()).concluded("compliant")
    assert counter("gate", case).code == 0


def test_who_reported_it_does_not_repair_it(reviewing: Journey) -> None:
    counter, case, lead = reviewing.counter, reviewing.case, reviewing.people["lead"]
    damaged = sqlite3.connect(counter.home / "shuangshen.db")
    with damaged:
        damaged.execute("UPDATE task SET task = 'x' || task")
    damaged.close()
    reviewing.done("incidents", "report", case, "--reason", "待办错乱", by=lead)
    own = counter("incidents", "repair", case, "--reason", "待办错乱", by=lead)
    assert (own.code, "本人登记" in own.err) == (3, True)


def test_a_sound_case_and_an_ended_one_are_not_repaired(reviewing: Journey) -> None:
    counter, case, people = reviewing.counter, reviewing.case, reviewing.people
    sound = counter("incidents", "report", case, "--reason", "试试", by=people["regulator"])
    assert (sound.code, "没有异常" in sound.err) == (5, True)
    reviewing.done("withdraw", case, "--reason", "暂缓", by=people["drafter"])
    damaged = sqlite3.connect(counter.home / "shuangshen.db")
    with damaged:
        damaged.execute("UPDATE case_ SET position = x'00'")
    damaged.close()
    reviewing.done("incidents", "report", case, "--reason", "磁盘故障", by=people["regulator"])
    ended = counter("incidents", "repair", case, "--reason", "磁盘故障", by=people["lead"])
    assert (ended.code, "已经结束" in ended.err) == (3, True)
