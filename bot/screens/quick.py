"""
A list of values to be confirmed.
"""

from msgspec.structs import replace

from bot.coded import Screen
from bot.screens.at_stake import BeforeAnswer
from bot.screens.screening import AskScreen, ScreeningScreen
from bot.screens.upshot import AfterAnswer, Upshot
from bot.turn import Turn, View, asked
from bot.typed import drafts, pending
from bot.typed.pending import Pended, Pending
from db.cases.records import Record


class QuickEntry(AfterAnswer, BeforeAnswer, View):
    """
    A list that waits to be confirmed. `digest` tells it from any other. `values` are those that this card shows and
    that are stored from it; `changes` the items of them whose answer is another one than now.
    """

    record: Record
    pending: Pending
    digest: str
    values: tuple[Pended, ...]
    changes: frozenset[str]
    upshot: Upshot | None = None
    ends: tuple[str, ...] = ()

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"list:{self.digest}")

    @property
    def touched(self) -> frozenset[str]:
        first = {value.item for value in self.values if self.record.raw(value.item) is None and value.raw is not None}
        return self.changes | first


class WhyQuick(View):
    """
    Why the answers of a list that change are to be changed, in words to be typed; and what was typed where nobody was
    asked for words, to be confirmed as the `reason`.
    """

    entry: QuickEntry
    reason: str = ""

    @property
    def asks(self) -> str:
        return asked(self.entry.record.case, f"why:{self.entry.digest}:{drafts.digest(self.reason)}")


class QuickScreen(ScreeningScreen):
    """
    A list to be confirmed, and the screen on which it was typed, to return to.
    """

    code = "quick"
    asked_on: Screen = AskScreen()

    async def find(self, turn: Turn, record: Record) -> View | None:
        view, before = await super().find(turn, record), turn.chat.card_for or ""
        # What the last answer has led to is said on the card that follows it, and not on that of a list typed later.
        follows = before.startswith(f"{record.case.id}:") and not before.startswith(asked(record.case, ""))
        return replace(view, upshot=None) if isinstance(view, QuickEntry) and not follows else view

    def step(self, turn: Turn, record: Record) -> View | None:
        found = pending.read(turn.chat.draft, record)
        if found is None:
            return None
        values = found.on_a_card(record)
        return QuickEntry(record, found, pending.digest(found, record), values, pending.changes(record, values))


class WhyQuickScreen(QuickScreen):
    """
    The reason for its changes, to be typed.
    """

    code = "quick_why"
    unconfirmed = ("reason",)
    reason: str = ""

    def step(self, turn: Turn, record: Record) -> View | None:
        entry = super().step(turn, record)
        return WhyQuick(entry, self.reason) if isinstance(entry, QuickEntry) and entry.changes else entry
