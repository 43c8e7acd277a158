"""
A question, and why it is asked.
"""

from dataclasses import dataclass, field

from bot.rules.items import Item, Ticked
from bot.turn import Turn, View, asked
from bot.typed import drafts
from db.cases.records import Record

REASONS = ("typo", "new", "source", "other")
"""Why an answer may be changed."""


@dataclass(frozen=True)
class Question(View):
    """
    One item asked. `back` is the item asked before; `reason` is set while an answer is being changed; `ticked` are the
    options chosen so far; `unusual` a typed value to be confirmed, a `suggestion` if its unit was guessed.
    """

    record: Record
    item: Item
    back: str | None = None
    reason: str | None = None
    ticked: frozenset[str] = field(default_factory=frozenset)
    unusual: object = None
    is_suggestion: bool = False

    @property
    def asks(self) -> str:
        return asked(self.record.case, self.item.key)


@dataclass(frozen=True)
class Why(View):
    """
    Which criteria ask for an item, how they are read, and with which limits.
    """

    record: Record
    item: Item


def of_item(turn: Turn, record: Record, item: Item, reason: str | None = None) -> Question:
    """
    The question about an item, with what is ticked or typed of it.
    """
    path = record.path
    before = path[: path.index(item.key)] if item.key in path else path
    draft = drafts.read(turn.chat.draft, record, item)
    return Question(
        record,
        item,
        back=before[-1] if before else None,
        reason=reason,
        ticked=draft.ticked if draft.ticked is not None else _ticked(record, item),
        unusual=draft.value,
        is_suggestion=draft.is_suggestion,
    )


def _ticked(record: Record, item: Item) -> frozenset[str]:
    value = record.facts.get(item.key)
    return value.present if isinstance(value, Ticked) else frozenset()
