"""A second head of the record, by SM3 alone: for those whose rules, or whose doubts, do not rest on SHA-256.

The log itself is sealed with SHA-256, which names its files and texts too. This tree is built over the same events
and leans on none of that: a leaf is the SM3 of the event's stored bytes together with the SM3 of every record and file
it vouches for, so that even two files with one SHA-256 could not be exchanged unseen. It is computed from everything
there is, not kept along, and compared with a head kept elsewhere. Called by `engine.store.second_head`.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.trail.merkle import Frontier
from engine.trail.sm3 import sm3
from engine.trail.verifier import Checkpoint

SUFFIX = "/sm3"
"""What the origin of such a head ends in, so that nobody takes it for one of the log's own."""


def second_leaf(payload: bytes, records: Iterable[bytes], contents: Iterable[bytes]) -> bytes:
    """The leaf of an event: byte 0, its payload, then a line feed and the SM3 (hex) of every record and every file.

    Records come in their own order, files in the order the event names them.
    """
    attached = (f"\n{sm3(data).hex()}".encode("ascii") for data in (*records, *contents))
    return sm3(b"\x00" + payload + b"".join(attached))


def second_node(left: bytes, right: bytes) -> bytes:
    """The SM3 of an inner node, made as RFC 6962 makes one."""
    return sm3(b"\x01" + left + right)


def second_tree() -> Frontier:
    """A growing tree of such leaves."""
    return Frontier(join=second_node)


def is_second(checkpoint: Checkpoint) -> bool:
    """Whether this is a head by SM3."""
    return checkpoint.origin.endswith(SUFFIX)
