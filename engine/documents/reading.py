"""Reading: a file, its bytes or a text in hand become a Document with clauses, or a refusal that says what to do.

The one way in for drafts (filing, screening, comparison). Formats are told by content and each is read by its own
module, imported only when such a file comes: reading plain text needs neither lxml nor pdfium.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from engine.documents import markdown, plain
from engine.documents.clauses import split_clauses
from engine.documents.labelling import document_number, document_title
from engine.documents.limits import LARGEST_FILE, damaged
from engine.documents.lines import set_level
from engine.documents.notices import character_notices
from engine.documents.sniffing import Format, sniff
from engine.errors import DocumentUnreadable
from engine.model import Document
from engine.patterns import pattern_of

Reader = Callable[[bytes, str], tuple[str, list[str]]]

_LINE_ENDS = pattern_of("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_LINE_END_SIGNS = "\r\x0b\x0c\x85\u2028\u2029"
_SURROGATE = pattern_of("[\ud800-\udfff]")
_MOST_CHARACTERS = 5_000_000
_MOST_LINES = 200_000
_ANOTHER_FORMAT = "请另存为.docx或带文字的PDF后重新提交。"
_MODULES = {
    Format.DOCX: "docx",
    Format.PDF: "pdf",
    Format.HTML: "html",
    Format.RTF: "rtf",
    Format.XLSX: "xlsx",
    Format.OFD: "ofd",
}
_OLD = {Format.OLD_OFFICE: (".doc", Format.DOCX), Format.OLD_WORKBOOK: (".xls", Format.XLSX)}
_REFUSED = {
    Format.SLIDES: _ANOTHER_FORMAT,
    Format.OPEN_DOCUMENT: _ANOTHER_FORMAT,
    Format.ZIP: "请解压后逐个提交其中的文件。",
    Format.ARCHIVE: "请解压后逐个提交其中的文件。",
    Format.IMAGE: "请提供电子文本，或者先做文字识别（OCR）并核对后再提交。",
}


def read_document(path: Path) -> Document:
    """Read the file at `path`; its name is kept as `Document.filename`.

    Raises DocumentUnreadable, naming the file and what to do, when it is missing, a folder, empty, larger than
    50 MB (checked before reading), locked, scanned, damaged, hostile, or of a format or encoding not readable.
    """
    return read_bytes(file_bytes(path), path.name)


def file_bytes(path: Path) -> bytes:
    """The bytes of the file at `path`; raises DocumentUnreadable when it is missing, a folder, locked or over 50 MB."""
    try:
        if path.is_dir():
            raise DocumentUnreadable(f"“{path}”是文件夹，不是文件。", "请指定其中的一个文件。")
        if path.exists() and not path.is_file():
            raise DocumentUnreadable(f"“{path}”不是普通文件。", "请指定一个文档文件。")
        size = path.stat().st_size
        if size > LARGEST_FILE:
            megabytes = size / 1024 / 1024
            raise DocumentUnreadable(
                f"文件“{path.name}”有{megabytes:.0f}MB，超过上限50MB。", "请删去图片或拆分后重新提交。"
            )
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise DocumentUnreadable(f"找不到文件“{path}”。", "请检查文件名和所在目录。") from error
    except PermissionError as error:
        raise DocumentUnreadable(f"没有权限读取文件“{path}”。", "请检查文件的访问权限。") from error
    except (OSError, ValueError) as error:
        raise DocumentUnreadable(f"无法读取文件“{path}”：{error}。", "请检查路径和磁盘。") from error


def read_bytes(data: bytes, filename: str) -> Document:
    """Read a file that is already in memory; `filename` is only used to name it. Raises as `read_document`."""
    if len(data) > LARGEST_FILE:
        raise DocumentUnreadable(f"文件“{filename}”超过上限50MB。", "请删去图片或拆分后重新提交。")
    if not data.strip(b"\x00 \t\r\n"):
        raise DocumentUnreadable(f"文件“{filename}”是空的。", "请检查是否选错了文件。")
    text, notices = _extract(data, filename)
    return _document(text, filename, hashlib.sha256(data).hexdigest(), notices)


def read_text(text: str, filename: str = "") -> Document:
    """Make a Document of a text in hand; `sha256` is of its UTF-8 bytes. Raises DocumentUnreadable when it is blank."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError as error:
        raise DocumentUnreadable(f"文本“{filename}”含有残缺的字符。", "请检查文本的编码。") from error
    return _document(text, filename, hashlib.sha256(encoded).hexdigest(), [])


def _document(text: str, filename: str, sha256: str, notices: list[str]) -> Document:
    if any(map(text.__contains__, _LINE_END_SIGNS)):
        text = _LINE_ENDS.sub("\n", text)
    if len(text) > _MOST_CHARACTERS or text.count("\n") > _MOST_LINES:
        raise DocumentUnreadable(
            f"文件“{filename}”的正文超过{_MOST_CHARACTERS // 10_000}万字或{_MOST_LINES // 10_000}万行。",
            "请拆分后重新提交。",
        )
    text, upright = set_level(text)
    clauses = split_clauses(text)
    if not clauses:
        raise DocumentUnreadable(f"文件“{filename}”里没有文字。", "请检查是否选错了文件，或者内容是否都是图片。")
    return Document(
        filename=filename,
        sha256=sha256,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        title=document_title(clauses),
        document_number=document_number(clauses),
        clauses=clauses,
        notices=(*notices, *upright, *character_notices(text)),
    )


def _extract(data: bytes, filename: str) -> tuple[str, list[str]]:
    form = sniff(data, filename)
    if form is Format.ENCRYPTED_OFFICE:
        raise DocumentUnreadable(f"文件“{filename}”设有打开密码，无法读取。", "请取消密码后重新提交。")
    if form in _REFUSED:
        raise DocumentUnreadable(f"文件“{filename}”是{form.value}，不能直接读取。", _REFUSED[form])
    earlier: list[str] = []
    if form in _OLD:
        from engine.documents import legacy

        suffix, form = _OLD[form]
        data, earlier = legacy.converted(data, filename, suffix, form.name.lower())
    try:
        text, notices = _reader(form)(data, filename)
    except RecursionError as error:
        raise damaged(filename, "内容嵌套过深") from error
    return _SURROGATE.sub("\ufffd", text), earlier + notices


def _reader(form: Format) -> Reader:
    """The reader of a format; its module is imported here and not before."""
    name = _MODULES.get(form)
    if name is None:
        return _read_plain
    reader: Reader = import_module(f"engine.documents.{name}").read
    return reader


def _read_plain(data: bytes, filename: str) -> tuple[str, list[str]]:
    text = plain.decode(data, filename)
    if filename.lower().endswith((".md", ".markdown")) or markdown.looks_like_markdown(text):
        text = markdown.plain_text(_LINE_ENDS.sub("\n", text))
    return text, []
