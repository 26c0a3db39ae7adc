"""Who reviews: another asked instead, one more, one passed over; departments asked; interests; a third party."""

from __future__ import annotations

from pathlib import Path

import pytest
from journey import Counter, Journey

from engine.gate import may_issue
from engine.model import Gate, PolicyField, StaffingAct
from engine.standards import load_standards
from engine.store import open_store
from reviewers.conclusions import gate_question
from reviewers.samples import Sample
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


# ---------------------------------------------------------------- departments


def submitted_with(journey: Journey, *fields: str) -> Journey:
    """The journey up to the check of the packet, the draft touching these fields."""
    return journey.submitted(*(word for field in fields for word in ("--field", field))).self_reviewed().signed()


def test_departments_in_charge_are_asked_first_and_side_by_side(journey: Journey, tmp_path: Path) -> None:
    counter, people = journey.counter, journey.people
    submitted_with(journey, "招标投标", "税收").accepted()
    case = journey.case
    assert open_places(counter, case) == [("consult_departments", unit, "") for unit in ("fgw", "shuiwu", "czj")]
    assert counter.file(case).scope_decisions[-1].fields == (PolicyField.BIDDING, PolicyField.TAX)
    assert [row["case_id"] for row in counter("queue", "--json", by="zhou.kai").json] == [case]
    assert counter("queue", "--json", by="feng.lei").json == []
    agree: list[str | Path] = ["consult", case, "--agree", "--interests", "无"]
    shown = counter("show", case).out
    assert [unit in shown for unit in ("（市发展改革委）", "（市税务局）", "（市财政局）")] == [True] * 3
    journey.done("export", case, "-o", tmp_path / "read", by="zhou.kai")
    journey.done(*agree, by="zhou.kai")
    refused(journey, agree, "wu.guoqiang", 3, "不能代表")
    refused(journey, ["export", case, "-o", tmp_path / "more"], "zhou.kai", 3, "不能查阅")
    journey.done("claim", case, by="li.na")
    journey.done("comment", case, "--text", "第一条含义不清", by="li.na")
    refused(journey, agree, "li.na", 2, "已经提出意见 O-1")
    words = ["--text", "准入条件应删除", "--blocking", "--interests", "无"]
    journey.done("consult", case, *words, by="li.na")
    journey.done(*agree, by="geng.fei")
    assert counter.file(case).case.stage == "co_review"
    answers = {answer.department: answer for answer in counter.file(case).department_answers}
    assert {unit: (a.agrees, a.opinions) for unit, a in answers.items()} == {
        "czj": (True, ()), "fgw": (False, ("O-1", "O-2")), "shuiwu": (True, ()),
    }  # fmt: skip
    refused(journey, ["conclude", case, "--outcome", "compliant", "--reason", "x"], people["lead"], 3, "不等待")
    assert ("OPINION", "O-2") in {
        (r.code, r.subject) for r in may_issue(gate_question(counter.file(case), load_standards())).reasons
    }


def test_a_department_is_answered_for_by_its_own_people_only(journey: Journey) -> None:
    people = journey.people
    submitted_with(journey, "政府采购").accepted()
    agree: list[str | Path] = ["consult", journey.case, "--agree", "--interests", "无"]
    healthy = journey.counter(*agree, by="zhou.kai", home=journey.counter.copy())
    assert healthy.code == 0, healthy.err
    for by in ("sun.li", "zhao.xin", people["reviewer"], people["regulator"], people["lead"]):
        refused(journey, agree, by, 3, "不能代表“市财政局”")
    refused(journey, agree, people["auditor"], 3, "审计人员")
    refused(journey, agree[:3], "zhou.kai", 2, "利益冲突声明")
    refused(journey, [*agree[:3], "--interests", "配偶任职于受影响企业"], "zhou.kai", 3, "应当回避")
    refused(journey, ["consult", journey.case, "--interests", "无"], "zhou.kai", 2, "没有写明部门意见")


def test_neither_the_drafting_unit_nor_an_unmapped_department_is_asked(journey: Journey) -> None:
    counter = journey.counter
    practice = counter.home / "profile" / "practice.toml"
    told = practice.read_text(encoding="utf-8")
    told = told.replace('finance = "czj"', 'finance = "jtj"').replace('data = "shuju"\n', "")
    practice.write_text(told, encoding="utf-8")
    submitted_with(journey, "政府采购", "数据").accepted()
    assert [element for element, _, _ in open_places(counter, journey.case)] == ["co_review", "co_review"]
    (event,) = [e for e in counter("trail", "show", "--json").json if e["act"] == "accept"]
    assert event["facts"]["not_mapped"] == ["data"]
    ran = counter("submit", journey.sample.draft, "--trigger", "government_issued", "--field", "外交")
    assert (ran.code, "没有领域“外交”" in ran.err) == (2, True)


def test_the_regulator_names_a_field_the_drafting_unit_left_out(journey: Journey) -> None:
    counter, people = journey.counter, journey.people
    submitted_with(journey)
    journey.done("accept", journey.case, "--field", "土地", by=people["regulator"])
    assert open_places(counter, journey.case) == [("consult_departments", "zrzy", "")]
    decision = counter.file(journey.case).scope_decisions[-1]
    assert (decision.fields, decision.confirmed_by) == ((PolicyField.LAND,), people["regulator"])


