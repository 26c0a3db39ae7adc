"""How fast the trail grows, proves and is checked: `python bench/trail.py [--events 100000]`.

Durable appends go through `UnitOfWork.save`, one act a transaction, with a record and an open task, in the journal
mode this SQLite is trusted with. Proofs and verification run over a log of --events filled in bulk: same rows, same
triggers, many events a transaction.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.model import Case, Conclusion, DraftKind, Gate, Outcome, Role, Route, Trigger, Turn
from engine.store import Act, Store, UnitOfWork, create_store, verify_store, write_bundle
from engine.store.connection import connect, reading, wal_is_safe
from engine.store.reads import queue
from engine.store.verify import current_checkpoint, node
from engine.trail.chain import verify_events
from engine.trail.merkle import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from engine.trail.merkle import root as root_of
from engine.trail.bundles import verify_bundle

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CASE = Case(
    "2026-0001", "若干措施", "商务局", DraftKind.POLICY_DOCUMENT, Trigger.GOVERNMENT_ISSUED, Route.GOVERNMENT,
    "self_review", 1, 1, "wang", NOW, "b" * 64, os.urandom(2800), 0,
)  # fmt: skip
CONCLUSION = Conclusion(
    Gate.SELF_REVIEW, 1, 1, "a" * 64, Outcome.COMPLIANT, "未发现违反审查标准的内容。" * 5, "li", "商务局", NOW
)
TURN = Turn("t1", "self_review", "自我审查", Role.DRAFTING_REVIEWER)
EVENTS_A_CASE = 20


def one_act(work: UnitOfWork, number: int) -> None:
    """Event `number` of the log: the next act of a case of 20 acts."""
    case = replace(CASE, id=f"2026-{number // EVENTS_A_CASE:07d}", revision=number % EVENTS_A_CASE)
    act = Act("conclude", "li", "商务局", NOW, f"command {number}", {"stage_to": case.stage, "round": 1}, "d" * 64)
    work.save(case, act, records=[CONCLUSION], turns=[TURN])


def durable_appends(store: Store, count: int) -> list[float]:
    """Seconds of each of `count` acts, every one its own durable transaction."""
    taken = []
    for number in range(count):
        start = time.perf_counter()
        with store.work() as work:
            one_act(work, number)
        taken.append(time.perf_counter() - start)
    return taken


def floor(path: Path, count: int) -> float:
    """Durable one-row transactions a second with nothing of ours around them: what the disk allows right now."""
    raw = connect(path, write=True)
    raw.execute("CREATE TABLE floor (data BLOB)")
    start = time.perf_counter()
    for _ in range(count):
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("INSERT INTO floor VALUES (?)", (os.urandom(3000),))
        raw.execute("COMMIT")
    raw.close()
    return count / (time.perf_counter() - start)


def filled(store: Store, count: int) -> float:
    """Seconds to fill the log in large transactions."""
    start = time.perf_counter()
    for first in range(0, count, 2000):
        with store.work() as work:
            for number in range(first, min(first + 2000, count)):
                one_act(work, number)
    return time.perf_counter() - start


def median_ms(repeat: int, run: Callable[[int], object]) -> float:
    """Median milliseconds of `run(number)`."""
    taken = []
    for number in range(repeat):
        start = time.perf_counter()
        run(number)
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def proofs(path: Path, size: int) -> None:
    """Root, inclusion and consistency proofs from the node table, and their checks."""
    with reading(path) as connection:

        def look_up(position: int) -> bytes:
            return node(connection, position)

        root = current_checkpoint(connection).root
        print(f"root of {size} events: {median_ms(200, lambda _: current_checkpoint(connection)):.3f} ms")
        spread = [(number * 7919) % size for number in range(500)]
        print(f"inclusion proof: {median_ms(500, lambda n: inclusion_proof(spread[n], size, look_up)):.3f} ms")
        growth = median_ms(500, lambda n: consistency_proof(spread[n] + 1, size, look_up))
        print(f"consistency proof: {growth:.3f} ms")
        path_to = inclusion_proof(spread[7], size, look_up)
        (digest,) = connection.execute("SELECT hash FROM event WHERE seq = ?", (spread[7] + 1,)).fetchone()
        assert verify_inclusion(bytes.fromhex(digest), spread[7], size, path_to, root)
        old = size // 3
        grown = consistency_proof(old, size, look_up)
        assert verify_consistency(old, size, root_of(old, look_up), root, grown)
        print(f"proof of {len(path_to)} hashes holds, so does growth from {old} to {size}")


def verification(path: Path, size: int) -> None:
    """The whole store, and the chain with its tree alone."""
    start = time.perf_counter()
    verify_store(path)
    print(f"verify whole store: {size / (time.perf_counter() - start):,.0f} events/s")
    raw = sqlite3.connect(path)
    start = time.perf_counter()
    verify_events(raw.execute("SELECT seq, payload, prev, hash FROM event ORDER BY seq"))
    print(f"verify chain and tree only: {size / (time.perf_counter() - start):,.0f} events/s")
    raw.close()


def exported(path: Path, out: Path) -> None:
    """One case out of the large log, as a zip, and its verification."""
    start = time.perf_counter()
    write_bundle(path, "2026-0000001", out)
    written = time.perf_counter()
    assert verify_bundle(out).sound
    print(
        f"export a case: {(written - start) * 1000:.0f} ms, verify it: {(time.perf_counter() - written) * 1000:.0f} ms"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=100_000)
    arguments.add_argument("--appends", type=int, default=1000)
    asked = arguments.parse_args()
    mode = "WAL, FULL" if wal_is_safe(sqlite3.sqlite_version_info) else "DELETE, EXTRA"
    print(f"SQLite {sqlite3.sqlite_version}, {mode}, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "floor.db").touch()
        print(f"the disk's floor: {floor(Path(folder) / 'floor.db', asked.appends):,.0f} commits/s")
        taken = durable_appends(create_store(Path(folder) / "durable.db"), asked.appends)
        late = sorted(taken)[int(len(taken) * 0.99)] * 1000
        print(f"durable acts: {len(taken) / sum(taken):,.0f}/s, median {statistics.median(taken) * 1000:.2f} ms, p99 {late:.2f} ms")  # fmt: skip  # noqa: E501
        store, processor = create_store(Path(folder) / "large.db"), time.process_time()
        print(f"filled {asked.events} events in bulk: {asked.events / filled(store, asked.events):,.0f}/s")
        print(f"processor time an act: {(time.process_time() - processor) / asked.events * 1000:.2f} ms")
        print(f"file: {store.path.stat().st_size / asked.events:,.0f} bytes an event")
        proofs(store.path, asked.events)
        verification(store.path, asked.events)
        print(f"queue page of 50: {median_ms(50, lambda _: queue(store.path, ['drafting_reviewer'])):.2f} ms")
        exported(store.path, Path(folder) / "case.zip")


if __name__ == "__main__":
    main()
