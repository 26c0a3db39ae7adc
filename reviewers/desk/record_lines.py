"""What lies in a case, one line a record: how `shuangshen show` names each kind of record and what it says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.model import AnswerValue, Gate, Level, Outcome, Route, StaffingAct
from reviewers.deed_words import RECORDS
from reviewers.form.words import GATE_NAMES
from reviewers.roster import Profile

OUTCOMES = {
    Outcome.COMPLIANT: "符合审查标准，可以出台",
    Outcome.EXCEPTION: "适用例外规定，可以出台",
    Outcome.REVISE: "须修改后再审",
    Outcome.MUST_NOT_ISSUE: "不符合审查标准，不得出台",
    Outcome.OUT_OF_SCOPE: "不涉及",
}
ROUTES = {
    Route.GOVERNMENT: "起草单位初审，市场监管部门会审",
    Route.DEPARTMENT: "起草单位自我审查",
    Route.OUT_OF_SCOPE: "不属于审查范围",
}
SCOPE_REASONS = {
    "government_issued": "以政府（办公室）名义印发",
    "executive_meeting": "提请政府常务会议等审议",
    "government_signed": "以政府名义签订",
    "department_issued": "部门印发",
    "forwarded": "转发部门文件，视同政府印发",
    "congress_bound": "提请人大及其常委会审议",
    "dual_review_for_all": "本地规定部门文件也双审",
    "unlisted_trigger": "未列明的情形，从严会审",
    "no_operator_activity": "不涉及经营者经济活动",
}
STAFFING = {StaffingAct.REPLACED: "改派", StaffingAct.ADDED: "增加", StaffingAct.SKIPPED: "跳过"}


def record_line(record: Mapping[str, Any], profile: Profile) -> tuple[str, str]:
    """What kind of record this is, and its gist."""
    kind, body = record["kind"], record["body"]
    if kind in GISTS:
        return GISTS[kind](body, profile)
    return RECORDS.get(kind, kind), str(body.get("reason") or body.get("text") or body.get("effect") or "")


def _version(body: Mapping[str, Any], profile: Profile) -> tuple[str, str]:
    attached = "、".join(material["filename"] for material in body["materials"])
    told = f"{body['filename']} {officer_name(profile, body['filed_by'])}"
    return f"第{body['number']}稿", f"{told} 附：{attached}" if attached else told


def _scope_decision(body: Mapping[str, Any], profile: Profile) -> tuple[str, str]:
    reason = SCOPE_REASONS.get(body["reason"], body["reason"])
    confirmed = f" {officer_name(profile, body['confirmed_by'])}确认" if body["confirmed_by"] else ""
    return RECORDS["scope_decision"], f"{ROUTES[Route(body['route'])]}（{reason}）{confirmed}"


def _screening(body: Mapping[str, Any], _: Profile) -> tuple[str, str]:
    blocking = sum(finding["level"] == Level.BLOCK for finding in body["findings"])
    local = "；".join(body.get("local", ()))
    told = f"须处理 {blocking}，请核对 {len(body['findings']) - blocking}"
    return RECORDS["screening"], f"{told}；{local}" if local else told


def _review(body: Mapping[str, Any], profile: Profile) -> tuple[str, str]:
    hits = [answer["item"] for answer in body["answers"] if answer["value"] == AnswerValue.HIT]
    told = f"答“是”：{'、'.join(hits)}" if hits else "各项均未认定存在问题"
    return f"{GATE_NAMES[Gate(body['gate'])]}审查表", f"{officer_name(profile, body['reviewer'])} {told}"


def _conclusion(body: Mapping[str, Any], profile: Profile) -> tuple[str, str]:
    signed = officer_name(profile, body["signed_by"])
    return f"{GATE_NAMES[Gate(body['gate'])]}结论", f"{signed} {OUTCOMES[Outcome(body['outcome'])]}：{body['reason']}"


def _rejection(body: Mapping[str, Any], _: Profile) -> tuple[str, str]:
    return RECORDS["rejection"], f"{body['finding']} {body['reason']}"


def _correction(body: Mapping[str, Any], _: Profile) -> tuple[str, str]:
    if not body["missing"]:
        return "退回", body["reason"]
    return "要求补正", f"{'、'.join(body['missing'])}（期限 {body['due_on']}）：{body['reason']}"


def _acceptance(body: Mapping[str, Any], profile: Profile) -> tuple[str, str]:
    return RECORDS["acceptance"], officer_name(profile, body["accepted_by"])


def _consultation(body: Mapping[str, Any], _: Profile) -> tuple[str, str]:
    return RECORDS["consultation"], "、".join(hearing["name"] for hearing in body["hearings"])


def _staffing(body: Mapping[str, Any], profile: Profile) -> tuple[str, str]:
    names = [place_name(profile, place) for place in (body["instance"], body["officer"]) if place]
    return RECORDS["staffing"], f"{STAFFING[StaffingAct(body['act'])]} {' → '.join(names)}：{body['reason']}"


def _department_answer(body: Mapping[str, Any], profile: Profile) -> tuple[str, str]:
    who = f"{place_name(profile, body['department'])} {officer_name(profile, body['answered_by'])}"
    return RECORDS["department_answer"], f"{who} {body['text']}"


def _evaluation(body: Mapping[str, Any], _: Profile) -> tuple[str, str]:
    return RECORDS["evaluation"], f"{body['evaluator']}（{body['filename']}）：{body['summary']}"


GISTS: Mapping[str, Callable[[Mapping[str, Any], Profile], tuple[str, str]]] = {
    "version": _version,
    "scope_decision": _scope_decision,
    "screening": _screening,
    "review": _review,
    "conclusion": _conclusion,
    "rejection": _rejection,
    "correction": _correction,
    "acceptance": _acceptance,
    "consultation": _consultation,
    "staffing": _staffing,
    "department_answer": _department_answer,
    "evaluation": _evaluation,
}


def place_name(profile: Profile, place: str) -> str:
    """The unit or officer asked at a place among several, the place as it is when it is only a number."""
    return profile.units[place].name if place in profile.units else officer_name(profile, place)


def officer_name(profile: Profile, officer: str) -> str:
    """The officer's name, his id when the roster no longer lists him."""
    return profile.officers[officer].name if officer in profile.officers else officer
