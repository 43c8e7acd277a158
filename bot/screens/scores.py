"""
Screens on which an answer is worked out: a score part by part, a classification row by row.
"""

from collections.abc import Mapping

from bot.coded import Screen
from bot.rules.frozen import Frozen
from bot.rules.items import Bool, Item, Number
from bot.screens.screening import AskScreen, ChangeScreen, ScreeningScreen
from bot.turn import Turn, View, asked
from bot.typed import drafts
from bot.typed.scores import is_worked_out
from db.cases.records import Record


class Working(Frozen):
    """
    An answer that is being worked out, for a `reason` where it is changed. `given` are its parts or rows so far in file
    form, in their order; `result` is the answer that they make, None while they leave it open.
    """

    record: Record
    item: Item
    given: Mapping[str, object]
    result: object = None
    reason: str | None = None

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"work {self.item.key}")


class Adding(Working, View):
    """
    A score that is added up from parts. `part` is the one asked for, if any; the score so far is `total`.
    """

    part: str | None = None

    @property
    def total(self) -> int:
        return sum(int(str(score)) for score in self.given.values())


class Classifying(Working, View):
    """
    A classification by rows.
    """


class WorkScreen(ScreeningScreen):
    """
    An item that is worked out, and the screen on which that was chosen. `number` is the part asked for, from 1 on; 0
    for the first that is not given.
    """

    code = "work"
    key: str
    number: int = 0
    asked_on: Screen = AskScreen()

    def about(self, turn: Turn, record: Record, item: Item) -> View | None:
        if not is_worked_out(item):
            return None
        keys = _keys(item)
        found = drafts.read(turn.chat.draft, record, item).parts
        known = _stored(record, item) if found is None else found
        given = {key: known[key] for key in keys if key in known}
        reason = self.asked_on.reason if isinstance(self.asked_on, ChangeScreen) else None
        if isinstance(item, Bool):
            return Classifying(record, item, given, item.read(given), reason)
        total = None if len(given) < len(keys) else item.read(given)
        return Adding(record, item, given, total, reason, self._part(keys, given))

    def _part(self, keys: tuple[str, ...], given: Mapping[str, object]) -> str | None:
        if 0 < self.number <= len(keys):
            return keys[self.number - 1]
        return next((key for key in keys if key not in given), None)


def _keys(item: Item) -> tuple[str, ...]:
    if isinstance(item, Bool) and item.classification is not None:
        return item.classification.keys
    return item.parts if isinstance(item, Number) else ()


def _stored(record: Record, item: Item) -> Mapping[str, object]:
    raw = record.raw(item.key)
    return raw if isinstance(raw, dict) else {}


def takes(view: Working, part: str, value: object) -> bool:
    """
    Whether a part can have this value now: of a score, only the part asked for.
    """
    match view:
        case Adding(item=Number(part_most=most)):
            return part == view.part and isinstance(value, int) and 0 <= value <= most
        case Classifying(item=Bool(classification=rows)) if rows is not None:
            return part in rows.keys if value is None else rows.takes({part: value})
    return False
