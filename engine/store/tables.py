"""The tables, private to the store. Instants are UTC text of one width, days ISO text, text is ordered by its bytes, so
that every database and every plain SQL reader sorts and compares alike; rows are not records: `records` turns one into
the other.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Connection, Index, Integer, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

from engine.model import DraftKind, MatterKind, Role, Route, Trigger
from engine.store.passages import make_index
from engine.store.sqlite import sqlite3
from engine.store.triggers import triggers

TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _text(**options: Any) -> Any:
    return Field(sa_type=TEXT, **options)


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """The column holds one of the words of this vocabulary."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f'"{column}" IN ({listed})', name=f"known_{column}")


def _sha256(column: str) -> CheckConstraint:
    return CheckConstraint(f"length({column}) = 64", name=f"sha256_{column}")


class MetaRow(SQLModel, table=True):
    """Schema version, origin of the log, counters."""

    __tablename__ = "meta"
    key: str = _text(primary_key=True)
    value: str = _text()


class CaseRow(SQLModel, table=True):
    """Where each case stands now."""

    __tablename__ = "case_"
    __table_args__ = (
        one_of("kind", DraftKind),
        one_of("trigger", Trigger),
        one_of("route", Route),
        CheckConstraint("revision >= 1", name="saved"),
        CheckConstraint("round >= 0 AND version >= 0", name="counted"),
        Index("case_by_unit", "unit", "id"),
        Index("case_by_stage", "stage", "id"),
        Index("case_by_unit_and_stage", "unit", "stage", "id"),
    )
    id: str = _text(primary_key=True)
    title: str = _text()
    unit: str = _text()
    kind: str = _text()
    trigger: str = _text()
    route: str = _text()
    stage: str = _text()
    round: int
    version: int
    opened_by: str = _text()
    opened_at: str = _text()
    bundle: str = _text()
    position: bytes = Field(sa_type=LargeBinary)
    revision: int


class MatterRow(SQLModel, table=True):
    """Matters kept outside any case (ledger entries, complaints, samplings, process versions); never in a queue."""

    __tablename__ = "matter"
    __table_args__ = (
        one_of("kind", MatterKind),
        CheckConstraint("revision >= 1", name="saved_matter"),
        Index("matter_by_kind", "kind", "id"),
    )
    id: str = _text(primary_key=True)
    kind: str = _text()
    title: str = _text()
    unit: str = _text()
    opened_by: str = _text()
    opened_at: str = _text()
    revision: int


class EventRow(SQLModel, table=True):
    """The trail: payload exactly as hashed; `case_id` names a case or a matter, which `verify` checks. Append-only."""

    __tablename__ = "event"
    __table_args__ = (_sha256("prev"), _sha256("hash"), Index("event_by_case", "case_id", "seq"))
    seq: int = Field(primary_key=True)
    case_id: str = _text()
    payload: str = _text()
    prev: str = _text()
    hash: str = _text()


_DISPOSAL = text("kind = 'disposal'")


class RecordRow(SQLModel, table=True):
    """What was filed: `id` is the event's number and the place in it. Append-only."""

    __tablename__ = "record"
    __table_args__ = (
        _sha256("digest"),
        Index("record_by_case", "case_id", "event_seq", "ordinal"),
        Index("record_by_event", "event_seq", "ordinal"),
        Index("record_of_disposal", "id", sqlite_where=_DISPOSAL, postgresql_where=_DISPOSAL),
    )
    id: str = _text(primary_key=True)
    case_id: str = _text()
    kind: str = _text()
    round: int
    body: str = _text()
    digest: str = _text()
    event_seq: int = Field(foreign_key="event.seq")
    ordinal: int


class ContentRow(SQLModel, table=True):
    """Files and extracted texts by the SHA-256 of their bytes, zstd-compressed. Append-only."""

    __tablename__ = "content"
    __table_args__ = (_sha256("sha256"), CheckConstraint("size >= 0", name="sized"))
    sha256: str = _text(primary_key=True)
    size: int
    data: bytes = Field(sa_type=LargeBinary)


