"""A zip file of documents, read one by one and never unpacked to disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from engine.documents.limits import Package
from engine.documents.reading import file_bytes, read_bytes
from engine.documents.sniffing import Format, sniff
from engine.errors import DocumentUnreadable
from engine.model import Document
from engine.patterns import pattern_of

_MOST_DOCUMENTS = 500
_UNPRINTABLE = pattern_of("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_HIDDEN_FOLDERS = ("__MACOSX/",)


def read_archive(path: Path) -> Iterator[Document | DocumentUnreadable]:
    """The documents in the zip file at `path`, in its order, one at a time; an unreadable one comes as its refusal.

    Filenames are `archive.zip/folder/file`. Raises DocumentUnreadable at once when the archive itself cannot be read,
    is no zip file of documents, is empty, or holds more than 500 files.
    """
    data = file_bytes(path)
    if sniff(data, path.name) is not Format.ZIP:
        raise DocumentUnreadable(f"文件“{path.name}”不是装有文档的压缩包（.zip）。", "请把要提交的文件打成.zip压缩包。")
    package = Package(data, path.name)
    names = [name for name in package.names if _is_document(name)]
    if not names:
        raise DocumentUnreadable(f"压缩包“{path.name}”里没有文件。", "请检查是否选错了压缩包。")
    if len(names) > _MOST_DOCUMENTS:
        raise DocumentUnreadable(
            f"压缩包“{path.name}”里有{len(names)}个文件，超过上限{_MOST_DOCUMENTS}个。", "请分成几个压缩包提交。"
        )
    return _documents(package, names)


def _documents(package: Package, names: list[str]) -> Iterator[Document | DocumentUnreadable]:
    for name in names:
        try:
            yield read_bytes(package.read(name), f"{package.filename}/{_shown(package, name)}")
        except DocumentUnreadable as refusal:
            yield refusal


def _is_document(name: str) -> bool:
    return not (name.endswith("/") or name.startswith(_HIDDEN_FOLDERS) or name.rpartition("/")[2].startswith("."))


def _shown(package: Package, name: str) -> str:
    """The name as its author wrote it, without characters that move the cursor or turn the direction of writing.

    Zip files made on Chinese Windows hold GBK names that read as code page 437.
    """
    if not package.is_utf8(name):
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    return _UNPRINTABLE.sub("\ufffd", name)
