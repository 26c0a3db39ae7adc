"""The Merkle tree over all events (RFC 6962 / RFC 9162): root, inclusion and consistency proofs, and their checks.

Complete nodes are numbered in the order they come into being (leaf, then every parent it completes), so a log of
`size` leaves owns exactly the positions below `node_count(size)` and only ever appends. The store keeps them in a
table and hands in a look-up; they can be rebuilt from the events and are therefore not evidence themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from engine.trail.verifier import node_hash, root_from_path

Node = Callable[[int], bytes]
"""Look up the hash of a complete node by its position."""


def node_count(size: int) -> int:
    """How many complete nodes a tree of `size` leaves has."""
    return 2 * size - size.bit_count()


def position(level: int, index: int) -> int:
    """Where the node `index` (from 0) of `level` (leaves are level 0) stands in order of creation."""
    last_leaf = ((index + 1) << level) - 1
    return node_count(last_leaf) + level


def completed_by(index: int, leaf: bytes, node: Node) -> list[bytes]:
    """The hashes of the nodes that come into being with leaf `index`, at `node_count(index)` and onwards."""
    created, level = [leaf], 0
    while index & 1:
        created.append(node_hash(node(position(level, index - 1)), created[-1]))
        index, level = index >> 1, level + 1
    return created


def root(size: int, node: Node) -> bytes:
    """The root of the first `size` leaves; of none, the hash of nothing."""
    return _subtree(0, size, node) if size else hashlib.sha256().digest()


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The path from leaf `index` to the root of the first `size` leaves, lowest sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_subtree(middle, end, node))
            end = middle
        else:
            path.append(_subtree(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """The proof that the first `old` leaves are a prefix of the first `new`. Source: RFC 9162 2.1.4.1."""
    if not 0 < old <= new:
        raise ValueError(f"no proof from {old} to {new} leaves")
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_subtree(middle, end, node))
            end = middle
        else:
            path.append(_subtree(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(_subtree(start, end, node))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """Whether `path` shows `leaf` as number `index` of the tree with this root and size."""
    return len(expected) == 32 and root_from_path(leaf, index, size, path) == expected


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` shows that the tree of `old` leaves only grew into that of `new`. Source: RFC 9162 2.1.4.2."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps:
        return False
    index, last = old - 1, new - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    reached_old = reached_new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            reached_old, reached_new = node_hash(step, reached_old), node_hash(step, reached_new)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            reached_new = node_hash(reached_new, step)
        index, last = index >> 1, last >> 1
    return last == 0 and reached_old == old_root and reached_new == new_root


def peaks(size: int, node: Node) -> list[bytes]:
    """The roots of the complete subtrees of the first `size` leaves, the largest first."""
    found, done = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            found.append(node(position(level, done >> level)))
            done += 1 << level
    return found


class Frontier:
    """A growing tree of which only the peaks are kept: enough for its root at every size.

    `join` is the hash of an inner node; RFC 6962's by SHA-256 unless told otherwise.
    """

    def __init__(
        self,
        size: int = 0,
        peaks: Sequence[bytes] = (),
        join: Callable[[bytes, bytes], bytes] = node_hash,
    ) -> None:
        self.size = size
        self._peaks = list(peaks)
        self._join = join

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, the largest first: `Frontier(size, peaks)` goes on from here."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> list[bytes]:
        """The nodes this leaf completes, in order of creation, itself first."""
        created, index = [leaf], self.size
        while index & 1:
            created.append(self._join(self._peaks.pop(), created[-1]))
            index >>= 1
        self._peaks.append(created[-1])
        self.size += 1
        return created

    def root(self) -> bytes:
        """The root of the leaves so far."""
        if not self._peaks:
            return hashlib.sha256().digest()
        reached = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            reached = self._join(peak, reached)
        return reached


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(start: int, end: int, node: Node) -> bytes:
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(position(level, start >> level))
    middle = start + _split(size)
    return node_hash(_subtree(start, middle, node), _subtree(middle, end, node))
