"""Exceptions in force (例外到期监测): when each ends, its yearly effect check, and the new review when it has run out.

An exception is allowed only for the shortest reasonable period; afterwards the measure stops or is reviewed anew.
Called by the `sunset` commands; `due_checks` is a pure look for whoever lets the clock speak.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from engine.calendar.zone import local_day
from engine.errors import Conflict, InvalidInput, NotYourTurn
from engine.model import CaseFile, Conclusion, EffectCheck, ExceptionClaim, Gate, Outcome, Reopening, Route
from engine.store import Receipt, reads
from engine.store.holdings import case_files
from reviewers import policy
from reviewers.drafting_unit import Packet, Request, opened
from reviewers.office import Acting, Office, Upload, act, digest_of, load_bundle
from reviewers.operations.keeping import keep_after

IN_FORCE = ("passed", "archived")
KINDS = ("exception_claim", "conclusion", "effect_check", "reopening")
ENDS, YEARLY = "ends", "yearly"
DROPPED = ("withdrawn", "returned")
"""Ends of a new review that did not review anything."""


@dataclass(frozen=True, slots=True)
class Exempted:
    """A measure that passed under an exception: the claim it rests on, and what has been said of it since.

    `check_due_on` is a year after it passed or was last checked. `reopened` counts the new reviews it went to;
    `reopened_as` is the last of them, empty when that was withdrawn or returned: the measure is then watched again.
    """

    case: str
    title: str
    unit: str
    stage: str
    claim: ExceptionClaim
    passed_on: date
    checked_on: date | None
    check_due_on: date
    condition_met: bool
    stopped: bool
    reopened_as: str
    reopened: int = 0

    @property
    def over(self) -> bool:
        """Nothing more is to be watched: the measure stopped or went to a new review."""
        return self.stopped or bool(self.reopened_as)

    def expired(self, on: date) -> bool:
        """Whether the exception no longer covers the measure on that day; its last day is still covered."""
        return self.condition_met or (self.claim.ends_on is not None and self.claim.ends_on < on)


@dataclass(frozen=True, slots=True)
class DueCheck:
    """Something to do about an exception by a day: it `ends`, or its `yearly` check is due."""

    case: str
    title: str
    unit: str
    kind: str
    due_on: date
    overdue: bool


def exempted(file: CaseFile, stage_of: Callable[[str], str]) -> Exempted | None:
    """How a case that passed under an exception stands; None for every other case.

    What was said of an exception granted before the one in force is over with it. `stage_of` tells where another case
    stands.
    Source: Regulation art. 12; Measures art. 25.
    """
    deciding = Gate.JOINT_REVIEW if file.case.route is Route.GOVERNMENT else Gate.SELF_REVIEW
    concluded = [c for c in file.conclusions if c.gate is deciding]
    if file.case.stage not in IN_FORCE or not file.exception_claims or not _excepting(concluded):
        return None
    granted_at = concluded[-1].signed_at
    checks = [check for check in file.effect_checks if check.checked_at >= granted_at]
    reopened = [reopening.new_case for reopening in file.reopenings if reopening.reopened_at >= granted_at]
    passed_on, checked_on = local_day(granted_at), local_day(checks[-1].checked_at) if checks else None
    return Exempted(
        case=file.case.id,
        title=file.case.title,
        unit=file.case.unit,
        stage=file.case.stage,
        claim=file.exception_claims[-1],
        passed_on=passed_on,
        checked_on=checked_on,
        check_due_on=_a_year_after(checked_on or passed_on),
        condition_met=any(check.condition_met for check in checks),
        stopped=any(not check.kept for check in checks),
        reopened_as=reopened[-1] if reopened and stage_of(reopened[-1]) not in DROPPED else "",
        reopened=len(reopened),
    )


def standing_of(acting: Acting) -> Exempted | None:
    """How the case of this act stands as an exempted one."""
    return exempted(acting.file, lambda case_id: acting.work.case(case_id).stage)


def all_exempted(database: Path) -> tuple[Exempted, ...]:
    """Every measure that passed under an exception, in order of its case."""

    def stage_of(case_id: str) -> str:
        return str(reads.case_row(database, case_id)["stage"])

    found = (exempted(file, stage_of) for file in case_files(database, IN_FORCE, "exception_claim", KINDS))
    return tuple(each for each in found if each)


def due_checks(database: Path, today: date, within: int = 30) -> tuple[DueCheck, ...]:
    """What is to be done about exceptions by `within` calendar days from today, overdue first.

    Stopped and reopened measures are left out; an end without a date is told by its yearly check alone.
    """
    last = today + timedelta(days=within)
    found = [check for each in all_exempted(database) if not each.over for check in checks_of(each, today)]
    return tuple(sorted((c for c in found if c.due_on <= last), key=lambda c: (c.due_on, c.case, c.kind)))


@act("effect_check")
def check(
    acting: Acting, effect: str, kept: bool, reason: str, condition_met: bool, evidence: tuple[Upload, ...]
) -> Receipt:
    """The yearly effect check is on file: the measure goes on, or has stopped with evidence of it.

    A condition that is met is told while the measure still runs; from then on the exception counts as run out.
    Raises InvalidInput when effect, reason or the evidence of a stop is missing, Conflict when the exception has run
    out and the measure is to go on all the same, NotYourTurn when the case is under no exception.
    """
    office = acting.office
    policy.may_file_for(office.officer, acting.file, office.profile, office.today)
    standing = _watched(acting)
    _require_said(effect, kept, reason, evidence)
    if kept and standing.expired(office.today):
        raise Conflict(
            f"案件 {acting.case.id} 的例外规定已到期或终止条件已成就，措施不能继续执行。",
            f"请停止执行并附证据（--stop --evidence 文件），或重新送审：shuangshen sunset reopen {acting.case.id}。",
        )
    contents = [acting.work.put_content(upload.data) for upload in evidence]
    record = EffectCheck(
        effect, kept, condition_met, reason, tuple(contents), office.officer.id, office.officer.unit, office.now
    )
    names = [upload.filename for upload in evidence]
    return acting.note({"kept": kept, "reason": reason, "evidence": names}, [record], contents=contents)


def reopen(office: Office, case_id: str, reason: str, draft: Upload | None = None) -> Receipt:
    """A new case reviews the measure whose exception ran out; each of the two cases names the other.

    Without `draft` the text reviewed before is filed again. Raises Refused to others than the unit's drafters,
    Conflict while the exception still runs or when the measure has stopped or been reopened. Source: Measures art. 25.
    """

    def may(file: CaseFile) -> None:
        policy.may_file_for(office.officer, file, office.profile, office.today)

    return _reopened(office, case_id, reason, draft, may)


def reopen_run_out(office: Office, case_id: str, reason: str) -> Receipt:
    """The same by the system itself, for the unit of the office's officer: nobody did what the end asks for."""
    return _reopened(office, case_id, reason, None, lambda _: None)


