"""Every way one entry of the trail can be wronged, at every entry: found, and named as closely as can be known.

The forger has the file, drops the triggers and makes everything he touches agree again as far as he is told to. What
a forger who makes the whole rest agree can still not have is the checkpoint somebody kept.
"""

# ruff: noqa: S608

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from city import City, Matter

from engine.errors import TrailBroken
from engine.model import Outcome, Role
from engine.store import verify_store
from engine.store.reads import events
from engine.store.records import receipt_text
from engine.store.signing import verify_signatures
from engine.store.sqlite import sqlite3
from engine.store.triggers import triggers
from engine.store.verify import checkpoint_of
from engine.trail.chain import seal
from engine.trail.merkle import Frontier
from engine.trail.signers import make_sm2_key, signer_with
from engine.trail.verifier import GENESIS, NAMESPACE
from reviewers import drafting_unit, market_regulator
from reviewers.desk.setup import initialise
from reviewers.operations.keys import add_key

Events = list[dict[str, Any]]
SIZE, SIGN, CONCLUDE = 9, 5, 9


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two keys entered, one case concluded: nine events, the two decisions of the heads signed."""
    city = City(initialise(tmp_path_factory.mktemp("mutations") / "home", "qingyang"))
    matter = Matter(city, "jtj")
    heads = {
        city.one(Role.DRAFTING_HEAD, "jtj"): Path(city.home / "head"),
        city.one(Role.JOINT_LEAD): city.home / "lead",
    }
    for officer, key in heads.items():
        make_sm2_key(key)
        add_key(city.by(city.one(Role.JOINT_LEAD)), officer, key.with_name(f"{key.name}.pub").read_text())

    def signing(officer: str) -> Any:
        signer = signer_with(heads[officer])
        return replace(city.by(officer), signer=lambda data: signer.sign(data, NAMESPACE))

    matter.submitted().self_reviewed()
    head, lead = heads
    drafting_unit.sign(signing(head), matter.id, Outcome.COMPLIANT, "初审意见")
    matter.accepted().jointly_reviewed()
    market_regulator.conclude(signing(lead), matter.id, Outcome.COMPLIANT, "会审意见")
    assert [event["seq"] for event in events(city.database) if event["attested"]] == [SIGN, CONCLUDE]
    return city.database


@pytest.fixture(scope="module")
def known(original: Path) -> str:
    """The checkpoint somebody kept."""
    return checkpoint_of(original)


@pytest.fixture
def path(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original, tmp_path / "review.db"))


def opened(path: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA synchronous=OFF")
    raw.execute("PRAGMA ignore_check_constraints=ON")
    for name, _ in triggers():
        raw.execute(f"DROP TRIGGER {name}")
    return raw


def closed(raw: sqlite3.Connection) -> None:
    for _, trigger in triggers():
        raw.execute(trigger)
    raw.close()


def forge(path: Path, change: Callable[[Events], Events], first: int = 1, last: int = SIZE + 1) -> None:
    """The events as changed, hashed and chained anew from `first` to `last`, tree and receipts made to agree.

    Outside of that the hashes stay as they were.
    """
    raw = opened(path)
    rows = raw.execute("SELECT payload, hash FROM event ORDER BY seq").fetchall()
    told, kept = change([json.loads(row[0]) for row in rows]), [row[1] for row in rows]
    raw.execute("DELETE FROM event")
    raw.execute("DELETE FROM merkle")
    tree, prev = Frontier(), GENESIS
    for seq, event in enumerate(told, 1):
        before = prev if seq <= last else event["prev"]
        body = {name: value for name, value in event.items() if name not in ("v", "seq", "prev")}
        sealed = seal(seq, before, body)
        own = sealed.hash if seq >= first or seq > len(kept) else kept[seq - 1]
        raw.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?)", (seq, event["case"], sealed.payload, before, own))
        for node in tree.append(bytes.fromhex(own)):
            raw.execute("INSERT INTO merkle SELECT COALESCE(MAX(position) + 1, 0), ? FROM merkle", (node,))
        receipt = receipt_text(event["case"], event["revision"], seq, own)
        raw.execute("UPDATE command SET event_seq = ?, result = ? WHERE id = ?", (seq, receipt, event["command"]))
        for record in event["records"]:
            raw.execute("UPDATE record SET event_seq = ? WHERE id = ?", (seq, record["id"]))
        prev = own
    closed(raw)


def told(path: Path, known: str | None = None) -> str:
    """The first thing that `trail verify` says; "" when it finds nothing."""
    try:
        verify_store(path, known)
        verify_signatures(path)
    except TrailBroken as broken:
        return broken.message
    return ""


def later(seq: int) -> Callable[[Events], Events]:
    """Event `seq` happened a little later than it did."""

    def change(events: Events) -> Events:
        events[seq - 1]["at"] = events[seq - 1]["at"].replace(".000000Z", ".000001Z")
        return events

    return change


def test_the_forger_who_changes_nothing_is_not_accused(path: Path, known: str) -> None:
    forge(path, lambda events: events)
    assert told(path, known) == ""


EACH = pytest.mark.parametrize("seq", range(1, SIZE + 1))
SIGNED = (SIGN, CONCLUDE)


@EACH
@pytest.mark.parametrize("column", ["payload", "hash"])
def test_an_edit_is_named(path: Path, seq: int, column: str) -> None:
    raw = opened(path)
    (text,) = raw.execute(f"SELECT {column} FROM event WHERE seq = ?", (seq,)).fetchone()
    raw.execute(f"UPDATE event SET {column} = ? WHERE seq = ?", (text[:-1] + chr(ord(text[-1]) ^ 1), seq))
    closed(raw)
    assert told(path).startswith(f"流水第 {seq} 条：内容与哈希不符")


@EACH
def test_a_deletion_is_named(path: Path, seq: int) -> None:
    raw = opened(path)
    raw.execute("DELETE FROM event WHERE seq = ?", (seq,))
    closed(raw)
    assert told(path).startswith(f"流水第 {seq} 条缺失")


@EACH
def test_an_edit_rehashed_alone_breaks_the_next(path: Path, known: str, seq: int) -> None:
    """And the last one's is contradicted by its signature."""
    forge(path, later(seq), last=seq)
    said = told(path)
    if seq == SIZE:
        assert said.startswith(f"流水号 {CONCLUDE}：签名与这项决定不符")
    else:
        assert said.startswith(f"流水第 {seq + 1} 条：所记的前一条哈希与第 {seq} 条不符")


