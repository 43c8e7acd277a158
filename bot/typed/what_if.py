"""
Values typed to see what they would change, as a list or in full: `dlco 58`, `heart_findings=av_block_2_3+large`.
"""

from datetime import date

from bot.rules.frozen import Frozen
from bot.rules.protocol import Population
from bot.typed.found import Found
from bot.typed.numbers import SEPARATORS
from bot.typed.pending import Left, left_of, of_found
from bot.typed.sheets import read_list
from bot.typed.values import Slip


class Supposed(Frozen):
    """
    The values in file form, by item; of several for one item, the last. `left` is what was not taken.
    """

    values: dict[str, object]
    left: tuple[Left, ...]


def read_values(text: str, population: Population, *, today: date) -> Supposed:
    """
    What is to be supposed: also what would be confirmed before it were stored, but for a number that lacks its unit or
    has two readings.
    """
    sheet = read_list(text, population, today=today)
    left = left_of(sheet)
    found = list(sheet.found)
    for unsure in sheet.unsure:
        if len({choice.item for choice in unsure.choices}) > 1:
            left.append(of_found(unsure.choices[0], "item"))
        else:
            found.append(unsure.choices[-1])
    left += [of_found(one, why) for one in found if (why := _refusal(one))]
    values = {one.item.key: one.entry.raw for one in found if not _refusal(one)}
    return Supposed(values, tuple(sorted(left, key=lambda one: one.line)))


def _refusal(found: Found) -> str:
    if isinstance(found.entry, Slip) and found.entry.why == "unit":
        return "slip"
    if isinstance(found.entry, Slip) and found.entry.why in SEPARATORS:
        return "ambiguous_number"
    return "type" if found.entry.raw is None else ""
