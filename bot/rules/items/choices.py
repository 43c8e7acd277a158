"""
Items answered by choosing: yes or no, one of several options, any of several options.
"""

from dataclasses import dataclass

from bot.rules.classification import Classification
from bot.rules.expressions import Includes, OneOf, Yes
from bot.rules.items.base import BadValueError, Item, Raw
from bot.rules.values import Ticked


@dataclass(frozen=True, eq=False, kw_only=True)
class Bool(Item):
    """
    Yes or no. Where there is a `classification`, its rows may be given instead, as an object.
    """

    classification: Classification | None = None

    def read(self, raw: Raw) -> bool | None:
        """
        As Item.read; None while the rows given do not settle it.
        """
        if raw is True or raw is False:
            return raw
        if self.classification is None or not isinstance(raw, dict):
            raise BadValueError(self, "type")
        given = {row: value for row, value in raw.items() if value is not None}
        if not self.classification.takes(given):
            raise BadValueError(self, "parts")
        return self.classification.result(given)

    @property
    def yes(self) -> Yes:
        """
        Answered yes.
        """
        return Yes(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class Choice(Item):
    """
    One of several options.
    """

    options: tuple[str, ...]

    def read(self, raw: Raw) -> str:
        """
        As Item.read.
        """
        if not isinstance(raw, str):
            raise BadValueError(self, "type")
        if raw not in self.options:
            raise BadValueError(self, "option")
        return raw

    def one_of(self, *options: str) -> OneOf:
        """
        The choice is among these. Raises ValueError for one that the item does not have.
        """
        return OneOf(self, _known(self.options, options))


AWAITED = "?"
"""Before an option in file form: its result is awaited."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Several(Item):
    """
    Any number of options, or none: each is present, absent or awaited.
    """

    options: tuple[str, ...]

    def read(self, raw: Raw) -> Ticked:
        """
        As Item.read.
        """
        if not isinstance(raw, list) or not all(isinstance(option, str) for option in raw):
            raise BadValueError(self, "type")
        present = frozenset(option for option in raw if not option.startswith(AWAITED))
        awaited = frozenset(option.removeprefix(AWAITED) for option in raw if option.startswith(AWAITED))
        if not (present | awaited).issubset(self.options) or present & awaited:
            raise BadValueError(self, "option")
        return Ticked(present, awaited)

    def includes(self, *options: str) -> Includes:
        """
        At least one of these is present. Raises ValueError for one that the item does not have.
        """
        return Includes(self, _known(self.options, options))

    @property
    def any(self) -> Includes:
        """
        At least one option is present.
        """
        return Includes(self, frozenset(self.options))


def _known(options: tuple[str, ...], wanted: tuple[str, ...]) -> frozenset[str]:
    if unknown := set(wanted) - set(options):
        raise ValueError(f"no such option: {sorted(unknown)}")
    return frozenset(wanted)
