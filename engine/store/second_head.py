"""The head by SM3 of what is stored: read from the first event to the last, with every record and file on the way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from json import loads
from pathlib import Path

from engine.errors import Refused, TrailBroken
from engine.store.connection import reading
from engine.store.contents import unpack
from engine.store.disposal import destroyed
from engine.store.walking import pages
from engine.trail.chain import ADVICE
from engine.trail.second_head import SUFFIX, second_leaf, second_tree
from engine.trail.verifier import Checkpoint

_BODIES = "SELECT event_seq, body FROM record WHERE event_seq BETWEEN ? AND ? ORDER BY event_seq, ordinal"
_CONTENT = "SELECT size, data FROM content WHERE sha256 = ?"


def second_head(path: Path, size: int | None = None) -> Checkpoint:
    """The head by SM3 of the first `size` events, of all when not told.

    Reads everything once. Raises TrailBroken when there are fewer, or when a file one of them vouches for is missing.
    """
    with reading(path) as connection:
        origin = connection.execute("SELECT value FROM meta WHERE key='origin'").fetchone()[0]
        tree = second_tree()
        for leaf in _leaves(connection):
            if tree.size == size:
                break
            tree.append(leaf)
        if not tree.size or tree.size < (size or 0):
            raise TrailBroken(f"流水第 {tree.size + 1} 条缺失：要核对的是前 {size or 1} 条。", ADVICE)
        return Checkpoint(f"{origin}{SUFFIX}", tree.size, tree.root())


def require_second_head(path: Path, known: Checkpoint) -> None:
    """Raise TrailBroken unless the log had this head by SM3 when it was that long.

    Raises Refused once a case was destroyed: that head is made of the files themselves.
    """
    if destroyed(path):
        raise Refused(
            "有案卷已依法销毁，SM3 根哈希由正文算出，不能再重算。",
            "SHA-256 的流水和检查点照常校验：shuangshen trail verify。",
        )
    found = second_head(path, known.size)
    if found.origin != known.origin:
        raise TrailBroken(f"检查点出自“{known.origin}”，不是这个数据库。", "请核对检查点文件与数据库路径。")
    if found.root != known.root:
        raise TrailBroken(f"流水前 {known.size} 条与检查点的 SM3 根哈希不符：留痕、记录或文件被改写。", ADVICE)


def _leaves(connection: sqlite3.Connection) -> Iterator[bytes]:
    for page in pages(connection, "event", "seq"):
        filed = _filed(connection, page)
        for row in page:
            files = (_file(connection, digest, row["seq"]) for digest in loads(row["payload"])["contents"])
            yield second_leaf(row["payload"].encode("utf-8"), filed.get(row["seq"], []), files)


def _filed(connection: sqlite3.Connection, page: Sequence[sqlite3.Row]) -> dict[int, list[bytes]]:
    filed: dict[int, list[bytes]] = {}
    for row in connection.execute(_BODIES, (page[0]["seq"], page[-1]["seq"])):
        filed.setdefault(row["event_seq"], []).append(row["body"].encode("utf-8"))
    return filed


def _file(connection: sqlite3.Connection, digest: str, seq: int) -> bytes:
    row = connection.execute(_CONTENT, (digest,)).fetchone()
    if row is None:
        raise TrailBroken(f"流水第 {seq} 条登记的文件 {digest} 不见了。", ADVICE)
    return unpack(digest, row["size"], row["data"])
