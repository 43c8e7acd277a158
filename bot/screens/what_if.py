"""
A case with other values.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Self

from msgspec import field

from bot.rules import file_form
from bot.rules.items import Date
from bot.screens.base import CaseScreen
from bot.turn import Turn, View, asked
from bot.typed.pending import Left
from db.cases.records import Record


class WhatIf(View):
    """
    A case as it is, and as it would be with other values, in file form. Nothing of it is stored with the case. `left`
    is what was typed last and not taken.
    """

    record: Record
    supposed: Record
    values: Mapping[str, object]
    left: tuple[Left, ...] = ()

    @property
    def asks(self) -> str:
        return asked(self.record.case, "whatif")


def _taken(record: Record, stored: Mapping[str, object]) -> Mapping[str, object]:
    """
    These values; none where they are not such as this case takes.
    """
    with suppress(KeyError, ValueError):
        for key, raw in stored.items():
            item = record.population.item[key]
            value = item.read(raw)
            if isinstance(item, Date):
                item.check_past(value, record.as_of)
        return stored
    return {}


class WhatIfScreen(CaseScreen):
    code = "whatif"
    values: Mapping[str, object] = field(default_factory=dict)

    async def find(self, turn: Turn, record: Record) -> View:
        values = _taken(record, self.values)
        return WhatIf(record, record.supposing(values), values)

    def _about(self) -> str:
        return file_form.dumps(self.values) if self.values else ""

    @classmethod
    def _of(cls, about: str) -> Self:
        with suppress(ValueError):
            if isinstance(stored := file_form.loads(about or "{}"), dict):
                return cls(stored)
        return cls()
