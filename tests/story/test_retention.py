"""A case is kept for its term, held when needed, and destroyed by two persons; the log says so and stays whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from journey import Counter, Journey

from engine.store import verify_store
from engine.store.sqlite import sqlite3
from reviewers.desk import counter as desk

PRIVATE = "张三的身份证号"
Clock = Callable[[int], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the year; every look at the clock is a second later than the one before."""

    def year(number: int) -> None:
        ticks = count()
        begun = datetime(number, 6, 1, 1, 0, tzinfo=UTC)
        monkeypatch.setattr(desk, "now", lambda: begun + timedelta(seconds=next(ticks)))

    return year


@pytest.fixture
def ended(journey: Journey, people: dict[str, str], clock: Clock) -> str:
    """A case withdrawn in 2026, kept for ten years: until the end of 2036."""
    clock(2026)
    journey.submitted()
    journey.done("withdraw", journey.case, "--reason", "不再制定", by=people["drafter"])
    return journey.case


@pytest.fixture
def due(ended: str, clock: Clock, counter: Counter, people: dict[str, str]) -> str:
    """The same case eleven years later, proposed for destruction by one of the regulator."""
    clock(2037)
    ran = counter("retention", "dispose", ended, "--propose", "--reason", "期限已满", by=people["regulator"])
    assert ran.code == 0, ran.err
    return ended


def test_a_case_is_destroyed_and_the_log_is_whole(due: str, counter: Counter, people: dict[str, str]) -> None:
    before = counter("trail", "verify", "--json").json
    assert (before["sound"], before["destroyed"]) == (True, [])
    filed = counter("show", due, "--json").json["records"]
    named = [each["id"] for each in filed if each["kind"] != "retention_step"]
    assert counter("search", "企业", "--json", by=people["lead"]).json["found"] != []
    done = counter("retention", "dispose", due, "--reason", "鉴定无保存价值", "--json", by=people["lead"])
    assert done.code == 0, done.err
    told = done.json["destroyed"]["list"]
    assert [each["id"] for each in told["records"]] == named
    assert len(told["contents"]) == 2
    assert (told["term"], told["due_on"], told["proposed_by"], told["disposed_by"]) == (
        "10_years", "2037-01-01", people["regulator"], people["lead"])  # fmt: skip
    after = counter("trail", "verify", "--json").json
    assert (after["sound"], after["events"], [each["case"] for each in after["destroyed"]]) == (
        True, before["events"] + 1, [due])  # fmt: skip
    assert f"{due} 的案卷已于 2037-06-01 依法销毁" in counter("trail", "verify").out
    assert counter("search", "企业", "--json", by=people["lead"]).json["found"] == []
    kinds = [each["kind"] for each in counter("show", due, "--json").json["records"]]
    assert kinds == ["retention_step", "disposal"]
    assert counter("show", due).code == counter("trail", "show", due).code == 0
    listed = counter("retention", "list", due).out
    assert "销毁清单  保管期限 10年" in listed and listed.count("送审稿") == 1


def test_the_bytes_are_gone_from_the_file(due: str, counter: Counter, people: dict[str, str]) -> None:
    database = counter.home / "shuangshen.db"
    with closing(sqlite3.connect(database)) as raw:
        (packed,) = raw.execute("SELECT MAX(data) FROM content").fetchone()
        size = "SELECT SUM(LENGTH(block)) FROM passage_marks_data"
        assert raw.execute(size).fetchone()[0] > 5000
    assert packed[:200] in database.read_bytes()
    assert counter("retention", "dispose", due, "--reason", "期满", by=people["lead"]).code == 0
    assert packed[:200] not in database.read_bytes()
    with closing(sqlite3.connect(database)) as raw:
        assert raw.execute(size).fetchone()[0] < 100


