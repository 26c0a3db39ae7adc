"""The rule pack signed by the head of joint review: what was approved can be told from what is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from journey import Journey

from engine.trail.signatures import make_key
from engine.trail.verifier import canonical
from reviewers.operations import pack_signing
from reviewers.operations.pack_signing import NAMESPACE

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (OpenSSH)")


@pytest.fixture
def key(journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The registered key of the head of joint review."""
    for name in ("SHUANGSHEN_KEY", "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    make_key(tmp_path / "key", "lead")
    lead = journey.people["lead"]
    assert journey.counter("key", "add", lead, tmp_path / "key.pub", by=lead).code == 0
    return tmp_path / "key"


def signed(journey: Journey, key: Path, by: str = "lead") -> Any:
    return journey.counter("rules", "sign", "--key", key, by=journey.people[by])


def levels(journey: Journey) -> dict[str, str]:
    checks = journey.counter("doctor", "--json").json["checks"]
    return {line["subject"]: line["level"] for line in checks if line["subject"] == "规则包"}


def test_the_signed_pack_verifies_here_and_by_openssh_alone(journey: Journey, key: Path, tmp_path: Path) -> None:
    assert signed(journey, key).code == 0
    told = journey.counter("rules", "verify", "--json")
    assert (told.code, told.json["changed"]) == (0, [])
    assert [(one["by"], one["verified"]) for one in told.json["signatures"]] == [(journey.people["lead"], True)]
    assert levels(journey) == {"规则包": "good"}
    place = journey.counter.home / "pack.json"
    files = json.loads(place.read_text(encoding="utf-8"))["files"]
    assert {"standards/rules/lexicon.toml", "screening/pack/score.npz", "standards/measures.toml"} <= files.keys()
    (tmp_path / "signers").write_text(f"lead {key.with_suffix('.pub').read_text()}", encoding="utf-8")
    words = ["ssh-keygen", "-Y", "verify", "-f", str(tmp_path / "signers"), "-I", "lead", "-n", NAMESPACE]
    words += ["-s", f"{place}.{journey.people['lead']}.sig"]
    assert subprocess.run(words, input=place.read_bytes(), capture_output=True, check=False).returncode == 0


def test_a_changed_pack_is_named_by_its_file(journey: Journey, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert signed(journey, key).code == 0
    place = journey.counter.home / "pack.json"
    whole = pack_signing.manifest
    changed = json.loads(whole(None))
    changed["files"]["standards/rules/lexicon.toml"] = "0" * 64
    monkeypatch.setattr(pack_signing, "manifest", lambda _: canonical(changed).encode())
    ran = journey.counter("rules", "verify")
    assert (ran.code, "standards/rules/lexicon.toml 被改动" in ran.err) == (6, True)
    assert levels(journey) == {"规则包": "bad"}
    monkeypatch.setattr(pack_signing, "manifest", whole)
    assert journey.counter("rules", "verify").code == 0
    place.write_bytes(place.read_bytes().replace(b'"pack"', b'"pack "', 1))
    assert journey.counter("rules", "verify").code == 6


def test_a_manifest_altered_with_its_pack_is_not_what_was_signed(journey: Journey, key: Path) -> None:
    assert signed(journey, key).code == 0
    place = journey.counter.home / "pack.json"
    place.write_bytes(place.read_bytes() + b" ")
    ran = journey.counter("rules", "verify")
    assert (ran.code, ran.err.count("\n")) == (6, 1)


def test_local_rules_belong_to_the_signed_pack(journey: Journey, key: Path, tmp_path: Path) -> None:
    assert signed(journey, key).code == 0
    local = tmp_path / "local.toml"
    local.write_text('name = "北石市"\nplaces = ["陇东"]\n', encoding="utf-8")
    ran = journey.counter("rules", "verify", "--overlay", local)
    assert (ran.code, "本地规则与签署时不同" in ran.err) == (6, True)


def test_only_the_head_of_joint_review_signs_and_with_his_own_key(journey: Journey, key: Path, tmp_path: Path) -> None:
    other = signed(journey, key, by="regulator")
    assert (other.code, "会审负责人" in other.err) == (3, True)
    make_key(tmp_path / "stranger", "stranger")
    strange = signed(journey, tmp_path / "stranger")
    assert (strange.code, "没有登记" in strange.err) == (3, True)
    assert not (journey.counter.home / "pack.json").exists()
    unsigned = journey.counter("rules", "sign", by=journey.people["lead"])
    assert (unsigned.code, "本人的密钥" in unsigned.err) == (2, True)
    assert journey.counter("rules", "verify").code == 4
    assert (signed(journey, key).code, signed(journey, key).code) == (0, 5)


def test_a_machine_without_a_database_verifies_with_the_public_key(journey: Journey, key: Path, tmp_path: Path) -> None:
    assert signed(journey, key).code == 0
    bare = tmp_path / "bare"
    bare.mkdir()
    for path in journey.counter.home.glob("pack.json*"):
        shutil.copy(path, bare)
    words = ("rules", "verify", bare / "pack.json")
    unknown = journey.counter(*words, home=bare)
    assert (unknown.code, "--public-key" in unknown.err) == (6, True)
    assert journey.counter(*words, "--public-key", key.with_suffix(".pub"), home=bare).code == 0
