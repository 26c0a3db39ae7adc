"""Word documents (.docx): everything a reader of the accepted text sees, in reading order.

Own reader on the raw XML, because the usual libraries lose inserted and moved text, content controls and automatic
numbers. Tracked changes are read as accepted: insertions in, deletions out. Hidden and white text stays in and is
reported; comments are reported and not read. Table rows become lines of cells parted by |.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.documents.docx_notices import Seen, seen_notices
from engine.documents.docx_numbering import Numbering, W, value
from engine.documents.limits import Package, damaged

if TYPE_CHECKING:
    from lxml import etree

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_PICTURES = (
    "{http://schemas.openxmlformats.org/drawingml/2006/main}blip",
    "{urn:schemas-microsoft-com:vml}imagedata",
)
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/wordprocessingml/main")
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"

_REMOVED = {W + "del", W + "moveFrom"}
_WRAPPERS = {W + name for name in ("ins", "moveTo", "hyperlink", "smartTag", "customXml", "fldSimple", "dir", "bdo")}
_BLOCK_WRAPPERS = {W + name for name in ("ins", "moveTo", "customXml", "smartTag", "sdtContent")}
_TYPED = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": " "}
_LONGEST_MARGIN = 60
_WHITE = {"FFFFFF", "white"}


@dataclass
class _Paragraph:
    """One paragraph while its runs are read; notes and boxes are printed after it."""

    pieces: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def read(data: bytes, filename: str) -> tuple[str, list[str]]:
    """The text of a Word document and its notices; raises DocumentUnreadable when it is damaged or hostile."""
    package = Package(data, filename)
    document = _main_part(package)
    folder = document.rpartition("/")[0]
    root = _part(package, document)
    body = None if root is None else root.find(W + "body")
    if body is None:
        raise damaged(filename, "没有正文部分")
    numbering = Numbering(_part(package, f"{folder}/numbering.xml"), _part(package, f"{folder}/styles.xml"))
    reader = _Reader(numbering, _notes(package, folder))
    text = "\n".join(reader.blocks(body))
    comments = _part(package, f"{folder}/comments.xml")
    return text, seen_notices(reader.seen, 0 if comments is None else len(comments)) + _margin_notices(package, folder)


def _main_part(package: Package) -> str:
    if package.has("_rels/.rels"):
        for relation in package.xml("_rels/.rels").iter(_RELATIONS + "Relationship"):
            target = str(relation.get("Target", "")).lstrip("/")
            if str(relation.get("Type", "")).endswith("/officeDocument") and package.has(target):
                return target
    return "word/document.xml"


def _part(package: Package, name: str) -> etree._Element | None:
    """A part of the document, with the namespace of strict OOXML files put right; None when the part is missing."""
    from engine.documents.limits import parse_xml

    if not package.has(name) and not name.endswith("/document.xml"):
        return None
    return parse_xml(_STRICT.sub(_TRANSITIONAL, package.read(name)), package.filename, name)


def _notes(package: Package, folder: str) -> dict[tuple[str, str], etree._Element]:
    found: dict[tuple[str, str], etree._Element] = {}
    for kind in ("footnote", "endnote"):
        part = _part(package, f"{folder}/{kind}s.xml")
        for note in [] if part is None else part.findall(W + kind):
            if value(note, "type") in ("", "normal"):
                found[kind, value(note, "id")] = note
    return found


def _margin_notices(package: Package, folder: str) -> list[str]:
    """A notice when a header or footer holds more than a title or a page number: it is not read."""
    for name in package.names:
        if re.fullmatch(rf"{re.escape(folder)}/(?:header|footer)\d{{1,4}}\.xml", name):
            part = _part(package, name)
            words = "" if part is None else "".join(text.text or "" for text in part.iter(W + "t"))
            if len(words.strip()) > _LONGEST_MARGIN:
                return [f"页眉或页脚中有较长的文字（“{words.strip()[:12]}…”），未读取，请核对。"]
    return []


class _Reader:
    """Walks the body once; numbering is counted in reading order."""

    def __init__(self, numbering: Numbering, notes: dict[tuple[str, str], etree._Element]) -> None:
        self.seen = Seen()
        self._numbering = numbering
        self._notes = notes
        self._joined = ""

    def blocks(self, parent: etree._Element) -> Iterator[str]:
        """The lines of paragraphs and tables under `parent`."""
        for element in parent:
            if element.tag == W + "p":
                yield from self._paragraph(element)
            elif element.tag == W + "tbl":
                yield from self._table(element)
            elif element.tag == W + "sdt":
                content = element.find(W + "sdtContent")
                yield from () if content is None else self.blocks(content)
            elif element.tag == _MC + "AlternateContent":
                chosen = _alternative(element)
                yield from () if chosen is None else self.blocks(chosen)
            elif element.tag == W + "altChunk":
                self.seen.embedded += 1
            elif element.tag in _BLOCK_WRAPPERS:
                yield from self.blocks(element)
        if self._joined and parent.tag == W + "body":
            yield self._joined

    def _paragraph(self, element: etree._Element) -> Iterator[str]:
        properties = element.find(W + "pPr")
        paragraph = _Paragraph()
        self._inline(element, paragraph)
        mark = None if properties is None else properties.find(W + "rPr")
        if mark is not None and mark.find(W + "del") is not None:
            self._joined += paragraph.text
            return
        label = self._numbering.label(properties) if self._is_shown(element, paragraph) else ""
        line, self._joined = label + self._joined + paragraph.text, ""
        yield line
        for note in paragraph.notes:
            yield from self._note(note)
        for box in paragraph.boxes:
            yield from self.blocks(box)

    def _is_shown(self, element: etree._Element, paragraph: _Paragraph) -> bool:
        """A paragraph whose every run was deleted or moved away has no number in the accepted text."""
        if paragraph.text.strip() or self._joined.strip():
            return True
        return not any(child.tag in _REMOVED for child in element)

    def _note(self, reference: tuple[str, str]) -> Iterator[str]:
        note = self._notes.pop(reference, None)
        if note is None:
            return
        kind = "脚注" if reference[0] == "footnote" else "尾注"
        words = " ".join(line.strip() for line in self.blocks(note) if line.strip())
        if words:
            yield f"[{kind}]{words}"

    def _table(self, table: etree._Element) -> Iterator[str]:
        rows = [row for row in _rows(table) if row.find(f"{W}trPr/{W}del") is None]
        cells = [list(_cells(row)) for row in rows]
        if all(len(row) <= 1 for row in cells):
            for row in cells:
                for cell in row:
                    yield from self.blocks(cell)
            return
        for row in cells:
            line = " | ".join(self._cell(cell) for cell in row)
            if line.replace("|", "").strip():
                yield line

    def _cell(self, cell: etree._Element) -> str:
        """The words of a cell on one line; a nested table's cells are parted by a slash."""
        lines = [line.replace(" | ", " / ").replace("\n", " ").strip() for line in self.blocks(cell)]
        return " ".join(line for line in lines if line)

    def _inline(self, parent: etree._Element, paragraph: _Paragraph) -> None:
        for element in parent:
            if element.tag == W + "r":
                self._run(element, paragraph)
            elif element.tag in _REMOVED:
                self._count_removed(element)
            elif element.tag in _WRAPPERS:
                self._count_added(element)
                self._inline(element, paragraph)
            elif element.tag == W + "sdt":
                content = element.find(W + "sdtContent")
                if content is not None:
                    self._inline(content, paragraph)
            elif element.tag == _MC + "AlternateContent":
                chosen = _alternative(element)
                if chosen is not None:
                    self._inline(chosen, paragraph)
            else:
                paragraph.pieces.extend(str(text.text or "") for text in element.iter(_MATH_TEXT))

    def _count_removed(self, element: etree._Element) -> None:
        if element.tag == W + "moveFrom":
            self.seen.moved += 1
        else:
            self.seen.deleted += 1

    def _count_added(self, element: etree._Element) -> None:
        if element.tag == W + "ins":
            self.seen.inserted += 1

    def _run(self, run: etree._Element, paragraph: _Paragraph) -> None:
        before = len(paragraph.pieces)
        for element in run:
            self._piece(element, paragraph)
        properties = run.find(W + "rPr")
        if properties is not None and any(piece.strip() for piece in paragraph.pieces[before:]):
            self._notice_invisible(properties)

    def _piece(self, element: etree._Element, paragraph: _Paragraph) -> None:
        name = str(element.tag).rpartition("}")[2]
        if element.tag == W + "t":
            paragraph.pieces.append(element.text or "")
        elif name in _TYPED and element.tag == W + name:
            paragraph.pieces.append(_TYPED[name])
        elif element.tag in (W + "footnoteReference", W + "endnoteReference"):
            paragraph.notes.append((name.removesuffix("Reference"), value(element, "id")))
        elif element.tag == W + "ruby":
            base = element.find(W + "rubyBase")
            if base is not None:
                self._inline(base, paragraph)
        elif element.tag == _MC + "AlternateContent":
            chosen = _alternative(element)
            paragraph.boxes.extend([] if chosen is None else _outer_boxes(chosen))
        elif element.tag in (W + "drawing", W + "pict", W + "object"):
            self.seen.embedded += element.tag == W + "object"
            self.seen.pictures += element.tag != W + "object" and next(element.iter(*_PICTURES), None) is not None
            paragraph.boxes.extend(_outer_boxes(element))

    def _notice_invisible(self, properties: etree._Element) -> None:
        vanish = properties.find(W + "vanish")
        if vanish is not None and value(vanish) not in ("0", "false", "off"):
            self.seen.hidden += 1
        size = value(properties.find(W + "sz"))
        tiny = size.isdecimal() and len(size) == 1 and int(size) <= 4
        shaded = properties.find(W + "shd") is not None or properties.find(W + "highlight") is not None
        if tiny or (value(properties.find(W + "color")) in _WHITE and not shaded):
            self.seen.white += 1


def _alternative(element: etree._Element) -> etree._Element | None:
    """One of the alternatives, the modern one first: a text box is stored twice and must be read once."""
    chosen = element.find(_MC + "Choice")
    return chosen if chosen is not None else element.find(_MC + "Fallback")


def _outer_boxes(element: etree._Element) -> list[etree._Element]:
    """The text boxes of a drawing without those inside another of its boxes, which are read with that one."""
    boxes = list(element.iter(W + "txbxContent"))
    return [box for box in boxes if not any(above in boxes for above in box.iterancestors(W + "txbxContent"))]


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    yield from _children(table, W + "tr")


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    yield from _children(row, W + "tc")


def _children(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Direct children with `tag`, looking through content controls and custom markup around them."""
    for element in parent:
        if element.tag == tag:
            yield element
        elif element.tag == W + "sdt":
            content = element.find(W + "sdtContent")
            yield from () if content is None else _children(content, tag)
        elif element.tag in _BLOCK_WRAPPERS:
            yield from _children(element, tag)
