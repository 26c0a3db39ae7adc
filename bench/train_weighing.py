"""Learn how much each signal counts and write the pack: `python bench/train_weighing.py --statutes DIR [--oof FILE]`.

Run after bench/train_score.py. The score's margins are taken out of fold, of the whole row and of the words polarity
left standing, so that the weights learn what the score is worth on text it has not seen.
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
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import train_score
from bench.rows import Row
from engine.documents import fold
from engine.model import Clause, ClauseKind, Document
from engine.screening.ngrams import BITS, LONGEST, chunks
from engine.screening.polarity import read_polarity, residual
from engine.screening.reach import reached
from engine.screening.reading import statements
from engine.screening.rules import load_rules
from engine.screening.sketch import PACK as SKETCH_PACK
from engine.screening.sketch import load_sketcher
from engine.screening.verdict import asserted
from engine.screening.weighing import EDGE, PACK, features_of

COST = 1.0
PAIR_SCALE = 2.0
RULE_SCALE = 1.0
LEAST = 5
SKETCH_SHARE = (0.05, 0.1, 0.1, 0.05)
IN_HAND, ATTENTION = -0.8, -2.0

Vector = npt.NDArray[np.float64]


@dataclass
class Read:
    """A row as the engine reads it: the standing words and the named features."""

    whole: str
    rest: str
    features: dict[str, float]


def as_document(text: str) -> Document:
    """The text as the only paragraph of a document."""
    clause = Clause("", "", ClauseKind.PARAGRAPH, 0, 0, len(text), 1, text)
    return Document("", "", text, "", "", "", (clause,))


def read(row: Row) -> Read:
    """What the engine makes of a row before weighing."""
    pack = load_rules()
    wholes, rests, matches = [], [], []
    told = statements(as_document(fold(row.text)))
    far = reached(told)
    for said in told:
        polarity = read_polarity(said, far.get(said.start, ()))
        if residual(said.text, polarity).strip(" ,;。:"):
            wholes.append(said.text)
            rests.append(residual(said.text, polarity))
        matches += [m for m in pack.matches(pack.lexicon.hits(said.text)) if asserted(m, polarity)]
    rest = "".join(rests)
    scaled = {
        name: value * (RULE_SCALE if name.startswith("rule:") else PAIR_SCALE)
        for names, value in features_of(pack.lexicon.hits(rest), matches)
        for name in sorted(names)
    }
    return Read("".join(wholes), rest, scaled)


def _out_of_fold(
    counts: sp.csr_matrix, factor: Vector, met: sp.csr_matrix, rows: list[Row]
) -> tuple[Vector, tuple[float, float]]:
    """Calibrated margins of the met texts from models that learned the rows of other groups."""
    violation = np.array([row.violation for row in rows])
    fold_of, out = train_score.folds(rows), np.zeros(len(rows))
    for k in range(train_score.FOLDS):
        inside, outside = np.flatnonzero(fold_of == k), np.flatnonzero(fold_of != k)
        model = train_score.fit_margin(counts[outside], factor, violation[outside])
        out[inside] = met[inside] @ model.weights + model.bias
    slope, intercept = train_score.platt(out, violation)
    return np.clip(out * slope + intercept, -EDGE, EDGE), (slope, intercept)


def margins_out_of_fold(rows: list[Row], reads: list[Read]) -> tuple[npt.NDArray[np.float64], tuple[float, float]]:
    """Margins of every row, of its standing words and of their sketch; and the calibration of the sketch table."""
    counts, factor = train_score.features([row.text for row in rows])
    whole, _ = _out_of_fold(counts, factor, train_score.features([one.whole or "。" for one in reads])[0], rows)
    rest, _ = _out_of_fold(counts, factor, train_score.features([one.rest or "。" for one in reads])[0], rows)
    grams, share = sketch_features(reads)
    sketch, calibration = _out_of_fold(grams, share, grams, rows)
    return np.stack([np.minimum(whole, rest), rest, sketch], axis=1), calibration


def sketch_features(reads: list[Read]) -> tuple[sp.csr_matrix, Vector]:
    """N-grams of every row's sketch over the root of its length, and the factor each is trained with."""
    shares = np.zeros(1 << BITS)
    blocks = []
    for chunk in chunks([load_sketcher().sketch(one.rest) or "。" for one in reads]):
        owner = np.repeat(np.arange(len(chunk.lengths)), chunk.lengths + LONGEST)
        found = [(owner[inside], buckets[inside]) for buckets, inside in chunk.ngrams()]
        for share, (_, buckets) in zip(SKETCH_SHARE, found, strict=True):
            shares[buckets] = share
        row, column = (np.concatenate(part) for part in zip(*found, strict=True))
        shape = (len(chunk.lengths), 1 << BITS)
        blocks.append(sp.csr_matrix((1 / np.sqrt(np.maximum(chunk.lengths[row], 1)), (row, column)), shape))
    counts = sp.vstack(blocks).tocsr()
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    return counts, (np.log((1 + len(reads)) / (1 + seen)) + 1) * shares


def write_sketch_table(
    path: Path, rows: list[Row], reads: list[Read], calibration: tuple[float, float]
) -> dict[str, object]:
    """Write the table over sketches to `path`; returns its card."""
    counts, factor = sketch_features(reads)
    model = train_score.fit_margin(counts, factor, np.array([row.violation for row in rows]))
    unit = float(np.abs(model.weights).max() / 32000)
    weights = np.round(model.weights / unit).astype(np.int16)
    buckets = np.flatnonzero(weights).astype(np.uint32)
    np.savez_compressed(path, buckets=buckets, weights=weights[buckets])
    slope, intercept = calibration
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"sha256": digest, "unit": unit, "slope": slope, "intercept": intercept + slope * model.bias}


