"""Supervision through the command line: ledger, complaints, spot checks, strikes; each refusal beside its success."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from journey import Counter, Journey

from engine.store import verify_store
from reviewers.samples import Sample

ADD = ["--problem", "未经审查印发", "--measure", "补审", "--source", "抽查"]
SEED = "秋水共长天一色"


def done(counter: Counter, *words: str | Path, by: str = "") -> Any:
    ran = counter(*words, "--json", by=by)
    assert ran.code == 0, ran.err
    return ran.json


def told(counter: Counter, *words: str | Path, by: str = "") -> tuple[int, str]:
    ran = counter(*words, by=by)
    assert ran.err.count("\n") == 1, ran.err
    return ran.code, ran.err


# ---------------------------------------------------------------- ledger


@pytest.fixture
def entry(counter: Counter, people: dict[str, str], on: Callable[[str], None]) -> str:
    """Entered on 2026-03-02, due on 2026-03-31."""
    on("2026-03-02")
    added = done(counter, "ledger", "add", "--unit", "jtj", *ADD, "--due", "2026-03-31", by=people["regulator"])
    return str(added["case_id"])


def test_an_entry_is_struck_off_only_on_evidence(
    counter: Counter, people: dict[str, str], entry: str, on: Callable[[str], None], tmp_path: Path
) -> None:
    assert entry == "TZ-2026-0001"
    done(counter, "ledger", "progress", entry, "--text", "已约谈", by=people["head"])
    code, err = told(counter, "ledger", "close", entry, by=people["regulator"])
    assert (code, "没有整改证据" in err) == (2, True)
    proof = tmp_path / "补审结论.txt"
    proof.write_text("已补审，已修改。", encoding="utf-8")
    for who in ("head", "auditor"):
        assert told(counter, "ledger", "close", entry, "--evidence", proof, by=people[who])[0] == 3
    on("2026-04-02")
    done(counter, "ledger", "close", entry, "--evidence", proof, by=people["regulator"])
    (row,) = done(counter, "ledger", "list")["entries"]
    assert (row["open"], row["overdue"], row["closed_on"]) == (False, False, "2026-04-02")
    assert row["evidence"] == [sha256(proof.read_bytes()).hexdigest()]
    code, err = told(counter, "ledger", "close", entry, "--evidence", proof, by=people["regulator"])
    assert (code, "已于 2026-04-02 销号" in err) == (5, True)
    assert told(counter, "ledger", "progress", entry, "--text", "再报", by=people["head"])[0] == 5
    verify_store(counter.home / "shuangshen.db")


def test_the_list_filters_and_the_month_counts(
    counter: Counter, people: dict[str, str], entry: str, on: Callable[[str], None], tmp_path: Path
) -> None:
    regulator = people["regulator"]
    other = ["--problem", "=cmd", "--measure", "改", "--source", "督查"]
    on("2026-03-10")
    second = done(counter, "ledger", "add", "--unit", "fgw", *other, "--due", "2026-05-29", by=regulator)["case_id"]
    on("2026-04-01")

    def ids(*words: str) -> list[str]:
        return [row["id"] for row in done(counter, "ledger", "list", *words)["entries"]]

    assert (ids(), ids("--overdue"), ids("--unit", "fgw")) == ([entry, second], [entry], [second])
    rows = list(csv.reader(io.StringIO(counter("ledger", "list", "--csv").out.removeprefix("\ufeff"))))
    assert [(row[0], row[3], row[9]) for row in rows[1:]] == [
        (entry, "未经审查印发", "超期"),
        (second, "'=cmd", "未销号"),
    ]
    proof = tmp_path / "证据.txt"
    proof.write_text("已改", encoding="utf-8")
    done(counter, "ledger", "close", second, "--evidence", proof, by=regulator)
    assert ids("--open") == [entry]
    march = [{"unit": "fgw", "added": 1, "closed": 0, "open": 1, "overdue": 0},
             {"unit": "jtj", "added": 1, "closed": 0, "open": 1, "overdue": 0}]  # fmt: skip
    april = [{"unit": "fgw", "added": 0, "closed": 1, "open": 0, "overdue": 0},
             {"unit": "jtj", "added": 0, "closed": 0, "open": 1, "overdue": 1}]  # fmt: skip
    assert done(counter, "ledger", "monthly", "2026-03")["units"] == march
    assert done(counter, "ledger", "monthly", "2026-04")["units"] == april
    assert done(counter, "ledger", "monthly", "2026-02")["units"] == []
    assert told(counter, "ledger", "monthly", "2026-13")[0] == 2


@pytest.mark.parametrize(
    ("words", "who", "code", "saying"),
    [
        (["--unit", "jtj", "--due", "2026-03-31"], "drafter", 3, "市场监管部门会审人员"),
        (["--unit", "nowhere", "--due", "2026-03-31"], "regulator", 4, "nowhere"),
        (["--unit", "jtj", "--due", "2026-03-01"], "regulator", 2, "早于今天"),
        (["--unit", "jtj"], "regulator", 2, "完成时限"),
        (["--due", "2026-03-31"], "regulator", 2, "责任单位"),
        (["--case", "2026-0099", "--due", "2026-03-31"], "regulator", 4, "2026-0099"),
    ],
)
def test_what_is_not_entered(
    counter: Counter, people: dict[str, str], entry: str, words: list[str], who: str, code: int, saying: str
) -> None:
    found = told(counter, "ledger", "add", *ADD, *words, by=people[who])
    assert (found[0], saying in found[1]) == (code, True), found[1]
    assert len(done(counter, "ledger", "list")["entries"]) == 1


# ---------------------------------------------------------------- complaints


@pytest.fixture
def complained(journey: Journey, on: Callable[[str], None]) -> tuple[Journey, str]:
    """A complaint of 2026-03-02 about a case in self-review, taken in by the third regulator."""
    on("2026-03-02")
    journey.submitted()
    words = ["complaint", "file", "--about", journey.case, "--text", "限定本地企业", "--by", "社会监督员 丁一"]
    return journey, str(done(journey.counter, *words, by=journey.people["third_regulator"])["case_id"])


def test_a_confirmed_complaint_opens_a_ledger_entry(complained: tuple[Journey, str], on: Callable[[str], None]) -> None:
    journey, complaint = complained
    counter, by = journey.counter, journey.people["third_regulator"]
    early = ["complaint", "conclude", complaint, "--confirmed", "--reason", "属实", "--measure", "删除限定"]
    code, err = told(counter, *early, by=by)
    assert (code, "待核对材料" in err) == (5, True)
    done(counter, "complaint", "correct", complaint, "--reason", "请补充文件全文", by=by)
    (row,) = done(counter, "complaint", "list", by=by)["complaints"]
    assert (row["case"], row["state"], row["due_on"]) == (journey.case, "correct", "2026-03-11")
    assert "reporter" not in row
    on("2026-03-09")
    done(counter, "complaint", "accept", complaint, by=by)
    assert done(counter, "complaint", "list", by=by)["complaints"][0]["due_on"] == "2026-05-08"
    bare = ["complaint", "conclude", complaint, "--confirmed", "--reason", "属实"]
    code, err = told(counter, *bare, by=by)
    assert (code, "整改措施" in err) == (2, True)
    done(counter, *early, by=by)
    (entry,) = done(counter, "ledger", "list")["entries"]
    assert (entry["unit"], entry["case"], entry["complaint"]) == ("jtj", journey.case, complaint)
    shown = done(counter, "complaint", "show", complaint, by=by)
    assert (shown["reporter"], shown["confirmed"], shown["ledger"]) == ("社会监督员 丁一", True, entry["id"])
    done(counter, "complaint", "close", complaint, "--reason", "已书面告知", by=by)
    assert told(counter, "complaint", "close", complaint, "--reason", "再次", by=by)[0] == 5
    trail = counter("trail", "show", "--json").out
    assert "丁一" not in trail
    verify_store(counter.home / "shuangshen.db")


def test_the_head_extends_the_verification_once(complained: tuple[Journey, str], on: Callable[[str], None]) -> None:
    journey, complaint = complained
    counter, people = journey.counter, journey.people
    done(counter, "complaint", "accept", complaint, by=people["regulator"])
    words = ["complaint", "extend", complaint, "--days", "30", "--reason", "案情复杂"]
    assert told(counter, *words, by=people["regulator"])[0] == 3
    many = ["complaint", "extend", complaint, "--days", "61", "--reason", "案情复杂"]
    assert told(counter, *many, by=people["lead"])[0] == 2
    on("2026-05-02")
    late = told(counter, *words, by=people["lead"])
    assert (late[0], "已于 2026-05-01 届满" in late[1]) == (5, True)
    on("2026-05-01")
    done(counter, *words, by=people["lead"])
    (row,) = done(counter, "complaint", "list", by=people["auditor"])["complaints"]
    assert (row["due_on"], row["extended"], row["overdue"]) == ("2026-05-31", True, False)
    code, err = told(counter, *words, by=people["lead"])
    assert (code, "已延长过一次" in err) == (5, True)
    on("2026-06-01")
    assert len(done(counter, "complaint", "list", "--overdue", by=people["lead"])["complaints"]) == 1


def test_who_reviewed_the_case_does_not_judge_the_complaint(complained: tuple[Journey, str]) -> None:
    journey, complaint = complained
    counter, people = journey.counter, journey.people
    journey.self_reviewed().signed().accepted()
    done(counter, "complaint", "accept", complaint, by=people["regulator"])
    words = ["complaint", "conclude", complaint, "--unfounded", "--reason", "不属实"]
    code, err = told(counter, *words, by=people["regulator"])
    assert (code, "未参与该案" in err) == (3, True)
    done(counter, *words, by=people["third_regulator"])
    assert done(counter, "ledger", "list")["entries"] == []


def test_a_measure_never_reviewed_is_kept_by_its_title_and_can_be_transferred(
    counter: Counter, people: dict[str, str]
) -> None:
    by = people["regulator"]
    words = ["complaint", "file", "--about", "某县招商办法", "--text", "地方保护"]
    complaint = done(counter, *words, by=by)["case_id"]
    (row,) = done(counter, "complaint", "list", by=by)["complaints"]
    assert (row["case"], row["title"], row["unit"]) == ("", "某县招商办法", "")
    assert told(counter, "complaint", "transfer", complaint, "--reason", "属下级", by=by)[0] == 2
    done(counter, "complaint", "transfer", complaint, "--to", "某县市场监管局", "--reason", "属下级", by=by)
    assert told(counter, "complaint", "accept", complaint, by=by)[0] == 5
    assert told(counter, *words, by=people["drafter"])[0] == 3
    assert told(counter, "complaint", "list", by=people["drafter"])[0] == 3
    assert told(counter, "complaint", "file", "--about", "2026-0077", "--text", "x", by=by)[0] == 4
    assert told(counter, "complaint", "show", "JB-2026-0009", by=by)[0] == 4


# ---------------------------------------------------------------- spot checks


def closed(journey: Journey, sample: Sample) -> str:
    journey.sample = sample
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(()).concluded("must_not_issue")
    return journey.case


def test_a_sample_is_bound_before_and_recomputed_by_anyone(
    journey: Journey, samples: dict[str, Sample], on: Callable[[str], None]
) -> None:
    counter, people = journey.counter, journey.people
    digest = sha256(SEED.encode()).hexdigest()
    commit = ["sample", "commit", "--seed-hash", digest, "--period", "2026-03"]
    on("2026-03-02")
    assert told(counter, *commit, by=people["drafter"])[0] == 3
    done(counter, *commit, by=people["lead"])
    assert told(counter, *commit, by=people["lead"])[0] == 5
    cases = [closed(journey, samples["revised"]) for _ in range(3)]
    draw = ["sample", "draw", "--seed", SEED, "--n", "2"]
    code, err = told(counter, *draw, by=people["lead"])
    assert (code, "还没有结束" in err) == (3, True)
    on("2026-04-01")
    wrong = told(counter, "sample", "draw", "--seed", SEED + "。", "--n", "2", by=people["lead"])
    assert (wrong[0], "摘要都不符" in wrong[1]) == (3, True)
    events = done(counter, "trail", "show")
    done(counter, *draw, by=people["lead"])
    (sampling,) = done(counter, "sample", "list")["samplings"]
    beacon = events[-1]["hash"]
    scored = sorted(cases, key=lambda case: sha256(f"{SEED}|{beacon}|{case}".encode()).hexdigest())
    assert (sampling["draw"]["picked"], sampling["draw"]["cases"]) == (scored[:2], cases)
    assert (sampling["draw"]["beacon"], sampling["disagreement"]) == (beacon, "")
    assert told(counter, *draw, by=people["lead"])[0] == 5
    late = told(counter, *commit[:-1], "2026-02", by=people["lead"])
    assert (late[0], "已经结束" in late[1]) == (3, True)
    assert told(counter, "sample", "commit", "--seed-hash", "ABC", "--period", "2026-05", by=people["lead"])[0] == 2
    verify_store(counter.home / "shuangshen.db")


def test_there_is_nothing_to_draw_from_an_empty_month(
    counter: Counter, people: dict[str, str], on: Callable[[str], None]
) -> None:
    on("2026-03-02")
    assert told(counter, "sample", "draw", "--seed", SEED, "--n", "1", by=people["lead"])[0] == 4
    digest = sha256(SEED.encode()).hexdigest()
    done(counter, "sample", "commit", "--seed-hash", digest, "--period", "2026-03", by=people["lead"])
    on("2026-04-01")
    code, err = told(counter, "sample", "draw", "--seed", SEED, "--n", "1", by=people["lead"])
    assert (code, "没有审结的案件" in err) == (5, True)


# ---------------------------------------------------------------- strikes


def test_a_unit_blocked_twice_after_a_clean_self_review_is_listed(journey: Journey, samples: dict[str, Sample]) -> None:
    counter, sample = journey.counter, samples["blocked"]

    def blocked() -> str:
        journey.sample = sample
        journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(sample.expected).concluded("revise")
        return journey.case

    first = blocked()
    assert done(counter, "supervise", "strikes")["strikes"] == []
    second = blocked()
    (strike,) = done(counter, "supervise", "strikes")["strikes"]
    assert (strike["unit"], strike["in_a_row"]) == ("jtj", 2)
    assert [each["case"] for each in strike["rounds"]] == [first, second]
    items = sorted({item for situation in sample.expected for item in situation.items})
    assert [each["missed"] for each in strike["rounds"]] == [items, items]
    misses = done(counter, "supervise", "misses")["misses"]
    assert [(row["item"], row["missed"], row["compared"]) for row in misses[1:]] == [(item, 2, 2) for item in items]
    assert misses[0]["missed"] == 2 * len(items)
    assert "连续 2 次" in counter("supervise", "strikes").out


def test_a_line_feed_in_what_is_told_does_not_reach_the_terminal(counter: Counter, people: dict[str, str]) -> None:
    by = people["regulator"]
    text = "第一行\n\x1b[31m第二行"
    words = ["ledger", "add", "--unit", "jtj", "--problem", text, "--measure", "改", "--source", "抽查"]
    done(counter, *words, "--due", "2999-01-01", by=by)
    complaint = done(counter, "complaint", "file", "--about", text, "--text", text, "--by", text, by=by)["case_id"]
    for shown in (["ledger", "list"], ["complaint", "list"], ["complaint", "show", complaint]):
        ran = counter(*shown, by=by if shown[0] == "complaint" else "")
        assert ran.code == 0, ran.err
        assert ("\x1b" in ran.out, "第一行 [31m第二行" in ran.out) == (False, True)


def test_a_deputy_is_named_with_whom_he_stood_in_for(
    complained: tuple[Journey, str], on: Callable[[str], None]
) -> None:
    journey, complaint = complained
    counter, people = journey.counter, journey.people
    done(counter, "complaint", "accept", complaint, by=people["regulator"])
    words = ["complaint", "extend", complaint, "--days", "5", "--reason", "案情复杂"]
    assert told(counter, *words, by=people["regulator"])[0] == 3
    roster = counter.home / "profile" / "officers.toml"
    deputy = f"""
