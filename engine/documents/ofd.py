"""OFD layout documents (GB/T 33190): text objects page by page, put into lines by their height on the page."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from engine.documents.limits import Package, damaged
from engine.documents.lines import unwrapped
from engine.documents.page_numbers import without_page_number
from engine.errors import DocumentUnreadable

if TYPE_CHECKING:
    from lxml import etree

_MOST_PAGES = 3_000


class _Line(NamedTuple):
    """A line of a page: where it stands, in millimetres, how large its first characters are, and its words."""

    height: float
    left: float
    size: float
    words: list[str]

    @property
    def text(self) -> str:
        return "".join(self.words).strip()


def read(data: bytes, filename: str) -> tuple[str, list[str]]:
    """The text of an OFD document and its notices; raises DocumentUnreadable when it is damaged or only images."""
    package = Package(data, filename)
    pages = [_page(package.xml(part)) for part in _page_parts(package)]
    if not pages:
        raise damaged(filename, "没有可读的页面")
    scanned = [number for number, (lines, has_image) in enumerate(pages, 1) if has_image and not lines]
    if scanned and len(scanned) * 2 >= len(pages):
        raise DocumentUnreadable(
            f"OFD文件“{filename}”是扫描件（{len(pages)}页中有{len(scanned)}页只有图像），没有可读的文字。",
            "请提供电子文本，或者先做文字识别（OCR）并核对后再提交。",
        )
    notices = [f"第{'、'.join(map(str, scanned))}页只有图像，没有读到文字，未纳入筛查。"] if scanned else []
    return unwrapped("\n".join("\n".join(lines) for lines, _ in pages)), notices


def _page_parts(package: Package) -> Iterator[str]:
    """The content parts of all pages in order; every path is looked up in the package and nowhere else."""
    for root in _named(package.xml("OFD.xml"), "DocRoot"):
        document = _resolved("", root.text)
        if not package.has(document):
            raise damaged(package.filename, "缺少文档根节点")
        for number, page in enumerate(_named(package.xml(document), "Page")):
            part = _resolved(posixpath.dirname(document), page.get("BaseLoc"))
            if package.has(part) and number < _MOST_PAGES:
                yield part


def _resolved(folder: str, location: str | None) -> str:
    return posixpath.normpath(posixpath.join("/", folder, (location or "").strip())).lstrip("/")


def _named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    """Elements by local name: producers use the standard's namespace under different versions."""
    return (element for element in root.iter() if str(element.tag).rpartition("}")[2] == name)


def _page(root: etree._Element) -> tuple[list[str], bool]:
    """The lines of a page, two blanks before each that begins right of the margin, and whether it has an image."""
    lines: list[_Line] = []
    for text_object in _named(root, "TextObject"):
        left, top = _numbers(text_object.get("Boundary"), 2)
        size = _numbers(text_object.get("Size"), 1)[0] or 4.0
        for code in _named(text_object, "TextCode"):
            at = top + _numbers(code.get("Y"), 1)[0]
            if not lines or abs(at - lines[-1].height) > size / 2:
                lines.append(_Line(at, left + _numbers(code.get("X"), 1)[0], size, []))
            lines[-1].words.append(code.text or "")
    lines = [line for line in lines if line.text]
    margin = min((line.left for line in lines), default=0.0)
    texts = [("  " if line.left - margin > 1.2 * line.size else "") + line.text for line in lines]
    return without_page_number(texts), any(True for _ in _named(root, "ImageObject"))


def _numbers(text: str | None, count: int) -> list[float]:
    found = []
    for piece in (text or "").split()[:count]:
        try:
            found.append(float(piece))
        except ValueError:
            found.append(0.0)
    return found + [0.0] * (count - len(found))
