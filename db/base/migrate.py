"""
Bring a database to the revision that this code needs.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from db.base.engine import Database
from db.base.migrations import HEAD
from db.base.plain import without

if TYPE_CHECKING:
    from alembic.config import Config


_LOCK = 2213705


class NewerDatabaseError(Exception):
    """
    The database was made by a later version of this program.
    """


class NoDatabaseError(Exception):
    """
    Nothing has been stored yet where one looks for it.
    """


async def check_is_there(database: Database) -> None:
    """
    See that this program has made a database here, and make none. Raises NoDatabaseError.
    """
    found = None
    if database.has_file:
        async with database.engine.connect() as connection:
            found = await connection.run_sync(_revision)
    if found is None:
        raise NoDatabaseError("DATABASE_URL: there is nothing there yet; the bot makes its database when it starts")


async def upgrade(database: Database) -> None:
    """
    Run the migrations that are missing. Raises NewerDatabaseError where the database is ahead of the code.
    """
    async with database.engine.begin() as connection:
        if not database.is_sqlite:
            # Several replicas may start at once; SQLite's transaction keeps others out by itself.
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if await connection.run_sync(_revision) != HEAD:
            await connection.run_sync(_upgrade)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def config(connection: Connection) -> "Config":
    """
    Alembic's configuration on an open connection.
    """
    from alembic.config import Config  # noqa: PLC0415  a third of a second that a start without migrations saves

    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    found.attributes["connection"] = connection
    return found


def _upgrade(connection: Connection) -> None:
    with without("pygments"):  # for the templates of new migrations, in colours
        from alembic import command  # noqa: PLC0415  as above
        from alembic.util import CommandError  # noqa: PLC0415  as above

    try:
        command.upgrade(config(connection), "head")
    except CommandError as error:
        raise NewerDatabaseError("the database was made by a later version of this program") from error
