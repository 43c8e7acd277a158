"""
The guards of append-only tables: what a permit lets happen to their rows, and nothing else. Each migration that adds a
column to one of them puts up the guards anew, for they name every column.
"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op


def put_up(sealed: Mapping[str, Sequence[str]], emptied: Sequence[str]) -> None:
    """
    Put up the guards against changes, in place of those that stand. `sealed` are the columns that a rotation may
    rewrite, by table; `emptied` those of the audit trail that a purge empties.
    """
    if op.get_bind().dialect.name == "sqlite":
        for table, columns in sealed.items():
            may = [_may_rotate(table, columns)]
            if table == "audit_entries":
                may.append(_may_redact(emptied))
            take_down(table)
            op.execute(
                f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table} WHEN NOT ({' OR '.join(may)}) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(_function(emptied))
    for table, columns in sealed.items():
        op.execute(f"DROP TRIGGER {table}_refuse_change ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION guard_row({', '.join(map(repr, columns))})"
        )


def take_down(table: str) -> None:
    """
    On SQLite, take down the guard that names a table's columns, so that one of them can go.
    """
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER IF EXISTS {table}_refuse_update")


def _columns(table: str, besides: Sequence[str]) -> list[str]:
    return [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table) if column["name"] not in besides]


def _may_rotate(table: str, sealed: Sequence[str]) -> str:
    conditions = [
        "EXISTS (SELECT 1 FROM permits WHERE kind = 'rotate')",
        *(f"OLD.{column} IS NEW.{column}" for column in _columns(table, sealed)),
        *(
            f"(OLD.{column} IS NEW.{column} OR "
            f"(OLD.{column} IS NOT NULL AND coalesce(substr(NEW.{column}, 1, 1), '') = char(31)))"
            for column in sealed
        ),
    ]
    return f"({' AND '.join(conditions)})"


def _may_redact(emptied: Sequence[str]) -> str:
    conditions = [
        "EXISTS (SELECT 1 FROM permits WHERE kind = 'purge' AND code = OLD.entity AND sequence > OLD.sequence)",
        *(f"OLD.{column} IS NEW.{column}" for column in _columns("audit_entries", (*emptied, "redaction"))),
        *(f"NEW.{column} IS NULL" for column in emptied),
        "OLD.redaction IS NULL",
        "NEW.redaction IS NOT NULL",
    ]
    return f"({' AND '.join(conditions)})"


def _function(emptied: Sequence[str]) -> str:
    return f"""
CREATE OR REPLACE FUNCTION guard_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb;
    emptied text[] := ARRAY[{", ".join(map(repr, (*emptied, "redaction")))}];
    sealed text[] := TG_ARGV;
    may boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF TG_TABLE_NAME <> 'audit_entries' AND EXISTS (
            SELECT 1 FROM permits WHERE kind = 'purge' AND case_id = (before ->> 'case_id')::integer
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END IF;
    after := to_jsonb(NEW);
    IF EXISTS (SELECT 1 FROM permits WHERE kind = 'rotate') AND after - sealed = before - sealed THEN
        SELECT bool_and(
            after ->> name IS NOT DISTINCT FROM before ->> name
            OR (before ->> name IS NOT NULL AND coalesce(left(after ->> name, 1), '') = chr(31))
        ) INTO may FROM unnest(sealed) AS name;
        IF may THEN
            RETURN NEW;
        END IF;
    END IF;
    IF TG_TABLE_NAME = 'audit_entries' AND after - emptied = before - emptied AND EXISTS (
        SELECT 1 FROM permits
        WHERE kind = 'purge' AND code = before ->> 'entity' AND sequence > (before ->> 'sequence')::integer
    ) THEN
        IF coalesce({", ".join(f"after ->> {name!r}" for name in emptied)}) IS NULL
            AND before ->> 'redaction' IS NULL AND after ->> 'redaction' IS NOT NULL
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""  # noqa: S608  names of the migrations
