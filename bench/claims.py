"""How many tasks four clerks take from one queue in a second: `python bench/claims.py [--claims 4000] [--postgresql]`.

Each is a process of its own that takes the next free task of a role, writes that down in the log, and takes the next.
The claim is the bare race (one row taken, one row written, one durable transaction), without the acts' own rules; with
--acts it is the whole act through the unit of work instead: the case in its next revision, its event, its tree.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from engine.errors import Busy, Conflict
from engine.model import Case, DraftKind, Role, Route, Trigger, Turn
from engine.store import Act, Store, Taken, create_store, open_store, reads, verify_store
from engine.store.connection import connect
from engine.store.place import is_remote, url_at
from engine.store.sqlite import sqlite3, wal_is_safe

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TURN = Turn("t1", "co_review", "会审", Role.REGULATOR)

LOCAL = (
    """UPDATE free SET holder = ? WHERE id = (SELECT id FROM free WHERE holder = '' ORDER BY id LIMIT 1) RETURNING id"""
)
REMOTE = """WITH next AS (SELECT id FROM free WHERE holder = '' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED),
    taken AS (UPDATE free SET holder = %s FROM next WHERE free.id = next.id RETURNING free.id)
    INSERT INTO claimed (task, holder) SELECT id, %s FROM taken RETURNING task"""
TABLES = (
    "CREATE TABLE free (id INTEGER PRIMARY KEY, holder TEXT NOT NULL)",
    "CREATE INDEX free_now ON free (id) WHERE holder = ''",
    "CREATE TABLE claimed (task INTEGER NOT NULL, holder TEXT NOT NULL)",
)


def local_claims(place: Path, me: str) -> Iterator[None]:
    """Claims until nothing is free; waits for the one writer as long as it takes."""
    with closing(connect(place, write=True)) as connection:
        connection.execute("PRAGMA busy_timeout=60000")
        yield
        while True:
            connection.execute("BEGIN IMMEDIATE")
            taken = connection.execute(LOCAL, (me,)).fetchone()
            if taken is None:
                connection.execute("ROLLBACK")
                return
            connection.execute("INSERT INTO claimed VALUES (?, ?)", (*taken, me))
            connection.execute("COMMIT")
            yield


def remote_claims(place: Path, me: str) -> Iterator[None]:
    """Claims until nothing is free; passes over what another is taking just now."""
    import psycopg

    with closing(psycopg.connect(url_at(place), autocommit=True)) as connection:
        yield
        while connection.execute(REMOTE, (me, me)).fetchone():
            yield


def acted_claims(place: Path, me: str) -> Iterator[None]:
    """Whole acts: the next free task of the queue, claimed through the unit of work."""
    with open_store(place).without_waiting().staying() as store:
        yield
        yield from claims_of(store, place, me)


def claims_of(store: Store, place: Path, me: str) -> Iterator[None]:
    """Until the queue is empty."""
    while page := reads.queue(place, [Role.REGULATOR], officer="", limit=200):
        Random(me).shuffle(page)  # else all four try the same case, one after the other
        for task in page:
            case_id = task["case_id"]
            try:
                with store.work() as work:
                    case = work.case(case_id)
                    if work.holder(case_id, TURN.element):
                        continue
                    act = Act("claim", me, "市监局", NOW, f"claim {case_id}", {"stage_to": case.stage}, "d" * 64)
                    work.save(case, act, turns=[replace(TURN, holder=me)])
            except (Taken, Conflict, Busy):
                continue
            yield


def clerk(claims: Callable[[Path, str], Iterator[None]], place: Path, me: str, start: Any, told: Any) -> None:
    """One process: ready, start together, claim, tell how many and the slowest."""
    claiming = claims(place, me)
    next(claiming)  # connected
    start.wait()
    count, slowest, before = 0, 0.0, time.perf_counter()
    for _ in claiming:
        now = time.perf_counter()
        count, slowest, before = count + 1, max(slowest, now - before), now
    told.put((me, count, slowest))


def race(claims: Callable[[Path, str], Iterator[None]], place: Path, clerks: int) -> tuple[float, list[Any]]:
    """Seconds from the start to the last claim, and what each clerk tells."""
    context = multiprocessing.get_context("spawn")
    start, told = context.Barrier(clerks + 1), context.Queue()
    all_of_them = [
        context.Process(target=clerk, args=(claims, place, f"clerk{number}", start, told)) for number in range(clerks)
    ]
    for each in all_of_them:
        each.start()
    start.wait()
    begun = time.perf_counter()
    results = sorted(told.get(timeout=300) for _ in all_of_them)
    taken = time.perf_counter() - begun
    for each in all_of_them:
        each.join()
    return taken, results


def opened(place: Path) -> Any:
    """A bare connection that commits at once."""
    if is_remote(place):
        import psycopg

        return closing(psycopg.connect(url_at(place), autocommit=True))
    return closing(sqlite3.connect(place, isolation_level=None))


def bare(place: Path, count: int, clerks: int) -> tuple[float, list[Any], list[Any]]:
    """The race on two tables of its own, and what was claimed in it."""
    with opened(place) as connection:
        for statement in TABLES:
            connection.execute(statement)
        connection.execute(f"INSERT INTO free SELECT value, '' FROM {series(place, count)}")  # noqa: S608
    taken, results = race(remote_claims if is_remote(place) else local_claims, place, clerks)
    with opened(place) as connection:
        return taken, results, [row[0] for row in connection.execute("SELECT task FROM claimed").fetchall()]


def series(place: Path, count: int) -> str:
    if is_remote(place):
        return f"generate_series(1, {count}) AS value"
    numbers = f"SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < {count}"  # noqa: S608
    return f"(WITH RECURSIVE n(value) AS ({numbers}) SELECT * FROM n)"  # noqa: S608


def acts(place: Path, count: int, clerks: int) -> tuple[float, list[Any], list[Any]]:
    """The race through the unit of work, and the cases claimed in it."""
    with open_store(place).work() as work:
        for number in range(count):
            case = Case(
                f"2026-{number:06d}", "若干措施", "商务局", DraftKind.POLICY_DOCUMENT, Trigger.GOVERNMENT_ISSUED,
                Route.GOVERNMENT, "co_review", 1, 1, "wang", NOW, "b" * 64, b"position", 0,
            )  # fmt: skip
            submit = Act("submit", "wang", "商务局", NOW, f"submit {number}", {"stage_to": "co_review"}, "d" * 64)
            work.save(case, submit, turns=[TURN])
    taken, results = race(acted_claims, place, clerks)
    verify_store(place)
    events = (event for page in range(0, 2 * count, 1000) for event in reads.events(place, after_seq=page, limit=1000))
    return taken, results, [event["case"] for event in events if event["act"] == "claim"]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--claims", type=int, default=4000)
    arguments.add_argument("--clerks", type=int, default=4)
    arguments.add_argument("--acts", action="store_true")
    arguments.add_argument("--postgresql", action="store_true")
    asked = arguments.parse_args()
    with ExitStack() as stack:
        room = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = ""
        if asked.postgresql:
            from postgresql_server import server

            url = stack.enter_context(server(durable=True)).url()
        place = create_store(room / ("shuangshen.url" if url else "shuangshen.db"), url).path
        taken, results, claimed = (acts if asked.acts else bare)(place, asked.claims, asked.clerks)
        twice = [task for task, times in Counter(claimed).items() if times > 1]
        assert not twice, twice
        assert len(claimed) == asked.claims == sum(count for _, count, _ in results)
        journal = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "rollback journal"
        print("PostgreSQL" if url else f"SQLite {sqlite3.sqlite_version}, {journal}")
        print(f"{asked.claims} claims by {asked.clerks} clerks: {asked.claims / taken:,.0f}/s, none twice")
        print("  ".join(f"{name} {count} (slowest {slowest * 1000:.0f} ms)" for name, count, slowest in results))


if __name__ == "__main__":
    main()
