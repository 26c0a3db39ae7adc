"""Labelled examples near a finding: how a clause like this was judged, and what its lawful twin looks like.

The examples are the clause rows of the benchmark's training part, packed by bench/make_examples.py. Nothing here takes
part in the verdict: it is read only when examples are asked for. Called by the reports and the terminal.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from engine.documents import fold
from engine.errors import StandardsError
from engine.model import Finding
from engine.patterns import pattern_of

PACK = Path(__file__).parent / "pack"
MOST = 2
NEAR = 0.10
"""Similarity from which an unlawful example is worth reading beside a finding."""
FEWEST = 5
"""Pairs of characters two clauses must share to be called alike at all."""
TWIN_NEAR = 0.12
"""Similarity from which a lawful one is."""
_SILENT = pattern_of(r"[\W\d_]+")


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled clause. A lawful one carries the items of its unlawful twin; `kind` and `sector` say where from."""

    id: str
    text: str
    violation: bool
    articles: tuple[str, ...]
    pair: str
    kind: str
    sector: str

    @property
    def source(self) -> str:
        """Where the clause would stand, and its number in the benchmark."""
        return "·".join(word for word in (self.kind, self.sector, self.id) if word)


@dataclass(frozen=True, slots=True)
class Near:
    """An example and how alike it is, 0 to 1."""

    example: Example
    similarity: float


@dataclass(frozen=True)
class Examples:
    """All examples, and what was hashed to make them."""

    pack: str
    corpus: str
    rows: tuple[Example, ...]

    @cached_property
    def _shelves(self) -> dict[tuple[str, ...], _Shelf]:
        return {}

    def near(self, finding: Finding) -> tuple[Near, ...]:
        """Up to two unlawful examples, nearest first, then the nearest lawful twin if one is near.

        Those that share the finding's main Measures or tender item are asked first, then those that share any item.
        Equal findings get equal examples.
        """
        wanted = [item for item in finding.articles if item[0] in "MB"]
        grams = _grams(finding.text)
        found: list[Near] = []
        for items in (wanted[:1], wanted, list(finding.articles)):
            if items and len(found) < MOST:
                seen = {near.example.id for near in found}
                found += [near for near in self._shelf(items, True).near(grams, NEAR) if near.example.id not in seen]
        lawful = self._shelf(wanted or finding.articles, False).near(grams, TWIN_NEAR)
        return (*found[:MOST], *lawful[:1])

    def _shelf(self, items: Sequence[str], violation: bool) -> _Shelf:
        key = (*items, str(violation))
        if key not in self._shelves:
            chosen = [
                row for row in self.rows if row.violation is violation and not set(items).isdisjoint(row.articles)
            ]
            self._shelves[key] = _Shelf(chosen)
        return self._shelves[key]


class _Shelf:
    """Examples of some items with their pairs of characters; a pair weighs the more the fewer examples have it."""

    def __init__(self, rows: Iterable[Example]) -> None:
        self.rows = [(row, _grams(row.text)) for row in rows]
        counts = Counter(gram for _, grams in self.rows for gram in grams)
        self.most = math.log(1 + len(self.rows))
        self.weights = {gram: self.most - math.log(count) for gram, count in counts.items()}
        self.sizes = [self._size(grams) for _, grams in self.rows]

    def _size(self, grams: Collection[str]) -> float:
        return math.sqrt(math.fsum(self.weights.get(gram, self.most) ** 2 for gram in grams)) or 1.0

    def near(self, grams: frozenset[str], least: float) -> list[Near]:
        """The rows at least so alike, nearest first; of equal ones the first by number."""
        size = self._size(grams)
        found = []
        for (row, theirs), its in zip(self.rows, self.sizes, strict=True):
            common = theirs & grams
            if len(common) < FEWEST:
                continue
            shared = math.fsum(self.weights[gram] ** 2 for gram in common)
            if shared >= least * size * its:
                found.append(Near(row, round(shared / (size * its), 3)))
        return sorted(found, key=lambda near: (-near.similarity, near.example.id))


def _grams(text: str) -> frozenset[str]:
    words = _SILENT.sub("", fold(text))
    return frozenset(words[place : place + 2] for place in range(len(words) - 1))


def read_examples(folder: Path) -> Examples:
    """The examples packed in `folder`; raises StandardsError when they are missing or not the ones of their card."""
    try:
        card = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
        content = (folder / "examples.jsonl.xz").read_bytes()
        if hashlib.sha256(content).hexdigest() != card["sha256"]:
            raise StandardsError(f"标注示例与其摘要不符：{folder}。", "文件被改动或损坏，请重新安装本软件。")
        lines = lzma.decompress(content).decode("utf-8").splitlines()
        rows = tuple(_example(json.loads(line)) for line in lines)
        return Examples(f"examples-{card['version']}", card["corpus"], rows)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, lzma.LZMAError) as error:
        raise StandardsError(f"标注示例读不出：{folder}（{error}）。", "请重新安装本软件。") from error


def _example(row: dict[str, object]) -> Example:
    words = [str(row.get(key, "")) for key in ("pair", "kind", "sector")]
    articles = row["articles"]
    if not isinstance(articles, list):
        raise TypeError("articles")
    return Example(str(row["id"]), str(row["text"]), bool(row["bad"]), tuple(map(str, articles)), *words)


@cache
def load_examples() -> Examples:
    """The packaged examples, read once a process and only when asked for."""
    return read_examples(PACK)
