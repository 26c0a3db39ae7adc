"""The files of a stock, in one fixed order; no link is followed, and the number and depth of folders is bounded."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.documents.limits import LARGEST_FILE
from engine.errors import InvalidInput

MOST_FILES = 2_000_000
DEEPEST = 64
_NO_DOCUMENTS = {"thumbs.db", "desktop.ini"}
_LOCK_FILES = "~$"
_CHUNK = 1 << 20
ROOT = "（目录本身）"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the stock; `department` is its folder right under the root, `reason` why it cannot be read."""

    file: Path
    department: str
    reason: str = ""

    @property
    def path(self) -> str:
        """The path as it can be stored and printed."""
        return printable(self.file)


@dataclass(frozen=True, slots=True)
class Stock:
    """What a walk saw: the files, and how many symbolic links it did not follow."""

    entries: list[Entry]
    links: int


def printable(path: Path) -> str:
    """The path with bytes that are no UTF-8 shown as replacement characters."""
    return os.fsencode(path).decode("utf-8", "replace")


def walk(roots: Sequence[Path]) -> Stock:
    """Every file under the roots, sorted by name, folder by folder.

    Hidden files, lock files of office programs and the system's own files are left out. A folder that cannot be opened
    is an entry with a reason. Raises InvalidInput for a missing root or more than two million files.
    """
    entries: list[Entry] = []
    links = 0
    for root in roots:
        if not root.exists():
            raise InvalidInput(f"没有“{root}”。", "请检查路径。")
        for entry in _under(root) if root.is_dir() else [Entry(root.resolve() if root.is_symlink() else root, ROOT)]:
            if entry is None:
                links += 1
            else:
                entries.append(entry)
            if len(entries) > MOST_FILES:
                raise InvalidInput(f"文件超过 {MOST_FILES} 个。", "请分目录筛查，台账可以用 stock merge 合并。")
    return Stock(list({entry.file: entry for entry in entries}.values()), links)


def _under(root: Path) -> Iterator[Entry | None]:
    """The files below a folder; None stands for a link."""
    waiting: list[tuple[Path, str, int]] = [(root, ROOT, 0)]
    while waiting:
        folder, department, depth = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                found = sorted(listing, key=lambda one: one.name)
        except OSError as error:
            yield Entry(folder, department, f"无法打开目录：{error.strerror}。")
            continue
        folders = []
        for one in found:
            path = folder / one.name
            if one.is_symlink():
                yield None
            elif one.is_dir(follow_symlinks=False):
                if depth >= DEEPEST:
                    yield Entry(path, department, f"目录超过 {DEEPEST} 层，没有进入。")
                elif not one.name.startswith("."):
                    folders.append((path, one.name if depth == 0 else department, depth + 1))
            elif _may_be_document(one.name):
                yield Entry(path, department)
        waiting += reversed(folders)


def _may_be_document(name: str) -> bool:
    return not name.startswith((".", _LOCK_FILES)) and name.lower() not in _NO_DOCUMENTS


def opened_digest(path: Path) -> tuple[str, str]:
    """The SHA-256 of a file's bytes, or an empty digest and the reason why there is none.

    Links, devices and pipes are not opened for reading; a file over 50 MB is refused before it is read.
    """
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST_FILE:
                return "", f"文件有{size / 1024 / 1024:.0f}MB，超过上限50MB。"
            digest = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
            return digest.hexdigest(), ""
    except OSError as error:
        return "", f"无法读取：{error.strerror or error}。"


def open_regular(path: Path) -> BinaryIO:
    """The file opened for reading; raises OSError when it is a link, a device, a pipe or a folder."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, "不是普通文件")
    return os.fdopen(handle, "rb")
