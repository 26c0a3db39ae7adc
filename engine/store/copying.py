"""Every row of a store put into an empty one, whichever databases the two are: backup, restoration, moving house."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from engine.store.connection import reading
from engine.store.tables import APPENDING, TABLES
from engine.store.walking import one_by_one, pages

ORDER = {
    "meta": "key", "bundle": "hash", "content": "sha256", "case_": "id", "matter": "id", "event": "seq",
    "record": "id", "command": "id", "merkle": "position", "tally": "name", "task": "case_id",
}  # fmt: skip
"""Every table with the key its rows are read by; what a row refers to is there before it."""


def copy_rows(source: Path, target: Connection) -> None:
    """The tables made in `target`, empty so far, hold what `source` holds at one instant."""
    with reading(source) as connection:
        for name, key in ORDER.items():
            for rows in _bundles_of_rows(connection, name, key):
                target.execute(insert(TABLES[name]), rows)


def _bundles_of_rows(connection: sqlite3.Connection, name: str, key: str) -> Iterator[list[dict[str, Any]]]:
    if name == "content":
        yield from ([dict(row)] for row in one_by_one(connection, name, key))
    elif name == "task":  # several to a key: a page might end between them
        rows = [dict(row) for row in connection.execute("SELECT * FROM task ORDER BY case_id, ordinal")]
        yield from ([rows] if rows else [])
    else:
        for page in pages(connection, name, key):
            kept = [dict(row) for row in page if row[key] != APPENDING]
            yield from ([kept] if kept else [])
