"""
The cases to which a case is linked, and what they lend to it.
"""

from collections.abc import Mapping
from datetime import date
from math import inf
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlmodel import col, select
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
    if not case.links:
        return []
    await session.flush()
    ours, theirs = col(Link.recipient_id), col(Link.donor_id)
    if case.kind == Kind.DONOR:
        ours, theirs = theirs, ours
    query = select(Case).join(Link, theirs == col(Case.id)).where(ours == case.id, LINKED)
    return list((await session.exec(query.order_by(col(Case.code)))).all())


async def lent(
    session: AsyncSession, *, case: Case, population: Population, as_of: date, until: Mapping[int, int] = NOTHING
) -> dict[str, Borrowed]:
    """
    What linked cases lend to this one; those that have ended lend nothing. `until` is the revision from which on the
    answers of a linked case are left out, by its id.
    """
    partners = [partner for partner in await linked_cases(session, case=case) if partner.stage not in ENDED]
    if not partners:
        return {}
    other = PROTOCOLS[case.protocol].population(partners[0].kind)
    sources = {linked.source.key for linked in population.linked}
    sources |= {key for linked in population.linked if linked.unless is not None for key in keys_of(linked.unless)}
    answers = await given.of_cases(session, [partner.id for partner in partners])
    standing = {
        partner.code: given.standing(one for one in answers[partner.id] if one.revision < until.get(partner.id, inf))
        for partner in partners
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


def keys_of(expression: Expression) -> set[str]:
    """
    The items at which an expression looks.
    """
    return {item.key for leaf in leaves(expression) for item in items_of(leaf)}