[[deputies]]
officer = "{people["lead"]}"
deputy = "{people["regulator"]}"
from = 2026-03-01
to = 2026-03-31
"""
    roster.write_text(roster.read_text(encoding="utf-8") + deputy, encoding="utf-8")
    done(counter, *words, by=people["regulator"])
    event = done(counter, "trail", "show")[-1]
    assert (event["actor"], event["facts"]["for"]) == (people["regulator"], people["lead"])
    own = [e["facts"].get("for") for e in done(counter, "trail", "show") if e["act"] == "complaint_accept"]
    assert own == [None]


def test_the_days_are_those_of_the_installation(complained: tuple[Journey, str]) -> None:
    journey, complaint = complained
    counter, by = journey.counter, journey.people["regulator"]
    path = counter.home / "profile" / "supervision.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("verification_days = 60", "verification_days = 45"), encoding="utf-8")
    done(counter, "complaint", "accept", complaint, by=by)
    assert done(counter, "complaint", "list", by=by)["complaints"][0]["due_on"] == "2026-04-16"
    other = done(counter, "complaint", "file", "--about", "某办法", "--text", "地方保护", by=by)["case_id"]
    path.write_text(text.replace("verification_days = 60", "verification_days = 0"), encoding="utf-8")
    code, err = told(counter, "complaint", "accept", other, by=by)
    assert (code, "verification_days" in err) == (2, True)
    path.unlink()
    done(counter, "complaint", "accept", other, by=by)
    assert done(counter, "complaint", "list", by=by)["complaints"][1]["due_on"] == "2026-05-01"
