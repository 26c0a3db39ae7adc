"""Signatures by real SSH keys: what is signed, what each forgery is told, what a verifier without ssh-keygen says."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.trail import verifier
from engine.trail.signatures import make_key, read_public_key, sign
from engine.trail.verifier import NAMESPACE, Broken, Key, check_signature, decision_text, key_of_signature, roster

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (OpenSSH)")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two officers' keys: wang and zhao."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("wang", "zhao"):
        make_key(folder / name, name)
    return folder


def public(room: Path, name: str) -> str:
    return read_public_key((room / f"{name}.pub").read_text()).line


def print_of(room: Path, name: str) -> str:
    return read_public_key((room / f"{name}.pub").read_text()).fingerprint


def a_decision(**changes: Any) -> dict[str, Any]:
    decision = {
        "seq": 9,
        "act": "conclude",
        "actor": "wang",
        "unit": "scjg",
        "at": "2026-11-25T06:00:00.000000Z",
        "case": "2026-0001",
        "command": "c-1",
        "facts": {"outcome": "compliant"},
        "text": "a" * 64,
        "records": [{"id": "9-1", "kind": "conclusion", "digest": "b" * 64}],
    }
    return {**decision, **changes}


def signed(room: Path, name: str, decision: dict[str, Any], namespace: str = NAMESPACE) -> dict[str, Any]:
    armour = sign(room / name, decision_text(decision).encode(), namespace)
    return {**decision, "attested": True, "signature": armour, "key": print_of(room, name)}


def keys(room: Path) -> dict[str, Key]:
    return {print_of(room, name): Key(name, public(room, name)) for name in ("wang", "zhao")}


def test_a_fingerprint_is_the_one_openssh_prints(room: Path) -> None:
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(room / "wang.pub")], capture_output=True, text=True, check=True
    )
    assert print_of(room, "wang") == shown.stdout.split()[1]


def test_a_signature_of_the_decision_holds(room: Path) -> None:
    assert check_signature(signed(room, "wang", a_decision()), keys(room), "流水号 9") is True


@pytest.mark.parametrize("name", ["act", "actor", "unit", "at", "case", "command", "text", "facts", "records"])
def test_every_part_of_the_decision_is_signed(room: Path, name: str) -> None:
    other: dict[str, Any] = {"facts": {"outcome": "exception"}, "records": [{"digest": "c" * 64}]}
    event = signed(room, "wang", a_decision())
    both = {**keys(room), print_of(room, "wang"): Key("zhao" if name == "actor" else "wang", public(room, "wang"))}
    changed = {**event, name: other.get(name, "zhao")}
    with pytest.raises(Broken, match="签的是别的内容，或者内容被改动"):
        check_signature(changed, both, "流水号 9")


def test_swapped_signatures_are_named(room: Path) -> None:
    first, second = (signed(room, "wang", a_decision(command=command)) for command in ("c-1", "c-2"))
    for event in (first, second):
        assert check_signature(event, keys(room), "x")
    with pytest.raises(Broken, match="签的是别的内容"):
        check_signature({**first, "signature": second["signature"]}, keys(room), "x")


def test_anothers_key_is_named(room: Path) -> None:
    with pytest.raises(Broken, match="登记在 zhao 名下，经办人是 wang"):
        check_signature(signed(room, "zhao", a_decision()), keys(room), "x")


def test_a_key_not_in_the_roster_is_named(room: Path) -> None:
    with pytest.raises(Broken, match="没有登记，或者已经注销"):
        check_signature(signed(room, "wang", a_decision()), {}, "x")


def test_another_key_than_the_one_told_is_named(room: Path) -> None:
    event = {**signed(room, "zhao", a_decision()), "key": print_of(room, "wang")}
    with pytest.raises(Broken, match="不是所记的"):
        check_signature(event, keys(room), "x")


def test_a_signature_made_for_another_purpose_is_named(room: Path) -> None:
    with pytest.raises(Broken, match="用途不符"):
        check_signature(signed(room, "wang", a_decision(), "git"), keys(room), "x")


@pytest.mark.parametrize("missing", ["signature", "key", "text", "facts"])
def test_an_attested_event_without_its_parts_is_broken(room: Path, missing: str) -> None:
    event = signed(room, "wang", a_decision())
    del event[missing]
    with pytest.raises(Broken, match="记为已签名"):
        check_signature(event, keys(room), "x")


@given(st.text(max_size=200) | st.binary(max_size=120).map(lambda data: armoured(b"SSHSIG\0\0\0\1" + data)))
def test_no_text_breaks_the_reading_of_signatures(text: str) -> None:
    with pytest.raises(Broken):
        key_of_signature(text, NAMESPACE, "x")


def armoured(data: bytes) -> str:
    middle = base64.b64encode(data).decode()
    return f"-----BEGIN SSH SIGNATURE-----\n{middle}\n-----END SSH SIGNATURE-----\n"


def test_without_ssh_keygen_the_signature_counts_as_unchecked(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event = signed(room, "wang", a_decision())
    added = {"seq": 1, "act": "key_add", "facts": grant(room, "wang")}
    assert verifier.check_signatures([event], [added]) == (1, 0, 0)
    monkeypatch.setenv("PATH", "")
    assert verifier.check_signatures([event], [added]) == (0, 0, 1)
    with pytest.raises(Broken, match="不是所记的"):
        verifier.check_signatures([{**event, "key": "SHA256:other"}], [added])


def grant(room: Path, name: str) -> dict[str, str]:
    return {"officer": name, "public_key": public(room, name), "fingerprint": print_of(room, name)}


def test_the_roster_is_of_the_moment(room: Path) -> None:
    added = {"seq": 2, "act": "key_add", "facts": grant(room, "wang")}
    revoked = {"seq": 5, "act": "key_revoke", "facts": {"fingerprint": print_of(room, "wang")}}
    known = {print_of(room, "wang"): Key("wang", public(room, "wang"))}
    assert [roster([added, revoked], before) for before in (2, 3, 5, 6)] == [{}, known, known, {}]


def test_unsigned_decisions_are_counted_and_other_acts_are_not() -> None:
    events = [{"act": act, "attested": False} for act in ("submit", "sign", "conclude", "remind")]
    assert verifier.check_signatures(events, []) == (0, 2, 0)


@pytest.mark.parametrize(
    ("text", "saying"),
    [
        ("", "不是可用的 SSH 公钥"),
        ("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==", "不是可用的 SSH 公钥"),
        ("ssh-ed25519 ***", "已损坏"),
        ("ssh-ed25519 AAAAB3NzaC1yc2E=", "与所写的种类不符"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n", "这是私钥"),
    ],
)
def test_what_is_no_public_key_is_refused(text: str, saying: str) -> None:
    with pytest.raises(InvalidInput, match=saying):
        read_public_key(text)


def test_a_key_that_cannot_sign_is_refused(room: Path, tmp_path: Path) -> None:
    assert sign(room / "wang", b"x", NAMESPACE).startswith("-----BEGIN SSH SIGNATURE-----")
    with pytest.raises(InvalidInput, match="没有密钥文件"):
        sign(tmp_path / "none", b"x", NAMESPACE)
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("not a key", encoding="utf-8")
    with pytest.raises(InvalidInput, match="没有签成"):
        sign(nonsense, b"x", NAMESPACE)
