"""
Items answered with a number, in one of the forms in which laboratories and people write one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation, Overflow
from functools import cached_property
from typing import TypeAlias

from bot.rules.expressions import Compare, Fell, Operator, Unmeasurable, YoungerThan
from bot.rules.items.base import BadValueError, Item, Problem, Range, Raw
from bot.rules.values import EXACT, NOT_MEASURABLE, Measure, Quantity, Ratio, Span, Value, converted

Ambiguity: TypeAlias = Callable[[Quantity | Span], Quantity | bool]
"""What a protocol makes of an imprecise number: the limit within it, or whether an exact one is needed."""

_DIGITS = r"\d{1,15}(?:\.\d{1,15})?"
_NUMBER = re.compile(rf"\s*(?P<number>{_DIGITS})\s*(?P<unit>\S.*?)\s*", re.ASCII)
_FROM_TO = re.compile(rf"\s*(?P<low>{_DIGITS})\s*-\s*(?P<high>{_DIGITS})\s*(?P<unit>\S.*?)?\s*", re.ASCII)
_SIGNED = re.compile(rf"\s*(?P<sign>[<>]=?)\s*(?P<number>{_DIGITS})\s*(?P<unit>\S.*?)?\s*", re.ASCII)
_OVER_UPPER = re.compile(rf"\s*(?P<value>{_DIGITS})\s*/\s*(?P<upper>{_DIGITS})\s*", re.ASCII)
_ONE_SPELLING = str.maketrans({"\u00b5": "u", "\u03bc": "u", "\u00b2": "2", "\u00b3": "3", "\u00d7": "x"})
_FINEST = Decimal("1e-20")


@dataclass(frozen=True, eq=False, kw_only=True)
class Number(Item):
    """
    A number with a unit.

    `hard` and `soft` are the ends of what can be and of what is usual, both in, in the default `unit`. `aliases` are
    other spellings of that unit, `units` other units with the factor that turns them into it, `spelled` other
    spellings of these, `refused` units of which it is worth saying why they do not serve. Where `as_entered`, a value
    stays in the unit entered, because the protocol states its limit in each; the factor then serves the ranges only.

    Some numbers may be given in another form: as a value over its upper limit (`over_upper`), as the sum of `parts`,
    each a whole number from 0 to `part_most`, or as not measurable. An imprecise number is taken where `ambiguity`,
    which the population sets, finds nothing open.
    """

    unit: str
    hard: Range
    soft: Range | None = None
    aliases: tuple[str, ...] = ()
    units: dict[str, Decimal] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    refused: dict[str, Problem] = field(default_factory=dict)
    as_entered: bool = False
    whole: bool = False
    over_upper: bool = False
    parts: tuple[str, ...] = ()
    part_most: int = 0
    may_be_unmeasurable: bool = False
    ambiguity: Ambiguity | None = None

    def read(self, raw: Raw) -> Measure | Quantity:
        """
        As Item.read.
        """
        number, unit = self.entered(raw)
        try:
            if not self._is_within(number, unit, self.hard):
                raise BadValueError(self, "range")
            if self.whole and not _is_whole(number):
                raise BadValueError(self, "type")
        except (InvalidOperation, Overflow):
            raise BadValueError(self, "range") from None
        if self.whole and isinstance(number, Span):
            number = number.whole
        value = Quantity(number, unit) if self.as_entered else self.converted(number, unit)
        if isinstance(number, Span):
            self._check_imprecise(value)
        return value

    def entered(self, raw: Raw) -> Quantity:
        """
        The number and unit of an answer in file form, not yet checked against any range. Raises BadValueError.
        """
        if isinstance(raw, Decimal):
            return Quantity(raw, self.unit)
        if isinstance(raw, int) and not isinstance(raw, bool):
            return Quantity(Decimal(raw), self.unit)
        if isinstance(raw, dict) and self.parts:
            return Quantity(self._sum(raw), self.unit)
        if not isinstance(raw, str):
            raise BadValueError(self, "type")
        if self.may_be_unmeasurable and raw == NOT_MEASURABLE.value:
            return Quantity(NOT_MEASURABLE, self.unit)
        if self.over_upper and (match := _OVER_UPPER.fullmatch(raw)):
            return Quantity(self._ratio(Decimal(match["value"]), Decimal(match["upper"])), self.unit)
        return self._written(raw)

    def _written(self, raw: str) -> Quantity:
        number: Measure
        if match := _FROM_TO.fullmatch(raw):
            number = Span(Decimal(match["low"]), Decimal(match["high"]))
        elif match := _SIGNED.fullmatch(raw):
            end, has_end = Decimal(match["number"]), match["sign"].endswith("=")
            is_high = match["sign"].startswith("<")
            number = Span(None, end, has_high=has_end) if is_high else Span(end, None, has_low=has_end)
        elif match := _NUMBER.fullmatch(raw):
            number = Decimal(match["number"])
        else:
            raise BadValueError(self, "type")
        unit = self.unit if match["unit"] is None else self.known_unit(match["unit"])
        if unit is None:
            raise BadValueError(self, self.refused.get(match["unit"], "unit"))
        return Quantity(number, unit)

    def _sum(self, raw: dict[str, Raw]) -> Decimal:
        if raw.keys() != set(self.parts) or not all(map(self._is_part, raw.values())):
            raise BadValueError(self, "parts")
        return sum((Decimal(number) for number in raw.values()), Decimal(0))  # type: ignore[arg-type]  # numbers by now

    def _is_part(self, number: Raw) -> bool:
        if isinstance(number, bool) or not isinstance(number, int | Decimal):
            return False
        return number in range(self.part_most + 1)

    def _ratio(self, value: Decimal, upper: Decimal) -> Ratio:
        if not upper:
            raise BadValueError(self, "range")
        return Ratio(value, upper)

    def known_unit(self, text: str) -> str | None:
        """
        The unit's name as declared, for any spelling that is accepted; None for an unknown one.
        """
        return self._units.get(text.translate(_ONE_SPELLING))

    @cached_property
    def _units(self) -> dict[str, str]:
        names = {self.unit: self.unit, **dict.fromkeys(self.aliases, self.unit), **{unit: unit for unit in self.units}}
        return {name.translate(_ONE_SPELLING): unit for name, unit in (names | self.spelled).items()}

    def is_unusual(self, value: Value) -> bool:
        """
        As Item.is_unusual.
        """
        number, unit = value if isinstance(value, Quantity) else (value, self.unit)
        return self.soft is not None and not self._is_within(number, unit, self.soft)  # type: ignore[arg-type]

    def _is_within(self, number: Measure, unit: str, ends: Range) -> bool:
        """
        Whether a number may lie between the ends, which are in the default unit.
        """
        if number is NOT_MEASURABLE:
            return True
        number = self.converted(number, unit)
        if isinstance(number, Span):
            return number.meets(*ends)
        if unit != self.unit and isinstance(number, Decimal):
            number = EXACT.quantize(number, _FINEST)  # a factor may be no more than near
        return bool(number >= ends[0] and number <= ends[1])

    def converted(self, number: Measure, unit: str) -> Measure:
        """
        The number in the default unit.
        """
        if unit == self.unit:
            return number
        factor = self.units[unit]
        if isinstance(number, Span):
            return number.times(factor)
        return converted(number, factor) if isinstance(number, Decimal) else number

    def _check_imprecise(self, value: Measure | Quantity) -> None:
        if self.ambiguity is None or not isinstance(value, Span | Quantity):
            raise BadValueError(self, "exact")
        found = self.ambiguity(value)
        if isinstance(found, Quantity):
            raise BadValueError(self, "limit", limit=found)
        if found:
            raise BadValueError(self, "exact")

    def _compare(self, operator: Operator, limit: str | int, others: dict[str, str]) -> Compare:
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

    @property
    def unmeasurable(self) -> Unmeasurable:
        """
        Looked for, and not measurable.
        """
        return Unmeasurable(self)

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


def _is_whole(number: Measure) -> bool:
    ends = (number.low, number.high) if isinstance(number, Span) else (number,)
    return all(end == end.to_integral_value() for end in ends if isinstance(end, Decimal))
