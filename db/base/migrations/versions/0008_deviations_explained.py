"""
A deviation from the protocol is kept with its reason, and the database sees to it
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_REASONS = {"decisions": "reason", "visit_records": "detail"}
"""By table: the column that says why what is kept there deviates."""


def upgrade() -> None:
    """
    To this revision. What is there already stays as it is, explained or not.
    """
    connection = op.get_bind()
    for table, reason in _REASONS.items():
        if connection.dialect.name == "sqlite":
            # A constraint would have SQLite build the table anew, for which its guards were to be taken down.
            op.execute(
                f"CREATE TRIGGER {table}_explain_deviation BEFORE INSERT ON {table} "
                f"WHEN NEW.deviation IS NOT NULL AND coalesce(NEW.{reason}, '') = '' "
                "BEGIN SELECT RAISE(ABORT, 'a deviation needs its reason'); END"
            )
        else:
            is_explained = f"deviation IS NULL OR coalesce({reason}, '') <> ''"
            name = f"{table}_explain_deviation"
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({is_explained}) NOT VALID")
            query = sa.text(f"SELECT count(*) FROM {table} WHERE NOT ({is_explained})")  # noqa: S608  names from above
            if not connection.execute(query).scalar_one():
                op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    """
    Back to the one before.
    """
    for table in _REASONS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {table}_explain_deviation")
        else:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_explain_deviation")
