"""
What an answer states of a number, in parts of which each is a plain value: the number with the sign by which it is a
bound, the upper end of a range, and the two numbers of a ratio.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal

from bot.rules.frozen import Frozen
from bot.rules.items import Number
from bot.rules.values import Ratio, Span

NUMBER, COMPARATOR, TO, RESULT, UPPER = "number", "comparator", "to", "result", "upper"
"""The parts, by their names."""
COMPARATORS = ("<", "<=", ">", ">=")
_QUOTIENT = Context(prec=15, rounding=ROUND_HALF_EVEN)
"""What a number in a workbook holds. A quotient that does not come out ends there; its two numbers stand beside it."""


class Stated(Frozen):
    """
    In `unit`: a number, a bound (`comparator`, as in FHIR's Quantity), a range (>= its lower end,
    and `to` the other), or a `result` over its `upper` limit of normal, of which the number is the quotient. No number:
    not measurable.
    """

    unit: str
    number: Decimal | None
    comparator: str = ""
    to: Decimal | None = None
    result: Decimal | None = None
    upper: Decimal | None = None


def stated(item: Number, raw: object) -> Stated:
    """
    An answer in file form, in the item's own unit unless the unit entered decides the limit.
    """
    number, unit = item.entered(raw)
    if not item.as_entered:
        number, unit = item.converted(number, unit), item.unit
    match number:
        case Span(low=Decimal() as low, high=high, has_low=has_low):
            return Stated(unit, low, ">=" if has_low else ">", high)
        case Span(high=high, has_high=has_high):
            return Stated(unit, high, "<=" if has_high else "<")
        case Ratio(value, upper):
            return Stated(unit, _QUOTIENT.divide(value, upper), result=value, upper=upper)
        case Decimal():
            return Stated(unit, number)
    return Stated(unit, None)
