"""Alembic's entry: runs the revisions on the connection that `prepare` hands over."""

from alembic import context

from survey.core.models import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata, render_as_batch=True
)
context.run_migrations()
