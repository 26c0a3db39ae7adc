"""The acts of the flow as a walker does them on a real store, each with what is told along with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from city import NOTE, notice
from walking import DEPARTMENT

from engine.calendar.zone import local_day
from engine.model import (
    Adopted,
    Answer,
    AnswerValue,
    Consultation,
    Disposition,
    ExceptionClaim,
    Gate,
    Hearing,
    Outcome,
    Ruling,
    Treatment,
)
from engine.store import Receipt
from reviewers import auditor, deadlines, drafting_unit, market_regulator, opinions, staffing, sunset, turns
from reviewers.checklist import ReviewForm, load_checklist
from reviewers.consulting import Reply, consult
from reviewers.drafting_unit import Packet
from reviewers.editorial import decide_editorial
from reviewers.evaluation import Report, evaluate
from reviewers.office import Office, Upload
from reviewers.supervision import processes

if TYPE_CHECKING:
    from walker import Walker

Told = dict[str, Any]
HEARD = Consultation((Hearing("行业协会", "association", date(2026, 2, 9), "无异议。", "采纳。"),), False, "不涉及")


class Disagreement(AssertionError):
    """The store and the table do not agree after an act."""


def reason(told: Told) -> str:
    return " " if told["wrong"] else "理由"


def _form(walker: Walker, gate: Gate, treatment: Treatment, told: Told) -> ReviewForm:
    """Every item 否 and every finding treated so; one answer is missing when it is to be wrong."""
    file = walker.city.file(walker.case)
    checklist = load_checklist(gate, file.case.kind, local_day(file.case.opened_at))
    answers = tuple(Answer(question.item, AnswerValue.NO_HIT) for question in checklist.questions)
    found = file.screenings[-1].findings if file.screenings else ()
    dispositions = tuple(Disposition(finding.id, treatment, "见说明") for finding in found)
    ends_on = told.get("claim_ends")
    claim = ExceptionClaim(3, "影响", "理由", "最小", "期限", "无", ("M15-2", "M15-3"), ends_on) if ends_on else None
    heard = HEARD if gate is Gate.SELF_REVIEW else None
    interests = "" if gate is Gate.SELF_REVIEW else _interests(told)
    return ReviewForm("审查意见", answers[told["wrong"] :], dispositions, heard, claim, interests)


def _interests(told: Told) -> str:
    return "配偶在所涉企业任职" if told["conflict"] else "无"


def _self_review(w: Walker, office: Office, told: Told) -> Receipt:
    return drafting_unit.self_review(office, w.case, _form(w, Gate.SELF_REVIEW, Treatment.OBJECTION, told))


def _joint_review(w: Walker, office: Office, told: Told) -> Receipt:
    treatment = Treatment.REJECTED if told["rejecting"] else Treatment.CONFIRMED
    return market_regulator.joint_review(office, w.case, _form(w, Gate.JOINT_REVIEW, treatment, told))


def _consult(w: Walker, office: Office, told: Told) -> Receipt:
    return consult(office, w.case, Reply(agrees=True, interests="" if told["wrong"] else _interests(told)))


def _comment(w: Walker, office: Office, told: Told) -> Receipt:
    said = opinions.Comment("" if told["wrong"] else "意见", told["clause"], blocking=told["blocking"])
    return opinions.comment(office, w.case, said)


def _answer(w: Walker, office: Office, told: Told) -> Receipt:
    return opinions.answer_opinion(office, w.case, f"O-{told['number']}", Adopted(told["adopted"]), reason(told))


def _escalate(w: Walker, office: Office, told: Told) -> Receipt:
    return opinions.escalate(office, w.case, f"O-{told['number']}", Ruling(told["ruling"]), reason(told), "联席会议")


def _supply(w: Walker, office: Office, told: Told) -> Receipt:
    kind = "drafting_note" if told["note"] else "other"
    added = () if told["wrong"] else ((kind, Upload("补正.txt", "补正材料。".encode())),)
    return drafting_unit.supply(office, w.case, added)


def _revise(w: Walker, office: Office, told: Told) -> Receipt:
    packet = Packet(w.text if told["wrong"] else told["text"], NOTE if told["note"] else ())
    return drafting_unit.revise(office, w.case, packet, "修改")


def _evaluate(w: Walker, office: Office, told: Told) -> Receipt:
    gist = " " if told["wrong"] else "影响轻微"
    return evaluate(office, w.case, Report("某大学", "与起草单位无关", gist, Upload("评估.txt", "报告。".encode())))


def _issue(w: Walker, office: Office, told: Told) -> Receipt:
    final = mended(w.text) if told["mended"] else w.text
    return drafting_unit.issue(office, w.case, notice("另一文本。") if told["wrong"] else final)


def mended(text: Upload) -> Upload:
    """The text with one word changed, which is a matter of wording."""
    return Upload("拟印发.txt", text.data.decode().replace("办理时限", "办事时限").encode())


def _effect_check(w: Walker, office: Office, told: Told) -> Receipt:
    evidence = (Upload("证据.txt", "已停止执行。".encode()),) if told["evidence"] else ()
    return sunset.check(office, w.case, "效果", told["kept"], reason(told), told["condition_met"], evidence)


def _migrate(w: Walker, office: Office, told: Told) -> None:
    """Moved exactly when the case waits at a round boundary on another version."""
    before = w.city.file(w.case).case.bundle
    moved = processes.migrate_cases(office, told["to"], False)
    expected = w.table.stage in ("revise", "passed") and before != moved.to
    if (w.case in moved.moved) is not expected:
        raise Disagreement(f"migrated {moved} from {before} in {w.table.stage}")


MR = market_regulator
DEEDS: dict[str, Callable[[Walker, Office, Told], object]] = {
    "claim": lambda w, o, _: turns.claim(o, w.case),
    "release": lambda w, o, _: turns.release(o, w.case),
    "self_review": _self_review,
    "sign": lambda w, o, t: drafting_unit.sign(o, w.case, Outcome(t["word"]), reason(t)),
    "redo": lambda w, o, t: turns.redo(o, w.case, reason(t)),
    "confirm_scope": lambda w, o, t: MR.confirm_scope(o, w.case, t["word"] == "in", reason(t)),
    "accept": lambda w, o, _: MR.accept(o, w.case),
    "correct": lambda w, o, t: MR.request_correction(o, w.case, ("起草说明",), reason(t)),
    "supply": _supply,
    "return": lambda w, o, t: MR.return_case(o, w.case, reason(t)),
    "consult": _consult,
    "joint_review": _joint_review,
    "reject": lambda w, o, t: MR.reject_finding(o, w.case, t["finding"], reason(t)),
    "comment": _comment,
    "withdraw_opinion": lambda w, o, t: opinions.withdraw_opinion(o, w.case, f"O-{t['number']}", reason(t)),
    "answer": _answer,
    "escalate": _escalate,
    "extend": lambda w, o, t: deadlines.extend(o, w.case, t["days"], reason(t)),
    "suspend": lambda w, o, t: deadlines.suspend(o, w.case, reason(t)),
    "resume": lambda w, o, t: deadlines.resume(o, w.case, reason(t)),
    "ask": lambda w, o, t: staffing.add_reviewer(o, w.case, DEPARTMENT, reason(t)),
    "evaluate": _evaluate,
    "conclude": lambda w, o, t: MR.conclude(o, w.case, Outcome(t["word"]), reason(t), _interests(t)),
    "revise": _revise,
    "withdraw": lambda w, o, t: drafting_unit.withdraw(o, w.case, reason(t)),
    "issue": _issue,
    "editorial": lambda w, o, t: decide_editorial(o, w.case, mended(w.text), reason(t)),
    "effect_check": _effect_check,
    "reopen": lambda w, o, t: sunset.reopen(o, w.case, reason(t)),
    "export": lambda w, o, _: auditor.record_export(o, w.case),
    "migrate": _migrate,
}
