"""SM3 against the published examples, against OpenSSL, and the slow form against the built-in one."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.trail.sm3 import BUILT_IN, sm3, sm3_by_hand

EXAMPLES = {
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
}
"""Source: GM/T 0004-2012, annex A."""


@pytest.mark.parametrize(("data", "digest"), EXAMPLES.items())
def test_the_published_examples(data: bytes, digest: str) -> None:
    assert sm3(data).hex() == sm3_by_hand(data).hex() == digest


@pytest.mark.skipif(not BUILT_IN, reason="this Python's OpenSSL has no SM3")
@given(st.binary(max_size=200))
def test_both_forms_agree(data: bytes) -> None:
    assert sm3_by_hand(data) == sm3(data)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_openssl_says_the_same() -> None:
    said = subprocess.run(["openssl", "dgst", "-sm3", "-r"], input=b"x" * 119, capture_output=True, check=True)
    assert sm3_by_hand(b"x" * 119).hex() == said.stdout.split()[0].decode()
