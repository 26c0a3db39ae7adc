"""Officers sign their decisions with SSH keys of their own, from the roster to the exported bundle."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from forging import relisted
from journey import Counter, Journey

from engine.errors import Conflict, TrailBroken
from engine.store import Receipt
from engine.store.signing import verify_signatures
from engine.store.sqlite import sqlite3
from engine.store.triggers import triggers
from engine.trail import signatures
from engine.trail.signatures import make_key
from engine.trail.verifier import NAMESPACE, canonical, decision_text, leaf_hash
from reviewers.desk import counter as desk
from reviewers.desk.counter import open_office
from reviewers.office import Office
from reviewers.operations.attesting import attested
from reviewers.samples import Sample

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (OpenSSH)")


@pytest.fixture(scope="session")
def key_ring(once_a_run: Callable[..., Path]) -> Path:
    """The keys of this run."""

    def make(place: Path) -> None:
        for name in ("head", "lead", "regulator", "nobody"):
            make_key(place / f"key-{name}", name)

    return once_a_run("keys", make)


@pytest.fixture
def keys(journey: Journey, key_ring: Path, tmp_path: Path) -> dict[str, Path]:
    """A registered key for the head, the lead and a regulator, one nobody registered; no agent, no key by default."""
    shutil.copytree(key_ring, tmp_path, dirs_exist_ok=True)
    for name in ("head", "lead", "regulator"):
        journey.done("key", "add", journey.people[name], tmp_path / f"key-{name}.pub", by=journey.people["lead"])
    return {name: tmp_path / f"key-{name}" for name in ("head", "lead", "regulator", "nobody")}


def add(journey: Journey, owner: str, place: Path, by: str = "lead", code: int = 0) -> Any:
    ran = journey.counter("key", "add", journey.people[owner], f"{place}.pub", by=journey.people[by])
    assert ran.code == code, ran.err
    return ran


def last_event(counter: Counter) -> dict[str, Any]:
    found: dict[str, Any] = counter("trail", "show", "--json").json[-1]
    return found


def sign_words(journey: Journey) -> list[str | Path]:
    return ["sign", journey.case, "--outcome", "compliant", "--reason", "自查无问题"]


def test_a_signed_decision_is_told_and_verified(journey: Journey, keys: dict[str, Path]) -> None:
    counter = journey.counter
    journey.submitted().self_reviewed()
    assert counter(*sign_words(journey), "--key", keys["head"], by=journey.people["head"]).code == 0
    event = last_event(counter)
    assert (event["act"], event["attested"], event["text"]) == (
        "sign",
        True,
        counter.file(journey.case).versions[-1].text_sha256,
    )
    verified = counter("trail", "verify", "--json").json
    assert verified["signatures"] == {"signed": 1, "unsigned": 3, "unchecked": 0}
    journey.accepted()
    shown = counter("trail", "show").out
    assert ("已签名" in shown, "未签名" in shown) == (True, True)
    assert "决定中已签名并校验 1 项，未签名 4 项。" in counter("trail", "verify").out


def test_a_signature_outlasts_the_words_it_was_given_for(
    journey: Journey, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, people, case = journey.counter, journey.people, journey.submitted().self_reviewed().case
    assert counter(*sign_words(journey), "--key", keys["head"], by=people["head"]).code == 0
    assert counter("withdraw", case, "--reason", "不再制定", by=people["drafter"]).code == 0
    signed = {"signed": 1, "unsigned": 3, "unchecked": 0}
    assert counter("trail", "verify", "--json").json["signatures"] == signed
    later = (datetime(2100, 1, 1, 1, 0, tzinfo=UTC) + timedelta(seconds=tick) for tick in count())
    monkeypatch.setattr(desk, "now", lambda: next(later))
    words = ["retention", "dispose", case, "--reason", "期满"]
    assert counter(*words, "--propose", by=people["regulator"]).code == 0
    assert counter(*words, by=people["lead"]).code == 0
    verified = counter("trail", "verify", "--json").json
    assert (verified["sound"], verified["signatures"]) == (True, signed)
    (event,) = [each for each in counter("trail", "show", "--json").json if each["act"] == "sign"]
    assert (event["attested"], event["facts"]["reason"]) == (True, "（已依法销毁）")


def test_every_decision_can_be_signed(journey: Journey, keys: dict[str, Path], samples: dict[str, Sample]) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed().signed()
    by, key = people["regulator"], keys["regulator"]
    finding = counter.file(journey.case).screenings[-1].findings[0].id
    returned = counter("return", journey.case, "--reason", "退回", "--key", key, by=by, home=counter.copy())
    assert returned.code == 0, returned.err
    for words in (["accept", journey.case], ["reject", journey.case, finding, "--reason", "误报"]):
        ran = counter(*words, "--key", key, by=by)
        assert ran.code == 0, ran.err
        assert last_event(counter)["attested"] is True
    journey.jointly_reviewed(samples["blocked"].expected)
    words = ["conclude", journey.case, "--outcome", "revise", "--reason", "须修改", "--key", str(keys["lead"])]
    assert counter(*words, by=people["lead"]).code == 0
    assert counter("trail", "verify", "--json").json["signatures"]["signed"] == 3


def refused(journey: Journey, key: Path, saying: str, code: int = 3) -> None:
    """The head signs with this key and nothing is written; with his own he succeeds on a copy."""
    counter, head = journey.counter, journey.people["head"]
    before = counter("trail", "show", "--json").json
    ran = counter(*sign_words(journey), "--key", key, by=head)
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (code, True, 1), ran.err
    assert counter("trail", "show", "--json").json == before


def test_a_wrong_key_is_refused(journey: Journey, keys: dict[str, Path], tmp_path: Path) -> None:
    journey.submitted().self_reviewed()
    own = journey.counter(
        *sign_words(journey), "--key", keys["head"], by=journey.people["head"], home=journey.counter.copy()
    )
    assert own.code == 0
    refused(journey, keys["nobody"], "没有登记")
    refused(journey, keys["lead"], f"登记在 {journey.people['lead']} 名下")
    refused(journey, tmp_path / "none", "没有密钥文件", code=2)


def test_a_revoked_key_signs_nothing_more(journey: Journey, keys: dict[str, Path]) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed()
    assert counter(*sign_words(journey), "--key", keys["head"], by=people["head"], home=counter.copy()).code == 0
    listed = {each["grant"]["officer"]: each["id"] for each in counter("key", "list", "--json").json}
    words = ["key", "revoke", listed[people["head"]], "--reason", "电脑遗失"]
    assert counter(*words, by=people["stranger"]).code == 3
    assert counter(*words, by=people["head"]).code == 0
    assert counter(*words, by=people["head"]).code == 5
    refused(journey, keys["head"], "已经注销")
    assert "注销：电脑遗失" in counter("key", "list").out
    again = add(journey, "head", keys["head"], code=5)
    assert "已经注销" in again.err


def test_what_was_signed_before_a_revocation_stands(journey: Journey, keys: dict[str, Path], tmp_path: Path) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed()
    counter(*sign_words(journey), "--key", keys["head"], by=people["head"])
    (own,) = [each for each in counter("key", "list", "--json").json if each["grant"]["officer"] == people["head"]]
    counter("key", "revoke", own["grant"]["fingerprint"], "--reason", "离任", by=people["lead"])
    assert counter("trail", "verify", "--json").json["signatures"]["signed"] == 1
    counter("export", journey.case, "-o", tmp_path / "卷", by=people["auditor"])
    assert counter.run("verify", tmp_path / "卷", "--json").json["signed"] == 1


def test_keys_are_entered_by_the_lead_once(journey: Journey, keys: dict[str, Path], tmp_path: Path) -> None:
    make_key(tmp_path / "fresh", "fresh")
    assert "会审负责人" in add(journey, "drafter", tmp_path / "fresh", by="drafter", code=3).err
    add(journey, "drafter", tmp_path / "fresh")
    assert "已经登记" in add(journey, "reviewer", tmp_path / "fresh", code=5).err
    private = journey.counter("key", "add", journey.people["head"], keys["nobody"], by=journey.people["lead"])
    assert (private.code, "这是私钥" in private.err) == (2, True)
    missing = journey.counter("key", "add", journey.people["head"], tmp_path / "none.pub", by=journey.people["lead"])
    assert missing.code == 2


def test_the_environment_names_the_key(
    journey: Journey, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    journey.submitted().self_reviewed()
    monkeypatch.setenv("SHUANGSHEN_KEY", str(keys["head"]))
    journey.signed()
    assert last_event(journey.counter)["attested"] is True


@pytest.fixture
def agent(keys: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An agent that holds the head's key."""
    if shutil.which("ssh-agent") is None:
        pytest.skip("needs ssh-agent (OpenSSH)")
    socket = tmp_path / "agent"
    running = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    try:
        while not socket.exists():
            assert running.poll() is None
        subprocess.run(["ssh-add", "-q", str(keys["head"])], check=True)
        yield
    finally:
        running.terminate()
        running.wait()


