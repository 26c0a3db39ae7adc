"""Free words stand beside the event behind a salted digest: told while they exist, gone without a trace of damage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from json import loads
from typing import Any

import pytest
from databases import Database
from store_cases import a_case, a_conclusion, a_turn, a_version, an_act

from engine.errors import Conflict
from engine.model import Disposal, RetentionAct, RetentionStep, RetentionTerm, Trigger
from engine.store import Store, reads, verify_store
from engine.store.connection import reading
from engine.store.destroying import destroy, destructible
from engine.store.extracts import Wanted, extracts
from engine.store.filing import salted
from engine.store.history import replayed
from engine.store.records import body_of
from engine.trail.verifier import canonical
from engine.trail.words import DESTROYED, MISSING

CASE = "2026-0001"
LATER = datetime(2037, 1, 1, 4, 0, tzinfo=UTC)
TEN = RetentionTerm.TEN_YEARS
SAID = {"reason": "张三说不办了", "filename": "李四.docx", "missing": ["王五的授权"], "note": ""}
CLEAR = {
    "stage_to": "self_review", "round": 1, "version": 1, "route": "government", "due_on": date(2026, 3, 9),
    "trigger": Trigger.GOVERNMENT_ISSUED, "kept": True, "report": "a" * 64,
}  # fmt: skip


@pytest.fixture
def store(database: Database) -> Store:
    """A case withdrawn with words; no other."""
    made = database.new_store()
    with made.work() as work:
        digest = work.put_content("第一条 本市企业优先。".encode())
        act = an_act("withdraw", "withdraw", **CLEAR, **SAID)
        work.save(a_case(), act, records=[a_version(digest)], turns=[a_turn()], contents=[digest])
    return made


def payloads(store: Store) -> list[dict[str, Any]]:
    with reading(store.path) as connection:
        return [loads(row["payload"]) for row in connection.execute("SELECT payload FROM event ORDER BY seq")]


def test_the_event_keeps_what_is_a_code_a_number_or_a_day(store: Store) -> None:
    facts = payloads(store)[0]["facts"]
    assert facts.pop("words") == "filename,missing,reason"
    assert facts == {**CLEAR, "due_on": "2026-03-09", "trigger": "government_issued", "note": ""}


def test_whoever_reads_is_told_the_words(store: Store) -> None:
    with store.work() as work:
        told = [reads.events(store.path)[0], work.events(CASE)[0], replayed(store.path, CASE, LATER).events[0]]
    told += [dict(each.event) for each in extracts(store.path, Wanted(case=CASE))]
    assert [{name: event["facts"][name] for name in SAID} for event in told] == [SAID] * 4
    with store.work() as work:
        assert list(work.sealed_events(CASE)) == payloads(store)


def test_equal_words_have_digests_nobody_can_try_out(store: Store) -> None:
    with store.work() as work:
        for command in ("once", "again"):
            work.save(work.case(CASE), an_act(command, "note", reason="换文"), records=[a_conclusion()])
    once, again = payloads(store)[1:]
    digests = {each["digest"] for event in (once, again) for each in event["records"]}
    guessed = {
        sha256(canonical({"reason": "换文"}).encode()).hexdigest(),
        sha256(body_of(a_conclusion()).encode()).hexdigest(),
    }
    assert (len(digests), digests & guessed) == (4, set())
    assert [event["command_digest"] == f"digest of {event['command']}" for event in (once, again)] == [False, False]


def test_the_same_secret_gives_the_same_salts_for_one_command_only(database: Database) -> None:
    bodies = []
    for command in ("one", "one", "two"):
        store = database.new_store()
        with store.work() as work:
            act = replace(an_act(command, reason="同一理由"), secret=b"0" * 16)
            work.save(a_case(), act, records=[a_conclusion()])
        bodies.append([each["body"] for each in reads.case_records(store.path, CASE)])
    assert bodies[0] == bodies[1] != bodies[2]
    assert len({body["salt"] for case in bodies for body in case}) == 4


def test_a_repeated_command_is_known_by_its_words(store: Store) -> None:
    with store.work() as work:
        assert work.repeated("withdraw", "digest of withdraw")
        with pytest.raises(Conflict, match="另一个动作"):
            work.repeated("withdraw", "digest of another reason")
    last = reads.case_records(store.path, CASE)[-1]
    assert payloads(store)[0]["command_digest"] == salted("digest of withdraw", last["body"]["salt"])


def test_destroyed_words_are_said_to_be_destroyed_and_the_log_is_whole(store: Store) -> None:
    with store.work() as work:
        step = RetentionStep(RetentionAct.PROPOSE, TEN, "期满", "qian", "市监局", LATER)
        act = replace(an_act("propose", "retention_propose"), actor="qian", at=LATER)
        work.save(work.case(CASE), act, records=[step])
    before = verify_store(store.path)
    with store.work() as work:
        records, contents = destructible(work, CASE)
        disposal = Disposal(
            TEN, date(2026, 3, 2), date(2037, 1, 1), records, contents, "期满", "qian", "zhao", "局", LATER
        )
        act = replace(an_act("dispose", "retention_dispose"), actor="zhao", at=LATER)
        receipt = work.save(replace(work.case(CASE), title=DESTROYED), act, records=[disposal])
        destroy(work, CASE, receipt.event_seq, disposal)
    assert verify_store(store.path).size == before.size + 1
    with store.work() as work:
        told = [reads.events(store.path)[0], work.events(CASE)[0]]
    (extract,) = extracts(store.path, Wanted(case=CASE, act="withdraw"))
    gone = dict.fromkeys(("reason", "filename", "missing"), DESTROYED)
    assert [{name: event["facts"][name] for name in gone} for event in (*told, extract.event)] == [gone] * 3
    assert extract.title == DESTROYED


def test_lost_or_changed_words_are_not_said_to_be_destroyed(store: Store, database: Database) -> None:
    for damage in (
        "DELETE FROM record WHERE kind = 'words'",
        "UPDATE record SET body = replace(body, '不办', '照办') WHERE kind = 'words'",
    ):
        damaged = database.copy(store.path)
        database.tamper(damaged, damage)
        assert reads.events(damaged)[0]["facts"]["reason"] == MISSING
