"""
Reminders
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_UNTOLD = sa.text("sent_at IS NULL AND closed_at IS NULL")
_SNOOZED = sa.text("snoozed_until IS NOT NULL AND closed_at IS NULL")


def upgrade() -> None:
    """
    To this revision.
    """
    op.create_table(
        "muted_kinds",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("person_id", "kind", "case_id"),
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "key"),
    )
    op.create_index("ix_reminders_case", "reminders", ["case_id"], unique=False)
    op.create_index(
        "ix_reminders_snoozed",
        "reminders",
        ["site_id", "snoozed_until"],
        unique=False,
        sqlite_where=_SNOOZED,
        postgresql_where=_SNOOZED,
    )
    op.create_index(
        "ix_reminders_untold",
        "reminders",
        ["site_id", "day"],
        unique=False,
        sqlite_where=_UNTOLD,
        postgresql_where=_UNTOLD,
    )
    # Each case counts as changed: the first sweep works its reminders out.
    op.add_column("cases", sa.Column("remind_on", sa.Date(), nullable=True, server_default="1970-01-01"))
    op.add_column("cases", sa.Column("rechecked_on", sa.Date(), nullable=True))
    op.create_index("ix_cases_remind", "cases", ["site_id", "remind_on"], unique=False)
    op.add_column("people", sa.Column("unreachable_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sites", sa.Column("quiet_from", sa.String(), nullable=False, server_default="19:00"))
    op.add_column("sites", sa.Column("quiet_until", sa.String(), nullable=False, server_default="08:00"))
    op.add_column("sites", sa.Column("weekdays", sa.String(), nullable=False, server_default="12345"))


def downgrade() -> None:
    """
    Back to the one before. Plainly, since a table that is made anew loses its triggers.
    """
    op.drop_index("ix_cases_remind", table_name="cases")
    for table, column in (
        ("sites", "weekdays"),
        ("sites", "quiet_until"),
        ("sites", "quiet_from"),
        ("people", "unreachable_at"),
        ("cases", "rechecked_on"),
        ("cases", "remind_on"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.drop_table("reminders")
    op.drop_table("muted_kinds")
