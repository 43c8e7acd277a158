"""
The answers of a case, to change one.
"""

from bot.rules.items import Item
from bot.screens.questions import ChooseReason, of_item
from bot.screens.screening import ScreeningScreen
from bot.screens.stored import TakesLists
from bot.screens.upshot import AfterAnswer, Upshot
from bot.turn import Turn, View, asked
from db.cases.records import Record


class Sections(TakesLists):
    """
    The answers by section, to change one.
    """


class Section(TakesLists):
    """
    The answers of one section.
    """

    name: str


class Changed(AfterAnswer, View):
    """
    What the last answer of a record changed.
    """

    before: Record
    after: Record
    item: Item
    upshot: Upshot | None = None

    @property
    def asks(self) -> str:
        return asked(self.after.case, "list")


class EditScreen(ScreeningScreen):
    """
    The answers by section, or those of one.
    """

    code = "edit"
    section: str = ""

    def step(self, turn: Turn, record: Record) -> View | None:
        if not record.current:
            return None
        sections = {item.section for item in record.population.items if item.key in record.current}
        return Section(record, self.section) if self.section in sections else Sections(record)


class ReasonScreen(ScreeningScreen):
    code = "reason"
    key: str

    def about(self, turn: Turn, record: Record, item: Item) -> View | None:
        if self.key not in record.current:
            return None
        # The first value of an awaited item is no change.
        return of_item(turn, record, item) if record.raw(self.key) is None else ChooseReason(record, item)


class ChangedScreen(ScreeningScreen):
    code = "changed"
    is_under_way = False

    def step(self, turn: Turn, record: Record) -> View | None:
        if not record.answers:
            return None
        last = record.answers[-1]
        return Changed(record.before(last.revision), record, record.population.item[last.item])
