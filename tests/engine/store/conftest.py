"""The databases of the store tests: what is promised is promised of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import Database, PostgreSQL, SQLite


@pytest.fixture(scope="session")
def pool() -> list[str]:
    """Databases of that server which no test uses now."""
    return []


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Where the stores of this test are made, once in SQLite and once in PostgreSQL."""
    if request.param == "sqlite":
        yield SQLite(tmp_path)
        return
    made = PostgreSQL(tmp_path, request.getfixturevalue("postgresql"), request.getfixturevalue("pool"))
    yield made
    made.give_back()