def fit(design: sp.csr_matrix, violation: npt.NDArray[np.bool_]) -> LogisticRegression:
    """The weighing itself."""
    return LogisticRegression(C=COST, max_iter=600).fit(design, violation)


def weighed_out_of_fold(design: sp.csr_matrix, rows: Sequence[Row]) -> Vector:
    """Odds of every row from weights that never saw its group."""
    violation = np.array([row.violation for row in rows])
    fold_of = train_score.folds(list(rows))
    out = np.zeros(len(rows))
    for k in range(train_score.FOLDS):
        inside, outside = np.flatnonzero(fold_of == k), np.flatnonzero(fold_of != k)
        out[inside] = fit(design[outside], violation[outside]).decision_function(design[inside])
    return out


def report(name: str, odds: Vector, violation: npt.NDArray[np.bool_]) -> None:
    """How well odds part violations from lawful text."""
    bad, good = odds[violation], odds[~violation]
    line = f"{name:24s} auc {roc_auc_score(violation, odds):.4f}"
    for share in (0.02, 0.005, 0.001):
        line += f"  recall at {share:.1%} false {float((bad > np.quantile(good, 1 - share)).mean()):.3f}"
    print(line, f" at 0: recall {float((bad > 0).mean()):.3f} false {float((good > 0).mean()):.4f}")


def _line(row: Row, one: Read, margin: Vector, odds: float) -> dict[str, object]:
    """What one row looked like to the weighing, for reading errors."""
    return {
        "id": row.id,
        "violation": row.violation,
        "odds": round(odds, 3),
        "whole": round(float(margin[0]), 3),
        "standing": round(float(margin[1]), 3),
        "sketch": round(float(margin[2]), 3),
        "rules": [name for name in one.features if name.startswith("rule:")],
        "rest": one.rest,
        "text": row.text,
        "kind": row.kind,
        "trap": row.trap,
        "articles": row.articles,
    }


def _report(rows: Sequence[Row], reads: Sequence[Read], odds: Vector) -> None:
    """How well the weighing parts what it has not seen."""
    violation = np.array([row.violation for row in rows])
    odds = np.where([not one.rest.strip(" ,;。:") for one in reads], -99.0, odds)
    kinds, twins = np.array([row.kind for row in rows]), np.array(["twin" in row.source for row in rows])
    report("all", odds, violation)
    report("twins", odds[twins], violation[twins])
    clauses = (kinds == "clause") & (~twins | ~violation)
    report("positives, lawful twins", odds[clauses], violation[clauses])
    report("document sentences", odds[kinds == "sentence"], violation[kinds == "sentence"])


def write_card(folder: Path, card: dict[str, object]) -> str:
    """Write weighing.json under the digest of what it holds; returns its id."""
    digest = hashlib.sha256(json.dumps(card, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    name = f"weighing-{digest[:12]}"
    text = json.dumps({"pack": name, **card}, ensure_ascii=False, indent=0)
    (folder / PACK.name).write_text(text + "\n", encoding="utf-8")
    return name


def train(rows: list[Row], reads: list[Read], folder: Path, oof: Path | None = None) -> str:
    """Write the weights learned from the rows into the pack folder; returns their id.

    What a document's setting counts is kept as the folder has it: bench/train_in_document.py learns it.
    """
    margins, calibration = margins_out_of_fold(rows, reads)
    table_card = write_sketch_table(folder / SKETCH_PACK.name, rows, reads, calibration)
    table = DictVectorizer()
    features = table.fit_transform([one.features or {"none": 0.0} for one in reads]).tocsr()
    use = np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]) >= LEAST)
    design = sp.hstack([sp.csr_matrix(margins), features[:, use]]).tocsr()
    odds = weighed_out_of_fold(design, rows)
    _report(rows, reads, odds)
    if oof:
        with oof.open("w", encoding="utf-8") as out:
            for row, one, margin, odd in zip(rows, reads, margins, odds, strict=True):
                out.write(json.dumps(_line(row, one, margin, float(odd)), ensure_ascii=False) + "\n")
    model = fit(design, np.array([row.violation for row in rows]))
    weights = {
        str(name): round(float(weight) * (RULE_SCALE if str(name).startswith("rule:") else PAIR_SCALE), 4)
        for name, weight in zip(table.get_feature_names_out()[use], model.coef_[0][3:], strict=True)
        if abs(weight) > 1e-3
    }
    return write_card(
        folder,
        {
            "bias": round(float(model.intercept_[0]), 4),
            "whole": round(float(model.coef_[0][0]), 4),
            "standing": round(float(model.coef_[0][1]), 4),
            "sketch": round(float(model.coef_[0][2]), 4),
            "lexicon": load_sketcher().digest,
            "table": table_card,
            "block_in_hand": IN_HAND,
            "attention": ATTENTION,
            "document": json.loads((folder / PACK.name).read_text(encoding="utf-8"))["document"],
            "features": dict(sorted(weights.items())),
        },
    )


def main() -> None:
    """Read, weigh, report and write the pack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--oof", type=Path, help="write out-of-fold odds of every row here")
    parser.add_argument("--statutes", type=Path, help="a folder with texts of laws (bench/statutes.py)")
    options = parser.parse_args()
    rows = train_score.training_rows(options.statutes)
    pack = train(rows, [read(row) for row in rows], PACK.parent, options.oof)
    print(f"{len(rows)} rows; wrote {pack}")


if __name__ == "__main__":
    main()