@pytest.mark.usefixtures("agent")
def test_the_agent_signs_for_the_officer_whose_key_it_holds(journey: Journey, keys: dict[str, Path]) -> None:
    journey.submitted().self_reviewed()
    keys["head"].unlink()
    journey.signed()
    assert last_event(journey.counter)["attested"] is True
    journey.accepted()
    assert last_event(journey.counter)["attested"] is False, "the agent holds no key of the regulator's"


def test_an_installation_may_require_signatures(journey: Journey, tmp_path: Path) -> None:
    counter, people = journey.counter, journey.people
    practice = counter.home / "profile" / "practice.toml"
    told = practice.read_text(encoding="utf-8")
    journey.submitted().self_reviewed()
    assert counter(*sign_words(journey), by=people["head"], home=counter.copy()).code == 0
    practice.write_text(told.replace("require_signatures = false", "require_signatures = true"), encoding="utf-8")

    ran = counter(*sign_words(journey), by=people["head"])
    assert (ran.code, "要求签名" in ran.err) == (3, True)
    for name in ("lead", "head"):
        make_key(tmp_path / name, name)
    add(journey, "lead", tmp_path / "lead")
    unsigned = journey.counter("key", "add", people["head"], tmp_path / "head.pub", by=people["lead"])
    assert unsigned.code == 3, "only the first key may come in without a signature"
    words: list[str | Path] = ["key", "add", people["head"], tmp_path / "head.pub", "--key", tmp_path / "lead"]
    assert counter(*words, by=people["lead"]).code == 0
    assert last_event(counter)["attested"] is True
    assert counter(*sign_words(journey), "--key", tmp_path / "head", by=people["head"]).code == 0
    assert counter("claim", journey.case, by=people["regulator"]).code == 0, "claiming decides nothing"


