"""
The recipes of CONTRIBUTING.md, run as they stand there.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.migration import MigrationContext
from alembic.operations import Operations

from bot.rules.assessment import Verdict, assess
from bot.rules.items import BadValueError, Number
from bot.rules.protocol import Criterion, Kind, Population, Role
from bot.rules.v1.recipient_items import _range

PAGE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text()
TODAY = date(2026, 5, 10)


def _example(recipe: str) -> str:
    """
    The code of a recipe.
    """
    section = PAGE.split(f"\n### {recipe}\n")[1].split("\n### ")[0]
    found = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert len(found) == 1, recipe
    return str(found[0])


def _item() -> Number:
    known: dict[str, Any] = {"Number": Number, "_range": _range}
    exec(_example("An item"), known)  # noqa: S102  what the page says
    item = known["ferritin"]
    assert isinstance(item, Number)
    return item


def test_an_item_takes_what_it_is_declared_to_take() -> None:
    """
    Values in its range and no others, as what people type does too.
    """
    item = _item()
    assert item.read(Decimal(1)) == 1
    for beyond in (Decimal("0.9"), Decimal(100_001)):
        with pytest.raises(BadValueError):
            item.read(beyond)


@pytest.mark.parametrize(("value", "verdict"), [("2000", Verdict.ELIGIBLE), ("2000.1", Verdict.NOT_ELIGIBLE)])
def test_a_criterion_judges_by_it(value: str, verdict: Verdict) -> None:
    """
    On its limit and beyond; until the item is answered, it is asked.
    """
    item = _item()
    names = {"Criterion": Criterion, "Role": Role, "ferritin": item}
    criterion = eval(_example("A criterion"), names)  # noqa: S307  what the page says
    population = Population(Kind.RECIPIENT, (item,), (criterion,), ())
    assert assess(population, {}, TODAY).to_ask == ("ferritin",)
    assert assess(population, {"ferritin": Decimal(value)}, TODAY).verdict is verdict


def test_a_column_comes_and_goes() -> None:
    """
    Up and down again.
    """
    known: dict[str, Any] = {"op": op, "sa": sa}
    exec(_example("A column"), known)  # noqa: S102  what the page says
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        connection.execute(sa.text("CREATE TABLE sites (id INTEGER PRIMARY KEY)"))

        def columns() -> list[str]:
            return [column["name"] for column in sa.inspect(connection).get_columns("sites")]

        known["upgrade"]()
        assert columns() == ["id", "telephone"]
        known["downgrade"]()
        assert columns() == ["id"]
    engine.dispose()
