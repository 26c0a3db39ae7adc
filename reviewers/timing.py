"""How each element of the process is timed: the case's own `deadlines.toml` with the days of local practice.

Called wherever a clock is started, printed or spoken of.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.errors import StandardsError
from engine.model import Role

if TYPE_CHECKING:
    from engine.process import Bundle
    from reviewers.practice import Practice


@dataclass(frozen=True, slots=True)
class Rule:
    """How one element is timed. `stops`: while it is open, the clock of the element it came from stands."""

    element: str
    name: str
    days: int
    remind: int
    escalate: Role
    offers_return: bool
    stops: bool


def rules_of(bundle: Bundle, practice: Practice) -> dict[str, Rule]:
    """The timing rules by element: those of the case's own process files, with the days of local practice.

    An element to which practice gives no days has no rule. Raises StandardsError naming element and key.
    """
    days = practice.working_days
    return {
        element: _rule(element, bundle.elements[element].name, days[element], values)
        for element, values in _table(bundle.files.get("deadlines.toml", b"")).items()
        if element in days and element in bundle.elements
    }


@cache
def _table(raw: bytes) -> Mapping[str, Any]:
    try:
        return tomllib.loads(raw.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StandardsError(f"deadlines.toml：不是有效的 TOML 文件（{error}）。", "请按提示的行列改正。") from error


def _rule(element: str, name: str, days: int, values: Any) -> Rule:
    try:
        return Rule(
            element=element,
            name=name,
            days=days,
            remind=int(values["remind"]),
            escalate=Role(values["escalate"]),
            offers_return=values["on_overdue"] == "offer_return",
            stops=values["clock"] == "stop",
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StandardsError(f"deadlines.toml：[{element}]：{error}。", "请对照随附的 deadlines.toml 改正。") from error
