"""The classes of words the rules speak in, found in one pass over a statement.

Words live in engine/standards/rules/lexicon.toml; a word may belong to several classes. The automaton is built on first
use and kept. Called by the rules and by the weighing; knows nothing of polarity.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from engine.errors import StandardsError
from engine.screening.context import named_firms

RULES = Path(__file__).parent.parent / "standards" / "rules"


class Hit(NamedTuple):
    """A word of one class at a place of a statement; sorts by start, then end. Plain tuples: there are millions."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words and patterns by class; `bits` gives every class its place in a mask."""

    bits: dict[str, int]
    words: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    automaton: AhoCorasick

    def hits(self, text: str, places: Sequence[tuple[str, str]] = ()) -> list[Hit]:
        """Every occurrence of every class, by start then end; of one class at one start the longest only.

        `places` are (word, class) pairs known from the document alone: the names of its own and of other localities.
        """
        longest: dict[tuple[int, str], int] = {}
        for word, start, end in self.automaton.find_matches_as_indexes(text, overlapping=True):
            for name in self.classes[word]:
                if longest.get((start, name), 0) < end:
                    longest[(start, name)] = end
        for name, pattern in self.patterns:
            for found in pattern.finditer(text):
                longest[(found.start(), name)] = found.end()
        if "FIRM" in self.bits:
            for start, end in named_firms(text):
                longest[(start, "FIRM")] = end
        for place, name in places:
            for found in re.finditer(re.escape(place), text):
                longest.setdefault((found.start(), name), found.end())
        new = tuple.__new__  # what Hit._make calls, without the call
        return [new(Hit, found) for found in sorted([(start, end, name) for (start, name), end in longest.items()])]

    def mask(self, names: Iterable[str]) -> int:
        """The classes as a set of bits; raises KeyError for a class the lexicon does not have."""
        mask = 0
        for name in names:
            mask |= self.bits[name]
        return mask


def read_lexicon(path: Path, extra: Sequence[tuple[str, Sequence[str]]] = ()) -> Lexicon:
    """The lexicon in `path`, with the rules' own word lists added; raises StandardsError naming the bad class."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise StandardsError(f"词表读不懂：{path}（{error}）。", "请检查该文件的写法，或者重新安装本软件。") from error
    patterns = table.pop("patterns", {})
    words: dict[str, list[str]] = {}
    for name, listed in [*table.items(), *extra]:
        if not isinstance(listed, list | tuple) or not all(isinstance(word, str) and word for word in listed):
            raise StandardsError(f"词表 {path.name} 的词类 {name} 应当是一列非空的词。", "请改成字符串列表。")
        for word in dict.fromkeys(listed):
            words.setdefault(word, []).append(name)
    compiled = tuple((name, re.compile(expression)) for name, expression in sorted(patterns.items()))
    names = dict.fromkeys([name for owners in words.values() for name in owners] + [name for name, _ in compiled])
    automaton = AhoCorasick(list(words), implementation=Implementation.ContiguousNFA)
    bits = {name: 1 << place for place, name in enumerate(names)}
    return Lexicon(bits, tuple(words), tuple(tuple(owners) for owners in words.values()), compiled, automaton)


@cache
def load_lexicon() -> Lexicon:
    """The packaged lexicon without any rule's own words, read once a process."""
    return read_lexicon(RULES / "lexicon.toml")
