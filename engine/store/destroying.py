"""What would go with a case, and its going; the guards of either database ask for the list first. See `disposal`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from engine.model import Disposal, DisposedContent, DisposedRecord
from engine.store.connection import connect
from engine.store.disposal import KEPT, files_in
from engine.store.passages import drop_passages
from engine.store.place import is_remote
from engine.store.work import UnitOfWork

_RECORDS = text("SELECT id, kind, digest FROM record WHERE case_id = :key ORDER BY event_seq, ordinal")
_PAYLOADS = text("SELECT payload FROM event WHERE case_id = :key")
_SIZE = text("SELECT size FROM content WHERE sha256 = :key")
_ELSEWHERE = text("""SELECT 1 FROM event WHERE case_id <> :key AND payload LIKE :digest
    AND case_id NOT IN (SELECT case_id FROM record WHERE kind = 'disposal') LIMIT 1""")
_DROP_RECORD = text("DELETE FROM record WHERE id = :key")
_DROP_CONTENT = text("DELETE FROM content WHERE sha256 = :key")
_DESTROY = text("SELECT shuangshen.destroy(:seq)")


def destructible(work: UnitOfWork, case_id: str) -> tuple[tuple[DisposedRecord, ...], tuple[DisposedContent, ...]]:
    """What would go with this case: its records, and the files no other case that is still kept refers to."""
    rows = work.connection.execute(_RECORDS, {"key": case_id}).all()
    records = tuple(DisposedRecord(row.id, row.kind, row.digest) for row in rows if row.kind not in KEPT)
    named = {digest for row in work.connection.execute(_PAYLOADS, {"key": case_id}) for digest in files_in(row.payload)}
    contents = []
    for digest in sorted(named):
        size = work.connection.execute(_SIZE, {"key": digest}).scalar()
        elsewhere = {"key": case_id, "digest": f'%"{digest}"%'}
        if size is not None and work.connection.execute(_ELSEWHERE, elsewhere).first() is None:
            contents.append(DisposedContent(digest, size))
    return records, tuple(contents)


def destroy(work: UnitOfWork, case_id: str, seq: int, disposal: Disposal) -> None:
    """What the list filed by event `seq` names is out of the database, its bytes overwritten in SQLite."""
    drop_passages(work.connection, case_id)
    if work.connection.dialect.name == "postgresql":
        work.connection.execute(_DESTROY, {"seq": seq})
        return
    for record in disposal.records:
        work.connection.execute(_DROP_RECORD, {"key": record.id})
    for content in disposal.contents:
        work.connection.execute(_DROP_CONTENT, {"key": content.sha256})


def settle(path: Path) -> None:
    """No earlier pages lie in the write-ahead log of SQLite any more, as far as nobody is reading from it now."""
    if not is_remote(path):
        with closing(connect(path, write=True)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
