"""Learn what a statement's setting counts in a document: `python bench/train_in_document.py --statutes DIR [--report]`.

Run after bench/train_weighing.py. Every training document is read by tables that never saw it nor its fold, so the
setting is weighed against what the tables are worth on new text. Writes the "document" part of the weights; takes
some twenty minutes, most of them for training the tables of the folds anew.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass, fields
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import train_score, train_weighing
from bench.quality import overlaps
from bench.rows import CORPUS, Row
from engine.documents import read_document
from engine.screening.context import own_places
from engine.screening.reading import statements
from engine.screening.rules import load_rules
from engine.screening.score import read_score
from engine.screening.setting import NEAR_CUT, Setting
from engine.screening.sketch import load_sketcher, read_sketch_table
from engine.screening.verdict import Tables, judge, settings
from engine.screening.weighing import PACK, read_weights

COST = 1.0
MATCHED, UNMATCHED, SURE, ALONE = 0.0, 2.0, 0.0, 4.5
TRAIN = CORPUS / "train"


@dataclass(frozen=True, slots=True)
class Seen:
    """A statement near the cut, its setting, and the labelled violation it holds, if any."""

    document: str
    setting: Setting
    violation: str


def read_tables(folder: Path) -> Tables:
    """The learned tables of a pack folder."""
    weights = read_weights(folder / PACK.name)
    sketches = read_sketch_table(folder / "sketch.npz", weights.table)
    return Tables(read_score(folder), load_sketcher(), sketches, weights)


def tables_without(fold: int, rows: list[Row], reads: list[train_weighing.Read], folder: Path) -> Tables:
    """Tables that learned every fold but this one."""
    outside = np.flatnonzero(train_score.folds(rows) != fold)
    for path in filter(Path.is_file, PACK.parent.iterdir()):
        shutil.copy(path, folder)
    train_score.train([rows[i] for i in outside], folder)
    train_weighing.train([rows[i] for i in outside], [reads[i] for i in outside], folder)
    return read_tables(folder)


def seen_in(path: Path, tables: Tables) -> Iterator[Seen]:
    """The statements of a labelled document that come near the cut."""
    document = read_document(path)
    quotes = [v["quote"] for v in json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["violations"]]
    places = [(name, "LOCAL") for name in own_places(document)]
    said = statements(document)
    judged = judge(said, load_rules(), tables, places)
    for place, setting in settings(judged, said, tables.score):
        words = document.text[judged[place].said.start : judged[place].said.end]
        held = next((quote for quote in quotes if overlaps(quote, words)), "")
        yield Seen(path.stem, setting, held)


def seen_without(fold: int, rows: list[Row], reads: list[train_weighing.Read]) -> list[Seen]:
    """What the documents of this fold show to tables that learned the others."""
    fold_of = dict(zip((row.group for row in rows), train_score.folds(rows).tolist(), strict=True))
    with TemporaryDirectory() as folder:
        tables = tables_without(fold, rows, reads, Path(folder))
        paths = [path for path in sorted(TRAIN.glob("*docs*/*.txt")) if fold_of[f"doc:{path.stem}"] == fold]
        return [seen for path in paths for seen in seen_in(path, tables)]


def gathered(rows: list[Row], jobs: int) -> list[Seen]:
    """What every training document shows to tables that never saw it; folds in `jobs` processes at once."""
    reads = [train_weighing.read(row) for row in rows]
    with ProcessPoolExecutor(jobs) as pool:
        parts = pool.map(partial(seen_without, rows=rows, reads=reads), range(train_score.FOLDS))
        return [seen for part in parts for seen in part]


def report(found: list[Seen], odds: np.ndarray, labels: int, documents: int) -> None:
    """Violations found and false blocks a document at several cuts, with a rule and without, each document weighed by
    what the others taught.
    """
    for name, matched in (("有规则命中", True), ("只有评分", False)):
        for cut in (-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5):
            blocked = [
                one for one, odd in zip(found, odds, strict=True) if odd >= cut and bool(one.setting.matched) is matched
            ]
            hits = len({(one.document, one.violation) for one in blocked if one.violation})
            false = sum(not one.violation for one in blocked)
            print(f"  {name}，高于 {cut:+.1f}：违规查出 {hits}/{labels}，误拦 {false}，每份 {false / documents:.2f}")


def main() -> None:
    """Gather, fit, report and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true", help="write nothing")
    parser.add_argument("--jobs", type=int, default=2, help="folds learned at once")
    parser.add_argument("--statutes", type=Path, help="a folder with texts of laws (bench/statutes.py)")
    options = parser.parse_args()
    found = gathered(train_score.training_rows(options.statutes), options.jobs)
    design = np.array([astuple(one.setting) for one in found])
    violation = np.array([bool(one.violation) for one in found])
    model = LogisticRegression(C=COST, max_iter=3000)
    documents = [one.document for one in found]
    odds = cross_val_predict(model, design, violation, groups=documents, cv=GroupKFold(10), method="decision_function")
    labels = [json.loads(path.read_text(encoding="utf-8"))["violations"] for path in TRAIN.glob("*docs*/*.json")]
    report(found, odds, sum(map(len, labels)), len(labels))
    model.fit(design, violation)
    names = [each.name for each in fields(Setting)]
    parts = {name: round(float(weight), 4) for name, weight in zip(names, model.coef_[0], strict=True)}
    print(f"  {len(found)} 句，其中违规 {violation.sum()}；下限 {NEAR_CUT}；{parts}")
    if not options.report:
        card = json.loads(PACK.read_text(encoding="utf-8"))
        card.pop("pack")
        cuts = {"matched": MATCHED, "unmatched": UNMATCHED, "sure": SURE, "alone": ALONE}
        card["document"] = {"bias": round(float(model.intercept_[0]), 4), **cuts, "parts": parts}
        print(train_weighing.write_card(PACK.parent, card))


if __name__ == "__main__":
    main()
