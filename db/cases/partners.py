"""
The cases to which a case is linked, and what they lend to it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from math import inf
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, TextClause
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules import file_form
from bot.rules.expressions import Expression, items_of, leaves
from bot.rules.pairs import borrowed
from bot.rules.protocol import Kind, Population
from bot.rules.versions import PROTOCOLS
from db.base.tables import ENDED, LINKED, Case, Link
from db.cases import given
from db.cases.given import GivenAnswer

NOTHING: Mapping[int, int] = MappingProxyType({})


class Borrowed(NamedTuple):
    """
    A fact that a linked case lends, the code of that case, and the answer that it is.
    """

    value: Any
    code: str
    given: GivenAnswer | None = None


async def linked_cases(session: AsyncSession, *, case: Case) -> list[Case]:
    """
    The partners of a case, by code: a recipient's donors, or a donor's recipient.
    """
    return await _linked(session, case, LINKED) if case.links else []


async def linked_then(session: AsyncSession, *, case: Case, time: datetime) -> list[Case]:
    """
    The partners that a case had at a time, by code.
    """
    since = col(Link.unlinked_at)
    return await _linked(session, case, and_(col(Link.linked_at) <= time, or_(since.is_(None), since > time)))


async def _linked(session: AsyncSession, case: Case, which: ColumnElement[bool] | TextClause) -> list[Case]:
    await session.flush()
    ours, theirs = col(Link.recipient_id), col(Link.donor_id)
    if case.kind == Kind.DONOR:
        ours, theirs = theirs, ours
    query = select(Case).join(Link, theirs == col(Case.id)).where(ours == case.id, which)
    return list((await session.exec(query.order_by(col(Case.code)))).all())


async def lent(
    session: AsyncSession, *, case: Case, population: Population, as_of: date, until: Mapping[int, int] = NOTHING
) -> dict[str, Borrowed]:
    """
    What linked cases lend to this one; those that have ended lend nothing. `until` is the revision from which on the
    answers of a linked case are left out, by its id.
    """
    partners = [partner for partner in await linked_cases(session, case=case) if partner.stage not in ENDED]

    def counts(partner: Case, answer: GivenAnswer) -> bool:
        return answer.revision < until.get(partner.id, inf)

    return await _lent_by(session, partners, counts, case=case, population=population, as_of=as_of)


async def lent_then(
    session: AsyncSession, *, partners: Sequence[Case], case: Case, population: Population, as_of: date, time: datetime
) -> dict[str, Borrowed]:
    """
    What these cases had answered by a time, lent to this one.
    """
    return await _lent_by(
        session, partners, lambda _, answer: answer.at <= time, case=case, population=population, as_of=as_of
    )


async def _lent_by(
    session: AsyncSession,
    partners: Sequence[Case],
    counts: Callable[[Case, GivenAnswer], bool],
    *,
    case: Case,
    population: Population,
    as_of: date,
) -> dict[str, Borrowed]:
    if not partners:
        return {}
    other = PROTOCOLS[case.protocol].population(partners[0].kind)
    sources = sources_of(population)
    answers = await given.of_cases(session, [partner.id for partner in partners])
    standing = {
        partner.code: given.standing(one for one in answers[partner.id] if counts(partner, one)) for partner in partners
    }
    facts = [
        (
            code,
            {
                key: None if one.text is None else other.item[key].read(file_form.loads(one.text))
                for key, one in stands.items()
                if key in sources
            },
        )
        for code, stands in sorted(standing.items())
    ]
    found = {}
    for linked in population.linked:
        fact = borrowed(linked, facts, as_of)
        if fact is not None:
            found[linked.item.key] = Borrowed(*fact, standing[fact[1]].get(linked.source.key))
    return found


def sources_of(population: Population) -> set[str]:
    """
    The items of a linked case on which rests what it lends to these.
    """
    sources = {linked.source.key for linked in population.linked}
    return sources | {key for one in population.linked if one.unless is not None for key in keys_of(one.unless)}


def keys_of(expression: Expression) -> set[str]:
    """
    The items at which an expression looks.
    """
    return {item.key for leaf in leaves(expression) for item in items_of(leaf)}
