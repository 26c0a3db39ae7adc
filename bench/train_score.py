"""Train the learned score and write its pack: `python bench/train_score.py [--oof FILE]`.

Reads every clause file and document folder under bench/corpus/train, never the dev files. scikit-learn is used here
and nowhere else. Folds keep twins, sectors and documents together; the calibration is fitted on out-of-fold margins.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.rows import CORPUS, Row, corpus_hash, rows_under
from engine.screening.ngrams import bare, chunks
from engine.screening.score import PACK, regulation_item

BITS = 20
GRAM_SHARE = (0.5, 1.0, 1.0, 0.5)
COST = 2.0
ITEM_COST = 1.0
FOLDS = 5
SEED = 7

Vector = npt.NDArray[np.float64]


def matrix(texts: Sequence[str]) -> sp.csr_matrix:
    """Counts of hashed n-grams over the root of the text's length, as the score sums them at run time."""
    blocks = []
    for chunk in chunks(texts, BITS):
        row = np.repeat(np.arange(len(chunk.lengths)), chunk.lengths)
        at = np.concatenate([np.arange(s, s + n) for s, n in zip(chunk.starts, chunk.lengths, strict=True)])
        data, rows, cols = [], [], []
        for buckets, inside in chunk.grams:
            keep = inside[at]
            rows.append(row[keep])
            cols.append(buckets[at][keep])
            data.append(1 / np.sqrt(chunk.lengths[row[keep]]))
        shape = (len(chunk.lengths), 1 << BITS)
        blocks.append(sp.csr_matrix((np.concatenate(data), (np.concatenate(rows), np.concatenate(cols))), shape))
    return sp.vstack(blocks).tocsr()


def gram_shares(texts: Sequence[str]) -> Vector:
    """How much an n-gram of each bucket's length counts."""
    shares = np.zeros(1 << BITS)
    for chunk in chunks(texts, BITS):
        for share, (buckets, inside) in zip(GRAM_SHARE, chunk.grams, strict=True):
            shares[buckets[inside]] = share / 10
    return shares


def rarity(counts: sp.csr_matrix) -> Vector:
    """Inverse document frequency of every bucket."""
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.log((1 + counts.shape[0]) / (1 + seen)) + 1


def distinct(rows: list[Row]) -> list[Row]:
    """Rows worth learning from: long enough, and each text once per label."""
    kept = {(bare(row.text), row.violation): row for row in reversed(rows) if len(bare(row.text)) >= 6}
    return list(reversed(kept.values()))


def folds(rows: list[Row]) -> npt.NDArray[np.int64]:
    """The fold of every row; rows of one group share it."""
    names = sorted({row.group for row in rows})
    place = dict(zip(names, np.random.RandomState(SEED).permutation(len(names)) % FOLDS, strict=True))
    return np.array([place[row.group] for row in rows])


@dataclass
class Linear:
    """Weights per bucket and a bias."""

    weights: Vector
    bias: float


def fit_margin(counts: sp.csr_matrix, shares: Vector, violation: npt.NDArray[np.bool_]) -> Linear:
    """The violation model."""
    scale = rarity(counts) * shares
    model = LinearSVC(C=COST, class_weight="balanced", random_state=SEED).fit(counts @ sp.diags(scale), violation)
    return Linear(model.coef_[0] * scale, float(model.intercept_[0]))


def item_names(rows: list[Row]) -> list[str]:
    """Measures and tender items with at least two violations."""
    seen = [a for row in rows if row.violation for a in dict.fromkeys(row.articles) if a[0] in "MB"]
    return sorted({a for a in seen if seen.count(a) >= 2}, key=lambda a: (a[0] == "B", int(a[1:].split("-")[0]), a))


def fit_items(counts: sp.csr_matrix, shares: Vector, rows: list[Row], names: list[str]) -> tuple[Vector, Vector]:
    """One model per item plus one per Regulation item, added up: an item inherits what speaks for its parent."""
    scale = rarity(counts) * shares
    scaled = counts @ sp.diags(scale)
    own, parents = {}, {}
    for name in names:
        own[name] = _against_rest(scaled, np.array([name in row.articles for row in rows]))
    for parent in sorted({regulation_item(n) for n in names}):
        parents[parent] = _against_rest(scaled, np.array([parent in row.articles for row in rows]))
    weights = np.stack([own[n].weights + parents[regulation_item(n)].weights for n in names], axis=1)
    biases = np.array([own[n].bias + parents[regulation_item(n)].bias for n in names])
    return weights * scale[:, None], biases


