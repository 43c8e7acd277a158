"""
Values typed to see what they would change: `dlco=58 haemoglobin=112 g/L heart_findings=av_block_2_3+large`.
"""

import re
from datetime import date

from bot.rules.items import Choice, Item, Several
from bot.rules.protocol import Population
from bot.typed.letters import fold
from bot.typed.names import item_named, option_named
from bot.typed.values import NONE, EntryRefusedError, Slip, parse

_KEY = re.compile(r"([^\s=,;]+)\s*=\s*")
_JOINT = re.compile(r"\s*[+,]\s*")


class NotUnderstoodError(ValueError):
    """
    Text that is no list of values. `item` is the one whose value is not taken, None where none was named; `problem` as
    of EntryRefusedError, "slip" for a number that lacks its unit, with what was probably meant in `raw`. `position`
    counts the values from 1.
    """

    def __init__(self, problem: str, item: Item | None = None, raw: object = None, *, position: int = 1) -> None:
        super().__init__(problem)
        self.problem = problem
        self.item = item
        self.raw = raw
        self.position = position


def read_values(text: str, population: Population, *, today: date) -> dict[str, object]:
    """
    The values in file form, by item. Raises NotUnderstoodError at the first that is not understood.
    """
    before, *parts = _KEY.split(text.strip())
    if before.strip() or not parts:
        raise NotUnderstoodError("form")
    found: dict[str, object] = {}
    for position, (key, typed) in enumerate(zip(parts[::2], parts[1::2], strict=True), start=1):
        item = item_named(key, [population])
        if item is None:
            raise NotUnderstoodError("item", position=position)
        found[item.key] = _value(item, typed.strip().rstrip(",;").rstrip(), today)
    return found


def _value(item: Item, typed: str, today: date) -> object:
    if isinstance(item, Several) and fold(typed) not in NONE:
        return sorted({_option(item, part) for part in _JOINT.split(typed)})
    if isinstance(item, Choice):
        return _option(item, typed)
    try:
        entry = parse(item, typed, today=today)
    except EntryRefusedError as refused:
        raise NotUnderstoodError(refused.problem, item) from None
    if isinstance(entry, Slip):
        raise NotUnderstoodError("slip", item, entry.raw)
    return entry.raw


def _option(item: Choice | Several, typed: str) -> str:
    option = option_named(item, typed)
    if option is None:
        raise NotUnderstoodError("option", item)
    return option
