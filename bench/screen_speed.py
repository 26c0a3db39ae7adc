"""How fast text is read and screened: megabytes and documents a second, a draft, a tender file, the memory it takes.

Figures are CPU time of one core, the best of several rounds: other work on the machine disturbs them less that way.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

FOLDER = Path(__file__).parent / "corpus" / "train"
ROUNDS = 5
DRAFT = 5_000
TENDER = 300_000
DAY = date(2026, 11, 25)


def main() -> None:
    """Print the figures, one a line."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("docs_*/*.txt"))]
    print(f"first document, with loading   {_first(texts[0]) * 1000:8.0f} ms")
    seconds = _best(texts)
    size = sum(len(text.encode()) for text in texts) / 1_000_000
    rates = f"{size / seconds:8.2f} MB/s  {len(texts) / seconds:.0f} documents/s"
    print(f"{len(texts)} documents, {size:.2f} MB         {rates}")
    whole = "\n".join(texts)
    print(f"a draft of {DRAFT} characters    {_best([whole[:DRAFT]]) * 1000:8.1f} ms")
    tender = (whole * (TENDER // len(whole) + 1))[:TENDER]
    print(f"a file of {TENDER} characters   {_best([tender]) * 1000:8.0f} ms")
    print(f"peak memory                    {_peak_megabytes():8.0f} MB")


def _first(text: str) -> float:
    """Seconds of a process that has loaded nothing yet, the interpreter's own start aside."""
    start = time.process_time()
    _screen(text)
    return time.process_time() - start


def _best(texts: Sequence[str]) -> float:
    return min(_round(texts) for _ in range(ROUNDS))


def _round(texts: Sequence[str]) -> float:
    start = time.process_time()
    for text in texts:
        _screen(text)
    return time.process_time() - start


def _screen(text: str) -> None:
    from engine.documents import read_text
    from engine.screening import screen
    from engine.standards import load_standards

    screen(read_text(text), load_standards(), DAY)


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1_048_576 if sys.platform == "darwin" else peak / 1024


if __name__ == "__main__":
    main()
