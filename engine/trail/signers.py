"""The port through which officers and installations sign: by SSH key, or by SM2 key. Called by the counter and by
`reviewers.operations`.

A hardware token or a certified module comes in here, as one more class with a `sign`; judging its signatures belongs
into the verifier, because others must be able to.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.errors import InvalidInput
from engine.trail import signatures, sm2
from engine.trail.signatures import MAX_KEY, MAX_SECONDS, PublicKey

PEM_PUBLIC, PEM_PRIVATE = "-----BEGIN PUBLIC KEY-----", "PRIVATE KEY-----"
SSH_PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----"


class Signer(Protocol):
    """Whoever can sign with one key, wherever that key is kept."""

    def sign(self, data: bytes, namespace: str) -> str:
        """The signature of these bytes for this purpose, as text that names its key. Raises InvalidInput."""


@dataclass(frozen=True, slots=True)
class SshSigner:
    """Signs by `ssh-keygen -Y sign`; the key is a private key file, or a `.pub` whose private half the agent holds."""

    key: Path

    def sign(self, data: bytes, namespace: str) -> str:
        return signatures.sign(self.key, data, namespace)


@dataclass(frozen=True, slots=True)
class Sm2Signer:
    """Signs by `openssl dgst -sm3`; the key is a private key file in PEM, `public` its public half (DER)."""

    key: Path
    public: bytes

    def sign(self, data: bytes, namespace: str) -> str:
        words = ["dgst", "-sm3", "-sigopt", f"distid:{sm2.IDENTITY}", "-sign", str(self.key)]
        return sm2.armoured(namespace, self.public, openssl(words, sm2.signed_bytes(namespace, data), str(self.key)))


def signer_with(key: Path) -> Signer:
    """The signer for the key in this file: SM2 for an SM2 key in PEM, else SSH. Raises InvalidInput without the file.

    The public half is read from the `.pub` beside, so that a passphrase is asked for once.
    """
    if not key.is_file():
        raise InvalidInput(f"没有密钥文件 {key}。", "请检查 --key 或环境变量 SHUANGSHEN_KEY。")
    first = _text(key).partition("\n")[0].strip()
    if first == SSH_PRIVATE or not first.endswith(PEM_PRIVATE):
        return SshSigner(key)
    beside = key.with_name(key.name + ".pub")
    told = _text(beside) if beside.is_file() else _public_half(key)
    return Sm2Signer(key, _sm2_key(told)) if told.startswith(PEM_PUBLIC) and _is_sm2(told) else SshSigner(key)


def read_public_key(text: str) -> PublicKey:
    """The key in a public key file, OpenSSH's or an SM2 key in PEM.

    Raises InvalidInput for a private key, another kind or a damaged one.
    """
    if not text.lstrip().startswith(PEM_PUBLIC):
        return signatures.read_public_key(text)
    key = _sm2_key(text)
    return PublicKey(f"{sm2.SCHEME} {base64.b64encode(key).decode()}", sm2.fingerprint(key))


def make_sm2_key(place: Path) -> None:
    """A new SM2 key pair lies at `place` and `place`.pub, without a passphrase, readable by its owner only.

    Raises InvalidInput, with what openssl said, when it cannot be made.
    """
    openssl(["genpkey", "-algorithm", "SM2", "-out", str(place)], b"", str(place))
    place.chmod(0o600)
    place.with_name(place.name + ".pub").write_text(_public_half(place), encoding="ascii")


def openssl(words: list[str], data: bytes, place: str) -> bytes:
    """What openssl answers to these words and this input; a passphrase it asks for at the terminal itself.

    Raises InvalidInput, naming the key's place and what openssl said, when it fails or is not there.
    """
    tool = shutil.which("openssl")
    if tool is None:
        raise InvalidInput("本机没有 openssl，不能使用 SM2 密钥。", "请安装 OpenSSL 3.0 以上。")
    try:
        made = subprocess.run([tool, *words], input=data, capture_output=True, check=False, timeout=MAX_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise InvalidInput(f"{MAX_SECONDS} 秒内没有完成，什么都没有写入。", "请重复同一命令。") from error
    if made.returncode != 0:
        said = " ".join(made.stderr.decode("utf-8", "replace").split())[-200:]
        raise InvalidInput(f"用 {place} 没有做成：{said}。", "请检查口令、密钥文件和 OpenSSL 的版本（3.0 以上）。")
    return made.stdout


def _public_half(key: Path) -> str:
    return openssl(["pkey", "-in", str(key), "-pubout"], b"", str(key)).decode("ascii", "replace")


def _is_sm2(text: str) -> bool:
    try:
        _sm2_key(text)
    except InvalidInput:
        return False
    return True


def _sm2_key(text: str) -> bytes:
    try:
        encoded = "".join(text[:MAX_KEY].split("-----")[2].split())
        return sm2.public_key(f"{sm2.SCHEME} {encoded}")
    except (ValueError, IndexError) as error:
        raise InvalidInput("不是可用的 SM2 公钥。", "请用 openssl pkey -pubout 从 SM2 私钥重新导出。") from error


def _text(place: Path) -> str:
    with place.open(encoding="ascii", errors="replace") as file:
        return file.read(2 * MAX_KEY)
