"""Searching drafts, opinions and findings: a plain read, called by `shuangshen search`.

What is found is shown, never relied upon: the index is derived, and a passage that is not in it is not found. Whoever
doubts runs `db reindex`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InvalidInput
from engine.store.connection import reading
from engine.store.marks import INDEX, folded, signs_of, sought
from engine.store.reads import Found
from engine.store.sqlite import sqlite3

LONGEST_WORD = 64
MOST_WORDS = 8
SCANNED = 200_000
"""Passages looked through, the newest first, where there is no index to ask."""
AROUND = 24
"""Code points shown on either side of a hit."""
KINDS = ("draft", "opinion", "finding")
_HAS_INDEX = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
_OLDEST = "SELECT MIN(id) AS id FROM (SELECT id FROM passage ORDER BY id DESC LIMIT ?) AS newest"
_KEPT = "p.id, p.case_id, p.kind, p.place, p.version, p.text, c.title, c.unit, c.stage"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: all of these words in one passage, and in which cases, stages and kinds of text."""

    words: Sequence[str]
    unit: str | None = None
    stage: str = ""
    kind: str = ""


def search(path: Path, asked: Asked, limit: int = 20, after: int | None = None) -> list[Found]:
    """The passages that hold every word, the newest first; `after` is the `id` of the last one seen.

    Each has a `snippet` of its text and `hits`, half-open code-point ranges in it. ASCII letters match in either case.
    Raises InvalidInput for no words, or too many or too long ones.
    """
    words = _words(asked.words)
    with reading(path) as connection:
        source, key, conditions, values = _narrowed(connection, words)
        for word in words:
            conditions.append("instr(lower(p.text), ?) > 0")
            values.append(word)
        for column, wanted in (("c.unit", asked.unit), ("c.stage", asked.stage), ("p.kind", asked.kind)):
            if wanted:
                conditions.append(f"{column} = ?")
                values.append(wanted)
        if after is not None:
            conditions.append(f"{key} < ?")
            values.append(after)
        statement = f"""SELECT {_KEPT} FROM {source} JOIN case_ c ON c.id = p.case_id
            WHERE {" AND ".join(conditions)} ORDER BY {key} DESC LIMIT ?"""  # noqa: S608
        rows = connection.execute(statement, (*values, limit)).fetchall()
    return [_shown(dict(row), words) for row in rows]


def _words(given: Sequence[str]) -> list[str]:
    words = [folded(word.strip()) for word in given if word.strip()]
    if not words or len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD or "\0" in word for word in words):
        raise InvalidInput(
            f"没有要查的词，或者多于 {MOST_WORDS} 个、长于 {LONGEST_WORD} 字。", "请写一个或者几个词，用空格隔开。"
        )
    return words


def _narrowed(connection: sqlite3.Connection, words: Sequence[str]) -> tuple[str, str, list[str], list[Any]]:
    """Where to look, by the index of this database or among the newest passages, and what they are in order of."""
    if not isinstance(connection, sqlite3.Connection):
        marks = sorted({mark for word in words for mark in sought(word)})
        return "passage p", "p.id", ["p.marks @> CAST(? AS integer[])"], [marks]
    if connection.execute(_HAS_INDEX, (INDEX,)).fetchone():
        phrases = " AND ".join(f'"{signs_of(word)}"' for word in words)
        joined = f"{INDEX} JOIN passage p ON p.id = {INDEX}.rowid"
        return joined, f"{INDEX}.rowid", [f"{INDEX} MATCH ?"], [phrases]  # so it need not find all of them first
    oldest = connection.execute(_OLDEST, (SCANNED,)).fetchone()["id"]
    return "passage p", "p.id", ["p.id >= ?"], [oldest or 0]


def _shown(row: Found, words: Sequence[str]) -> Found:
    text = row.pop("text")
    small = folded(text)
    first = min(small.find(word) for word in words)
    start = max(0, first - AROUND)
    end = min(len(text), max(first + AROUND * 3, start + 1))
    end = max(end, first + max(len(word) for word in words if small.startswith(word, first)))
    snippet = text[start:end]
    hits = sorted({hit for word in words for hit in _places(folded(snippet), word)})
    return {**row, "snippet": snippet, "hits": _joined(hits), "cut": [start > 0, end < len(text)]}


def _places(small: str, word: str) -> list[tuple[int, int]]:
    found, start = [], small.find(word)
    while start >= 0:
        found.append((start, start + len(word)))
        start = small.find(word, start + 1)
    return found


def _joined(hits: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Ranges that touch or overlap made into one."""
    whole: list[list[int]] = []
    for start, end in hits:
        if whole and start <= whole[-1][1]:
            whole[-1][1] = max(whole[-1][1], end)
        else:
            whole.append([start, end])
    return whole
