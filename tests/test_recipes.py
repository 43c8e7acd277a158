"""
The recipes of CONTRIBUTING.md, run as they stand there.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.migration import MigrationContext
from alembic.operations import Operations

from bot import events, texts, turn
from bot.coded import Screen
from bot.handlers import routes
from bot.handlers.routes import COMMANDS
from bot.render import buttons, card, render, renderers
from bot.render.renderers import RENDERERS
from bot.rules.assessment import Verdict, assess
from bot.rules.criteria import Criterion, Role
from bot.rules.items import BadValueError, Number
from bot.rules.items import declared as declared_items
from bot.rules.protocol import Kind, Population
from bot.rules.v1.recipient_items import _range
from bot.rules.versions import PROTOCOLS
from bot.screens import base, menus
from bot.screens.reminders import Reminders
from db.base import tables
from db.base.tables import Case
from db.follow_up.due import Occurrence, ReminderKind
from db.people.sites import sites_within
from tests.conftest import Chatter, Clinic

PAGE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text()
TODAY = date(2026, 5, 10)


def example(recipe: str) -> str:
    """
    The code of a recipe.
    """
    section = PAGE.split(f"\n### {recipe}\n")[1].split("\n### ")[0]
    found = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert len(found) == 1, recipe
    return str(found[0])


def _item() -> Number:
    known: dict[str, Any] = {"Number": Number, "_range": _range}
    exec(example("An item"), known)  # noqa: S102  what the page says
    (item,) = declared_items(known)
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
    criterion = eval(example("A criterion"), names)  # noqa: S307  what the page says
    population = Population(Kind.RECIPIENT, (item,), (criterion,), ())
    assert assess(population, {}, TODAY).to_ask == ("ferritin",)
    assert assess(population, {"ferritin": Decimal(value)}, TODAY).verdict is verdict


@pytest.fixture
def declared() -> Iterator[None]:
    """
    What an example declares is forgotten after it.
    """
    tables: tuple[dict[Any, Any], ...] = (COMMANDS, RENDERERS, Screen.known)
    before = [dict(table) for table in tables]
    yield
    for table, known in zip(tables, before, strict=True):
        table.clear()
        table.update(known)


@pytest.mark.usefixtures("declared")
async def test_a_command_is_there_once_it_is_declared(clinic: Clinic, coordinator: Chatter) -> None:
    """
    It is understood and on the menu, its screen is found again after a restart.
    """
    names: dict[str, Any] = {}
    for module in (base, card, events, menus, renderers, routes, tables, texts, turn, buttons):
        names |= vars(module)
    exec(example("A command"), names | {"Sequence": Sequence, "sites_within": sites_within})  # noqa: S102  what the page says
    assert list(routes.menu()).index("sites") == list(routes.menu()).index("queries") + 1
    assert "Site 01" in (await coordinator.say("/sites")).text
    await clinic.stop()
    await clinic.start()
    assert "Site 01" in (await coordinator.say("and now?")).text


def test_an_occurrence_speaks_of_what_its_detail_is() -> None:
    """
    Of an item by its name, in a reminder's line.
    """
    case = Case(
        id=1, code="01-R-001", kind="recipient", site_id=1, number=1, protocol="", opened_by=1, assessed_on=TODAY
    )
    names = {"Occurrence": Occurrence, "ReminderKind": ReminderKind, "case": case, "item": "dlco"}
    occurrence = eval(example("A reminder kind"), names | {"revision": 3, "day": TODAY})  # noqa: S307  as above
    view = Reminders([], [(occurrence, case)], TODAY, 0)
    assert "DLCO" in render(view, texts.words("en")).html


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_a_question_is_asked_in_the_words_of_the_catalogue(language: str) -> None:
    """
    Its text, its name and its hint are found by the item's key.
    """
    said = re.findall(r"`(item\.dlco[.a-z]*)`", PAGE)
    words = texts.words(language)
    item = PROTOCOLS["NCT02213705/1"].recipient.item["dlco"]
    assert [words.question(item, "recipient"), words.label(item, "recipient")] == [words(key) for key in said[:2]]
    assert words.hint(item, "recipient") == words.find(said[2])


def test_a_column_comes_and_goes() -> None:
    """
    Up and down again.
    """
    known: dict[str, Any] = {"op": op, "sa": sa}
    exec(example("A column"), known)  # noqa: S102  what the page says
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
