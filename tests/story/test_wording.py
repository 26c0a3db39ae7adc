"""Between review and issue the text is mended: in wording, decided by name, or it is reviewed anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from journey import Journey

from engine.store import verify_store
from reviewers.samples import Sample

HEAD = "关于有关事项的通知\n各县（区）人民政府：\n"
REVIEWED = "一、简化办事程序，缩短办理时限。\n二、公开采购的条件和程序。\n"
MENDED = "一、简化办事程序，压缩办理时限。\n二、公开采购的条件和程序。\n"
REFUSED = {
    "a clause more": (REVIEWED + "三、另设窗口。\n", "lead", "会议意见", 1, "“三”整条新增"),
    "a clause less": ("一、简化办事程序，缩短办理时限。\n", "lead", "会议意见", 1, "“二”整条新增、删除"),
    "a new finding": (
        REVIEWED.replace("公开", "投标人须在本市设立分公司，公开"), "lead", "会议意见", 1, "新的疑似问题",
    ),
    "the same text": (REVIEWED, "lead", "会议意见", 2, "完全相同"),
    "no reason": (MENDED, "lead", " ", 2, "须说明理由"),
    "not who concludes": (MENDED, "head", "会议意见", 3, "只由会审负责人办理"),
}  # fmt: skip


@pytest.fixture
def passed(journey: Journey, samples: dict[str, Sample], tmp_path: Path) -> Journey:
    draft = tmp_path / "通知.txt"
    draft.write_text(HEAD + REVIEWED, encoding="utf-8")
    journey.sample = replace(samples["clean"], draft=draft)
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(())
    return journey.concluded("compliant")


def written(passed: Journey, text: str) -> Path:
    path = passed.counter.room / "拟印发.txt"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_a_mended_word_is_issued_once_somebody_has_decided_so(passed: Journey) -> None:
    counter, case, people = passed.counter, passed.case, passed.people
    final = written(passed, MENDED)
    assert counter("issue", case, final, by=people["drafter"]).code == 1
    assert counter("gate", case, "--file", final).code == 1
    passed.done("editorial", case, final, "--reason", "会议改动措辞", by=people["lead"])
    assert counter("gate", case, "--file", final).code == 0
    passed.done("issue", case, final, by=people["drafter"])
    (decided,) = counter.file(case).editorials
    assert (decided.decided_by, decided.changes, decided.reason) == (people["lead"], ("一",), "会议改动措辞")
    assert "会议改动措辞" in counter("show", case).out
    assert verify_store(counter.home / "shuangshen.db").size > 0


def test_what_is_no_matter_of_wording_is_refused(passed: Journey) -> None:
    for name, (text, who, reason, code, saying) in REFUSED.items():
        words = ["editorial", passed.case, written(passed, text), "--reason", reason]
        ran = passed.counter(*words, by=passed.people[who])
        assert (ran.code, saying in ran.err) == (code, True), (name, ran.err)
    assert passed.counter.file(passed.case).editorials == ()
    passed.done("issue", passed.case, written(passed, REVIEWED), by=passed.people["drafter"])
    words = ["editorial", passed.case, written(passed, MENDED), "--reason", "会议意见"]
    late = passed.counter(*words, by=passed.people["lead"])
    assert (late.code, "印发以前" in late.err) == (3, True)
