"""
What every table's rows are, and an index of some of them.
"""

from sqlalchemy import Index, TextClause
from sqlmodel import SQLModel


class TableRow(SQLModel):
    """
    SQLModel sets each attribute twice, by SQLAlchemy and then by pydantic, and asks first what kind of class it is: 1.5
    microseconds, of which SQLAlchemy alone takes 0.6. An answered question sets some seventy.

    What pydantic validates with is not built: a row of a table is never validated, and that was a tenth of a start.
    """

    model_config = {"defer_build": True}

    __setattr__ = object.__setattr__  # type: ignore[assignment]  # the same, but for the names of what it takes


def partial(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    """
    An index of the rows that fulfil a condition, on both databases: it is the migrations that make it. Told here under
    PostgreSQL's name too the condition would load that dialect on SQLite, a twentieth of a start.
    """
    return Index(name, *columns, unique=unique, sqlite_where=where)
