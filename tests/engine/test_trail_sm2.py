"""SM2 signatures by the port, shown both ways with plain openssl, and what each forgery is told."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.trail import sm2
from engine.trail.signatures import make_key
from engine.trail.signers import Sm2Signer, SshSigner, make_sm2_key, read_public_key, signer_with

PURPOSE = "shuangshen-decision@v1"
DATA = '{"act":"conclude","facts":{"outcome":"符合"}}'.encode()


def openssl(*words: str | Path, data: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two officers' SM2 keys, made by us and by openssl alone."""
    folder = tmp_path_factory.mktemp("sm2")
    make_sm2_key(folder / "wang")
    openssl("genpkey", "-algorithm", "SM2", "-out", folder / "zhao")
    openssl("pkey", "-in", folder / "zhao", "-pubout", "-out", folder / "zhao.pub")
    return folder


def line_of(room: Path, name: str) -> str:
    return read_public_key((room / f"{name}.pub").read_text()).line


def test_what_is_signed_here_plain_openssl_confirms(room: Path, tmp_path: Path) -> None:
    armour = signer_with(room / "wang").sign(DATA, PURPOSE)
    lines = dict(line.split(": ") for line in armour.splitlines()[1:-1])
    (tmp_path / "signature").write_bytes(base64.b64decode(lines["Signature"]))
    (tmp_path / "message").write_bytes(PURPOSE.encode() + b"\n" + DATA)
    identity = f"distid:{sm2.IDENTITY}"
    said = openssl("dgst", "-sm3", "-sigopt", identity, "-verify", room / "wang.pub",
                   "-signature", tmp_path / "signature", tmp_path / "message")  # fmt: skip
    assert said == b"Verified OK\n"
    openssl("pkeyutl", "-verify", "-pubin", "-inkey", room / "wang.pub", "-rawin", "-digest", "sm3", "-pkeyopt",
            identity, "-sigfile", tmp_path / "signature", "-in", tmp_path / "message")  # fmt: skip
    assert base64.b64decode(lines["Key"]) == openssl("pkey", "-in", room / "wang", "-pubout", "-outform", "DER")


def test_what_plain_openssl_signs_is_confirmed_here(room: Path) -> None:
    made = openssl("dgst", "-sm3", "-sigopt", f"distid:{sm2.IDENTITY}", "-sign", room / "zhao",
                   data=PURPOSE.encode() + b"\n" + DATA)  # fmt: skip
    key = openssl("pkey", "-in", room / "zhao", "-pubout", "-outform", "DER")
    assert sm2.verifies(DATA, sm2.armoured(PURPOSE, key, made), line_of(room, "zhao"), PURPOSE) is True


def test_only_this_key_this_purpose_and_these_bytes(room: Path) -> None:
    armour, line = signer_with(room / "wang").sign(DATA, PURPOSE), line_of(room, "wang")
    assert sm2.verifies(DATA, armour, line, PURPOSE) is True
    assert sm2.verifies(DATA + b" ", armour, line, PURPOSE) is False
    assert sm2.verifies(DATA, armour, line_of(room, "zhao"), PURPOSE) is False
    assert sm2.verifies(DATA, armour, line, "shuangshen-checkpoint@v1") is False
    renamed = armour.replace(PURPOSE, "shuangshen-checkpoint@v1")
    assert sm2.verifies(DATA, renamed, line, "shuangshen-checkpoint@v1") is False
    assert sm2.key_of_signature(armour, PURPOSE) == read_public_key((room / "wang.pub").read_text()).fingerprint
    with pytest.raises(sm2.PurposeDiffers):
        sm2.key_of_signature(renamed, PURPOSE)


@settings(max_examples=15)
@given(st.data())
def test_no_flipped_bit_of_a_signature_passes(data: st.DataObject) -> None:
    """The known signature stands for any; a bit is flipped in its DER."""
    key, signature = (base64.b64decode(each) for each in sm2._KNOWN)
    line = f"sm2 {base64.b64encode(key).decode()}"
    flipped = bytearray(signature)
    flipped[data.draw(st.integers(0, len(signature) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert sm2.verifies(b"", sm2.armoured("known", key, signature), line, "known") is True
    assert sm2.verifies(b"", sm2.armoured("known", key, bytes(flipped)), line, "known") is False


def test_without_a_tool_that_knows_sm2_nothing_is_claimed(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    armour, line = signer_with(room / "wang").sign(DATA, PURPOSE), line_of(room, "wang")
    deaf = tmp_path / "openssl"
    deaf.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    deaf.chmod(0o755)
    for path in (str(tmp_path / "nothing"), str(tmp_path)):
        monkeypatch.setenv("PATH", path)
        assert sm2.verifies(DATA, armour, line, PURPOSE) is None
    with pytest.raises(InvalidInput, match="没有做成"):
        Sm2Signer(room / "wang", b"").sign(DATA, PURPOSE)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InvalidInput, match="没有 openssl"):
        Sm2Signer(room / "wang", b"").sign(DATA, PURPOSE)


@given(st.text(max_size=200) | st.binary(max_size=150).map(lambda data: sm2.armoured("p", data, data)))
def test_no_text_breaks_the_reading_of_signatures(text: str) -> None:
    with pytest.raises(ValueError, match=r"not an? |curve|Incorrect padding|[Bb]ase64"):
        sm2.key_of_signature(text, "p")


# ---------------------------------------------------------------- keys


def test_the_fingerprint_is_the_sm3_of_the_public_key(room: Path) -> None:
    said = openssl("dgst", "-sm3", "-binary", data=openssl("pkey", "-in", room / "wang", "-pubout", "-outform", "DER"))
    known = read_public_key((room / "wang.pub").read_text())
    assert known.fingerprint == "SM3:" + base64.b64encode(said).decode().rstrip("=")


def test_the_key_decides_the_scheme(room: Path, tmp_path: Path) -> None:
    make_key(tmp_path / "ssh", "wang")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", tmp_path / "p256")
    bare = Path(shutil.copy(room / "wang", tmp_path / "bare"))
    places = (room / "wang", bare, tmp_path / "ssh", tmp_path / "ssh.pub", tmp_path / "p256")
    assert [type(signer_with(place)) for place in places] == [Sm2Signer, Sm2Signer, SshSigner, SshSigner, SshSigner]
    assert signer_with(bare) == Sm2Signer(bare, sm2.public_key(line_of(room, "wang")))
    with pytest.raises(InvalidInput, match="没有密钥文件"):
        signer_with(tmp_path / "none")


@pytest.mark.parametrize("change", [(40, 1), (27, 1), (26, 2), (12, 1)])
def test_what_is_no_point_of_the_curve_is_refused(room: Path, change: tuple[int, int]) -> None:
    key = bytearray(sm2.public_key(line_of(room, "wang")))
    key[change[0]] ^= change[1]
    with pytest.raises(InvalidInput, match="不是可用的 SM2 公钥"):
        read_public_key(sm2.pem(bytes(key)))


def test_a_private_key_is_no_public_key(room: Path) -> None:
    with pytest.raises(InvalidInput, match="这是私钥"):
        read_public_key((room / "wang").read_text())
