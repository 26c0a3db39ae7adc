"""The office an act takes place in: the record, the roster, the law, the acting officer, the hour and the command id.

Every act in `drafting_unit` and `market_regulator` has the same five steps: open the unit of work, ask the process
whose turn it is, check policy and the act's own conditions, build the new records, save. What they share is here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from datetime import date, datetime, timedelta
from functools import wraps
from secrets import token_bytes
from typing import Any, Concatenate, ParamSpec, cast

from engine import process
from engine.calendar import WorkCalendar, load_calendar
from engine.calendar.zone import LOCAL_ZONE, local_day
from engine.documents import read_bytes
from engine.errors import Conflict, NotYourTurn
from engine.model import Case, CaseFile, Document, Officer, Screening, Turn
from engine.process import Bundle, Step
from engine.standards import Standards
from engine.store import Act, Receipt, Store, UnitOfWork
from engine.store.whereabouts import handed_over
from engine.trail.segments import AWAY
from reviewers import policy
from reviewers.clocks import Moment, due_day, moments_of
from reviewers.departments import departments_asked
from reviewers.operations.attesting import attested
from reviewers.operations.keeping import keep_after
from reviewers.roster import Profile
from reviewers.standing_in import principal
from reviewers.timing import Rule, rules_of

P = ParamSpec("P")
Services = Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]]

SLACK = timedelta(minutes=1)
"""How far the clock of one act may lie behind the last event: acts that wait for each other read theirs before."""


@dataclass(frozen=True, slots=True)
class Office:
    """Everything an act needs besides its own arguments. `now` is aware UTC; `command` makes a retry harmless.

    `signer` signs bytes with the officer's own key; `attest` is its answer to one decision (`operations.attesting`);
    `secret` hides what its acts file from whoever would guess it.
    """

    store: Store
    profile: Profile
    standards: Standards
    officer: Officer
    now: datetime
    command: str
    calendar: WorkCalendar = field(default_factory=load_calendar)
    signer: Callable[[bytes], str] | None = None
    attest: Callable[[str], str] | None = None
    secret: bytes = field(default_factory=lambda: token_bytes(16), repr=False)

    @property
    def today(self) -> date:
        """The local calendar day, on which deadlines and the law in force are reckoned."""
        return local_day(self.now)

    def act(self, name: str, digest: str, facts: Mapping[str, Any], text: str = "") -> Act:
        return Act(
            name=name,
            actor=self.officer.id,
            unit=self.officer.unit,
            at=self.now,
            command=self.command,
            facts=facts,
            digest=digest,
            attest=self.attest,
            text=text,
            secret=self.secret,
        )


@dataclass(frozen=True, slots=True)
class Upload:
    """A file handed in: its name without directories and its bytes."""

    filename: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(slots=True)
class Acting:
    """One act on one case, inside an open unit of work."""

    office: Office
    work: UnitOfWork
    name: str
    digest: str
    file: CaseFile
    bundle: Bundle
    document: Document | None = None
    screenings: list[Screening] = field(default_factory=list)
    taken: Turn | None = None

    @property
    def case(self) -> Case:
        return self.file.case

    @property
    def services(self) -> Services:
        """What the process may call by itself: the screening of the text before it, the units to ask about it."""
        return {"screen": self._screen, "departments": self._departments}

    def _departments(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return departments_asked(data["routing"], self.case, self.office.profile)

    def _screen(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        from engine.screening import screen  # what it loads is paid only by acts that screen
        from engine.screening.overlay import load_pack

        document = self.document or stored_document(self.work, self.file)
        rules = load_pack(self.office.profile.overlay)
        result = screen(document, self.office.standards, self.office.today, rules)
        self.screenings.append(result)
        return {"findings": len(result.findings)}

    def turn(self, *elements: str) -> Turn:
        """The open task of these elements this officer may do now; raises NotYourTurn or Refused with the reason."""
        turns = self.work.open_turns(self.case.id)
        waiting = [turn for turn in turns if turn.element in elements]
        if not waiting:
            raise NotYourTurn(
                f"案件 {self.case.id} 现在不等待此项操作，当前环节：{describe_turns(turns, self.case)}。",
                f"运行 shuangshen show {self.case.id} 查看进度。",
            )
        self.taken = policy.pick_turn(self.office.officer, waiting, self.file, self.office.profile, self.office.today)
        return self.taken

    def complete(self, turn: Turn, outcome: Mapping[str, Any]) -> Step:
        """The position after this task is completed with this outcome."""
        return process.complete(
            self.bundle, self.case.position, turn.element, outcome, self.services, instance=turn.instance
        )

    def send(self, message: str, payload: Mapping[str, Any]) -> Step:
        """The position after a message (withdraw, text_changed, archive) has reached the case."""
        return process.send(self.bundle, self.case.position, message, payload, self.services)

    def catches(self, message: str) -> bool:
        """Whether the process version of this case knows the message at all."""
        return any(element.message == message for element in self.bundle.elements.values())

    def save(
        self,
        step: Step,
        facts: Mapping[str, Any],
        records: Sequence[Any] = (),
        contents: Sequence[str] = (),
        **changes: Any,
    ) -> Receipt:
        """Everything of this act in one transaction: position, records, open tasks, event, command id."""
        case = replace(self.case, position=step.position, stage=step.stage, **changes)
        told = {"stage_from": self.case.stage, "stage_to": case.stage, "round": case.round, "version": case.version}
        told |= {**facts, **self._principal()}
        turns, opening = self._timed(step.turns, told)
        act = self._act({**told, **opening})
        return self.work.save(case, act, records=[*records, *self.screenings], turns=turns, contents=contents)

    def note(
        self,
        facts: Mapping[str, Any],
        records: Sequence[Any] = (),
        turns: Sequence[Turn] | None = None,
        contents: Sequence[str] = (),
        **changes: Any,
    ) -> Receipt:
        """An act that moves no task: its records and its event, the case as it was but for the `changes`."""
        act = self._act({"stage_from": self.case.stage, "stage_to": self.case.stage, **facts, **self._principal()})
        case = replace(self.case, **changes)
        return self.work.save(case, act, records=records, turns=turns, contents=contents)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """How the elements of this case's own process are timed here."""
        return rules_of(self.bundle, self.office.profile.practice)

    def moments(self, facts: Mapping[str, Any] | None = None) -> tuple[Moment, ...]:
        """The case's events as its clocks see them; with `facts`, this act is already the last of them."""
        present = {"act": self.name, "at": self.office.now.isoformat(), "facts": facts}
        return moments_of([*self.work.events(self.case.id), *([present] if facts is not None else ())])

    def _act(self, facts: Mapping[str, Any]) -> Act:
        require_clock(self.office, self.work)
        text = self.file.versions[-1].text_sha256 if self.file.versions else ""
        return self.office.act(self.name, self.digest, facts, text)

    def _timed(self, turns: Sequence[Turn], told: Mapping[str, Any]) -> tuple[tuple[Turn, ...], dict[str, Any]]:
        """Open tasks with their due days and holders, and what the trail must know of the clock that starts.

        A task that stays open keeps both; the days in force and the calendar are recorded when one opens.
        """
        before = {(turn.element, turn.instance, turn.task): turn for turn in self.work.open_turns(self.case.id)}
        kept = [before.get((turn.element, turn.instance, turn.task)) for turn in turns]
        if all(kept):
            return tuple(turn for turn in kept if turn), {}
        rules, calendar = self.rules, self.office.calendar
        opening: dict[str, Any] = {"calendar": calendar.version}
        if told["stage_to"] in rules:
            opening["days"] = rules[told["stage_to"]].days
        moments = self.moments({**told, **opening})
        dated = [
            held or replace(turn, due_on=due_day(turn, moments, rules, calendar))
            for turn, held in zip(turns, kept, strict=True)
        ]
        return tuple(dated), opening

    def _principal(self) -> dict[str, str]:
        office = self.office
        return principal(self.name, self.taken, office.officer, office.profile, office.today)


