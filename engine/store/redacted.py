"""A case taken out of the office without its words: places in the log, and the table of fields its export committed to.

What is hidden and how it is opened later is `engine.trail.redaction`; here it is made from what is stored.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import NotFound
from engine.store import statements
from engine.store.bundle import SCRIPT, Gathered, Vouchers, case_events, kept_files, proof_of, script
from engine.store.connection import reading
from engine.store.contents import unpack
from engine.store.verify import current_checkpoint
from engine.trail import bundles
from engine.trail.redaction import COMMITTED, FIELDS, Record, new_salts, secret_of, table_of
from engine.trail.verifier import CHECKPOINT, canonical, checkpoint_text

if TYPE_CHECKING:
    from engine.store.work import UnitOfWork

_RECORDS = "SELECT event_seq, id, kind, body FROM record WHERE case_id = ? ORDER BY event_seq, ordinal"


def commit(work: UnitOfWork, case_id: str, secret: bytes) -> tuple[str, str]:
    """The digest of the table of fields of the case as it is now, and of the stored salts that open it later."""
    events = work.sealed_events(case_id)
    rows = work.connection.execute(statements.RECORDS, {"key": case_id}).mappings().all()
    table = table_of(_with_records(events, [dict(row) for row in rows]), secret)
    return hashlib.sha256(table).hexdigest(), work.put_content(new_salts(secret))


def gather_redacted(store: Path, case_id: str, export_seq: int, vouchers: Vouchers) -> Gathered:
    """The files of the redacted bundle whose export is event `export_seq`, as that export committed to them.

    Raises NotFound when that event is no redacted export of this case.
    """
    with reading(store) as connection:
        checkpoint = current_checkpoint(connection)
        rows = [row for row in case_events(connection, case_id) if row["seq"] <= export_seq]
        export = loads(rows[-1]["payload"]) if rows else {}
        if export.get("seq") != export_seq or COMMITTED not in export["facts"]:
            raise NotFound(
                f"案件 {case_id} 第 {export_seq} 号留痕不是脱密导出。", "请运行 shuangshen trail show 查看。"
            )
        withheld = [loads(row["payload"]) for row in rows[:-1]]
        records = [dict(row) for row in connection.execute(_RECORDS, (case_id,))]
        table = table_of(_with_records(withheld, records), secret_in(connection, export))
        lines = [
            {"seq": row["seq"], "hash": row["hash"], "proof": proof_of(connection, row["seq"], checkpoint.size)}
            for row in rows
        ]
        lines[-1]["payload"] = rows[-1]["payload"]
        files = {
            CHECKPOINT: checkpoint_text(checkpoint).encode("utf-8"),
            bundles.TRAIL: b"".join(canonical(line).encode("utf-8") + b"\n" for line in lines),
            FIELDS: table,
            SCRIPT: script(),
            **dict(kept_files(connection, vouchers, checkpoint)),
        }
    return Gathered(case_id, files, checkpoint, redacted=True)


def secret_in(connection: sqlite3.Connection, export: Mapping[str, Any]) -> bytes:
    """The secret of the salts a redacted export stored among the case's contents."""
    (digest,) = export["contents"]
    row = connection.execute("SELECT size, data FROM content WHERE sha256 = ?", (digest,)).fetchone()
    return secret_of(unpack(digest, row["size"], bytes(row["data"])))


def _with_records(
    events: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> list[tuple[Mapping[str, Any], Sequence[Record]]]:
    filed: dict[int, list[Record]] = {}
    for row in rows:
        filed.setdefault(row["event_seq"], []).append((row["id"], row["kind"], row["body"]))
    return [(event, filed.get(event["seq"], ())) for event in events]
