"""Who reviews: another asked instead, one more, one passed over; departments asked; interests; a third party."""

from __future__ import annotations

from pathlib import Path

from journey import Counter, Journey

from engine.gate import may_issue
from engine.model import Gate, StaffingAct
from engine.standards import load_standards
from engine.store import open_store
from reviewers.conclusions import gate_question
from reviewers.samples.forms import joint_form, self_form


def open_places(counter: Counter, case: str) -> list[tuple[str, str, str]]:
    with open_store(counter.home / "shuangshen.db").work() as work:
        return [(turn.element, turn.instance, turn.holder) for turn in work.open_turns(case)]


def joint(journey: Journey) -> Path:
    counter = journey.counter
    file, document = counter.file(journey.case), counter.document(journey.case)
    return counter.form(journey.case, Gate.JOINT_REVIEW, joint_form(file, document, journey.sample.expected))


def own(journey: Journey) -> Path:
    file = journey.counter.file(journey.case)
    return journey.counter.form(journey.case, Gate.SELF_REVIEW, self_form(file, journey.sample.consultation))


def refused(journey: Journey, words: list[str | Path], by: str, code: int, saying: str) -> None:
    """The words leave with this code and this sentence, and nothing is written."""
    before = journey.counter("trail", "show", "--json").json
    ran = journey.counter(*words, by=by)
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (code, True, 1), ran.err
    assert journey.counter("trail", "show", "--json").json == before


def test_the_lead_gives_a_claimed_review_to_another_who_alone_may_do_it(journey: Journey) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed().signed().accepted()
    journey.done("claim", journey.case, by=people["regulator"])
    words = ["--from", people["regulator"], "--to", people["third_regulator"], "--reason", "原会审员出差"]
    journey.done("reassign", journey.case, *words, by=people["lead"])
    assert sorted(open_places(counter, journey.case)) == [
        ("co_review", "2", ""),
        ("co_review", people["third_regulator"], ""),
    ]
    (record,) = counter.file(journey.case).staffings
    assert (record.act, record.gate, record.element, record.instance, record.officer, record.reason) == (
        StaffingAct.REPLACED, Gate.JOINT_REVIEW, "co_review", people["regulator"], people["third_regulator"],
        "原会审员出差",
    )  # fmt: skip
    assert (record.round, record.ordered_by) == (1, people["lead"])
    journey.done("review", journey.case, "--answers", joint(journey), by=people["second_regulator"])
    assert open_places(counter, journey.case) == [("co_review", people["third_regulator"], "")]
    refused(journey, ["claim", journey.case], people["regulator"], 3, "分给了")
    journey.done("review", journey.case, "--answers", joint(journey), by=people["third_regulator"])
    assert counter.file(journey.case).case.stage == "conclude"


def test_the_head_gives_the_self_review_to_a_colleague_of_the_unit_only(journey: Journey) -> None:
    people = journey.people
    journey.submitted()
    words: list[str | Path] = ["reassign", journey.case, "--from", "1", "--to", people["reviewer"], "--reason", "指定"]
    healthy = journey.counter(*words, by=people["head"], home=journey.counter.copy())
    assert healthy.code == 0, healthy.err
    for by, saying in ((people["drafter"], "起草单位负责人"), (people["lead"], "起草单位负责人")):
        refused(journey, words, by, 3, saying)
    for target, saying in (
        (people["drafter"], "自审人员"),
        ("zhao.xin", "起草单位"),
        (people["regulator"], "自审人员"),
    ):
        other: list[str | Path] = [target if word == people["reviewer"] else word for word in words]
        refused(journey, other, people["head"], 3, saying)
    refused(journey, [*words[:-1], " "], people["head"], 2, "须说明理由")
    refused(journey, ["9" if word == "1" else word for word in words], people["head"], 2, "正在等待：1")
    refused(journey, [word if word != people["reviewer"] else "nobody" for word in words], people["head"], 4, "nobody")


def test_one_more_reviewer_is_waited_for(journey: Journey) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed().signed().accepted()
    words: list[str | Path] = ["reviewer", "add", journey.case, people["third_regulator"], "--reason", "案情复杂"]
    journey.done(*words, by=people["lead"])
    refused(journey, words, people["lead"], 5, "已经是")
    journey.jointly_reviewed(journey.sample.expected)
    assert counter.file(journey.case).case.stage == "co_review"
    refused(journey, ["conclude", journey.case, "--outcome", "revise", "--reason", "改"], people["lead"], 3, "不等待")
    journey.done("review", journey.case, "--answers", joint(journey), by=people["third_regulator"])
    assert counter.file(journey.case).case.stage == "conclude"
    assert len(counter.file(journey.case).reviews) == 4


def test_one_who_has_reviewed_is_not_asked_again(journey: Journey) -> None:
    people = journey.people
    journey.submitted().self_reviewed().signed().accepted()
    journey.done("review", journey.case, "--answers", joint(journey), by=people["regulator"])
    words: list[str | Path] = ["reassign", journey.case, "--from", "2", "--to", people["regulator"], "--reason", "人少"]
    refused(journey, words, people["lead"], 3, "本轮已提交过")


def test_skipping_never_closes_a_review(journey: Journey) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed().signed().accepted()
    skip_first: list[str | Path] = ["reviewer", "skip", journey.case, "1", "--reason", "休假"]
    skip_second: list[str | Path] = ["reviewer", "skip", journey.case, "2", "--reason", "借调"]
    journey.done(*skip_first, by=people["lead"])
    refused(journey, skip_second, people["lead"], 3, "不能跳过")
    file = counter.file(journey.case)
    reasons = may_issue(gate_question(file, load_standards())).reasons
    (missing,) = [reason for reason in reasons if reason.code == "P-13"]
    assert missing.message == "现文本尚未完成市场监管部门会审：审查人员已被跳过——1（休假），跳过不等于审查。"
    journey.done("reviewer", "add", journey.case, people["third_regulator"], "--reason", "补", by=people["lead"])
    journey.done("review", journey.case, "--answers", joint(journey), by=people["third_regulator"])
    journey.done(*skip_second, by=people["lead"])
    assert counter.file(journey.case).case.stage == "conclude"


def test_the_one_self_reviewer_is_not_skipped(journey: Journey) -> None:
    journey.submitted()
    words: list[str | Path] = ["reviewer", "skip", journey.case, "1", "--reason", "无人"]
    refused(journey, words, journey.people["head"], 3, "不能跳过")
    journey.done("review", journey.case, "--answers", own(journey), by=journey.people["reviewer"])
    refused(journey, words, journey.people["head"], 3, "不在由多人并行审查的环节")


def test_a_retry_reassigns_once(journey: Journey) -> None:
    journey.submitted()
    words = ["reassign", journey.case, "--from", "1", "--to", journey.people["reviewer"], "--reason", "指定"]
    first = journey.counter(*words, "--command-id", "R-1", "--json", by=journey.people["head"])
    again = journey.counter(*words, "--command-id", "R-1", "--json", by=journey.people["head"])
    assert (first.code, first.json["repeated"], again.json) == (0, False, {**first.json, "repeated": True})
    assert len(journey.counter.file(journey.case).staffings) == 1
