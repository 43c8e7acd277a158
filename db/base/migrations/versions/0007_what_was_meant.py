"""
The examination behind an answer and what stands again when answers are taken back; the day of an event and deviations;
what lists show of queries, awaited answers, deviations and old results; how often a notice was tried; the card's date
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.base.migrations import guards

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SEALED = {
    "answers": ("value", "reason", "examined_words"),
    "audit_entries": ("old", "new", "reason", "more"),
    "decisions": ("reason", "digest"),
    "visit_records": ("detail",),
}
_SEALED_BEFORE = {
    **_SEALED,
    "answers": ("value", "reason"),
    "audit_entries": ("old", "new", "reason"),
}
_EMPTIED_BEFORE = ("field", "old", "new", "reason")


def _columns() -> dict[str, list[sa.Column[Any]]]:
    return {
        "answers": [
            sa.Column("examined_on", sa.Date(), nullable=True),
            sa.Column("examined_by", sa.String(), nullable=True),
            sa.Column("examined_words", sa.String(), nullable=True),
            sa.Column("batch", sa.Integer(), nullable=True),
            sa.Column("repeats", sa.Integer(), nullable=True),
        ],
        "audit_entries": [sa.Column("more", sa.String(), nullable=True)],
        "decisions": [sa.Column("day", sa.Date(), nullable=True), sa.Column("deviation", sa.String(), nullable=True)],
        "visit_records": [sa.Column("deviation", sa.String(), nullable=True)],
        "cases": [
            sa.Column("open_queries", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("deviations", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("proposal", sa.Integer(), nullable=True),
            sa.Column("old_on", sa.Date(), nullable=True),
        ],
        "sites": [sa.Column("old_after", sa.String(), nullable=False, server_default="{}")],
        "chats": [sa.Column("card_date", sa.DateTime(timezone=True), nullable=True)],
        "notices": [
            sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
            sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True),
        ],
    }


_INDEXES = {
    "ix_cases_open_query": sa.text(
        "open_queries > 0 AND stage IN ('screening', 'finished', 'signed', 'included')",
    ),
    "ix_cases_awaited": sa.text("awaited > 0 AND stage IN ('screening', 'included')"),
    "ix_cases_deviation": sa.text("deviations > 0 AND stage != 'discarded'"),
    "ix_cases_proposal": sa.text("proposal IS NOT NULL"),
}

_UNSENT_BEFORE = sa.text("sent_at IS NULL")
_UNSENT = sa.text("sent_at IS NULL AND set_aside_at IS NULL")


def upgrade() -> None:
    """
    To this revision.
    """
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    guards.put_up(_SEALED, (*_EMPTIED_BEFORE, "more"))
    _count_open_queries()
    for name, where in _INDEXES.items():
        op.create_index(name, "cases", ["site_id", "touched_at"], sqlite_where=where, postgresql_where=where)
    where = sa.text("old_on IS NOT NULL")
    op.create_index("ix_cases_old", "cases", ["site_id", "old_on"], sqlite_where=where, postgresql_where=where)
    _index_unsent(_UNSENT)


_OPEN_QUERIES = """
    SELECT cases.id, cases.queries,
        (SELECT max(answers.at) FROM answers WHERE answers.case_id = cases.id) AS answered_at
    FROM cases WHERE cases.queries != ''
"""
_DISMISSED = "SELECT about FROM decisions WHERE kind = 'query_dismissed' AND case_id = :case AND at >= :at"


def _count_open_queries() -> None:
    """
    What was dismissed after the last answer is dismissed. Of what was dismissed before it the next look at the case
    tells; until then it is listed, for nobody misses a query that is listed once too often.
    """
    connection = op.get_bind()
    for case, queries, answered_at in connection.execute(sa.text(_OPEN_QUERIES)).all():
        found = connection.execute(sa.text(_DISMISSED), {"case": case, "at": answered_at}).scalars()
        counted = {"case": case, "number": len(set(queries.split()) - set(found))}
        connection.execute(sa.text("UPDATE cases SET open_queries = :number WHERE id = :case"), counted)


def _index_unsent(where: sa.TextClause) -> None:
    op.drop_index("ix_notices_unsent", table_name="notices")
    op.create_index("ix_notices_unsent", "notices", ["id"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """
    Back to the one before.
    """
    _index_unsent(_UNSENT_BEFORE)
    for name in ("ix_cases_old", *_INDEXES):
        op.drop_index(name, table_name="cases")
    for table in _SEALED:
        guards.take_down(table)
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
    guards.put_up(_SEALED_BEFORE, _EMPTIED_BEFORE)
