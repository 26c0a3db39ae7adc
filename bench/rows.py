"""The labelled rows of the benchmark corpus, one shape for training and for measuring.

Clause files give one row a clause; documents give one row a sentence (with the lead-in of its list) and one row a
paragraph, so that the score meets text at both grains. `group` keeps twins, sectors and documents together in folds.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine.screening.ngrams import NUMBER

CORPUS = Path(__file__).parent / "corpus"
SENTENCE = re.compile(r"[^。；;！？!?\n]+[。；;！？!?]?")


@dataclass(frozen=True, slots=True)
class Row:
    """One text to be judged. `kind` is clause, sentence or paragraph; `level` of a list item's marker is not kept."""

    id: str
    text: str
    violation: bool
    articles: tuple[str, ...]
    group: str
    source: str
    kind: str
    trap: str = ""
    hint: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of a document: `[start, end)` in its text, and the lead-in it hangs under."""

    start: int
    end: int
    stem: str


def clause_rows(path: Path) -> Iterator[Row]:
    """Rows of one clause file (positives, negatives, twins, extra)."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            group = row.get("pair") or row.get("sector") or row.get("source", row["id"])
            yield Row(
                id=row["id"],
                text=row["text"],
                violation=row["label"] == "violation",
                articles=tuple(row.get("articles", ())),
                group=f"{path.stem}:{group}",
                source=path.stem,
                kind="clause",
                trap=row.get("trap", ""),
                hint=row.get("hint", ""),
                origin=row.get("origin", ""),
            )


def _marker_class(line: str) -> str:
    """The shape of a line's number, equal for siblings; empty without a number."""
    found = NUMBER.match(line)
    return re.sub(r"[一二三四五六七八九十百零〇\d]+", "n", found.group().strip()) if found else ""


def paragraphs(text: str) -> Iterator[Unit]:
    """Lines of a document; a numbered line after a lead-in that ends in a colon carries that lead-in."""
    start, stem, stem_class, item_class = 0, "", "", ""
    for line in text.split("\n"):
        shape = _marker_class(line)
        if stem and (not shape or shape == stem_class or (item_class and shape != item_class)):
            stem = ""
        if stem and not item_class:
            item_class = shape
        if line.strip():
            yield Unit(start, start + len(line), stem)
        if line.rstrip().endswith((":", "：")) and len(line) > 6:
            stem, stem_class, item_class = line.rstrip(), shape, ""
            stem = re.split(r"[。；;]", stem)[-1]
        start += len(line) + 1


def sentences(text: str) -> Iterator[Unit]:
    """Sentences of a document's lines, without the line's number; short scraps are left out."""
    for line in paragraphs(text):
        for found in SENTENCE.finditer(text, line.start, line.end):
            if found.end() - found.start() >= 6:
                yield Unit(found.start(), found.end(), line.stem)


def _common(unit: Unit, span: tuple[int, int]) -> int:
    return max(0, min(unit.end, span[1]) - max(unit.start, span[0]))


def _carries(unit: Unit, span: tuple[int, int]) -> bool:
    """Whether the unit holds enough of a quote to be one by itself; a run-in heading inside a quote does not."""
    return _common(unit, span) >= 0.4 * (span[1] - span[0])


def _quoted(text: str, quote: str) -> tuple[int, int]:
    at = text.find(quote)
    return (at, at + len(quote)) if at >= 0 else (0, 0)


def document_rows(path: Path) -> Iterator[Row]:
    """Sentence and paragraph rows of one labelled document; scraps of a quote that do not carry it are left out."""
    text = path.read_text(encoding="utf-8")
    label = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    quotes = [(_quoted(text, v["quote"]), tuple(v["articles"])) for v in label["violations"]]
    marked = [_quoted(text, quote) for quote in label.get("hard_negatives", ())]
    for kind, units in (("sentence", sentences(text)), ("paragraph", paragraphs(text))):
        for number, unit in enumerate(units):
            carried = [articles for span, articles in quotes if span[1] and _carries(unit, span)]
            if not carried and any(_common(unit, span) for span, _ in quotes):
                continue
            yield Row(
                id=f"{path.stem}#{kind[0]}{number}",
                text=unit.stem + NUMBER.sub("", text[unit.start : unit.end].lstrip()),
                violation=bool(carried),
                articles=tuple(dict.fromkeys(a for articles in carried for a in articles)),
                group=f"doc:{path.stem}",
                source=path.parent.name,
                kind=kind,
                trap="marked" if any(span[1] and _carries(unit, span) for span in marked) else "none",
            )


def rows_under(folder: Path) -> list[Row]:
    """Every row of every `*.jsonl` file and `docs*/` (or `*docs/`) folder under `folder`, in a fixed order."""
    rows = [row for path in sorted(folder.glob("*.jsonl")) for row in clause_rows(path)]
    for path in sorted(folder.glob("*docs*/*.txt")):
        rows.extend(document_rows(path))
    return rows


def corpus_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of every file under `folder`, in name order."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