@EACH
def test_an_edit_rehashed_to_the_end_is_seen_by_its_signature_or_a_kept_checkpoint(
    path: Path, known: str, seq: int
) -> None:
    forge(path, later(seq))
    assert told(path).startswith(f"流水号 {seq}：签名与这项决定不符" if seq in SIGNED else "")
    assert (told(path) == "") is (seq not in SIGNED)
    assert told(path, known).startswith(f"流水前 {SIZE} 条与检查点的根哈希不符")


@EACH
def test_an_event_inserted_and_all_rehashed_is_named(path: Path, seq: int) -> None:
    """A copy under a command of its own, filing nothing."""

    def change(events: Events) -> Events:
        copy = {**events[seq - 1], "command": "forged", "records": [], "contents": []}
        return [*events[:seq], copy, *events[seq:]]

    raw = opened(path)
    copied = "SELECT 'forged', actor, act, digest, case_id, 1, '' FROM command WHERE event_seq = ?"
    raw.execute(f"INSERT INTO command {copied}", (seq,))
    closed(raw)
    forge(path, change)
    assert told(path).startswith(f"流水第 {seq + 1} 条：不是案件")


@pytest.mark.parametrize("seq", range(1, SIZE))
def test_two_neighbours_exchanged_and_all_rehashed_are_named_or_seen_by_a_kept_checkpoint(
    path: Path, known: str, seq: int
) -> None:
    first, second = events(path)[seq - 1 : seq + 1]
    forge(path, lambda all_: [*all_[: seq - 1], all_[seq], all_[seq - 1], *all_[seq + 1 :]])
    if first["case"] == second["case"]:
        assert told(path).startswith(f"流水第 {seq} 条：不是案件 {first['case']} 的第")
    else:
        assert told(path) == ""
        assert told(path, known).startswith(f"流水前 {SIZE} 条与检查点的根哈希不符")


@EACH
def test_the_end_cut_off_is_named(path: Path, known: str, seq: int) -> None:
    """Events, receipts, records and tree from there on are gone."""
    raw = opened(path)
    for table, column in (("record", "event_seq"), ("command", "event_seq"), ("event", "seq")):
        raw.execute(f"DELETE FROM {table} WHERE {column} >= ?", (seq,))
    closed(raw)
    forge(path, lambda events: events)
    left = seq - 1
    assert told(path, known) == f"流水第 {seq} 条缺失：检查点记载有 {SIZE} 条，现在只有 {left} 条。"
    assert told(path) != ""


def test_signatures_exchanged_between_two_decisions_are_named(path: Path) -> None:
    def change(events: Events) -> Events:
        one, other = events[SIGN - 1], events[CONCLUDE - 1]
        for name in ("signature", "key"):
            one[name], other[name] = other[name], one[name]
        return events

    forge(path, change)
    assert told(path).startswith(f"流水号 {SIGN}：签名所用的密钥登记在")


def test_a_signature_of_the_same_officer_on_another_decision_is_named(path: Path) -> None:
    def change(events: Events) -> Events:
        copied = ("signature", "key", "actor")
        events[CONCLUDE - 1] |= {name: events[SIGN - 1][name] for name in copied}
        return events

    forge(path, change)
    raw = opened(path)
    raw.execute("UPDATE command SET actor = (SELECT actor FROM command WHERE event_seq = ?) WHERE event_seq = ?",
                (SIGN, CONCLUDE))  # fmt: skip
    closed(raw)
    assert told(path).startswith(f"流水号 {CONCLUDE}：签名与这项决定不符")


@pytest.mark.parametrize("seq", SIGNED)
def test_a_signature_taken_away_and_all_rehashed_is_counted_and_seen_by_a_kept_checkpoint(
    path: Path, known: str, seq: int
) -> None:
    def change(events: Events) -> Events:
        events[seq - 1] = {name: events[seq - 1][name] for name in events[0]} | {"attested": False}
        return events

    before = verify_signatures(path)
    forge(path, change)
    assert (told(path), verify_signatures(path).signed) == ("", before.signed - 1)
    assert told(path, known).startswith(f"流水前 {SIZE} 条与检查点的根哈希不符")


def test_a_key_slipped_in_under_anothers_name_is_seen_by_a_kept_checkpoint_only(path: Path, known: str) -> None:
    """Who rewrites the entering of the keys as well owns the story: that is what copies elsewhere are for."""

    def change(events: Events) -> Events:
        events[0]["facts"]["officer"], events[1]["facts"]["officer"] = (
            events[1]["facts"]["officer"], events[0]["facts"]["officer"],
        )  # fmt: skip
        return events

    forge(path, change)
    assert told(path).startswith(f"流水号 {SIGN}：签名所用的密钥登记在")
    assert told(path, known).startswith(f"流水前 {SIZE} 条")
