"""Fuzz reading with coverage guidance: `python bench/fuzz.py --seconds 120 [--target bytes|text|part]`.

Needs the dependency group `bench`. A Document or DocumentUnreadable is right, anything else is a crash; an input under
1 MB that takes longer than `--slow` seconds is a hang. The offending input is left in `--keep`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import atheris

with atheris.instrument_imports(include=["engine.documents"]):
    for module in ("docx", "html", "ofd", "pdf", "rtf", "xlsx"):
        import_module(f"engine.documents.{module}")
    from engine.documents import read_bytes, split_clauses, squeezed

from bench.formats import CORPUS, WRITERS, packed
from engine.errors import DocumentUnreadable
from engine.model import Document

PARTS = ("word/document.xml", "word/numbering.xml", "word/styles.xml", "xl/workbook.xml", "OFD.xml")


def checked(document: Document) -> None:
    """Offsets hold, before and after squeezing."""
    end = 0
    for clause in document.clauses:
        if clause.start < end or clause.text != document.text[clause.start : clause.end]:
            raise AssertionError("clauses overlap or do not quote the text")
        end = clause.end
    whole = squeezed(document)
    if whole is not None:
        for clause in whole.document.clauses:
            start, end = whole.span(clause.start, clause.end)
            if not 0 <= start <= end <= len(document.text):
                raise AssertionError("a span leads out of the text")


def read(data: bytes) -> None:
    """Any bytes as a file."""
    try:
        checked(read_bytes(data, "草案"))
    except DocumentUnreadable as refusal:
        if not refusal.advice:
            raise AssertionError("a refusal without advice") from refusal


def text(data: bytes) -> None:
    """Any text, straight to the splitter."""
    words = data.decode("utf-8", "replace")
    for clause in split_clauses(words):
        if clause.text != words[clause.start : clause.end]:
            raise AssertionError("a clause does not quote the text")


def part(data: bytes) -> None:
    """Any XML as one part of a sound package: the fuzzer cannot mend the checksums of a zip file."""
    if data:
        read(packed({PARTS[0]: b"<w:document/>", PARTS[data[0] % len(PARTS)]: data[1:]}))


TARGETS: dict[str, Callable[[bytes], None]] = {"bytes": read, "text": text, "part": part}


def seeds(target: str, folder: Path) -> None:
    """One small document in every format, or its text and its Word parts."""
    words = "\n".join(
        (CORPUS / "docs_dev" / "d02_zhizaoye_ruogan_cuoshi.txt").read_text(encoding="utf-8").split("\n")[:9]
    )
    if target == "text":
        (folder / "text").write_bytes(words.encode())
        return
    for order, (_, write) in enumerate(WRITERS.values()):
        data = write(words)
        if target == "bytes":
            (folder / str(order)).write_bytes(data)
        elif data.startswith(b"PK"):
            _part_seeds(data, folder, order)


def _part_seeds(data: bytes, folder: Path, order: int) -> None:
    from engine.documents.limits import Package

    package = Package(data, "seed")
    for at, name in enumerate(PARTS):
        if package.has(name):
            (folder / f"{order}-{at}").write_bytes(bytes([at]) + package.read(name))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--target", choices=TARGETS, default="bytes")
    parser.add_argument("--slow", type=int, default=5)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()))
    wanted = parser.parse_args()
    one = TARGETS[wanted.target]

    def timed(data: bytes) -> None:
        begun = time.perf_counter()
        one(data)
        if time.perf_counter() - begun > wanted.slow:
            raise AssertionError(f"took longer than {wanted.slow} seconds")

    with tempfile.TemporaryDirectory() as folder:
        seeds(wanted.target, Path(folder))
        limits = [f"-max_total_time={wanted.seconds}", "-max_len=200000", "-len_control=0", "-rss_limit_mb=2000"]
        atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={wanted.keep}/", folder], timed)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
