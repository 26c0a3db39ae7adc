"""The document as a Word file with a comment at every finding: what a drafter opens, reads and answers in his own tool.

A Word file comes back as a copy whose text and look are untouched; any other file as a new document with its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.documents.limits import Package, parse_xml
from engine.model import Finding
from engine.standards import Standards
from reviewers.reports import LEVEL_NAMES, Screened
from reviewers.reports.aids import aid_lines
from reviewers.reports.ooxml import (
    OFFICE,
    RELATIONS,
    TYPES,
    WORD_TYPE,
    comment,
    element,
    packed,
    reference,
    serialised,
    text_run,
    unpacked,
    w,
)
from reviewers.reports.runs import Placed, Stretch, divided, placed_paragraphs

if TYPE_CHECKING:
    from lxml import etree

_EMPTY_RELATIONS = f'<Relationships xmlns="{RELATIONS}"/>'.encode()


def as_docx(screened: Screened, original: bytes, standards: Standards) -> bytes:
    """A Word file with the findings as comments; `original` are the bytes the document was read from.

    A finding whose words cannot be found in the runs is a comment on the nearest paragraph. Raises DocumentUnreadable
    when `original` is damaged.
    """
    if original.startswith(b"PK"):
        package = Package(original, screened.document.filename)
        main = _main_part(package)
        root = parse_xml(package.read(main), package.filename, main) if main else None
        body = None if root is None else root.find(w("body"))
        if root is not None and body is not None:
            return _copy(screened, package, main, root, body, standards)
    return _new(screened, standards)


def _main_part(package: Package) -> str:
    if package.has("_rels/.rels"):
        for relation in package.xml("_rels/.rels"):
            target = relation.get("Target", "").lstrip("/")
            if relation.get("Type", "").endswith("/officeDocument") and package.has(target):
                return target
    return "word/document.xml" if package.has("word/document.xml") else ""


def _copy(
    screened: Screened,
    package: Package,
    main: str,
    root: etree._Element,
    body: etree._Element,
    standards: Standards,
) -> bytes:
    parts = unpacked(package)
    folder, _, file = main.rpartition("/")
    relations_name = f"{folder}/_rels/{file}.rels"
    relations = parse_xml(parts.get(relations_name, _EMPTY_RELATIONS), package.filename, relations_name)
    name = _comments_part(relations, folder)
    types = parse_xml(parts["[Content_Types].xml"], package.filename, "[Content_Types].xml")
    _declare(types, name)
    comments = parse_xml(parts[name], package.filename, name) if name in parts else element("comments")
    first = 1 + max((int(one.get(w("id"), "0")) for one in comments if one.get(w("id"), "").isdecimal()), default=-1)
    paragraphs = placed_paragraphs(body, screened.document.text)
    _tie(body, paragraphs, screened.screening.findings, first)
    _tell(comments, screened, standards, first)
    parts["[Content_Types].xml"], parts[relations_name] = serialised(types), serialised(relations)
    parts[main], parts[name] = serialised(root), serialised(comments)
    return packed(parts)


def _comments_part(relations: etree._Element, folder: str) -> str:
    """The name of the part that holds comments; a relation to it is there after the call."""
    for relation in relations:
        if relation.get("Type", "").endswith("/comments"):
            target = relation.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
    made = relations.makeelement(f"{{{RELATIONS}}}Relationship", {})
    made.set("Id", "rIdShuangshenComments")
    made.set("Type", f"{OFFICE}/comments")
    made.set("Target", "comments.xml")
    relations.append(made)
    return f"{folder}/comments.xml".lstrip("/")


def _declare(types: etree._Element, name: str) -> None:
    if any(one.get("PartName") == f"/{name}" for one in types):
        return
    made = types.makeelement(f"{{{TYPES}}}Override", {})
    made.set("PartName", f"/{name}")
    made.set("ContentType", f"{WORD_TYPE}.comments+xml")
    types.append(made)


def _tell(comments: etree._Element, screened: Screened, standards: Standards, first: int) -> None:
    for place, finding in enumerate(screened.screening.findings):
        local = screened.screening.local if place == 0 else ()
        cited = "；".join(standards.citation(item) for item in finding.articles)
        lines = [f"【{LEVEL_NAMES[finding.level]}】{finding.id} {finding.clause}".rstrip(), f"依据：{cited}"]
        lines += [f"原因：{finding.why}", f"建议：{finding.advice}"]
        lines += [f"{name}：{words}" for name, words in aid_lines(screened, place)]
        comments.append(comment(first + place, [*lines, *local]))


def _tie(body: etree._Element, paragraphs: list[Placed], findings: tuple[Finding, ...], first: int) -> None:
    edges = {edge for finding in findings for edge in (finding.start, finding.end)}
    runs = [stretch for paragraph in paragraphs for stretch in divided(paragraph, edges)]
    for number, finding in enumerate(findings, first):
        covered = [stretch for stretch in runs if stretch.start < finding.end and stretch.end > finding.start]
        if not covered:
            covered = _nearest(runs, paragraphs, finding.start)
        if covered:
            _range(covered[0].run, covered[-1].run, number)
        else:
            body.insert(0, _bare(number))


def _nearest(runs: list[Stretch], paragraphs: list[Placed], offset: int) -> list[Stretch]:
    """All runs of the paragraph nearest to the offset."""
    if not paragraphs:
        return []
    near = min(paragraphs, key=lambda one: max(one.start - offset, offset - one.end))
    return [stretch for stretch in runs if near.start <= stretch.start < near.end]


def _range(first: etree._Element, last: etree._Element, number: int) -> None:
    first.addprevious(element("commentRangeStart", id=str(number)))
    end = element("commentRangeEnd", id=str(number))
    last.addnext(end)
    end.addnext(reference(number))


def _bare(number: int) -> etree._Element:
    """A paragraph of its own for a comment that found no words at all to stand at."""
    paragraph = element("p")
    paragraph.append(reference(number))
    return paragraph


def _new(screened: Screened, standards: Standards) -> bytes:
    document = screened.document
    root, body = element("document"), element("body")
    root.append(body)
    for line in document.text.split("\n"):
        body.append(_paragraph(line, line.strip() != "" and line.strip() == document.title))
    _tie(body, placed_paragraphs(body, document.text), screened.screening.findings, 0)
    comments = element("comments")
    _tell(comments, screened, standards, 0)
    return packed(
        {
            "[Content_Types].xml": _types(),
            "_rels/.rels": _relations("officeDocument", "word/document.xml"),
            "word/document.xml": serialised(root),
            "word/_rels/document.xml.rels": _relations("comments", "comments.xml"),
            "word/comments.xml": serialised(comments),
        }
    )


def _paragraph(line: str, is_title: bool) -> etree._Element:
    paragraph, style, look = element("p"), element("pPr"), element("rPr")
    style.append(element("spacing", line="560", lineRule="exact"))
    if is_title:
        style.append(element("jc", val="center"))
    look.append(
        element("rFonts", ascii="Times New Roman", hAnsi="Times New Roman", eastAsia="宋体" if is_title else "仿宋")
    )
    look.append(element("sz", val="44" if is_title else "32"))
    paragraph.append(style)
    if line:
        paragraph.append(text_run(line, look))
    return paragraph


def _types() -> bytes:
    overrides = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{WORD_TYPE}.{kind}+xml"/>'
        for part, kind in (("document", "document.main"), ("comments", "comments"))
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Types xmlns="{TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    ).encode()


def _relations(kind: str, target: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{RELATIONS}">'
        f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>'
    ).encode()
