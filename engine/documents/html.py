"""Web pages: the words a reader sees, one line a block, table rows as cells parted by |."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.documents import plain
from engine.documents.limits import damaged, suspicious
from engine.patterns import pattern_of

if TYPE_CHECKING:
    from lxml import etree

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_-]{1,20})""", re.IGNORECASE)
_CHINESE = {"gb2312", "gbk", "gb18030", "cp936", "x-gbk"}
_UNSEEN = {"script", "style", "head", "template", "noscript", "rt", "rp", "iframe", "object", "svg", "select", "button"}
_FRAMES = {"iframe", "object", "embed", "frame"}
_BLOCKS = {
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
}
_BLOCKS |= {"figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li"}
_BLOCKS |= {"main", "nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul"}
_HIDDEN = pattern_of(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LONG_TAG = pattern_of(r"<[^<>]{4000,}")
_MOST_ATTRIBUTES = 5_000  # the parser compares every attribute of a tag with every other
_XML_DECLARATION = pattern_of(r"^\s*<\?xml[^>]{0,200}\?>")


def read(data: bytes, filename: str) -> tuple[str, list[str]]:
    """The text of a web page and its notices; raises DocumentUnreadable when it cannot be decoded or parsed."""
    from lxml import etree

    text = _XML_DECLARATION.sub("", _decoded(data, filename))
    if any(tag[0].count("=") > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(text)):
        raise suspicious(filename, f"网页中有的标签带有超过{_MOST_ATTRIBUTES}个属性")
    parser = etree.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(filename, "网页结构无法识别") from error
    if any(entry.level == etree.ErrorLevels.FATAL for entry in parser.error_log):
        raise suspicious(filename, "网页嵌套过深，只能读到一部分")
    page = _Page()
    if root is not None:
        page.walk(root)
    notices = [f"网页中有{page.hidden}处设为不显示的内容，未读取。"] if page.hidden else []
    if page.framed:
        notices.append(f"网页中嵌有{page.framed}个别的网页或文件，其中的内容未读取，请另行提交。")
    return page.text(), notices


def _decoded(data: bytes, filename: str) -> str:
    """Decode by the page's own meta charset when it fits every byte, else as any text file."""
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii").lower() if declared else ""
    encoding = "gb18030" if name in _CHINESE else name if name in ("big5", "utf-8") else ""
    if encoding and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass
    return plain.decode(data, filename)


class _Page:
    """Collects words; blocks end lines."""

    def __init__(self) -> None:
        self.hidden = 0
        self.framed = 0
        self._pieces: list[str] = []

    def walk(self, element: etree._Element) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        self.framed += tag in _FRAMES
        if tag and tag not in _UNSEEN and not self._is_hidden(element):
            if tag == "tr":
                self._row(element)
            else:
                self._inside(element, tag)
        self._words(element.tail)

    def text(self) -> str:
        lines = ("".join(self._pieces)).split("\n")
        return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)

    def _inside(self, element: etree._Element, tag: str) -> None:
        self._break(tag in _BLOCKS or tag == "br")
        if tag == "li":
            self._pieces.append(_list_number(element))
        self._words(element.text)
        for child in element:
            self.walk(child)
        self._break(tag in _BLOCKS)

    def _row(self, row: etree._Element) -> None:
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        texts = []
        for cell in cells:
            inner = _Page()
            inner._inside(cell, "td")
            self.hidden += inner.hidden
            self.framed += inner.framed
            texts.append(inner.text())
        self._break(True)
        self._pieces.append(texts[0] if len(texts) == 1 else " | ".join(text.replace("\n", " ") for text in texts))
        self._break(True)

    def _is_hidden(self, element: etree._Element) -> bool:
        hidden = element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))
        self.hidden += hidden
        return hidden

    def _words(self, text: str | None) -> None:
        if text:
            self._pieces.append(" ".join(text.split("\n")))

    def _break(self, due: bool) -> None:
        if due:
            self._pieces.append("\n")


def _list_number(item: etree._Element) -> str:
    """The number a browser prints before an item of an ordered list, nothing for other lists."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return ""
    start = parent.get("start") or "1"
    first = int(start) if start.isdecimal() and len(start) < 5 else 1
    return f"{first + len(list(item.itersiblings('li', preceding=True)))}. "
