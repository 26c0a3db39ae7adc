"""The index behind `search`: every stretch of a draft, an opinion or a finding by the characters in it.

Chinese has no blanks to cut words by, so a word is found by its characters: SQLite looks for them one behind the other
in a full-text index of single characters, PostgreSQL for each pair of neighbours in an array under a GIN index, which
needs no extension. Either only narrows down what is then compared letter by letter, so that neither can find what is
not there. All of it is derived: filled with the act, vouched for by nobody, made anew by `db reindex`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from json import loads
from typing import Any

from sqlalchemy import Connection, text

from engine.errors import FairReviewError
from engine.model import Document
from engine.store.marks import INDEX, marks_of, signs_of

DRAFT, OPINION, FINDING = "draft", "opinion", "finding"
MOST_OF_ONE_EVENT = 1 << 20
LONGEST = 4000
OVERLAP = 100
"""Code points of one passage; a longer one is cut, and so much is told twice that a word across the cut is found."""

_MADE = f"CREATE VIRTUAL TABLE {INDEX} USING fts5(marks, content='', tokenize='ascii')"
_MADE_REMOTE = "CREATE INDEX passage_by_marks ON passage USING gin (marks)"
_COUNTED_REMOTE = "ALTER TABLE passage ALTER COLUMN marks SET STATISTICS 1000"
"""Else a seldom word counts as one of many, and all passages are read from the newest on to find it."""
_HAS_FTS5 = "SELECT sqlite_compileoption_used('ENABLE_FTS5')"
_MARK = text(f"INSERT INTO {INDEX} (rowid, marks) VALUES (:id, :marks)")  # noqa: S608
_UNMARK = text(f"INSERT INTO {INDEX} ({INDEX}, rowid, marks) VALUES ('delete', :id, :marks)")  # noqa: S608
_MERGED = f"INSERT INTO {INDEX} ({INDEX}) VALUES ('optimize')"  # noqa: S608
_ADD = """INSERT INTO passage (id, case_id, kind, place, version, text, marks)
    VALUES (:id, :case_id, :kind, :place, :version, :text, {marks})"""
_ADD_LOCAL, _ADD_REMOTE = text(_ADD.format(marks="NULL")), text(_ADD.format(marks="CAST(:marks AS integer[])"))
_OF_CASE = text("SELECT id, text FROM passage WHERE case_id = :key")
_DROP = text("DELETE FROM passage WHERE case_id = :key")
_CONTENT = text("SELECT sha256, size, data FROM content WHERE sha256 = :key")
SEARCHED = frozenset({"version", "screening", "review", "opinion", "adoption", "department_answer", "conclusion"})
_LISTED = ", ".join(f"'{kind}'" for kind in sorted(SEARCHED))
_RECORDS = f"SELECT event_seq, case_id, kind, body FROM record WHERE kind IN ({_LISTED})"  # noqa: S608
_PAGE = text(f"{_RECORDS} AND event_seq > :after ORDER BY event_seq, ordinal LIMIT 500")
_REST = text(f"{_RECORDS} AND event_seq = :after ORDER BY ordinal")

Passage = tuple[str, str, int, str]
"""Kind, place, version, text."""
Filed = tuple[str, Mapping[str, Any]]
"""The kind of a record and what stands in it."""


def make_index(connection: Connection) -> None:
    """What finds passages by their characters exists; nothing of the kind where SQLite has no full-text search."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_MADE_REMOTE)
        connection.exec_driver_sql(_COUNTED_REMOTE)
    elif connection.exec_driver_sql(_HAS_FTS5).scalar():
        connection.exec_driver_sql(_MADE)


def file_passages(
    connection: Connection, case_id: str, seq: int, filed: Sequence[Filed], texts: Mapping[str, Document]
) -> None:
    """What can be searched of these records is in the index; `texts` are documents already read, by their digest.

    Called in the transaction of the act, or by `rebuild`.
    """
    told = chain.from_iterable(_readable(connection, kind, body, texts) for kind, body in filed)
    cut = ((kind, place, version, part) for kind, place, version, said in told for part in _cut(said))
    rows = [
        {"id": seq * MOST_OF_ONE_EVENT + number, "case_id": case_id, "kind": kind, "place": place, "version": version,
         "text": said}
        for number, (kind, place, version, said) in zip(range(MOST_OF_ONE_EVENT), cut, strict=False)
    ]  # fmt: skip
    if rows:
        _add(connection, rows)


