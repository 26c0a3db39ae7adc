"""A few texts are read by ordinary whole numbers, many by NumPy: nobody can tell from what comes of it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.screening import load_tables
from engine.screening.arrays import read_arrays
from engine.screening.lanes import bare, few
from engine.screening.ngrams import chunks_of
from engine.screening.score import load_score

ROOT = Path(__file__).parents[3]
SIGNS = "甲乙9０（）“”『』a\0\n\uffff\U0001f600\ud800企业外地本市供应商不得,，。;:优先"
TEXTS = st.lists(st.text(alphabet=SIGNS, max_size=50), min_size=1, max_size=6)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_sums_of_ngrams_agree(texts: list[str]) -> None:
    weights = load_score().gram_weights
    (chunk,) = chunks_of(texts)
    assert few(texts).sums(weights.values) == chunk.sums(weights.array).tolist()
    sketches = load_tables().sketches
    assert few(texts).sums(sketches) == chunk.sums(sketches.weights).tolist()


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_words_and_their_pairs_agree(texts: list[str]) -> None:
    words = load_score().words
    (chunk,) = chunks_of([text.replace("\ud800", "") for text in texts])
    owners, features = words.features(chunk)
    many = Counter(zip(owners.tolist(), features.tolist(), strict=True))
    each = words.few_features(few([text.replace("\ud800", "") for text in texts]))
    assert Counter((owner, feature) for owner, own in enumerate(each) for feature in own) == many


def test_margins_of_many_are_those_of_each() -> None:
    score = load_score()
    texts = ["外地企业不得参加本市项目投标,评审时对本地企业加5分。", "", "各类经营主体一视同仁。"] * 400
    assert score.margins(texts) == [score.margins([text])[0] for text in texts]


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 200), max_size=3))
def test_items_are_ranked_alike(texts: list[str], repeated: list[int]) -> None:
    score = load_score()
    bared = [bare(text.replace("\ud800", "")) for text in [*texts, *("本市企业优先" * many for many in repeated)]]
    assert list(score._ordered(bared)) == list(score._few_ordered(bared))


def test_a_first_clause_is_read_without_numpy() -> None:
    program = (
        "import sys\nfrom datetime import date\nfrom engine.screening import screen_text\n"
        "from engine.standards import load_standards\n"
        "found = screen_text('外地企业不得参加本市项目投标。', load_standards(), date(2026, 1, 1)).findings\n"
        "print(len(found), 'numpy' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "1 False\n"


def test_arrays_of_another_make_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        read_arrays(b"no archive")
