"""Learn how much each signal counts and write the pack: `python bench/train_weighing.py [--report]`.

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
from bench.rows import CORPUS, Row, rows_under
from engine.documents import fold
from engine.model import Clause, ClauseKind, Document
from engine.screening.polarity import read_polarity, residual
from engine.screening.reading import statements
from engine.screening.rules import load_rules
from engine.screening.verdict import asserted
from engine.screening.weighing import EDGE, PACK, features_of

COST = 1.0
PAIR_SCALE = 2.0
RULE_SCALE = 1.0
LEAST = 5
BLOCK, ATTENTION = 0.0, -2.0

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
    for said in statements(as_document(fold(row.text))):
        polarity = read_polarity(said)
        if residual(said.text, polarity).strip(" ,;。:"):
            wholes.append(said.text)
            rests.append(residual(said.text, polarity))
        matches += [m for m in pack.matches(pack.lexicon.hits(said.text)) if asserted(m, polarity)]
    rest = "".join(rests)
    scaled = {
        name: value * (RULE_SCALE if name.startswith("rule:") else PAIR_SCALE)
        for name, value in features_of(pack.lexicon.hits(rest), matches)
    }
    return Read("".join(wholes), rest, scaled)


def margins_out_of_fold(rows: list[Row], reads: list[Read]) -> npt.NDArray[np.float64]:
    """Calibrated margins of every row and of its standing words, from models that never saw the row's group."""
    texts = [row.text for row in rows]
    plain = train_score.matrix(texts)
    whole, rest = (train_score.matrix([text or "。" for text in part]) for part in zip(*((r.whole, r.rest) for r in reads), strict=True))
    shares = train_score.gram_shares(texts)
    violation = np.array([row.violation for row in rows])
    fold_of = train_score.folds(rows)
    out = np.zeros((len(rows), 2))
    for k in range(train_score.FOLDS):
        inside, outside = np.flatnonzero(fold_of == k), np.flatnonzero(fold_of != k)
        model = train_score.fit_margin(plain[outside], shares, violation[outside])
        out[inside, 0] = whole[inside] @ model.weights + model.bias
        out[inside, 1] = rest[inside] @ model.weights + model.bias
    slope, intercept = train_score.platt(out[:, 0], violation)
    return np.clip(out * slope + intercept, -EDGE, EDGE)


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


def main() -> None:
    """Read, weigh, report and write the pack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--oof", type=Path, help="write out-of-fold odds of every row here")
    options = parser.parse_args()
    rows = train_score.distinct(rows_under(CORPUS / "train"))
    reads = [read(row) for row in rows]
    margins = margins_out_of_fold(rows, reads)
    table = DictVectorizer()
    features = table.fit_transform([one.features or {"none": 0.0} for one in reads]).tocsr()
    use = np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]) >= LEAST)
    design = sp.hstack([sp.csr_matrix(margins), features[:, use]]).tocsr()
    violation = np.array([row.violation for row in rows])
    odds = weighed_out_of_fold(design, rows)
    empty = np.array([not one.rest.strip(" ,;。:") for one in reads])
    odds[empty] = -99.0
    kinds, sources = np.array([row.kind for row in rows]), np.array([row.source for row in rows])
    twins = np.array(["twin" in source for source in sources])
    report("all", odds, violation)
    report("twins", odds[twins], violation[twins])
    clauses = (kinds == "clause") & (~twins | ~violation)
    report("positives, lawful twins", odds[clauses], violation[clauses])
    report("document sentences", odds[kinds == "sentence"], violation[kinds == "sentence"])
    if options.oof:
        lines = [{"id": r.id, "violation": r.violation, "odds": round(float(o), 3), "whole": round(float(m[0]), 3),
                  "standing": round(float(m[1]), 3), "rest": one.rest, "rules": [n for n in one.features if n.startswith("rule:")],
                  "text": r.text, "kind": r.kind, "trap": r.trap, "articles": r.articles}
                 for r, o, m, one in zip(rows, odds, margins, reads, strict=True)]  # fmt: skip
        options.oof.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    model = fit(design, violation)
    names = table.get_feature_names_out()[use]
    weights = {
        str(name): round(float(weight) * (RULE_SCALE if str(name).startswith("rule:") else PAIR_SCALE), 4)
        for name, weight in zip(names, model.coef_[0][2:], strict=True)
        if abs(weight) > 1e-3
    }
    card = {
        "bias": round(float(model.intercept_[0]), 4),
        "whole": round(float(model.coef_[0][0]), 4),
        "standing": round(float(model.coef_[0][1]), 4),
        "block": BLOCK,
        "attention": ATTENTION,
        "features": dict(sorted(weights.items())),
    }
    digest = hashlib.sha256(json.dumps(card, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    text = json.dumps({"pack": f"weighing-{digest[:12]}", **card}, ensure_ascii=False, indent=0)
    PACK.write_text(text + "\n", encoding="utf-8")
    print(
        f"{len(rows)} rows, {len(weights)} features; wrote weighing-{digest[:12]}; whole {card['whole']} standing {card['standing']} bias {card['bias']}"
    )


if __name__ == "__main__":
    main()
