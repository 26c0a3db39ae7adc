"""The classes of words the rules speak in, found in one pass over a statement.

Words live in engine/standards/rules/lexicon.toml; a word may belong to several classes. The automaton is built on first
use and kept. Called by the rules and by the weighing; knows nothing of polarity.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, overload

from ahocorasick_rs import AhoCorasick, Implementation

from engine.errors import StandardsError
from engine.screening.context import named_firms
from engine.standards.kept import read_toml

RULES = Path(__file__).parent.parent / "standards" / "rules"


class Hit(NamedTuple):
    """A word of one class at a place of a statement; sorts by start, then end."""

    start: int
    end: int
    name: str


VETO = "VETO"
"""The class of longer words within which no shorter one counts; it is never found itself."""
_CLASS_BITS = 12
_CLASS = (1 << _CLASS_BITS) - 1
_START_BITS = 44
_END = (1 << _START_BITS - _CLASS_BITS) - 1
# A word of a class at a place is one whole number: start, end and class from the highest bits down. Numbers sort as the
# hits they stand for, ten times faster than tuples.


class Words(Sequence[Hit]):
    """The words found in a statement, by start, then end, then class: hits made only when somebody looks at them."""

    __slots__ = ("_codes", "_lexicon", "classes")

    def __init__(self, lexicon: Lexicon, codes: list[int]) -> None:
        self._lexicon, self._codes = lexicon, codes
        self.classes = {code & _CLASS for code in codes}
        """The classes present, by their place in the lexicon."""

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[Hit]:
        return map(self._hit, self._codes)

    @overload
    def __getitem__(self, place: int) -> Hit: ...
    @overload
    def __getitem__(self, place: slice) -> list[Hit]: ...
    def __getitem__(self, place: int | slice) -> Hit | list[Hit]:
        found = self._codes[place]
        return self._hit(found) if isinstance(found, int) else [self._hit(code) for code in found]

    def _hit(self, code: int) -> Hit:
        return Hit(code >> _START_BITS, code >> _CLASS_BITS & _END, self._lexicon.names[code & _CLASS])

    def by_class(self, wanted: Container[int]) -> dict[int, list[Hit]]:
        """The hits of the classes wanted, in order."""
        found: dict[int, list[Hit]] = {}
        for code in self._codes:
            if (place := code & _CLASS) in wanted:
                hit = self._hit(code)
                if place in found:
                    found[place].append(hit)
                else:
                    found[place] = [hit]
        return found

    def own_names(self) -> list[str]:
        """The names of the rules' own word lists present."""
        names, common = self._lexicon.names, self._lexicon.common
        return [names[place] for place in self.classes if not common[place]]

    def pair_names(self, near: int) -> Collection[str]:
        """A for a class of the common lexicon, A>B where B begins at most `near` code points behind it; none twice."""
        is_common = self._lexicon.common
        common = [code for code in self._codes if is_common[code & _CLASS]]
        found: set[int] = set()
        add, reach = found.add, near + 1 << _START_BITS
        for place, code in enumerate(common, 1):
            first = code & _CLASS
            add(first)
            begin = (code >> _CLASS_BITS & _END) << _START_BITS
            stop, above = begin + reach, first + 1 << _CLASS_BITS
            for later in islice(common, place, None):
                if later >= stop:
                    break
                if later >= begin:
                    add(above | later & _CLASS)
        return list(map(self._lexicon.pairs.__getitem__, found))


