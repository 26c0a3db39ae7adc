"""Schema 4: lists of tasks are read off an index; how many cases and tasks there are is kept; more words are known."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

from engine.model import DraftKind, MatterKind, Route, Trigger
from engine.store.migrations import rebuilding
from engine.store.tables import one_of, strict

revision = "4"
down_revision = "3"

DUE = text("COALESCE(due_on, '9999-12-31')")
ASKED = text("role = 'co_reviewer'")
PLACE = (DUE, "case_id", "task", "holder")

WORDS = Text().with_variant(Text(collation="C"), "postgresql")
_then = MetaData()


def _words(*names: str) -> tuple[Column[str], ...]:
    return tuple(Column(name, WORDS, primary_key=name == "id", nullable=False) for name in names)


CASE = Table(
    "case_",
    _then,
    *_words("id", "title", "unit", "kind", "trigger", "route", "stage"),
    Column("round", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    *_words("opened_by", "opened_at", "bundle"),
    Column("position", LargeBinary, nullable=False),
    Column("revision", Integer, nullable=False),
    one_of("kind", DraftKind),
    one_of("trigger", Trigger),
    one_of("route", Route),
    CheckConstraint("revision >= 1", name="saved"),
    CheckConstraint("round >= 0 AND version >= 0", name="counted"),
    Index("case_by_unit", "unit", "id"),
    Index("case_by_stage", "stage", "id"),
    Index("case_by_unit_and_stage", "unit", "stage", "id"),
)
MATTER = Table(
    "matter",
    _then,
    *_words("id", "kind", "title", "unit", "opened_by", "opened_at"),
    Column("revision", Integer, nullable=False),
    one_of("kind", MatterKind),
    CheckConstraint("revision >= 1", name="saved_matter"),
    Index("matter_by_kind", "kind", "id"),
)


def upgrade() -> None:
    """The indexes behind every page of `queue` and `show`, the tally with what it would have come to, the words."""
    op.drop_index("task_by_role", "task")
    op.create_index("task_by_due", "task", [*PLACE])
    op.create_index("task_by_role", "task", ["role", *PLACE])
    op.create_index("task_by_unit", "task", ["unit", "role", *PLACE])
    op.create_index("task_by_instance", "task", ["instance", *PLACE], sqlite_where=ASKED, postgresql_where=ASKED)
    name = Column("name", WORDS, primary_key=True, nullable=False)
    op.create_table("tally", name, Column("count", Integer, nullable=False), sqlite_strict=strict())
    op.execute("INSERT INTO tally SELECT 'stage ' || stage, COUNT(*) FROM case_ GROUP BY stage")
    op.execute("INSERT INTO tally SELECT 'role ' || role, COUNT(*) FROM task GROUP BY role")
    if op.get_context().dialect.name == "postgresql":
        op.create_index("case_by_unit_and_stage", "case_", ["unit", "stage", "id"])
        for table, column, words in (("case_", "trigger", Trigger), ("matter", "kind", MatterKind)):
            op.drop_constraint(f"known_{column}", table)
            op.create_check_constraint(f"known_{column}", table, one_of(column, words).sqltext)
        return
    for described in (CASE, MATTER):
        with rebuilding(described):
            pass