def test_words_and_title_are_gone_from_the_file(due: str, counter: Counter, people: dict[str, str]) -> None:
    database, title = counter.home / "shuangshen.db", counter("show", due, "--json").json["case"]["title"]
    words = (title, "不再制定")
    told = {e["act"]: e["facts"] for e in counter("trail", "show", due, "--json").json}
    assert (told["submit"]["title"], told["withdraw"]["reason"]) == words
    assert words[0].encode() in database.read_bytes()
    with closing(sqlite3.connect(database)) as raw:
        (held,) = raw.execute("SELECT group_concat(payload) FROM event").fetchone()
        assert [word in held for word in words] == [False, False]
        assert counter("retention", "dispose", due, "--reason", "期满", by=people["lead"]).code == 0
        files = [each for each in counter.home.glob("shuangshen.db*") if each.is_file()]  # somebody is still connected
        assert [word for word in words for each in files if word.encode() in each.read_bytes()] == []
    shown = counter("trail", "show", due, "--json").json
    told = {e["act"]: e["facts"] for e in shown}
    assert (told["submit"]["title"], told["withdraw"]["reason"]) == ("（已依法销毁）",) * 2
    assert counter("show", due, "--json").json["case"]["title"] == "（已依法销毁）"
    out = counter.room / "留痕.csv"
    assert counter("trail", "export", "-o", out, by=people["auditor"]).code == 0
    assert out.read_text(encoding="utf-8-sig").count("（已依法销毁）") > len(shown)
    assert counter("trail", "verify", "--json").json["sound"]


def test_answers_begun_and_never_filed_go_along(due: str, counter: Counter, people: dict[str, str]) -> None:
    begun = counter.home / "drafts" / f"{due}-1-self_review-lin.peng.yaml"
    another = begun.with_name("2026-0099-1-self_review-lin.peng.yaml")
    begun.parent.mkdir(exist_ok=True)
    for place in (begun, another):
        place.write_text(PRIVATE, encoding="utf-8")
    assert counter("retention", "dispose", due, "--reason", "期满", by=people["lead"]).code == 0
    assert (begun.exists(), another.exists()) == (False, True)


def test_whoever_asks_for_the_file_is_told(due: str, counter: Counter, people: dict[str, str], tmp_path: Path) -> None:
    asked: tuple[tuple[str | Path, ...], ...] = (
        ("gate", due),
        ("why", due),
        ("replay", due, "--as-of", "2030-01-01"),
        ("export", due, "-o", tmp_path / "x.zip"),
    )
    for words in asked[2:3]:
        assert counter(*words).code == 0
    assert counter("retention", "dispose", due, "--reason", "期满", by=people["lead"]).code == 0
    for words in asked:
        ran = counter(*words, by=people["auditor"] if words[0] == "export" else "")
        assert (ran.code, "已于 2037-06-01 依法销毁" in ran.err) == (4, True), (words, ran.err)
    assert counter("retention", "hold", due, "--reason", "诉讼", by=people["lead"]).code == 4
    assert counter("rules", "impact").code == 0
    assert counter("backup", tmp_path / "b.db").code == 0
    restored = counter("restore", tmp_path / "b.db", home=tmp_path / "elsewhere")
    assert (restored.code, f"{due} 的案卷已于 2037-06-01 依法销毁" in restored.out) == (0, True)


def refused(ran: Any, code: int, words: str) -> None:
    assert (ran.code, words in ran.err, ran.err.count("\n")) == (code, True, 1), ran.err


def test_not_before_its_time(ended: str, counter: Counter, people: dict[str, str], clock: Clock) -> None:
    words = ("retention", "dispose", ended, "--propose", "--reason", "期满")
    clock(2036)
    refused(counter(*words, by=people["regulator"]), 3, "到 2037-01-01 才届满")
    assert counter("retention", "due", "--json").json["due"] == []
    clock(2037)
    assert [each["case"] for each in counter("retention", "due", "--json").json["due"]] == [ended]
    assert counter(*words, by=people["regulator"]).code == 0


def test_not_while_it_is_held(due: str, counter: Counter, people: dict[str, str]) -> None:
    lead, words = people["lead"], ("retention", "dispose", due, "--reason", "期满")
    assert counter("retention", "hold", due, "--reason", "有诉讼", by=lead).code == 0
    refused(counter("retention", "hold", due, "--reason", "有诉讼", by=lead), 3, "已在暂缓销毁中")
    refused(counter(*words, by=lead), 3, "正暂缓销毁")
    assert counter("retention", "due", "--json").json["due"] == []
    assert counter("retention", "release", due, "--reason", "已结案", by=lead).code == 0
    refused(counter("retention", "release", due, "--reason", "已结案", by=lead), 3, "没有暂缓销毁")
    assert counter(*words, by=lead).code == 0


