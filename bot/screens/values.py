"""
The values of a case, as they stand.
"""

from bot.rules.items import Item
from bot.screens.base import CaseScreen, Page
from bot.screens.stored import TakesLists
from bot.turn import Turn, View
from db.cases.records import Record

PAGE = 20


class Values(TakesLists):
    """
    A page of the items that have an answer, or are lent one, in the order of the protocol.
    """

    page: Page[Item]


class ValuesScreen(CaseScreen):
    code = "values"
    page: int = 0

    async def find(self, _: Turn, record: Record) -> View | None:
        answered = [
            item for item in record.population.items if item.key in record.current or item.key in record.borrowed
        ]
        return Values(record, Page.of(answered, self.page, PAGE))
