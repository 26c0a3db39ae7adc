"""Which format a file really is, by its first bytes and its parts; the extension is never trusted."""

from __future__ import annotations

import re
from enum import Enum

from engine.documents.limits import Package

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|meta)\b", re.I | re.S
)
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"(\xb5/\xfd")


class Format(Enum):
    """The formats told apart; the value is what a user calls it."""

    DOCX = "Word文档（.docx）"
    XLSX = "Excel工作簿（.xlsx）"
    OFD = "OFD版式文档"
    PDF = "PDF文件"
    RTF = "RTF文档"
    HTML = "网页"
    TEXT = "文本文件"
    OLD_OFFICE = "旧版Word或WPS文档（.doc/.wps）"
    OLD_WORKBOOK = "旧版Excel工作簿（.xls）"
    ENCRYPTED_OFFICE = "加密的Office文档"
    SLIDES = "演示文稿"
    OPEN_DOCUMENT = "OpenDocument文档（.odt/.ods）"
    ZIP = "压缩包（.zip）"
    ARCHIVE = "压缩包"
    IMAGE = "图片"


def sniff(data: bytes, filename: str) -> Format:
    """The format of a file's bytes; raises DocumentUnreadable for a zip file that does not open."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _package_format(Package(data, filename))
    if data.startswith(_OLE):
        return _compound_format(data)
    if b"%PDF-" in data[:1024]:
        return Format.PDF
    if data.startswith(b"{\\rtf"):
        return Format.RTF
    if _HTML.match(data[:4096].removeprefix(b"\xef\xbb\xbf")):
        return Format.HTML
    if data.startswith(_ARCHIVES):
        return Format.ARCHIVE
    if data.startswith(_IMAGES) and b"\0" in data[:4096]:
        return Format.IMAGE
    return Format.TEXT


def _package_format(package: Package) -> Format:
    names = package.names
    if any(name.startswith("word/") for name in names):
        return Format.DOCX
    if any(name.startswith("xl/") for name in names):
        return Format.XLSX
    if any(name.startswith("ppt/") for name in names):
        return Format.SLIDES
    if "OFD.xml" in names:
        return Format.OFD
    if "mimetype" in names and "content.xml" in names:
        return Format.OPEN_DOCUMENT
    return Format.ZIP


def _compound_format(data: bytes) -> Format:
    """An OLE container by the names of its streams, which are stored in UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Format.ENCRYPTED_OFFICE
    if "Workbook".encode("utf-16-le") in data and "WordDocument".encode("utf-16-le") not in data:
        return Format.OLD_WORKBOOK
    return Format.OLD_OFFICE
