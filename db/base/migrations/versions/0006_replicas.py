"""
Leases of replicas, the pace of messages, and an index that finds the next update of a chat
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_UNSHOWN = sa.text("state != 'shown'")


def upgrade() -> None:
    """
    To this revision.
    """
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "paces",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("alone_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id"),
    )
    _index("chat_id", "update_id")


def downgrade() -> None:
    """
    Back to the one before.
    """
    _index("update_id")
    op.drop_table("paces")
    op.drop_table("leases")


def _index(*columns: str) -> None:
    op.drop_index("ix_inbox_unshown", table_name="inbox")
    op.create_index(
        "ix_inbox_unshown", "inbox", list(columns), unique=False, sqlite_where=_UNSHOWN, postgresql_where=_UNSHOWN
    )
