"""
Why a criterion stands as it does.
"""

from collections.abc import Mapping

from bot.rules.criteria import Criterion, Part
from bot.screens.base import CaseScreen
from bot.screens.stored import TakesLists
from bot.turn import Turn, View
from db.cases import history
from db.cases.records import Record


class Criteria(TakesLists):
    """
    Every criterion and part with its status, each leading to its reasoning.
    """


class Reasoning(TakesLists):
    """
    The reasoning of one criterion, or of a part of it. `names` are those of the people who answered, by id.
    """

    criterion: Criterion
    part: Criterion | Part
    names: Mapping[int, str]


class CriteriaScreen(CaseScreen):
    code = "criteria"

    async def find(self, turn: Turn, record: Record) -> View:
        return Criteria(record)


class TreeScreen(CaseScreen):
    """
    The reasoning of a criterion or part; all of them where there is no such one.
    """

    code = "tree"
    part: str

    async def find(self, turn: Turn, record: Record) -> View:
        for criterion in record.population.criteria:
            for part in criterion.family:
                if part.id == self.part:
                    people = {given.person_id for given in record.current.values()}
                    return Reasoning(record, criterion, part, await history.names(turn.session, person_ids=people))
        return Criteria(record)
