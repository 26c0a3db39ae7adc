"""How fast a stock is screened: `python bench/bulk.py [--documents 600]`.

Makes a synthetic stock in a temporary folder: the corpus documents with other places, years and numbers put in, as text
and as Word files, some copied, some damaged. Then measures documents a second with one and with two processes, what a
resumed run costs, and the proportional memory of all processes together.

On a machine that others use, too, documents a second say little about two processes; "kept busy" does: the time the
processes ran or stood ready to run, by the clock.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from reviewers.bulk.cleaning import Plan, clean_up
from reviewers.bulk.ledger import Ledger

ROOT = Path(__file__).parents[1]
DAY = date(2026, 3, 1)
PLACES = ("云岭", "泽川", "梧川", "堰桥", "青禾", "望江", "临湖", "白石", "长陵", "南浦")
DEPARTMENTS = ("商务局", "住建局", "工信局", "交通局", "农业农村局", "发改委", "文旅局", "教育局")


def make_stock(folder: Path, documents: int) -> int:
    """That many files lie in the folder, a tenth of them Word files, a twentieth copies; the size in bytes."""
    dice = random.Random(20260301)
    sources = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "bench/corpus").rglob("*/[cdm][0-9]*.txt"))]
    previous = b""
    for number in range(documents):
        target = folder / dice.choice(DEPARTMENTS) / str(dice.randrange(2015, 2026))
        target.mkdir(parents=True, exist_ok=True)
        words = varied(sources[number % len(sources)], number, dice)
        suffix = ".docx" if number % 10 == 3 else ".txt"
        data = previous if number % 20 == 7 else word_file(words) if suffix == ".docx" else words.encode()
        if number % 100 == 50:
            data = b"PK\x03\x04" + data[:500]
        (target / f"{number:06}{'.txt' if number % 20 == 7 else suffix}").write_bytes(data)
        previous = words.encode()
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def varied(words: str, number: int, dice: random.Random) -> str:
    """The document with another place and other figures, so that no two have the same content."""
    for place in PLACES[:4]:
        words = words.replace(place, dice.choice(PLACES))
    return words.replace("2025", str(dice.randrange(2015, 2026))) + f"\n（第{number}号）\n"


def word_file(words: str) -> bytes:
    import docx

    made = docx.Document()
    for line in words.split("\n"):
        made.add_paragraph(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


class Watch:
    """Samples this process and its descendants four times a second.

    `megabytes` is their largest proportional set size, `runnable` the seconds each descendant ran or waited for a core.
    """

    def __init__(self) -> None:
        self.megabytes = 0.0
        self.runnable: dict[int, float] = {}
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watcher.join()

    def _watch(self) -> None:
        first: dict[int, float] = {}
        while not self._over.wait(0.25):
            pids = family(os.getpid())
            self.megabytes = max(self.megabytes, sum(map(pss, pids)))
            for pid in pids[1:]:
                seconds = ready_seconds(pid)
                self.runnable[pid] = max(seconds - first.setdefault(pid, seconds), 0.0)


def ready_seconds(pid: int) -> float:
    """Seconds the process has run or waited for a core, so far."""
    try:
        running, waiting, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    except OSError:
        return 0.0
    return (int(running) + int(waiting)) / 1e9


def family(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(status.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def measured(stock: Path, ledger: Path | None, jobs: int) -> tuple[int, float, Watch]:
    """Documents newly screened, seconds, and what was seen meanwhile."""
    with Watch() as watch, Ledger(ledger) as opened:
        began = time.perf_counter()
        done = clean_up(Plan([stock], DAY, jobs), opened, lambda _done, _total: None)
        return done.fresh, time.perf_counter() - began, watch


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=600)
    documents = options.parse_args().documents
    with tempfile.TemporaryDirectory() as folder:
        stock = Path(folder, "stock")
        size = make_stock(stock, documents)
        print(f"stock: {documents} files, {size / 1e6:.1f} MB")
        measured(stock / DEPARTMENTS[0], None, 1)
        speeds = {}
        for jobs in (1, 2):
            ledger = Path(folder, f"{jobs}.db")
            fresh, seconds, watch = measured(stock, ledger, jobs)
            speeds[jobs] = fresh / seconds
            busy = sum(watch.runnable.values()) / seconds
            print(
                f"{jobs} jobs: {fresh} documents in {seconds:.1f} s = {speeds[jobs]:.1f}/s, "
                f"{watch.megabytes:.0f} MB in all, {busy:.2f} processes kept busy"
            )
        print(f"speed-up with two processes: {speeds[2] / speeds[1]:.2f}")
        fresh, seconds, _ = measured(stock, Path(folder, "2.db"), 2)
        print(f"resumed: {fresh} documents in {seconds:.2f} s")


if __name__ == "__main__":
    main()
