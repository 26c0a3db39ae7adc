"""Who may do what: every role against every turn, four eyes on one case, and the reasons given."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Refused
from engine.gate import who_acted
from engine.model import (
    Acceptance,
    Case,
    CaseFile,
    Conclusion,
    Correction,
    DraftKind,
    Gate,
    Outcome,
    Rejection,
    Review,
    Role,
    Route,
    ScopeDecision,
    Trigger,
    Turn,
    Version,
)
from reviewers import policy
from reviewers.conditions import GATE_OF_ROLE
from reviewers.roster import load_profile, shipped_profile

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
PROFILE = load_profile(shipped_profile("qingyang"))
HASH = "0" * 64


def officer(officer_id: str):
    return PROFILE.officer(officer_id)


def case_of(unit: str, opened_by: str) -> CaseFile:
    case = Case(
        id="庆公竞审〔2026〕1号",
        title="若干措施",
        unit=unit,
        kind=DraftKind.POLICY_DOCUMENT,
        trigger=Trigger.GOVERNMENT_ISSUED,
        route=Route.GOVERNMENT,
        stage="",
        round=1,
        version=1,
        opened_by=opened_by,
        opened_at=NOW,
        bundle=HASH,
        position=b"",
        revision=1,
    )
    return CaseFile(case, versions=(Version(1, "a.txt", HASH, HASH, "若干措施", "", (), opened_by, NOW),))


def reviewed(file: CaseFile, gate: Gate, who: str) -> CaseFile:
    review = Review(gate, 1, 1, HASH, who, officer(who).unit, "v1", (), (), "", NOW)
    return replace(file, reviews=(*file.reviews, review))


def accepted(file: CaseFile, who: str) -> CaseFile:
    acceptance = Acceptance(file.case.round, file.case.version, who, officer(who).unit, NOW)
    return replace(file, acceptances=(*file.acceptances, acceptance))


def concluded(file: CaseFile, gate: Gate, who: str) -> CaseFile:
    conclusion = Conclusion(gate, 1, 1, HASH, Outcome.REVISE, "理由", who, officer(who).unit, NOW)
    return replace(file, conclusions=(*file.conclusions, conclusion))


def turn(role: Role, element: str = "task", instance: str = "", holder: str = "") -> Turn:
    return Turn("t1", element, "某环节", role, instance, holder)


def allowed(officer_id: str, a_turn: Turn, file: CaseFile, on: date = DAY) -> bool:
    try:
        policy.may_take(officer(officer_id), a_turn, file, PROFILE, on)
    except Refused:
        return False
    return True


GXJ = case_of("gxj", "chen.tao")
PEOPLE = {
    "chen.tao": Role.DRAFTER,
    "zhao.xin": Role.DRAFTING_REVIEWER,
    "liu.zhenhua": Role.DRAFTING_HEAD,
    "qin.yu": Role.REGULATOR,
    "lu.mingda": Role.JOINT_LEAD,
    "kong.qing": Role.AUDITOR,
}
ELEMENTS = {
    "self_check": Role.DRAFTING_REVIEWER,
    "sign_off": Role.DRAFTING_HEAD,
    "correct_materials": Role.DRAFTER,
    "revise": Role.DRAFTER,
    "accept": Role.REGULATOR,
    "co_review": Role.REGULATOR,
    "conclude": Role.JOINT_LEAD,
}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("element", ELEMENTS)
def test_a_turn_is_taken_by_the_role_of_its_lane_alone(who: str, element: str) -> None:
    role = ELEMENTS[element]
    assert allowed(who, turn(role, element), GXJ) == (PEOPLE[who] is role)


@pytest.mark.parametrize("who", [*PEOPLE, "zhang.wei", "zhao.xin"])
def test_only_the_units_own_drafter_submits(who: str) -> None:
    if who == "chen.tao":
        policy.may_submit(officer(who), "gxj", PROFILE, DAY)
        return
    with pytest.raises(Refused):
        policy.may_submit(officer(who), "gxj", PROFILE, DAY)


@pytest.mark.parametrize(
    ("who", "role"),
    [("sun.li", Role.DRAFTER), ("zhou.kai", Role.DRAFTING_REVIEWER), ("wu.guoqiang", Role.DRAFTING_HEAD)],
)
def test_the_drafting_side_is_the_cases_own_unit(who: str, role: Role) -> None:
    assert allowed(who, turn(role), case_of("czj", "sun.li"))
    with pytest.raises(Refused, match=r"属于“市财政局”，本件起草单位是“市工信局”.*牵头单位"):
        policy.may_take(officer(who), turn(role), GXJ, PROFILE, DAY)


def test_a_wrong_role_is_told_who_may_act() -> None:
    with pytest.raises(Refused) as refused:
        policy.may_take(officer("chen.tao"), turn(Role.DRAFTING_HEAD), GXJ, PROFILE, DAY)
    assert refused.value.message == "陈涛（起草人）不能办理“某环节”：该环节只由起草单位负责人办理。"
    assert refused.value.advice == "请由刘振华（liu.zhenhua）办理，或者在名册中登记代理。"


def test_who_acted_counts_every_kind_of_act() -> None:
    file = replace(
        reviewed(GXJ, Gate.SELF_REVIEW, "zhao.xin"),
        scope_decisions=(ScopeDecision(Route.OUT_OF_SCOPE, "r1", "", "scope", NOW, confirmed_by="bai.xue"),),
        corrections=(Correction(1, ("drafting_note",), "", "qin.yu", NOW, DAY),),
        rejections=(Rejection("f1", "k", "", "shi.lei", "scjg.jzxt", NOW),),
    )
    file = concluded(concluded(file, Gate.SELF_REVIEW, "liu.zhenhua"), Gate.JOINT_REVIEW, "lu.mingda")
    assert who_acted(file) == {
        "chen.tao": {Gate.SELF_REVIEW},
        "zhao.xin": {Gate.SELF_REVIEW},
        "liu.zhenhua": {Gate.SELF_REVIEW},
        "bai.xue": {Gate.JOINT_REVIEW},
        "qin.yu": {Gate.JOINT_REVIEW},
        "shi.lei": {Gate.JOINT_REVIEW},
        "lu.mingda": {Gate.JOINT_REVIEW},
    }


def moved(officer_id: str, unit: str, *roles: Role):
    """An officer who has changed desks since he acted on the case: the roster alone would let him through."""
    return replace(officer(officer_id), unit=unit, roles=roles)


@pytest.mark.parametrize("role", [Role.REGULATOR, Role.JOINT_LEAD])
@pytest.mark.parametrize("who", ["chen.tao", "zhao.xin", "liu.zhenhua"])
def test_whoever_acted_for_the_drafter_cannot_move_to_the_joint_side(who: str, role: Role) -> None:
    newcomer = moved(who, "scjg.jzxt", role)
    file = concluded(reviewed(GXJ, Gate.SELF_REVIEW, "zhao.xin"), Gate.SELF_REVIEW, "liu.zhenhua")
    policy.may_take(newcomer, turn(role), case_of("czj", "sun.li"), PROFILE, DAY)
    with pytest.raises(Refused, match="两道审查不得由同一人办理"):
        policy.may_take(newcomer, turn(role), file, PROFILE, DAY)
    with pytest.raises(Refused, match="两道审查不得由同一人办理"):
        policy.may_reject(newcomer, file, PROFILE, DAY)


def test_whoever_reviewed_jointly_cannot_move_to_the_drafting_side() -> None:
    newcomer = moved("qin.yu", "gxj", Role.DRAFTING_HEAD)
    policy.may_take(newcomer, turn(Role.DRAFTING_HEAD), GXJ, PROFILE, DAY)
    with pytest.raises(Refused, match="两道审查不得由同一人办理"):
        policy.may_take(newcomer, turn(Role.DRAFTING_HEAD), reviewed(GXJ, Gate.JOINT_REVIEW, "qin.yu"), PROFILE, DAY)


def test_an_acceptance_counts_as_an_act_of_joint_review() -> None:
    newcomer = moved("qin.yu", "gxj", Role.DRAFTER)
    policy.may_take(newcomer, turn(Role.DRAFTER), GXJ, PROFILE, DAY)
    with pytest.raises(Refused, match=r"已在案卷.*办理过市场监管部门会审"):
        policy.may_take(newcomer, turn(Role.DRAFTER), accepted(GXJ, "qin.yu"), PROFILE, DAY)


def test_the_self_reviewer_does_not_sign_even_as_deputy() -> None:
    file = case_of("fgw", "zhang.wei")
    on_leave = date(2026, 8, 3)
    assert allowed("li.na", turn(Role.DRAFTING_HEAD), file, on_leave)
    with pytest.raises(Refused, match="是本案的自审人员，不能再签署"):
        policy.may_take(
            officer("li.na"),
            turn(Role.DRAFTING_HEAD),
            reviewed(file, Gate.SELF_REVIEW, "li.na"),
            PROFILE,
            on_leave,
        )


def test_the_signing_head_does_not_review_in_a_later_round() -> None:
    file = case_of("fgw", "zhang.wei")
    assert allowed("li.na", turn(Role.DRAFTING_REVIEWER), file)
    with pytest.raises(Refused, match="签署过本案的初审结论"):
        policy.may_take(
            officer("li.na"),
            turn(Role.DRAFTING_REVIEWER),
            concluded(file, Gate.SELF_REVIEW, "li.na"),
            PROFILE,
            DAY,
        )


def test_the_lead_does_not_conclude_on_his_own_review_alone() -> None:
    alone = reviewed(GXJ, Gate.JOINT_REVIEW, "pan.ning")
    assert allowed("lu.mingda", turn(Role.JOINT_LEAD), alone)
    with pytest.raises(Refused, match="不能单独作出会审结论"):
        policy.may_take(officer("pan.ning"), turn(Role.JOINT_LEAD), alone, PROFILE, DAY)
    assert allowed("pan.ning", turn(Role.JOINT_LEAD), reviewed(alone, Gate.JOINT_REVIEW, "qin.yu"))


def test_only_the_holder_acts_on_a_claimed_task() -> None:
    assert allowed("qin.yu", turn(Role.REGULATOR, holder="qin.yu"), GXJ)
    with pytest.raises(Refused, match=r"已由石磊（shi.lei）领取"):
        policy.may_take(officer("qin.yu"), turn(Role.REGULATOR, holder="shi.lei"), GXJ, PROFILE, DAY)


def test_a_share_given_by_name_is_that_persons_or_his_deputys() -> None:
    named = turn(Role.JOINT_LEAD, instance="lu.mingda")
    assert allowed("lu.mingda", named, GXJ)
    assert not allowed("pan.ning", named, GXJ)
    assert allowed("pan.ning", named, GXJ, date(2026, 7, 20))


def test_parallel_reviews_are_by_different_people() -> None:
    second = turn(Role.REGULATOR, "co_review", instance="2")
    assert allowed("qin.yu", second, GXJ)
    with pytest.raises(Refused, match="本轮已提交过审查意见"):
        policy.may_take(officer("qin.yu"), second, reviewed(GXJ, Gate.JOINT_REVIEW, "qin.yu"), PROFILE, DAY)


def test_the_turn_picked_is_the_one_held_else_the_first_that_is_free() -> None:
    one, two, three = (
        turn(Role.REGULATOR, "co_review", n, h) for n, h in (("1", "shi.lei"), ("2", ""), ("3", "bai.xue"))
    )
    assert policy.pick_turn(officer("bai.xue"), [one, two, three], GXJ, PROFILE, DAY) == three
    assert policy.pick_turn(officer("qin.yu"), [one, two, three], GXJ, PROFILE, DAY) == two
    with pytest.raises(Refused, match="已由石磊"):
        policy.pick_turn(officer("qin.yu"), [one, three], GXJ, PROFILE, DAY)


@pytest.mark.parametrize("who", [*PEOPLE, "wu.guoqiang"])
def test_a_case_is_withdrawn_by_its_own_drafter_or_head(who: str) -> None:
    if who in ("chen.tao", "liu.zhenhua"):
        policy.may_withdraw(officer(who), GXJ.case, PROFILE, DAY)
        return
    with pytest.raises(Refused):
        policy.may_withdraw(officer(who), GXJ.case, PROFILE, DAY)


def test_a_further_version_is_filed_by_the_units_drafter() -> None:
    policy.may_file_for(officer("chen.tao"), GXJ, PROFILE, DAY)
    with pytest.raises(Refused, match="只由起草人办理"):
        policy.may_file_for(officer("liu.zhenhua"), GXJ, PROFILE, DAY)
    newcomer = moved("qin.yu", "gxj", Role.DRAFTER)
    policy.may_file_for(newcomer, GXJ, PROFILE, DAY)
    with pytest.raises(Refused, match="两道审查不得由同一人办理"):
        policy.may_file_for(newcomer, reviewed(GXJ, Gate.JOINT_REVIEW, "qin.yu"), PROFILE, DAY)


@pytest.mark.parametrize("who", PEOPLE)
def test_only_the_joint_side_sets_a_finding_aside(who: str) -> None:
    if PEOPLE[who] in (Role.REGULATOR, Role.JOINT_LEAD):
        policy.may_reject(officer(who), GXJ, PROFILE, DAY)
        return
    with pytest.raises(Refused):
        policy.may_reject(officer(who), GXJ, PROFILE, DAY)


def test_the_auditor_reads_and_does_nothing_else() -> None:
    policy.may_read(officer("kong.qing"), GXJ.case, PROFILE)
    for role in Role:
        with pytest.raises(Refused, match="只能查阅和导出案卷"):
            policy.may_take(officer("kong.qing"), turn(role), GXJ, PROFILE, DAY)


def test_a_case_is_read_by_its_own_authority_and_the_regulator() -> None:
    policy.may_read(officer("liu.zhenhua"), GXJ.case, PROFILE)
    policy.may_read(officer("qin.yu"), GXJ.case, PROFILE)
    with pytest.raises(Refused, match="请向起草单位“市工信局”索取"):
        policy.may_read(officer("sun.li"), GXJ.case, PROFILE)


def test_the_regulators_own_draft_is_reviewed_by_another_office_and_says_so() -> None:
    own = case_of("scjg.xyjg", "tian.fang")
    assert allowed("qin.yu", turn(Role.REGULATOR), own)
    same_office = moved("qin.yu", "scjg.xyjg", Role.REGULATOR)
    policy.may_take(same_office, turn(Role.REGULATOR), GXJ, PROFILE, DAY)
    with pytest.raises(Refused, match=r"就是起草单位，不能会审.*另一内设机构"):
        policy.may_take(same_office, turn(Role.REGULATOR), own, PROFILE, DAY)
    assert policy.conclusion_remark(own.case, PROFILE).startswith("本件由市场监管部门自行起草")
    assert policy.conclusion_remark(GXJ.case, PROFILE) == ""


EVERY_DESK = [("gxj", role) for role in (Role.DRAFTER, Role.DRAFTING_REVIEWER, Role.DRAFTING_HEAD)] + [
    ("scjg.jzxt", role) for role in (Role.REGULATOR, Role.JOINT_LEAD)
]


def performed(file: CaseFile, who: str, role: Role) -> CaseFile:
    gate = GATE_OF_ROLE[role]
    if role is Role.DRAFTER:
        return replace(file, versions=(*file.versions, replace(file.versions[0], filed_by=who)))
    if role in (Role.DRAFTING_HEAD, Role.JOINT_LEAD):
        return concluded(file, gate, who)
    return reviewed(file, gate, who)


@given(st.lists(st.tuples(st.sampled_from(sorted(PEOPLE)[:4]), st.sampled_from(EVERY_DESK)), max_size=25))
def test_however_people_change_desks_nobody_ends_on_both_gates(acts: list[tuple[str, tuple[str, Role]]]) -> None:
    file = GXJ
    for who, (unit, role) in acts:
        try:
            policy.may_take(moved(who, unit, role), turn(role), file, PROFILE, DAY)
        except Refused:
            continue
        file = performed(file, who, role)
    assert all(len(gates) == 1 for gates in who_acted(file).values())
    signers = {c.signed_by for c in file.conclusions if c.gate is Gate.SELF_REVIEW}
    assert not signers & {r.reviewer for r in file.reviews if r.gate is Gate.SELF_REVIEW}
