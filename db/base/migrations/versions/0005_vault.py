"""
Encryption keys, permits for what may be done to rows that are only ever added, and the log of purged cases
"""

import sqlalchemy as sa
from alembic import op

from db.base.migrations import guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SEALED = {
    "answers": ("value", "reason"),
    "audit_entries": ("old", "new", "reason"),
    "decisions": ("reason", "digest"),
    "visit_records": ("detail",),
}
"""The columns of append-only tables that a rotation may rewrite, from one ciphertext to another."""

_REDACTED = ("field", "old", "new", "reason")
_BY_CASE = ("answers", "decisions", "visit_records")


def upgrade() -> None:
    """
    To this revision.
    """
    op.create_table(
        "encryption_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "permits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("never", sa.Integer(), nullable=False),
        sa.CheckConstraint("never = 0", name="ck_permits_never"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["never"], ["audit_head.id"], deferrable=True, initially="DEFERRED"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "screening_log",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("code"),
    )
    op.add_column("audit_entries", sa.Column("redaction", sa.String(), nullable=True))
    guards.put_up(_SEALED, _REDACTED)
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


_PERMITTED = """
    EXISTS (
        SELECT 1 FROM audit_entries AS told JOIN audit_head ON audit_head.sequence = told.sequence
        WHERE told.sequence = NEW.sequence AND (
            (NEW.kind = 'rotate' AND told.action = 'keys.rotate' AND NEW.case_id IS NULL)
            OR (NEW.kind = 'purge' AND told.action = 'case.purge' AND NEW.code = told.entity AND EXISTS (
                SELECT 1 FROM cases WHERE cases.id = NEW.case_id AND cases.code = NEW.code
            ))
        )
    )
"""
"""A permit follows the audit entry that tells of it, and a purge is of the case that this entry names."""


def _guard_on_sqlite() -> None:
    for table in _BY_CASE:
        op.execute(f"DROP TRIGGER {table}_refuse_delete")
        op.execute(
            f"CREATE TRIGGER {table}_refuse_delete BEFORE DELETE ON {table} "  # noqa: S608  names of this file
            "WHEN NOT EXISTS (SELECT 1 FROM permits WHERE kind = 'purge' AND case_id = OLD.case_id) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    op.execute(
        f"CREATE TRIGGER permits_refuse_insert BEFORE INSERT ON permits WHEN NOT {_PERMITTED} "
        "BEGIN SELECT RAISE(ABORT, 'nothing in the audit trail permits this'); END"
    )
    op.execute(
        "CREATE TRIGGER permits_refuse_update BEFORE UPDATE ON permits "
        "BEGIN SELECT RAISE(ABORT, 'a permit does not change'); END"
    )


_GUARD_PERMITS = f"""
CREATE FUNCTION guard_permit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a permit does not change';
    ELSIF NOT {_PERMITTED} THEN
        RAISE EXCEPTION 'nothing in the audit trail permits this';
    END IF;
    RETURN NEW;
END $$
"""


def _guard_on_postgresql() -> None:
    for table in _SEALED:
        op.execute(
            f"CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(_GUARD_PERMITS)
    op.execute(
        "CREATE TRIGGER permits_refuse_change BEFORE INSERT OR UPDATE ON permits "
        "FOR EACH ROW EXECUTE FUNCTION guard_permit()"
    )


def downgrade() -> None:
    """
    Back to the one before.
    """
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _SEALED:
        if is_sqlite:
            for action in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_refuse_{action}")
                op.execute(
                    f"CREATE TRIGGER {table}_refuse_{action} BEFORE {action.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            op.execute(f"DROP TRIGGER {table}_refuse_truncate ON {table}")
            op.execute(f"DROP TRIGGER {table}_refuse_change ON {table}")
            op.execute(
                f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
    op.drop_table("permits")
    if not is_sqlite:
        op.execute("DROP FUNCTION guard_row()")
        op.execute("DROP FUNCTION guard_permit()")
    op.execute("ALTER TABLE audit_entries DROP COLUMN redaction")
    op.drop_table("screening_log")
    op.drop_table("encryption_keys")
