"""
Options that a sheet speaks of without their item's name: HIV neg, HTLV pending. Those that can be one item's are read
together, whichever else some of them could mean.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from msgspec.structs import replace

from bot.rules.items import Item
from bot.typed.lines import Piece

Heading = TypeVar("Heading")


@dataclass
class SpokenGroup(Generic[Heading]):
    """
    Options of one item, or of one of several: as typed, from which line on and under which heading.
    """

    items: tuple[Item, ...]
    heading: Heading
    line: int
    clause: int
    said: list[str] = field(default_factory=list)
    could_be: set[str] = field(default_factory=set)

    def add(self, part: Piece, items: tuple[Item, ...], clause: int) -> None:
        """
        A further option, right behind the last or in another clause.
        """
        joint = [] if clause == self.clause or not self.said else [";"]
        self.items, self.clause = items, clause
        self.could_be.update(item.key for item in part.items)
        self.said += [*joint, part.text]

    @property
    def whole(self) -> Piece:
        """
        All that is said of them, as what follows a name.
        """
        text = " ".join(self.said).strip(" ,")
        return Piece(text, text, self.items)


@dataclass
class AllSpoken(Generic[Heading]):
    """
    The options of a sheet that stand without a name, in the order in which the first of each item came.
    """

    groups: list[SpokenGroup[Heading]] = field(default_factory=list)

    def add(self, part: Piece, heading: Heading, line: int, clause: int) -> None:
        """
        An option that is spoken of, to those with which it can be one item's.
        """
        for group in reversed(self.groups):
            if items := tuple(item for item in group.items if item in part.items):
                break
        else:
            items, group = part.items, SpokenGroup(part.items, heading, line, clause)
            self.groups.append(group)
        group.add(part, items, clause)

    def are_apart(self, group: SpokenGroup[Heading]) -> bool:
        """
        Whether nothing that is said in a group could belong to another.
        """
        return all(group.could_be.isdisjoint(other.could_be) for other in self.groups if other is not group)


def led(lead: str, parts: list[Piece]) -> list[Piece] | None:
    """
    The parts, the first with what stands before it, where that is an option: négatifs : VIH, HTLV.
    """
    if not lead or not parts or not parts[0].is_option:
        return None
    return [replace(parts[0], text=f"{lead} {parts[0].text}"), *parts[1:]]
