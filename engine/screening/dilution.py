"""A breach is a breach whatever lawful words stand beside it in the sentence.

The tables weigh a whole statement, so a long lawful half makes a short unlawful one look lawful:
投标人须在本市设立分公司 is plain, with 公开采购的条件和程序 behind a comma it was not. The parts that hold a rule's
words are therefore weighed alone too. Called by `engine.screening.verdict`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from engine.screening.clearing import segments
from engine.screening.reading import Statement
from engine.screening.rules import Match

PLAIN = 1.5
"""Log-odds from which a part by itself is plain enough to speak for its sentence."""
_MOST = 6
"""Parts of one sentence that are weighed; hostile text stays cheap."""
_NEARLY_ALL = 0.8
"""The share of the sentence from which a part is the sentence."""


def parts_of(said: Statement, matches: Sequence[Match]) -> Iterator[Statement]:
    """The first stretches between commas that hold the words of a match, each once; none that is nearly the whole."""
    cut = segments(said.text)
    held = [[part for part in cut if part[1] > match.span[0] and part[0] < match.span[1]] for match in matches]
    for start, end in islice(dict.fromkeys((parts[0][0], parts[-1][1]) for parts in held if parts), _MOST):
        if end - start <= _NEARLY_ALL * len(said.text):
            yield said._replace(text=said.text[start:end], start=said.start + start, end=said.start + end)
