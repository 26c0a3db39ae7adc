"""Two versions of a draft side by side: what became of each clause, word by word where its wording changed.

The redline on screen and on paper, the adoption table and the carrying over of answers are all made from here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from engine.documents import ChangeKind, align, fold, read_bytes
from engine.errors import Conflict, InvalidInput, NotFound
from engine.model import CaseFile, Clause, Document, Version
from engine.store import UnitOfWork

WHOLE_TEXT = "全文"
LINE = re.compile(r"第([1-9]\d{0,6})行\Z")
# numbers and the labels of articles are read as one word, other Chinese characters one by one
TOKEN = re.compile(
    r"第[一二三四五六七八九十百零〇]+[编章节条款项]|[一二三四五六七八九十百千万亿零〇两]{2,}|[A-Za-z]+|\d+(?:\.\d+)?%?|\s+|.",
    re.DOTALL,
)
LEAST_KEPT = 3
LARGEST_COMPARISON = 2_000_000
MOST_MATCHES = 40_000


class Part(StrEnum):
    """What became of a stretch of wording."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of wording; kept and removed pieces give the old clause, kept and added ones the new."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class ComparedClause:
    """One clause in both versions; `old` is None for an added one, `new` for a removed one."""

    change: ChangeKind
    old: Clause | None
    new: Clause | None
    pieces: tuple[Piece, ...]

    @property
    def number(self) -> str:
        """The number to cite it by: the new one, the old one of a removed clause, else the line it starts on."""
        clause = self.new or self.old
        return label(clause) if clause else ""

    @property
    def is_open(self) -> bool:
        """Whether a reader of the redline has something to see here."""
        return self.change is not ChangeKind.SAME


def compare(old: Document, new: Document) -> tuple[ComparedClause, ...]:
    """Every clause of both versions once, in the order of the new one, removed clauses where they stood."""
    return tuple(_compared(old, new, change.kind, change.old, change.new) for change in align(old, new))


def _compared(old: Document, new: Document, kind: ChangeKind, a: int | None, b: int | None) -> ComparedClause:
    before = old.clauses[a] if a is not None else None
    after = new.clauses[b] if b is not None else None
    texts = before.text if before else "", after.text if after else ""
    return ComparedClause(kind, before, after, pieces(*texts))


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """The wording of both, in reading order, what was removed before what came in its place.

    Kept runs of one or two characters between two changes are given up, so that the change can be read.
    """
    edits: list[list[str]] = []
    for kept, gone, come in _runs(TOKEN.findall(old), TOKEN.findall(new)):
        if edits and (gone or come) and len(kept) < LEAST_KEPT:
            edits[-1][1] += kept + gone
            edits[-1][2] += kept + come
        else:
            edits.append([kept, gone, come])
    told = ((part, text) for edit in edits for part, text in zip(Part, edit, strict=True))
    return tuple(Piece(part, text) for part, text in told if text)


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Kept wording and the change after it, alternating; the ends both share are set aside before comparing."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    middle = list(old[head : len(old) - tail]), list(new[head : len(new) - tail])
    kept = "".join(old[:head])
    for tag, a, b, c, d in _opcodes(*middle):
        if tag == "equal":
            kept += "".join(middle[0][a:b])
        else:
            yield kept, "".join(middle[0][a:b]), "".join(middle[1][c:d])
            kept = ""
    yield kept + "".join(old[len(old) - tail :]), "", ""


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    pairs = zip(old, new, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))


def _opcodes(old: list[str], new: list[str]) -> Iterable[tuple[str, int, int, int, int]]:
    """Long matches first, as people read; wording that repeats itself too much for that is compared the quick way."""
    if len(old) * len(new) > LARGEST_COMPARISON:
        return [("replace", 0, len(old), 0, len(new))]
    there = Counter(new)
    if sum(times * there[token] for token, times in Counter(old).items()) > MOST_MATCHES:
        from rapidfuzz.distance import Indel  # only such wording needs it

        return [(op.tag, op.src_start, op.src_end, op.dest_start, op.dest_end) for op in Indel.opcodes(old, new)]
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


# ---------------------------------------------------------------- versions and clauses of a case


def version_of(file: CaseFile, number: int) -> Version:
    """The latest record of the version with this number; raises NotFound naming the versions there are."""
    found = [version for version in file.versions if version.number == number]
    if not found:
        known = "、".join(str(n) for n in dict.fromkeys(v.number for v in file.versions))
        raise NotFound(f"案件 {file.case.id} 没有第{number}稿。", f"现有：第 {known} 稿。")
    return found[-1]


def version_document(work: UnitOfWork, version: Version) -> Document:
    """The version's document, read again from the stored bytes; raises Conflict if its text has changed."""
    document = read_bytes(work.content(version.sha256), version.filename)
    if document.text_sha256 != version.text_sha256:
        raise Conflict(f"第{version.number}稿重新读取后的文本与入库时不一致。", "请运行 shuangshen trail verify 检查。")
    return document


def readable_documents(work: UnitOfWork, file: CaseFile) -> Mapping[int, Document]:
    """The documents of the case by version number, without those that no longer read as they were filed."""
    found = {}
    for version in {v.number: v for v in file.versions}.values():
        document = read_bytes(work.content(version.sha256), version.filename)
        if document.text_sha256 == version.text_sha256:
            found[version.number] = document
    return found


def label(clause: Clause) -> str:
    """What a person cites the clause by: its number, or the line it starts on."""
    return clause.number or f"第{clause.line}行"


def clause_keys(document: Document) -> tuple[str, ...]:
    """The keys of the document's clauses in reading order."""
    return tuple(clause.key for clause in document.clauses)


def find_clause(document: Document, name: str) -> Clause | None:
    """The clause a person named by number, end of number ("第七条"), or line; None when none or several fit."""
    wanted = _plain(name)
    if line := LINE.match(wanted):
        return next((c for c in reversed(document.clauses) if c.line <= int(line[1])), None)
    exact = [clause for clause in document.clauses if clause.number and _plain(clause.number) == wanted]
    ending = [clause for clause in document.clauses if wanted and _plain(clause.number).endswith(wanted)]
    return exact[0] if exact else ending[0] if len(ending) == 1 else None


def named_clause(document: Document, name: str) -> Clause | None:
    """The clause named, None for the whole text; raises InvalidInput with the nearest numbers."""
    if _plain(name) in ("", WHOLE_TEXT):
        return None
    clause = find_clause(document, name)
    if clause is None:
        fitting = [c.number for c in document.clauses if _plain(name) in _plain(c.number)][:5]
        near = f"相近的有：{'、'.join(fitting)}。" if fitting else "没有编号的写“第12行”，涉及通篇的写“全文”。"
        raise InvalidInput(f"文中没有唯一对应“{name}”的条款。", near)
    return clause


def keys_of(document: Document, names: Sequence[str]) -> tuple[str, ...]:
    """The key of each clause named, empty for the whole text and for what is not found."""
    found = (None if _plain(name) == WHOLE_TEXT else find_clause(document, name) for name in names)
    return tuple(clause.key if clause else "" for clause in found)


def _plain(text: str) -> str:
    return "".join(fold(text).split())
