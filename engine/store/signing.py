"""The key roster as the trail tells it, and the checking of an officer's signature before his act is written.

The roster is made of the events of key matters alone, so that whoever holds those events can rebuild it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import Refused, TrailBroken
from engine.store.connection import reading
from engine.trail import verifier
from engine.trail.chain import ADVICE

if TYPE_CHECKING:
    from engine.store.work import UnitOfWork

KEY_EVENTS = """SELECT e.seq, e.hash, e.payload FROM event e JOIN matter m ON m.id = e.case_id
    WHERE m.kind = 'key' ORDER BY e.seq"""
_MARK = '%"attested":true%'


def attested(work: UnitOfWork, body: Mapping[str, Any], signature: str, seq: int) -> dict[str, Any]:
    """What an event says of its signature, which is by a registered key of its actor and of exactly this decision.

    Raises Refused when it is not.
    """
    events = [loads(row[0]) for row in work.connection.exec_driver_sql(f"SELECT payload FROM ({KEY_EVENTS}) AS told")]  # noqa: S608
    try:
        named = verifier.key_of_signature(signature, verifier.NAMESPACE, "签名")
        told = {"attested": True, "signature": signature, "key": named}
        if not verifier.check_signature({**body, **told}, verifier.roster(events, seq), "签名"):
            tool = "支持 SM2 的 openssl" if named.startswith("SM3:") else "ssh-keygen"
            raise Refused(
                f"本机没有 {tool}，签名未经校验，不能写入。", "需要 OpenSSH 8.9 以上，SM2 需要 OpenSSL 3.0 以上。"
            )
    except verifier.Broken as broken:
        raise Refused(f"{broken.what}，什么都没有写入。", "登记的密钥见 shuangshen key list。") from broken
    return told


def key_events(path: Path) -> list[dict[str, Any]]:
    """The payloads of all events about keys, oldest first."""
    with reading(path) as connection:
        return [loads(row["payload"]) for row in connection.execute(KEY_EVENTS)]


def keys_in_force(path: Path) -> dict[str, verifier.Key]:
    """The keys that may sign now, by fingerprint."""
    events = key_events(path)
    return verifier.roster(events, events[-1]["seq"] + 1) if events else {}


def verify_signatures(path: Path) -> verifier.Signatures:
    """How the decisions of the whole trail are signed. Raises TrailBroken naming the first signature that is not good.

    Takes some milliseconds a signature.
    """
    with reading(path) as connection:
        keys = [loads(row["payload"]) for row in connection.execute(KEY_EVENTS)]
        try:
            checked = verifier.check_signatures(_marked(connection), keys)
            return checked._replace(unsigned=checked.unsigned + _unmarked(connection))
        except verifier.Broken as broken:
            raise TrailBroken(f"{broken}。", ADVICE) from broken


def key_events_of(connection: sqlite3.Connection, fingerprints: Iterable[str]) -> list[sqlite3.Row]:
    """The rows (seq, hash, payload) of the events about these keys, oldest first."""
    wanted = set(fingerprints)
    rows = connection.execute(KEY_EVENTS).fetchall() if wanted else []
    return [row for row in rows if loads(row["payload"])["facts"]["fingerprint"] in wanted]


def _marked(connection: sqlite3.Connection) -> Iterator[Mapping[str, Any]]:
    """The events that say they are signed; canonical JSON spells that in one way, which a search can find."""
    for row in connection.execute("SELECT payload FROM event WHERE payload LIKE ? ORDER BY seq", (_MARK,)):
        yield loads(row["payload"])


def _unmarked(connection: sqlite3.Connection) -> int:
    """How many decisions do not say so; the act is what every event begins with."""
    begun = [f'{{"act":"{act}",' for act in sorted(verifier.DECISIONS)]
    statement = f"""SELECT COUNT(*) FROM event WHERE payload NOT LIKE ?
        AND ({" OR ".join(f"substr(payload, 1, {len(each)}) = ?" for each in begun)})"""  # noqa: S608
    return int(connection.execute(statement, (_MARK, *begun)).fetchone()[0])