def test_the_lead_adds_names_and_passes_over_departments(journey: Journey) -> None:
    counter, people = journey.counter, journey.people
    submitted_with(journey, "土地").accepted()
    case, lead = journey.case, people["lead"]
    journey.done("reviewer", "add", case, "nyj", "--reason", "涉及耕地", by=lead)
    journey.done("reassign", case, "--from", "zrzy", "--to", "yao.qing", "--reason", "由负责人答复", by=lead)
    refused(journey, ["reviewer", "add", case, "jtj", "--reason", "x"], lead, 3, "起草单位")
    refused(journey, ["reviewer", "add", case, "sjj", "--reason", "x"], lead, 3, "无人可以答复")
    refused(journey, ["reviewer", "add", case, "fgw", "--reason", "x"], people["head"], 3, "会审负责人")
    agree: list[str | Path] = ["consult", case, "--agree", "--interests", "无"]
    refused(journey, agree, "hao.yan", 3, "不能代表")
    journey.done(*agree, by="yao.qing")
    journey.done("reviewer", "skip", case, "nyj", "--reason", "逾期未复", by=lead)
    assert counter.file(case).case.stage == "co_review"
    (answered,) = counter.file(case).department_answers
    assert (answered.department, answered.answered_by) == ("zrzy", "yao.qing")


def test_what_departments_and_a_third_party_said_is_on_the_letter(journey: Journey, tmp_path: Path) -> None:
    counter, people = journey.counter, journey.people
    submitted_with(journey, "价格").accepted()
    case = journey.case
    journey.done("consult", case, "--text", "收费标准应当公开", "--interests", "无", by="li.na")
    report = tmp_path / "评估报告.txt"
    report.write_text("评估全文", encoding="utf-8")
    words: list[str | Path] = ["evaluate", case, "--by", "甲研究院", "--file", report, "--summary", "应删除第三条"]
    independence = ["--independence", "与各方无利害关系"]
    refused(journey, words, people["regulator"], 2, "独立性说明")
    refused(journey, [*words, *independence], people["reviewer"], 3, "会审人员")
    journey.done(*words, *independence, by=people["regulator"])
    journey.jointly_reviewed(journey.sample.expected).concluded("revise")
    journey.done("export", case, "-o", tmp_path / "out", by=people["auditor"])
    (letter,) = (tmp_path / "out" / "papers").glob("*会审意见书*.html")
    text = letter.read_text(encoding="utf-8")
    for told in (
        "庆阳市发展和改革委员会",
        "收费标准应当公开",
        "甲研究院",
        "与各方无利害关系",
        "利益冲突声明——秦瑜：无；石磊：无；陆明达：无。",
    ):
        assert told in text, told
    (evaluation,) = counter.file(case).evaluations
    (kept,) = (tmp_path / "out").rglob(f"第三方评估报告-{evaluation.filename}")
    assert kept.read_bytes() == report.read_bytes()
    assert counter.run("verify", tmp_path / "out").code == 0


# ---------------------------------------------------------------- interests, third party


def test_a_joint_review_without_or_with_a_conflict_is_not_kept(journey: Journey) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed().signed().accepted()
    form = joint(journey)
    words: list[str | Path] = ["review", journey.case, "--answers", form]
    healthy = counter(*words, by=people["regulator"], home=counter.copy())
    assert healthy.code == 0, healthy.err
    whole = form.read_text(encoding="utf-8")
    form.write_text(whole.replace('利益冲突声明: "无"', '利益冲突声明: ""'), encoding="utf-8")
    refused(journey, words, people["regulator"], 2, "没有填写“利益冲突声明”")
    form.write_text(whole.replace('利益冲突声明: "无"', '利益冲突声明: "持有中标企业股份"'), encoding="utf-8")
    refused(journey, words, people["regulator"], 3, f"shuangshen reassign {journey.case} --from 1")
    form.write_text(whole, encoding="utf-8")
    journey.done(*words, by=people["regulator"])
    assert counter.file(journey.case).reviews[-1].interests == "无"


def test_a_lead_with_a_conflict_does_not_conclude(journey: Journey) -> None:
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(journey.sample.expected)
    words: list[str | Path] = ["conclude", journey.case, "--outcome", "revise", "--reason", "须修改"]
    lead = journey.people["lead"]
    refused(journey, [*words, "--interests", "曾任起草单位顾问"], lead, 3, "由另一名会审负责人签署")
    journey.done(*words, by=lead)
    assert journey.counter.file(journey.case).conclusions[-1].interests == "无"


@pytest.mark.parametrize("asked", [False, True])
def test_the_regulators_own_draft_waits_for_a_third_party_where_practice_says_so(
    journey: Journey, tmp_path: Path, samples: dict[str, Sample], asked: bool
) -> None:
    counter, people = journey.counter, journey.people
    practice = counter.home / "profile" / "practice.toml"
    told = practice.read_text(encoding="utf-8")
    if asked:
        told = told.replace("[practice]\n", "[practice]\nthird_party_for_own_drafts = true\n")
    practice.write_text(told, encoding="utf-8")
    people |= {"drafter": "tian.fang", "reviewer": "gao.yuan", "head": "xue.min"}
    journey.sample = samples["clean"]
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(())
    words: list[str | Path] = ["conclude", journey.case, "--outcome", "compliant", "--reason", "符合"]
    if asked:
        refused(journey, words, people["lead"], 1, "须经第三方评估")
        report = tmp_path / "评估报告.txt"
        report.write_text("评估全文", encoding="utf-8")
        told_by = ["--by", "甲研究院", "--summary", "符合", "--independence", "无利害关系"]
        journey.done("evaluate", journey.case, "--file", report, *told_by, by=people["regulator"])
    journey.done(*words, by=people["lead"])
    assert counter("gate", journey.case).code == 0
