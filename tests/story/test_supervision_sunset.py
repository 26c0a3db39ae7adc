"""Exceptions are living things: they end, are checked every year, stop with evidence or are reviewed anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from exempted import claim, passed_under_exception
from journey import Journey

from engine.store import verify_store
from engine.store.sqlite import sqlite3
from reviewers.samples import Sample
from reviewers.sunset import due_checks


@pytest.fixture
def dated(journey: Journey, samples: dict[str, Sample], on: Callable[[str], None]) -> Journey:
    """Passed on 2026-03-02 under an exception that ends on 2026-12-31."""
    on("2026-03-02")
    return passed_under_exception(journey, samples["revised"], claim(date(2026, 12, 31)))


def listed(journey: Journey, *words: str) -> list[tuple[str, str, bool]]:
    ran = journey.counter("sunset", "list", "--json", *words)
    assert ran.code == 0, ran.err
    return [(row["kind"], row["due_on"], row["overdue"]) for row in ran.json["due"]]


def test_the_end_and_the_yearly_check_are_listed_overdue_first(dated: Journey, on: Callable[[str], None]) -> None:
    assert listed(dated) == [("ends", "2026-12-31", False), ("yearly", "2027-03-02", False)]
    assert listed(dated, "--within", "30") == []
    on("2026-12-31")
    assert listed(dated, "--within", "0") == [("ends", "2026-12-31", False)]
    on("2027-01-01")
    assert listed(dated, "--within", "0") == [("ends", "2026-12-31", True)]
    assert "【超期】" in dated.counter("sunset", "list").out
    found = due_checks(dated.counter.home / "shuangshen.db", date(2027, 3, 3), 0)
    assert [(each.kind, each.due_on, each.overdue) for each in found] == [
        ("ends", date(2026, 12, 31), True),
        ("yearly", date(2027, 3, 2), True),
    ]


def test_a_yearly_check_moves_the_next_one(dated: Journey, on: Callable[[str], None]) -> None:
    on("2026-06-01")
    words = [
        "sunset",
        "check",
        dated.case,
        "--effect",
        "保供正常，未见外地企业投诉",
        "--keep",
        "--reason",
        "应急期未过",
    ]
    assert dated.counter(*words, by=dated.people["drafter"]).code == 0
    assert listed(dated) == [("ends", "2026-12-31", False), ("yearly", "2027-06-01", False)][:2]
    (check,) = dated.counter.file(dated.case).effect_checks
    assert (check.kept, check.effect, check.evidence) == (True, "保供正常，未见外地企业投诉", ())


def test_a_stop_needs_evidence(dated: Journey, tmp_path: Path) -> None:
    stop = ["sunset", "check", dated.case, "--effect", "目标已实现", "--stop", "--reason", "已废止"]
    bare = dated.counter(*stop, by=dated.people["drafter"])
    assert (bare.code, "停止执行须附证据" in bare.err) == (2, True)
    proof = tmp_path / "废止通知.txt"
    proof.write_text("自即日起废止。", encoding="utf-8")
    assert dated.counter(*stop, "--evidence", proof, by=dated.people["drafter"]).code == 0
    assert listed(dated, "--within", "3660") == []
    again = dated.counter(*stop, "--evidence", proof, by=dated.people["drafter"])
    assert (again.code, "已停止执行" in again.err) == (5, True)


@pytest.mark.parametrize("who", ["stranger", "regulator", "auditor"])
def test_only_the_drafting_unit_checks(dated: Journey, who: str) -> None:
    words = ["sunset", "check", dated.case, "--effect", "有效", "--keep", "--reason", "应急期未过"]
    assert dated.counter(*words, by=dated.people["drafter"], home=dated.counter.copy()).code == 0
    assert dated.counter(*words, by=dated.people[who]).code == 3


def test_an_expired_exception_does_not_go_on_but_is_reviewed_anew(dated: Journey, on: Callable[[str], None]) -> None:
    counter, drafter = dated.counter, dated.people["drafter"]
    words = ["sunset", "reopen", dated.case, "--reason", "期限届满仍需保供", "--json", "--command-id", "again-1"]
    early = counter(*words, by=drafter)
    assert (early.code, "尚未到期" in early.err) == (5, True)
    on("2027-01-04")
    keep = counter("sunset", "check", dated.case, "--effect", "有效", "--keep", "--reason", "仍需", by=drafter)
    assert (keep.code, "不能继续执行" in keep.err) == (5, True)
    first, second = counter(*words, by=drafter), counter(*words, by=drafter)
    assert first.code == 0, first.err
    assert (second.json["case_id"], second.json["repeated"]) == (first.json["case_id"], True)
    new = counter.file(first.json["case_id"])
    assert (new.case.stage, new.versions[0].sha256) == ("self_check", counter.file(dated.case).versions[0].sha256)
    opening = counter("trail", "show", new.case.id, "--json").json[0]
    assert opening["facts"]["reopens"] == dated.case
    assert counter.file(dated.case).reopenings[0].new_case == new.case.id
    assert listed(dated, "--within", "3660") == []
    twice = counter("sunset", "reopen", dated.case, "--reason", "再来", by=drafter)
    assert (twice.code, new.case.id in twice.err) == (5, True)
    verify_store(counter.home / "shuangshen.db")


def test_an_end_condition_ends_when_a_person_says_so(
    journey: Journey, samples: dict[str, Sample], on: Callable[[str], None]
) -> None:
    on("2026-03-02")
    passed_under_exception(journey, samples["revised"], claim(None, "应急响应解除之日"))
    drafter = journey.people["drafter"]
    assert listed(journey) == [("yearly", "2027-03-02", False)]
    met = ["sunset", "check", journey.case, "--effect", "响应已解除", "--condition-met", "--reason", "公告解除"]
    on("2026-05-06")
    ran = journey.counter(*met, "--keep", by=drafter)
    assert (ran.code, "终止条件已成就" in ran.out) == (0, True)
    assert listed(journey) == [("ends", "2026-05-06", True)]
    ran = journey.counter(*met, "--keep", by=drafter)
    assert (ran.code, "不能继续执行" in ran.err) == (5, True)
    assert journey.counter("sunset", "reopen", journey.case, "--reason", "仍需执行", by=drafter).code == 0


def test_other_cases_are_not_watched(journey: Journey, samples: dict[str, Sample]) -> None:
    journey.sample = samples["revised"]
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(()).concluded("compliant")
    assert listed(journey, "--within", "3660") == []
    words = ["sunset", "check", journey.case, "--effect", "有效", "--keep", "--reason", "继续"]
    ran = journey.counter(*words, by=journey.people["drafter"])
    assert (ran.code, "不是适用例外规定通过的案件" in ran.err) == (3, True)


def test_the_list_takes_no_lock(dated: Journey) -> None:
    held = sqlite3.connect(dated.counter.home / "shuangshen.db", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    assert listed(dated)[0][0] == "ends"
    held.close()


def shape(ran: Any) -> tuple[int, int]:
    return ran.code, ran.err.count("\n")


def test_a_check_says_whether_it_goes_on(dated: Journey) -> None:
    assert shape(dated.counter("sunset", "check", dated.case, by=dated.people["drafter"])) == (2, 1)