def _reopened(
    office: Office, case_id: str, reason: str, draft: Upload | None, may: Callable[[CaseFile], None]
) -> Receipt:
    digest = digest_of("reopen", office.officer.id, case_id, [reason, draft])
    with office.store.work() as work:
        done = work.repeated(office.command, digest)
        if done:
            return done
        file = work.case_file(case_id)
        may(file)
        linking = replace(office, command=f"{office.command}/{case_id}")
        old = Acting(linking, work, "reopen", digest, file, load_bundle(work, file.case.bundle))
        _require_run_out(old, reason)
        new = opened(office, work, digest, _packet(old, draft), _request(file), {"reopens": case_id})
        record = Reopening(new.case_id, reason, office.officer.id, office.officer.unit, office.now)
        old.note({"reopened_as": new.case_id, "reason": reason}, [record])
    keep_after("reopen", office.store.path)
    return new


def _excepting(concluded: list[Conclusion]) -> bool:
    return bool(concluded) and concluded[-1].outcome is Outcome.EXCEPTION


def _a_year_after(day: date) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leap_day else day.day)


def checks_of(each: Exempted, today: date) -> list[DueCheck]:
    """The yearly check and the end of one exception, as far as they have a day."""
    days = [(YEARLY, each.check_due_on)]
    if each.condition_met and each.checked_on:
        days = [(ENDS, each.checked_on)]
    elif each.claim.ends_on is not None:
        days.append((ENDS, each.claim.ends_on))
    return [DueCheck(each.case, each.title, each.unit, kind, on, _late(kind, each, on, today)) for kind, on in days]


def _late(kind: str, each: Exempted, on: date, today: date) -> bool:
    return each.expired(today) if kind == ENDS else on < today


def _watched(acting: Acting) -> Exempted:
    standing = standing_of(acting)
    if standing is None:
        raise NotYourTurn(
            f"案件 {acting.case.id} 不是适用例外规定通过的案件，没有到期监测。", "运行 shuangshen sunset list 查看。"
        )
    if standing.over:
        what = f"已重新送审（{standing.reopened_as}）" if standing.reopened_as else "已停止执行"
        raise Conflict(f"案件 {acting.case.id} 的措施{what}，监测已经结束。", "无需再办理。")
    return standing


def _require_said(effect: str, kept: bool, reason: str, evidence: tuple[Upload, ...]) -> None:
    if not effect.strip():
        raise InvalidInput("没有写明实施效果。", "请加上 --effect “对竞争和政策目标的实际影响”。")
    if not reason.strip():
        raise InvalidInput("继续或停止执行须说明理由。", "请加上 --reason “理由”。")
    if not kept and not evidence:
        raise InvalidInput("停止执行须附证据。", "请用 --evidence 附上废止、停止执行的文件。")


def _require_run_out(acting: Acting, reason: str) -> None:
    standing = _watched(acting)
    if not standing.expired(acting.office.today):
        ends = (
            f"到 {standing.claim.ends_on} 止" if standing.claim.ends_on else f"终止条件：{standing.claim.end_condition}"
        )
        raise Conflict(
            f"案件 {acting.case.id} 的例外规定尚未到期（{ends}）。", "到期后再重新送审；文本有改动的，请用 revise。"
        )
    if not reason.strip():
        raise InvalidInput("重新送审须说明理由。", "请加上 --reason “理由”。")


def _packet(old: Acting, draft: Upload | None) -> Packet:
    version = old.file.versions[-1]
    materials = tuple((m.kind, Upload(m.filename, old.work.content(m.sha256))) for m in version.materials)
    return Packet(draft or Upload(version.filename, old.work.content(version.sha256)), materials)


def _request(file: CaseFile) -> Request:
    return Request(file.case.trigger, file.case.kind, file.case.title)
