"""The temporary installation of a simulated year, its people, and what is open, day after day."""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from statistics import fmean, median, quantiles

from engine.calendar import load_calendar
from engine.calendar.zone import LOCAL_ZONE
from engine.errors import InvalidInput
from engine.model import Officer, Role
from engine.store import create_store, reads, verify_store
from reviewers.roster import load_profile, shipped_profile
from reviewers.simulation.hand import Draft, Hand
from reviewers.simulation.plan import (
    MINUTES,
    OF_THE_UNIT,
    SIMULATED,
    WAITS,
    Plan,
    Queue,
    Result,
    StepTime,
    staffed,
)

MORNING, EVENING, DAY_MINUTES = 9 * 60, 17 * 60, 420
IDLE = 30
"""Minutes after which somebody without work looks again."""
PATIENCE = 250
"""Working days after the last arrival at which what is still open is left open."""
SPREAD = 0.5
"""Sigma of the logarithm of the time one piece of work takes."""


@dataclass(slots=True)
class _Work:
    """An open task as somebody has to do it; `minutes` are those left, `worker` who has begun."""

    case: str
    element: str
    role: Role
    unit: str
    task: str
    due_on: date | None
    opened: int
    ready: int
    minutes: float
    worker: str = ""

    @property
    def place(self) -> tuple[Role, str]:
        """Where it waits: the role, and the unit where each unit has its own."""
        return self.role, self.unit if self.role in OF_THE_UNIT else ""


@dataclass(frozen=True, slots=True)
class _Done:
    element: str
    days: int
    late: bool


