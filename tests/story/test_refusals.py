"""Every refusal on the way. Each shows first, on a copy of the installation, that the act would otherwise succeed."""

from __future__ import annotations

from pathlib import Path

import pytest
from journey import Journey

from engine.model import Answer, AnswerValue, Gate
from reviewers.checklist import ReviewForm
from reviewers.samples import Sample
from reviewers.samples.forms import joint_form, self_form


def refused(journey: Journey, words: list[str | Path], right: str, wrong: str, code: int, saying: str) -> None:
    """The words succeed for `right` on a copy, and are refused to `wrong` with this code and these words."""
    counter = journey.counter
    healthy = counter(*words, by=journey.people[right], home=counter.copy())
    assert healthy.code == 0, healthy.err
    before = counter("trail", "show", "--json").json
    ran = counter(*words, by=journey.people[wrong])
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (code, True, 1), ran.err
    assert counter("trail", "show", "--json").json == before


def test_a_stranger_does_not_claim_anothers_task(journey: Journey) -> None:
    journey.submitted()
    refused(journey, ["claim", journey.case], "reviewer", "stranger", 3, "自审人员")


def test_the_drafter_does_not_review_his_own_draft(journey: Journey) -> None:
    journey.submitted()
    form = journey.counter.form(
        journey.case, Gate.SELF_REVIEW, self_form(journey.counter.file(journey.case), journey.sample.consultation)
    )
    refused(journey, ["review", journey.case, "--answers", form], "reviewer", "drafter", 3, "自审人员")


def test_the_reviewer_does_not_sign(journey: Journey) -> None:
    journey.submitted().self_reviewed()
    words: list[str | Path] = ["sign", journey.case, "--outcome", "compliant", "--reason", "无问题"]
    refused(journey, words, "head", "reviewer", 3, "起草单位负责人")


def test_the_drafting_unit_does_not_accept_its_own_packet(journey: Journey) -> None:
    journey.submitted().self_reviewed().signed()
    refused(journey, ["accept", journey.case], "regulator", "head", 3, "会审人员")


def test_one_joint_reviewer_does_not_review_twice(journey: Journey, samples: dict[str, Sample]) -> None:
    journey.submitted().self_reviewed().signed().accepted()
    counter = journey.counter
    file, document = counter.file(journey.case), counter.document(journey.case)
    form = counter.form(journey.case, Gate.JOINT_REVIEW, joint_form(file, document, samples["blocked"].expected))
    words: list[str | Path] = ["review", journey.case, "--answers", form]
    assert counter(*words, by=journey.people["regulator"]).code == 0
    refused(journey, words, "second_regulator", "regulator", 3, "本轮已提交过")


def test_a_drafter_does_not_reject_a_finding(journey: Journey) -> None:
    journey.submitted()
    finding = journey.counter.file(journey.case).screenings[-1].findings[0].id
    words: list[str | Path] = ["reject", journey.case, finding, "--reason", "误报"]
    refused(journey, words, "regulator", "drafter", 3, "会审人员")


def test_an_auditor_only_reads(journey: Journey, tmp_path: Path) -> None:
    journey.submitted()
    assert journey.counter("export", journey.case, "-o", tmp_path / "a", by=journey.people["auditor"]).code == 0
    refused(journey, ["claim", journey.case], "reviewer", "auditor", 3, "审计人员")


def test_it_is_not_yet_the_leads_turn(journey: Journey) -> None:
    journey.submitted().self_reviewed().signed().accepted()
    words = ["conclude", journey.case, "--outcome", "revise", "--reason", "须修改"]
    early = journey.counter(*words, by=journey.people["lead"])
    assert (early.code, "不等待此项操作" in early.err) == (3, True)
    journey.jointly_reviewed(journey.sample.expected)
    assert journey.counter(*words, by=journey.people["lead"]).code == 0


def test_an_incomplete_checklist_is_not_kept(journey: Journey) -> None:
    journey.submitted()
    counter, case = journey.counter, journey.case
    whole = self_form(counter.file(case), journey.sample.consultation)
    parts = whole.opinion, whole.answers[:-1], whole.dispositions, whole.consultation, whole.exception_claim
    short = counter.form(case, Gate.SELF_REVIEW, ReviewForm(*parts))
    ran = counter("review", case, "--answers", short, by=journey.people["reviewer"])
    assert (ran.code, "未作答" in ran.err) == (2, True)
    assert counter.file(case).reviews == ()
    journey.self_reviewed()


def test_a_hit_without_clause_and_reason_is_not_kept(journey: Journey) -> None:
    journey.submitted()
    counter, case = journey.counter, journey.case
    whole = self_form(counter.file(case), journey.sample.consultation)
    bare = (Answer(whole.answers[0].item, AnswerValue.HIT), *whole.answers[1:])
    form = counter.form(case, Gate.SELF_REVIEW, ReviewForm("", bare, whole.dispositions, whole.consultation, None))
    ran = counter("review", case, "--answers", form, by=journey.people["reviewer"])
    assert (ran.code, "没有写“条款”" in ran.err) == (2, True)


def test_a_changed_text_is_not_issued(journey: Journey, samples: dict[str, Sample], tmp_path: Path) -> None:
    journey.sample = samples["revised"]
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(()).concluded("compliant")
    changed = tmp_path / "改动稿.txt"
    changed.write_text(samples["revised"].source.read_text(encoding="utf-8") + "\n另行补充一条。\n", encoding="utf-8")
    counter, by = journey.counter, journey.people["drafter"]
    assert counter("issue", journey.case, samples["revised"].draft, by=by, home=counter.copy()).code == 0
    ran = counter("issue", journey.case, changed, by=by)
    assert (ran.code, "不一致" in ran.err) == (1, True)


def test_the_same_text_is_no_revision(journey: Journey, samples: dict[str, Sample]) -> None:
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(samples["blocked"].expected)
    journey.concluded("revise")
    counter, by = journey.counter, journey.people["drafter"]
    assert counter("revise", journey.case, samples["revised"].draft, by=by, home=counter.copy()).code == 0
    ran = counter("revise", journey.case, samples["blocked"].draft, by=by)
    assert (ran.code, "完全相同" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "code", "saying"),
    [
        (["show", "2026-9999"], 4, "2026-9999"),
        (["show", "2026-0001", "--home", "/nonexistent"], 4, "shuangshen init"),
        (["screen", "没有这个文件.docx"], 2, "没有这个文件.docx"),
        (["verify", "没有这个案卷"], 4, "没有这个案卷"),
        (["claim", "2026-0001"], 2, "--as"),
        (["claim", "2026-0001", "--as", "zhao.liu.x"], 4, "zhao.liu.x"),
    ],
    ids=["case", "database", "file", "bundle", "nobody", "officer"],
)
def test_what_is_not_there_is_named(
    shuangshen,
    installation: Path,
    words: list[str],
    code: int,
    saying: str,  # type: ignore[no-untyped-def]
) -> None:
    ran = shuangshen(*words)
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (code, True, 1), ran.err
