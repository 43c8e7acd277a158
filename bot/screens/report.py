"""
The report on a case.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.screens import visits
from bot.turn import Turn, View
from db.base.tables import Answer, Case, Decision
from db.cases import decisions, history, signatures
from db.cases.partners import linked_cases
from db.cases.queries import still_open
from db.cases.records import Record
from db.cases.signatures import Signed
from db.follow_up.visits import Followed


class Report(View):
    """
    All there is to say of a case, to be kept or printed: `given` are its answers with the names of who gave them,
    `decided` its decisions likewise, `visits` the follow-up of a recipient. It was `made_at` this time.
    """

    record: Record
    given: Sequence[tuple[Answer, str]]
    queries: tuple[str, ...]
    partners: tuple[Case, ...]
    signed: Signed | None
    decided: Sequence[tuple[Decision, str | None]]
    made_at: datetime
    visits: tuple[Followed, ...] = ()


async def report(turn: Turn, record: Record) -> Report:
    """
    All there is to say of a case.
    """
    case = record.case
    return Report(
        record,
        [(answer, person.name) for answer, person in await history.answers_of(turn.session, case=case)],
        queries=await still_open(turn.session, record=record),
        partners=tuple(await linked_cases(turn.session, case=case)),
        signed=await signatures.of_case(turn.session, case=case, now=turn.now),
        decided=[
            (decision, person.name if person else None)
            for decision, person in await decisions.of_case(turn.session, case=case)
        ],
        made_at=turn.now,
        visits=await visits.of_case(turn, record),
    )
