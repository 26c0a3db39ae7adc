"""Bounds on hostile input: packages that unpack without end, and XML that expands or nests without end.

Every reader of a zipped format opens its parts here and nowhere else. Sizes are bytes.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from engine.errors import DocumentUnreadable

if TYPE_CHECKING:
    import zipfile

    from lxml import etree

LARGEST_FILE = 50 * 1024 * 1024
MOST_ENTRIES = 5_000
LARGEST_PACKAGE = 512 * 1024 * 1024
LARGEST_PART = 64 * 1024 * 1024
_HIGHEST_RATIO = 150
_RATIO_MATTERS_FROM = 4 * 1024 * 1024
_BROKEN_OFF = "请确认文件能正常打开后重新保存再提交。"


def damaged(filename: str, reason: str) -> DocumentUnreadable:
    """The refusal for a file that is cut off or broken."""
    return DocumentUnreadable(f"文件“{filename}”已损坏或不完整：{reason}。", _BROKEN_OFF)


def suspicious(filename: str, reason: str) -> DocumentUnreadable:
    """The refusal for a file that is built to exhaust the reader."""
    return DocumentUnreadable(f"文件“{filename}”被拒绝读取：{reason}。", "请用办公软件打开后另存为新文件再提交。")


class Package:
    """A zip file whose parts can be read within bounds."""

    def __init__(self, data: bytes, filename: str) -> None:
        """Open the package; raises DocumentUnreadable when it is damaged, encrypted or unreasonably large unpacked."""
        import zipfile

        self.filename = filename
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise damaged(filename, "压缩包结构无法识别") from error
        entries = self._zip.infolist()
        if len(entries) > MOST_ENTRIES:
            raise suspicious(filename, f"压缩包内有{len(entries)}个条目，超过上限{MOST_ENTRIES}个")
        if sum(entry.file_size for entry in entries) > LARGEST_PACKAGE:
            raise suspicious(filename, "解压后的总大小超过上限512MB")
        self._entries = {entry.filename: entry for entry in entries}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parts, in the order of the package."""
        return tuple(self._entries)

    def has(self, name: str) -> bool:
        return name in self._entries

    def is_utf8(self, name: str) -> bool:
        """Whether the package says that the name of the part is in UTF-8."""
        return bool(self._entries[name].flag_bits & 0x800)

    def read(self, name: str) -> bytes:
        """The bytes of a part; raises DocumentUnreadable when it is missing, encrypted, damaged or too large."""
        entry = self._entries.get(name)
        if entry is None:
            raise damaged(self.filename, f"缺少组成部分{name}")
        if entry.flag_bits & 1:
            raise DocumentUnreadable(f"文件“{self.filename}”设有密码，无法读取。", "请取消密码后重新提交。")
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > LARGEST_PART or (ratio > _HIGHEST_RATIO and entry.file_size > _RATIO_MATTERS_FROM):
            raise suspicious(self.filename, f"组成部分{name}解压后过大")
        return self._unpack(entry)

    def _unpack(self, entry: zipfile.ZipInfo) -> bytes:
        import zipfile
        import zlib

        try:
            with self._zip.open(entry) as part:
                data = part.read(LARGEST_PART + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            ValueError,
            NotImplementedError,
            RuntimeError,
            OSError,
        ) as error:
            raise damaged(self.filename, f"组成部分{entry.filename}无法解压") from error
        if len(data) > LARGEST_PART:
            raise suspicious(self.filename, f"组成部分{entry.filename}解压后过大")
        return data

    def xml(self, name: str) -> etree._Element:
        """The root element of an XML part."""
        return parse_xml(self.read(name), self.filename, name)


def parse_xml(data: bytes, filename: str, part: str) -> etree._Element:
    """Parse XML without entities, document types, network or deep nesting; raises DocumentUnreadable on any of them."""
    from lxml import etree

    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise suspicious(filename, f"组成部分{part}含有外部实体或文档类型声明")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(filename, f"组成部分{part}不是完整的XML或嵌套过深") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise suspicious(filename, f"组成部分{part}含有外部实体或文档类型声明")
    return root
