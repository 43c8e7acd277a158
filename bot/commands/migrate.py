"""
`python -m bot migrate`: the tables as this program needs them, and what its own role may do with them.
"""

import argparse

from bot import keys
from bot.settings import Settings
from db.base.migrate import upgrade
from db.base.migrations import HEAD
from db.upkeep import rights

HELP = "bring the database up to date, as the owner of its tables"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--role", metavar="ROLE", help="the bot's own role in PostgreSQL: give it its rights, no more")


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """
    Bring the database to the revision of this program, and give the program's own role its rights in it, if one is
    named. Raises db.upkeep.rights.RoleRefusedError.
    """
    role = options.role
    async with keys.connected(settings) as database:
        await upgrade(database)
        if role is not None:
            async with database.engine.begin() as connection:
                await rights.grant(connection, role=role)
    print(f"the database is at revision {HEAD}{f', and {role} has its rights in it' if role else ''}")
