"""Which kinds of words a text holds and in what order: who, must or must not, does what, to whom.

Pairs of word classes carry over to wording that the n-grams of the training corpus never showed. Used by the learned
score only; the rules have their own lexicon. Whoever changes this file or its word list must train again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, MatchKind

from engine.screening.lanes import LAST, Few, Weights

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.screening.ngrams import Chunk, Counts

REACH = 6
WINDOW = 24
_STOPS, _PAUSES = "\0\n。;!?", ",:"
_STOP, _PAUSE = re.compile(f"[{_STOPS}]"), re.compile(f"[{_PAUSES}]")


@dataclass(frozen=True)
class WordClasses:
    """Words, the class number of each, and the automaton that finds the leftmost longest ones."""

    names: tuple[str, ...]
    class_of: tuple[int, ...]
    automaton: AhoCorasick

    @property
    def size(self) -> int:
        """Features there are: one a class, one a pair within reach, one a pair without a comma between."""
        return len(self.names) * (1 + 2 * len(self.names))

    def features(self, chunk: Chunk) -> tuple[Counts, Counts]:
        """`(text, feature)` of every occurrence, texts numbered within the chunk.

        A pair is two words of one sentence at most WINDOW characters and REACH words apart, in order.
        """
        import numpy as np

        found = self.automaton.find_matches_as_indexes(chunk.joined)
        word, start, end = np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found)).reshape(-1, 3).T
        kind = self._class_array[word]
        text = np.searchsorted(chunk.starts, start, "right") - 1
        stops, pauses, steps = _tables()
        sentence = np.cumsum(stops.take(chunk.codes))[start]
        part = np.cumsum(pauses.take(chunk.codes))[start]
        count = len(self.names)
        later = np.arange(len(word)) + steps
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

    @cached_property
    def _class_array(self) -> npt.NDArray[np.int64]:
        import numpy as np

        return np.array(self.class_of, np.int64)

    def few_features(self, few: Few) -> list[list[int]]:
        """The features of every text, with repetition: the same as `features` gives, one by one."""
        found = self.automaton.find_matches_as_indexes(few.joined)
        stops = [mark.start() for mark in _STOP.finditer(few.folded)]
        pauses = [mark.start() for mark in _PAUSE.finditer(few.folded)]
        seen = [
            (start, end, self.class_of[word], bisect_right(stops, start), bisect_right(pauses, start))
            for word, start, end in found
        ]
        count = len(self.names)
        features: list[list[int]] = [[] for _ in few.texts]
        for place, (start, end, kind, sentence, part) in enumerate(seen, 1):
            own = features[bisect_right(few.starts, start) - 1]
            own.append(kind)
            above, farthest = count + kind * count, end + WINDOW
            for later in seen[place : place + REACH]:
                if later[3] == sentence and later[0] <= farthest:
                    own.append(above + later[2])
                    if later[4] == part:
                        own.append(above + later[2] + count * count)
        return features

    def few_sums(self, few: Few, weights: Weights) -> list[tuple[int, int]]:
        """For every text how many features it has, and their weights added up."""
        return [(len(own), sum(map(weights.__getitem__, own))) for own in self.few_features(few)]


@cache
def _tables() -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Which code points end a sentence, which a part of one; the steps to the words within reach."""
    import numpy as np

    stops, pauses = np.zeros(LAST + 1, np.bool_), np.zeros(LAST + 1, np.bool_)
    stops[[ord(mark) for mark in _STOPS]] = True
    pauses[[ord(mark) for mark in _PAUSES]] = True
    return stops, pauses, np.arange(1, REACH + 1)[:, None]


def word_classes(words: dict[str, list[str]]) -> WordClasses:
    """The classes of a word list; a word belongs to one class."""
    names = tuple(words)
    flat = [(word, number) for number, name in enumerate(names) for word in words[name]]
    automaton = AhoCorasick([word for word, _ in flat], matchkind=MatchKind.LeftmostLongest)
    return WordClasses(names, tuple(number for _, number in flat), automaton)
