"""The checkpoints an installation keeps of its own trail: one file each, named by the number of events it vouches for.

Without one, a trail whose end was cut off is indistinguishable from a shorter one. Those kept here show a careless or
partial rewriting; whoever owns this folder as well can remove them, so copies belong to other offices.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from engine.errors import TrailBroken
from engine.trail.verifier import Broken, Checkpoint, key_of_signature, parse_checkpoint, verifies

FOLDER = "checkpoints"
NAMESPACE = "shuangshen-checkpoint@v1"
SIGNATURE = ".sig"
MAX_SIGNATURE = 10_000
_WIDTH = 12


def keep(folder: Path, text: str) -> Path:
    """The checkpoint lies in `folder`, whole, under its size; one that is there already is left alone.

    Raises TrailBroken when another checkpoint of that size is kept: the trail was written twice.
    """
    place = folder / f"{parse_checkpoint(text).size:0{_WIDTH}d}.txt"
    if not place.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new(place, text.encode("utf-8"))
    if place.read_text(encoding="utf-8", errors="replace") != text:
        raise TrailBroken(
            f"留存的检查点 {place} 与现在的留痕不符：同样条数，根哈希不同。",
            "历史被整体改写，或者数据库被换过；请停止写入，保全现场。",
        )
    return place


def newest(folder: Path) -> tuple[Path, str] | None:
    """The kept checkpoint of the most events and its text; None while none is kept.

    Raises TrailBroken for a file named like a checkpoint that is not the one it is named after.
    """
    places = sorted(path for path in folder.glob("*.txt") if path.stem.isdecimal()) if folder.is_dir() else []
    if not places:
        return None
    place = max(places, key=lambda path: int(path.stem))
    text = place.read_text(encoding="utf-8", errors="replace")
    if read_checkpoint(text, place).size != int(place.stem):
        raise TrailBroken(f"留存的检查点 {place} 的条数与文件名不符。", "文件被改动；请从其他单位取回检查点核对。")
    return place, text


def read_checkpoint(text: str, place: Path) -> Checkpoint:
    """The checkpoint in this text; raises TrailBroken naming the file it came from."""
    try:
        return parse_checkpoint(text, str(place))
    except Broken as broken:
        raise TrailBroken(f"{broken}。", "请核对检查点文件。") from broken


def signature_place(place: Path, witness: str = "") -> Path:
    """Where the signature of a checkpoint lies: beside it, with the witness's name if it is a witness's."""
    return place.with_name(f"{place.name}.{witness}{SIGNATURE}" if witness else f"{place.name}{SIGNATURE}")


def signatures_beside(place: Path) -> list[Path]:
    """The signature files beside this checkpoint, the installation's own first."""
    found = [path for path in place.parent.iterdir() if path.name.startswith(f"{place.name}.")]
    return sorted(
        (path for path in found if path.name.endswith(SIGNATURE)), key=lambda path: (len(path.name), path.name)
    )


def signed_by(place: Path, signature: Path) -> str:
    """The fingerprint of the key this signature file names; raises TrailBroken when it is no checkpoint's signature."""
    if signature.stat().st_size > MAX_SIGNATURE:
        raise TrailBroken(f"{signature} 过大，不是签名。", "请核对文件。")
    try:
        return key_of_signature(signature.read_text("utf-8", "replace"), NAMESPACE, str(signature))
    except Broken as broken:
        raise TrailBroken(f"{broken}。", f"请核对 {place} 的来源。") from broken


def require_signed(place: Path, signature: Path, line: str) -> bool:
    """Whether the signature by the key in `line` could be computed; raises TrailBroken when it is not of this text."""
    held = verifies(place.read_bytes(), signature.read_text("utf-8", "replace"), line, NAMESPACE)
    if held is False:
        raise TrailBroken(f"{signature} 不是检查点 {place} 的签名。", "检查点或签名被改动；请从签名单位重新取得。")
    return held is True


def write_new(place: Path, data: bytes, mode: int = 0o600) -> None:
    """The bytes lie at `place` whole and on the disk, unless something was there first: that is left as it is."""
    unfinished = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, place)
    except FileExistsError:
        return
    finally:
        unfinished.unlink(missing_ok=True)
