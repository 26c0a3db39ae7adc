"""Who may do what, and why not. The process says whose turn it is; these functions say whether this person may take it.

Plain functions over records already loaded: each returns nothing when the act is allowed and raises Refused naming the
rule and the next step when it is not. The two gates of one case are held by different people: an officer who acted on
the drafting side never acts on the joint side of that case, nor the other way round.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from engine.errors import Refused
from engine.gate import counting_reviews
from engine.model import Case, CaseFile, Gate, Officer, Role, Route, Trigger, Turn
from reviewers.conditions import GATE_OF_ROLE, holds, in_place, not_on_the_other_gate, not_the_auditor, of_drafting_unit
from reviewers.departments import may_speak
from reviewers.roster import Profile


def may_submit(officer: Officer, unit: str, profile: Profile, on: date) -> None:
    """Returns when the officer may open a case for `unit`; raises Refused otherwise."""
    not_the_auditor(officer)
    holds(officer, Role.DRAFTER, "报送政策措施草案", profile, on)
    of_drafting_unit(officer, unit, profile)


def may_file_for(officer: Officer, case_file: CaseFile, profile: Profile, on: date) -> None:
    """Returns when the officer may file a further version or the issued text of this case; raises Refused otherwise."""
    may_submit(officer, case_file.case.unit, profile, on)
    not_on_the_other_gate(officer, Gate.SELF_REVIEW, case_file)


def may_withdraw(officer: Officer, case: Case, profile: Profile, on: date) -> None:
    """Returns when the officer may withdraw the case, as drafter or head of its unit; raises Refused otherwise."""
    not_the_auditor(officer)
    if not profile.roles_on(officer, on) & {Role.DRAFTER, Role.DRAFTING_HEAD}:
        raise Refused(
            f"{officer.name}不能撤回案卷{case.id}：撤回由起草单位的起草人或者负责人提出。",
            "认为应当终止审查的，请与起草单位联系。",
        )
    of_drafting_unit(officer, case.unit, profile)


def pick_turn(
    officer: Officer,
    turns: Sequence[Turn],
    case_file: CaseFile,
    profile: Profile,
    on: date,
) -> Turn:
    """The turn this officer should complete: one he holds, else one given to him by name, else the first he may take.

    `turns` are the open turns that fit his act, at least one. Raises the Refused of the first when he may take none.
    """
    refusals = []
    for turn in sorted(turns, key=lambda each: (each.holder != officer.id, each.instance != officer.id)):
        try:
            may_take(officer, turn, case_file, profile, on)
        except Refused as refusal:
            refusals.append(refusal)
        else:
            return turn
    raise refusals[0]


def may_take(
    officer: Officer,
    turn: Turn,
    case_file: CaseFile,
    profile: Profile,
    on: date,
) -> None:
    """Returns when the officer may claim and complete this turn of the case on that day; raises Refused otherwise.

    Source: Regulation art. 14 (the two reviews are made by different bodies).
    """
    not_the_auditor(officer)
    if turn.role is Role.CO_REVIEWER:
        may_speak(officer, turn, case_file.case, profile, on)
    else:
        holds(officer, turn.role, f"办理“{turn.name}”", profile, on, case_file.case.unit)
        in_place(officer, turn.role, case_file.case, profile)
    not_on_the_other_gate(officer, GATE_OF_ROLE[turn.role], case_file)
    _reviewer_and_head_differ(officer, turn.role, case_file)
    _lead_not_alone(officer, turn.role, case_file)
    _is_his_task(officer, turn, profile, on)
    _reviews_once(officer, turn, case_file)


def may_staff(officer: Officer, turn: Turn, case_file: CaseFile, profile: Profile, on: date) -> None:
    """Returns when the officer may decide who reviews at this turn: the drafting head, or the joint lead."""
    not_the_auditor(officer)
    gate = GATE_OF_ROLE[turn.role]
    role = Role.DRAFTING_HEAD if gate is Gate.SELF_REVIEW else Role.JOINT_LEAD
    holds(officer, role, f"调整“{turn.name}”的审查人员", profile, on, case_file.case.unit)
    in_place(officer, role, case_file.case, profile)
    not_on_the_other_gate(officer, gate, case_file)


def may_reject(
    officer: Officer,
    case_file: CaseFile,
    profile: Profile,
    on: date,
) -> None:
    """Returns when the officer may set a machine finding of this case aside; raises Refused otherwise."""
    not_the_auditor(officer)
    if not profile.roles_on(officer, on) & {Role.REGULATOR, Role.JOINT_LEAD}:
        raise Refused(
            f"{officer.name}不能否定疑似问题：只有市场监管部门会审人员可以否定机器提示。",
            "起草单位可以在自审中逐条说明依据或者异议，由会审人员认定。",
        )
    in_place(officer, Role.REGULATOR, case_file.case, profile)
    not_on_the_other_gate(officer, Gate.JOINT_REVIEW, case_file)


def may_evaluate(officer: Officer, case_file: CaseFile, profile: Profile, on: date) -> None:
    """Returns when the officer may record a third party's evaluation of this draft; raises Refused otherwise."""
    not_the_auditor(officer)
    if not profile.roles_on(officer, on) & {Role.REGULATOR, Role.JOINT_LEAD}:
        raise Refused(
            f"{officer.name}不能登记第三方评估：由市场监管部门会审人员或者会审负责人登记。", "请把评估报告交会审人员。"
        )
    in_place(officer, Role.REGULATOR, case_file.case, profile)
    not_on_the_other_gate(officer, Gate.JOINT_REVIEW, case_file)


