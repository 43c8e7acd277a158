"""
What the program's own role may do in PostgreSQL, where another one owns the tables: what the running bot needs, and
nothing else. Rows that are only ever added it can add, and neither change nor take away; guards it cannot take off.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

_READ = ("SELECT",)
_ADD = ("SELECT", "INSERT")
_CHANGE = ("SELECT", "INSERT", "UPDATE")
_ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")

_EVERY = (*_ALL, "TRUNCATE", "REFERENCES", "TRIGGER")

RIGHTS: Mapping[str, tuple[str, ...]] = {
    "alembic_version": _READ,
    "answers": _ADD,
    "audit_entries": _ADD,
    "audit_head": ("SELECT", "UPDATE"),
    "authenticators": _ALL,
    "cases": _CHANGE,
    "chats": _CHANGE,
    "decisions": _ADD,
    "encryption_keys": _ADD,
    "inbox": _ALL,
    "invitations": _ALL,
    "leases": _ALL,
    "links": _CHANGE,
    "memberships": ("SELECT", "INSERT", "DELETE"),
    "muted_kinds": ("SELECT", "INSERT", "DELETE"),
    "notices": _CHANGE,
    "paces": _ALL,
    "people": _CHANGE,
    "permits": (),
    "reminders": _CHANGE,
    "screening_log": _READ,
    "sites": _CHANGE,
    "tallies": _CHANGE,
    "visit_records": _ADD,
    "visits": _CHANGE,
    "wrong_codes": ("SELECT", "INSERT", "DELETE"),
}
"""By table. Without permits nobody purges or rotates keys: that is for the owner."""


class RoleRefusedError(ValueError):
    """
    A role that would be more than the program's own. `str()` says why.
    """


async def grant(connection: AsyncConnection, *, role: str) -> None:
    """
    Give a role exactly these rights, whatever it had. To be called as the owner of the tables. Raises RoleRefusedError.
    """
    await connection.run_sync(_grant, role)


# Whoever belongs to a role may become that role, whatever is inherited until then.
_IS_MORE = text(
    "SELECT rolsuper OR rolcreaterole OR rolname = current_user"
    " OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid) FROM pg_roles WHERE rolname = :role"
)
_MAY_MAKE = text("SELECT has_schema_privilege(:role, :schema, 'CREATE')")
_MAY = text("SELECT has_table_privilege(:role, :name, :right)")


def _grant(connection: Connection, role: str) -> None:
    if connection.dialect.name != "postgresql":
        raise RoleRefusedError("only PostgreSQL knows roles")
    is_more = connection.execute(_IS_MORE, {"role": role}).scalar()
    if is_more is None:
        raise RoleRefusedError(f"there is no role {role!r}: make it first")
    if is_more:
        raise RoleRefusedError(f"the role {role!r} is the owner, makes roles or belongs to one: make one of its own")
    quoted = connection.dialect.identifier_preparer.quote(role)
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    for statement in (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {quoted}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM PUBLIC, {quoted}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {quoted}",
        f"GRANT USAGE ON SCHEMA {schema} TO {quoted}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}",
        *(f"GRANT {', '.join(rights)} ON {table} TO {quoted}" for table, rights in RIGHTS.items() if rights),
    ):
        connection.execute(text(statement))
    if connection.execute(_MAY_MAKE, {"role": role, "schema": schema}).scalar_one():
        # Before PostgreSQL 15 everybody may in the schema named public, and only a superuser can change that.
        raise RoleRefusedError(f"the role {role!r} may make tables: REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC first")
    for table, rights in RIGHTS.items():
        for right in _EVERY:
            may = connection.execute(_MAY, {"role": role, "name": table, "right": right}).scalar_one()
            if may != (right in rights):
                raise RoleRefusedError(f"the role {role!r} may {right} {table} as its owner, or everybody may")
