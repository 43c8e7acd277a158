"""
A question, and why it is asked.
"""

from bot.rules.items import AWAITED, Item, Ticked
from bot.screens.at_stake import BeforeAnswer
from bot.screens.stored import Stored, TakesLists, stored_last
from bot.screens.upshot import AfterAnswer, Upshot
from bot.turn import Turn, View, asked
from bot.typed import drafts
from db.base.tables import Source
from db.cases.records import Record

REASONS = ("typo", "new", "source")
"""Why an answer may be changed. Another reason can be typed."""


class Question(AfterAnswer, BeforeAnswer, View):
    """
    One item asked. `back` is the item asked before; `reason` is set while an answer is being changed; `ticked` are the
    options chosen so far in file form; `unusual` a typed value to be confirmed, a `suggestion` if its unit was guessed;
    `stored` is what was stored just before.
    """

    record: Record
    item: Item
    back: str | None = None
    reason: str | None = None
    ticked: frozenset[str] = frozenset()
    unusual: object = None
    is_suggestion: bool = False
    stored: Stored | None = None
    upshot: Upshot | None = None
    ends: tuple[str, ...] = ()

    @property
    def asks(self) -> str:
        return asked(self.record.case, self.item.key)

    @property
    def touched(self) -> frozenset[str]:
        return frozenset({self.item.key})


class ChooseReason(BeforeAnswer, View):
    """
    Why an answer is to be changed. `back` is the item asked before, where one goes back through the answers.
    """

    record: Record
    item: Item
    back: str | None = None
    is_back: bool = False
    ends: tuple[str, ...] = ()

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"why {self.item.key}")

    @property
    def touched(self) -> frozenset[str]:
        return frozenset({self.item.key})


class Why(TakesLists):
    """
    Which criteria ask for an item, how they are read, and with which limits.
    """

    item: Item


def last(record: Record) -> str | None:
    """
    The item to which one goes back from all of them: the last one of a list that was given just now, though it was
    answered before; otherwise that answered for the first time last.
    """
    given = next((one for one in reversed(record.answers) if one.source != Source.DATED), None)
    if given is not None and given.batch is not None and given.repeats is None and given.item in record.current:
        return given.item
    return record.path[-1] if record.path else None


def before(record: Record, item: Item) -> str | None:
    """
    The item answered before this one, whatever has become of either since.
    """
    path = record.path
    earlier = path[: path.index(item.key)] if item.key in path else path
    return earlier[-1] if earlier else None


def of_item(turn: Turn, record: Record, item: Item, reason: str | None = None) -> Question:
    """
    The question about an item, with what is ticked or typed of it.
    """
    draft = drafts.read(turn.chat.draft, record, item)
    return Question(
        record,
        item,
        back=before(record, item),
        reason=reason,
        ticked=draft.ticked if draft.ticked is not None else _ticked(record, item),
        unusual=draft.value,
        is_suggestion=draft.is_suggestion,
        stored=stored_last(turn, record),
    )


def _ticked(record: Record, item: Item) -> frozenset[str]:
    value = record.facts.get(item.key)
    if not isinstance(value, Ticked):
        return frozenset()
    return value.present | {AWAITED + option for option in value.awaited}
