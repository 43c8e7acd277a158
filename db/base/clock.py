"""
The database's own clock, which all who share a database share.
"""

from typing import Any

from sqlalchemy import Double
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class seconds_now(FunctionElement[float]):  # noqa: N801  it reads as a function of the database
    """
    Seconds since 1970, when the statement runs.
    """

    type = Double()
    inherit_cache = True


@compiles(seconds_now, "sqlite")
def _on_sqlite(*_: object, **__: Any) -> str:  # noqa: ANN401  as the library calls it
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(seconds_now, "postgresql")
def _on_postgresql(*_: object, **__: Any) -> str:  # noqa: ANN401  as the library calls it
    return "extract(epoch FROM clock_timestamp())"
