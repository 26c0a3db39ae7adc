"""The files of a transfer package, gathered from this log, and what this store knows of a case's crossings.

`engine.trail.transfers` judges what is gathered here. A case that has been handed over can be gathered again and
again until it comes back: the event is the same, only the checkpoint it is proven under may be a later one.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from json import loads
from pathlib import Path
from typing import Any

from sqlalchemy import text

from engine.errors import Conflict, InvalidInput, TrailBroken
from engine.model import Case
from engine.store.acts import Receipt
from engine.store.bundle import case_events, proof_of, require_free, signers_of
from engine.store.connection import reading
from engine.store.contents import unpack
from engine.store.records import digest_of, state_of
from engine.store.signing import key_events_of
from engine.store.verify import current_checkpoint, node
from engine.store.work import UnitOfWork
from engine.trail import segments, transfers
from engine.trail.chain import ADVICE, require_known
from engine.trail.checkpoints import NAMESPACE
from engine.trail.container import MAX_FILES, MAX_TOTAL
from engine.trail.merkle import consistency_proof, root
from engine.trail.verifier import Broken, Checkpoint, Signatures, canonical, checkpoint_text

Sign = Callable[[bytes, str], str]
_EPOCH = (1980, 1, 1, 0, 0, 0)
_ORIGIN = text("SELECT value FROM meta WHERE key = 'origin'")
_IS_THERE = text("SELECT id FROM case_ WHERE id = :key")
_PROCESS = text("SELECT digest FROM bundle WHERE hash = :key")
_SIZE = text("SELECT MAX(seq) FROM event")
_NODE = text("SELECT hash FROM merkle WHERE position = :key")
_EVENTS = text("SELECT seq, hash, payload FROM event WHERE case_id = :key ORDER BY seq")


def origin_in(work: UnitOfWork) -> str:
    """The origin of this log, by which installations know each other."""
    return str(work.connection.execute(_ORIGIN).scalar())


def origin_of(path: Path) -> str:
    """The origin of the log of this database."""
    with reading(path) as connection:
        return current_checkpoint(connection).origin


def crossing(work: UnitOfWork, case_id: str) -> Mapping[str, Any] | None:
    """The event by which the case last left or came, with its `hash`; None when it has always been here."""
    rows = work.connection.execute(_EVENTS, {"key": case_id}).mappings()
    events = [{**loads(row["payload"]), "hash": row["hash"]} for row in rows]
    found = [event for event in events if event["act"] in (segments.OUT, segments.IN)]
    return found[-1] if found else None


def taken_before(work: UnitOfWork, case_id: str, out_hash: str) -> Receipt | None:
    """The receipt of the event that took the case in after just this hand-over, None when none did."""
    for row in work.connection.execute(_EVENTS, {"key": case_id}).mappings():
        event = loads(row["payload"])
        if event["act"] == segments.IN and event["facts"]["out_hash"] == out_hash:
            return Receipt(case_id, event["revision"], row["seq"], row["hash"], repeated=True)
    return None


def holds_case(work: UnitOfWork, case_id: str) -> bool:
    """Whether there is a case of this number here."""
    return work.connection.execute(_IS_THERE, {"key": case_id}).scalar() is not None


def standing_state(work: UnitOfWork, case: Case) -> str:
    """The canonical text of where the case stands, which its last event vouches for; TrailBroken when it does not."""
    digest = work.connection.execute(_PROCESS, {"key": case.bundle}).scalar() or ""
    state = state_of(case, work.open_turns(case.id), str(digest))
    if digest_of(state) != work.events(case.id)[-1]["state"]:
        raise TrailBroken(f"案件 {case.id} 的当前状态与留痕记载的不符，没有移送。", ADVICE)
    return state


def require_root(work: UnitOfWork, known: Checkpoint) -> None:
    """This log had that root at that length; raises TrailBroken when it has another or is shorter."""
    size = work.connection.execute(_SIZE).scalar() or 0
    then = b""
    if known.size <= size:
        then = root(known.size, lambda place: bytes(work.connection.execute(_NODE, {"key": place}).scalar() or b""))
    require_known(known, size, then)


def require_sound(work: UnitOfWork, case_id: str) -> segments.Crossings:
    """The crossings of the case as they now stand in this unit of work; raises TrailBroken when one does not hold."""
    try:
        return segments.check_received(work.sealed_events(case_id), work.content, origin_in(work))
    except Broken as broken:
        raise TrailBroken(f"{broken}，什么都没有写入。", "请与移送单位核对，必要时请其重新制作移送包。") from broken


def verify_crossings(path: Path) -> segments.Crossings:
    """What holds of every crossing told in this database. Raises TrailBroken naming the first that does not hold.

    `verify_store` has shown that events, records and files agree with each other; this shows that they agree with the
    other installations' logs.
    """
    taken_in = events = signed = unsigned = unchecked = 0
    with reading(path) as connection:
        origin = current_checkpoint(connection).origin
        for case_id in _crossed(connection):
            told = [loads(row["payload"]) for row in case_events(connection, case_id)]
            found = _checked(told, connection, origin, case_id)
            taken_in, events = taken_in + found.taken_in, events + found.events
            signed, unsigned = signed + found.signatures.signed, unsigned + found.signatures.unsigned
            unchecked += found.signatures.unchecked
    return segments.Crossings(taken_in, events, Signatures(signed, unsigned, unchecked))


def _checked(
    told: Sequence[Mapping[str, Any]], connection: sqlite3.Connection, origin: str, case_id: str
) -> segments.Crossings:
    try:
        return segments.check_received(told, lambda digest: content_in(connection, digest), origin)
    except (Broken, KeyError, TypeError) as broken:
        raise TrailBroken(f"案件 {case_id} 的移送：{broken}。", ADVICE) from broken


def _crossed(connection: sqlite3.Connection) -> list[str]:
    """The cases that were taken in; of one that was destroyed since, nothing is left to be compared."""
    statement = """SELECT DISTINCT case_id FROM event WHERE payload LIKE ?
        AND case_id NOT IN (SELECT case_id FROM record WHERE kind = 'disposal') ORDER BY case_id"""
    return [row[0] for row in connection.execute(statement, (f'{{"act":"{segments.IN}",%',))]


# ---------------------------------------------------------------- gathering


def gather_package(path: Path, case_id: str, key: str, sign: Sign) -> dict[str, bytes]:
    """The files of the package of a case that has been handed over and is still away, signed by `sign` with `key`.

    Raises Conflict when it is here, TrailBroken when something was changed.
    """
    with reading(path) as connection:
        rows = case_events(connection, case_id)
        events = [loads(row["payload"]) for row in rows]
        if not events or events[-1]["act"] != segments.OUT:
            raise Conflict(f"案件 {case_id} 没有移送在外，没有移送包可做。", "请先办理移送。")
        data = _segment(connection, case_id, rows, key, sign)
        facts = events[-1]["facts"]
        files = {transfers.SEGMENT: data, transfers.STATE: content_in(connection, facts["handover"])}
        files |= _standing(connection, case_id) | _filed(connection, case_id)
        for digest in sorted({digest for event in events for digest in event["contents"]}):
            files[f"{transfers.CONTENTS}{digest}"] = content_in(connection, digest)
    files[transfers.MANIFEST] = transfers.manifest_of(segments.read_segment(data), facts["to"], files)
    files[transfers.SIGNATURE] = sign(files[transfers.MANIFEST], transfers.NAMESPACE).encode("ascii")
    return files


def write_package(files: Mapping[str, bytes], out: Path) -> str:
    """The package lies at `out` whole, readable by its owner only; gives the SHA-256 of its manifest.

    Raises Conflict when something lies there already, InvalidInput when it cannot be written or is too large.
    """
    require_free(out)
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_TOTAL:
        raise InvalidInput("案卷文件过多或总量超过 1 GiB，装不进一个移送包。", "请与对方协商用其他方式移送。")
    unfinished = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(files):
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name], zipfile.ZIP_DEFLATED)
        os.link(unfinished, out)
    except OSError as error:
        raise InvalidInput(
            f"移送包写不到“{out}”：{error.strerror}。", "案件已移送；请换一个可写的位置重复同一命令。"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return sha256(files[transfers.MANIFEST]).hexdigest()


def _segment(connection: sqlite3.Connection, case_id: str, rows: Sequence[sqlite3.Row], key: str, sign: Sign) -> bytes:
    checkpoint = current_checkpoint(connection)
    written = checkpoint_text(checkpoint)
    events = [loads(row["payload"]) for row in rows]
    known = key_events_of(connection, signers_of(events))
    told = {
        "schema": segments.SCHEMA,
        "case": case_id,
        "key": key,
        "checkpoint": written,
        "signature": sign(written.encode("utf-8"), NAMESPACE),
        "events": _proven(connection, rows, checkpoint.size),
        "keys": _proven(connection, known, checkpoint.size),
        "growth": _growth(connection, events, checkpoint),
    }
    return canonical(told).encode("utf-8")


def _proven(connection: sqlite3.Connection, rows: Iterable[sqlite3.Row], size: int) -> list[dict[str, Any]]:
    return [{**dict(row), "proof": proof_of(connection, row["seq"], size)} for row in rows]


def _growth(
    connection: sqlite3.Connection, events: Sequence[Mapping[str, Any]], checkpoint: Checkpoint
) -> list[dict[str, Any]]:
    """That this log only grew since the checkpoints under which others took this case in from it."""
    seen = set[int]()
    for event in events:
        if event["act"] == segments.IN:
            foreign = segments.read_segment(content_in(connection, event["facts"]["segment"]))
            ours = [each["facts"] for each in foreign.events if each["act"] == segments.IN]
            seen |= {facts["size"] for facts in ours if facts["origin"] == checkpoint.origin}
    return [
        {
            "size": size,
            "proof": [
                step.hex() for step in consistency_proof(size, checkpoint.size, lambda place: node(connection, place))
            ],
        }
        for size in sorted(seen)
    ]


def _standing(connection: sqlite3.Connection, case_id: str) -> dict[str, bytes]:
    row = connection.execute("SELECT position, bundle FROM case_ WHERE id = ?", (case_id,)).fetchone()
    process = connection.execute("SELECT data FROM bundle WHERE hash = ?", (row["bundle"],)).fetchone()
    if process is None:
        raise TrailBroken(f"数据库里没有流程定义 {row['bundle']}。", ADVICE)
    return {transfers.POSITION: bytes(row["position"]), transfers.PROCESS: bytes(process["data"])}


def _filed(connection: sqlite3.Connection, case_id: str) -> dict[str, bytes]:
    statement = "SELECT kind, body FROM record WHERE case_id = ? ORDER BY event_seq, ordinal"
    found = connection.execute(statement, (case_id,)).fetchall()
    named = ((transfers.record_name(number, row["kind"]), row["body"]) for number, row in enumerate(found, 1))
    return {name: body.encode("utf-8") for name, body in named}


def content_in(connection: sqlite3.Connection, digest: str) -> bytes:
    """A stored file, checked against its digest; raises TrailBroken when it is missing or changed."""
    row = connection.execute("SELECT sha256, size, data FROM content WHERE sha256 = ?", (digest,)).fetchone()
    if row is None:
        raise TrailBroken(f"留痕登记的文件 {digest} 不见了。", ADVICE)
    return unpack(digest, row["size"], bytes(row["data"]))