def may_comment(officer: Officer, case_file: CaseFile, profile: Profile, on: date) -> Gate:
    """The gate whose reviewer the officer is in this case; raises Refused when he reviews at neither."""
    not_the_auditor(officer)
    case, roles = case_file.case, profile.roles_on(officer, on)
    if officer.unit == case.unit and roles & {Role.DRAFTING_REVIEWER, Role.DRAFTING_HEAD}:
        not_on_the_other_gate(officer, Gate.SELF_REVIEW, case_file)
        return Gate.SELF_REVIEW
    if not roles & {Role.REGULATOR, Role.JOINT_LEAD}:
        raise Refused(
            f"{officer.name}不是案卷{case.id}的审查人员，不能提出审查意见。",
            "请由起草单位自审人员或者市场监管部门会审人员提出；起草人的看法用 answer 反馈。",
        )
    in_place(officer, Role.REGULATOR, case, profile)
    not_on_the_other_gate(officer, Gate.JOINT_REVIEW, case_file)
    return Gate.JOINT_REVIEW


def may_answer(officer: Officer, case_file: CaseFile, profile: Profile, on: date) -> None:
    """Returns when the officer may say what became of an opinion, as drafter or head of the drafting unit."""
    not_the_auditor(officer)
    if not profile.roles_on(officer, on) & {Role.DRAFTER, Role.DRAFTING_HEAD}:
        raise Refused(f"{officer.name}不能反馈意见采纳情况：由起草单位的起草人或者负责人反馈。", "请与起草单位联系。")
    of_drafting_unit(officer, case_file.case.unit, profile)
    not_on_the_other_gate(officer, Gate.SELF_REVIEW, case_file)


def may_settle(officer: Officer, author: str, case_file: CaseFile, profile: Profile, on: date) -> None:
    """Returns when the officer may record what the coordination meeting decided on the opinion of `author`."""
    not_the_auditor(officer)
    holds(officer, Role.JOINT_LEAD, "登记联席会议决定", profile, on)
    in_place(officer, Role.JOINT_LEAD, case_file.case, profile)
    not_on_the_other_gate(officer, Gate.JOINT_REVIEW, case_file)
    if officer.id == author:
        raise Refused(
            f"该意见由{officer.name}本人提出，联席会议的决定应当由另一名会审负责人登记。", "请由其他会审负责人登记。"
        )


