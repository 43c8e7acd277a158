"""
Run by Alembic, on the connection that `db.base.migrate` hands over.
"""

from alembic import context
from sqlmodel import SQLModel

from db.base import tables  # noqa: F401  declares the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
