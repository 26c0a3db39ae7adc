"""Start-up of the command line: whole-process wall time of each command beside a bare interpreter, interleaved.

Usage: python bench/startup.py [RUNS]. Prints the median of each and its ratio to `python -c pass`; quote the ratios,
the milliseconds are this machine's.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reviewers.desk.setup import initialise

DRAFT = Path(__file__).parent / "corpus" / "qingyang_2023_measures.txt"
SHUANGSHEN = str(Path(sys.executable).parent / "shuangshen")


def commands(home: Path) -> dict[str, list[str]]:
    """The command lines measured, by name."""
    at = ["--home", str(home)]
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "--version": [SHUANGSHEN, "--version"],
        "--help": [SHUANGSHEN, "--help"],
        "queue --json": [SHUANGSHEN, "queue", "--all", "--json", *at],
        "queue": [SHUANGSHEN, "queue", "--all", *at],
        "gate (unknown case)": [SHUANGSHEN, "gate", "2026-0001", *at],
        "screen --json (a draft)": [SHUANGSHEN, "screen", "--json", str(DRAFT)],
    }


def main(runs: int) -> None:
    """Measure each command `runs` times, in turn, and print the table."""
    with tempfile.TemporaryDirectory() as room:
        measured = commands(initialise(Path(room) / "home", "qingyang"))
        times: dict[str, list[float]] = {name: [] for name in measured}
        for _ in range(runs + 1):
            for name, words in measured.items():
                start = time.perf_counter()
                subprocess.run(words, capture_output=True, check=False)
                times[name].append(time.perf_counter() - start)
    bare = statistics.median(times["python -c pass"][1:])
    print(f"{runs} runs, Python {sys.version.split()[0]}")
    for name, values in times.items():
        median = statistics.median(values[1:])
        print(f"{name:24}{median * 1000:8.0f} ms   {median / bare:5.1f} x bare interpreter")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