def test_not_by_one_person_alone(ended: str, counter: Counter, people: dict[str, str], clock: Clock) -> None:
    clock(2037)
    lead, words = people["lead"], ("retention", "dispose", ended, "--reason", "期满")
    refused(counter(*words, by=lead), 3, "还没有人提出销毁")
    assert counter(*words, "--propose", by=lead).code == 0
    refused(counter(*words, by=lead), 3, "销毁须两人办理")
    assert counter(*words, "--propose", by=people["regulator"]).code == 0
    assert counter(*words, by=lead).code == 0


def test_not_by_others(due: str, counter: Counter, people: dict[str, str]) -> None:
    for who in ("drafter", "head", "auditor", "regulator"):
        for words in (("dispose",), ("hold",), ("set", "--term", "永久")):
            refused(counter("retention", words[0], due, *words[1:], "--reason", "期满", by=people[who]), 3, "不能")
    for who in ("drafter", "auditor"):
        refused(counter("retention", "dispose", due, "--propose", "--reason", "期满", by=people[who]), 3, "不能")
    refused(counter("retention", "dispose", due, by=people["lead"]), 2, "没有说明理由")
    assert counter("retention", "dispose", due, "--reason", "期满", by=people["lead"]).code == 0


def test_the_term_is_changed_with_a_reason(due: str, counter: Counter, people: dict[str, str]) -> None:
    lead = people["lead"]
    (kept,) = counter("retention", "list", "--json").json["kept"]
    assert (kept["term"], kept["by_rule"], kept["ended_on"]) == ("10_years", True, "2026-06-01")
    refused(counter("retention", "set", due, "--term", "20年", "--reason", "重要", by=lead), 2, "没有“20年”")
    assert counter("retention", "set", due, "--term", "永久", "--reason", "重要", by=lead).code == 0
    refused(counter("retention", "dispose", due, "--reason", "期满", by=lead), 3, "是永久")
    assert "永久（个别调整）" in counter("retention", "list").out
    assert counter("retention", "set", due, "--term", "10年", "--reason", "误定", by=lead).code == 0
    assert counter("retention", "dispose", due, "--reason", "期满", by=lead).code == 0


def test_a_case_at_work_is_not_destroyed(
    journey: Journey, counter: Counter, people: dict[str, str], clock: Clock
) -> None:
    clock(2026)
    journey.submitted()
    clock(2099)
    words = ("retention", "dispose", journey.case, "--propose", "--reason", "期满")
    refused(counter(*words, by=people["regulator"]), 3, "还没有办结")


def test_a_reason_stands_in_no_event(due: str, counter: Counter, people: dict[str, str]) -> None:
    assert counter("retention", "hold", due, "--reason", PRIVATE, by=people["lead"]).code == 0
    assert PRIVATE in counter("show", due).out
    with closing(sqlite3.connect(counter.home / "shuangshen.db")) as raw:
        assert raw.execute("SELECT COUNT(*) FROM event WHERE instr(payload, ?) > 0", (PRIVATE,)).fetchone() == (0,)


def test_rules_that_do_not_read_are_named(due: str, counter: Counter) -> None:
    rules = counter.home / "profile" / "retention.toml"
    assert counter("retention", "list").code == 0
    shutil.copy(rules, counter.room / "kept.toml")
    for wrong in ('default = "5_years"\n', 'default = "10_years"\n[[rule]]\nstage = "co_review"\nterm = "10_years"\n',
                  'default = "10_years"\n[[rule]]\nterm = "10_years"\nyears = 3\n', "default = \n"):  # fmt: skip
        rules.write_text(wrong, encoding="utf-8")
        refused(counter("retention", "list"), 2, "retention.toml")
    rules.unlink()
    assert counter("retention", "list", "--json").json["kept"][0]["term"] == "30_years"


def test_the_whole_database_verifies_on_the_slow_way_too(due: str, counter: Counter, people: dict[str, str]) -> None:
    assert counter("retention", "dispose", due, "--reason", "期满", by=people["lead"]).code == 0
    assert verify_store(counter.home / "shuangshen.db").size == counter("trail", "verify", "--json").json["events"]
