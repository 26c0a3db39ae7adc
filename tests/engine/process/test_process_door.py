"""The way of one draft: every path of the shipped process, saved and reopened between any two acts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from process_walk import SCREENED, VARIABLES, Walk

from engine.errors import InvalidInput, NotYourTurn, ProcessError
from engine.model import Role
from engine.process import Bundle, complete, load_bundle, start, to_plain


def test_a_draft_passes_both_reviews_at_the_first_attempt(case: Walk) -> None:
    assert case.turns() == [("self_check", "zhang"), ("self_check", "li")]
    assert case.last.variables["screening"] == SCREENED
    assert case.act("self_check", instance="li") == "self_check"
    assert case.last.passed == ()
    assert case.act("self_check", instance="zhang") == "sign_off"
    assert case.last.passed == ("self_check",)
    assert case.act("sign_off", "signed", conclusion="compliant") == "accept"
    assert case.act("accept", "accepted") == "co_review"
    assert case.act("co_review", instance="wang") == "co_review"
    assert case.act("co_review", instance="zhao") == "conclude"
    assert case.act("conclude", "compliant") == "passed"
    assert (case.turns(), case.last.ended) == ([], False)
    assert case.tell("archive") == "archived"
    assert case.last.ended
    assert case.last.passed == ("passed", "archive", "archived")


def test_the_turns_carry_the_roles_of_their_lanes(case: Walk) -> None:
    assert {turn.role for turn in case.last.turns} == {Role.DRAFTING_REVIEWER}
    case.self_review()
    assert [(turn.name, turn.role) for turn in case.last.turns] == [("核对送审材料", Role.REGULATOR)]


def test_an_open_turn_keeps_its_task_number_while_others_act(case: Walk) -> None:
    before = {turn.instance: turn.task for turn in case.last.turns}
    case.act("self_check", instance="zhang")
    assert {turn.instance: turn.task for turn in case.last.turns} == {"li": before["li"]}


def test_equal_acts_give_equal_bytes(bundle: Bundle) -> None:
    first, second = Walk(bundle), Walk(bundle)
    assert first.resubmit() == second.resubmit()
    assert first.last.position == second.last.position


def test_a_conclusion_to_revise_opens_a_second_round(case: Walk) -> None:
    case.self_review()
    assert case.joint_review("revise") == "revise"
    assert case.act("revise", "resubmitted", version=2, reviewers={"sun": {}}) == "self_check"
    assert case.turns() == [("self_check", "sun")]
    assert case.last.variables["version"] == 2
    case.self_review()
    assert case.joint_review() == "passed"


def test_the_drafting_unit_may_send_its_own_text_back(case: Walk) -> None:
    assert case.self_review("revise") == "revise"


def test_a_conclusion_of_the_round_before_is_never_taken_again(case: Walk) -> None:
    case.self_review()
    case.joint_review("compliant")
    case.tell("text_changed", version=2)
    assert "outcome" not in case.last.variables
    case.self_review()
    assert case.act("accept", "returned") == "returned"


def test_each_act_erases_the_words_of_the_act_before(case: Walk) -> None:
    case.self_review(conclusion="exception")
    assert (case.last.variables["outcome"], case.last.variables["conclusion"]) == ("signed", "exception")
    case.act("accept", "correction")
    assert (case.last.variables["outcome"], "conclusion" in case.last.variables) == ("correction", False)


def test_twenty_five_resubmissions_leave_the_position_flat(case: Walk) -> None:
    case.resubmit()
    size, tasks = len(case.last.position), len(case.turns())
    for _ in range(24):
        assert case.resubmit() == "self_check"
        assert len(case.turns()) == tasks
    assert abs(len(case.last.position) - size) <= 64
    assert len(case.last.position) < 4096


def test_sign_off_may_ask_for_the_review_to_be_done_again(case: Walk) -> None:
    assert case.self_review("redo", reviewers={"zhang": {}, "qian": {}}) == "self_check"
    assert case.turns() == [("self_check", "zhang"), ("self_check", "qian")]
    assert case.last.variables["self_results"] == {}
    assert case.self_review() == "accept"


def test_the_joint_lead_may_ask_for_the_review_to_be_done_again(case: Walk) -> None:
    case.self_review()
    assert case.joint_review("redo") == "co_review"
    assert case.turns() == [("co_review", "wang"), ("co_review", "zhao")]


def test_missing_materials_are_corrected_and_checked_again(case: Walk) -> None:
    case.self_review()
    for _ in range(3):
        assert case.act("accept", "correction") == "correct_materials"
        assert case.act("correct_materials", "supplied") == "accept"
    assert case.joint_review() == "passed"


def test_materials_not_corrected_are_returned(case: Walk) -> None:
    case.self_review()
    assert case.act("accept", "returned") == "returned"
    assert (case.last.ended, case.turns()) == (True, [])


def test_a_correction_not_made_in_time_is_returned_in_one_step(case: Walk) -> None:
    case.self_review()
    case.act("accept", "correction")
    assert case.tell("return_overdue", outcome="returned") == "returned"
    assert (case.last.ended, case.turns()) == (True, [])


@pytest.mark.parametrize("reviewed", [0, 1, 2])
def test_a_further_department_is_asked_and_the_reviewers_review_anew(case: Walk, reviewed: int) -> None:
    case.self_review()
    case.act("accept", "accepted")
    for instance in ("wang", "zhao")[:reviewed]:
        case.act("co_review", instance=instance)
    assert case.tell("ask_department", departments={"tax": {}, "land": {}}) == "consult_departments"
    assert case.turns() == [("consult_departments", "tax"), ("consult_departments", "land")]
    case.act("consult_departments", instance="land")
    assert case.act("consult_departments", instance="tax") == "co_review"
    assert case.turns() == [("co_review", "wang"), ("co_review", "zhao")]
    assert case.tell("ask_department", departments={"price": {}}) == "consult_departments"


@pytest.mark.parametrize(
    ("outcome", "stage"), [("compliant", "passed"), ("exception", "passed"), ("must_not_issue", "must_not_issue")]
)
def test_the_joint_conclusion_decides_the_government_route(case: Walk, outcome: str, stage: str) -> None:
    case.self_review(conclusion="exception")
    assert case.joint_review(outcome) == stage


def test_what_the_unit_itself_says_must_not_be_issued_goes_no_further(case: Walk) -> None:
    assert case.self_review(conclusion="must_not_issue") == "must_not_issue"
    assert (case.last.ended, case.turns()) == (True, [])


@pytest.mark.parametrize(
    ("conclusion", "stage"), [("compliant", "passed"), ("exception", "passed"), ("must_not_issue", "must_not_issue")]
)
def test_the_units_own_conclusion_decides_the_department_route(bundle: Bundle, conclusion: str, stage: str) -> None:
    case = Walk(bundle, trigger="department_issued")
    assert case.self_review(conclusion=conclusion) == stage


def test_out_of_scope_is_confirmed_by_the_regulator(bundle: Bundle) -> None:
    case = Walk(bundle, concerns_operators=False)
    assert [(t.element, t.role) for t in case.last.turns] == [("confirm_scope", Role.REGULATOR)]
    assert case.act("confirm_scope", "confirmed") == "out_of_scope"
    assert case.last.ended


@pytest.mark.parametrize(("given", "route"), [({}, "government"), ({"route": "department"}, "department")])
def test_the_regulator_may_send_a_draft_back_into_review(bundle: Bundle, given: dict[str, str], route: str) -> None:
    case = Walk(bundle, concerns_operators=False)
    assert case.act("confirm_scope", "in_scope", **given) == "self_check"
    assert case.last.variables["route"] == route


def _reach(case: Walk, element: str) -> None:
    """Walks to `element` along the shortest way."""
    steps = {
        "sign_off": lambda: [case.act(e, instance=i) for e, i in case.turns()],
        "accept": case.self_review,
        "correct_materials": lambda: (case.self_review(), case.act("accept", "correction")),
        "co_review": lambda: (case.self_review(), case.act("accept", "accepted")),
        "conclude": lambda: (
            case.self_review(),
            case.act("accept", "accepted"),
            [case.act(e, instance=i) for e, i in case.turns()],
        ),
        "revise": lambda: case.self_review("revise"),
    }
    steps.get(element, lambda: None)()
    assert case.stage == element


@pytest.mark.parametrize(
    "element",
    ["self_check", "sign_off", "accept", "correct_materials", "co_review", "conclude", "revise"],
)
def test_a_draft_may_be_withdrawn_wherever_a_person_is_waited_for(case: Walk, element: str) -> None:
    _reach(case, element)
    assert case.tell("withdraw") == "withdrawn"
    assert (case.last.ended, case.turns()) == (True, [])


def test_a_draft_may_be_withdrawn_before_its_scope_is_confirmed(bundle: Bundle) -> None:
    case = Walk(bundle, concerns_operators=False)
    assert case.tell("withdraw") == "withdrawn"
    assert (case.last.ended, case.last.passed) == (True, ("withdraw_scope", "withdrawn_unscoped"))


def test_an_ended_case_takes_no_act_and_no_message(case: Walk) -> None:
    case.tell("withdraw")
    for late in (lambda: case.act("revise"), lambda: case.tell("archive"), lambda: case.tell("withdraw")):
        with pytest.raises(NotYourTurn, match="本案已经结束"):
            late()


def test_a_passed_draft_cannot_be_withdrawn_any_more(case: Walk) -> None:
    case.self_review()
    assert case.joint_review() == "passed"
    with pytest.raises(NotYourTurn) as refused:
        case.tell("withdraw")
    assert str(refused.value) == "流程现在不等待“撤回”。现在等待的是：等待出台。"


def test_a_changed_text_starts_a_new_round(case: Walk) -> None:
    case.self_review()
    case.joint_review()
    assert case.tell("text_changed", version=2, joint_reviewers={"zhou": {}}) == "self_check"
    case.self_review()
    case.act("accept", "accepted")
    assert case.turns() == [("co_review", "zhou")]


def test_the_regulator_names_the_joint_reviewers_on_acceptance(bundle: Bundle) -> None:
    case = Walk(bundle, joint_reviewers={})
    case.self_review()
    with pytest.raises(InvalidInput, match="“会审”没有指定任何人"):
        case.act("accept", "accepted")
    assert case.act("accept", "accepted", joint_reviewers={"wu": {}}) == "co_review"
    assert case.turns() == [("co_review", "wu")]


def test_a_reviewer_may_be_skipped_and_is_not_asked_again(case: Walk) -> None:
    assert case.pass_over("self_check", "zhang") == "self_check"
    case.act("self_check", instance="li")
    assert case.last.variables["self_results"] == {"zhang": "skipped", "li": "done"}
    case.act("sign_off", "redo")
    assert case.turns() == [("self_check", "li")]


def test_a_skipped_reviewer_may_be_replaced(case: Walk) -> None:
    case.act("self_check", instance="li")
    assert case.pass_over("self_check", "zhang", replacement="chen") == "self_check"
    assert case.turns() == [("self_check", "chen")]
    with pytest.raises(InvalidInput, match="li 已经是“逐条审查”的审查人"):
        case.pass_over("self_check", "chen", replacement="li")
    assert case.act("self_check", instance="chen") == "sign_off"
    assert case.last.variables["reviewers"] == {"li": {}, "chen": {}}


def test_one_more_reviewer_is_waited_for_and_asked_again_on_a_redo(case: Walk) -> None:
    case.act("self_check", instance="li")
    assert case.ask_also("self_check", "chen") == "self_check"
    assert case.turns() == [("self_check", "zhang"), ("self_check", "chen")]
    with pytest.raises(InvalidInput, match="li 已经是“逐条审查”的审查人"):
        case.ask_also("self_check", "li")
    assert case.act("self_check", instance="zhang") == "self_check"
    assert case.act("self_check", instance="chen") == "sign_off"
    case.act("sign_off", "redo")
    assert case.turns() == [("self_check", "zhang"), ("self_check", "li"), ("self_check", "chen")]
    with pytest.raises(NotYourTurn, match="流程现在不等待“会审”"):
        case.ask_also("co_review", "chen")


def test_nobody_is_added_to_a_task_of_one_person(case: Walk) -> None:
    case.self_review()
    with pytest.raises(InvalidInput, match="由一人办理，不能增加人员"):
        case.ask_also("accept", "chen")


def test_departments_answer_side_by_side_before_the_joint_reviewers(bundle: Bundle) -> None:
    case = Walk(bundle, touches_price=True, touches_land=True)
    case.self_review()
    assert case.act("accept", "accepted") == "consult_departments"
    departments = [("consult_departments", "price_authority"), ("consult_departments", "natural_resources")]
    assert case.turns() == departments
    case.act("consult_departments", instance="natural_resources")
    assert case.act("consult_departments", instance="price_authority") == "co_review"
    assert case.turns() == [("co_review", "wang"), ("co_review", "zhao")]
    for _, instance in case.turns():
        case.act("co_review", instance=instance)
    assert case.act("conclude", "redo") == "co_review"
    for _, instance in case.turns():
        case.act("co_review", instance=instance)
    case.act("conclude", "revise")
    case.act("revise")
    case.self_review()
    assert case.act("accept", "accepted", touches_price=False) == "consult_departments"
    assert case.turns() == departments[1:]


def test_a_task_of_one_person_cannot_be_skipped(case: Walk) -> None:
    case.self_review()
    with pytest.raises(InvalidInput, match="由一人办理"):
        case.pass_over("accept", "")


def test_an_act_out_of_turn_is_told_who_is_waited_for(case: Walk) -> None:
    case.act("self_check", instance="zhang")
    before = case.last.position
    for element, instance, label in [
        ("self_check", "zhang", "逐条审查（zhang）"),
        ("self_check", "", "逐条审查"),
        ("conclude", "", "作出会审结论"),
        ("nothing", "", "nothing"),
    ]:
        with pytest.raises(NotYourTurn) as refused:
            case.act(element, "done", instance)
        assert str(refused.value) == f"流程现在不等待“{label}”。现在等待的是：逐条审查（li）。"
    assert case.last.position == before
    assert case.act("self_check", instance="li") == "sign_off"


def test_an_outcome_must_be_a_word_of_the_element(case: Walk) -> None:
    for element, instance in case.turns():
        case.act(element, instance=instance)
    refusals = [
        ({"outcome": "passed"}, "“签署审查结论”不能以“passed”办结。办理结果只能是：signed、redo、revise。"),
        (
            {"outcome": "signed"},
            "办结“签署审查结论”还要写明 conclusion，“”不在其中。只能是：compliant、exception、must_not_issue。",
        ),
        (
            {"outcome": "redo", "opinion": "……"},
            "“签署审查结论”不接受流程变量：opinion。意见、理由等内容请存入案卷，不写进流程。",
        ),
        (
            {"outcome": "redo", "reviewers": {1: {}}},
            "流程变量“reviewers”只能是文字、数字、真假值或由它们组成的表。详细内容请存入案卷。",
        ),
    ]
    for outcome, sentence in refusals:
        with pytest.raises(InvalidInput) as refused:
            complete(case.bundle, case.last.position, "sign_off", outcome, case.services)
        assert str(refused.value) == sentence
    assert case.act("sign_off", "redo") == "self_check"


def test_variables_stay_small(bundle: Bundle) -> None:
    Walk(bundle, case_id="x" * 7000)
    with pytest.raises(ProcessError, match="超过 8192 字节"):
        Walk(bundle, case_id="x" * 8192)


def test_a_case_needs_reviewers_and_a_screening(bundle: Bundle) -> None:
    with pytest.raises(InvalidInput, match="“逐条审查”没有指定任何人"):
        Walk(bundle, reviewers={})
    with pytest.raises(ProcessError, match="没有名为“screen”的自动环节"):
        start(bundle, VARIABLES, {})


def test_a_missing_variable_is_named(bundle: Bundle) -> None:
    incomplete = {name: value for name, value in VARIABLES.items() if name != "concerns_operators"}
    with pytest.raises(ProcessError, match="变量“concerns_operators”还没有值"):
        start(bundle, incomplete, {"screen": lambda _: {}})


def test_a_refusal_of_the_screening_reaches_the_caller_unchanged(bundle: Bundle) -> None:
    def refuse(_: object) -> dict[str, int]:
        raise InvalidInput("草案是空的。")

    with pytest.raises(InvalidInput, match="草案是空的"):
        start(bundle, VARIABLES, {"screen": refuse})


def test_a_damaged_position_is_refused(case: Walk) -> None:
    whole = case.last.position
    for damaged in (b"", b"{}", whole[:-9], whole[:40] + bytes([whole[40] ^ 1]) + whole[41:]):
        with pytest.raises(ProcessError, match="流程位置已损坏"):
            complete(case.bundle, damaged, "self_check", {}, case.services, "li")


def test_a_position_continues_only_under_its_own_bundle(case: Walk, tmp_path: Path) -> None:
    for name, content in case.bundle.files.items():
        (tmp_path / name).write_bytes(content.replace("逐条审查".encode(), "逐项审查".encode()))
    other = load_bundle(tmp_path)
    with pytest.raises(ProcessError, match="不能用"):
        complete(other, case.last.position, "self_check", {}, case.services, "li")


def test_the_position_can_be_read_without_the_engine(case: Walk) -> None:
    case.act("self_check", instance="zhang")
    plain = to_plain(case.bundle, case.last.position)
    assert json.loads(json.dumps(plain)) == plain
    assert plain == {
        "bundle": case.bundle.hash,
        "stage": "self_check",
        "ended": False,
        "turns": [
            {
                "task": case.last.turns[0].task,
                "element": "self_check",
                "name": "逐条审查",
                "role": "drafting_reviewer",
                "instance": "li",
            }
        ],
        "messages": ["withdraw"],
        "variables": dict(case.last.variables),
    }
