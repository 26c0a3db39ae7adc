"""The clocks of a case through the command line, on days chosen by the test."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from journey import Journey

from engine.model import Role
from engine.store import reads
from reviewers.desk import counter as desk
from reviewers.roster import load_profile
from reviewers.samples import Sample

ROOT = Path(__file__).parents[2]
NOTICE_2027 = """year = 2027
notice = "国办发明电〔2026〕9号"
announced_on = 2026-11-05
provisional = false

[[holidays]]
name = "元旦"
from = 2027-01-01
to = 2027-01-04

[[make_up_days]]
name = "元旦"
day = 2027-01-09
"""


@pytest.fixture
def in_review(journey: Journey, on: Callable[..., None]) -> Journey:
    """Accepted on Thursday 2026-09-24: ten working days on, over 中秋 and 国庆 with a make-up day."""
    on("2026-09-24")
    return journey.submitted().self_reviewed().signed().accepted()


def due(journey: Journey) -> list[dict[str, Any]]:
    ran = journey.counter("due", journey.case, "--json")
    assert ran.code == 0, ran.err
    tasks: list[dict[str, Any]] = ran.json["tasks"]
    return tasks


def done(journey: Journey, *words: str | Path, by: str = "") -> Any:
    ran = journey.counter(*words, by=journey.people.get(by, by))
    assert ran.code == 0, ran.err
    return ran


def fired(journey: Journey) -> list[tuple[str, str, list[str]]]:
    rows = done(journey, "tick", "--json").json["fired"]
    return [(row["kind"], row["element"], row["to"]) for row in rows]


def clock_events(journey: Journey) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = done(journey, "trail", "show", journey.case, "--json").json
    return [event for event in events if event["actor"] == "system"]


def test_the_arithmetic_is_printed_and_agrees_with_the_queue(in_review: Journey) -> None:
    first, second = due(in_review)
    assert (first["due_on"], first["stored_due_on"]) == ("2026-10-15", "2026-10-15")
    assert first["counts"] == {
        "calendar": 21, "worked": 10, "make_up": 1, "weekend": 1, "holiday": 10, "stopped": 0,
    }  # fmt: skip
    assert first["steps"] == [
        "2026年9月24日（周四）起算，当日不计入。",
        "9月25日（周五）至9月27日（周日）中秋节放假，不计入。",
        "10月1日（周四）至10月7日（周三）国庆节放假，不计入。",
        "10月10日（周六）国庆节调休上班，计入第6个工作日。",
        "10月11日（周日）周末，不计入。",
        "第10个工作日为2026年10月15日（周四）。",
    ]
    assert second["steps"] == first["steps"]
    printed = done(in_review, "due", in_review.case).out
    assert "会审（2份）  期限 2026-10-15" in printed
    assert "合计21天＝10个工作日（含调休上班1天）＋周末1天＋放假10天。" in printed


def test_a_third_party_evaluation_stops_the_clock(in_review: Journey, on: Callable[..., None]) -> None:
    on("2026-09-28")
    done(in_review, "suspend", in_review.case, "--reason", "委托高校评估", by="regulator")
    on("2026-10-12")
    assert [(task["due_on"], task["stored_due_on"]) for task in due(in_review)] == [(None, None)] * 2
    assert fired(in_review) == []
    assert "尚余10个工作日" in done(in_review, "due", in_review.case).out

    again = in_review.counter("suspend", in_review.case, "--reason", "再评", by=in_review.people["lead"])
    assert (again.code, "已经暂停" in again.err) == (5, True)
    done(in_review, "resume", in_review.case, "--reason", "收到评估报告", by="lead")
    for task in due(in_review):
        assert (task["due_on"], task["stored_due_on"], task["counts"]["stopped"]) == ("2026-10-26", "2026-10-26", 15)
        assert task["stops"] == [{"from_on": "2026-09-28", "reason": "第三方评估", "to_on": "2026-10-12"}]
    running = in_review.counter("resume", in_review.case, by=in_review.people["lead"])
    assert (running.code, "无需恢复" in running.err) == (5, True)


def test_the_lead_extends_once_with_a_reason(in_review: Journey, on: Callable[..., None]) -> None:
    counter, case, people = in_review.counter, in_review.case, in_review.people
    words = ["extend", case, "--days", "5", "--reason", "案情复杂"]
    assert counter(*words, by=people["lead"], home=counter.copy()).code == 0
    for officer, saying in (("regulator", "会审负责人"), ("drafter", "会审负责人"), ("auditor", "审计人员")):
        ran = counter(*words, by=people[officer])
        assert (ran.code, saying in ran.err) == (3, True), ran.err
    assert counter("extend", case, "--days", "5", by=people["lead"]).code == 2
    for days in ("0", "-1", "11"):
        assert counter("extend", case, "--days", days, "--reason", "案情复杂", by=people["lead"]).code == 2

    on("2026-09-29")
    done(in_review, *words, by="lead")
    for task in due(in_review):
        assert (task["due_on"], task["stored_due_on"], task["extension"]) == ("2026-10-22", "2026-10-22", 5)
        assert task["steps"][0] == "原定10个工作日，经会审负责人批准延长5个工作日（案情复杂），共15个工作日。"
    twice = counter(*words, by=people["lead"])
    assert (twice.code, "只能延期一次" in twice.err) == (3, True)
    assert [task["due_on"] for task in due(in_review)] == ["2026-10-22"] * 2


def test_no_extension_after_the_period_or_outside_joint_review(journey: Journey, on: Callable[..., None]) -> None:
    on("2026-09-24")
    journey.submitted()
    words = ["extend", journey.case, "--days", "5", "--reason", "案情复杂"]
    early = journey.counter(*words, by=journey.people["lead"])
    assert (early.code, "不在会审中" in early.err) == (3, True)
    journey.self_reviewed().signed().accepted()
    assert journey.counter(*words, by=journey.people["lead"], home=journey.counter.copy()).code == 0
    on("2026-10-16")
    late = journey.counter(*words, by=journey.people["lead"])
    assert (late.code, "已于 2026-10-15 届满" in late.err) == (3, True)


def corrected(journey: Journey, on: Callable[..., None], *more: str) -> Journey:
    """In hand since Monday 2026-11-02, sent back for the missing drafting note on Wednesday."""
    sample, people = journey.sample, journey.people
    on("2026-11-02")
    words = ["submit", sample.draft, "--trigger", sample.trigger, "--kind", sample.kind, "--json"]
    journey.case = done(journey, *words, by="drafter").json["case_id"]
    journey.self_reviewed().signed()
    on("2026-11-04")
    asked = ["correct", journey.case, "--missing", "起草说明", "--reason", "未附起草说明", *more]
    assert journey.counter(*asked, by=people["regulator"]).code == 0
    return journey


def test_the_clock_of_acceptance_stands_during_correction(journey: Journey, on: Callable[..., None]) -> None:
    corrected(journey, on)
    assert [task["due_on"] for task in due(journey)] == ["2026-11-09"]
    on("2026-11-11")
    done(journey, "supply", journey.case, "--note", journey.sample.drafting_note, by="drafter")
    (task,) = due(journey)
    assert (task["element"], task["started_on"], task["due_on"]) == ("accept", "2026-11-02", "2026-11-12")
    assert task["stops"] == [{"from_on": "2026-11-04", "reason": "补正材料", "to_on": "2026-11-11"}]
    assert task["stored_due_on"] == "2026-11-12"


def test_a_correction_is_due_on_the_day_its_notice_states(journey: Journey, on: Callable[..., None]) -> None:
    corrected(journey, on, "--due", "2026-11-20")
    (task,) = due(journey)
    assert (task["due_on"], task["stored_due_on"]) == ("2026-11-20", "2026-11-20")


def test_an_overdue_correction_offers_the_return_and_returns_nothing(journey: Journey, on: Callable[..., None]) -> None:
    corrected(journey, on)
    on("2026-11-10")
    drafter, regulators = journey.people["drafter"], [journey.people[who] for who in REGULATORS]
    profile = load_profile(journey.counter.home / "profile")
    drafters = [officer.id for officer in profile.officers_with(Role.DRAFTER, "jtj")]
    everyone = [officer.id for officer in profile.officers_with(Role.REGULATOR)]
    assert drafter in drafters
    assert set(regulators) <= set(everyone)
    assert fired(journey) == [("overdue", "correct_materials", drafters), ("escalate", "correct_materials", everyone)]
    overdue, escalated = clock_events(journey)
    assert (overdue["act"], overdue["facts"]["offer"]) == ("overdue", "return")
    assert (escalated["act"], "offer" in escalated["facts"]) == ("escalate", False)
    assert journey.counter.file(journey.case).case.stage == "correct_materials"
    assert fired(journey) == []

    back = ["return", journey.case, "--reason", "逾期未补正"]
    outsider = journey.counter(*back, by=drafter)
    assert (outsider.code, "会审人员" in outsider.err) == (3, True)
    done(journey, *back, by="regulator")
    assert journey.counter.file(journey.case).case.stage == "returned"


def test_a_correction_in_time_is_not_returned(journey: Journey, on: Callable[..., None]) -> None:
    corrected(journey, on)
    back = ["return", journey.case, "--reason", "逾期未补正"]
    on("2026-11-09")
    early = journey.counter(*back, by=journey.people["regulator"])
    assert (early.code, "尚未逾期" in early.err) == (3, True)
    on("2026-11-10")
    assert journey.counter(*back, by=journey.people["regulator"]).code == 0


REGULATORS = ("regulator", "second_regulator", "third_regulator")


def test_the_tick_speaks_once_of_each_thing(in_review: Journey, on: Callable[..., None]) -> None:
    assert fired(in_review) == []
    for day, kinds in (
        ("2026-10-10", []),
        ("2026-10-12", ["remind", "remind"]),
        ("2026-10-15", ["last", "last"]),
        ("2026-10-16", ["overdue", "escalate"] * 2),
        ("2026-10-19", []),
    ):
        on(day)
        assert [kind for kind, _, _ in fired(in_review)] == kinds
        assert fired(in_review) == []
    acts = [event["act"] for event in clock_events(in_review)]
    assert acts == ["remind"] * 4 + ["overdue", "escalate"] * 2
    assert {event["unit"] for event in clock_events(in_review)} == {""}
    profile = load_profile(in_review.counter.home / "profile")
    leads = [officer.id for officer in profile.officers_with(Role.JOINT_LEAD)]
    told = [event["facts"]["to"] for event in clock_events(in_review) if event["act"] == "escalate"]
    assert told == [leads] * 2
    assert done(in_review, "trail", "verify").code == 0


def test_a_task_is_reminded_of_twice_at_most(in_review: Journey, on: Callable[..., None]) -> None:
    on("2026-10-12")
    assert len(fired(in_review)) == 2
    done(in_review, "extend", in_review.case, "--days", "5", "--reason", "案情复杂", by="lead")
    on("2026-10-19")
    assert [kind for kind, _, _ in fired(in_review)] == ["remind", "remind"]
    on("2026-10-22")
    assert fired(in_review) == []
    on("2026-10-23")
    assert [kind for kind, _, _ in fired(in_review)] == ["overdue", "escalate"] * 2


WORKER = """
import sys
from datetime import datetime
from pathlib import Path
from engine.standards import load_standards
from engine.store import open_store
from reviewers.office import Office
from reviewers.roster import load_profile
from reviewers.firings import SYSTEM
from reviewers.ticking import tick

