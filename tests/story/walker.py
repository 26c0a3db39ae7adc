"""A walk over all acts of the flow on a real store: random officers, random acts, right and wrong ones.

After every act the store is opened anew and the reloaded position compared with the hand-written table. Called by
`test_walk.py` for a few hundred steps and by `bench/walk.py` for ten thousand.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from city import NOTE, City, Matter, notice
from deeds import DEEDS, Disagreement, Told
from refusals_due import refusals
from walking import ENDS, MOVES, OPEN, TABLE, TAKES, WHO, Table

from engine import process
from engine.calendar.zone import local_day
from engine.errors import FairReviewError
from engine.model import DraftKind, Level, PolicyField, Role, Trigger
from engine.store import open_store, reads
from reviewers import drafting_unit
from reviewers.drafting_unit import Packet, Request
from reviewers.office import Upload, load_bundle
from reviewers.supervision import processes

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
UNIT = "jtj"
MOVER = "yi.dong"
"""Leaves the drafting unit for the regulator now and then, and comes back: he must not act on both sides of a case."""
CAST = (
    "lin.peng", "luo.dan", "fang.ming", "xie.jianping", "chen.tao", "zhao.xin", "qin.yu", "shi.lei", "bai.xue",
    "lu.mingda", "pan.ning", "kong.qing", "gao.yuan", "li.na", "wang.jianjun", MOVER, MOVER, "luo.dan",
    "pan.ning", "pan.ning",
)  # fmt: skip
"""Those of whom separation is asked, having several roles or a deputyship, come more often."""
JOINED = """
[[officers]]
id = "fang.ming"
name = "方明"
unit = "jtj"
roles = ["drafting_reviewer"]

[[officers]]
id = "yi.dong"
name = "易东"
unit = "jtj"
roles = ["drafter", "drafting_reviewer", "drafting_head"]

