"""Train the learned score and write its pack: `python bench/train_score.py --statutes DIR [--oof FILE]`.

Reads every clause file and document folder under bench/corpus/train, never the dev files. scikit-learn is used here
and nowhere else. Folds keep twins, sectors and documents together; the calibration is fitted on out-of-fold margins.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.rows import CORPUS, Row, corpus_hash, rows_under
from engine.screening.ngrams import BITS, LONGEST, bare, chunks
from engine.screening.score import FEW_WORDS, PACK, read_words
from engine.screening.wordpairs import WordClasses
from engine.standards import load_standards

GRAM_SHARE = (0.05, 0.1, 0.1, 0.05)
PAIR_SHARE = 0.05
COST = 4.0
RIDGE = 0.2
PARENT_SHARE = 0.2
SECOND_CODE = 0.5
ITEM_FEATURES = 24_000
FOLDS = 5
SEED = 7
GRAMS = 1 << BITS

Vector = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@cache
def words() -> WordClasses:
    """The word classes of the pack."""
    return read_words((PACK / "classes.toml").read_bytes())


def _gram_block(texts: list[str]) -> tuple[sp.csr_matrix, Vector]:
    """Counts of n-gram buckets over the root of the length; the share each bucket's n-gram length has."""
    shares = np.zeros(GRAMS)
    blocks = []
    for chunk in chunks(texts):
        owner = np.repeat(np.arange(len(chunk.lengths)), chunk.lengths + LONGEST)
        rows, cols = [], []
        for share, (buckets, inside) in zip(GRAM_SHARE, chunk.ngrams(), strict=True):
            rows.append(owner[inside])
            cols.append(buckets[inside])
            shares[buckets[inside]] = share
        row = np.concatenate(rows)
        data = 1 / np.sqrt(chunk.lengths[row])
        blocks.append(sp.csr_matrix((data, (row, np.concatenate(cols))), (len(chunk.lengths), GRAMS)))
    return sp.vstack(blocks).tocsr(), shares


def _pair_block(texts: list[str]) -> sp.csr_matrix:
    """Counts of word classes and their pairs over the root of how many there are."""
    blocks = []
    for chunk in chunks(texts):
        text, feature = words().features(chunk)
        count = np.bincount(text, minlength=len(chunk.lengths))
        data = 1 / np.sqrt(np.maximum(count[text], FEW_WORDS))
        blocks.append(sp.csr_matrix((data, (text, feature)), (len(chunk.lengths), words().size)))
    return sp.vstack(blocks).tocsr()


def features(texts: list[str]) -> tuple[sp.csr_matrix, Vector]:
    """The features the score sums at run time, and the factor each is trained with (share times rarity)."""
    grams, shares = _gram_block(texts)
    pairs = _pair_block(texts)
    counts = sp.hstack([grams, pairs]).tocsr()
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log((1 + len(texts)) / (1 + seen)) + 1
    return counts, rarity * np.concatenate([shares, np.full(pairs.shape[1], PAIR_SHARE)])


def distinct(rows: list[Row]) -> list[Row]:
    """Rows worth learning from: long enough, and each text once per label."""
    kept = {(bare(row.text), row.violation): row for row in reversed(rows) if len(bare(row.text)) >= 6}
    return list(reversed(kept.values()))


def folds(rows: list[Row]) -> Places:
    """The fold of every row; rows of one group share it."""
    names = sorted({row.group for row in rows})
    place = dict(zip(names, np.random.RandomState(SEED).permutation(len(names)) % FOLDS, strict=True))
    return np.array([place[row.group] for row in rows])


@dataclass
class Linear:
    """Weights per feature and a bias."""

    weights: Vector
    bias: float


def fit_margin(counts: sp.csr_matrix, factor: Vector, violation: npt.NDArray[np.bool_]) -> Linear:
    """The violation model."""
    model = LinearSVC(C=COST, class_weight="balanced", random_state=SEED).fit(counts @ sp.diags(factor), violation)
    return Linear(model.coef_[0] * factor, float(model.intercept_[0]))


def item_names(rows: list[Row]) -> list[str]:
    """Measures and tender items with at least two violations."""
    seen = [a for row in rows if row.violation for a in dict.fromkeys(row.articles) if a[0] in "MB"]
    kept = {a for a in seen if seen.count(a) >= 2}
    return sorted(kept, key=lambda a: (a[0], *map(int, a[1:].split("-"))))


def parent_item(item: str) -> str:
    """The Regulation item a Measures or tender item spells out."""
    return load_standards().item(item).parent


def _membership(rows: list[Row], names: list[str]) -> Vector:
    """1 for a row's main item, less for its other ones."""
    table = np.zeros((len(rows), len(names)))
    place = {name: i for i, name in enumerate(names)}
    for row, line in zip(rows, table, strict=True):
        for rank, name in enumerate(a for a in row.articles if a in place):
            line[place[name]] = max(line[place[name]], SECOND_CODE if rank else 1.0)
    return table


def fit_items(counts: sp.csr_matrix, factor: Vector, rows: list[Row], names: list[str]) -> Vector:
    """Weights (feature by item) of a ridge regression in the kernel of the rows.

    An item inherits a part of its Regulation item's weights. Without the mean, so that frequent items gain nothing by
    being frequent.
    """
    parents = sorted({parent_item(name) for name in names})
    target = np.hstack([_membership(rows, names), _membership(rows, parents)])
    scaled = counts @ sp.diags(factor)
    kernel = (scaled @ scaled.T).toarray()
    dual = np.linalg.solve(kernel + RIDGE * np.eye(len(rows)), target - target.mean(axis=0))
    weights = (scaled.T @ dual) * factor[:, None]
    own, inherited = weights[:, : len(names)], weights[:, len(names) :]
    return own + PARENT_SHARE * inherited[:, [parents.index(parent_item(name)) for name in names]]


