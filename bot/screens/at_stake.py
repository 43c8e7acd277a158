"""
The sign-offs that an answer would end: said before it is given.
"""

from msgspec.structs import replace
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.protocol import Kind
from bot.rules.versions import PROTOCOLS
from bot.turn import View
from db.cases.partners import linked_cases, sources_of
from db.cases.records import Record


class BeforeAnswer:
    """
    What every view is on which answers of a record are about to be given or changed. `ends` are the codes of the cases
    whose sign-off rests on them. None of its fields comes from here, as a view has those of one class.
    """

    __slots__ = ()
    record: Record
    ends: tuple[str, ...]

    @property
    def touched(self) -> frozenset[str]:
        """
        The items that are given another answer.
        """
        raise NotImplementedError


async def with_stake(session: AsyncSession, view: View | None) -> View | None:
    """
    The view with the sign-offs that end by what is about to be answered on it: the case's own, and those of the linked
    cases to which an answer is lent.
    """
    if not isinstance(view, BeforeAnswer) or not view.touched:
        return view
    case = view.record.case
    ends = [case.code] if case.sign_off is not None else []
    other = Kind.DONOR if case.kind == Kind.RECIPIENT else Kind.RECIPIENT
    if not view.touched.isdisjoint(sources_of(PROTOCOLS[case.protocol].population(other))):
        ends += [one.code for one in await linked_cases(session, case=case) if one.sign_off is not None]
    return replace(view, ends=tuple(ends)) if ends else view
