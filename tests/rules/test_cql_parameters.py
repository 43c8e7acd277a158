"""
The parameters of the CQL libraries: one for each value that a criterion looks at.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.rules.cql_parameters import parameters
from bot.rules.criteria import Criterion, Role
from bot.rules.items import Bool, Choice, Item, Number, Several
from bot.rules.protocol import Population
from tests.rules.cases import DONOR, RECIPIENT

LOAD = Number("load", section="x", unit="kg", hard=(Decimal(0), Decimal(9)))


def names_of(item: Item, population: Population) -> list[str]:
    """
    The names that the parameters of an item bear.
    """
    return [line.split()[1] for line in parameters(item, population)]


@pytest.mark.parametrize("population", [RECIPIENT, DONOR])
def test_each_item_has_parameters_of_its_own(population: Population) -> None:
    """
    That bear its key, and none of them twice.
    """
    names = [(item.key, name) for item in population.items for name in names_of(item, population)]
    assert all(name.startswith(key) for key, name in names)
    assert len({name for _, name in names}) == len(names)


def test_a_list_has_a_parameter_for_each_option_that_is_looked_for() -> None:
    """
    In its own order; one for any option at all where that is what counts.
    """
    pets = Several("pets", section="x", options=("cat", "dog", "owl"))
    for node, names in ((pets.includes("owl", "cat"), ["pets_cat", "pets_owl"]), (pets.any, ["pets_any"])):
        rule = Criterion("R-X1", Role.INCLUSION, node, citation="1")
        assert names_of(pets, replace(RECIPIENT, items=(pets,), criteria=(rule,))) == names


@pytest.mark.parametrize(
    ("item", "declared"),
    [
        (Bool("idle", section="x"), "idle Boolean default null"),
        (
            Choice("eyes", section="x", options=("blue", "brown", "green")),
            "eyes String default null // blue, brown, green",
        ),
        (replace(LOAD, whole=True), "load Integer default null // kg"),
        (LOAD, "load Decimal default null // kg"),
        (replace(LOAD, may_be_unmeasurable=True), "load Decimal default null // kg; 0 where it cannot be measured"),
    ],
)
def test_what_a_value_has_to_be_stands_beside_its_parameter(item: Item, declared: str) -> None:
    """
    Options, the unit, and what is put for a number that cannot be measured; a truth needs no word.
    """
    assert parameters(item, RECIPIENT) == [f"parameter {declared}"]


@pytest.mark.parametrize(
    ("other", "names"),
    [
        ("5", ["load"]),
        ("5.0000000000005", ["load"]),
        ("5.00000000000051", ["load_kg", "load_double"]),
        ("4.9999999999995", ["load"]),
        ("4.9", ["load_kg", "load_double"]),
    ],
)
def test_a_number_has_a_parameter_for_each_unit_where_their_limits_differ(other: str, names: list[str]) -> None:
    """
    By more than a trillionth, which is what a factor that does not end is out by.
    """
    load = replace(LOAD, units={"double": Decimal(2)}, as_entered=True)
    rule = Criterion("R-X1", Role.INCLUSION, load.below(10, double=other), citation="1")
    assert names_of(load, replace(RECIPIENT, items=(load,), criteria=(rule,))) == names