class _PairNames(dict[int, str]):
    """The name of a class, or of a pair of classes, by their places: made once each."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def __missing__(self, pair: int) -> str:
        first, second = divmod(pair, 1 << _CLASS_BITS)
        self[pair] = f"{self._names[first - 1]}>{self._names[second]}" if first else self._names[second]
        return self[pair]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words and patterns by class. `names` are the classes in order, `places` where each stands among them, `common`
    which of them are no rule's own; `classes` are the classes of every word as places, `vetoes` the vetoing words.
    """

    names: tuple[str, ...]
    places: Mapping[str, int]
    common: tuple[bool, ...]
    words: tuple[str, ...]
    classes: tuple[tuple[int, ...], ...]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    vetoes: frozenset[int]
    automaton: AhoCorasick
    pairs: Mapping[int, str] = field(repr=False)

    def hits(self, text: str, places: Sequence[tuple[str, str]] = ()) -> Words:
        """Every occurrence of every class, by start then end; of one class at one start the longest only.

        `places` are (word, class) pairs known from the document alone: the names of its own and of other localities.
        """
        found: dict[int, int] = {}
        vetoed: dict[int, int] = {}
        classes, vetoes = self.classes, self.vetoes
        for word, start, end in self.automaton.find_matches_as_indexes(text, overlapping=True):
            at, span = start << _CLASS_BITS, start << _START_BITS | end << _CLASS_BITS
            for name in classes[word]:
                found[at | name] = span | name  # matches come by their ends: the longest is the last
            if word in vetoes:
                vetoed[start] = end
        if vetoed:
            found = _cleared(found, vetoed, self.places[VETO])
        for one, pattern in self.patterns:
            self._lay(found, one, [match.span() for match in pattern.finditer(text)])
        if "FIRM" in self.places:
            self._lay(found, "FIRM", named_firms(text))
        for place, one in places:
            self._lay(found, one, _occurrences(place, text), keep=True)
        return Words(self, sorted(found.values()))

    def mask(self, names: Iterable[str]) -> int:
        """The classes as a set of bits, by their places; raises KeyError for a class the lexicon does not have."""
        mask = 0
        for name in names:
            mask |= 1 << self.places[name]
        return mask

    def _lay(self, found: dict[int, int], name: str, spans: Iterable[tuple[int, int]], keep: bool = False) -> None:
        """Enter the spans as words of the class, over what stands there unless it is to be kept."""
        place = self.places[name]
        for start, end in spans:
            at = start << _CLASS_BITS | place
            if not (keep and at in found):
                found[at] = start << _START_BITS | end << _CLASS_BITS | place


def _cleared(found: Mapping[int, int], vetoed: Mapping[int, int], veto: int) -> dict[int, int]:
    """What is left when no shorter word counts within a vetoing one: 在地 within 所在地 is no word.

    `vetoed` has the ends of the vetoing words by their starts.
    """
    longest = max(end - start for start, end in vetoed.items())
    kept: dict[int, int] = {}
    for at, code in found.items():
        start, end = code >> _START_BITS, code >> _CLASS_BITS & _END
        around = range(max(0, end - longest), start + 1)
        if code & _CLASS != veto and not any(vetoed.get(one, 0) >= end + (one == start) for one in around):
            kept[at] = code
    return kept


def _occurrences(word: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + len(word))


def read_words(path: Path) -> dict[str, list[str]]:
    """The word classes in `path` as they are written; raises StandardsError when it is no such file."""
    try:
        return read_toml(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StandardsError(f"词表读不懂：{path}（{error}）。", "请检查该文件的写法，或者重新安装本软件。") from error


@cache
def load_words() -> Mapping[str, list[str]]:
    """The packaged word classes as they are written, read once a process."""
    return read_words(RULES / "lexicon.toml")


def read_lexicon(path: Path, extra: Sequence[tuple[str, Sequence[str]]] = ()) -> Lexicon:
    """The lexicon in `path`, with the rules' own word lists added; raises StandardsError naming the bad class."""
    return built(read_words(path), extra, path.name)


def built(table: Mapping[str, Any], extra: Sequence[tuple[str, Sequence[str]]], file: str) -> Lexicon:
    """The lexicon of these classes and the rules' own; raises StandardsError naming the file and the bad class."""
    patterns = table.get("patterns", {})
    common_words = [(name, listed) for name, listed in table.items() if name != "patterns"]
    words: dict[str, list[str]] = {}
    for name, listed in [*common_words, *extra]:
        if not isinstance(listed, list | tuple) or not set(map(type, listed)) <= {str} or "" in listed:
            raise StandardsError(f"词表 {file} 的词类 {name} 应当是一列非空的词。", "请改成字符串列表。")
        for word in dict.fromkeys(listed):
            words.setdefault(word, []).append(name)
    compiled = tuple((name, re.compile(expression)) for name, expression in sorted(patterns.items()))
    names = sorted({name for owners in words.values() for name in owners} | set(patterns))
    if len(names) > _CLASS:
        raise StandardsError(f"词表 {file} 有 {len(names)} 个词类，最多 {_CLASS} 个。", "请合并词类。")
    places = {name: place for place, name in enumerate(names)}
    classes = tuple(tuple(places[name] for name in owners) for owners in words.values())
    automaton = AhoCorasick(list(words), implementation=Implementation.ContiguousNFA)
    common = tuple(":" not in name for name in names)
    vetoes = frozenset(number for number, owners in enumerate(words.values()) if VETO in owners)
    return Lexicon(tuple(names), places, common, tuple(words), classes, compiled, vetoes, automaton, _PairNames(names))


@cache
def load_lexicon() -> Lexicon:
    """The packaged lexicon without any rule's own words, read once a process."""
    return read_lexicon(RULES / "lexicon.toml")
