"""Documents as read: text, clauses, offsets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ClauseKind(StrEnum):
    """What a stretch of a document is; decides whether it can carry a verdict."""

    TITLE = "title"
    ADDRESSEE = "addressee"
    CONTENTS = "contents"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    TABLE_ROW = "table_row"
    SIGN_OFF = "sign_off"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a document's numbering tree.

    `text == document.text[start:end]`. `number` is the label a reader would cite, outermost first ("三(二)5",
    "第二章第八条", "附件2 表1行3"), empty when unnumbered. `key` is made of the clause's own words without its
    number, so it survives renumbering and moves; equal clauses get "-2", "-3" in reading order.
    `parent` is the index in `Document.clauses` of the clause it hangs under.
    """

    key: str
    number: str
    kind: ClauseKind
    level: int
    start: int
    end: int
    line: int
    text: str
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read: its extracted text and the clauses in it.

    `sha256` is of the file's bytes, `text_sha256` of the extracted text in UTF-8. `notices` are warnings the
    reader must pass on (hidden text, tracked changes, invisible characters), in Chinese.
    """

    filename: str
    sha256: str
    text: str
    text_sha256: str
    title: str
    document_number: str
    clauses: tuple[Clause, ...]
    notices: tuple[str, ...] = ()
