"""Which kinds of words a text holds and in what order: who, must or must not, does what, to whom.

Pairs of word classes carry over to wording that the n-grams of the training corpus never showed. Used by the learned
score only; the rules have their own lexicon. Whoever changes this file or its word list must train again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import AhoCorasick, MatchKind

from engine.screening.ngrams import Chunk, Counts

REACH = 6
WINDOW = 24
_STEPS = np.arange(1, REACH + 1)[:, None]


def _places_of(marks: str) -> npt.NDArray[np.bool_]:
    table = np.zeros(0x10000, np.bool_)
    table[[ord(mark) for mark in marks]] = True
    return table


_STOPS = _places_of("\0\n。;!?")
_PAUSES = _places_of(",:")


@dataclass(frozen=True, slots=True)
class WordClasses:
    """Words, the class number of each, and the automaton that finds the leftmost longest ones."""

    names: tuple[str, ...]
    class_of: npt.NDArray[np.int64]
    automaton: AhoCorasick

    @property
    def size(self) -> int:
        """Features there are: one a class, one a pair within reach, one a pair without a comma between."""
        return len(self.names) * (1 + 2 * len(self.names))

    def features(self, chunk: Chunk) -> tuple[Counts, Counts]:
        """`(text, feature)` of every occurrence, texts numbered within the chunk.

        A pair is two words of one sentence at most WINDOW characters and REACH words apart, in order.
        """
        found = self.automaton.find_matches_as_indexes(chunk.joined)
        word, start, end = np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found)).reshape(-1, 3).T
        kind = self.class_of[word]
        text = np.searchsorted(chunk.starts, start, "right") - 1
        sentence = np.cumsum(_STOPS[chunk.codes])[start]
        part = np.cumsum(_PAUSES[chunk.codes])[start]
        count = len(self.names)
        here = np.arange(len(word))
        later = here + _STEPS
        inside = later < len(word)
        later[~inside] = 0
        near = inside & (sentence[later] == sentence) & (start[later] - end <= WINDOW)
        first, second = np.nonzero(near)[1], later[near]
        pair = count + kind[first] * count + kind[second]
        together = part[first] == part[second]
        owner = text[first]
        return (
            np.concatenate([text, owner, owner[together]]),
            np.concatenate([kind, pair, pair[together] + count * count]),
        )


def word_classes(words: dict[str, list[str]]) -> WordClasses:
    """The classes of a word list; a word belongs to one class."""
    names = tuple(words)
    flat = [(word, number) for number, name in enumerate(names) for word in words[name]]
    automaton = AhoCorasick([word for word, _ in flat], matchkind=MatchKind.LeftmostLongest)
    return WordClasses(names, np.array([number for _, number in flat], np.int64), automaton)
