"""The national hash SM3, for key fingerprints and for the second head of the record.

Python's own OpenSSL computes it where it was built with it; some systems leave it out, so there is a slow one as well.
Standard library only. Source: GB/T 32905-2016 (GM/T 0004-2012).
"""

from __future__ import annotations

import hashlib
import struct

BUILT_IN = "sm3" in hashlib.algorithms_available
"""Whether this Python's OpenSSL computes SM3."""

_WORD = 0xFFFFFFFF
_START = (
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
)  # fmt: skip


def sm3(data: bytes) -> bytes:
    """The 32-byte digest of these bytes."""
    return hashlib.new("sm3", data).digest() if BUILT_IN else sm3_by_hand(data)


def sm3_by_hand(data: bytes) -> bytes:
    """The same, computed here: about a thousand short texts a second."""
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "big")
    state: tuple[int, ...] = _START
    for offset in range(0, len(padded), 64):
        state = _compressed(state, struct.unpack_from(">16I", padded, offset))
    return struct.pack(">8I", *state)


def _compressed(state: tuple[int, ...], block: tuple[int, ...]) -> tuple[int, ...]:
    words = _expanded(block)
    a, b, c, d, e, f, g, h = state
    for step in range(64):
        early = step < 16
        turned = _left(a, 12)
        ss1 = _left((turned + e + _left(0x79CC4519 if early else 0x7A879D8A, step)) & _WORD, 7)
        mixed = a ^ b ^ c if early else (a & b) | (a & c) | (b & c)
        chosen = e ^ f ^ g if early else (e & f) | (~e & _WORD & g)
        tt1 = (mixed + d + (ss1 ^ turned) + (words[step] ^ words[step + 4])) & _WORD
        tt2 = (chosen + h + ss1 + words[step]) & _WORD
        a, b, c, d, e, f, g, h = tt1, a, _left(b, 9), c, tt2 ^ _left(tt2, 9) ^ _left(tt2, 17), e, _left(f, 19), g
    return tuple(new ^ old for new, old in zip((a, b, c, d, e, f, g, h), state, strict=True))


def _expanded(block: tuple[int, ...]) -> list[int]:
    words = list(block)
    for at in range(16, 68):
        mixed = words[at - 16] ^ words[at - 9] ^ _left(words[at - 3], 15)
        permuted = mixed ^ _left(mixed, 15) ^ _left(mixed, 23)
        words.append(permuted ^ _left(words[at - 13], 7) ^ words[at - 6])
    return words


def _left(word: int, places: int) -> int:
    places %= 32
    return (word << places | word >> (32 - places)) & _WORD
