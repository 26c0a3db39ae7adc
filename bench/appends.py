"""How many acts a second are durable, and how much of that is the disk: `python bench/appends.py [--postgresql]`.

Each clerk is a process of its own and does acts on cases of his own through `UnitOfWork.save`, one a transaction. The
floor is a row of three kilobytes committed by as many clerks with nothing of ours around it: first on the disk, then in
memory, where a commit waits for nothing and only the software's share is left.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from claims import opened
from trail import one_act

from engine.errors import Busy
from engine.store import Store, create_store, open_store, verify_store
from engine.store.connection import connect
from engine.store.place import is_remote, url_at
from engine.store.sqlite import sqlite3, wal_is_safe

MEMORY = Path("/dev/shm")  # noqa: S108
APART = 1_000_000
"""So far apart are the numbers of two clerks' acts: they have no case in common."""


def acting(place: Path, clerk: int, acts: int) -> Iterator[None]:
    """Whole acts, one a durable transaction; whoever finds the database busy tries the same act again."""
    with open_store(place).staying() as store:
        with store.work():
            pass
        yield  # imported and connected
        for number in range(clerk * APART, clerk * APART + acts):
            while not acted(store, number):
                pass
            yield


def acted(store: Store, number: int) -> bool:
    try:
        with store.work() as work:
            one_act(work, number)
    except Busy:
        return False
    return True


def committing(place: Path, _: int, acts: int) -> Iterator[None]:
    """The floor: one row a durable transaction."""
    if is_remote(place):
        import psycopg

        with closing(psycopg.connect(url_at(place), autocommit=True)) as remote:
            yield
            for _each in range(acts):
                remote.execute("INSERT INTO floor VALUES (%s)", (os.urandom(3000),))
                yield
        return
    with closing(connect(place, write=True)) as local:
        local.execute("PRAGMA busy_timeout=60000")
        yield
        for _each in range(acts):
            local.execute("BEGIN IMMEDIATE")
            local.execute("INSERT INTO floor VALUES (?)", (os.urandom(3000),))
            local.execute("COMMIT")
            yield


Work = Callable[[Path, int, int], Iterator[None]]


def clerk(work: Work, place: Path, me: int, acts: int, start: Any, told: Any) -> None:
    """One process: connected, start together, tell how long each act took and the processor time of all."""
    doing = work(place, me, acts)
    next(doing)
    start.wait()
    taken, before, spent = [], time.perf_counter(), time.process_time()
    for _ in doing:
        now = time.perf_counter()
        taken.append(now - before)
        before = now
    told.put((taken, time.process_time() - spent))


def race(work: Work, place: Path, clerks: int, acts: int) -> str:
    """What so many clerks reach together, in words."""
    context = multiprocessing.get_context("spawn")
    start, told = context.Barrier(clerks + 1), context.Queue()
    arguments = [(work, place, clerks * 100 + me, acts, start, told) for me in range(clerks)]
    all_of_them = [context.Process(target=clerk, args=each) for each in arguments]
    for each in all_of_them:
        each.start()
    start.wait()
    begun = time.perf_counter()
    results = [told.get(timeout=600) for _ in all_of_them]
    lasted = time.perf_counter() - begun
    for each in all_of_them:
        each.join()
    taken = sorted(each for times, _ in results for each in times)
    spent = sum(each for _, each in results) / len(taken) * 1000
    late = taken[int(len(taken) * 0.99)] * 1000
    return (
        f"{len(taken) / lasted:,.0f}/s, median {statistics.median(taken) * 1000:.2f} ms, p99 {late:.1f} ms, "
        f"{spent:.2f} ms of processor time in the clerk"
    )


def measured(room: Path, asked: argparse.Namespace) -> None:
    """The floor and the acts in a database in this folder."""
    tempfile.tempdir = str(room)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = ""
        if asked.postgresql:
            from postgresql_server import server

            url = stack.enter_context(server(durable=True)).url()
        place = create_store(folder / ("shuangshen.url" if url else "shuangshen.db"), url).path
        with opened(place) as raw:
            raw.execute(f"CREATE TABLE floor (data {'BYTEA' if url else 'BLOB'})")
        for clerks in dict.fromkeys((1, asked.clerks)):
            for name, work in {"floor": committing, "acts": acting}.items():
                print(f"  {clerks} at once, {name}: {race(work, place, clerks, asked.acts // clerks)}", flush=True)
        verify_store(place)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--acts", type=int, default=1000)
    arguments.add_argument("--clerks", type=int, default=4)
    arguments.add_argument("--postgresql", action="store_true")
    asked = arguments.parse_args()
    journal = "WAL, FULL" if wal_is_safe(sqlite3.sqlite_version_info) else "DELETE, EXTRA"
    print("PostgreSQL, fsync on" if asked.postgresql else f"SQLite {sqlite3.sqlite_version}, {journal}")
    rooms = {"on the disk": Path(tempfile.gettempdir())} | ({"in memory": MEMORY} if MEMORY.is_dir() else {})
    for name, room in rooms.items():
        print(f"{name} ({room}):")
        measured(room, asked)


if __name__ == "__main__":
    main()
