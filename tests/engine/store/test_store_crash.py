"""Two at once, and the power gone at any statement: one wins, nothing is half-written, a retry does it once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import Database
from store_cases import submit

from engine.store import Store, create_store, open_store, verify_store
from engine.store.reads import events, find_cases, queue
from engine.store.sqlite import sqlite3

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)])}

CONCLUDE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, create_engine, event
from store_cases import conclude
from engine.store import open_store, postgres  # once for all children

create_engine("postgresql+psycopg://")

def conclude_and_die(left):
    def step(*_):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, moment, step)
    conclude(open_store(Path(sys.argv[1])), command="the same")
    os._exit(0)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        conclude_and_die(int(line))
    print(os.waitpid(child, 0)[1], flush=True)
"""

CLAIM = """
import sys
from dataclasses import replace
from pathlib import Path
from store_cases import an_act
from engine.errors import Busy, Conflict
from engine.store import open_store

path, me, started_from = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
store = open_store(path)
with store.work() as work:
    stale = work.case("2026-0001")
print("ready", flush=True)
sys.stdin.readline()
try:
    with store.work() as work:
        case = stale if started_from == "stale" else work.case("2026-0001")
        if started_from == "fresh" and work.holder("2026-0001", "self_review"):
            raise Conflict("taken")
        turns = [replace(turn, holder=me) for turn in work.open_turns("2026-0001")]
        work.save(case, an_act(f"claim by {me}", "claim"), turns=turns)
    print("won")
except (Conflict, Busy) as refusal:
    print(refusal.code)
"""

Deadly = Callable[[int], int]


@pytest.fixture
def store(database: Database) -> Store:
    store = database.new_store()
    submit(store)
    return store


@pytest.fixture
def conclude_until(store: Store) -> Iterator[Deadly]:
    """Conclude in a process of its own that is killed at the given moment; gives how it ended."""
    command = [sys.executable, "-c", CONCLUDE_AND_DIE, str(store.path)]
    with subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forker:

        def run(moment: int) -> int:
            assert forker.stdin is not None
            assert forker.stdout is not None
            forker.stdin.write(f"{moment}\n")
            forker.stdin.flush()
            return int(forker.stdout.readline())

        yield run


def acts(path: Path) -> list[str]:
    return [event["act"] for event in events(path)]


def test_killed_at_any_moment_nothing_is_half_written_and_a_retry_does_it_once(
    store: Store, conclude_until: Deadly, database: Database
) -> None:
    moment, step = 1, 1 if database.name == "sqlite" else 4  # a server forgets as one whoever hangs up
    while conclude_until(moment) == signal.SIGKILL:
        assert acts(store.path) == ["submit"]
        assert verify_store(store.path).size == 1
        assert [task["element"] for task in queue(store.path)] == ["self_review"]
        moment += step
    assert moment > 30
    assert acts(store.path) == ["submit", "conclude"]
    assert verify_store(store.path).size == 2
    with open_store(store.path).work() as work:
        receipt = work.repeated("the same", "digest of the same")
    assert receipt is not None
    assert (receipt.event_seq, receipt.repeated) == (2, True)


def test_pages_left_half_written_are_rolled_back_by_whoever_reads_next(tmp_path: Path) -> None:
    """The files as they lie on disk in the middle of a large commit, read in another place."""
    store = create_store(tmp_path / "review.db")
    submit(store)
    raw = sqlite3.connect(store.path, isolation_level=None)
    raw.execute("PRAGMA cache_size=5")
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("UPDATE case_ SET title = 'half', stage = 'half'")
    for number in range(50):
        raw.execute("INSERT INTO content VALUES (printf('%064d', ?), 4000, zeroblob(4000))", (number,))
    (tmp_path / "crashed").mkdir()
    for path in tmp_path.glob("review.db*"):
        shutil.copy(path, tmp_path / "crashed" / path.name)
    raw.close()
    crashed = tmp_path / "crashed" / "review.db"
    assert len(list(crashed.parent.iterdir())) > 1
    assert [case["stage"] for case in find_cases(crashed)] == ["self_review"]
    assert verify_store(crashed) == verify_store(store.path)


@pytest.mark.parametrize(
    ("database", "started_from"),
    [("sqlite", "fresh"), ("sqlite", "stale"), ("postgresql", "fresh")],
    indirect=["database"],
)
def test_of_two_claiming_the_same_task_exactly_one_wins(store: Store, started_from: str) -> None:
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, str(store.path), me, started_from],
            env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for me in ("li", "zhao")
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    said = []
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        said.append(worker.communicate()[0].strip())
    assert sorted(said) == ["conflict", "won"]
    winner = ("li", "zhao")[said.index("won")]
    assert [task["holder"] for task in queue(store.path)] == [winner]
    assert acts(store.path) == ["submit", "claim"]
    verify_store(store.path)