class Town:
    """The temporary installation, its people and what is open, day after day. Days are numbered working days."""

    def __init__(self, plan: Plan, room: Path) -> None:
        self.plan = plan
        self.random = Random(f"{plan.seed}/town")  # noqa: S311  nothing secret is drawn
        self.profile = staffed(load_profile(shipped_profile("qingyang")), plan)
        self.path = room / "shuangshen.db"
        self.hand = Hand(create_store(self.path), self.profile, load_calendar())
        self.days = self._working_days()
        self.drafts: dict[str, Draft] = {}
        self.opened: dict[str, int] = {}
        self.closed: dict[str, int] = {}
        self.open: defaultdict[tuple[Role, str], dict[tuple[str, str], _Work]] = defaultdict(dict)
        self.done: list[_Done] = []
        self.queues: defaultdict[tuple[str, Role], list[int]] = defaultdict(list)
        self.people = [(officer, officer.roles[0]) for officer in self.profile.officers.values()]

    # ---------------------------------------------------------------- the days

    def _working_days(self) -> list[date]:
        calendar, last = load_calendar(), self.plan.begins + timedelta(days=self.plan.days + 2 * PATIENCE)
        every = (self.plan.begins + timedelta(days=number) for number in range((last - self.plan.begins).days))
        return [day for day in every if calendar.day(day).working]

    def play(self) -> None:
        """Day after day until nothing is open, or patience ends."""
        arrivals = self._arrivals()
        last = max(arrivals)
        for number in range(min(len(self.days), last + PATIENCE)):
            if number > last and not any(self.open.values()):
                return
            self._day(number, arrivals.get(number, 0))

    def _arrivals(self) -> Counter[int]:
        """How many cases arrive on each working day."""
        end = self.plan.begins + timedelta(days=self.plan.days)
        within = [number for number, day in enumerate(self.days) if day < end]
        if not within:
            raise InvalidInput("这段时间没有工作日。", "请用 --days 指定更长的时间。")
        weights = [self.plan.peak if self._month_end(number) else 1.0 for number in within]
        return Counter(self.random.choices(within, weights, k=self.plan.cases))

    def _month_end(self, number: int) -> bool:
        return self.days[number].month != self.days[min(number + 5, len(self.days) - 1)].month

    def _day(self, number: int, arrivals: int) -> None:
        """Arrivals and people take turns by the minute; a task opened in the morning may be done in the afternoon."""
        order = iter(range(10**9))
        left = {officer.id: DAY_MINUTES * self.plan.staff[role].share for officer, role in self.people}
        turns: list[tuple[float, int, Officer | None, Role | None, _Work | None, float]] = []
        for _ in range(arrivals):
            heapq.heappush(turns, (self.random.randint(MORNING, EVENING - 1), next(order), None, None, None, 0))
        for person, his in self.people:
            heapq.heappush(turns, (MORNING, next(order), person, his, None, 0))
        while turns:
            minute, _, officer, role, work, spent = heapq.heappop(turns)
            if officer is None or role is None:
                self._arrive(number, minute)
                continue
            if work is not None:
                self._worked(number, minute, officer, work, spent)
                left[officer.id] -= spent
            chosen = self._choose(officer, role, number) if left[officer.id] >= 1 and minute < EVENING else None
            if chosen is not None:
                chosen.worker = officer.id
                spent = min(chosen.minutes, left[officer.id], EVENING - minute)
                heapq.heappush(turns, (minute + spent, next(order), officer, role, chosen, spent))
            elif left[officer.id] >= 1 and minute + IDLE < EVENING:
                heapq.heappush(turns, (minute + IDLE, next(order), officer, role, None, 0))
        self._count(self.days[number])

    def _count(self, day: date) -> None:
        waiting = Counter(role for (role, _), pile in self.open.items() for _ in pile)
        for role in SIMULATED:
            self.queues[f"{day:%Y-%m}", role].append(waiting[role])

    # ---------------------------------------------------------------- one piece of work

    def _arrive(self, number: int, minute: float) -> None:
        units = sorted({officer.unit for officer, role in self.people if role is Role.DRAFTER})
        draft = Draft.drawn(len(self.drafts), self.plan.seed, self.plan.rates, self.random.choice(units))
        case = self.hand.submit(draft, self._instant(number, minute))
        self.drafts[case] = draft
        self.opened[case] = number
        self._look(case, number)

    def _worked(self, number: int, minute: float, officer: Officer, work: _Work, spent: float) -> None:
        work.minutes -= spent
        if work.minutes >= 1:
            return
        self.hand.act(work.case, work.element, self.drafts[work.case], officer, self._instant(number, minute))
        late = work.due_on is not None and self.days[number] > work.due_on
        self.done.append(_Done(work.element, number - work.opened, late))
        self._look(work.case, number, work)

    def _choose(self, officer: Officer, role: Role, number: int) -> _Work | None:
        """What he has begun, else what is due first of what he may do."""
        fitting = [
            work
            for work in self.open[role, officer.unit if role in OF_THE_UNIT else ""].values()
            if work.ready <= number and work.worker in ("", officer.id)
            if work.element != "co_review" or officer.id not in self.drafts[work.case].reviewed
        ]
        return min(fitting, key=lambda w: (not w.worker, w.due_on or date.max, w.opened, w.case, w.task), default=None)

    def _look(self, case: str, number: int, finished: _Work | None = None) -> None:
        """The open tasks of the case, read from the store again.

        Of several equal tasks the process closes the first, whichever was worked at: the one finished takes the place
        of the one that is gone, with whoever has begun it.
        """
        rows = {row["task"]: row for row in reads.open_tasks(self.path, case)}
        known = {work.task: work for pile in self.open.values() for work in pile.values() if work.case == case}
        gone = [task for task in known if task not in rows]
        for task in gone:
            del self.open[known[task].place][case, task]
        if finished is not None and finished.task in rows:
            still = known[gone[0]]
            still.task = finished.task
            self.open[still.place][case, still.task] = still
        for task in sorted(rows.keys() - known.keys()):
            work = self._work(case, rows[task], number)
            self.open[work.place][case, task] = work
        if not rows:
            self.closed[case] = number

    def _work(self, case: str, row: reads.Found, number: int) -> _Work:
        element, draft = row["element"], self.drafts[case]
        waits = round(WAITS.get(element, 0) * self._about())
        due_on = date.fromisoformat(row["due_on"]) if row["due_on"] else None
        minutes = max(1.0, round(MINUTES.get(element, 60) * self._about()))
        return _Work(case, element, Role(row["role"]), draft.unit, row["task"], due_on, number, number + waits, minutes)

    def _about(self) -> float:
        return math.exp(self.random.gauss(0, SPREAD))

    def _instant(self, number: int, minute: float) -> datetime:
        midnight = datetime.combine(self.days[number], time(0), LOCAL_ZONE)
        return (midnight + timedelta(minutes=minute)).astimezone(UTC)

    # ---------------------------------------------------------------- what came of it

    def result(self) -> Result:
        """The numbers, after the trail has been verified."""
        stages = Counter(reads.case_row(self.path, case)["stage"] for case in self.drafts)
        whole = [self.closed[case] - self.opened[case] for case in self.closed]
        return Result(
            plan=self.plan,
            ends=dict(sorted(stages.items())),
            rounds=round(fmean(draft.round for draft in self.drafts.values()), 2),
            case_median=median(whole) if whole else 0,
            case_p90=_p90(whole),
            overdue=round(fmean(done.late for done in self.done), 4) if self.done else 0,
            steps=tuple(self._steps()),
            queues=tuple(
                Queue(month, role, round(fmean(counts), 1), max(counts))
                for (month, role), counts in self.queues.items()
            ),
            events=verify_store(self.path).size,
        )

    def _steps(self) -> Iterator[StepTime]:
        for element in MINUTES:
            own = [done for done in self.done if done.element == element]
            if own:
                days = [done.days for done in own]
                late = round(fmean(done.late for done in own), 4)
                yield StepTime(element, len(own), median(days), _p90(days), late)


def _p90(values: list[int]) -> float:
    return quantiles(values, n=10)[-1] if len(values) > 1 else float(sum(values))
