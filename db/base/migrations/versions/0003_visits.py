"""
Follow-up visits
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PENDING = sa.text("is_pending")


def upgrade() -> None:
    """
    To this revision.
    """
    op.create_table(
        "visit_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("opens", sa.Date(), nullable=False),
        sa.Column("closes", sa.Date(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["undoes"], ["visit_records.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_visit_records_case", "visit_records", ["case_id", "month", "id"], unique=False)
    op.create_table(
        "visits",
        sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("opens", sa.Date(), nullable=False),
        sa.Column("closes", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("is_pending", sa.Boolean(), nullable=False),
        sa.Column("margin", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("case_id", "month"),
    )
    op.create_index("ix_visits_day", "visits", ["day", "case_id"], unique=False)
    op.create_index("ix_visits_site_day", "visits", ["site_id", "day"], unique=False)
    for name, columns in (("pending", ["site_id", "opens"]), ("margin", ["margin"])):
        op.create_index(
            f"ix_visits_{name}", "visits", columns, unique=False, sqlite_where=_PENDING, postgresql_where=_PENDING
        )
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER visit_records_refuse_{action.lower()} BEFORE {action} ON visit_records "
                "BEGIN SELECT RAISE(ABORT, 'visit_records is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER visit_records_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON visit_records "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """
    Back to the one before.
    """
    op.drop_table("visits")
    op.drop_table("visit_records")
