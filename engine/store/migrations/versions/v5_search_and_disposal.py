"""Schema 5: drafts, opinions and findings can be searched; what a list of destruction names may be taken out."""

from alembic import op
from sqlalchemy import ARRAY, BigInteger, Column, Integer, Text, text

from engine.store.passages import make_index, rebuild
from engine.store.tables import strict

revision = "5"
down_revision = "4"

WORDS = Text().with_variant(Text(collation="C"), "postgresql")
DISPOSAL = text("kind = 'disposal'")


def upgrade() -> None:
    """The index behind `search`, filled from what is there; the guards that know of disposal."""
    connection = op.get_bind()
    op.create_index("record_of_disposal", "record", ["id"], sqlite_where=DISPOSAL, postgresql_where=DISPOSAL)
    op.create_table(
        "passage",
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        *(Column(name, WORDS, nullable=False) for name in ("case_id", "kind", "place")),
        Column("version", Integer, nullable=False),
        Column("text", WORDS, nullable=False),
        Column("marks", Text().with_variant(ARRAY(Integer), "postgresql")),
        sqlite_strict=strict(),
    )
    op.create_index("passage_by_case", "passage", ["case_id", "id"])
    make_index(connection)
    if connection.dialect.name == "postgresql":
        from engine.store.postgres_guards import DESTROYING, making

        connection.exec_driver_sql(making("refuse_change").replace("%", "%%"))
        connection.exec_driver_sql(DESTROYING)
    rebuild(connection)