def may_read(officer: Officer, case: Case, profile: Profile, asked: Collection[str] = ()) -> None:
    """Returns when the officer may read and export the case: its drafting authority, the regulator, the auditor.

    So may the departments in `asked`, each an authority whose answer is waited for.
    Source: Regulation art. 19 (confidentiality of what review learns).
    """
    if Role.AUDITOR in officer.roles or profile.in_regulator(officer.unit):
        return
    if profile.authority_of(officer.unit).id in (profile.authority_of(case.unit).id, *asked):
        return
    raise Refused(
        f"{officer.name}不能查阅案卷{case.id}：案卷只对起草单位、市场监管部门、正在征求意见的部门和审计人员开放。",
        f"请向起草单位“{profile.unit(case.unit).name}”索取。",
    )


def review_route(trigger: Trigger, dual_review_for_all: bool) -> Route:
    """The route of a draft within scope: a department's own measures pass its own review, all others both.

    Source: Regulation arts. 13, 14.
    """
    department = trigger is Trigger.DEPARTMENT_ISSUED and not dual_review_for_all
    return Route.DEPARTMENT if department else Route.GOVERNMENT


def conclusion_remark(case: Case, profile: Profile) -> str:
    """What a joint conclusion must disclose when the regulator reviews its own draft; empty in every other case."""
    if not profile.in_regulator(case.unit):
        return ""
    return (
        f"本件由市场监管部门自行起草（{profile.unit(case.unit).name}），自审与会审由不同内设机构、不同人员分别办理，"
        "建议同时委托第三方评估。"
    )


def _reviewer_and_head_differ(officer: Officer, role: Role, case_file: CaseFile) -> None:
    reviewers = {review.reviewer for review in case_file.reviews if review.gate is Gate.SELF_REVIEW}
    if role is Role.DRAFTING_HEAD and officer.id in reviewers:
        raise Refused(
            f"{officer.name}是本案的自审人员，不能再签署初审结论：审查与签署应当由不同人员办理。",
            "请由起草单位其他负责人签署。",
        )
    signers = {c.signed_by for c in case_file.conclusions if c.gate is Gate.SELF_REVIEW}
    if role is Role.DRAFTING_REVIEWER and officer.id in signers:
        raise Refused(
            f"{officer.name}签署过本案的初审结论，不能再作自审人员：审查与签署应当由不同人员办理。",
            "请由起草单位其他自审人员办理。",
        )


def _lead_not_alone(officer: Officer, role: Role, case_file: CaseFile) -> None:
    reviewers = {review.reviewer for review in counting_reviews(case_file, Gate.JOINT_REVIEW)}
    if role is Role.JOINT_LEAD and reviewers == {officer.id}:
        raise Refused(
            f"{officer.name}是本轮唯一的会审人员，不能单独作出会审结论：会审意见与结论应当有不同人员参与。",
            "请增加一名会审人员，或者由另一名会审负责人作出结论。",
        )


def _is_his_task(officer: Officer, turn: Turn, profile: Profile, on: date) -> None:
    own = {officer.id, *(absent.id for absent in profile.acting_for(officer.id, on))}
    if turn.holder and turn.holder not in own:
        holder = profile.officer(turn.holder)
        raise Refused(
            f"“{turn.name}”已由{holder.name}（{holder.id}）领取，只有领取人可以办理。",
            "请由领取人办理，或者请其先交回。",
        )
    if turn.instance in profile.officers and turn.instance not in own:
        named = profile.officer(turn.instance)
        raise Refused(
            f"“{turn.name}”分给了{named.name}（{named.id}），{officer.name}不能代办。", "请由本人办理，或者登记代理。"
        )


def _reviews_once(officer: Officer, turn: Turn, case_file: CaseFile) -> None:
    gate = GATE_OF_ROLE[turn.role]
    if turn.instance and officer.id in {review.reviewer for review in counting_reviews(case_file, gate)}:
        raise Refused(
            f"{officer.name}本轮已提交过审查意见，不能再办理另一份“{turn.name}”：并行审查由不同人员分别作出。",
            "请由其他审查人员办理。",
        )
