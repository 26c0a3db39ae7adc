"""How fast the learned score reads: `python bench/score_speed.py`. Loading, one sentence, and bulk on one core."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.rows import CORPUS, rows_under
from engine.screening.score import PACK, read_score


def main() -> None:
    """Print the best of five of each."""
    texts = [row.text for row in rows_under(CORPUS)] * 20
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    loads, bulks, singles = [], [], []
    for _ in range(5):
        start = time.process_time()
        score = read_score(PACK)
        loads.append(time.process_time() - start)
        start = time.process_time()
        score.margins(texts)
        bulks.append(time.process_time() - start)
        start = time.process_time()
        for text in texts[:200]:
            score.margins([text])
        singles.append((time.process_time() - start) / 200)
    print(
        f"load {min(loads) * 1e3:.0f} ms  one text {min(singles) * 1e6:.0f} µs  bulk {megabytes / min(bulks):.1f} MB/s"
    )


if __name__ == "__main__":
    main()
