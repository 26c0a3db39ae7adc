"""The law as data with effective dates. `load_standards()` reads it once; everyone who cites, asks or judges by an
item calls it here and asks what was in force on a day.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from engine.errors import StandardsError
from engine.standards.items import (
    ExceptionMode,
    Group,
    Instrument,
    Item,
    Provision,
    Series,
    Severity,
    Standards,
    Verified,
    place,
)
from engine.standards.kept import keep
from engine.standards.loading import read_standards

__all__ = [
    "ExceptionMode",
    "Group",
    "Instrument",
    "Item",
    "Provision",
    "Series",
    "Severity",
    "Standards",
    "StandardsError",
    "Verified",
    "load_standards",
    "place",
]


def load_standards(directory: Path | None = None) -> Standards:
    """The law in `directory`, by default the packaged law (read once a process).

    Raises StandardsError naming file, key and the allowed keys when anything in the files is unknown, missing,
    dangling, cyclic or out of order.
    """
    return _packaged() if directory is None else read_standards(directory)


@cache
def _packaged() -> Standards:
    # importlib.resources would cost every cold start more than a third of the reading itself
    folder = Path(__file__).parent
    law = read_standards(folder)
    keep(folder)
    return law
