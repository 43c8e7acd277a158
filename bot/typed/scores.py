"""
The parts of a score as people type them: all of them at once, a digit each.
"""

import re

from bot.rules.items import Bool, Item, Number
from bot.typed.letters import has_strange_digits

_BETWEEN = re.compile(r"[\s,;.|/-]+")


def is_worked_out(item: Item) -> bool:
    """
    Whether an item can be worked out from parts or rows.
    """
    return (isinstance(item, Number) and bool(item.parts)) or (
        isinstance(item, Bool) and item.classification is not None
    )


def digits_of(item: Item, text: str) -> dict[str, object] | None:
    """
    The parts in file form, where a text is as many digits as the item has parts, each a score that a part can have.
    """
    if not isinstance(item, Number) or not item.parts or has_strange_digits(text):
        return None
    digits = _BETWEEN.sub("", text)
    if not re.fullmatch(rf"[0-{item.part_most}]{{{len(item.parts)}}}", digits):
        return None
    return dict(zip(item.parts, map(int, digits), strict=True))
