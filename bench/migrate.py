"""How long running cases take to move to a new process version: `python bench/migrate.py [--cases 1000]`.

Every case is brought to its round boundary through the acts themselves (filed, self-reviewed, sent back to be revised),
every fiftieth stays in the middle of a round. Then one command moves all. Prints seconds of wall clock and processor,
how many moved, how many were refused, whether every deadline, task and holder is what it was, and verifies the trail.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "story"))

from city import City, Matter

from engine.model import Outcome
from engine.store import reads, verify_store
from reviewers.desk.setup import initialise
from reviewers.supervision import processes

WORKFLOWS = Path(__file__).parents[1] / "workflows"
MIDDLE = 50
"""One case in so many is in the middle of a round and must stay as it is."""


def waiting(city: City, cases: int) -> set[str]:
    """The ids of the cases that wait at the boundary, after so many have been filed."""
    at_boundary = set()
    for number in range(cases + cases // MIDDLE):
        matter = Matter(city, "jtj").submitted().self_reviewed()
        if number % (MIDDLE + 1):
            at_boundary.add(matter.signed(Outcome.REVISE).id)
    return at_boundary


def tasks_of(database: Path) -> list[tuple[str, ...]]:
    """Case, task, due day, holder and opening of every open task."""
    rows, after = [], None
    while page := reads.queue(database, limit=200, after=after):
        rows += [tuple(str(row[name]) for name in ("case_id", "task", "due_on", "holder", "opened_at")) for row in page]
        after = reads.place_of(page[-1])
    return sorted(rows)


def measure(home: Path, cases: int) -> dict[str, object]:
    """One migration of so many cases, measured."""
    city = City(home)
    city.on(date(2026, 3, 2))
    at_boundary = waiting(city, cases)
    edited = Path(shutil.copytree(WORKFLOWS, home / "edited"))
    drawing = edited / "self_review.bpmn"
    drawing.write_text(drawing.read_text(encoding="utf-8").replace("逐条审查", "逐条自查"), encoding="utf-8")
    processes.publish(city.by("lu.mingda"), edited, "改称呼")
    before, wall, worked = tasks_of(city.database), time.perf_counter(), time.process_time()
    migration = processes.migrate_cases(city.by("lu.mingda"), "", False)
    wall, worked = time.perf_counter() - wall, time.process_time() - worked
    return {
        "moved": len(migration.moved),
        "refused_in_the_middle_of_a_round": len(migration.refused),
        "moved_are_those_at_the_boundary": set(migration.moved) == at_boundary,
        "deadlines_tasks_and_holders_unchanged": tasks_of(city.database) == before,
        "wall_seconds": round(wall, 1),
        "processor_seconds": round(worked, 1),
        "processor_ms_a_case": round(1000 * worked / max(1, len(before)), 1),
        "events_verified": verify_store(city.database).size,
    }


def main() -> None:
    """Measures and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    with tempfile.TemporaryDirectory() as room:
        home = initialise(Path(room) / "home", "qingyang")
        print(json.dumps(measure(home, parser.parse_args().cases), indent=1))


if __name__ == "__main__":
    main()
