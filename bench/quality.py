"""Print the quality tables: `python bench/quality.py --dev` (the screener), `--train` (the score, cross-validated).

`--dev` goes through the public `engine.screening.screen` on clauses and documents nothing was trained on. `--train`
shows what folds of the training rows say of the learned score by itself. `--corpus DIR` measures another folder of the
same shape. Shares carry 95 % Wilson intervals.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.rows import CORPUS, Row, clause_rows
from engine.documents import read_document, read_text
from engine.model import Finding, Level
from engine.screening import screen, screen_text
from engine.standards import load_standards

AS_OF = date(2026, 1, 1)
WRAPPERS = (
    ("照原文", True, "{}"),
    ("不得含有下列内容:", False, "政策措施不得含有下列内容:\n(一){}"),
    ("清理下列做法:", False, "各部门应当清理下列规定和做法:\n(一){}"),
    ("有下列情形之一的,责令改正:", False, "有下列情形之一的,由市场监督管理部门责令改正:\n(一){}"),
    ("引述已查处", False, "经查,某局印发的文件规定“{}”,违反公平竞争审查标准,已责令废止。"),
    ("检查提问", False, "检查文件是否规定:{}"),
    ("不得拒绝执行下列要求:", True, "各单位不得拒绝执行下列要求:\n(一){}"),
)


def share(hits: int, of: int) -> str:
    """`hits/of`, the share, and its 95 % Wilson interval."""
    if not of:
        return "0/0"
    z, p = 1.96, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{hits}/{of} = {p:.3f} [{max(0.0, middle - half):.3f}, {min(1.0, middle + half):.3f}]"


def blocks(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that keep a draft from passing."""
    return [one for one in findings if one.level is Level.BLOCK]


@dataclass(frozen=True)
class Judged:
    """A labelled clause and what the screener said of it."""

    row: Row
    findings: list[Finding]

    @property
    def flagged(self) -> bool:
        """Whether anything in it blocks."""
        return bool(self.findings)


def judge(rows: Iterable[Row]) -> list[Judged]:
    """Every clause screened by itself."""
    law = load_standards()
    return [Judged(row, blocks(screen_text(row.text, law, AS_OF).findings)) for row in rows]


def flagged(judged: Iterable[Judged]) -> str:
    """The share flagged."""
    found = [one.flagged for one in judged]
    return share(sum(found), len(found))


def _by(judged: list[Judged], key: Callable[[Judged], str]) -> dict[str, list[Judged]]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[key(one)].append(one)
    return dict(sorted(groups.items()))


def _regulation(one: Judged) -> str:
    return next((a for a in one.row.articles if a[0] == "R"), "?")


def _family(one: Judged) -> str:
    return re.split(r"[/+:(（：;,、]", one.row.trap)[0].strip() or "?"


def _cited(one: Judged, series: str) -> bool:
    """Whether one of the first three items cited in a series is right."""
    said = [a for finding in one.findings for a in [a for a in finding.articles if a[0] in series][:3]]
    return bool(set(said) & set(one.row.articles))


def clause_tables(judged: list[Judged]) -> None:
    """Recall, precision, look-alikes, attribution; by item and origin; the trap families that were blocked."""
    bad = [one for one in judged if one.row.violation]
    good = [one for one in judged if not one.row.violation]
    traps = [one for one in good if one.row.trap not in ("", "none")]
    hits, alarms = [one for one in bad if one.flagged], [one for one in good if one.flagged]
    print(f"条款：违规 {len(bad)}，合规 {len(good)}（其中貌似违规 {len(traps)}）")
    print(f"  查全 {flagged(bad)}\n  查准 {share(len(hits), len(hits) + len(alarms))}")
    print(f"  合规被拦 {flagged(good)}\n  貌似违规被拦 {flagged(traps)}")
    print(f"  难例（无触发词） {flagged(one for one in bad if one.row.hint.startswith('hard'))}")
    for origin, group in _by(bad, lambda one: one.row.origin or "?").items():
        print(f"  来源 {origin} {flagged(group)}")
    print(f"  条例条项正确 {share(sum(_cited(one, 'R') for one in hits), len(hits))}")
    with_item = [one for one in hits if any(a[0] in "MB" for a in one.row.articles)]
    print(f"  办法条项正确 {share(sum(_cited(one, 'MB') for one in with_item), len(with_item))}")
    print("按条例条项：")
    for item, group in _by(bad, _regulation).items():
        print(f"  {item:6s} {flagged(group)}")
    print("被拦的貌似违规，按类：")
    for family, group in _by(traps, _family).items():
        if any(one.flagged for one in group):
            print(f"  {family} {flagged(group)}")


def wrapper_table(rows: list[Row]) -> None:
    """Violations in frames that reverse or keep what they say."""
    law = load_standards()
    print("极性框架（应拦则高，不应拦则低）：")
    for name, should, frame in WRAPPERS:
        framed = [read_text(frame.format(row.text.rstrip("。;"))) for row in rows]
        hits = sum(bool(blocks(screen(document, law, AS_OF).findings)) for document in framed)
        print(f"  {'应拦' if should else '不应拦'} {name} {share(hits, len(framed))}")