home = Path(sys.argv[1])
store = open_store(home / "shuangshen.db")
now = datetime.fromisoformat(sys.argv[2])
office = Office(store, load_profile(home / "profile"), load_standards(), SYSTEM, now, "")
print("ready", flush=True)
sys.stdin.readline()
print(sorted(fired.event_seq for fired in tick(office, store.path).fired))
"""


def test_two_workers_at_once_fire_nothing_twice(in_review: Journey, on: Callable[..., None]) -> None:
    command = [sys.executable, "-c", WORKER, str(in_review.counter.home), "2026-10-16T02:00:00+00:00"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    told = []
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    for worker in workers:
        out, err = worker.communicate(timeout=60)
        assert worker.returncode == 0, err
        told.append(numbers_in(out))
    on("2026-10-16", hour=11)
    written = [event["seq"] for event in clock_events(in_review)]
    assert sorted(told[0] + told[1]) == written
    assert sorted(event["act"] for event in clock_events(in_review)) == ["escalate"] * 2 + ["overdue"] * 2
    assert fired(in_review) == []


def numbers_in(line: str) -> list[int]:
    return [int(number) for number in line.strip("[]\n ").split(",") if number]


def test_the_watch_ends_cleanly_when_told(in_review: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 10, 16, 2, tzinfo=UTC)

    def told_to_stop() -> datetime:
        signal.raise_signal(signal.SIGTERM)
        return at

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(desk, "now", told_to_stop)
    ran = done(in_review, "tick", "--watch", "--every", "3600", "--json")
    assert [row["kind"] for row in ran.json["fired"]] == ["overdue", "escalate"] * 2
    assert ran.out.count("\n") == 1
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_clock_set_back_writes_nothing(in_review: Journey, on: Callable[..., None]) -> None:
    counter, words = in_review.counter, ["claim", in_review.case]
    assert counter(*words, by=in_review.people["regulator"], home=counter.copy()).code == 0
    before = done(in_review, "trail", "show", "--json").json
    on("2026-09-23")
    ran = counter(*words, by=in_review.people["regulator"])
    assert (ran.code, "时钟可能被调回" in ran.err, ran.err.count("\n")) == (5, True, 1), ran.err
    ticked = counter("tick")
    assert (ticked.code, "时钟可能被调回" in ticked.err) == (5, True)
    assert done(in_review, "trail", "show", "--json").json == before
    on("2026-09-24", hour=11)
    assert counter(*words, by=in_review.people["regulator"]).code == 0


def deputise(home: Path, officer: str, deputy: str, first: str, last: str) -> None:
    people = home / "profile" / "officers.toml"
    row = f'\n[[deputies]]\nofficer = "{officer}"\ndeputy = "{deputy}"\nfrom = {first}\nto = {last}\n'
    people.write_text(people.read_text(encoding="utf-8") + row, encoding="utf-8")


def test_both_names_are_in_the_trail_when_a_deputy_acts(journey: Journey, on: Callable[..., None]) -> None:
    people, counter = journey.people, journey.counter
    on("2026-09-24")
    journey.submitted().self_reviewed()
    words = ["sign", journey.case, "--outcome", "compliant", "--reason", "自查无问题"]
    deputise(counter.home, people["head"], people["drafter"], "2026-09-25", "2026-09-30")
    assert counter(*words, by=people["drafter"]).code == 3
    on("2026-09-25")
    done(journey, *words, by="drafter")
    journey.accepted()
    deputise(counter.home, people["lead"], people["third_regulator"], "2026-09-25", "2026-09-30")
    done(journey, "extend", journey.case, "--days", "2", "--reason", "案情复杂", by="third_regulator")
    events = done(journey, "trail", "show", journey.case, "--json").json
    assert [(event["act"], event["actor"], event["facts"].get("for")) for event in events] == [
        ("submit", people["drafter"], None),
        ("self_review", people["reviewer"], None),
        ("sign", people["drafter"], people["head"]),
        ("accept", people["regulator"], None),
        ("extend", people["third_regulator"], people["lead"]),
    ]
    assert "（代" in done(journey, "trail", "show", journey.case).out


def test_the_digest_shows_what_is_due_to_whom(in_review: Journey, on: Callable[..., None]) -> None:
    def digest(officer: str) -> dict[str, int]:
        told = done(in_review, "digest", "--json", by=officer).json
        return {kind: len(told[kind]) for kind in ("overdue", "due_today", "due_soon", "to_press")}

    nothing = {"overdue": 0, "due_today": 0, "due_soon": 0, "to_press": 0}
    assert [digest(who) for who in ("regulator", "lead", "drafter")] == [nothing] * 3
    for day, kind in (("2026-10-12", "due_soon"), ("2026-10-15", "due_today"), ("2026-10-16", "overdue")):
        on(day)
        assert digest("regulator") == nothing | {kind: 2}
        assert digest("drafter") == nothing
    assert digest("lead") == nothing | {"to_press": 2}
    done(in_review, "claim", in_review.case, by="regulator")
    assert digest("second_regulator") == nothing | {"overdue": 1}
    assert "已超期 1" in done(in_review, "digest", by="second_regulator").out
    nobody = in_review.counter("digest")
    assert (nobody.code, "--as" in nobody.err) == (2, True)


def test_an_announced_year_replaces_the_provisional_one(
    journey: Journey, on: Callable[..., None], tmp_path: Path
) -> None:
    people, counter = journey.people, journey.counter
    notice = tmp_path / "放假通知.toml"
    notice.write_text(NOTICE_2027, encoding="utf-8")
    on("2026-12-24")
    journey.submitted().self_reviewed().signed().accepted()
    case = journey.case
    assert [(task["due_on"], task["provisional"]) for task in due(journey)] == [("2027-01-08", True)] * 2
    assert "暂定" in done(journey, "due", case).out
    refused = counter("calendar", "import", notice, by=people["drafter"])
    assert (refused.code, "市场监管部门" in refused.err) == (3, True)

    imported = done(journey, "calendar", "import", notice, "--json", by="regulator").json
    assert imported["changed"] == {case: ["co_review 2027-01-08 2027-01-09"] * 2}
    assert [(t["due_on"], t["stored_due_on"], t["provisional"]) for t in due(journey)] == [
        ("2027-01-09", "2027-01-09", False)
    ] * 2
    event = done(journey, "trail", "show", case, "--json").json[-1]
    assert (event["act"], event["facts"]["calendar"], event["facts"]["year"]) == ("calendar", imported["version"], 2027)
    assert len(event["contents"]) == 1
    assert done(journey, "calendar", "import", notice, "--json", by="lead").json["changed"] == {}
    assert done(journey, "calendar", "show", "2027", "--json").json["notice"] == "国办发明电〔2026〕9号"
    assert done(journey, "trail", "verify").code == 0


def test_a_year_taken_in_while_no_case_is_open_is_in_the_trail_all_the_same(
    shuangshen: Callable[..., Any], installation: Path, people: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "放假通知.toml"
    file.write_text(NOTICE_2027, encoding="utf-8")
    words = ["calendar", "import", file, "--as", people["regulator"], "--home", installation, "--json"]
    taken = shuangshen(*words).json
    assert (taken["matter"], taken["changed"]) == ("RL-2026-0001", {})
    assert shuangshen(*words).json == taken
    (event,) = reads.events(installation / "shuangshen.db")
    told = (event["act"], event["case"], event["facts"]["year"], event["facts"]["calendar"], len(event["contents"]))
    assert told == ("calendar_import", "RL-2026-0001", 2027, taken["version"], 1)


@pytest.mark.parametrize(
    ("text", "saying"),
    [
        ("这不是年历", "TOML"),
        ('year = 2027\nnotice = ""\nprovisional = false\nholidays = []\n', "notice"),
        ('year = 1827\nnotice = ""\nprovisional = true\nholidays = []\n', "year"),
        ('year = 2026\nnotice = ""\nprovisional = true\nholidays = []\n', "已经公布"),
    ],
    ids=["not toml", "no notice", "long ago", "provisional over announced"],
)
def test_a_bad_year_file_changes_nothing(
    shuangshen: Callable[..., Any], installation: Path, people: dict[str, str], tmp_path: Path, text: str, saying: str
) -> None:
    file = tmp_path / "年历.toml"
    file.write_text(text, encoding="utf-8")
    ran = shuangshen("calendar", "import", file, "--as", people["regulator"])
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (2, True, 1), ran.err
    assert not (installation / "calendar").exists()
    file.write_text(NOTICE_2027, encoding="utf-8")
    assert shuangshen("calendar", "import", file, "--as", people["regulator"]).code == 0


def test_a_year_nobody_announced_is_reckoned_by_weekends_and_statutory_days(
    journey: Journey, on: Callable[..., None]
) -> None:
    on("2029-04-26")
    journey.submitted().self_reviewed().signed().accepted()
    (task, _) = due(journey)
    assert (task["due_on"], task["provisional"]) == ("2029-05-14", True)
    assert task["steps"][-1] == "2029年放假安排尚未公布，期限暂定，公布后重新计算。"


def test_a_second_round_has_clocks_of_its_own(
    journey: Journey, samples: dict[str, Sample], on: Callable[..., None]
) -> None:
    """A revised draft is reviewed anew: a full period, and the right to one extension."""
    on("2026-09-01")
    journey.submitted().self_reviewed().signed().accepted()
    words = ["--days", "1", "--reason", "案情复杂"]
    done(journey, "extend", journey.case, *words, by="lead")
    journey.jointly_reviewed(samples["blocked"].expected).concluded("revise").revised(samples["revised"])
    journey.self_reviewed().signed().accepted()
    assert [task["extension"] for task in due(journey)] == [0, 0]
    done(journey, "extend", journey.case, *words, by="lead")
    assert [task["extension"] for task in due(journey)] == [1, 1]
