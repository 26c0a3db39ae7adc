"""The few parts of a Word package that comments need, and how a package is written: equal parts, equal bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.documents.limits import Package

if TYPE_CHECKING:
    from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
AUTHOR, INITIALS = "双审机器筛查", "审"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def w(name: str) -> str:
    """The qualified name of an element or attribute of WordprocessingML."""
    return f"{{{W}}}{name}"


def element(name: str, **attributes: str) -> etree._Element:
    """A new WordprocessingML element with attributes of the same namespace."""
    from lxml import etree

    made = etree.Element(w(name), nsmap={"w": W})
    for key, value in attributes.items():
        made.set(w(key), value)
    return made


def printable(text: str) -> str:
    """The text with characters that XML cannot hold replaced one by one."""
    return "".join(
        c if c in "\t\n" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "\ufffd"
        for c in text
    )


def text_run(words: str, style: etree._Element | None = None) -> etree._Element:
    """A run of these words."""
    run = element("r")
    if style is not None:
        run.append(style)
    told = element("t")
    told.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    told.text = printable(words)
    run.append(told)
    return run


def comment(number: int, lines: list[str]) -> etree._Element:
    """A comment of ours, a paragraph a line."""
    made = element("comment", id=str(number), author=AUTHOR, initials=INITIALS)
    for line in lines:
        paragraph = element("p")
        paragraph.append(text_run(line))
        made.append(paragraph)
    return made


def reference(number: int) -> etree._Element:
    """The run that shows where comment `number` is tied to the text."""
    run = element("r")
    run.append(element("commentReference", id=str(number)))
    return run


def serialised(root: etree._Element) -> bytes:
    """The part's bytes."""
    from lxml import etree

    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A package of these parts in their order, without a clock in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, data)
    return out.getvalue()


def unpacked(package: Package) -> dict[str, bytes]:
    """Every part of a package within the reader's bounds; raises DocumentUnreadable beyond them."""
    return {name: package.read(name) for name in package.names if not name.endswith("/")}
