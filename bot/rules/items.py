"""
Items: what is asked of a case, with type, unit, limits of what can be and of what is usual, and gate.

Values come in their file form: true or false; a choice's key; a list of keys; an ISO date; "165/112"; a number in the
default unit, or text with a unit ("7.9 kPa"). `read` turns that into what expressions compare:

    Bool            bool
    Choice          str, one of its options
    Several         frozenset of its options, empty for none
    Number          Decimal in the default unit, or Quantity where the unit entered decides the limit
    BloodPressure   Pressure, mmHg
    Date            datetime.date

Numbers arrive as Decimal (or int), never as float: a float would move a value across a limit.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation, Overflow
from typing import Literal, NamedTuple, TypeAlias

from bot.rules.expressions import (
    Compare,
    Expression,
    Fell,
    Includes,
    MonthsBefore,
    MonthsPassed,
    OneOf,
    PressureAbove,
    Yes,
    YoungerThan,
)


class Quantity(NamedTuple):
    """
    A number with the unit in which it was entered.
    """

    number: Decimal
    unit: str


class Pressure(NamedTuple):
    """
    A blood pressure in mmHg.
    """

    systolic: int
    diastolic: int


Value: TypeAlias = bool | str | frozenset[str] | Decimal | Quantity | Pressure | date
Raw: TypeAlias = object
Problem: TypeAlias = Literal["type", "unit", "range", "option", "future"]
Range: TypeAlias = tuple[Decimal, Decimal]

EARLIEST_DAY = date(1900, 1, 1)
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class BadValueError(ValueError):
    """
    A value that the item does not take.

    `item` refused it; `problem` says why: wrong type, unknown unit, outside the hard range, unknown option, or a date
    in the future. The words for it are found elsewhere; `str()` names the item and the problem, never the value.
    """

    def __init__(self, item: "Item", problem: Problem) -> None:
        super().__init__(f"{item.key}: {problem}")
        self.item = item
        self.problem = problem


@dataclass(frozen=True, eq=False, kw_only=True)
class Item:
    """
    What every item has. `section` groups items that are asked together. The item is of interest only once `gate`
    is answered and holds.
    """

    key: str = field(kw_only=False)
    section: str
    gate: Expression | None = None

    def read(self, raw: Raw) -> Value:
        """
        The value of an answer in file form. Raises BadValueError.
        """
        raise NotImplementedError

    def is_unusual(self, value: Value) -> bool:  # noqa: ARG002  only numbers and pressures have a usual range
        """
        Whether the value is possible but outside the usual range, so that the person is asked to confirm it.
        """
        return False


@dataclass(frozen=True, eq=False, kw_only=True)
class Bool(Item):
    """
    Yes or no.
    """

    def read(self, raw: Raw) -> bool:
        """
        As Item.read.
        """
        if raw is True or raw is False:
            return raw
        raise BadValueError(self, "type")

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


@dataclass(frozen=True, eq=False, kw_only=True)
class Several(Item):
    """
    Any number of options, or none.
    """

    options: tuple[str, ...]

    def read(self, raw: Raw) -> frozenset[str]:
        """
        As Item.read.
        """
        if not isinstance(raw, list) or not all(isinstance(option, str) for option in raw):
            raise BadValueError(self, "type")
        value = frozenset(raw)
        if not value.issubset(self.options):
            raise BadValueError(self, "option")
        return value

    def includes(self, *options: str) -> Includes:
        """
        At least one of these was ticked. Raises ValueError for one that the item does not have.
        """
        return Includes(self, _known(self.options, options))

    @property
    def any(self) -> Includes:
        """
        At least one option was ticked.
        """
        return Includes(self, frozenset(self.options))


def _known(options: tuple[str, ...], wanted: tuple[str, ...]) -> frozenset[str]:
    if unknown := set(wanted) - set(options):
        raise ValueError(f"no such option: {sorted(unknown)}")
    return frozenset(wanted)


_NUMBER_AND_UNIT = re.compile(r"\s*(\d{1,15}(?:\.\d{1,15})?)\s*(\S.*?)\s*", re.ASCII)


@dataclass(frozen=True, eq=False, kw_only=True)
class Number(Item):
    """
    A number with a unit.

    `hard` and `soft` are the ends of what can be and of what is usual, both in, in the default `unit`. `aliases` are
    other spellings of that unit, `units` other units with the factor that turns them into it. Where `as_entered`, a
    value stays in the unit entered, because the protocol states its limit in each and they are not exact multiples;
    the factor then serves the ranges only.
    """

    unit: str
    hard: Range
    soft: Range | None = None
    aliases: tuple[str, ...] = ()
    units: dict[str, Decimal] = field(default_factory=dict)
    as_entered: bool = False
    whole: bool = False

    def read(self, raw: Raw) -> Decimal | Quantity:
        """
        As Item.read.
        """
        number, unit = self.entered(raw)
        try:
            converted = number if unit == self.unit else number * self.units[unit]
            if not self.hard[0] <= converted <= self.hard[1]:
                raise BadValueError(self, "range")
            if self.whole and converted != converted.to_integral_value():
                raise BadValueError(self, "type")
        except (InvalidOperation, Overflow):
            raise BadValueError(self, "range") from None
        return Quantity(number, unit) if self.as_entered else converted

    def entered(self, raw: Raw) -> Quantity:
        """
        The number and unit of an answer in file form, not yet checked against any range. Raises BadValueError.
        """
        if isinstance(raw, Decimal):
            return Quantity(raw, self.unit)
        if isinstance(raw, int) and not isinstance(raw, bool):
            return Quantity(Decimal(raw), self.unit)
        if not isinstance(raw, str):
            raise BadValueError(self, "type")
        match = _NUMBER_AND_UNIT.fullmatch(raw)
        if match is None:
            raise BadValueError(self, "type")
        unit = self.known_unit(match[2])
        if unit is None:
            raise BadValueError(self, "unit")
        return Quantity(Decimal(match[1]), unit)

    def known_unit(self, text: str) -> str | None:
        """
        The unit's name as declared, for any spelling that is accepted; None for an unknown one.
        """
        if text == self.unit or text in self.aliases:
            return self.unit
        return text if text in self.units else None

    def is_unusual(self, value: Value) -> bool:
        """
        As Item.is_unusual.
        """
        if self.soft is None:
            return False
        if isinstance(value, Quantity):
            value = value.number if value.unit == self.unit else value.number * self.units[value.unit]
        return not (isinstance(value, Decimal) and self.soft[0] <= value <= self.soft[1])

    def _compare(self, operator: Literal["<", "<=", ">", ">="], limit: str | int, others: dict[str, str]) -> Compare:
        limits = {self.unit: Decimal(limit), **{unit: Decimal(other) for unit, other in others.items()}}
        if set(limits) != ({self.unit, *self.units} if self.as_entered else {self.unit}):
            raise ValueError(f"{self.key} needs a limit for each unit it is compared in")
        return Compare(self, operator, limits)

    def below(self, limit: str | int, **others: str) -> Compare:
        """
        Under the limit. `others` states the limit in other units, where the protocol does.
        """
        return self._compare("<", limit, others)

    def at_most(self, limit: str | int, **others: str) -> Compare:
        """
        Under the limit or on it.
        """
        return self._compare("<=", limit, others)

    def above(self, limit: str | int, **others: str) -> Compare:
        """
        Over the limit.
        """
        return self._compare(">", limit, others)

    def at_least(self, limit: str | int, **others: str) -> Compare:
        """
        Over the limit or on it.
        """
        return self._compare(">=", limit, others)

    def fell_from(self, baseline: "Number", *, by_more_than: str) -> Fell:
        """
        Fell by more than this share of the baseline.
        """
        return Fell(self, baseline, Decimal(by_more_than))

    def under(self, other: "Number", *, plus: int) -> YoungerThan:
        """
        Under another item's number plus a margin.
        """
        return YoungerThan(self, other, Decimal(plus))


_PRESSURE = re.compile(r"\s*(\d{1,4})\s*/\s*(\d{1,4})\s*", re.ASCII)


@dataclass(frozen=True, eq=False, kw_only=True)
class BloodPressure(Item):
    """
    Systolic over diastolic in mmHg; each with its own ranges, and systolic always the higher.
    """

    hard_systolic: tuple[int, int]
    hard_diastolic: tuple[int, int]
    soft_systolic: tuple[int, int]
    soft_diastolic: tuple[int, int]

    def read(self, raw: Raw) -> Pressure:
        """
        As Item.read.
        """
        match = _PRESSURE.fullmatch(raw) if isinstance(raw, str) else None
        if match is None:
            raise BadValueError(self, "type")
        value = Pressure(int(match[1]), int(match[2]))
        if not self._within(value, self.hard_systolic, self.hard_diastolic) or value.systolic <= value.diastolic:
            raise BadValueError(self, "range")
        return value

    def is_unusual(self, value: Value) -> bool:
        """
        As Item.is_unusual.
        """
        return not (isinstance(value, Pressure) and self._within(value, self.soft_systolic, self.soft_diastolic))

    @staticmethod
    def _within(value: Pressure, systolic: tuple[int, int], diastolic: tuple[int, int]) -> bool:
        return systolic[0] <= value.systolic <= systolic[1] and diastolic[0] <= value.diastolic <= diastolic[1]

    def above(self, *, systolic: int, diastolic: int) -> PressureAbove:
        """
        Either number over its limit.
        """
        return PressureAbove(self, systolic, diastolic)


@dataclass(frozen=True, eq=False, kw_only=True)
class Date(Item):
    """
    A calendar day, not in the future. That needs to know today, so `check_past` is a step of its own.
    """

    def read(self, raw: Raw) -> date:
        """
        As Item.read.
        """
        if not isinstance(raw, str) or not ISO_DAY.fullmatch(raw):
            raise BadValueError(self, "type")
        try:
            value = date.fromisoformat(raw)
        except ValueError:
            raise BadValueError(self, "type") from None
        if value < EARLIEST_DAY:
            raise BadValueError(self, "range")
        return value

    def check_past(self, value: Value, as_of: date) -> None:
        """
        Raises BadValueError for a day after the assessment.
        """
        if isinstance(value, date) and value > as_of:
            raise BadValueError(self, "future")

    def months_passed(self, months: int) -> MonthsPassed:
        """
        So many months have passed since.
        """
        return MonthsPassed(self, months)

    def months_before(self, *, earliest: int, latest: int) -> MonthsBefore:
        """
        From `earliest` to `latest` months before the day of the assessment, both ends in.
        """
        return MonthsBefore(self, earliest, latest)
