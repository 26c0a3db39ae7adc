"""How the screener does on real documents somebody has judged: `python bench/judged.py DIR [DIR …]`.

The texts are other people's and not copied here: each folder holds `*.txt` and `labels.jsonl`, a sentence a line with
`doc` (the file's stem), `text` and `judged` (violation, lawful or arguable). Prints how many of each are blocked, shown
to a person, or passed over; what nobody has judged is counted apart.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine.documents import read_document
from engine.screening import screen
from engine.standards import load_standards

DAY = date(2026, 11, 25)
UNJUDGED, SILENT = "unjudged", "silent"


def bare(text: str) -> str:
    """The Chinese characters alone: judges quote with other punctuation."""
    return "".join(sign for sign in text if "\u4e00" <= sign <= "\u9fff")


def counted(folder: Path) -> Iterator[tuple[str, str]]:
    """The level and the judgement of every finding, and of every judged sentence without one."""
    labels = defaultdict(list)
    for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        labels[row["doc"]].append((bare(row["text"]), row["judged"]))
    for path in sorted(path for path in folder.glob("*.txt") if path.stem in labels):
        found = set[int]()
        for finding in screen(read_document(path), load_standards(), DAY).findings:
            words = bare(finding.text)
            places = [place for place, (said, _) in enumerate(labels[path.stem]) if words in said or said in words]
            found.update(places[:1])
            yield finding.level.value, labels[path.stem][places[0]][1] if places else UNJUDGED
        yield from ((SILENT, judged) for place, (_, judged) in enumerate(labels[path.stem]) if place not in found)


def main() -> None:
    """Print the table of all folders together."""
    table = Counter(each for folder in sys.argv[1:] for each in counted(Path(folder)))
    for (level, judged), number in sorted(table.items()):
        print(f"{level:10s} {judged:10s} {number:5d}")


if __name__ == "__main__":
    main()
