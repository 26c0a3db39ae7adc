"""How a database of an earlier schema becomes one of today's, in SQLite and PostgreSQL; run by `store.upgrading`.

A migration is named by the schema it leads to. SQLite cannot change a table in place: whoever must, rebuilds it from
the table's whole description (`rebuilding`), because reflection loses indexes of expressions and the word STRICT. The
triggers are taken off before and put on after every upgrade, and the outcome is compared with a new database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op
from alembic.operations import BatchOperations
from sqlalchemy import Table

from engine.store.tables import strict


@contextmanager
def rebuilding(table: Table) -> Iterator[BatchOperations]:
    """The table is made anew in SQLite with all its rows, as it is described here and as the batch then changes it."""
    kept = {"sqlite_strict": strict()}
    with op.batch_alter_table(table.name, copy_from=table, recreate="always", table_kwargs=kept) as batch:
        yield batch
