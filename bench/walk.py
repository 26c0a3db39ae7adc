"""A long walk over all acts of the flow on real stores: `python bench/walk.py [--steps 10000] [--seed 1]`.

The same walk as in tests/story/test_walk.py: after every step the store is opened anew and compared with a hand-written
table. Prints steps, acts, refusals and agreements as JSON; stops at the first disagreement and says what it was.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "story"))

from walker import Walker, settled
from walking import MOVES

from engine.store import verify_store
from reviewers.desk.setup import initialise

STEPS_A_STORE = 500


def walk(steps: int, seed: int) -> dict[str, object]:
    """The counts of a walk of so many steps, a new store every 500; each store is verified when it is left."""
    random, counts, acts, events, began = Random(seed), Counter[str](), Counter[str](), 0, time.process_time()
    moved: set[tuple[str, str]] = set()
    for first in range(0, steps, STEPS_A_STORE):
        with tempfile.TemporaryDirectory() as room:
            walker = Walker(settled(initialise(Path(room) / "home", "qingyang")), random, counts, acts, moved)
            for _ in range(min(STEPS_A_STORE, steps - first)):
                walker.step()
            events += verify_store(walker.city.database).size
    told = {"seed": seed, **counts, "events_verified": events, "processor_seconds": round(time.process_time() - began)}
    return {**told, "moves_taken": len(moved), "moves_in_table": len(MOVES), "by_act": dict(sorted(acts.items()))}


def main() -> None:
    """Walks and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(json.dumps(walk(asked.steps, asked.seed), indent=1))


if __name__ == "__main__":
    main()
