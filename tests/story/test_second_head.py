"""The head by SM3: what it sees that SHA-256 alone would not, and that openssl computes the same."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from journey import Counter, Journey

from engine.store.contents import unpack
from engine.store.sqlite import sqlite3
from engine.store.triggers import triggers
from engine.trail.second_head import second_leaf


def kept(journey: Journey) -> Path:
    ran = journey.counter("trail", "checkpoint", "--sm3", "--json")
    assert ran.code == 0, ran.err
    return Path(ran.json["sm3"])


def changed(counter: Counter, statement: str, *values: object) -> None:
    raw = sqlite3.connect(counter.home / "shuangshen.db", isolation_level=None)
    for name, _ in triggers():
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(statement, values)
    for _, trigger in triggers():
        raw.execute(trigger)
    raw.close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_openssl_computes_the_same_head(journey: Journey) -> None:
    def sm3(data: bytes) -> bytes:
        words = ["openssl", "dgst", "-sm3", "-binary"]
        return subprocess.run(words, input=data, capture_output=True, check=True).stdout

    place = kept(journey.submitted())
    raw = sqlite3.connect(journey.counter.home / "shuangshen.db")
    (payload,) = raw.execute("SELECT payload FROM event").fetchone()
    bodies = [body.encode() for (body,) in raw.execute("SELECT body FROM record ORDER BY ordinal")]
    stored = {row[0]: row for row in raw.execute("SELECT sha256, size, data FROM content")}
    raw.close()
    attached = [*bodies, *(unpack(*stored[digest]) for digest in json.loads(payload)["contents"])]
    assert len(attached) >= 3
    leaf = sm3(b"\x00" + payload.encode() + b"".join(b"\n" + sm3(data).hex().encode() for data in attached))
    origin, size, root, *_ = place.read_text(encoding="utf-8").split("\n")
    assert (origin.endswith("/sm3"), size, base64.b64decode(root)) == (True, "1", leaf)


def test_the_trail_is_held_to_the_kept_head_ever_after(journey: Journey, tmp_path: Path) -> None:
    counter = journey.counter
    elsewhere = Path(shutil.copy(kept(journey.submitted()), tmp_path))
    journey.self_reviewed()
    assert Path(counter("trail", "verify", "--json").json["sm3"]).name == "000000000001.sm3.txt"
    later = kept(journey)
    assert later.name == "000000000002.sm3.txt"
    assert counter("trail", "verify", "--checkpoint", elsewhere).code == 0
    told = counter("trail", "verify", "--checkpoint", later, "--json").json
    assert [(each["by"], each["verified"]) for each in told["vouched"]] == [("本机", True)]
    for statement in (
        "UPDATE record SET body = body || ' '",
        "UPDATE event SET payload = payload || ' ' WHERE seq = 1",
    ):
        home = counter.copy()
        changed(replace(counter, home=home), statement)
        ran = counter("trail", "verify", home=home)
        assert (ran.code, "SM3 根哈希不符" in ran.err, ran.err.count("\n")) == (6, True, 1), ran.err


def test_every_record_and_file_counts_in_its_place() -> None:
    """Two files with one SHA-256 would still have two SM3."""
    event = b"{}"
    leaves = [
        second_leaf(event, [b"a"], [b"b"]),
        second_leaf(event, [b"b"], [b"a"]),
        second_leaf(event, [b"a"], []),
        second_leaf(event, [b"a", b""], [b"b"]),
        second_leaf(event, [], []),
        second_leaf(b"{} ", [], []),
    ]
    assert len(set(leaves)) == len(leaves)


def test_a_head_of_another_log_or_of_more_than_there_is_is_told(journey: Journey, tmp_path: Path) -> None:
    place = kept(journey.submitted())
    text = place.read_text(encoding="utf-8")
    assert journey.counter("trail", "verify", "--checkpoint", place).code == 0
    for name, other, saying in (
        ("foreign", text.replace("shuangshen/", "shuangshen/0", 1), "不是这个数据库"),
        ("longer", text.replace("\n1\n", "\n2\n", 1), "流水第 2 条缺失"),
    ):
        (tmp_path / name).write_text(other, encoding="utf-8")
        ran = journey.counter("trail", "verify", "--checkpoint", tmp_path / name)
        assert (ran.code, saying in ran.err) == (6, True), ran.err


def test_an_empty_trail_has_no_such_head(journey: Journey) -> None:
    ran = journey.counter("trail", "checkpoint", "--sm3")
    assert (ran.code, "还没有留痕" in ran.err, ran.err.count("\n")) == (2, True, 1)
    assert kept(journey.submitted()).is_file()
