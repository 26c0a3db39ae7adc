"""What one human step costs in the engine: load, complete, automatic steps, save; no database.

Run: python bench/step_cost.py [--cases N] [--crowd-cases N]. Prints processor and wall milliseconds over every human
step of a whole round, and the size of the position, after 0, 1, 5, 10 and 25 resubmissions: with 3 joint reviewers, and
with 30 joint reviewers and 30 departments asked (`crowd`). Flat from round to round is what is claimed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from engine.process import Bundle, Step, bundle_from_bytes, bundle_to_bytes, complete, load_bundle, start

RESUBMISSIONS = (0, 1, 5, 10, 25)
SERVICES = {"screen": lambda _: {"blocking": 1, "attention": 3}, "departments": lambda _: {}}
VARIABLES: Mapping[str, Any] = {
    "case_id": "2026-0001",
    "trigger": "government_issued",
    "kind": "normative_document",
    "concerns_operators": True,
    "dual_review_for_all": False,
    "reviewers": {"zhang": {}, "li": {}},
    "joint_reviewers": {"wang": {}, "zhao": {}, "sun": {}},
    **{f"touches_{field}": False for field in ("bidding", "procurement", "price", "tax", "land", "data")},
}
CROWD: Mapping[str, Any] = {**VARIABLES, "joint_reviewers": {f"officer{number}": {} for number in range(30)}}
CROWDED = {**SERVICES, "departments": lambda _: {f"department{number}": {} for number in range(30)}}
WORDS: Mapping[str, Mapping[str, str]] = {
    "sign_off": {"outcome": "signed", "conclusion": "compliant"},
    "accept": {"outcome": "accepted"},
    "conclude": {"outcome": "revise"},
}
Times = tuple[float, float]
Services = Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]]


def one_round(bundle: Bundle, step: Step, services: Services) -> tuple[Step, list[Times], list[int]]:
    """One round up to and with the resubmission: the last step, times and bytes of each step."""
    times, sizes = [], []
    while True:
        turn = step.turns[0]
        began, worked = time.perf_counter(), time.process_time()
        step = complete(bundle, step.position, turn.element, WORDS.get(turn.element, {}), services, turn.instance)
        times.append(((time.process_time() - worked) * 1000, (time.perf_counter() - began) * 1000))
        sizes.append(len(step.position))
        if turn.element == "revise":
            return step, times, sizes


def measure(bundle: Bundle, cases: int, variables: Mapping[str, Any], services: Services) -> list[dict[str, float]]:
    """One row for each number of resubmissions before the measured round."""
    found: dict[int, tuple[list[Times], list[int]]] = {n: ([], []) for n in RESUBMISSIONS}
    for _ in range(cases):
        step = start(bundle, variables, services)
        for resubmission in range(max(RESUBMISSIONS) + 1):
            step, times, sizes = one_round(bundle, step, services)
            if resubmission in found:
                found[resubmission][0].extend(times)
                found[resubmission][1].extend(sizes)
    return [_row(number, times, sizes) for number, (times, sizes) in found.items()]


def _row(resubmissions: int, times: list[Times], sizes: list[int]) -> dict[str, float]:
    return {
        "resubmissions": resubmissions,
        "steps": len(times),
        "median_cpu_ms": round(statistics.median(cpu for cpu, _ in times), 2),
        "p95_cpu_ms": round(statistics.quantiles((cpu for cpu, _ in times), n=20)[-1], 2),
        "median_wall_ms": round(statistics.median(wall for _, wall in times), 2),
        "median_bytes": int(statistics.median(sizes)),
        "max_bytes": max(sizes),
    }


def main() -> None:
    """Measures and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--crowd-cases", type=int, default=1)
    asked, shipped = parser.parse_args(), load_bundle()
    stored = bundle_to_bytes(shipped)
    bundle = bundle_from_bytes(stored)
    rows = measure(bundle, asked.cases, VARIABLES, SERVICES)
    crowd = measure(bundle, asked.crowd_cases, CROWD, CROWDED)
    print(json.dumps({"bundle_bytes": len(stored), "rows": rows, "crowd": crowd}, indent=1))


if __name__ == "__main__":
    main()
