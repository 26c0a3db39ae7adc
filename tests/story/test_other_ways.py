"""The ways that are not the usual one: out of scope, the department alone, exceptions, legal bases, going back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from journey import Journey

from engine.model import (
    Answer,
    AnswerValue,
    Basis,
    BasisRank,
    Disposition,
    ExceptionClaim,
    Gate,
    Outcome,
    Route,
    Treatment,
    Trigger,
)
from reviewers.checklist import ReviewForm
from reviewers.samples import Sample
from reviewers.samples.forms import joint_form, self_form

LAMPS = "一、全市公共机构应当统一采购本市注册企业生产的节能灯具。"
REFUND = "一、年纳税额超过五百万元的企业，按照其地方留成部分的百分之四十给予奖励。"
CLAIM = ExceptionClaim(
    ground=3,
    effect="外地企业在公共机构采购中失去机会",
    ground_reason="节约能源的公益目标",
    least_harm="已比较设定能效标准等办法，短期内不能替代",
    period_reason="一年内完成更换",
    other="已公开征求意见",
    items=("M15-2", "M15-3"),
    ends_on=date(2027, 12, 31),
)


@pytest.fixture
def clean(journey: Journey, samples: dict[str, Sample]) -> Journey:
    """A draft in which nobody finds anything."""
    journey.sample = samples["revised"]
    return journey


def draft(journey: Journey, clause: str) -> Path:
    path = journey.counter.room / f"{len(clause)}.txt"
    path.write_text(
        f"关于有关事项的通知\n各县（区）人民政府：\n{clause}\n二、本通知自印发之日起施行。\n", encoding="utf-8"
    )
    return path


def with_clause(journey: Journey, clause: str) -> Journey:
    path = draft(journey, clause)
    journey.sample = replace(journey.sample, draft=path, source=path)
    return journey.submitted()


def reviewed(journey: Journey, hit: str, treatment: Treatment, basis: Basis | None = None) -> Journey:
    """Both gates answer 是 to the one item and give every finding, and the item, this treatment."""
    counter, people = journey.counter, journey.people
    file = counter.file(journey.case)
    answer = Answer(hit, AnswerValue.HIT, ("一",), "", "限定对象", "删除")
    targets = [*(finding.id for finding in file.screenings[-1].findings), hit]
    told = tuple(Disposition(target, treatment, "见说明", basis) for target in targets)
    claim = CLAIM if treatment is Treatment.EXCEPTION else None

    def filled(whole: ReviewForm) -> ReviewForm:
        answers = tuple(answer if a.item == hit else a for a in whole.answers)
        return ReviewForm(
            "见说明", answers, told, whole.consultation, claim if whole.consultation else None, whole.interests
        )

    own = counter.form(journey.case, Gate.SELF_REVIEW, filled(self_form(file, journey.sample.consultation)))
    journey.done("review", journey.case, "--answers", own, by=people["reviewer"])
    journey.signed().accepted()
    joint = counter.form(journey.case, Gate.JOINT_REVIEW, filled(joint_form(file, counter.document(journey.case), ())))
    for who in ("regulator", "second_regulator"):
        journey.done("review", journey.case, "--answers", joint, by=people[who])
    return journey


def conclude(journey: Journey, outcome: str) -> tuple[int, str]:
    words = ["conclude", journey.case, "--outcome", outcome, "--reason", "会审意见"]
    ran = journey.counter(*words, by=journey.people["lead"])
    return ran.code, ran.err


def only_departments_alone(journey: Journey) -> None:
    practice = journey.counter.home / "profile" / "practice.toml"
    text = practice.read_text(encoding="utf-8")
    practice.write_text(text.replace("dual_review_for_all = true", "dual_review_for_all = false"), encoding="utf-8")


def out_of_scope(journey: Journey, trigger: Trigger) -> Journey:
    words = ["submit", journey.sample.draft, "--trigger", trigger, "--out-of-scope", "--reason", "内部管理", "--json"]
    journey.case = journey.counter(*words, by=journey.people["drafter"]).json["case_id"]
    return journey


# ---------------------------------------------------------------- scope and route


def test_out_of_scope_is_confirmed_for_this_very_text(clean: Journey) -> None:
    out_of_scope(clean, Trigger.GOVERNMENT_ISSUED)
    counter, case = clean.counter, clean.case
    assert counter("gate", case).code == 1
    clean.done("scope", case, "--out-of-scope", "--reason", "不涉及经营者", by=clean.people["regulator"])
    confirmed = counter("gate", case, "--file", clean.sample.draft)
    assert (confirmed.code, confirmed.json["stage"], confirmed.json["outcome"]) == (0, "out_of_scope", "out_of_scope")
    other = counter("gate", case, "--file", draft(clean, LAMPS))
    assert (other.code, [reason["code"] for reason in other.json["reasons"]]) == (1, ["P-16"])


@pytest.mark.parametrize(
    ("trigger", "route"),
    [(Trigger.GOVERNMENT_ISSUED, Route.GOVERNMENT), (Trigger.DEPARTMENT_ISSUED, Route.DEPARTMENT)],
)
def test_the_regulator_sends_a_draft_back_into_the_review_it_needs(
    clean: Journey, trigger: Trigger, route: Route
) -> None:
    only_departments_alone(clean)
    out_of_scope(clean, trigger)
    clean.done("scope", clean.case, "--in-scope", "--reason", "涉及经营者", by=clean.people["regulator"])
    clean.self_reviewed().signed()
    case = clean.counter.file(clean.case).case
    assert (case.route, case.stage) == (route, "accept" if route is Route.GOVERNMENT else "passed")


def test_a_department_passes_its_own_measures_alone_where_local_practice_says_so(clean: Journey) -> None:
    only_departments_alone(clean)
    clean.sample = replace(clean.sample, trigger=Trigger.DEPARTMENT_ISSUED)
    clean.submitted().self_reviewed().signed()
    passed = clean.counter("gate", clean.case, "--file", clean.sample.draft)
    assert (passed.code, passed.json["outcome"]) == (0, "compliant")
    clean.done("issue", clean.case, clean.sample.draft, by=clean.people["drafter"])


def test_a_department_alone_does_not_pass_what_it_has_not_dealt_with(journey: Journey) -> None:
    only_departments_alone(journey)
    journey.sample = replace(journey.sample, trigger=Trigger.DEPARTMENT_ISSUED)
    journey.submitted().self_reviewed()
    words = ["sign", journey.case, "--outcome", "compliant", "--reason", "无问题"]
    refused = journey.counter(*words, by=journey.people["head"])
    assert (refused.code, "不得出台" in refused.err) == (1, True)
    journey.done("sign", journey.case, "--outcome", "revise", "--reason", "须修改", by=journey.people["head"])
    assert journey.counter.file(journey.case).case.stage == "revise"


# ---------------------------------------------------------------- exceptions and legal bases


def test_a_complete_exception_passes_only_as_an_exception(journey: Journey) -> None:
    reviewed(with_clause(journey, LAMPS), "M15-2", Treatment.EXCEPTION)
    code, said = conclude(journey, "compliant")
    assert (code, "不得出台" in said) == (1, True)
    assert conclude(journey, "exception") == (0, "")
    passed = journey.counter("gate", journey.case, "--file", journey.sample.draft)
    assert (passed.code, passed.json["outcome"]) == (0, Outcome.EXCEPTION)


def test_there_is_no_exception_without_its_statement(clean: Journey) -> None:
    clean.submitted().self_reviewed()
    counter, case = clean.counter, clean.case
    words = ["sign", case, "--outcome", "exception", "--reason", "适用例外"]
    assert counter(*words, by=clean.people["head"]).code == 2
    clean.signed().accepted().jointly_reviewed(())
    code, said = conclude(clean, "exception")
    assert (code, "没有适用例外规定的说明" in said) == (1, True)
    assert conclude(clean, "compliant") == (0, "")


@pytest.mark.parametrize(
    ("rank", "code"), [(BasisRank.LAW, 0), (BasisRank.STATE_COUNCIL_APPROVAL, 0), (BasisRank.LOCAL_REGULATION, 1)]
)
def test_a_national_basis_lifts_a_cost_item_and_a_local_one_does_not(
    journey: Journey, rank: BasisRank, code: int
) -> None:
    with_clause(journey, REFUND)
    reviewed(journey, "M19-4", Treatment.BASIS, Basis("某规定", "第三条", rank))
    assert conclude(journey, "compliant")[0] == code


def test_a_disposition_of_nothing_is_not_kept(clean: Journey) -> None:
    clean.submitted()
    whole = self_form(clean.counter.file(clean.case), clean.sample.consultation)
    stray = replace(whole, dispositions=(*whole.dispositions, Disposition("F-00000000", Treatment.REVISE, "已改")))
    form = clean.counter.form(clean.case, Gate.SELF_REVIEW, stray)
    ran = clean.counter("review", clean.case, "--answers", form, by=clean.people["reviewer"])
    assert (ran.code, "F-00000000" in ran.err) == (2, True)
    clean.self_reviewed()


# ---------------------------------------------------------------- going back, ending, changing


def test_a_draft_is_withdrawn_at_every_stage_until_it_has_passed(clean: Journey) -> None:
    counter, people = clean.counter, clean.people
    steps = (
        clean.submitted,
        clean.self_reviewed,
        clean.signed,
        clean.accepted,
        lambda: clean.jointly_reviewed(()),
        lambda: clean.concluded("revise"),
    )
    for step in steps:
        step()
        home = counter.copy()
        words = ["withdraw", clean.case, "--reason", "暂缓制定"]
        assert counter(*words, by=people["head"], home=home).code == 0
        shown = counter("show", clean.case, "--json", home=home).json
        assert (shown["case"]["stage"], shown["open_tasks"]) == ("withdrawn", [])
        assert counter("gate", clean.case, home=home).code == 1
        assert counter(*words, by=people["head"], home=home).code == 3
        assert counter("trail", "verify", home=home).code == 0


def test_a_packet_is_returned_with_the_reason(clean: Journey) -> None:
    clean.submitted().self_reviewed().signed()
    clean.done("return", clean.case, "--reason", "未附听取意见材料", by=clean.people["regulator"])
    file = clean.counter.file(clean.case)
    assert (file.case.stage, file.corrections[-1].reason) == ("returned", "未附听取意见材料")
    assert clean.counter("accept", clean.case, by=clean.people["regulator"]).code == 3


def test_both_signers_send_a_review_back_to_be_done_again(clean: Journey) -> None:
    counter, people, case = clean.counter, clean.people, clean.submitted().case
    clean.self_reviewed()
    clean.done("redo", case, "--reason", "第三条未核对", by=people["head"])
    assert counter.file(case).case.stage == "self_check"
    clean.self_reviewed().signed().accepted().jointly_reviewed(())
    clean.done("redo", case, "--reason", "理由不充分", by=people["lead"])
    assert counter.file(case).case.stage == "co_review"
    clean.jointly_reviewed(()).concluded("compliant")
    assert counter("gate", case).code == 0


def test_what_must_not_be_issued_has_ended(journey: Journey, samples: dict[str, Sample]) -> None:
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(samples["blocked"].expected)
    journey.concluded("must_not_issue")
    counter, people = journey.counter, journey.people
    assert (counter.file(journey.case).case.stage, counter("gate", journey.case).code) == ("must_not_issue", 1)
    assert counter("issue", journey.case, journey.sample.draft, by=people["drafter"]).code == 1
    assert counter("revise", journey.case, samples["revised"].draft, by=people["drafter"]).code == 3


def test_a_text_changed_after_passing_is_reviewed_again(clean: Journey) -> None:
    clean.submitted().self_reviewed().signed().accepted().jointly_reviewed(()).concluded("compliant")
    counter, people, case = clean.counter, clean.people, clean.case
    changed = draft(clean, "一、简化办事程序。")
    assert counter("issue", case, changed, by=people["drafter"]).code == 1
    clean.revised(replace(clean.sample, draft=changed, source=changed))
    assert (counter.file(case).case.round, counter("gate", case, "--file", changed).code) == (2, 1)
    clean.self_reviewed().signed().accepted().jointly_reviewed(()).concluded("compliant")
    clean.done("issue", case, changed, by=people["drafter"])
    assert counter.file(case).case.stage == "archived"
