"""What the simulated people file and decide: made-up drafts, filled forms, and the acts of the real flow.

The drafts are screened like any other; what an officer answers depends on what was drawn for the draft, not on him.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import TYPE_CHECKING

from engine.calendar import WorkCalendar
from engine.calendar.zone import local_day
from engine.model import (
    Answer,
    AnswerValue,
    Consultation,
    Disposition,
    DraftKind,
    Gate,
    Hearing,
    Officer,
    Outcome,
    Role,
    Treatment,
    Trigger,
)
from engine.standards import load_standards
from engine.store import Store
from reviewers import drafting_unit, market_regulator, turns
from reviewers.checklist import ReviewForm, load_checklist
from reviewers.drafting_unit import Packet, Request
from reviewers.office import Office, Upload
from reviewers.roster import Profile

if TYPE_CHECKING:
    from reviewers.simulation.plan import Rates

NOTE = (("drafting_note", Upload("起草说明.txt", "制定的必要性和依据。".encode())),)
HEARD = Consultation(
    (Hearing("行业协会（模拟）", "association", date(2026, 1, 5), "无异议。", "采纳。"),), False, "模拟文件"
)
LAWFUL = (
    "办理时限由{n}个工作日缩短为{m}个工作日。",
    "办事指南在政府网站公开，{m}个工作日内答复咨询。",
    "各有关部门于每季度结束后{m}日内公布办理情况。",
    "窗口实行首问负责，提供预约和帮办服务，每周不少于{m}天。",
)
UNLAWFUL = (
    "全市公共机构应当统一采购本市注册企业生产的节能灯具。",
    "年纳税额超过{n}百万元的企业，按照其地方留成部分的百分之四十给予奖励。",
    "投标人注册地在本市的得{m}分，其他投标人不得分。",
)


@dataclass(slots=True)
class Draft:
    """One made-up draft and what will become of it.

    `reviewed` are the joint reviewers of the present round; `questions` are the findings on its text, the kind of
    draft and the day it was filed, once they have been looked up: what a form is filled from.
    """

    number: int
    unit: str
    random: Random
    problem: bool
    noted: bool
    concerned: bool
    again: float
    redone: float
    withdrawn: float
    round: int = 1
    reviewed: set[str] = field(default_factory=set)
    questions: tuple[tuple[str, ...], DraftKind, date] | None = None

    @classmethod
    def drawn(cls, number: int, seed: int, rates: Rates, unit: str) -> Draft:
        """The draft of this number under this seed, whatever the others are."""
        random = Random(f"{seed}/{number}")  # noqa: S311  nothing secret is drawn
        chances = [random.random() for _ in range(3)]
        return cls(
            number=number,
            unit=unit,
            random=random,
            problem=chances[0] < rates.blocked,
            noted=chances[1] >= rates.incomplete,
            concerned=chances[2] >= rates.unconcerned,
            again=rates.again,
            redone=rates.redone,
            withdrawn=rates.withdrawn,
        )

    def happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def text(self) -> Upload:
        """The words of the present round, unlike those of any other draft or round."""
        n, m = self.random.randint(5, 30), self.random.randint(1, 4)
        clauses = [clause.format(n=n, m=m) for clause in self.random.sample(LAWFUL, 3)]
        if self.problem:
            clauses.insert(1, self.random.choice(UNLAWFUL).format(n=n, m=m))
        lines = "\n".join(f"{number}、{clause}" for number, clause in zip("一二三四", clauses, strict=False))
        title = f"关于第{self.number + 1}号事项的通知（第{self.round}稿）"
        return Upload("草案.txt", f"{title}\n各县（区）人民政府：\n{lines}\n".encode())


@dataclass(slots=True)
class Hand:
    """Does the acts in the temporary store, each with a command id of its own."""

    store: Store
    profile: Profile
    calendar: WorkCalendar
    acts: int = 0

    def submit(self, draft: Draft, at: datetime) -> str:
        """The id of the case the draft was filed as."""
        request = Request(
            Trigger.GOVERNMENT_ISSUED,
            DraftKind.POLICY_DOCUMENT,
            "",
            draft.concerned,
            "" if draft.concerned else "内部管理",
        )
        packet = Packet(draft.text(), NOTE if draft.noted else ())
        return drafting_unit.submit(self._office(self._one(Role.DRAFTER, draft.unit), at), packet, request).case_id

    def act(self, case: str, element: str, draft: Draft, officer: Officer, at: datetime) -> None:
        """The officer has done what the case waited for at this element."""
        ACTS[element](self, self._office(officer, at), case, draft)

    def form(self, case: str, gate: Gate, draft: Draft, treatment: Treatment) -> ReviewForm:
        """Every item 否, every finding treated so: the simulation counts work, it does not judge."""
        if draft.questions is None:
            with self.store.work() as work:
                file = work.case_file(case)
            found = tuple(finding.id for finding in file.screenings[-1].findings)
            draft.questions = found, file.case.kind, local_day(file.case.opened_at)
        found, kind, opened_on = draft.questions
        checklist = load_checklist(gate, kind, opened_on)
        answers = tuple(Answer(question.item, AnswerValue.NO_HIT) for question in checklist.questions)
        told = tuple(Disposition(finding, treatment, "模拟意见") for finding in found)
        heard, interests = (HEARD, "") if gate is Gate.SELF_REVIEW else (None, "无")
        return ReviewForm("模拟意见", answers, told, heard, None, interests)

    def _one(self, role: Role, unit: str) -> Officer:
        return self.profile.officers_with(role, unit)[0]

    def _office(self, officer: Officer, at: datetime) -> Office:
        self.acts += 1
        command = f"simulated-{self.acts}"
        return Office(self.store, self.profile, load_standards(), officer, at, command, self.calendar)


def _confirm_scope(_: Hand, office: Office, case: str, draft: Draft) -> None:
    market_regulator.confirm_scope(office, case, draft.happens(0.3), "模拟意见")


def _self_check(hand: Hand, office: Office, case: str, draft: Draft) -> None:
    drafting_unit.self_review(office, case, hand.form(case, Gate.SELF_REVIEW, draft, Treatment.OBJECTION))


def _sign_off(_: Hand, office: Office, case: str, draft: Draft) -> None:
    if draft.happens(draft.redone):
        turns.redo(office, case, "模拟意见")
    else:
        drafting_unit.sign(office, case, Outcome.COMPLIANT, "模拟意见")


def _accept(_: Hand, office: Office, case: str, draft: Draft) -> None:
    if draft.noted:
        market_regulator.accept(office, case)
    else:
        market_regulator.request_correction(office, case, ("起草说明",), "模拟意见")


def _correct(_: Hand, office: Office, case: str, draft: Draft) -> None:
    drafting_unit.supply(office, case, NOTE)
    draft.noted = True


def _co_review(hand: Hand, office: Office, case: str, draft: Draft) -> None:
    treatment = Treatment.CONFIRMED if draft.problem else Treatment.REJECTED
    market_regulator.joint_review(office, case, hand.form(case, Gate.JOINT_REVIEW, draft, treatment))
    draft.reviewed.add(office.officer.id)


def _conclude(_: Hand, office: Office, case: str, draft: Draft) -> None:
    draft.reviewed.clear()
    if draft.happens(draft.redone):
        turns.redo(office, case, "模拟意见")
    else:
        outcome = Outcome.REVISE if draft.problem else Outcome.COMPLIANT
        market_regulator.conclude(office, case, outcome, "模拟意见")


def _revise(_: Hand, office: Office, case: str, draft: Draft) -> None:
    if draft.happens(draft.withdrawn):
        drafting_unit.withdraw(office, case, "模拟意见")
        return
    draft.round, draft.questions = draft.round + 1, None
    draft.problem = draft.happens(draft.again)
    drafting_unit.revise(office, case, Packet(draft.text(), NOTE), "模拟意见")


ACTS: Mapping[str, Callable[[Hand, Office, str, Draft], None]] = {
    "confirm_scope": _confirm_scope,
    "self_check": _self_check,
    "sign_off": _sign_off,
    "accept": _accept,
    "correct_materials": _correct,
    "co_review": _co_review,
    "conclude": _conclude,
    "revise": _revise,
}
