"""Every act killed at every step, on a real installation: `python bench/kills.py [--every 1]`.

The deaths are those of tests/faults/deaths.py, which says how they are died and how they are judged. Prints one line an
act and the sums; exits 1 when anything acknowledged was lost, anything was half-written, or a retry did anything else
than the work once.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

DEATHS = Path(__file__).parents[1] / "tests" / "faults" / "deaths.py"
CONTROL = "two_at_once"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--every", type=int, default=1)
    asked, began, sums = arguments.parse_args(), time.perf_counter(), {"kills": 0, "undone": 0, "done": 0, "faults": 0}
    acts, controlled = 0, 0
    words = [sys.executable, str(DEATHS), "--every", str(asked.every)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as dying:
        for line in dying.stdout or ():
            told = json.loads(line)
            faults = told.pop("faults") or []
            if told["act"] == CONTROL:
                controlled = len(faults)
                continue
            acts += 1
            sums = {name: sums[name] + (len(faults) if name == "faults" else told[name]) for name in sums}
            print(json.dumps(told), *faults, sep="\n  ", flush=True)
    print(f"{acts} acts, {sums['kills']} kills in {time.perf_counter() - began:.0f} s: {sums['undone']} found as "
          f"before the act, {sums['done']} as after it; faults {sums['faults']}; the control of two acts at once was "
          f"reported {controlled} times")  # fmt: skip
    return 1 if dying.returncode or sums["faults"] or not controlled else 0


if __name__ == "__main__":
    sys.exit(main())
