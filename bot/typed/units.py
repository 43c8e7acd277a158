"""
Units as people and laboratories write them, by the name under which an item declares them.
"""

from functools import cache

from bot.rules.items import Number, Problem
from bot.typed.letters import fold
from bot.typed.tables import table


@cache
def spellings(item: Number) -> dict[str, str]:
    """
    The declared unit for every spelling that is accepted, spellings folded. What an item declares stands for itself;
    another name of the same unit for the first of those that are equal to it.
    """
    declared = {item.unit: item.unit, **dict.fromkeys(item.aliases, item.unit), **{unit: unit for unit in item.units}}
    declared |= item.spelled
    found: dict[str, str] = {}
    for name, unit in declared.items():
        found |= {folded_unit(text): unit for text in (name, *_written(name))}
    for group in table("units")["same"]["groups"]:
        equal = [unit for name, unit in declared.items() if name in group]
        for name in group if equal else ():
            for text in (name, *_written(name)):
                found.setdefault(folded_unit(text), equal[0])
    return found


def folded_unit(text: str) -> str:
    """
    A unit's spelling without case, accents and spaces, powers written one way.
    """
    folded = fold(text).replace(" ", "").replace("\u03bc", "u").replace("\u00b5", "u").replace("\u00d7", "x")
    return folded.replace("*", "^").replace("m^", "m").removesuffix(".")


def refused_units(item: Number) -> dict[str, Problem]:
    """
    Why units do not serve of which that is worth saying, by folded spelling.
    """
    return {folded_unit(text): problem for unit, problem in item.refused.items() for text in (unit, *_written(unit))}


def foreign(item: Number) -> frozenset[str]:
    """
    Folded units of what laboratories print beside an item's value and that is not it: litres beside per cent.
    """
    return frozenset(map(folded_unit, table("units")["foreign"].get(item.unit, ())))


def _written(name: str) -> list[str]:
    written: list[str] = table("units")["written"].get(name, [])
    return written
