"""PDF files with text, by pdfium: pages in order, wrapped lines joined, page numbers left out.

A scanned page has an image and no characters; a document of scans is refused, single scanned pages are reported, for
a page that was not read was not screened.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

from engine.documents.limits import damaged, suspicious
from engine.documents.lines import unwrapped
from engine.documents.page_numbers import without_page_number
from engine.documents.pdf_tables import grids, rows
from engine.errors import DocumentUnreadable
from engine.patterns import pattern_of

_MOST_PAGES = 3_000
_FEWEST_CHARACTERS = 30
_UNMAPPED = pattern_of(r"[\x01-\x08\x0b\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")
_ADVICE = "请提供电子文本（.docx或带文字的PDF），或者先做文字识别（OCR）并核对后再提交。"


def read(data: bytes, filename: str) -> tuple[str, list[str]]:
    """The text of a PDF and its notices; raises DocumentUnreadable when it is locked, scanned, damaged or too long."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(data) as document:
            pages = [_page(document, number) for number in range(_page_count(document, filename))]
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise DocumentUnreadable(
                f"PDF文件“{filename}”设有打开密码，无法读取。", "请取消密码后重新提交。"
            ) from error
        raise damaged(filename, "PDF结构无法识别") from error
    scanned = [number for number, (text, has_image) in enumerate(pages, 1) if has_image and _is_bare(text)]
    text = "\n".join("\n".join(without_page_number(text.strip("\n").split("\n"))) for text, _ in pages)
    _refuse_unreadable(filename, text, len(scanned), len(pages))
    return unwrapped(text), _notices(scanned)


def _page_count(document: Any, filename: str) -> int:
    pages = len(document)
    if pages > _MOST_PAGES:
        raise suspicious(filename, f"共{pages}页，超过上限{_MOST_PAGES}页")
    return pages


def _page(document: Any, number: int) -> tuple[str, bool]:
    """The text of a page, and whether a page without text has an image."""
    from pypdfium2 import raw

    with closing(document[number]) as page:
        with closing(page.get_textpage()) as textpage:
            text = _with_tables(page, textpage, str(textpage.get_text_range(errors="replace")))
        has_image = _is_bare(text) and any(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4))
    return text.replace("\ufffe", "-").replace("\0", " "), has_image


def _with_tables(page: Any, textpage: Any, text: str) -> str:
    """The text with line feeds, lines set in where the page sets them in, and tables as rows of cells."""
    lines = text.split("\r\n")
    if len(text) != textpage.count_chars() or len(lines) < 2:
        return "\n".join(lines)
    starts = [0]
    for line in lines[:-1]:
        starts.append(starts[-1] + len(line) + 2)
    boxes: list[Any] = [
        textpage.get_charbox(at + len(line) - len(line.lstrip()), loose=True) if line.strip() else None
        for at, line in zip(starts, lines, strict=True)
    ]
    for grid in grids(page):
        inside = [bool(box) and grid.holds((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for box in boxes]
        told = rows(grid, textpage)
        if not any(inside) or not told:
            continue
        first = inside.index(True)
        kept = [(line, box) for line, box, within in zip(lines, boxes, inside, strict=True) if not within]
        before = sum(not within for within in inside[:first])
        kept[before:before] = [(row, None) for row in told]
        lines, boxes = [line for line, _ in kept], [box for _, box in kept]
    return _indented(lines, boxes)


def _indented(lines: list[str], boxes: list[Any]) -> str:
    """The lines, two blanks before each that begins right of the margin: pdfium drops them."""
    margin = min((box[0] for box in boxes if box), default=0.0)
    indents = ["  " if box and box[0] - margin > 1.2 * (box[2] - box[0]) else "" for box in boxes]
    return "\n".join(indent + line for indent, line in zip(indents, lines, strict=True))


def _is_bare(text: str) -> bool:
    return len("".join(text.split())) < _FEWEST_CHARACTERS


def _refuse_unreadable(filename: str, text: str, scanned: int, pages: int) -> None:
    if scanned and scanned * 2 >= pages:
        raise DocumentUnreadable(
            f"PDF文件“{filename}”是扫描件（{pages}页中有{scanned}页只有图像），没有可读的文字。", _ADVICE
        )
    if len(_UNMAPPED.findall(text)) * 10 > len(text):
        raise DocumentUnreadable(f"PDF文件“{filename}”的字体没有文字编码，读出来的是乱码。", _ADVICE)


def _notices(scanned: list[int]) -> list[str]:
    if not scanned:
        return []
    return [f"第{'、'.join(str(number) for number in scanned)}页只有图像，没有读到文字，未纳入筛查。"]
