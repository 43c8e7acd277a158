"""
A classification by points: yes or no worked out from rows, each of which may be unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.rules import kleene
from bot.rules.kleene import Truth


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """
    A row with the points of each of its values: a truth, or an option by its key. The highest finding counts.
    """

    key: str
    points: dict[bool | str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """
    So many points over the rows classify, and none of `bars`, each a truth, may hold.
    """

    rows: tuple[Row, ...]
    bars: tuple[str, ...]
    needed: int

    @property
    def keys(self) -> tuple[str, ...]:
        """
        What may be given.
        """
        return (*(row.key for row in self.rows), *self.bars)

    def takes(self, given: Mapping[str, object]) -> bool:
        """
        Whether every row given is known, with a value that it has.
        """
        values = {row.key: tuple(row.points) for row in self.rows} | dict.fromkeys(self.bars, (True, False))
        # A Decimal 1 is no True.
        return all(key in values and any(_is_same(one, value) for one in values[key]) for key, value in given.items())

    def points(self, given: Mapping[str, object]) -> tuple[int, int]:
        """
        The points that the rows given make for certain, and the most that they may come to.
        """
        least = most = 0
        for row in self.rows:
            points = [row.points[value] for value in row.points if row.key not in given or given[row.key] == value]
            least, most = least + min(points), most + max(points)
        return least, most

    def result(self, given: Mapping[str, object]) -> Truth:
        """
        Whether the rows given classify; None while they leave it open.
        """
        least, most = self.points(given)
        enough = True if least >= self.needed else False if most < self.needed else None
        barred = kleene.any_of(None if bar not in given else given[bar] is True for bar in self.bars)
        return kleene.all_of((enough, kleene.negation(barred)))


def _is_same(one: bool | str, value: object) -> bool:  # noqa: FBT001  the value of a row
    return type(one) is type(value) and one == value
