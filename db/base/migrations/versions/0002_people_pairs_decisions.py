"""
People who are invited, pairs, decisions, notices, and what the overviews need
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_UNSENT = sa.text("sent_at IS NULL")
_LINKED = sa.text("unlinked_at IS NULL")
_INCLUDED = sa.text("included_at IS NOT NULL")
_ONE_MISSING = sa.text("stage = 'screening' AND verdict = 'incomplete' AND to_ask + awaited = 1")
_ONE_FAILING = sa.text("stage = 'screening' AND failures = 1")


def upgrade() -> None:
    """
    To this revision.
    """
    _people()
    _pairs()
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entries_entity", ["entity", "sequence"], unique=False)

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("links", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("sign_off", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("included_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_cases_included", ["kind"], unique=False, sqlite_where=_INCLUDED, postgresql_where=_INCLUDED
        )
        batch_op.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("missing", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("queries", sa.String(), nullable=False, server_default=""))
        batch_op.create_index(
            "ix_cases_one_failing",
            ["site_id", "touched_at"],
            unique=False,
            sqlite_where=_ONE_FAILING,
            postgresql_where=_ONE_FAILING,
        )
        batch_op.create_index(
            "ix_cases_one_missing",
            ["site_id", "touched_at"],
            unique=False,
            sqlite_where=_ONE_MISSING,
            postgresql_where=_ONE_MISSING,
        )
    _tallies()
    # Every case counts as due: the next start assesses it again, and fills in the new columns.
    op.execute("UPDATE cases SET recheck_on = assessed_on WHERE recheck_on IS NULL OR recheck_on > assessed_on")
    # Whoever is here came by the setup code; only people who are invited accept the note.
    op.execute("UPDATE people SET accepted_at = joined_at")
    op.execute("UPDATE memberships SET site_id = NULL WHERE role = 'administrator'")


def _people() -> None:
    op.create_table(
        "wrong_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("wrong_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wrong_codes_telegram_id"), ["telegram_id"], unique=False)

    op.create_table(
        "authenticators",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index("ix_notices_unsent", ["id"], unique=False, sqlite_where=_UNSENT, postgresql_where=_UNSENT)
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("created_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key("fk_invitations_created_by", "people", ["created_by"], ["id"])

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))


def _pairs() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("donor_id", sa.Integer(), nullable=False),
        sa.Column("linked_by", sa.Integer(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unlinked_by", sa.Integer(), nullable=True),
        sa.Column("unlinked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["donor_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["linked_by"], ["people.id"]),
        sa.ForeignKeyConstraint(["recipient_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["unlinked_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index(
            "ix_links_donor", ["donor_id"], unique=True, sqlite_where=_LINKED, postgresql_where=_LINKED
        )
        batch_op.create_index(
            "ix_links_recipient", ["recipient_id"], unique=False, sqlite_where=_LINKED, postgresql_where=_LINKED
        )

    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("protocol", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("voids", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["partner_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["voids"], ["decisions.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decisions_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decisions_partner_id"), ["partner_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER decisions_refuse_{action.lower()} BEFORE {action} ON decisions "
                "BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER decisions_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


_COUNT = (
    "INSERT INTO tallies (site_id, kind, stage, verdict, number) "
    "VALUES (NEW.site_id, NEW.kind, NEW.stage, NEW.verdict, 1) "
    "ON CONFLICT (site_id, kind, stage, verdict) DO UPDATE SET number = tallies.number + 1;"
)
_UNCOUNT = (
    "UPDATE tallies SET number = number - 1 "
    "WHERE site_id = OLD.site_id AND kind = OLD.kind AND stage = OLD.stage AND verdict = OLD.verdict;"
)
_MOVED = "OLD.stage <> NEW.stage OR OLD.verdict <> NEW.verdict"


def _tallies() -> None:
    op.create_table(
        "tallies",
        sa.Column("site_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("site_id", "kind", "stage", "verdict"),
    )
    op.execute(
        "INSERT INTO tallies (site_id, kind, stage, verdict, number) "
        "SELECT site_id, kind, stage, verdict, count(*) FROM cases GROUP BY site_id, kind, stage, verdict"
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER cases_counted AFTER INSERT ON cases BEGIN {_COUNT} END")
        op.execute(f"CREATE TRIGGER cases_uncounted AFTER DELETE ON cases BEGIN {_UNCOUNT} END")
        op.execute(
            f"CREATE TRIGGER cases_recounted AFTER UPDATE OF stage, verdict ON cases WHEN {_MOVED} "
            f"BEGIN {_UNCOUNT} {_COUNT} END"
        )
        return
    for name, body in (
        ("count_case", _COUNT),
        ("uncount_case", _UNCOUNT),
        ("recount_case", f"{_UNCOUNT} {_COUNT}"),
    ):
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$")
    op.execute("CREATE TRIGGER cases_counted AFTER INSERT ON cases FOR EACH ROW EXECUTE FUNCTION count_case()")
    op.execute("CREATE TRIGGER cases_uncounted AFTER DELETE ON cases FOR EACH ROW EXECUTE FUNCTION uncount_case()")
    op.execute(
        "CREATE TRIGGER cases_recounted AFTER UPDATE OF stage, verdict ON cases "
        f"FOR EACH ROW WHEN ({_MOVED}) EXECUTE FUNCTION recount_case()"
    )


def downgrade() -> None:
    """
    Back to the one before.
    """
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in ("counted", "uncounted", "recounted"):
        op.execute(f"DROP TRIGGER IF EXISTS cases_{name}" if is_sqlite else f"DROP TRIGGER cases_{name} ON cases")
    if not is_sqlite:
        for name in ("count_case", "uncount_case", "recount_case"):
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("tallies")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("accepted_at")

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_constraint("fk_invitations_created_by", type_="foreignkey")
        batch_op.drop_column("revoked_at")
        batch_op.drop_column("expires_at")
        batch_op.drop_column("created_by")

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_one_missing")
        batch_op.drop_index("ix_cases_one_failing")
        batch_op.drop_column("queries")
        batch_op.drop_column("missing")
        batch_op.drop_column("failures")
        batch_op.drop_index("ix_cases_included")
        batch_op.drop_column("included_at")
        batch_op.drop_column("sign_off")
        batch_op.drop_column("links")

    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entries_entity")

    op.drop_table("links")
    op.drop_table("decisions")
    op.drop_table("notices")
    op.drop_table("authenticators")
    op.drop_table("wrong_codes")