def test_a_retry_of_a_signed_decision_is_done_once(journey: Journey, keys: dict[str, Path]) -> None:
    journey.submitted().self_reviewed()
    words = [*sign_words(journey), "--key", keys["head"], "--command-id", "once", "--json"]
    first, again = (journey.counter(*words, by=journey.people["head"]).json for _ in range(2))
    assert (first["event_seq"], first["repeated"], again["repeated"]) == (again["event_seq"], False, True)


def test_a_case_that_changes_during_signing_is_not_decided(
    journey: Journey, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed()
    sign = signatures.sign

    def slow(key: Path, data: bytes, namespace: str) -> str:
        ran = counter("withdraw", journey.case, "--reason", "暂不出台", by=people["drafter"])
        assert ran.code == 0, ran.err
        return sign(key, data, namespace)

    monkeypatch.setattr(signatures, "sign", slow)
    ran = counter(*sign_words(journey), "--key", keys["head"], by=people["head"])
    assert ran.code == 3
    assert counter.file(journey.case).conclusions == ()


# ---------------------------------------------------------------- taken out of the office


@pytest.fixture
def bundle(journey: Journey, keys: dict[str, Path], samples: dict[str, Sample], tmp_path: Path) -> Path:
    """An exported case, signed and accepted by key, concluded without."""
    counter, people = journey.counter, journey.people
    journey.submitted().self_reviewed()
    journey.done(*sign_words(journey), "--key", keys["head"], by=people["head"])
    journey.done("accept", journey.case, "--key", keys["regulator"], by=people["regulator"])
    journey.jointly_reviewed(samples["blocked"].expected).concluded("revise")
    where = tmp_path / "卷"
    assert counter("export", journey.case, "-o", where, by=people["auditor"]).code == 0
    return where


def judged(bundle: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-I", str(bundle / "verify.py"), str(bundle)]
    return subprocess.run(words, capture_output=True, text=True, env={**os.environ, **environment}, check=False)


def test_a_bundle_is_verified_with_its_signatures(journey: Journey, bundle: Path) -> None:
    found = journey.counter.run("verify", bundle, "--json").json
    assert (found["sound"], found["signed"], found["unsigned"], found["unchecked"]) == (True, 2, 1, 0)
    alone = judged(bundle)
    assert (alone.returncode, "已签名并校验 2 项，未签名 1 项" in alone.stdout) == (0, True)
    without = judged(bundle, PATH="")
    assert (without.returncode, "未校验签名 2 项" in without.stdout) == (0, True)


def test_openssh_alone_verifies_what_the_bundle_carries(journey: Journey, bundle: Path, tmp_path: Path) -> None:
    events = [json.loads(json.loads(line)["payload"]) for line in (bundle / "trail.jsonl").read_text().splitlines()]
    (event,) = [each for each in events if each["act"] == "sign"]
    signature = tmp_path / "signature"
    signature.write_text(event["signature"], encoding="utf-8")
    words = ["ssh-keygen", "-Y", "verify", "-f", str(bundle / "allowed_signers"), "-n", NAMESPACE]
    words += ["-I", event["actor"], "-s", str(signature)]
    text = decision_text(event).encode()
    assert subprocess.run(words, input=text, capture_output=True, check=False).returncode == 0
    assert subprocess.run(words, input=text + b" ", capture_output=True, check=False).returncode != 0


def remade(bundle: Path, name: str, lines: list[bytes]) -> None:
    """The file holds other lines, and the manifest says so: only signatures and proofs can tell now."""
    (bundle / name).write_bytes(b"".join(lines))
    relisted(bundle)


def test_a_bundle_without_its_keys_is_not_believed(journey: Journey, bundle: Path) -> None:
    lines = (bundle / "keys.jsonl").read_bytes().splitlines(keepends=True)
    assert judged(bundle).returncode == 0
    signers = (bundle / "allowed_signers").read_bytes().splitlines(keepends=True)
    (bundle / "allowed_signers").write_bytes(signers[0])
    remade(bundle, "keys.jsonl", lines[:1])
    assert "没有登记，或者已经注销" in judged(bundle).stderr


def test_another_key_slipped_into_the_bundle_is_found(bundle: Path) -> None:
    lines = (bundle / "keys.jsonl").read_bytes().splitlines()
    entry = json.loads(lines[0])
    payload = json.loads(entry["payload"])
    payload["facts"]["officer"] = "somebody"
    entry["payload"] = canonical(payload)
    entry["hash"] = leaf_hash(entry["payload"].encode()).hex()
    remade(bundle, "keys.jsonl", [canonical(entry).encode() + b"\n", *(line + b"\n" for line in lines[1:])])
    ran = judged(bundle)
    assert (ran.returncode, "包含证明通不到检查点" in ran.stderr) == (6, True)


def test_a_signature_moved_in_the_database_is_found(journey: Journey, bundle: Path) -> None:
    """Whoever owns the file may write the trail anew from the forged event on; the signature still gives him away."""
    path = journey.counter.home / "shuangshen.db"
    assert verify_signatures(path).signed == 2
    with sqlite3.connect(path, isolation_level=None) as connection:
        for name, _ in triggers():
            connection.execute(f"DROP TRIGGER {name}")
        rows = connection.execute("SELECT seq, payload FROM event ORDER BY seq").fetchall()
        signed = {
            json.loads(payload)["act"]: (seq, json.loads(payload)) for seq, payload in rows if "SSH SIG" in payload
        }
        seq, event = signed["sign"]
        event["facts"]["outcome"] = "exception"
        connection.execute("UPDATE event SET payload = ? WHERE seq = ?", (canonical(event), seq))
        for _, statement in triggers():
            connection.execute(statement)
    connection.close()
    ran = journey.counter("trail", "verify")
    assert ran.code == 6
    with pytest.raises(TrailBroken, match="签的是别的内容"):
        verify_signatures(path)


def test_a_decision_that_became_another_while_it_was_signed_is_not_written(journey: Journey) -> None:
    office = open_office(journey.counter.home, journey.people["head"])
    decisions = iter(["同意甲", "同意乙"])

    def perform(acting: Office) -> Receipt:
        assert acting.attest is not None
        acting.attest(next(decisions))
        raise AssertionError("the answer to another decision was accepted")

    with pytest.raises(Conflict, match="签的不是现在的决定"):
        attested(replace(office, signer=lambda _: "signature"), "sign", perform)
