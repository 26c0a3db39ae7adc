"""Decisions, checkpoints and witnesses signed with SM2 keys, from the roster to the exported bundle."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from journey import Journey

from engine.trail.signatures import make_key
from engine.trail.signers import make_sm2_key
from engine.trail.sm2 import SCHEME

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl 3.0")


@pytest.fixture
def keys(journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """SM2 keys registered for the head, the lead and the auditor, and one nobody registered."""
    for name in ("SHUANGSHEN_KEY", "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    made = {name: tmp_path / f"key-{name}" for name in ("head", "lead", "auditor", "nobody")}
    for name, place in made.items():
        make_sm2_key(place)
        if name != "nobody":
            words = ["key", "add", journey.people[name], f"{place}.pub"]
            assert journey.counter(*words, by=journey.people["lead"]).code == 0
    return made


def sign_words(journey: Journey, key: Path) -> list[str | Path]:
    return ["sign", journey.case, "--outcome", "compliant", "--reason", "自查无问题", "--key", key]


def test_the_roster_tells_the_algorithm(journey: Journey, keys: dict[str, Path]) -> None:
    shown = journey.counter("key", "list", "--json").json
    assert [each["grant"]["public_key"].split()[0] for each in shown] == [SCHEME] * 3
    assert all(each["grant"]["fingerprint"].startswith("SM3:") for each in shown)
    assert journey.counter("key", "list").out.count("  sm2  ") == 3


def test_a_decision_signed_with_sm2_is_verified_in_the_store_and_in_the_bundle(
    journey: Journey, keys: dict[str, Path], tmp_path: Path
) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed()
    assert counter(*sign_words(journey, keys["head"]), by=people["head"]).code == 0
    assert counter("trail", "verify", "--json").json["signatures"] == {"signed": 1, "unsigned": 3, "unchecked": 0}
    bundle = tmp_path / "案卷"
    exported = counter("export", journey.case, "-o", bundle, by=people["auditor"])
    assert exported.code == 0, exported.err
    told = counter.run("verify", bundle, "--json").json
    assert (told["sound"], told["signed"]) == (True, 1)
    alone = subprocess.run(
        [sys.executable, "-I", bundle / "verify.py", bundle], capture_output=True, text=True, check=False
    )
    assert (alone.returncode, "已签名并校验 1 项" in alone.stdout) == (0, True), alone.stderr


def test_two_schemes_stand_side_by_side(journey: Journey, keys: dict[str, Path], tmp_path: Path) -> None:
    counter, people = journey.counter, journey.people
    make_key(tmp_path / "ssh", "regulator")
    assert counter("key", "add", people["regulator"], tmp_path / "ssh.pub", by=people["lead"]).code == 0
    journey.submitted().self_reviewed()
    assert counter(*sign_words(journey, keys["head"]), by=people["head"]).code == 0
    assert counter("accept", journey.case, "--key", tmp_path / "ssh", by=people["regulator"]).code == 0
    assert counter("trail", "verify", "--json").json["signatures"]["signed"] == 2


def test_a_wrong_sm2_key_is_refused(journey: Journey, keys: dict[str, Path]) -> None:
    counter, head = journey.counter, journey.people["head"]
    journey.submitted().self_reviewed()
    assert counter(*sign_words(journey, keys["head"]), by=head, home=counter.copy()).code == 0
    before = counter("trail", "show", "--json").json
    for key, saying in (("nobody", "没有登记"), ("lead", f"登记在 {journey.people['lead']} 名下")):
        ran = counter(*sign_words(journey, keys[key]), by=head)
        assert (ran.code, saying in ran.err, ran.err.count("\n")) == (3, True, 1), ran.err
    assert counter("trail", "show", "--json").json == before


def test_a_private_key_is_not_entered(journey: Journey, keys: dict[str, Path]) -> None:
    ran = journey.counter("key", "add", journey.people["regulator"], keys["nobody"], by=journey.people["lead"])
    assert (ran.code, "这是私钥" in ran.err) == (2, True)


def test_a_checkpoint_signed_and_witnessed_with_sm2(journey: Journey, keys: dict[str, Path]) -> None:
    counter, auditor = journey.counter, journey.people["auditor"]
    journey.submitted()
    made = counter("trail", "checkpoint", "--sm2", "--json").json
    assert "SM2 SIGNATURE" in Path(made["signature"]).read_text()
    witnessed = counter("trail", "witness", made["file"], "--key", keys["auditor"], by=auditor)
    assert witnessed.code == 0, witnessed.err
    told = counter("trail", "verify", "--checkpoint", made["file"], "--json").json["vouched"]
    assert [(each["by"], each["verified"]) for each in told] == [("本机", True), (auditor, True)]
    signature = Path(made["signature"])
    other = subprocess.run(
        ["openssl", "dgst", "-sm3", "-sigopt", "distid:1234567812345678", "-sign", counter.home / "keys" / "instance"],
        input=b"something else", capture_output=True, check=True,
    ).stdout  # fmt: skip
    lines = signature.read_text().splitlines()
    lines[3] = f"Signature: {base64.b64encode(other).decode()}"
    signature.write_text("\n".join(lines) + "\n")
    ran = counter("trail", "verify", "--checkpoint", made["file"])
    assert (ran.code, "不是检查点" in ran.err) == (6, True)
