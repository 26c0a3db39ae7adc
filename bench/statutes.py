"""Sentences of national laws as lawful text: what the score learns of the register of law, and how it does on it.

The texts are public and not copied here: whoever trains or measures gives a folder of `*.txt`, a law a file, its title
in the first line. `bench/corpus/statutes.tsv` names the laws the shipped pack was made with, by title and SHA-256. Two
thirds of them are learned from, chosen by the digest of the title; the rest only measures.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.rows import CORPUS, Row, sentences
from engine.documents import read_text
from engine.model import Level
from engine.screening import screen
from engine.screening.ngrams import NUMBER
from engine.screening.rules import load_rules
from engine.standards import load_standards

MANIFEST = CORPUS / "statutes.tsv"
AS_OF = date(2026, 1, 1)
SHARE = 4
"""One sentence in so many is learned from."""
SHORTEST, LONGEST = 8, 220
_RESTRICTS = re.compile(r"垄断|不正当竞争|招标投标|政府采购|价格法|烟草|专卖|盐业|邮政")
"""Laws that name exclusion in order to forbid it, or that order it by law: what they say is no plain lawful text."""
_FORBIDS = re.compile(r"不得|禁止|严禁|不准|不应|不能|违反")


def _digest(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def laws(folder: Path, learned: bool) -> Iterator[tuple[str, str]]:
    """Titles and texts of the laws to learn from, or of the rest."""
    for path in sorted(folder.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        title = text.strip().split("\n", 1)[0].strip()
        if not _RESTRICTS.search(title) and bool(_digest(title) % 3) is learned:
            yield title, text


def statute_rows(folder: Path) -> list[Row]:
    """Lawful sentences of the laws to learn from: none that forbids, none that a rule would match."""
    pack, seen, rows = load_rules(), set[str](), []
    for title, text in laws(folder, learned=True):
        for number, unit in enumerate(sentences(text)):
            words = unit.stem + NUMBER.sub("", text[unit.start : unit.end].lstrip())
            if not SHORTEST <= len(words) <= LONGEST or _digest(words) % SHARE or words in seen:
                continue
            seen.add(words)
            if not _FORBIDS.search(words) and not pack.matches(pack.lexicon.hits(words)):
                rows.append(Row(f"{title}#{number}", words, False, (), f"law:{title}", "statutes", "sentence"))
    return rows


def write_manifest(folder: Path) -> str:
    """Name every law in the folder in the manifest; returns the manifest's digest."""
    lines = [
        f"{title}\t{hashlib.sha256(text.encode()).hexdigest()}\t{'learned' if learned else 'measured'}"
        for learned in (True, False)
        for title, text in laws(folder, learned)
    ]
    MANIFEST.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    return hashlib.sha256(MANIFEST.read_bytes()).hexdigest()


def measure(folder: Path) -> None:
    """Print the false blocks on the laws nothing was learned from."""
    standards, clauses, blocked, texts = load_standards(), 0, 0, 0
    for _, text in laws(folder, learned=False):
        document = read_text(text)
        found = screen(document, standards, AS_OF).findings
        texts, clauses = texts + 1, clauses + len(document.clauses)
        blocked += sum(one.level is Level.BLOCK for one in found)
    print(f"法律 {texts} 部、{clauses} 条款：误拦 {blocked} 处，每千条款 {1000 * blocked / max(1, clauses):.1f} 处")


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
