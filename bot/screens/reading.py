"""
Screens in which a case is read.
"""

from bot.screens import visits
from bot.turn import Turn
from bot.views import Signed, Summary
from db import decisions, records
from db.records import Record
from db.tables import Decision, Person


async def summary(turn: Turn, record: Record, _: str = "") -> Summary:
    """
    The verdict, why, and what is missing.
    """
    return await _summary(turn, record, in_full=False)


async def details(turn: Turn, record: Record, _: str) -> Summary:
    """
    The same with every criterion.
    """
    return await _summary(turn, record, in_full=True)


async def _summary(turn: Turn, record: Record, *, in_full: bool) -> Summary:
    case = record.case
    last = await turn.session.get(Person, record.answers[-1].person_id) if record.answers else None
    return Summary(
        record,
        in_full,
        turn.may_screen(case.site_id),
        turn.may_decide(case.site_id),
        queries=await decisions.open_queries(turn.session, record=record),
        partners=tuple(await records.linked_cases(turn.session, case=case)),
        last_by=last.name if last else None,
        signed=await signed(turn, record),
        follow_up=await visits.offer(turn, record),
    )


async def signed(turn: Turn, record: Record) -> Signed | None:
    """
    The sign-off that holds.
    """
    if record.case.sign_off is None:
        return None
    decision = await turn.session.get_one(Decision, record.case.sign_off)
    signer = await turn.session.get(Person, decision.person_id)
    return Signed(decision.kind, decision.about, signer.name if signer else "", decision.at)
