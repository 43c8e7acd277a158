"""
Items: what is asked of a case, with type, unit, limits of what can be and of what is usual, and gate.

Values come in their file form, and `read` turns that into what expressions compare (see `bot.rules.values`):

    Bool            true or false; an object of rows where a classification is worked out
    Choice          a choice's key
    Several         a list of keys, [] for none; "?" before a key whose result is awaited
    Number          a number in the default unit; text with a unit ("7.9 kPa"); "<5", ">=90", "55-60" with or without;
                    "120/40" over an upper limit; "not measurable"; an object of parts that are added up
    BloodPressure   "165/112"
    Date            an ISO date; "2026-03" where the month does

Numbers arrive as Decimal (or int), never as float: a float would move a value across a limit.
"""

from bot.rules.items.base import BadValueError, Item, Problem, Range, Raw, declared
from bot.rules.items.choices import AWAITED, Bool, Choice, Several
from bot.rules.items.dates import EARLIEST_DAY, ISO_DAY, Date
from bot.rules.items.numbers import Number
from bot.rules.items.pressures import BloodPressure
from bot.rules.values import Pressure, Quantity, Ticked, Value

__all__ = [
    "AWAITED",
    "EARLIEST_DAY",
    "ISO_DAY",
    "BadValueError",
    "BloodPressure",
    "Bool",
    "Choice",
    "Date",
    "Item",
    "Number",
    "Pressure",
    "Problem",
    "Quantity",
    "Range",
    "Raw",
    "Several",
    "Ticked",
    "Value",
    "declared",
]
