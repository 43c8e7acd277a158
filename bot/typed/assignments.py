"""
Values typed to see what they would change, as a list or in full: `dlco 58`, `heart_findings=av_block_2_3+large`.
"""

from datetime import date

from bot.rules.items import Item, Quantity
from bot.rules.protocol import Population
from bot.typed.sheets import Found, Sheet, read_list
from bot.typed.values import Slip


class NotUnderstoodError(ValueError):
    """
    Text that is no list of values. `item` is the one whose value is not taken, None where none was named; `problem` as
    of EntryRefusedError, "slip" for a number that lacks its unit, with what was probably meant in `raw`, "form" for
    text that is no value, "item" for a value of no item or of several. `position` counts the
    values from 1. `limit` is as of EntryRefusedError.
    """

    def __init__(
        self,
        problem: str,
        item: Item | None = None,
        raw: object = None,
        *,
        position: int = 1,
        limit: Quantity | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.item = item
        self.raw = raw
        self.position = position
        self.limit = limit


def read_values(text: str, population: Population, *, today: date) -> dict[str, object]:
    """
    The values in file form, by item; of several for one item, the last. Raises NotUnderstoodError at one that is not
    understood.
    """
    sheet = read_list(text, population, today=today)
    for refused in sheet.refused:
        raise NotUnderstoodError(refused.problem, refused.item, limit=refused.limit)
    for unread in sheet.unread:
        raise NotUnderstoodError("item" if "=" in unread.text else "form", position=unread.place)
    found = _chosen(sheet)
    if not found:
        raise NotUnderstoodError("form")
    return {one.item.key: _raw(one) for one in found}


def _chosen(sheet: Sheet) -> list[Found]:
    found = list(sheet.found)
    for unsure in sheet.unsure:
        if len({choice.item for choice in unsure.choices}) > 1:
            raise NotUnderstoodError("item")
        found.append(unsure.choices[-1])
    return found


def _raw(found: Found) -> object:
    """
    What is supposed: also what would be confirmed before it were stored, but for a number that lacks its unit.
    """
    if isinstance(found.entry, Slip) and found.entry.why == "unit":
        raise NotUnderstoodError("slip", found.item, found.entry.raw)
    if found.entry.raw is None:
        raise NotUnderstoodError("type", found.item)
    return found.entry.raw
