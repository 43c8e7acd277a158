"""
Databases as the tests of queries need them.
"""

from collections.abc import AsyncIterator

import pytest

from db.base.engine import Database
from tests.db.rows import Clinicians, establish


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """
    A database with every table and no row.
    """
    opened = Database(url)
    yield opened
    await opened.close()


@pytest.fixture
async def clinicians(database: Database) -> Clinicians:
    """
    Two sites in the database, with a coordinator of the first.
    """
    return await establish(database)