def _add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_ADD_REMOTE, [{**row, "marks": marks_of(row["text"])} for row in rows])
        return
    connection.execute(_ADD_LOCAL, list(rows))
    if _has_index(connection):
        connection.execute(_MARK, [{"id": row["id"], "marks": signs_of(row["text"])} for row in rows])


def drop_passages(connection: Connection, case_id: str) -> None:
    """Nothing of this case can be found any more."""
    if connection.dialect.name != "postgresql" and _has_index(connection):
        found = connection.execute(_OF_CASE, {"key": case_id}).all()
        if found:
            connection.execute(_UNMARK, [{"id": row.id, "marks": signs_of(row.text)} for row in found])
            connection.exec_driver_sql(_MERGED)  # only then is what was taken out no longer in the file
    connection.execute(_DROP, {"key": case_id})


def rebuild(connection: Connection) -> int:
    """The index holds what the records say and nothing else; gives the number of passages."""
    connection.exec_driver_sql("DELETE FROM passage")
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {INDEX}")
        make_index(connection)
    for case_id, seq, filed in _every_event(connection):
        file_passages(connection, case_id, seq, filed, {})
    return int(connection.exec_driver_sql("SELECT COUNT(*) FROM passage").scalar() or 0)


def _every_event(connection: Connection) -> Iterator[tuple[str, int, list[Filed]]]:
    """Case, number and searchable records of every event, in order."""
    after = 0
    while page := connection.execute(_PAGE, {"after": after}).all():
        after = page[-1].event_seq
        for seq in sorted({row.event_seq for row in page}):
            rows = connection.execute(_REST, {"after": seq}).all()
            yield rows[0].case_id, seq, [(row.kind, loads(row.body)) for row in rows]


def _has_index(connection: Connection) -> bool:
    asked = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.exec_driver_sql(asked, (INDEX,)).scalar() is not None


def _cut(said: str) -> Iterator[str]:
    said = said.strip().replace("\0", " ")
    for start in range(0, len(said), LONGEST - OVERLAP):
        yield said[start : start + LONGEST]
        if start + LONGEST >= len(said):
            return


def _readable(
    connection: Connection, kind: str, body: Mapping[str, Any], texts: Mapping[str, Document]
) -> Sequence[Passage]:
    """The passages of a record; none where another installation's record is of an unknown shape."""
    try:
        return list(_told(connection, kind, body, texts))
    except (KeyError, TypeError, AttributeError):
        return []


def _told(
    connection: Connection, kind: str, body: Mapping[str, Any], texts: Mapping[str, Document]
) -> Iterator[Passage]:
    if kind == "version":
        yield from _drafted(connection, body, texts)
    elif kind == "screening":
        for each in body["findings"]:
            yield FINDING, f"{each['id']} {each['clause']}".strip(), 0, f"{each['text']}\n{each['why']}"
    else:
        said = ("reason",) if kind == "adoption" else ("opinion", "text", "suggestion", "reason")
        words = [body[name] for name in said if isinstance(body.get(name), str) and body[name]]
        place = str(body.get("clause") or body.get("department") or "")
        yield OPINION, place, body.get("version", 0), "\n".join(words)


def _drafted(connection: Connection, body: Mapping[str, Any], texts: Mapping[str, Document]) -> Iterator[Passage]:
    number = body["number"]
    yield DRAFT, "标题", number, body["title"]
    document = texts.get(body["text_sha256"]) or _read_again(connection, body)
    if document is not None:
        for clause in document.clauses:
            yield DRAFT, clause.number, number, clause.text


def _read_again(connection: Connection, body: Mapping[str, Any]) -> Document | None:
    """The text of a draft from its stored bytes, None where they are gone or no longer read as they did."""
    from engine.documents import read_bytes  # paid only where the act had not read it already
    from engine.store.contents import unpack

    row = connection.execute(_CONTENT, {"key": body["sha256"]}).first()
    try:
        return read_bytes(unpack(row.sha256, row.size, row.data), body["filename"]) if row else None
    except FairReviewError:
        return None
