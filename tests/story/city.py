"""A city whose year is told through the acts themselves, in this process: its clock, its officers, its drafts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.calendar.zone import LOCAL_ZONE, local_day
from engine.gate import may_issue
from engine.model import (
    Answer,
    AnswerValue,
    Basis,
    CaseFile,
    Disposition,
    Document,
    DraftKind,
    ExceptionClaim,
    Gate,
    Outcome,
    Role,
    Treatment,
    Trigger,
    Verdict,
)
from engine.standards import load_standards
from engine.store import Store, open_store
from reviewers import deadlines, drafting_unit, market_regulator
from reviewers.conclusions import gate_question
from reviewers.drafting_unit import Packet, Request
from reviewers.firings import SYSTEM, Ticked
from reviewers.office import Office, Upload, stored_document
from reviewers.reviewing import ReviewForm
from reviewers.roster import Profile, load_profile
from reviewers.samples import Sample
from reviewers.samples.forms import joint_form, self_form
from reviewers.ticking import tick

Materials = tuple[tuple[str, Upload], ...]
NOTE: Materials = (("drafting_note", Upload("起草说明.txt", "制定的必要性和依据。".encode())),)


def notice(*clauses: str) -> Upload:
    """A short notice with these clauses."""
    numbered = "\n".join(f"{number}、{clause}" for number, clause in zip("一二三四五六", clauses, strict=False))
    return Upload("通知.txt", f"关于有关事项的通知\n各县（区）人民政府：\n{numbered}\n".encode())


@dataclass
class City:
    """One installation. `now` stands still until an act is done, which takes a minute, or the day is set."""

    home: Path
    profile: Profile = field(init=False)
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    acts: itertools.count[int] = field(default_factory=itertools.count)

    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.profile = load_profile(self.home / "profile")
        self.store = open_store(self.database)

    @property
    def database(self) -> Path:
        return self.home / "shuangshen.db"

    def on(self, day: date, hour: int = 9) -> None:
        """It is that local day at this hour, unless it is later already."""
        begun = datetime.combine(day, datetime.min.time(), LOCAL_ZONE) + timedelta(hours=hour)
        self.now = max(self.now, begun.astimezone(UTC))

    def by(self, officer: str) -> Office:
        """The office in which this officer acts a minute later; done again it does the same, salts and all."""
        self.now += timedelta(minutes=1)
        who = SYSTEM if officer == SYSTEM.id else self.profile.officer(officer)
        command = f"year-{next(self.acts)}"
        secret = command.encode().ljust(16, b"-")
        return Office(self.store, self.profile, load_standards(), who, self.now, command, secret=secret)

    def one(self, role: Role, unit: str | None = None, number: int = 0) -> str:
        """The id of the officer of this role, the first of the unit unless told otherwise."""
        return self.profile.officers_with(role, unit)[number].id

    def tick(self) -> Ticked:
        return tick(self.by(SYSTEM.id), self.database)

    def file(self, case: str) -> CaseFile:
        with self.store.work() as work:
            return work.case_file(case)

    def document(self, case: str) -> Document:
        with self.store.work() as work:
            return stored_document(work, work.case_file(case))

    def verdict(self, case: str) -> Verdict:
        """The gate's verdict on the case today."""
        return may_issue(gate_question(self.file(case), load_standards(), on=local_day(self.now)))


@dataclass
class Matter:
    """One draft of one unit on its way; each method is what somebody does with it in the usual way."""

    city: City
    unit: str
    draft: Upload = field(default_factory=lambda: notice("简化办事程序。"))
    sample: Sample | None = None
    id: str = ""

    @property
    def file(self) -> CaseFile:
        return self.city.file(self.id)

    @property
    def stage(self) -> str:
        return self.file.case.stage

    def drafting(self, role: Role) -> Office:
        return self.city.by(self.city.one(role, self.unit))

    def joint(self, number: int = 0) -> Office:
        return self.city.by(self.city.one(Role.REGULATOR, None, number))

    def lead(self) -> Office:
        return self.city.by(self.city.one(Role.JOINT_LEAD))

    def submitted(self, *, note: bool = True, extra: Materials = (), **told: Any) -> Matter:
        request = Request(Trigger.GOVERNMENT_ISSUED, DraftKind.POLICY_DOCUMENT, "关于有关事项的通知")
        if self.sample:
            self.draft = Upload(self.sample.draft.name, self.sample.draft.read_bytes())
            request = Request(self.sample.trigger, self.sample.kind)
        packet = Packet(self.draft, (*(NOTE if note else ()), *extra))
        drafter = self.drafting(Role.DRAFTER)
        self.id = drafting_unit.submit(drafter, packet, replace(request, **told)).case_id
        return self

    def self_reviewed(self, edit: Callable[[ReviewForm], ReviewForm] = lambda form: form) -> Matter:
        form = self_form(self.file, self.sample.consultation if self.sample else None)
        drafting_unit.self_review(self.drafting(Role.DRAFTING_REVIEWER), self.id, edit(form))
        return self

    def signed(self, outcome: Outcome = Outcome.COMPLIANT) -> Matter:
        drafting_unit.sign(self.drafting(Role.DRAFTING_HEAD), self.id, outcome, "初审意见")
        return self

    def accepted(self) -> Matter:
        market_regulator.accept(self.joint(), self.id)
        return self

    def jointly_reviewed(self, edit: Callable[[ReviewForm], ReviewForm] = lambda form: form) -> Matter:
        situations = self.sample.expected if self.sample else ()
        form = edit(joint_form(self.file, self.city.document(self.id), situations))
        for number in range(self.city.profile.practice.reviewers["co_review"]):
            market_regulator.joint_review(self.joint(number), self.id, form)
        return self

    def concluded(self, outcome: Outcome = Outcome.COMPLIANT) -> Matter:
        market_regulator.conclude(self.lead(), self.id, outcome, "会审意见")
        return self

    def revised(self, draft: Upload, sample: Sample | None = None) -> Matter:
        drafting_unit.revise(self.drafting(Role.DRAFTER), self.id, Packet(draft, NOTE), "按意见修改")
        self.draft, self.sample = draft, sample
        return self

    def issued(self, text: Upload | None = None) -> Matter:
        drafting_unit.issue(self.drafting(Role.DRAFTER), self.id, text or self.draft)
        return self

    def due(self) -> date | None:
        """The last day of what the case waits for now."""
        ((_, reckoning), *_) = deadlines.reckonings(self.lead(), self.id)
        return reckoning.due_on if reckoning else None


def hit(
    item: str,
    treatment: Treatment,
    findings: Sequence[str],
    basis: Basis | None = None,
    claim: ExceptionClaim | None = None,
) -> Callable[[ReviewForm], ReviewForm]:
    """Answers 是 to one item of clause 一 and gives it, and every finding, this treatment."""

    def edit(form: ReviewForm) -> ReviewForm:
        yes = Answer(item, AnswerValue.HIT, ("一",), "", "限定对象", "删除")
        answers = tuple(yes if answer.item == item else answer for answer in form.answers)
        told = tuple(Disposition(target, treatment, "见说明", basis) for target in (*findings, item))
        return ReviewForm(
            "见说明", answers, told, form.consultation, claim if form.consultation else None, form.interests
        )

    return edit


def findings(file: CaseFile) -> tuple[str, ...]:
    """The machine's findings on the present text."""
    return tuple(finding.id for finding in file.screenings[-1].findings)


GATES = (Gate.SELF_REVIEW, Gate.JOINT_REVIEW)