_DUE = text("COALESCE(due_on, '9999-12-31')")  # as `reads.DUE` asks for it, else the index is of no use
_ASKED = text("role = 'co_reviewer'")


class TaskRow(SQLModel, table=True):
    """Whose turn it is: open tasks only; `unit` is the drafting unit of the case."""

    __tablename__ = "task"
    __table_args__ = (
        one_of("role", Role),
        Index("task_by_due", _DUE, "case_id", "task", "holder"),
        Index("task_by_role", "role", _DUE, "case_id", "task", "holder"),
        Index("task_by_unit", "unit", "role", _DUE, "case_id", "task", "holder"),
        Index(
            "task_by_instance",
            *("instance", _DUE, "case_id", "task", "holder"),
            sqlite_where=_ASKED,
            postgresql_where=_ASKED,
        ),
    )
    case_id: str = _text(primary_key=True, foreign_key="case_.id")
    task: str = _text(primary_key=True)
    ordinal: int
    element: str = _text()
    name: str = _text()
    role: str = _text()
    instance: str = _text()
    holder: str = _text()
    unit: str = _text()
    due_on: str | None = _text(default=None)
    opened_at: str = _text()


class BundleRow(SQLModel, table=True):
    """Process definitions by the name the process gives them; `digest` is the SHA-256 of the bytes. Append-only."""

    __tablename__ = "bundle"
    __table_args__ = (_sha256("digest"),)
    hash: str = _text(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary)
    digest: str = _text()


class CommandRow(SQLModel, table=True):
    """Commands done, so that repeating one does nothing twice."""

    __tablename__ = "command"
    id: str = _text(primary_key=True)
    actor: str = _text()
    act: str = _text()
    digest: str = _text()
    case_id: str = _text()
    event_seq: int = Field(foreign_key="event.seq")
    result: str = _text()


class MerkleRow(SQLModel, table=True):
    """Complete nodes of the Merkle tree in order of creation; can be rebuilt from the events."""

    __tablename__ = "merkle"
    position: int = Field(primary_key=True)
    hash: bytes = Field(sa_type=LargeBinary)


class PassageRow(SQLModel, table=True):
    """Stretches of drafts, opinions and findings for `search`; made from the records, rebuilt by `db reindex`.

    `marks` is what PostgreSQL finds them by (`marks.marks_of`); SQLite keeps that in an index of its own.
    """

    __tablename__ = "passage"
    __table_args__ = (Index("passage_by_case", "case_id", "id"),)
    id: int = Field(sa_type=BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    case_id: str = _text()
    kind: str = _text()
    place: str = _text()
    version: int
    text: str = _text()
    marks: Any = Field(sa_type=Text().with_variant(ARRAY(Integer), "postgresql"), nullable=True)


class TallyRow(SQLModel, table=True):
    """How many cases stand at each stage and how many tasks are open for each role, kept with every act."""

    __tablename__ = "tally"
    name: str = _text(primary_key=True)
    count: int


TABLES = SQLModel.metadata.tables


APPENDING = "appending"
"""The row of `meta` that whoever appends to the trail of a PostgreSQL database holds, so that one follows the other."""


def create_tables(connection: Connection) -> None:
    """All tables, indexes and triggers exist in this empty database; columns strictly typed where SQLite can."""
    if connection.dialect.name == "postgresql":
        _create_in_postgres(connection)
        return
    for table in TABLES.values():
        table.dialect_options["sqlite"]["strict"] = strict()
    SQLModel.metadata.create_all(connection)
    make_index(connection)
    for _, statement in triggers():
        connection.exec_driver_sql(statement)


def strict() -> bool:
    """Whether this SQLite knows strictly typed tables."""
    return sqlite3.sqlite_version_info >= (3, 37)


def _create_in_postgres(connection: Connection) -> None:
    from engine.store.postgres_guards import guards

    SQLModel.metadata.create_all(connection, checkfirst=False)
    make_index(connection)
    for statement in guards():
        connection.exec_driver_sql(statement.replace("%", "%%"))
    connection.exec_driver_sql("INSERT INTO meta (key, value) VALUES (%s, %s)", (APPENDING, "one after the other"))
