"""A case whose process position is lost or disagrees with itself is put back to the start of a round, by two people.

A step that fails writes nothing, so mending the cause and repeating the act is enough. What is left is a position that
cannot be read or does not agree with the open tasks. Nothing is taken from it then: the round begins anew from the
papers on file, each of which the trail vouches for, and all that was said before stays in the file. One officer reports
what is wrong, a joint lead who did not report it repairs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from engine import process
from engine.errors import Conflict, InvalidInput, ProcessError, Refused
from engine.model import CaseFile, Route, Trigger
from engine.store import Receipt, UnitOfWork
from reviewers.drafting_unit import newest_bundle_of, opening_variables
from reviewers.office import Acting, Office, digest_of
from reviewers.operations.keeping import keep_after
from reviewers.supervision.minding import may_lead, may_supervise
from reviewers.supervision.processes import Incident, incidents

ENDED = frozenset({"archived", "withdrawn", "returned", "must_not_issue", "out_of_scope"})


def report(office: Office, case_id: str, reason: str) -> Receipt:
    """What is wrong with the case is in the trail, said by one officer, so that another may repair it.

    Raises Conflict when nothing is wrong with it, Refused to others than the regulator's reviewers.
    """
    may_supervise(office, "登记流程异常")
    _require(reason)
    found = _wrong_with(office, case_id)
    digest = digest_of("incident_report", office.officer.id, case_id, [reason])
    with office.store.work() as work:
        done = work.repeated(office.command, digest)
        if done:
            return done
        acting = Acting(office, work, "incident_report", digest, work.case_file(case_id), newest_bundle_of(work))
        return acting.note({"incidents": [each.kind for each in found], "reason": reason})


def repair(office: Office, case_id: str, reason: str) -> Receipt:
    """The case stands at the start of a new round on its present text, under the newest process version.

    Raises Refused unless another officer reported the incident before and the case has not ended, Conflict when
    nothing is wrong with it.
    """
    may_lead(office, "修复流程异常")
    _require(reason)
    found = _wrong_with(office, case_id)
    digest = digest_of("repair", office.officer.id, case_id, [reason])
    with office.store.work() as work:
        done = work.repeated(office.command, digest)
        if done:
            return done
        receipt = _restarted(office, work, digest, found, reason)
    keep_after("repair", office.store.path)
    return receipt


def _restarted(office: Office, work: UnitOfWork, digest: str, found: Sequence[Incident], reason: str) -> Receipt:
    file, events = work.case_file(found[0].case), work.events(found[0].case)
    reported = _reported(events)
    _require_other(office, file, reported)
    stage = _last_stage(events)
    if stage in ENDED:
        raise Refused(f"案件 {file.case.id} 已经结束，不能重新开始一轮审查。", "请从备份恢复数据库。")
    bundle = newest_bundle_of(work)
    acting = Acting(office, work, "repair", digest, file, bundle)
    concerned = stage != "confirm_scope"
    for_all = file.case.trigger is Trigger.DEPARTMENT_ISSUED and file.case.route is Route.GOVERNMENT
    opening = opening_variables(office, file.case, concerned) | {"dual_review_for_all": for_all}
    step = process.start(bundle, opening, acting.services)
    if step.variables["route"] != file.case.route:
        raise ProcessError("按现在的流程版本，本案的审查路径与原来不同。", "请从备份恢复，或者撤回后重新报送。")
    facts = {
        "incidents": [each.kind for each in found],
        "reported_by": reported["actor"],
        "stage_found": file.case.stage,
        "position_found": sha256(file.case.position).hexdigest(),
        "bundle_from": file.case.bundle,
        "bundle_to": bundle.hash,
        "reason": reason,
    }
    return acting.save(step, facts, round=file.case.round + 1, bundle=bundle.hash)


def _wrong_with(office: Office, case_id: str) -> tuple[Incident, ...]:
    found = tuple(each for each in incidents(office.store.path) if each.case == case_id)
    if not found:
        with office.store.work() as work:
            work.case(case_id)  # an unknown case is told as one
        raise Conflict(f"案件 {case_id} 的流程位置没有异常，无需修复。", "运行 shuangshen incidents list 查看。")
    return found


def _reported(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The report of this incident: the last one since the case was last repaired, empty when there is none."""
    last = next((e for e in reversed(events) if e["act"] in ("incident_report", "repair")), None)
    return last if last and last["act"] == "incident_report" else {}


def _require_other(office: Office, file: CaseFile, reported: Mapping[str, Any]) -> None:
    if not reported:
        raise Refused(
            f"案件 {file.case.id} 的异常还没有人登记：修复须由两人办理。",
            f"请另一名会审人员先运行 shuangshen incidents report {file.case.id}。",
        )
    if reported["actor"] == office.officer.id:
        told = f"异常由{office.officer.name}本人登记，修复须由另一名会审负责人办理。"
        raise Refused(told, "请由其他会审负责人办理。")


def _last_stage(events: Sequence[Mapping[str, Any]]) -> str:
    """Where the trail last saw the case; what the case's own row says may be what is wrong."""
    told = (event["facts"].get("stage_to") for event in reversed(events) if event["act"] != "incident_report")
    return next((str(stage) for stage in told if stage), "")


def _require(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput("没有写明理由。", "请加上 --reason “理由”。")