def require_clock(office: Office, work: UnitOfWork) -> None:
    """Raises Conflict when this computer's clock lies behind the last event of the trail: it was set back."""
    latest = work.latest_event()
    if latest is None or office.now >= _at(latest) - SLACK:
        return
    then, now = (at.astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M:%S") for at in (_at(latest), office.now))
    raise Conflict(
        f"本机时间 {now} 早于最后一条留痕（第 {latest['seq']} 号，{then}），时钟可能被调回；本次操作没有写入任何内容。",
        "请校准本机时间后重新办理。",
    )


def _at(event: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])


def act(
    name: str,
) -> Callable[[Callable[Concatenate[Acting, P], Receipt]], Callable[Concatenate[Office, str, P], Receipt]]:
    """Make a function of an `Acting` into an act `(office, case_id, **arguments) -> Receipt`.

    The unit of work is open and the case loaded before the body runs; whatever it raises, nothing is written. When the
    office's command id has already done this very act, its receipt is returned and nothing is done twice.
    """

    def decorate(body: Callable[Concatenate[Acting, P], Receipt]) -> Callable[Concatenate[Office, str, P], Receipt]:
        @wraps(body)
        def perform(office: Office, case_id: str, *args: P.args, **kwargs: P.kwargs) -> Receipt:
            digest = digest_of(name, office.officer.id, case_id, [args, kwargs])

            def once(office: Office) -> Receipt:
                with office.store.work() as work:
                    done = work.repeated(office.command, digest)
                    if done:
                        return done
                    file = work.case_file(case_id)
                    if file.case.stage == AWAY:
                        raise handed_over(case_id)
                    acting = Acting(office, work, name, digest, file, load_bundle(work, file.case.bundle))
                    return body(acting, *args, **kwargs)

            receipt = attested(office, name, once)
            keep_after(name, office.store.path)
            return receipt

        return cast("Callable[Concatenate[Office, str, P], Receipt]", perform)

    return decorate


def digest_of(name: str, actor: str, case_id: str, arguments: Any) -> str:
    """The digest that tells whether a repeated command id carries the same act."""
    told = json.dumps([name, actor, case_id, arguments], ensure_ascii=False, sort_keys=True, default=_told)
    return hashlib.sha256(told.encode()).hexdigest()


def _told(value: Any) -> Any:
    if isinstance(value, Upload):
        return [value.filename, value.sha256]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)


def load_bundle(work: UnitOfWork, bundle_hash: str) -> Bundle:
    """The process definition a case was opened under."""
    return process.bundle_from_bytes(work.bundle(bundle_hash))


def stored_document(work: UnitOfWork, file: CaseFile) -> Document:
    """The present version's document, read again from the stored bytes; raises Conflict if its text has changed."""
    version = file.versions[-1]
    document = read_bytes(work.content(version.sha256), version.filename)
    if document.text_sha256 != version.text_sha256:
        raise Conflict(f"第{version.number}稿重新读取后的文本与入库时不一致。", "请运行 shuangshen trail verify 检查。")
    return document


def describe_turns(turns: Sequence[Turn], case: Case) -> str:
    """Whose turn it is, in words."""
    if not turns:
        return f"已结束（{case.stage}）"
    return "、".join(dict.fromkeys(turn.name for turn in turns))
