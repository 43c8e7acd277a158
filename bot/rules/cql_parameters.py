"""
The parameters of a CQL library: those of each item, one a value, and what is compared with them.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from bot.rules.expressions import Compare, Includes, Leaf
from bot.rules.items import BloodPressure, Bool, Choice, Date, Item, Number, Several
from bot.rules.protocol import Population

_NEAR = Decimal("1e-12")


def parameters(item: Item, population: Population) -> list[str]:
    """
    Their declarations.
    """
    match item:
        case Bool():
            return [_parameter(item.key, "Boolean")]
        case Choice(options=options):
            return [_parameter(item.key, "String", ", ".join(options))]
        case Several():
            looks = (leaf for leaf in population.leaves if isinstance(leaf, Includes) and leaf.item is item)
            return [
                _parameter(name, "Boolean") for name in dict.fromkeys(name for leaf in looks for name in ticked(leaf))
            ]
        case Date():
            return [_parameter(item.key, "Date")]
        case BloodPressure():
            return [_parameter(f"{item.key}_{side}", "Integer", "mmHg") for side in ("sys", "dia")]
        case Number(as_entered=True) if limits := in_each_unit(item, population.leaves):
            return [_parameter(in_unit(item, unit), "Decimal", unit) for unit in limits]
        case Number(unit=unit, whole=whole):
            note = f"{unit}; 0 where it cannot be measured" if item.may_be_unmeasurable else unit
            return [_parameter(item.key, "Integer" if whole else "Decimal", note)]
    raise TypeError(f"no parameter for a {type(item).__name__}")


def _parameter(name: str, type_: str, note: str = "") -> str:
    # The default is said, since an engine is known to take a parameter that nobody set for something other than null.
    return f"parameter {name} {type_} default null{note and f' // {note}'}"


def in_each_unit(item: Number, found: Iterable[Leaf]) -> dict[str, Decimal]:
    """
    A limit in each unit, where the same amount is not meant in all of them: the unit entered then decides.
    """
    compared = [leaf for leaf in found if isinstance(leaf, Compare) and leaf.item.key == item.key]
    for leaf in compared:
        limit = leaf.limits[item.unit]
        amounts = (leaf.limits[unit] * factor for unit, factor in item.units.items())
        if item.as_entered and any(abs(amount - limit) > _NEAR for amount in amounts):
            return leaf.limits
    return {}


def in_unit(item: Number, unit: str) -> str:
    """
    The parameter for values in this unit.
    """
    return f"{item.key}_{re.sub('[^a-z0-9]+', '_', unit.lower())}"


def ticked(leaf: Includes) -> list[str]:
    """
    One parameter for any option at all, else one for each that is looked for.
    """
    item, options = leaf.item, leaf.options
    if options == frozenset(item.options):
        return [f"{item.key}_any"]
    return [f"{item.key}_{option}" for option in item.options if option in options]
