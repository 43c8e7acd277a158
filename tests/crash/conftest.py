"""
Both databases, as the tests of the database have them.
"""

from tests.db.conftest import backend, postgres, url

__all__ = ["backend", "postgres", "url"]
