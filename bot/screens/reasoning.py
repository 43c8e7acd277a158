"""
Why a criterion stands as it does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.rules.protocol import Criterion, Part
from bot.turn import Turn, View
from db.cases import history
from db.cases.records import Record


@dataclass(frozen=True)
class Criteria(View):
    """
    Every criterion and part with its status, each leading to its reasoning.
    """

    record: Record


@dataclass(frozen=True)
class Reasoning(View):
    """
    The reasoning of one criterion, or of a part of it. `names` are those of the people who answered, by id.
    """

    record: Record
    criterion: Criterion
    part: Criterion | Part
    names: Mapping[int, str]


async def criteria(_: Turn, record: Record, __: str) -> Criteria:
    """
    Every criterion with its status.
    """
    return Criteria(record)


async def tree(turn: Turn, record: Record, id_: str) -> Reasoning | Criteria:
    """
    The reasoning of a criterion or part; all of them where there is no such one.
    """
    for criterion in record.population.criteria:
        for part in criterion.family:
            if part.id == id_:
                people = {given.person_id for given in record.current.values()}
                return Reasoning(record, criterion, part, await history.names(turn.session, person_ids=people))
    return Criteria(record)
