"""How many blocked clauses get a patch: `python bench/patches.py [--dev] [--show N]`.

Every violation of the training part (or of the development file) is screened as a clause in hand; for each blocking
finding a patch is sought. A patch counts only when the clause with it no longer blocks, which the tool itself checks.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.quality import AS_OF, share
from bench.rows import CORPUS, Row, clause_rows
from engine.documents import read_text
from engine.model import Finding, Level
from engine.screening import screen
from engine.screening.patches import KINDS, Bench, Patch, patches
from engine.standards import load_standards


def sought(row: Row) -> list[tuple[Finding, Patch | None]]:
    """The blocking findings of one clause, each with its patch."""
    law = load_standards()
    document = read_text(row.text)
    result = screen(document, law, AS_OF)
    found = patches(Bench(document, result, law, AS_OF))
    return [pair for pair in zip(result.findings, found, strict=True) if pair[0].level is Level.BLOCK]


def main() -> None:
    """Print the shares by depth and by group of items, and some patches to read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="the development file instead of the training part")
    parser.add_argument("--show", type=int, default=0, help="print every N-th patch")
    parser.add_argument("--every", type=int, default=1, help="only every N-th clause")
    options = parser.parse_args()
    paths = [CORPUS / "positives_dev.jsonl"] if options.dev else sorted((CORPUS / "train").glob("*.jsonl"))
    rows = [row for path in paths for row in clause_rows(path) if row.violation][:: options.every]
    kinds: Counter[str] = Counter()
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for number, (finding, patch) in enumerate(pair for row in rows for pair in sought(row)):
        kind = KINDS[patch.kind] if patch else "无"
        main_item = next((item for item in finding.articles if item[0] in "MB"), "?")
        kinds[kind] += 1
        groups[main_item.partition("-")[0]][kind] += 1
        if options.show and number % options.show == 0:
            print(f"{main_item} {kind}：{finding.text}\n    → {patch.sentence if patch else ''}")
    total = sum(kinds.values())
    print(f"须处理 {total} 处，有改写建议 {share(total - kinds['无'], total)}")
    for kind in KINDS.values():
        print(f"  {kind} {share(kinds[kind], total)}")
    for group, counted in sorted(groups.items()):
        print(f"  {group:4s} " + "  ".join(f"{kind} {counted[kind]}" for kind in (*KINDS.values(), "无")))


if __name__ == "__main__":
    main()
