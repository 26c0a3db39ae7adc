"""Run by Alembic: the migrations inside the transaction that `engine.store.upgrading` has begun."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema=context.config.attributes["version_table_schema"],
    transactional_ddl=True,
)
context.run_migrations()