def _against_rest(scaled: sp.csr_matrix, member: npt.NDArray[np.bool_]) -> Linear:
    if not member.any():
        return Linear(np.zeros(scaled.shape[1]), -1.0)
    model = LinearSVC(C=ITEM_COST, class_weight=None, random_state=SEED).fit(scaled, member)
    return Linear(model.coef_[0], float(model.intercept_[0]))


def narrowed(counts: sp.csr_matrix, least: int) -> npt.NDArray[np.int64]:
    """Buckets that at least `least` rows hold."""
    return np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) >= least)


def out_of_fold(counts: sp.csr_matrix, shares: Vector, rows: list[Row]) -> tuple[Vector, list[list[str]]]:
    """Raw margins and ranked items of every row from models that never saw its group."""
    violation = np.array([row.violation for row in rows])
    fold = folds(rows)
    margins, ranked = np.zeros(len(rows)), [[] for _ in rows]
    for k in range(FOLDS):
        inside, outside = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
        model = fit_margin(counts[outside], shares, violation[outside])
        margins[inside] = counts[inside] @ model.weights + model.bias
        hits = [i for i in outside if violation[i]]
        names = item_names([rows[i] for i in hits])
        use = narrowed(counts[hits], 2)
        weights, biases = fit_items(counts[hits][:, use], shares[use], [rows[i] for i in hits], names)
        scores = counts[inside][:, use] @ weights + biases
        for i, order in zip(inside, np.argsort(-scores, axis=1, kind="stable"), strict=True):
            ranked[i] = [names[j] for j in order[:6]]
    return margins, ranked


def platt(margins: Vector, violation: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept that turn raw margins into log-odds."""
    model = LogisticRegression(C=1e6).fit(margins[:, None], violation)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def write_pack(
    margin: Linear,
    calibration: tuple[float, float],
    names: list[str],
    items: tuple[Vector, Vector],
    use: Vector,
) -> str:
    """Write score.npz and score.json into the engine's pack folder; returns the pack id."""
    per_gram = margin.weights
    unit = float(np.abs(per_gram).max() / 32000)
    weights = np.round(per_gram / unit).astype(np.int16)
    buckets = np.flatnonzero(weights).astype(np.uint32)
    weights_i, biases = items
    units = np.abs(weights_i).max(axis=0) / 127
    PACK.mkdir(exist_ok=True)
    np.savez_compressed(
        PACK / "score.npz",
        buckets=buckets,
        weights=weights[buckets],
        item_buckets=use.astype(np.uint32),
        item_weights=np.round(weights_i / units).astype(np.int8),
        item_units=(units).astype(np.float32),
        item_biases=biases.astype(np.float32),
    )
    digest = hashlib.sha256((PACK / "score.npz").read_bytes()).hexdigest()
    pack = f"score-{digest[:12]}"
    card = {
        "pack": pack,
        "sha256": digest,
        "corpus_sha256": corpus_hash(CORPUS / "train"),
        "bits": BITS,
        "unit": unit,
        "bias": margin.bias,
        "slope": calibration[0],
        "intercept": calibration[1],
        "items": names,
    }
    (PACK / "score.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return pack


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
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def main() -> None:
    """Train, calibrate, write the pack, and with --oof the out-of-fold margins."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--oof", type=Path, help="write out-of-fold margins of every training row here")
    options = parser.parse_args()
    rows = distinct(rows_under(CORPUS / "train"))
    texts = [row.text for row in rows]
    violation = np.array([row.violation for row in rows])
    counts, shares = matrix(texts), gram_shares(texts)
    raw, ranked = out_of_fold(counts, shares, rows)
    calibration = platt(raw, violation)
    if options.oof:
        write_oof(options.oof, rows, raw * calibration[0] + calibration[1], ranked)
    hits = np.flatnonzero(violation)
    names = item_names([rows[i] for i in hits])
    use = narrowed(counts[hits], 2)
    items = fit_items(counts[hits][:, use], shares[use], [rows[i] for i in hits], names)
    pack = write_pack(fit_margin(counts, shares, violation), calibration, names, items, use)
    print(f"{len(rows)} rows, {int(violation.sum())} violations; wrote {pack}")


if __name__ == "__main__":
    main()