def telling(counts: sp.csr_matrix) -> Places:
    """Features that at least two rows hold."""
    return np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) >= 2)


def weightiest(counts: sp.csr_matrix, items: Vector) -> Places:
    """The features that move the ranking of the rows most, ascending."""
    moved = np.bincount(counts.indices, minlength=counts.shape[1]) * (items**2).sum(axis=1)
    return np.sort(np.argsort(-moved, kind="stable")[:ITEM_FEATURES])


def out_of_fold(counts: sp.csr_matrix, factor: Vector, rows: list[Row]) -> tuple[Vector, list[list[str]]]:
    """Raw margins and ranked items of every row from models that never saw its group."""
    violation = np.array([row.violation for row in rows])
    fold = folds(rows)
    margins = np.zeros(len(rows))
    ranked: list[list[str]] = [[] for _ in rows]
    for k in range(FOLDS):
        inside, outside = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
        model = fit_margin(counts[outside], factor, violation[outside])
        margins[inside] = counts[inside] @ model.weights + model.bias
        hits = [rows[i] for i in outside if violation[i]]
        shown = counts[[i for i in outside if violation[i]]]
        use = telling(shown)
        names = item_names(hits)
        scores = counts[inside][:, use] @ fit_items(shown[:, use], factor[use], hits, names)
        for i, order in zip(inside, np.argsort(-scores, axis=1, kind="stable"), strict=True):
            ranked[i] = [names[j] for j in order[:6]]
    return margins, ranked


def platt(margins: Vector, violation: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept that turn raw margins into log-odds."""
    model = LogisticRegression(C=1e6).fit(margins[:, None], violation)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _whole(weights: Vector) -> tuple[npt.NDArray[np.int16], float]:
    """Weights as whole numbers, and their unit."""
    unit = float(np.abs(weights).max() / 32000)
    return np.round(weights / unit).astype(np.int16), unit


def write_pack(
    folder: Path, margin: Linear, calibration: tuple[float, float], names: list[str], items: Vector, use: Places
) -> str:
    """Write score.npz and score.json into the pack folder; returns the pack id."""
    gram_weights, gram_unit = _whole(margin.weights[:GRAMS])
    pair_weights, pair_unit = _whole(margin.weights[GRAMS:])
    units = np.abs(items).max(axis=0) / 127
    np.savez_compressed(
        folder / "score.npz",
        gram_weights=gram_weights,
        pair_weights=pair_weights,
        item_features=use.astype(np.uint32),
        item_weights=np.round(items / units).astype(np.int8),
        item_units=units.astype(np.float32),
    )
    digest = hashlib.sha256((folder / "score.npz").read_bytes()).hexdigest()
    slope, intercept = calibration
    card = {
        "pack": f"score-{digest[:12]}",
        "weights_sha256": digest,
        "classes_sha256": hashlib.sha256((PACK / "classes.toml").read_bytes()).hexdigest(),
        "corpus_sha256": corpus_hash(CORPUS / "train"),
        "statutes_sha256": hashlib.sha256((CORPUS / "statutes.tsv").read_bytes()).hexdigest(),
        "gram_unit": gram_unit,
        "pair_unit": pair_unit,
        "slope": slope,
        "intercept": intercept + slope * margin.bias,
        "items": {name: parent_item(name) for name in names},
    }
    (folder / "score.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return str(card["pack"])


def write_oof(path: Path, rows: list[Row], margins: Vector, ranked: list[list[str]]) -> None:
    """One JSON line a training row with its calibrated out-of-fold margin."""
    with path.open("w", encoding="utf-8") as out:
        for row, margin, items in zip(rows, margins, ranked, strict=True):
            line = {
                "id": row.id,
                "text": row.text,
                "label": "violation" if row.violation else "compliant",
                "margin": round(float(margin), 4),
                "articles_ranked": items,
                "articles": row.articles,
                "source": row.source,
                "kind": row.kind,
                "trap": row.trap,
                "hint": row.hint,
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def train(rows: list[Row], folder: Path, oof: Path | None = None) -> str:
    """Write the score learned from the rows into the pack folder, out-of-fold margins into `oof`; returns the id."""
    violation = np.array([row.violation for row in rows])
    counts, factor = features([row.text for row in rows])
    raw, ranked = out_of_fold(counts, factor, rows)
    calibration = platt(raw, violation)
    if oof:
        write_oof(oof, rows, raw * calibration[0] + calibration[1], ranked)
    hits = [row for row in rows if row.violation]
    names, shown = item_names(hits), counts[violation]
    use = telling(shown)
    items = fit_items(shown[:, use], factor[use], hits, names)
    kept = weightiest(shown[:, use], items)
    return write_pack(folder, fit_margin(counts, factor, violation), calibration, names, items[kept], use[kept])


def training_rows(statutes: Path | None) -> list[Row]:
    """Every row worth learning from: the training part, and lawful sentences of laws when their folder is given."""
    rows = rows_under(CORPUS / "train")
    if statutes:
        from bench.statutes import statute_rows, write_manifest

        write_manifest(statutes)
        rows += statute_rows(statutes)
    return distinct(rows)


def main() -> None:
    """Train, calibrate, write the pack, and with --oof the out-of-fold margins."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--oof", type=Path, help="write out-of-fold margins of every training row here")
    parser.add_argument("--statutes", type=Path, help="a folder with texts of laws (bench/statutes.py)")
    options = parser.parse_args()
    rows = training_rows(options.statutes)
    pack = train(rows, PACK, options.oof)
    print(f"{len(rows)} rows, {sum(row.violation for row in rows)} violations; wrote {pack}")


if __name__ == "__main__":
    main()