[[deputies]]
officer = "xie.jianping"
deputy = "luo.dan"
from = 2026-03-10
to = 2026-04-10
"""
LAMPS = "全市公共机构应当统一采购本市注册企业生产的节能灯具。"
ACTS = (
    "claim", "release", "self_review", "sign", "redo", "confirm_scope", "accept", "correct", "supply", "return",
    "consult", "joint_review", "reject", "comment", "withdraw_opinion", "answer", "escalate", "extend",
    "suspend", "resume", "ask", "evaluate", "conclude", "revise", "withdraw", "editorial", "issue",
    "effect_check", "reopen", "export", "migrate",
)  # fmt: skip
UNTOLD = frozenset({"accept", "claim", "release", "export", "migrate"})
FORWARD = sorted({act for _, act, _ in TABLE} - {"withdraw", "return", "submit", "redo"}) * 3 + ["redo", "return"]
"""The acts that move the case, going back the rarer."""


def settled(home: Path) -> City:
    """A city whose roster has the walkers in it and whose newest process is an edited one."""
    roster = home / "profile" / "officers.toml"
    roster.write_text(roster.read_text(encoding="utf-8") + JOINED, encoding="utf-8")
    city = City(home)
    city.on(date(2026, 3, 2))
    edited = Path(shutil.copytree(WORKFLOWS, home / "流程"))
    path = edited / "self_review.bpmn"
    path.write_text(path.read_text(encoding="utf-8").replace("逐条审查", "逐条自查"), encoding="utf-8")
    Matter(city, "gxj").submitted()
    processes.publish(city.by("lu.mingda"), edited, "改称呼")
    return city


@dataclass
class Walker:
    """One case on its way. `counts` are the steps, acts done, refusals and comparisons that agreed so far."""

    city: City
    random: Random
    counts: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    moved: set[tuple[str, str]] = field(default_factory=set)
    table: Table = field(init=False)
    case: str = ""
    text: Upload = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    # ---------------------------------------------------------------- one step

    def begin(self) -> None:
        """A new case, of one of the kinds there are."""
        pick = self.random.choice
        concerned, department, note = pick((True, True, False)), pick((True, False, False)), pick((True, True, False))
        several = {"self_check": pick((1, 2)), "co_review": pick((1, 1, 2))}
        for_all = not department and pick((True, False))
        practice = replace(self.city.profile.practice, reviewers=several, dual_review_for_all=for_all)
        self.city.profile = replace(self.city.profile, practice=practice)
        self.text = self._text(1)
        trigger = Trigger.DEPARTMENT_ISSUED if department or for_all else Trigger.GOVERNMENT_ISSUED
        routed = pick((False, False, True))
        fields = (PolicyField.PRICE,) if routed else ()
        request = Request(trigger, DraftKind.POLICY_DOCUMENT, "", concerned, "" if concerned else "内部管理", fields)
        packet = Packet(self.text, NOTE if note else ())
        self.case = drafting_unit.submit(self.city.by("lin.peng"), packet, request).case_id
        self.table = Table(self.city.profile, UNIT, several, department, note, routed)
        self.table.acted["lin.peng"] = {"self"}
        self.table.go("submit", "concerned" if concerned else "unconcerned")
        self.moved.add(("", self.table.stage))
        self.agree()

    def step(self) -> None:
        """Time passes, somebody does something, and the store is compared with the table."""
        waits = self.table.stage in ("correct_materials", "passed", "archived") and self.random.random() < 0.2
        self.city.now += timedelta(hours=100 if waits else self.random.choice((0, 0, 0, 1, 1, 4, 20)))
        if self.random.random() < (0.25 if MOVER in self.table.acted else 0.05):
            self._transfer()
        if self.random.random() < 0.03:
            self.city.tick()
        self._attempt(*self._choice())
        self.counts["steps"] += 1
        self.agree()
        if self.table.stage in ENDS and self.random.random() < 0.3:
            self.begin()

    def _choice(self) -> tuple[str, str, Told]:
        """Mostly an act that moves the case, often one that is due to succeed or due to one refusal, else anything."""
        sort, today = self.random.random(), local_day(self.city.now + timedelta(minutes=1))
        number = 1 if 0.65 < sort < 0.85 else 0
        near, acts = self._anything(ACTS), FORWARD
        for attempt in range(480 if sort < 0.85 else 0):
            if 0.45 < sort < 0.75 and attempt % 60 == 0:
                acts = [self.random.choice(ACTS)]  # an act that is rarely possible gets its turn as well
            choice = self._anything(acts)
            if len(refusals(self.table, *choice, today)) == number:
                if number == 0 or self._almost(choice[0], choice[1], today):
                    return choice
                near = choice
        return near

    def _almost(self, act: str, officer: str, on: date) -> bool:
        """Whether he holds a role the act asks for: what forbids it is then something finer."""
        return act in WHO and bool(WHO[act][1] & self.table.roles(officer, on))

    def _anything(self, acts: Sequence[str]) -> tuple[str, str, Told]:
        """An act of these by somebody, often by one who has had a hand in the case already."""
        known = sorted(self.table.acted)
        act, who = self.random.choice(acts), self.random.choice(known if self.random.random() < 0.4 else CAST)
        return act, who, self.told(act)

    def _attempt(self, act: str, officer: str, told: Told) -> None:
        office = self.city.by(officer)
        due = refusals(self.table, act, officer, told, office.today)
        before, where = reads.last_seq(self.city.database), f"{act} {told} by {officer} in {self.table}"
        try:
            DEEDS[act](self, office, told)
        except FairReviewError as refused:
            self.counts["refusals"] += 1
            if type(refused) not in due:
                raise Disagreement(f"refused {refused!r}, due {due}: {where}") from refused
            if reads.last_seq(self.city.database) != before:
                raise Disagreement(f"a refusal has written: {where}") from refused
            return
        if due:
            raise Disagreement(f"not refused, due {due}: {where}")
        self.acts[act] += 1
        self.counts["acts"] += 1
        stage = self.table.stage
        self.table.did(act, officer, told, office.today)
        self.moved |= {(stage, self.table.stage)} & MOVES
        self.text = told["text"] if act == "revise" else self.text

    def _transfer(self) -> None:
        """The mover changes sides; the roster of the day is what everybody goes by."""
        there = self.city.profile.officer(MOVER).unit == UNIT
        unit, roles = ("scjg.jzxt", (Role.REGULATOR, Role.JOINT_LEAD)) if there else (UNIT, tuple(Role)[:3])
        moved = replace(self.city.profile.officer(MOVER), unit=unit, roles=roles)
        self.city.profile = replace(self.city.profile, officers={**self.city.profile.officers, MOVER: moved})
        self.table.profile = self.city.profile

    # ---------------------------------------------------------------- comparison

    def agree(self) -> None:
        """The store opened anew stands where the table does, and so does the position loaded from it."""
        with open_store(self.city.database).work() as work:
            file, tasks = work.case_file(self.case), work.open_turns(self.case)
            plain = process.to_plain(load_bundle(work, file.case.bundle), file.case.position)
        table = self.table
        stored = (file.case.stage, file.case.round, file.case.version, sorted(task.holder for task in tasks))
        said = (table.stage, table.round, table.round, sorted(table.tasks))
        waiting = {TAKES.get(task.element) for task in tasks}
        loaded = (plain["stage"], plain["ended"], sorted(turn["task"] for turn in plain["turns"]))
        position = (table.stage, table.stage in ENDS, sorted(task.task for task in tasks))
        if stored != said or loaded != position or waiting != ({TAKES[table.stage]} if table.stage in OPEN else set()):
            raise Disagreement(f"stored {stored}, loaded {loaded}, table {said}")
        if table.stage == "correct_materials" and tasks[0].due_on != table.due:
            raise Disagreement(f"due {tasks[0].due_on}, by the table {table.due}")
        table.due = tasks[0].due_on if tasks else None
        table.findings = (
            {f.id for f in file.screenings[-1].findings if f.level is Level.BLOCK} if file.screenings else set()
        )
        self.counts["agreements"] += 1

    # ---------------------------------------------------------------- what is told

    def told(self, act: str) -> Told:
        """Something to say with the act: what it needs, sometimes wrong."""
        pick = self.random.choice
        told: Told = {"wrong": act not in UNTOLD and pick((True, *[False] * 9))}
        return told | WORDS.get(act, lambda _: {})(self)

    def _text(self, version: int) -> Upload:
        """Another first clause with every version, sometimes with a clause that blocks."""
        lamps = (LAMPS,) if self.random.choice((True, False, False)) else ()
        return notice(f"办理时限缩短为{version}个工作日。", *lamps)

    def days_on(self, days: int) -> date:
        return local_day(self.city.now) + timedelta(days=days)

    def number(self) -> int:
        """An opinion, perhaps one that was never given."""
        return self.random.randint(
            1, len(self.table.opinions) + (self.random.random() < 0.2 or not self.table.opinions)
        )


CONCLUSIONS = ("compliant", "compliant", "compliant", "exception", "exception", "revise", "must_not_issue")
WORDS: dict[str, Callable[[Walker], Told]] = {
    "self_review": lambda w: {"claim_ends": w.random.choice((None, w.days_on(4), w.days_on(90)))},
    "sign": lambda w: {"word": w.random.choice(CONCLUSIONS)},
    "conclude": lambda w: {"word": w.random.choice(CONCLUSIONS), "conflict": w.random.random() < 0.1},
    "confirm_scope": lambda w: {"word": w.random.choice(("in", "in", "out"))},
    "accept": lambda w: {"word": "routed" if w.table.routed else ""},
    "joint_review": lambda w: {"rejecting": w.random.random() < 0.6, "conflict": w.random.random() < 0.1},
    "consult": lambda w: {"conflict": w.random.random() < 0.1},
    "supply": lambda w: {"note": w.random.random() < 0.7},
    "reject": lambda w: {"finding": w.random.choice((*sorted(w.table.findings), "F-00000000"))},
    "comment": lambda w: {"blocking": w.random.random() < 0.5, "clause": w.random.choice(("一", "全文"))},
    "withdraw_opinion": lambda w: {"number": w.number()},
    "answer": lambda w: {"number": w.number(), "adopted": w.random.choice(("yes", "partly", "no"))},
    "escalate": lambda w: {"number": w.number(), "ruling": w.random.choice(("cleared", "upheld"))},
    "issue": lambda w: {"mended": w.random.random() < (0.7 if w.table.mended else 0.2)},
    "extend": lambda w: {"days": w.random.choice((0, 1, 5, 10, 11))},
    "revise": lambda w: {"note": w.random.random() < 0.5, "text": w._text(w.table.round + 1)},
    "effect_check": lambda w: {
        "kept": w.random.random() < 0.8, "condition_met": w.random.random() < 0.2, "evidence": w.random.random() < 0.5,
    },
    "migrate": lambda w: {"to": w.random.choice((process.load_bundle().hash, ""))},
}  # fmt: skip