def overlaps(quote: str, text: str) -> bool:
    """Whether a finding's text and a labelled quote are the same passage: half of the shorter one's trigrams."""
    if quote in text or text in quote:
        return bool(text)
    common = set(zip(quote, quote[1:], quote[2:], strict=False)) & set(zip(text, text[1:], text[2:], strict=False))
    return len(common) >= 0.5 * max(1, min(len(quote), len(text)) - 2)


def document_table(folder: Path) -> None:
    """Violations found, false blocks, clean documents passed; each false block is shown."""
    law, found, total, false, clauses, clean, passed = load_standards(), 0, 0, 0, 0, 0, 0
    paths = sorted(folder.glob("*docs*/*.txt"))
    for path in paths:
        label = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        document = read_document(path)
        texts = [one.text for one in blocks(screen(document, law, AS_OF).findings)]
        quotes = [violation["quote"] for violation in label["violations"]]
        found += sum(any(overlaps(quote, text) for text in texts) for quote in quotes)
        wrong = [text for text in texts if not any(overlaps(quote, text) for quote in quotes)]
        total, false, clauses = total + len(quotes), false + len(wrong), clauses + len(document.clauses)
        clean, passed = clean + (not quotes), passed + (not quotes and not texts)
        for text in wrong:
            print(f"  误拦 {path.stem}：{text[:80]}")
        for quote in quotes:
            if not any(overlaps(quote, text) for text in texts):
                print(f"  漏拦 {path.stem}：{quote[:80]}")
    print(f"整份文件 {len(paths)} 份：违规查出 {share(found, total)}；无违规文件通过 {share(passed, clean)}")
    print(f"  误拦 {false} 处，每十份 {10 * false / max(1, len(paths)):.1f} 处，条款 {share(false, clauses)}")


def dev_tables(folder: Path, unread: bool) -> None:
    """The screener on clauses, wrappers and documents of a folder; on its even-numbered clauses alone if `unread`."""
    rows = [row for path in sorted(folder.glob("*.jsonl")) for row in clause_rows(path)]
    if unread:
        clause_tables(judge(row for row in rows if int(row.id.rsplit("-", 1)[-1]) % 2 == 0))
        return
    clause_tables(judge(rows))
    wrapper_table([row for row in rows if row.violation])
    document_table(folder)


def train_tables() -> None:
    """The score alone, by folds of the training rows: margins at several cuts, items among the first three."""
    import numpy as np

    from bench import train_score
    from bench.rows import rows_under

    rows = train_score.distinct(rows_under(CORPUS / "train"))
    violation = np.array([row.violation for row in rows])
    counts, factor = train_score.features([row.text for row in rows])
    raw, ranked = train_score.out_of_fold(counts, factor, rows)
    slope, intercept = train_score.platt(raw, violation)
    margins = raw * slope + intercept
    groups = {
        "违规条款": [row.violation and row.kind == "clause" for row in rows],
        "  其中难例": [row.violation and row.hint.startswith("hard") for row in rows],
        "合规的孪生条款": [not row.violation and row.kind == "clause" for row in rows],
        "文件中的违规句": [row.violation and row.kind == "sentence" for row in rows],
        "文件中的合规句": [not row.violation and row.kind == "sentence" for row in rows],
        "  其中貌似违规": [not row.violation and row.kind == "sentence" and row.trap == "marked" for row in rows],
    }
    for cut in (-2.0, -1.0, 0.0, 1.0, 2.0):
        print(f"评分高于 {cut:+.0f}：")
        for name, chosen in groups.items():
            inside = margins[np.array(chosen)]
            print(f"  {name} {share(int((inside > cut).sum()), len(inside))}")
    _attribution(rows, ranked)


def _attribution(rows: list[Row], ranked: list[list[str]]) -> None:
    from bench.train_score import parent_item

    hits = [(row, names) for row, names in zip(rows, ranked, strict=True) if row.violation and row.kind == "clause"]
    for count in (1, 2, 3):
        parents = sum(bool({parent_item(n) for n in names[:count]} & set(row.articles)) for row, names in hits)
        items = sum(bool(set(names[:count]) & set(row.articles)) for row, names in hits)
        print(f"前 {count} 项：条例条项正确 {share(parents, len(hits))}；办法条项正确 {share(items, len(hits))}")


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="the screener on the development files")
    parser.add_argument("--train", action="store_true", help="the score alone, cross-validated on the training rows")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="a folder with clause files and docs*/")
    parser.add_argument(
        "--unread", action="store_true", help="only clauses with even numbers: nobody read their errors"
    )
    options = parser.parse_args()
    if options.train:
        train_tables()
    if options.dev or not options.train:
        dev_tables(options.corpus, options.unread)


if __name__ == "__main__":
    main()
