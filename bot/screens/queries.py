"""
The open queries of all cases.
"""

from datetime import date

from bot.rules.frozen import Frozen
from bot.screens.base import MenuScreen, Page
from bot.turn import Turn, View
from db.base.tables import Case
from db.cases import overview, queries, records
from db.cases.overview import QUERY, Filter

PAGE = 6
_MOST = 60


class OpenQuery(Frozen):
    """
    An open query of a case, and the day since when its answers stand as they are.
    """

    case: Case
    id: str
    since: date


class OpenQueries(View):
    """
    A page of the open queries, the oldest first. `total` counts the cases that have any.
    """

    page: Page[OpenQuery]
    total: int


class QueriesScreen(MenuScreen):
    """
    The open queries of one's sites, the oldest first; where very many cases have some, of those longest untouched.
    """

    code = "queries"
    page: int = 0

    async def find(self, turn: Turn) -> View:
        total = await overview.number_of(turn.session, group=QUERY, sites=turn.sites)
        wanted, offset = Filter(group=QUERY), max(0, total - _MOST)
        cases = await overview.find(turn.session, sites=turn.sites, wanted=wanted, limit=_MOST, offset=offset)
        await records.bring(turn.session, case_ids=[case.id for case in cases])
        found: list[OpenQuery] = []
        for case in cases:
            record = await turn.record(case)
            found += [
                OpenQuery(case, query, record.local_day(queries.since(record, query)))
                for query in await queries.still_open(turn.session, record=record)
            ]
        found.sort(key=lambda one: (one.since, one.case.code, one.id))
        return OpenQueries(Page.of(found, self.page, PAGE), total)
