"""The files of a bundle, folder or zip, read with nothing trusted: names, links, sizes and numbers are judged first.

Called by `bundles` before anything in a bundle is believed; standard library only.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path

from engine.trail.verifier import Broken

MAX_FILES, MAX_FILE, MAX_TOTAL = 20_000, 128 << 20, 1 << 30
MAX_DIRECTORY = 16 << 20
_TAIL = 22 + 0xFFFF
Members = Mapping[str, Callable[[], bytes]]
"""Every file of a bundle by its name, read when it is asked for."""


def safe_name(name: str) -> bool:
    """Whether a name stays inside the bundle on every system: relative, forward slashes, printable, no dots-up."""
    parts = name.split("/")
    return (
        len(name) <= 400
        and name.isprintable()
        and not set(name) & set('\\:*?"<>|')
        and not {"", ".", ".."} & set(parts)
    )


def _shown(name: str) -> str:
    return name if safe_name(name) else ascii(name)


def read_bundle(path: Path) -> Members:
    """Every regular file of the folder or zip by its name, sizes bounded; links, escapes, duplicates are Broken."""
    listed = list(islice(_folder(path) if path.is_dir() else _archive(path), MAX_FILES + 1))
    if len(listed) > MAX_FILES or sum(size for _, size, _ in listed) > MAX_TOTAL:
        raise Broken(path.name, "文件过多或总量过大，拒绝展开")
    members: dict[str, Callable[[], bytes]] = {}
    for name, size, read in listed:
        if not safe_name(name):
            raise Broken(_shown(name), "文件名不安全")
        if name in members:
            raise Broken(name, "同名文件出现两次")
        if size > MAX_FILE:
            raise Broken(name, f"文件过大（超过 {MAX_FILE >> 20} MiB）")
        members[name] = read
    return members


def _folder(root: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    for folder, folders, files in os.walk(root):
        for name in sorted(folders) + sorted(files):
            path = Path(folder, name)
            shown, status = path.relative_to(root).as_posix(), path.lstat()
            if stat.S_ISREG(status.st_mode):
                yield shown, status.st_size, path.read_bytes
            elif not stat.S_ISDIR(status.st_mode):
                raise Broken(_shown(shown), "是链接或特殊文件，不是普通文件")


def _archive(path: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    import zipfile

    _check_directory(path)
    try:
        archive = zipfile.ZipFile(path)
    except Exception as error:  # zipfile answers damage with a dozen kinds of exception
        raise Broken(path.name, "打不开：不是文件夹，也不是完好的 zip") from error

    def read(info: zipfile.ZipInfo) -> bytes:
        try:
            with archive.open(info) as member:
                return member.read(info.file_size)
        except Exception as error:
            raise Broken(info.filename, "压缩包内该文件已损坏") from error

    for info in archive.infolist():
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Broken(_shown(info.filename), "加密或压缩方式不受支持")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Broken(_shown(info.filename), "是符号链接")
        yield info.filename, info.file_size, partial(read, info)


def _check_directory(path: Path) -> None:
    """Broken when the archive lists more than is ever written, before the list is read into memory."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _TAIL, 0))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise Broken(path.name, "打不开：不是文件夹，也不是完好的 zip")
    entries, size = (
        int.from_bytes(tail[end + 10 : end + 12], "little"),
        int.from_bytes(tail[end + 12 : end + 16], "little"),
    )
    if entries > MAX_FILES or size > MAX_DIRECTORY or tail[end - 20 : end - 16] == b"PK\x06\x07":
        raise Broken(path.name, "文件过多或总量过大，拒绝展开")
