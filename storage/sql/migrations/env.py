"""Run by Alembic: migrates on the caller's connection, inside its transaction."""

from alembic import context

from storage.sql.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
