"""Checkpoints signed by the installation and cosigned by another office, and what is told of a forged one."""

from __future__ import annotations

import base64
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from journey import Journey

from engine.trail.checkpoints import NAMESPACE
from engine.trail.signatures import make_key

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (OpenSSH)")


@pytest.fixture
def key(journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The auditor's registered key; two events are in the trail."""
    for name in ("SHUANGSHEN_KEY", "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    make_key(tmp_path / "key", "auditor")
    journey.submitted()
    people = journey.people
    ran = journey.counter("key", "add", people["auditor"], tmp_path / "key.pub", by=people["lead"])
    assert ran.code == 0, ran.err
    return tmp_path / "key"


def taken(journey: Journey, to: Path) -> Path:
    """The checkpoint of now with the installation's signature, as another office keeps it."""
    told = journey.counter("trail", "checkpoint", "--json").json
    for name in ("file", "signature"):
        shutil.copy(told[name], to / Path(told[name]).name)
    return to / Path(told["file"]).name


def vouched(journey: Journey, place: Path) -> dict[str, bool]:
    ran = journey.counter("trail", "verify", "--checkpoint", place, "--json")
    assert ran.code == 0, ran.err
    return {each["by"]: each["verified"] for each in ran.json["vouched"]}


def witnessed(journey: Journey, place: Path, key: Path, by: str = "auditor") -> Any:
    return journey.counter("trail", "witness", place, "--key", key, by=journey.people[by])


def test_a_checkpoint_is_signed_and_witnessed(journey: Journey, key: Path, tmp_path: Path) -> None:
    place = taken(journey, tmp_path)
    keys = journey.counter.home / "keys"
    assert [stat.S_IMODE(each.stat().st_mode) for each in (keys, keys / "instance")] == [0o700, 0o600]
    assert vouched(journey, place) == {"本机": True}
    ran = witnessed(journey, place, key)
    assert ran.code == 0, ran.err
    assert vouched(journey, place) == {"本机": True, journey.people["auditor"]: True}
    assert witnessed(journey, place, key).code == 5
    assert "校验无误" in journey.counter("trail", "verify", "--checkpoint", place).out


def test_openssh_alone_verifies_a_witness(journey: Journey, key: Path, tmp_path: Path) -> None:
    place = taken(journey, tmp_path)
    witnessed(journey, place, key)
    signers = tmp_path / "signers"
    signers.write_text(f"auditor {key.with_suffix('.pub').read_text()}", encoding="utf-8")
    signature = f"{place}.{journey.people['auditor']}.sig"
    words = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "auditor", "-n", NAMESPACE, "-s", signature]
    assert subprocess.run(words, input=place.read_bytes(), capture_output=True, check=False).returncode == 0


def test_checkpoints_kept_by_the_clock_are_signed_once_there_is_a_key(journey: Journey, key: Path) -> None:
    folder = journey.counter.home / "checkpoints"
    journey.counter("tick")
    assert sorted(path.name for path in folder.iterdir()) == ["000000000002.txt"]
    journey.counter("trail", "checkpoint")
    journey.self_reviewed().signed()
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{size:012d}.txt{tail}" for size in (2, 4) for tail in ("", ".sig")
    ]


def test_a_checkpoint_of_another_history_is_not_witnessed(journey: Journey, key: Path, tmp_path: Path) -> None:
    place = taken(journey, tmp_path)
    forged = tmp_path / "forged.txt"
    origin, size, root, *_ = place.read_text(encoding="utf-8").split("\n")
    other = base64.b64encode(bytes(reversed(base64.b64decode(root)))).decode()
    for lines, saying in (
        ((origin, size, other), "与检查点的根哈希不符"),
        ((origin, "9", root), "检查点记载有 9 条"),
        (("shuangshen/other", size, root), "不是这个数据库"),
        (("nonsense",), "不是检查点"),
    ):
        forged.write_text("\n".join([*lines, "", ""]), encoding="utf-8")
        ran = witnessed(journey, forged, key)
        assert (ran.code, saying in ran.err) == (6, True), ran.err
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("forged.txt.")] == []
    assert witnessed(journey, place, key).code == 0


def test_a_witness_signs_with_his_own_registered_key(journey: Journey, key: Path, tmp_path: Path) -> None:
    place = taken(journey, tmp_path)
    other = witnessed(journey, place, key, by="lead")
    assert (other.code, "没有登记在" in other.err) == (3, True)
    bare = journey.counter("trail", "witness", place, by=journey.people["auditor"])
    assert (bare.code, "须用本人的密钥" in bare.err) == (2, True)
    assert witnessed(journey, tmp_path / "none.txt", key).code == 4
    assert witnessed(journey, place, key).code == 0


def test_a_signature_of_another_checkpoint_is_named(journey: Journey, key: Path, tmp_path: Path) -> None:
    first = taken(journey, tmp_path)
    journey.self_reviewed()
    second = taken(journey, tmp_path)
    assert vouched(journey, second) == {"本机": True}
    shutil.copy(f"{first}.sig", f"{second}.sig")
    ran = journey.counter("trail", "verify", "--checkpoint", second)
    assert (ran.code, "不是检查点" in ran.err) == (6, True)


def test_a_signature_by_a_stranger_vouches_for_nothing(journey: Journey, key: Path, tmp_path: Path) -> None:
    place = taken(journey, tmp_path)
    make_key(tmp_path / "stranger", "stranger")
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(tmp_path / "stranger"), "-n", NAMESPACE]
    made = subprocess.run(words, input=place.read_bytes(), capture_output=True, check=True)
    Path(f"{place}.stranger.sig").write_bytes(made.stdout)
    told = vouched(journey, place)
    assert (told.pop("本机"), list(told.values())) == (True, [False])
    Path(f"{place}.stranger.sig").write_bytes(b"nonsense")
    assert journey.counter("trail", "verify", "--checkpoint", place).code == 6
