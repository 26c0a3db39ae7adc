"""The Merkle tree against a slow plain twin written from the definitions, and against published roots."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.trail import merkle
from engine.trail.merkle import Frontier
from engine.trail.verifier import leaf_hash, root_from_path

PUBLISHED_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
PUBLISHED_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def h(data: bytes) -> bytes:
    return sha256(data).digest()


def split(size: int) -> int:
    return max(2**power for power in range(20) if 2**power < size)


def plain_root(entries: list[bytes]) -> bytes:
    """MTH of RFC 6962 2.1."""
    if not entries:
        return h(b"")
    if len(entries) == 1:
        return h(b"\x00" + entries[0])
    k = split(len(entries))
    return h(b"\x01" + plain_root(entries[:k]) + plain_root(entries[k:]))


def plain_path(m: int, entries: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 2.1.1."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*plain_path(m, entries[:k]), plain_root(entries[k:])]
    return [*plain_path(m - k, entries[k:]), plain_root(entries[:k])]


def plain_proof(m: int, entries: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 2.1.2."""
    n = len(entries)
    if m == n:
        return [] if whole else [plain_root(entries)]
    k = split(n)
    if m <= k:
        return [*plain_proof(m, entries[:k], whole), plain_root(entries[k:])]
    return [*plain_proof(m - k, entries[k:], False), plain_root(entries[:k])]


def nodes_of(entries: list[bytes]) -> list[bytes]:
    nodes: list[bytes] = []
    for index, entry in enumerate(entries):
        assert len(nodes) == merkle.node_count(index)
        nodes.extend(merkle.completed_by(index, leaf_hash(entry), nodes.__getitem__))
    return nodes


ENTRIES = [bytes([number]) * (number % 5) for number in range(40)]


@pytest.mark.parametrize("size", range(len(PUBLISHED_ROOTS)))
def test_roots_are_the_published_ones(size: int) -> None:
    entries = [bytes.fromhex(entry) for entry in PUBLISHED_INPUTS[:size]]
    assert merkle.root(size, nodes_of(entries).__getitem__).hex() == PUBLISHED_ROOTS[size]


@pytest.mark.parametrize("size", range(len(ENTRIES) + 1))
def test_root_of_any_earlier_size_and_the_frontier_agree_with_the_twin(size: int) -> None:
    frontier = Frontier()
    created = [node for entry in ENTRIES[:size] for node in frontier.append(leaf_hash(entry))]
    assert created == nodes_of(ENTRIES[:size])
    assert merkle.root(size, nodes_of(ENTRIES).__getitem__) == frontier.root() == plain_root(ENTRIES[:size])


@settings(deadline=None)
@given(st.integers(1, 40), st.data())
def test_inclusion_proofs_are_the_twins_and_hold(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_proof(index, size, nodes_of(ENTRIES).__getitem__)
    assert path == plain_path(index, ENTRIES[:size])
    assert merkle.verify_inclusion(leaf_hash(ENTRIES[index]), index, size, path, plain_root(ENTRIES[:size]))


@settings(deadline=None)
@given(st.integers(1, 40), st.data())
def test_consistency_proofs_are_the_twins_and_hold(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    path = merkle.consistency_proof(old, new, nodes_of(ENTRIES).__getitem__)
    assert path == plain_proof(old, ENTRIES[:new])
    assert merkle.verify_consistency(old, new, plain_root(ENTRIES[:old]), plain_root(ENTRIES[:new]), path)


def changed(path: list[bytes], data: st.DataObject) -> list[bytes]:
    """The path with a step missing, doubled, added or one bit of it flipped."""
    how = data.draw(st.sampled_from(["drop", "double", "flip"] if path else ["add"]))
    if how == "add":
        return [b"\x00" * 32]
    at = data.draw(st.integers(0, len(path) - 1))
    step = path[at]
    if how == "flip":
        bit = data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(step) ^ (1 << bit)).to_bytes(32)
        return [*path[:at], flipped, *path[at + 1 :]]
    return [*path[:at], *([step, step] if how == "double" else []), *path[at + 1 :]]


@settings(deadline=None)
@given(st.integers(1, 40), st.data())
def test_no_other_path_includes_a_leaf(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    root = plain_root(ENTRIES[:size])
    path = plain_path(index, ENTRIES[:size])
    assert not merkle.verify_inclusion(leaf_hash(ENTRIES[index]), index, size, changed(path, data), root)
    assert not merkle.verify_inclusion(leaf_hash(b"another"), index, size, path, root)


@settings(deadline=None)
@given(st.integers(2, 40), st.data())
def test_no_other_path_shows_growth(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    roots = plain_root(ENTRIES[:old]), plain_root(ENTRIES[:new])
    path = plain_proof(old, ENTRIES[:new])
    assert merkle.verify_consistency(old, new, *roots, path)
    assert not merkle.verify_consistency(old, new, *roots, changed(path, data))
    assert not merkle.verify_consistency(old, new, roots[1], roots[0], path)


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_path(index: int, size: int) -> None:
    assert root_from_path(leaf_hash(b""), index, size, []) == b""
    assert not merkle.verify_inclusion(leaf_hash(b""), index, size, [], b"")
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, nodes_of(ENTRIES).__getitem__)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_growth_needs_two_sizes_in_order(old: int, new: int) -> None:
    assert not merkle.verify_consistency(old, new, b"", b"", [])
    with pytest.raises(ValueError, match="no proof"):
        merkle.consistency_proof(old, new, nodes_of(ENTRIES).__getitem__)
