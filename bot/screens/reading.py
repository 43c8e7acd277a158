"""
Screens in which a case is read.
"""

from contextlib import suppress

from bot.rules import file_form
from bot.rules.items import Date
from bot.screens import visits
from bot.screens.menus import page_in
from bot.turn import Turn
from bot.views import Signed, Summary
from bot.views.reading import Criteria, History, Reasoning, Report, WhatIf
from db.base.tables import Decision, DecisionKind, Person
from db.cases import decisions, history
from db.cases.decisions import SIGN_OFFS
from db.cases.partners import linked_cases
from db.cases.queries import still_open
from db.cases.records import Record

PAGE = 10


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
        queries=await still_open(turn.session, record=record),
        partners=tuple(await linked_cases(turn.session, case=case)),
        last_by=last.name if last else None,
        signed=await signed(turn, record),
        voided=await _voided(turn, record),
        follow_up=await visits.offer(turn, record),
        visits=await visits.of_case(turn, record),
    )


async def _voided(turn: Turn, record: Record) -> Signed | None:
    """
    The last sign-off, if it has been voided and nobody has signed again.
    """
    if record.case.sign_off is not None:
        return None
    found = await decisions.of_case(turn.session, case=record.case)
    by_id = {decision.id: (decision, person) for decision, person in found}
    last = next((one for one, _ in found if one.kind in {*SIGN_OFFS, DecisionKind.VOIDED}), None)
    if last is None or last.voids not in by_id:
        return None
    sign_off, signer = by_id[last.voids]
    return Signed(sign_off.kind, sign_off.about, signer.name if signer else "", last.at)


async def signed(turn: Turn, record: Record) -> Signed | None:
    """
    The sign-off that holds.
    """
    if record.case.sign_off is None:
        return None
    decision = await turn.session.get_one(Decision, record.case.sign_off)
    signer = await turn.session.get(Person, decision.person_id)
    return Signed(decision.kind, decision.about, signer.name if signer else "", decision.at)


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


async def past(turn: Turn, record: Record, rest: str) -> History:
    """
    A page of what happened to a case.
    """
    page = page_in(rest)
    found = await history.entries_of(turn.session, case=record.case, limit=PAGE + 1, offset=page * PAGE)
    entries = [(entry, person.name if person else None) for entry, person in found[:PAGE]]
    return History(record, entries, page, len(found) > PAGE)


async def what_if(_: Turn, record: Record, rest: str) -> WhatIf:
    """
    The case with other values.
    """
    values = _values(record, rest)
    return WhatIf(record, record.supposing(values), values)


def _values(record: Record, text: str) -> dict[str, object]:
    """
    The values that the screen holds; none where they are not such as this case takes.
    """
    with suppress(KeyError, ValueError):
        stored = file_form.loads(text) if text else {}
        if isinstance(stored, dict):
            for key, raw in stored.items():
                item = record.population.item[key]
                value = item.read(raw)
                if isinstance(item, Date):
                    item.check_past(value, record.as_of)
            return stored
    return {}


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
        signed=await signed(turn, record),
        decided=[
            (decision, person.name if person else None)
            for decision, person in await decisions.of_case(turn.session, case=case)
        ],
        visits=await visits.of_case(turn, record),
    )
