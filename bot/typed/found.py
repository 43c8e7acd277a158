"""
What a text was understood to say of items, and what of it was not.
"""

from dataclasses import dataclass, field
from datetime import date

from msgspec.structs import replace

from bot.rules.frozen import Frozen
from bot.rules.items import Item, Quantity
from bot.typed.highest import alone, size
from bot.typed.personal import Personal
from bot.typed.values import Entry, EntryProblem, Slip


class Found(Frozen):
    """
    A value that was understood: the item, its answer (a Slip is to be confirmed), the day and source of the result
    where they were said, and the text it came from, of which `line` counts from 1. `part` is the result that was named
    of an item that stands for the highest of several, `is_highest` where it was higher than the others given.
    """

    item: Item
    entry: Entry | Slip
    text: str
    day: date | None = None
    source: str | None = None
    line: int = 1
    part: str = ""
    is_highest: bool = False


class Unsure(Frozen):
    """
    Values of which one is to be chosen: a name that fits several items, or several values of one item.
    """

    choices: tuple[Found, ...]


class Refused(Frozen):
    """
    A value that is not taken, why, and the limit that lies within it. `line` counts from 1. The text is empty where it
    looks personal.
    """

    item: Item
    problem: EntryProblem
    text: str
    line: int
    limit: Quantity | None = None


class Unread(Frozen):
    """
    Text that names no item. It is empty where it looks personal, of the kind named.
    """

    text: str
    line: int
    personal: Personal | None = None


@dataclass
class Sheet:
    """
    What was made of a text. `beside` are the names of values that no item asks for.
    """

    found: list[Found] = field(default_factory=list)
    unsure: list[Unsure] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    beside: list[Unread] = field(default_factory=list)

    def settle(self) -> None:
        """
        One value of an item that was given several times, if it is the same; else they are to be chosen from.
        """
        by_item: dict[str, list[Found]] = {}
        for found in self.found:
            by_item.setdefault(found.item.key, []).append(found)
        self.found = []
        self._refuse_halves(by_item)
        for given in by_item.values():
            if all((one.entry, one.day) == (given[0].entry, given[0].day) for one in given):
                is_alone = len({one.part for one in given}) == 1 and bool(given[0].part)
                self.found.append(replace(given[0], entry=alone(given[0].entry)) if is_alone else given[0])
            elif highest := _highest(given):
                self.found.append(highest)
            else:
                self.unsure.append(Unsure(tuple(given)))

    def _refuse_halves(self, by_item: dict[str, list[Found]]) -> None:
        """
        Refuse one result of an item that stands for the highest of several, of which another was refused.
        """
        refused = {one.item.key for one in self.refused}
        for key in refused.intersection(by_item):
            for one in by_item[key] if all(found.part for found in by_item[key]) else ():
                self.refused.append(Refused(one.item, "other_result", one.text, one.line))
                by_item.pop(key, None)


def _highest(given: list[Found]) -> Found | None:
    """
    The highest of several results of one day, of an item that stands for it; None where these are something else.
    """
    sizes = [size(one.entry) for one in given]
    parts = {one.part for one in given}
    if len(parts) < len(given) or "" in parts or len({one.day for one in given}) > 1 or None in sizes:
        return None
    return replace(given[sizes.index(max(filter(None, sizes)))], is_highest=True)
