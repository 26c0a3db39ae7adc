"""The operator's log: one JSON line an act, and not one word of what it was about."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from journey import Journey

from engine.trail.verifier import canonical
from reviewers.roster import load_profile

KEYS = {"schema", "time", "command", "act", "case", "officer", "event", "outcome", "exit_code", "duration_ms"}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("SHUANGSHEN_LOG", "json")
    monkeypatch.setenv("SHUANGSHEN_LOG_FILE", str(tmp_path / "log.jsonl"))
    return tmp_path / "log.jsonl"


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="ascii").splitlines()]


def test_every_act_is_one_line_and_says_nothing_of_the_draft(journey: Journey, log: Path) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed()
    reason = "机密理由壹贰叁"
    assert counter("sign", journey.case, "--outcome", "compliant", "--reason", reason, by=people["head"]).code == 0
    refused = counter("accept", journey.case, "--command-id", reason, by=people["drafter"])
    assert refused.code == 3
    counter("show", journey.case)
    counter("gate", journey.case, home=counter.home)
    counter("withdraw", reason, "--reason", reason, by=reason)
    told = [
        (line["command"], line["act"], line["case"], line["officer"], line["event"], line["outcome"], line["exit_code"])
        for line in lines(log)
    ]
    case = journey.case
    assert told == [
        ("submit", "submit", case, people["drafter"], 1, "done", 0),
        ("review", "self_review", case, people["reviewer"], 2, "done", 0),
        ("sign", "sign", case, people["head"], 3, "done", 0),
        ("accept", None, case, people["drafter"], None, "refused", 3),
        ("show", None, case, None, None, "done", 0),
        ("gate", None, case, None, None, "answered", 1),
        ("withdraw", None, None, None, None, "refused", 4),
    ]
    assert [line.get("error") for line in lines(log)][3:] == ["refused", None, None, "not_found"]
    assert all(line.keys() - {"error"} == KEYS for line in lines(log))
    assert all(line["time"].endswith("Z") and line["duration_ms"] >= 0 for line in lines(log))


def test_nothing_confidential_is_in_it(journey: Journey, log: Path) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed().signed()
    counter("correct", journey.case, "--missing", "起草说明", "--reason", "未附说明", by=people["regulator"])
    written = log.read_text(encoding="ascii")
    assert written.isascii()
    spoken = json.loads(f"[{','.join(written.splitlines())}]")
    heard = canonical(spoken)
    profile = load_profile(counter.home / "profile")
    confidential = {officer.name for officer in profile.officers.values()}
    confidential |= {counter.file(journey.case).case.title, "未附说明", "起草说明", "自查无问题"}
    confidential |= {clause.text[:12] for clause in counter.document(journey.case).clauses if len(clause.text) > 12}
    confidential |= {str(counter.home), journey.sample.draft.name}
    assert [word for word in confidential if word in heard or word in written] == []
    assert not any("\u4e00" <= char <= "\u9fff" for char in heard)


def test_the_file_is_its_owner_s_and_appended_to(journey: Journey, log: Path) -> None:
    journey.submitted()
    before = log.read_bytes()
    journey.self_reviewed()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert log.read_bytes().startswith(before)
    assert len(lines(log)) == 2


def test_without_a_file_it_goes_to_stderr(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUANGSHEN_LOG", "json")
    monkeypatch.delenv("SHUANGSHEN_LOG_FILE", raising=False)
    ran = journey.counter("queue", "--all", "--json")
    assert (ran.json, json.loads(ran.err)["command"]) == ([], "queue")


def test_a_log_that_cannot_be_kept_is_refused_before_the_act(
    journey: Journey, log: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sample, people = journey.sample, journey.people
    words = ["submit", sample.draft, "--trigger", sample.trigger, "--kind", sample.kind]
    os.symlink(tmp_path / "elsewhere", tmp_path / "link.jsonl")  # noqa: PTH211
    file, mode = "SHUANGSHEN_LOG_FILE", "SHUANGSHEN_LOG"
    for name, value in ((file, tmp_path / "none" / "log"), (file, tmp_path / "link.jsonl"), (mode, "text")):
        with monkeypatch.context() as changed:
            changed.setenv(name, str(value))
            refused = journey.counter(*words, by=people["drafter"])
            assert (refused.code, "SHUANGSHEN_LOG" in refused.err) == (2, True), refused.err
    assert journey.counter("queue", "--all", "--json").json == []
    assert journey.counter(*words, by=people["drafter"]).code == 0


def test_a_fault_of_the_program_is_told_by_its_kind_alone(
    journey: Journey, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewers.desk.counter.place_in", {}.__getitem__)
    with pytest.raises(KeyError):
        journey.counter("queue", "--all")
    (line,) = lines(log)
    assert (line["outcome"], line["error"], line["exit_code"]) == ("failed", "KeyError", 1)
