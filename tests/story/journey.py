"""A case in an installation of its own, moved step by step through the command line."""

from __future__ import annotations

import functools
import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from trodden import gone

from engine.calendar.zone import local_day
from engine.model import CaseFile, Document, Gate
from engine.store import open_store
from engine.store.place import place_in
from reviewers.checklist import ReviewForm, filled_form, load_checklist
from reviewers.office import stored_document
from reviewers.samples import Sample, Situation
from reviewers.samples.forms import joint_form, self_form


@dataclass
class Counter:
    """One installation and the officers of the transport bureau and of the market regulator who act in it."""

    run: Callable[..., Any]
    home: Path
    room: Path
    trodden: Path
    copies: itertools.count[int] = field(default_factory=itertools.count)

    def __call__(self, *words: str | Path, by: str = "", home: Path | None = None) -> Any:
        acting = ["--as", by] if by else []
        return self.run(*words, *acting, "--home", home or self.home)

    def file(self, case: str) -> CaseFile:
        with open_store(place_in(self.home)).work() as work:
            return work.case_file(case)

    def document(self, case: str) -> Document:
        with open_store(place_in(self.home)).work() as work:
            return stored_document(work, work.case_file(case))

    def form(self, case: str, gate: Gate, form: ReviewForm) -> Path:
        """A filled form as a file."""
        file = self.file(case)
        checklist = load_checklist(gate, file.case.kind, local_day(file.case.opened_at))
        path = self.room / f"form-{next(self.copies)}.yaml"
        path.write_text(filled_form(checklist, case, file.screenings[-1].findings, form), encoding="utf-8")
        return path

    def copy(self) -> Path:
        """A copy of the installation, to show what would happen without touching this one."""
        return Path(shutil.copytree(self.home, self.room / f"copy-{next(self.copies)}"))


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def stage(step: Callable[..., None]) -> Callable[..., Journey]:
    """A step of the journey; the same step of the same journey is gone once, see `trodden.py`."""

    @functools.wraps(step)
    def taken(journey: Journey, *told: object) -> Journey:
        def go() -> str:
            step(journey, *told)
            return journey.case

        sample = journey.sample
        papers = [digest(path) for path in (sample.draft, sample.drafting_note)]
        way = repr((step.__name__, journey.case, sample, papers, journey.people, told))
        journey.case = gone(journey.counter.trodden, journey.counter.home, way, go)
        return journey

    return taken


@dataclass
class Journey:
    """The usual way of one draft, one method a stage; each asserts that its commands succeed."""

    counter: Counter
    sample: Sample
    people: dict[str, str]
    case: str = ""

    @stage
    def submitted(self, *more: str) -> None:
        s = self.sample
        words = ["submit", s.draft, "--trigger", s.trigger, "--kind", s.kind, "--note", s.drafting_note, "--json"]
        ran = self.counter(*words, *more, by=self.people["drafter"])
        assert ran.code == 0, ran.err
        self.case = ran.json["case_id"]

    @stage
    def self_reviewed(self) -> None:
        form = self.counter.form(
            self.case, Gate.SELF_REVIEW, self_form(self.counter.file(self.case), self.sample.consultation)
        )
        self.done("review", self.case, "--answers", form, by=self.people["reviewer"])

    @stage
    def signed(self) -> None:
        self.done("sign", self.case, "--outcome", "compliant", "--reason", "自查无问题", by=self.people["head"])

    @stage
    def accepted(self) -> None:
        self.done("accept", self.case, by=self.people["regulator"])

    @stage
    def jointly_reviewed(self, situations: tuple[Situation, ...]) -> None:
        file, document = self.counter.file(self.case), self.counter.document(self.case)
        form = self.counter.form(self.case, Gate.JOINT_REVIEW, joint_form(file, document, situations))
        for who in ("regulator", "second_regulator"):
            self.done("review", self.case, "--answers", form, by=self.people[who])

    @stage
    def concluded(self, outcome: str) -> None:
        self.done("conclude", self.case, "--outcome", outcome, "--reason", "会审意见", by=self.people["lead"])

    def revised(self, sample: Sample) -> Journey:
        self.sample = sample
        return self._revised()

    @stage
    def _revised(self) -> None:
        sample = self.sample
        words = ["revise", self.case, sample.draft, "--note", sample.drafting_note, "--reason", "按会审意见修改"]
        self.done(*words, by=self.people["drafter"])

    def done(self, *words: str | Path, by: str) -> None:
        """The words succeed; what changes the installation only is gone once, as the stages are."""

        def go() -> str:
            ran = self.counter(*words, by=by)
            assert ran.code == 0, ran.err
            return self.case

        if words[0] == "export":
            go()
            return
        told = [word if isinstance(word, str) else digest(word) for word in words]
        gone(self.counter.trodden, self.counter.home, repr((told, by)), go)
