"""
Items answered with a blood pressure.
"""

import re
from dataclasses import dataclass

from bot.rules.expressions import PressureAbove
from bot.rules.items.base import BadValueError, Item, Raw
from bot.rules.values import Pressure, Value

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
