"""A late pattern does what the pattern does, and is compiled once, when it is first used."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine.patterns import pattern_of

WORDS = "本市企业,外地企业"


def spans(pattern: re.Pattern[str]) -> list[Any]:
    return [
        pattern.search(WORDS).span() if pattern.search(WORDS) else None,  # type: ignore[union-attr]
        pattern.match(WORDS, 2),
        [found.span() for found in pattern.finditer(WORDS)],
        pattern.findall(WORDS),
        pattern.split(WORDS),
        pattern.sub("", WORDS),
        pattern.pattern,
        pattern.flags,
    ]


@pytest.mark.parametrize("expression", ["企业", "(?P<who>本市|外地)企业", "^没有"])
def test_the_same_comes_of_it(expression: str) -> None:
    late, soon = spans(pattern_of(expression)), spans(re.compile(expression))
    assert repr(late) == repr(soon)


def test_it_is_compiled_once_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    compiled = re.compile

    def counted(expression: str, flags: int = 0) -> re.Pattern[str]:
        made.append(expression)
        return compiled(expression, flags)

    monkeypatch.setattr(re, "compile", counted)
    late = pattern_of("企业")
    assert made == []
    assert [bool(late.search(WORDS)), bool(late.match(WORDS)), late.sub("", "企业")] == [True, False, ""]
    assert made == ["企业"]


def test_a_bad_expression_is_refused_when_used() -> None:
    late = pattern_of("(")
    with pytest.raises(re.error):
        late.search("")
