"""Signatures by SM2 with SM3, judged by the `openssl` command (3.0 or newer): the counterpart of SSH signatures.

Standard library only, because whoever holds a bundle must be able to judge it. A signature is a short text that names
its purpose and its key; what is signed is the purpose, a line feed and the data, under the identity every standard
tool uses, so that plain `openssl dgst -sm3` checks it too. Nothing here is a certified module of commercial
cryptography. Source: GB/T 32918.2-2016, GB/T 35276-2017.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from engine.trail.sm3 import sm3

SCHEME = "sm2"
"""The first word of an SM2 key in the roster, where SSH keys have `ssh-ed25519` and the like."""

IDENTITY = "1234567812345678"
"""The signer's identity where none is agreed upon. Source: GB/T 35276-2017."""

BEGIN, END = "-----BEGIN SM2 SIGNATURE-----", "-----END SM2 SIGNATURE-----"
_BASE64 = "([A-Za-z0-9+/=]{1,200})"
_FORM = re.compile(rf"{BEGIN}\nPurpose: ([!-~]{{1,100}})\nKey: {_BASE64}\nSignature: {_BASE64}\n{END}\n")
_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200" + "04")
"""What every uncompressed SM2 public key begins with in DER (SubjectPublicKeyInfo)."""

_P = 2**256 - 2**224 - 2**96 + 2**64 - 1
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93

_KNOWN = (
    "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAElcdoZfwnJozGvYKsOjbFndlRHCa/F4N1c50CrlXbFidY67UWxYBZTAanaLLEGoyBWNyW7p460FGJ/Z+h"
    "Wo9jhw==",
    "MEQCIAxEqzyV3My+c7QY6LQ+H2KWvWuFJ36rMHoxXzfUr03jAiBggOhdtcG1jeN/bA2Ibr5S55Ri59IZibWMqt3BNh0vYQ==",
)
"""A key and its signature of nothing for the purpose `known`: a tool that cannot confirm it cannot do SM2."""


def armoured(purpose: str, key: bytes, signature: bytes) -> str:
    """The text of a signature: its purpose, the public key (DER) and the signature (DER) in Base64."""
    told = (base64.b64encode(each).decode("ascii") for each in (key, signature))
    return "{}\nPurpose: {}\nKey: {}\nSignature: {}\n{}\n".format(BEGIN, purpose, *told, END)


def key_of_signature(armour: str, purpose: str) -> str:
    """The fingerprint of the key this signature names; raises ValueError when it is none, or for another purpose."""
    named, key, _ = _parts(armour)
    if named != purpose:
        raise PurposeDiffers(named)
    return fingerprint(public_key(f"{SCHEME} {base64.b64encode(key).decode()}"))


def verifies(data: bytes, armour: str, line: str, purpose: str) -> bool | None:
    """Whether the key in this roster line made this signature of exactly these bytes; None without a tool to tell."""
    named, _, signature = _parts(armour)
    tool = shutil.which("openssl")
    if tool is None or not knows_sm2(tool):
        return None
    return named == purpose and _verifies(tool, signed_bytes(purpose, data), signature, public_key(line))


def signed_bytes(purpose: str, data: bytes) -> bytes:
    """What is really signed: the purpose keeps a signature of one kind from being shown as one of another."""
    return purpose.encode("ascii") + b"\n" + data


def public_key(line: str) -> bytes:
    """The key (DER) in a roster line "sm2 MFkw…"; raises ValueError when it is no point of the SM2 curve."""
    scheme, _, encoded = line.partition(" ")
    key = base64.b64decode(encoded, validate=True)
    if scheme != SCHEME or not key.startswith(_SPKI) or len(key) != len(_SPKI) + 64:
        raise ValueError("not an SM2 public key")
    x, y = (int.from_bytes(key[-64:][half : half + 32], "big") for half in (0, 32))
    if x >= _P or y >= _P or (y * y - x * x * x + 3 * x - _B) % _P:
        raise ValueError("not on the curve")
    return key


def fingerprint(key: bytes) -> str:
    """The fingerprint of a public key (DER): its SM3 in Base64, told apart from OpenSSH's by the prefix."""
    return "SM3:" + base64.b64encode(sm3(key)).decode().rstrip("=")


def pem(key: bytes) -> str:
    """A public key (DER) as OpenSSL reads it."""
    return f"-----BEGIN PUBLIC KEY-----\n{base64.encodebytes(key).decode()}-----END PUBLIC KEY-----\n"


class PurposeDiffers(ValueError):
    """The signature was made for another purpose."""


def _parts(armour: str) -> tuple[str, bytes, bytes]:
    found = _FORM.fullmatch(armour)
    if found is None:
        raise ValueError("not an SM2 signature")
    return found[1], base64.b64decode(found[2], validate=True), base64.b64decode(found[3], validate=True)


@cache
def knows_sm2(tool: str) -> bool:
    """Whether this is an OpenSSL that knows SM2: some distributions build it without, other tools bear its name."""
    key, signature = (base64.b64decode(each) for each in _KNOWN)
    return _verifies(tool, signed_bytes("known", b""), signature, key)


def _verifies(tool: str, message: bytes, signature: bytes, key: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        keyfile, signed = Path(folder, "key.pem"), Path(folder, "signature")
        keyfile.write_text(pem(key), encoding="ascii")
        signed.write_bytes(signature)
        words = [tool, "dgst", "-sm3", "-sigopt", f"distid:{IDENTITY}", "-verify", str(keyfile)]
        words += ["-signature", str(signed)]
        return subprocess.run(words, input=message, capture_output=True, check=False).returncode == 0
