"""Every act killed at every step, on a real installation: `python tests/faults/deaths.py FOLDER [--every N]`.

One case and the matters beside it are led through the acts once; before each act the database is set aside. Then the
act is done again and again from there in a child of its own, which is killed (SIGKILL) before and after every SQL
statement, at every commit, before every file it writes, links, renames or removes, right after the act has been
acknowledged, and (SIGXFSZ) in the middle of writing at every so many bytes of a file. After each death the database
must verify, stand exactly as before the act or exactly as after it, and as after it if the act was acknowledged;
done again with the same command id, it must stand exactly as after it. Prints one JSON line an act.

No threads are started here, because it forks. Called by `test_faults_kills.py` with a sample and by `bench/kills.py`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "story"))

from city import NOTE, City, Matter
from sqlalchemy import Engine, event

from engine.model import Adopted, Role
from engine.store import verify_store
from engine.store.sqlite import sqlite3
from engine.trail.signers import make_sm2_key
from reviewers import auditor, deadlines, drafting_unit, market_regulator, opinions, staffing, turns
from reviewers.desk.setup import initialise
from reviewers.office import Upload
from reviewers.operations.keeping import known_checkpoints
from reviewers.operations.keys import add_key, keys, revoke_key
from reviewers.samples.forms import joint_form
from reviewers.supervision import complaints, ledger, sampling

CASE = "2026-0001"
FILED = {"open", "os.link", "os.mkdir", "os.rename", "os.remove", "sqlite3.connect"}
ACKNOWLEDGED = -1
TWO_AT_ONCE = "two_at_once"
"""Not one act but two: killed between them it must be reported, or nothing is worth reporting."""
SEED = "2026 年 5 月抽查"
Deed = Callable[[City], object]


def _case(do: Callable[[Matter], object]) -> Deed:
    return lambda city: do(Matter(city, "jtj", id=CASE))


def _drafter(city: City) -> Any:
    return city.by(city.one(Role.DRAFTER, "jtj"))


def _lead(city: City) -> Any:
    return city.by(city.one(Role.JOINT_LEAD))


def _regulator(city: City) -> Any:
    return city.by(city.one(Role.REGULATOR))


def _reviewer(city: City) -> Any:
    return city.by(city.one(Role.DRAFTING_REVIEWER, "jtj"))


def _joint_review(city: City, number: int) -> object:
    form = joint_form(city.file(CASE), city.document(CASE), ())
    return market_regulator.joint_review(city.by(city.one(Role.REGULATOR, None, number)), CASE, form)


def _late(city: City) -> City:
    city.on(date(2026, 3, 9))
    return city


DEEDS: tuple[tuple[str, Deed], ...] = (
    ("submit", lambda city: Matter(city, "jtj").submitted(note=False)),
    ("claim", lambda city: turns.claim(_reviewer(city), CASE)),
    ("release", lambda city: turns.release(_reviewer(city), CASE)),
    (TWO_AT_ONCE, lambda city: [turns.claim(_reviewer(city), CASE), turns.release(_reviewer(city), CASE)]),
    ("self_review", _case(Matter.self_reviewed)),
    ("redo", lambda city: turns.redo(city.by(city.one(Role.DRAFTING_HEAD, "jtj")), CASE, "有遗漏")),
    ("self_review_again", _case(Matter.self_reviewed)),
    ("sign", _case(Matter.signed)),
    ("correct", lambda city: market_regulator.request_correction(_regulator(city), CASE, ("起草说明",), "缺起草说明")),
    ("supply", lambda city: drafting_unit.supply(_drafter(city), CASE, NOTE)),
    ("accept", _case(Matter.accepted)),
    ("comment", lambda city: opinions.comment(_regulator(city), CASE, opinions.Comment("标题应当修改", blocking=True))),
    ("answer", lambda city: opinions.answer_opinion(_drafter(city), CASE, "O-1", Adopted.NO, "标题准确")),
    ("withdraw_opinion", lambda city: opinions.withdraw_opinion(_regulator(city), CASE, "O-1", "同意说明")),
    ("extend", lambda city: deadlines.extend(_lead(city), CASE, 5, "案情复杂")),
    ("suspend", lambda city: deadlines.suspend(_regulator(city), CASE, "委托评估")),
    ("resume", lambda city: deadlines.resume(_regulator(city), CASE, "评估完成")),
    ("reviewer_add", lambda city: staffing.add_reviewer(_lead(city), CASE, "bai.xue", "案情复杂")),
    ("reviewer_skip", lambda city: staffing.skip_reviewer(_lead(city), CASE, "bai.xue", "人手不够")),
    ("joint_review", lambda city: _joint_review(city, 0)),
    ("joint_review_second", lambda city: _joint_review(city, 1)),
    ("conclude", _case(Matter.concluded)),
    ("export", lambda city: auditor.record_export(city.by(city.one(Role.AUDITOR)), CASE)),
    ("issue", _case(Matter.issued)),
    ("complaint_file", lambda city: complaints.file(_regulator(city), "某通知", "限定本地企业", "社会监督员")),
    ("complaint_accept", lambda city: complaints.accept(_lead(city), "JB-2026-0001", "")),
    ("complaint_conclude", lambda city: complaints.conclude(
        _lead(city), "JB-2026-0001", True, "执行中限定", "jtj", "停止限定", date(2026, 10, 30))),
    ("ledger_progress", lambda city: ledger.progress(_drafter(city), "TZ-2026-0001", "已停止限定")),
    ("ledger_close", lambda city: ledger.close(
        _lead(city), "TZ-2026-0001", (Upload("停止通知.txt", "已停止。".encode()),), "证据齐全")),
    ("sample_commit", lambda city: sampling.commit(_lead(city), sha256(SEED.encode()).hexdigest(), "2026-05")),
    ("key_add", lambda city: add_key(_lead(city), "qin.yu", (city.home / "officer.pub").read_text())),
    ("key_revoke", lambda city: revoke_key(_lead(city), keys(city.database)[0].id, "电脑遗失")),
    ("second_submit", lambda city: Matter(city, "gxj").submitted()),
    ("tick", lambda city: _late(city).tick()),
    ("withdraw", lambda city: drafting_unit.withdraw(city.by(city.one(Role.DRAFTER, "gxj")), "2026-0002", "不再制定")),
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """One act to be killed: where the city stood before it, and the database before and after it."""

    name: str
    deed: Deed
    now: datetime
    acts: int
    before: Path
    after: Path


@dataclass
class Report:
    """What an act's deaths have shown."""

    act: str
    steps: int = 0
    kills: int = 0
    undone: int = 0
    done: int = 0
    faults: list[str] | None = None

    def fault(self, moment: str, what: str) -> None:
        self.faults = [*(self.faults or []), f"{moment}: {what}"]


