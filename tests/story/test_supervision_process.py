"""Process versions at the counter: published after checks, taken by new cases, reached by running cases in one go."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from city import NOTE, notice
from journey import Counter, Journey

from engine.calendar import load_calendar
from engine.calendar.zone import LOCAL_ZONE
from engine.model import Outcome
from engine.process import load_bundle
from engine.standards import load_standards
from engine.store import open_store, reads, verify_store
from engine.store.sqlite import sqlite3
from reviewers.desk import counter as desk
from reviewers.drafting_unit import Packet, Request, self_review, sign, submit
from reviewers.office import Office
from reviewers.roster import load_profile
from reviewers.samples import Sample
from reviewers.samples.forms import self_form

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """The shipped process files with one task renamed."""
    where = tmp_path / "流程"
    shutil.copytree(WORKFLOWS, where)
    change(where / "self_review.bpmn", "逐条审查", "逐条自查")
    return where


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def done(counter: Counter, *words: str | Path, by: str = "") -> Any:
    ran = counter(*words, "--json", by=by)
    assert ran.code == 0, ran.err
    return ran.json


def test_new_cases_take_the_published_version_and_old_ones_keep_theirs(journey: Journey, edited: Path) -> None:
    counter, lead = journey.counter, journey.people["lead"]
    old = journey.submitted().case
    published = done(counter, "process", "publish", edited, "--reason", "改称呼", by=lead)
    assert published["case_id"] == "LC-2026-0001"
    new = journey.submitted().case
    assert counter.file(old).case.bundle == load_bundle().hash
    assert counter.file(new).case.bundle == load_bundle(edited).hash
    names = {row["case_id"]: row["name"] for row in done(counter, "queue", "--all")}
    assert names == {old: "逐条审查", new: "逐条自查"}
    listed = {row["hash"]: row for row in done(counter, "process", "list")["versions"]}
    both = [listed[load_bundle().hash], listed[load_bundle(edited).hash]]
    assert [(row["cases"], row["running"], row["newest"]) for row in both] == [(1, 1, False), (1, 1, True)]
    again = counter("process", "publish", edited, by=lead)
    assert (again.code, "已是最新" in again.err) == (5, True)
    verify_store(counter.home / "shuangshen.db")


@pytest.mark.parametrize(
    ("name", "old", "new", "saying"),
    [
        ("self_review.bpmn", "bpmn:userTask", "bpmn:scriptTask", "self_review.bpmn 第"),
        ("examples/scope.csv", ",S2,", ",S9,", "scope.csv 第 2 行"),
        ("dual_review.bpmn", "<bpmn:process", "<bpmn:process <", "dual_review.bpmn"),
        ("self_review.bpmn", "self_check", "own_check", "没有对应的办理命令"),
        ("joint_review.bpmn", "compliant exception", "exception", "缺少办理结果 compliant"),
    ],
)
def test_files_that_may_not_run_are_refused_by_place(
    counter: Counter, people: dict[str, str], edited: Path, name: str, old: str, new: str, saying: str
) -> None:
    assert counter("process", "publish", edited, by=people["lead"], home=counter.copy()).code == 0
    change(edited / name, old, new)
    ran = counter("process", "publish", edited, by=people["lead"])
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (2, True, 1), ran.err
    assert done(counter, "process", "list")["versions"] == []


def test_only_the_head_of_joint_review_publishes_and_migrates(
    counter: Counter, people: dict[str, str], edited: Path
) -> None:
    for who in ("regulator", "drafter", "auditor"):
        assert counter("process", "publish", edited, by=people[who]).code == 3
        assert counter("process", "migrate", by=people[who]).code == 3
    assert counter("process", "publish", edited, by=people["lead"]).code == 0
    assert counter("process", "publish", edited / "没有", by=people["lead"]).code == 4


# ---------------------------------------------------------------- migration


def waiting_for_revision(counter: Counter, people: dict[str, str], sample: Sample, count: int, at: datetime) -> None:
    """So many cases sent back to their drafter by his own head, through the acts themselves."""
    profile = load_profile(counter.home / "profile")
    store, drafter = open_store(counter.home / "shuangshen.db"), profile.officer(people["drafter"])
    office = Office(store, profile, load_standards(), drafter, at, "", load_calendar())

    def by(who: str, minute: int) -> Office:
        moment = at + timedelta(minutes=minute)
        return replace(office, officer=profile.officer(people[who]), now=moment, command=str(uuid.uuid4()))

    packet, request = Packet(notice("简化办事程序。"), NOTE), Request(sample.trigger, sample.kind)
    for number in range(count):
        case = submit(by("drafter", number), packet, request).case_id
        self_review(by("reviewer", number), case, self_form(counter.file(case), sample.consultation))
        sign(by("head", number), case, Outcome.REVISE, "条款须修改")


def deadlines(counter: Counter) -> list[tuple[str, str, str, str]]:
    rows = reads.queue(counter.home / "shuangshen.db", limit=200)
    return [(row["case_id"], row["task"], row["due_on"], row["opened_at"]) for row in rows]


def test_fifty_cases_migrate_in_one_command_with_their_deadlines(
    journey: Journey, samples: dict[str, Sample], edited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, people = journey.counter, journey.people
    begun = datetime.combine(date(2026, 3, 2), datetime.min.time(), LOCAL_ZONE) + timedelta(hours=9)
    waiting_for_revision(counter, people, samples["revised"], 50, begun.astimezone(UTC))
    ticks = iter(range(10_000))
    monkeypatch.setattr(desk, "now", lambda: (begun + timedelta(days=7, seconds=next(ticks))).astimezone(UTC))
    middle = journey.submitted().case
    done(counter, "process", "publish", edited, by=people["lead"])
    before, events = deadlines(counter), len(done(counter, "trail", "show", "--limit", "1000"))
    tried = done(counter, "process", "migrate", "--dry-run", by=people["lead"])
    assert (len(tried["moved"]), len(done(counter, "trail", "show", "--limit", "1000"))) == (50, events)
    ran = done(counter, "process", "migrate", by=people["lead"])
    assert (len(ran["moved"]), ran["moved"], ran["to"]) == (50, tried["moved"], load_bundle(edited).hash)
    assert [(each["case"], "逐条审查" in each["reason"]) for each in ran["refused"]] == [(middle, True)]
    assert deadlines(counter) == before
    told = done(counter, "trail", "show", "--limit", "1000")[events:]
    assert [(event["act"], event["facts"]["bundle_to"]) for event in told] == [("migrate", ran["to"])] * 50
    again = done(counter, "process", "migrate", by=people["lead"])
    assert (again["moved"], len(again["refused"])) == ([], 1)
    case = ran["moved"][0]
    (task,) = done(counter, "due", case)["tasks"]
    assert (task["due_on"], task["stored_due_on"]) == ("2026-03-16", "2026-03-16")
    s = samples["blocked"]
    assert counter("revise", case, s.draft, "--note", s.drafting_note, by=people["drafter"]).code == 0
    assert [task["name"] for task in done(counter, "queue", "--all") if task["case_id"] == case] == ["逐条自查"]
    verify_store(counter.home / "shuangshen.db")


def test_a_migration_goes_back_to_a_named_version(
    counter: Counter, people: dict[str, str], samples: dict[str, Sample], edited: Path
) -> None:
    at = datetime.now(UTC) - timedelta(minutes=5)
    waiting_for_revision(counter, people, samples["revised"], 1, at)
    done(counter, "process", "publish", edited, by=people["lead"])
    done(counter, "process", "migrate", by=people["lead"])
    old = load_bundle().hash
    assert done(counter, "process", "migrate", "--to", old[:12], by=people["lead"])["moved"] == ["2026-0001"]
    assert counter.file("2026-0001").case.bundle == old
    short = counter("process", "migrate", "--to", old[:3], by=people["lead"])
    assert (short.code, "太短" in short.err) == (2, True)
    assert counter("process", "migrate", "--to", "f" * 12, by=people["lead"]).code == 4


# ---------------------------------------------------------------- incidents and drawings


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ("UPDATE case_ SET stage = 'conclude'", "stage_differs"),
        ("UPDATE case_ SET position = x'00'", "position_unreadable"),
        ("UPDATE case_ SET bundle = 'gone'", "bundle_missing"),
        ("DELETE FROM task", "tasks_differ"),
    ],
)
def test_a_case_that_does_not_agree_is_an_incident(journey: Journey, damage: str, kind: str) -> None:
    counter = journey.submitted().counter
    assert done(counter, "incidents", "list")["incidents"] == []
    raw = sqlite3.connect(counter.home / "shuangshen.db", isolation_level=None)
    raw.execute(damage)
    raw.close()
    ran = counter("incidents", "list", "--json")
    assert (ran.code, [(each["case"], each["kind"]) for each in ran.json["incidents"]]) == (6, [(journey.case, kind)])


def test_the_drawing_marks_where_the_case_stands(journey: Journey, tmp_path: Path) -> None:
    counter = journey.submitted().counter
    told = done(counter, "process", "draw", journey.case, "-o", tmp_path / "a.svg")
    assert (told["file"], told["highlighted"]) == ("self_review.bpmn", ["self_check"])
    assert '<g id="self_check" class="on">' in (tmp_path / "a.svg").read_text(encoding="utf-8")
    again = counter("process", "draw", journey.case, "-o", tmp_path / "a.svg")
    assert (again.code, "已存在" in again.err) == (5, True)
    whole = done(counter, "process", "draw", "-o", tmp_path / "b.svg")
    assert (whole["file"], whole["highlighted"]) == ("dual_review.bpmn", [])
    other = counter("process", "draw", "-o", tmp_path / "c.svg", "--file", "没有.bpmn")
    assert (other.code, "joint_review.bpmn" in other.err) == (4, True)


def test_an_ended_case_is_drawn_at_its_end(journey: Journey, tmp_path: Path) -> None:
    counter = journey.submitted().counter
    assert counter("withdraw", journey.case, "--reason", "不再制定", by=journey.people["drafter"]).code == 0
    told = done(counter, "process", "draw", journey.case, "-o", tmp_path / "a.svg")
    assert (told["file"], "withdrawn" in told["highlighted"]) == ("dual_review.bpmn", True)


def test_an_ended_case_is_not_counted_as_running(journey: Journey, people: dict[str, str]) -> None:
    counter = journey.submitted().counter
    assert [(row["cases"], row["running"]) for row in done(counter, "process", "list")["versions"]] == [(1, 1)]
    assert counter("withdraw", journey.case, "--reason", "不再制定", by=people["drafter"]).code == 0
    assert [(row["cases"], row["running"]) for row in done(counter, "process", "list")["versions"]] == [(1, 0)]
