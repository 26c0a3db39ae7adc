"""Who is told when an act has become durable: a log for the operator, and nothing that could change the act.

The store tells after the commit, and only what the log may hold: no text, no reason, no name beyond the officer's id.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Noted(NamedTuple):
    """One act, just written: its word, the officer's id, the case or matter, the number and hash of its event."""

    act: str
    officer: str
    case: str
    seq: int
    hash: str


LISTENERS: list[Callable[[Noted], None]] = []
"""Called with each act of a unit of work, in order, once it is durable; they raise nothing."""
