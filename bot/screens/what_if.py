"""
A case with other values.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from bot.rules import file_form
from bot.rules.items import Date
from bot.turn import Turn, View, asked
from db.cases.records import Record


@dataclass(frozen=True)
class WhatIf(View):
    """
    A case as it is, and as it would be with other values, in file form. Nothing of it is stored with the case.
    """

    record: Record
    supposed: Record
    values: Mapping[str, object]

    @property
    def asks(self) -> str:
        """
        As View.asks.
        """
        return asked(self.record.case, "whatif")


async def what_if(_: Turn, record: Record, rest: str) -> WhatIf:
    """
    The case with other values.
    """
    values = _values(record, rest)
    return WhatIf(record, record.supposing(values), values)


def _values(record: Record, text: str) -> dict[str, object]:
    """
    The values that the screen holds; none where they are not such as this case takes.
    """
    with suppress(KeyError, ValueError):
        stored = file_form.loads(text) if text else {}
        if isinstance(stored, dict):
            for key, raw in stored.items():
                item = record.population.item[key]
                value = item.read(raw)
                if isinstance(item, Date):
                    item.check_past(value, record.as_of)
            return stored
    return {}
