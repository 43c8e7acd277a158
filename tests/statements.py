"""
Statements that are compiled once in a run, whichever database they go to. Each test has a database of its own, and to
compile everything anew for it is a fifth of what the tests cost.
"""

from typing import Any

from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.ext.asyncio import AsyncEngine

from db.base import engine

_COMPILED: dict[Any, Any] = {}


def compile_once() -> None:
    """
    Let every database share what is compiled. Dialects of one kind stand for each other: of each kind there is one
    driver and one server in a run.
    """
    make = engine.create_async_engine

    def sharing(*arguments: Any, **options: Any) -> AsyncEngine:  # noqa: ANN401  whatever that takes
        return make(*arguments, **options, execution_options={"compiled_cache": _COMPILED})

    engine.create_async_engine = sharing
    DefaultDialect.__eq__ = _is_of_one_kind  # type: ignore[method-assign]
    DefaultDialect.__hash__ = _of_kind  # type: ignore[method-assign]


def _is_of_one_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


def _of_kind(one: object) -> int:
    return hash(type(one))
