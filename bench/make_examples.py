"""Pack the labelled clauses that are shown beside findings: `python bench/make_examples.py`.

Takes the clause rows of the training part that have an item: violations, and lawful twins with the items of their
violation. Equal corpora give equal bytes. Run again whenever the training part has changed.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.rows import CORPUS, corpus_hash
from engine.screening.examples import PACK, read_examples

VERSION = 1
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    """The rows to be shown, by number."""
    read = [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.open(encoding="utf-8")]
    items = {row["pair"]: row["articles"] for row in read if row["label"] == "violation" and "pair" in row}
    for row in sorted(read, key=lambda row: str(row["id"])):
        bad = row["label"] == "violation"
        articles = row.get("articles", []) if bad else items.get(row.get("pair", ""), [])
        if articles:
            told = {"id": row["id"], "text": row["text"], "bad": bad, "articles": articles}
            extra = {"pair": row.get("pair"), "kind": row.get("doc_kind"), "sector": row.get("sector")}
            yield told | {key: value for key, value in extra.items() if value}


def main() -> None:
    """Write examples.jsonl.xz and its card into the pack."""
    chosen = list(rows(CORPUS / "train"))
    text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in chosen)
    content = lzma.compress(text.encode(), lzma.FORMAT_XZ, filters=FILTERS)
    card = {
        "version": VERSION,
        "corpus": corpus_hash(CORPUS / "train"),
        "sha256": hashlib.sha256(content).hexdigest(),
        "violations": sum(row["bad"] for row in chosen),
        "lawful": sum(not row["bad"] for row in chosen),
    }
    (PACK / "examples.jsonl.xz").write_bytes(content)
    (PACK / "examples.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    found = read_examples(PACK)
    print(f"{len(found.rows)} 条：违规 {card['violations']}，合规 {card['lawful']}")
    print(f"{len(content):,} 字节；语料 {found.corpus[:12]}")


if __name__ == "__main__":
    main()