def told(folder: Path) -> tuple[City, list[Stage]]:
    """The city whose story has been told once, and the stages of it."""
    city = City(initialise(folder / "home", "qingyang"))
    make_sm2_key(city.home / "officer")
    city.on(date(2026, 3, 2))
    stages = []
    for number, (name, deed) in enumerate(DEEDS):
        before, after = folder / f"{number}-before.db", folder / f"{number}-after.db"
        shutil.copy(city.database, before)
        acts = next(city.acts)
        city.acts = itertools.count(acts)
        stages.append(Stage(name, deed, city.now, acts, before, after))
        deed(city)
        shutil.copy(city.database, after)
    return city, stages


def contents(database: Path) -> dict[str, list[Any]]:
    """Every row of every table."""
    raw = sqlite3.connect(database)
    names = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {name: sorted(raw.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}  # noqa: S608
    raw.close()
    return found


def done(city: City, stage: Stage) -> None:
    """The act, exactly as it was done when the story was told."""
    city.now, city.acts = stage.now, itertools.count(stage.acts)
    stage.deed(city)


def set_back(city: City, stage: Stage) -> None:
    """The installation as it was before the act."""
    for left in city.home.glob("shuangshen.db*"):
        left.unlink()
    shutil.rmtree(city.home / "checkpoints", ignore_errors=True)
    shutil.copy(stage.before, city.database)


def _die_at(moment: int) -> Callable[[], int]:
    """Kills this process at this step of it from now on, 0 never; the answer tells how many there were."""
    count = itertools.count(1)

    def step(*_: object) -> None:
        if next(count) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(name: str, arguments: tuple[Any, ...]) -> None:
        if name in FILED and not (name == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            step()

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, name, step)
    sys.addaudithook(audit)
    return lambda: next(count) - 1


def _child(city: City, stage: Stage, moment: int, limit: int, told: int) -> None:
    """In the child: the act, killed at this step or when a file grows beyond this limit; then its acknowledgement."""
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    steps = _die_at(moment)
    done(city, stage)
    os.write(told, str(steps()).encode())
    if moment == ACKNOWLEDGED:
        os.kill(os.getpid(), signal.SIGKILL)


def died(city: City, stage: Stage, moment: int = 0, limit: int = 0) -> tuple[bool, int]:
    """Whether the child was killed, and in how many steps it did the act; 0 when it did not come to acknowledge it."""
    listening, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _child(city, stage, moment, limit, told)
        except BaseException:
            traceback.print_exc()
            os._exit(99)
        os._exit(0)
    os.close(told)
    said = os.read(listening, 100)
    os.close(listening)
    status = os.waitpid(child, 0)[1]
    if os.waitstatus_to_exitcode(status) > 0:
        raise RuntimeError(f"{stage.name}: the child failed")
    return os.WIFSIGNALED(status), int(said or b"0")


def judged(city: City, stage: Stage, report: Report, moment: str, acknowledged: bool) -> None:
    """What is found after a death, and after the act is done again."""
    try:
        verify_store(city.database, *known_checkpoints(city.database))
        found, before, after = contents(city.database), contents(stage.before), contents(stage.after)
        report.undone, report.done = report.undone + (found == before), report.done + (found == after)
        if found not in (before, after):
            report.fault(moment, "half-written")
        if acknowledged and found != after:
            report.fault(moment, "acknowledged and lost")
        done(city, stage)
        verify_store(city.database, *known_checkpoints(city.database))
        if contents(city.database) != after:
            report.fault(moment, "done again, something else came of it")
    except Exception as error:  # whatever it is, it is a finding about this moment
        report.fault(moment, repr(error))


def killed(city: City, stage: Stage, every: int) -> Report:
    """The act killed at every so many of its steps, and after its acknowledgement."""
    report = Report(stage.name)
    set_back(city, stage)
    _, report.steps = died(city, stage)
    for moment, limit in _moments(report.steps, stage, every):
        set_back(city, stage)
        dead, acknowledged = died(city, stage, moment, limit)
        if dead:
            report.kills += 1
            place = f"byte {limit}" if limit else f"step {moment}"
            judged(city, stage, report, place, bool(acknowledged))
    return report


def _moments(steps: int, stage: Stage, every: int) -> Iterator[tuple[int, int]]:
    yield from ((moment, 0) for moment in range(1, steps + 1, every))
    yield ACKNOWLEDGED, 0
    yield from ((0, limit) for limit in range(100, stage.after.stat().st_size, every * 8192))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--every", type=int, default=1)
    arguments.add_argument("--acts", nargs="*", default=[])
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        city, stages = told(Path(folder))
        for stage in stages:
            if not asked.acts or stage.name in asked.acts:
                print(json.dumps(vars(killed(city, stage, asked.every)), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
