"""
Values: what an answer says once its item has read it. Small and immutable.

    Bool            bool, or None while the rows given do not settle it
    Choice          str, one of its options
    Several         Ticked
    Number          Decimal in the default unit, or what stands for one: Span, Ratio, NOT_MEASURABLE; a Quantity of
                    any of these where the unit entered decides the limit
    BloodPressure   Pressure, mmHg
    Date            datetime.date, or MonthEnd

What stands for a number is compared with a limit as a number is, and the comparison is None where the value leaves it
open.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from enum import Enum
from typing import NamedTuple, TypeAlias

from bot.rules.kleene import Truth

EXACT = Context(prec=1000)
"""For arithmetic on numbers as entered, which have thirty digits at most: nothing is rounded across a limit."""


def converted(number: Decimal, factor: Decimal) -> Decimal:
    """
    A number in another unit, without zeros at its end that only the factor brought.
    """
    found = EXACT.multiply(number, factor).normalize(EXACT)
    return found.quantize(Decimal(1), context=EXACT) if found.as_tuple().exponent > 0 else found  # type: ignore[operator]  # finite


@dataclass(frozen=True, slots=True)
class Span:
    """
    A number known only to lie between two ends, either of which may be open or, as None, not there.
    """

    low: Decimal | None
    high: Decimal | None
    has_low: bool = True
    has_high: bool = True

    def __lt__(self, limit: Decimal) -> Truth:
        if self.high is not None and (self.high < limit if self.has_high else self.high <= limit):
            return True
        return False if self.low is not None and self.low >= limit else None

    def __gt__(self, limit: Decimal) -> Truth:
        if self.low is not None and (self.low > limit if self.has_low else self.low >= limit):
            return True
        return False if self.high is not None and self.high <= limit else None

    def __le__(self, limit: Decimal) -> Truth:
        over = self > limit
        return None if over is None else not over

    def __ge__(self, limit: Decimal) -> Truth:
        under = self < limit
        return None if under is None else not under

    def holds(self, number: Decimal) -> bool:
        """
        Whether the number may be this one.
        """
        return (self < number) is not True and (self > number) is not True

    def times(self, factor: Decimal) -> "Span":
        """
        The same in another unit.
        """
        low, high = (end if end is None else converted(end, factor) for end in (self.low, self.high))
        return Span(low, high, self.has_low, self.has_high)

    @property
    def whole(self) -> "Span":
        """
        The whole numbers among them: under 16 is 15 at most.
        """
        low = self.low if self.has_low or self.low is None else self.low + 1
        high = self.high if self.has_high or self.high is None else self.high - 1
        return Span(low, high)

    def meets(self, low: Decimal, high: Decimal) -> bool:
        """
        Whether any of it lies from `low` to `high`, and each end that is there does.
        """
        ends = (end for end in (self.low, self.high) if end is not None)
        if any(not low <= end <= high for end in ends) or (self < low) is True or (self > high) is True:
            return False
        if self.low is None or self.high is None:
            return True
        return self.low <= self.high if self.has_low and self.has_high else self.low < self.high


@dataclass(frozen=True, slots=True)
class Ratio:
    """
    A value over its upper limit of normal, never divided out.
    """

    value: Decimal
    upper: Decimal

    def _limit(self, limit: Decimal) -> Decimal:
        return EXACT.multiply(limit, self.upper)

    def __lt__(self, limit: Decimal) -> bool:
        return self.value < self._limit(limit)

    def __gt__(self, limit: Decimal) -> bool:
        return self.value > self._limit(limit)

    def __le__(self, limit: Decimal) -> bool:
        return self.value <= self._limit(limit)

    def __ge__(self, limit: Decimal) -> bool:
        return self.value >= self._limit(limit)

    def holds(self, number: Decimal) -> bool:
        """
        Whether it comes to just this number.
        """
        return self.value == self._limit(number)


class NotMeasurable(Enum):
    """
    What was looked for and gave nothing to measure: over no limit.
    """

    NOT_MEASURABLE = "not measurable"

    def __lt__(self, limit: Decimal) -> bool:
        return True

    def __le__(self, limit: Decimal) -> bool:
        return True

    def __gt__(self, limit: Decimal) -> bool:
        return False

    def __ge__(self, limit: Decimal) -> bool:
        return False

    def holds(self, number: Decimal) -> bool:  # noqa: ARG002  as the others
        """
        It is no number.
        """
        return False


NOT_MEASURABLE = NotMeasurable.NOT_MEASURABLE

Measure: TypeAlias = Decimal | Span | Ratio | NotMeasurable
"""A number, or what stands for one."""


def ends(number: Decimal | Span | None) -> tuple[Decimal | None, Decimal | None]:
    """
    The least and the most that a whole number may be; None where there is no such end, or no number.
    """
    return (number.low, number.high) if isinstance(number, Span) else (number, number)


class Quantity(NamedTuple):
    """
    A number with the unit in which it was entered.
    """

    number: Measure
    unit: str


class Pressure(NamedTuple):
    """
    A blood pressure in mmHg.
    """

    systolic: int
    diastolic: int


class Ticked(NamedTuple):
    """
    Of several options, those that are present and those that are awaited; the others are absent.
    """

    present: frozenset[str]
    awaited: frozenset[str] = frozenset()

    @property
    def either(self) -> frozenset[str]:
        """
        Those that are present or awaited.
        """
        return self.present | self.awaited

    def includes(self, options: frozenset[str]) -> Truth:
        """
        Whether any of these is present.
        """
        if not options.isdisjoint(self.present):
            return True
        return False if options.isdisjoint(self.awaited) else None

    def completes(self, earlier: object) -> bool:
        """
        Whether this only says what an earlier value left awaited.
        """
        if not isinstance(earlier, Ticked) or not earlier.awaited:
            return False
        return earlier.present <= self.present and self.either <= earlier.either


class MonthEnd(date):
    """
    The last day of a month, standing for a day in it that is not known.
    """

    __slots__ = ()


Value: TypeAlias = bool | str | Ticked | Measure | Quantity | Pressure | date | None
"""None: answered in part, and not settled by it."""
