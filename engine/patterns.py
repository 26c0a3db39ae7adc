"""Regular expressions that are compiled when they are first used.

Compiling all of them takes longer than reading and screening a document; most documents need fewer than half. Used by
the modules that hold many; a single one in a function is `re`'s own business.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")


class _Late:
    """Stands where a compiled expression will; after the first use its methods are that one's own."""

    def __init__(self, expression: str, flags: int) -> None:
        self._made_of = expression, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = re.compile(*self._made_of)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def pattern_of(expression: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern of an expression, compiled when it is first used; a bad expression raises re.error then."""
    return cast("re.Pattern[str]", _Late(expression, flags))
