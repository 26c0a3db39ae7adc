"""Words are found and counted as numbers: what comes of it is what reading them one by one would give."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.documents import read_text
from engine.screening.lexicon import VETO, Hit, Words
from engine.screening.matching import find_chains
from engine.screening.reach import reached
from engine.screening.reading import statements
from engine.screening.rules import load_rules
from engine.screening.weighing import NEAR

PACK = load_rules()
LEXICON = PACK.lexicon
SAID = [text for rule in PACK.rules for text in (*rule.hit, *rule.ok)]
VETOES = [word for word, kinds in zip(LEXICON.words, LEXICON.classes, strict=True) if LEXICON.places[VETO] in kinds]
SENTENCES = st.lists(st.sampled_from([*SAID, *VETOES]), min_size=1, max_size=5).map("".join)
LINES = (
    "检查文件是否规定:",
    "经查,某局印发的通知规定:“外地企业不得投标。",
    "未在本市注册的不予受理。”",
    "上述规定违反公平竞争审查标准,已责令废止。",
    "一、各单位应当优先采购本地产品。",
    "(一)要求在本市设立分公司;",
    "(二)限定供应商所在地。",
    "各部门一律不得限定。",
)


def occurrences(text: str) -> list[Hit]:
    """Every word of every class at every place, of one class at one start the longest."""
    longest: dict[tuple[int, str], int] = {}
    for word, classes in zip(LEXICON.words, LEXICON.classes, strict=True):
        start = text.find(word)
        while start >= 0:
            for place in classes:
                key = (start, LEXICON.names[place])
                longest[key] = max(longest.get(key, 0), start + len(word))
            start = text.find(word, start + 1)
    found = sorted(Hit(start, end, name) for (start, name), end in longest.items())
    vetoed = [
        (start, start + len(word)) for word in VETOES for start in range(len(text)) if text.startswith(word, start)
    ]
    return [
        hit
        for hit in found
        if hit.name != VETO
        and not any(start <= hit.start and hit.end <= end and (start, end) != hit[:2] for start, end in vetoed)
    ]


def without_firms(words: Words) -> list[Hit]:
    """The hits but those of firms, which a pattern of their own finds."""
    return [hit for hit in words if hit.name != "FIRM"]


@settings(max_examples=40, deadline=None)
@given(SENTENCES)
def test_every_word_is_found_and_the_longest_of_a_class_counts(text: str) -> None:
    words = LEXICON.hits(text)
    assert without_firms(words) == [hit for hit in occurrences(text) if hit.name != "FIRM"]
    assert [words[place] for place in range(len(words))] == words[:] == list(words) == sorted(words)


@settings(max_examples=60, deadline=None)
@given(SENTENCES)
def test_pairs_are_those_of_words_near_each_other(text: str) -> None:
    words = LEXICON.hits(text)
    common = [hit for hit in words if ":" not in hit.name]
    pairs = {
        f"{first.name}>{later.name}"
        for first in common
        for later in common
        if first.end <= later.start <= first.end + NEAR
    }
    assert sorted(words.pair_names(NEAR)) == sorted(pairs | {hit.name for hit in common})
    assert set(words.own_names()) == {hit.name for hit in words if ":" in hit.name}


@settings(max_examples=60, deadline=None)
@given(SENTENCES)
def test_no_rule_is_passed_over(text: str) -> None:
    words = LEXICON.hits(text)
    by_class = words.by_class(range(len(LEXICON.names)))
    present = {hit.name for hit in words}
    expected = [
        (rule.id, chain)
        for rule in PACK.rules
        if present.isdisjoint(rule.unless)
        for order in rule.orders
        for chain in find_chains(by_class, [LEXICON.places[name] for name in order], rule.within)
    ]
    assert [(match.rule.id, match.chain) for match in PACK.matches(words)] == expected


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(LINES), min_size=2, max_size=14), st.data())
def test_what_reaches_some_is_what_reaches_all(lines: list[str], data: st.DataObject) -> None:
    said = statements(read_text("\n".join(lines)))
    asked = data.draw(st.lists(st.sampled_from(said), max_size=3)) if said else []
    whole, part = reached(said), reached(said, asked)
    assert [part.get(one.start) for one in asked] == [whole.get(one.start) for one in asked]
