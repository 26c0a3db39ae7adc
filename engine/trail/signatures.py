"""Signing with an officer's own SSH key, by OpenSSH: the key stays in his file, his agent or his hardware token.

Standard library and `ssh-keygen` only. Verifying is in `verifier`, because whoever holds a bundle must be able to.
"""

from __future__ import annotations

import base64
import binascii
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InvalidInput
from engine.trail.verifier import fingerprint

KINDS = frozenset(
    {
        "ssh-ed25519",
        "sk-ssh-ed25519@openssh.com",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    }
)
MAX_KEY = 2_000
MAX_SECONDS = 120
"""How long a person may take to type a passphrase or touch a token."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key as OpenSSH writes it, without its comment, and its fingerprint."""

    line: str
    fingerprint: str


def read_public_key(text: str) -> PublicKey:
    """The key in a `.pub` file; raises InvalidInput for a private key, another kind or a damaged one."""
    words = text.split()
    if "PRIVATE" in text:
        raise InvalidInput("这是私钥，不是公钥。", "请给出 .pub 文件；私钥不要交给任何人。")
    if len(text) > MAX_KEY or len(words) < 2 or words[0] not in KINDS:
        raise InvalidInput("不是可用的 SSH 公钥。", "请用 ssh-keygen -t ed25519 生成，并给出 .pub 文件。")
    try:
        blob = base64.b64decode(words[1], validate=True)
    except binascii.Error as error:
        raise InvalidInput("公钥内容已损坏。", "请重新取得 .pub 文件。") from error
    kind = words[0].encode()
    if blob[: 4 + len(kind)] != len(kind).to_bytes(4, "big") + kind:
        raise InvalidInput("公钥内容与所写的种类不符。", "请重新取得 .pub 文件。")
    return PublicKey(f"{words[0]} {words[1]}", fingerprint(blob))


def sign(key: Path, data: bytes, namespace: str) -> str:
    """The armoured signature of these bytes by the key in this file, or by the agent that holds the key of a `.pub`.

    Raises InvalidInput, with what ssh-keygen said, when it does not come about.
    """
    if not key.is_file():
        raise InvalidInput(f"没有密钥文件 {key}。", "请检查 --key 或环境变量 SHUANGSHEN_KEY。")
    try:
        made = subprocess.run(
            [ssh_keygen(), "-Y", "sign", "-f", str(key), "-n", namespace],
            input=data,
            capture_output=True,
            check=False,
            timeout=MAX_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise InvalidInput(f"{MAX_SECONDS} 秒内没有签成，什么都没有写入。", "请重复同一命令。") from error
    if made.returncode != 0:
        said = " ".join(made.stderr.decode("utf-8", "replace").split())[-200:]
        raise InvalidInput(f"用 {key} 没有签成：{said}。", "请检查口令、密钥文件权限（0600）和 ssh-agent。")
    return made.stdout.decode("ascii")


def sign_by_agent(key: PublicKey, data: bytes, namespace: str) -> str:
    """The signature of these bytes by the agent, which holds the private half of this key."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "agent.pub")
        place.write_text(f"{key.line}\n", encoding="utf-8")
        return sign(place, data, namespace)


def agent_keys() -> tuple[str, ...]:
    """Fingerprints of the keys the agent offers; none when there is no agent."""
    tool = shutil.which("ssh-add")
    if tool is None:
        return ()
    listed = subprocess.run([tool, "-L"], capture_output=True, text=True, check=False, timeout=10)
    lines = [line for line in listed.stdout.splitlines() if line.split()[:1] and line.split()[0] in KINDS]
    return tuple(read_public_key(line).fingerprint for line in lines)


def make_key(place: Path, comment: str) -> None:
    """A new Ed25519 key pair lies at `place` and `place`.pub, without a passphrase, readable by its owner only.

    Raises InvalidInput, with what ssh-keygen said, when it cannot be made.
    """
    words = [ssh_keygen(), "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(place)]
    made = subprocess.run(words, check=False, capture_output=True, stdin=subprocess.DEVNULL)
    if made.returncode != 0:
        said = " ".join((made.stdout + made.stderr).decode("utf-8", "replace").split())[-200:]
        raise InvalidInput(f"密钥 {place} 没有生成：{said}。", "请检查目录的权限和磁盘空间。")


def ssh_keygen() -> str:
    """The tool; raises InvalidInput when this machine has none."""
    found = shutil.which("ssh-keygen")
    if found is None:
        raise InvalidInput("本机没有 ssh-keygen，不能签名。", "请安装 OpenSSH 8.9 以上。")
    return found
