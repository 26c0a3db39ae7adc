"""How fast the trail grows, proves and is checked: `python bench/trail.py [--events 100000]`.

Durable appends go through `UnitOfWork.save`, one act a transaction, with a record and an open task, in the journal
mode this SQLite is trusted with. Proofs and verification run over a log of --events poured in past the acts: same rows,
same triggers, many events a transaction.
"""

from __future__ import annotations

import argparse
import os
import resource
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
from engine.store import Act, Store, UnitOfWork, create_store, open_store, statements, verify_store, write_bundle
from engine.store.acts import Dossier, event_body
from engine.store.connection import connect, reading
from engine.store.reads import queue
from engine.store.records import body_of, digest_of, instant, receipt_text, state_of
from engine.store.rows import case_columns, task_columns
from engine.store.signing import verify_signatures
from engine.store.sqlite import sqlite3, wal_is_safe
from engine.store.verify import current_checkpoint, node
from engine.trail.bundles import verify_bundle
from engine.trail.chain import seal, verify_events
from engine.trail.merkle import Frontier, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from engine.trail.merkle import root as root_of
from engine.trail.verifier import GENESIS

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
    work.save(case, the_act(number), records=[CONCLUSION], turns=[TURN])


def the_act(number: int) -> Act:
    """The act of event `number`, with a reason of its own."""
    facts = {
        "stage_to": CASE.stage,
        "stage_from": CASE.stage,
        "round": 1,
        "version": 1,
        "reason": f"第{number}次说明。",
    }
    return Act("conclude", "li", "商务局", NOW, f"command {number}", facts, "d" * 64)


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


def processor_time(store: Store, count: int) -> float:
    """Processor milliseconds of an act in `UnitOfWork.save`, many a transaction so that the disk does not count."""
    start = time.process_time()
    with store.work() as work:
        for number in range(count):
            one_act(work, number)
    return (time.process_time() - start) / count * 1000


def poured(path: Path, count: int) -> None:
    """The log of `count` acts, row for row as `one_act` would write it, poured into an empty store past the acts.

    What follows verifies it, so a row that is not as it would be written stops the bench.
    """
    raw, frontier, last = connect(path, write=True), Frontier(), GENESIS
    raw.execute("PRAGMA synchronous=OFF")
    body, state = body_of(CONCLUSION), state_of(replace(CASE, id="CASE", revision=77777), (TURN,), "")
    for first in range(0, count, 20_000):
        rows = [list[tuple[object, ...]]() for _ in range(4)]
        for number in range(first, min(first + 20_000, count)):
            case_id, revision = f"2026-{number // EVENTS_A_CASE:07d}", number % EVENTS_A_CASE + 1
            standing = state.replace("CASE", case_id).replace("77777", str(revision))
            filed = [{"kind": "conclusion", "id": f"{number + 1}-1", "digest": digest_of(body)}]
            act = the_act(number)
            sealed = seal(number + 1, last, event_body(Dossier(case_id, revision, 1, standing), act, filed, []))
            done = receipt_text(case_id, revision, number + 1, sealed.hash)
            rows[0].append((number + 1, case_id, sealed.payload, last, sealed.hash))
            rows[1] += [(node,) for node in frontier.append(bytes.fromhex(sealed.hash))]
            rows[2].append((f"{number + 1}-1", case_id, body, filed[0]["digest"], number + 1))
            rows[3].append((act.command, "li", "conclude", act.digest, case_id, number + 1, done))
            last = sealed.hash
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?)", rows[0])
        place = raw.execute("SELECT COALESCE(MAX(position) + 1, 0) FROM merkle").fetchone()[0]
        raw.executemany("INSERT INTO merkle VALUES (?, ?)", ((place + at, *node) for at, node in enumerate(rows[1])))
        raw.executemany("INSERT INTO record VALUES (?, ?, 'conclusion', 1, ?, ?, ?, 1)", rows[2])
        raw.executemany("INSERT INTO command VALUES (?, ?, ?, ?, ?, ?, ?)", rows[3])
        raw.execute("COMMIT")
    raw.close()
    _stand(path, count)


def _stand(path: Path, count: int) -> None:
    """The cases of the poured log as they stand after their last act, with their open tasks, counted."""
    cases, tasks = [], []
    for number in range(0, count, EVENTS_A_CASE):
        acts = min(EVENTS_A_CASE, count - number)
        case = replace(CASE, id=f"2026-{number // EVENTS_A_CASE:07d}", revision=acts)
        cases.append(case_columns(case))
        tasks.append(task_columns(case, TURN, 0, instant(NOW)))
    names = (f"stage {CASE.stage}", f"role {TURN.role}")
    with open_store(path).work() as work:
        work.connection.execute(statements.ADD_CASE, cases)
        work.connection.execute(statements.ADD_TASKS, tasks)
        work.connection.execute(statements.ADD_TO_TALLY, [{"name": name, "more": len(cases)} for name in names])
        work.saved = True


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
    start, before = time.perf_counter(), os.times()
    verify_store(path)
    took, after = time.perf_counter() - start, os.times()
    spent = sum(after[:4]) - sum(before[:4])
    peaks = [resource.getrusage(who).ru_maxrss >> 10 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"verify whole store: {took:.1f} s, {size / took:,.0f} events/s; {spent:.1f} s of processor time; "
          f"peak {peaks[0]} MiB, of a child {peaks[1]} MiB")  # fmt: skip
    start = time.perf_counter()
    verify_signatures(path)
    print(f"count and verify signatures (none here): {time.perf_counter() - start:.1f} s")
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
        spent = processor_time(create_store(Path(folder) / "spent.db"), 2000)
        print(f"processor time an act: {spent:.2f} ms")
        store, start = create_store(Path(folder) / "large.db"), time.perf_counter()
        poured(store.path, asked.events)
        print(f"poured {asked.events} events in {time.perf_counter() - start:.0f} s")
        print(f"file: {store.path.stat().st_size / asked.events:,.0f} bytes an event")
        proofs(store.path, asked.events)
        verification(store.path, asked.events)
        print(f"queue page of 50: {median_ms(50, lambda _: queue(store.path, ['drafting_reviewer'])):.2f} ms")
        exported(store.path, Path(folder) / "case.zip")


if __name__ == "__main__":
    main()
