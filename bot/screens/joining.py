"""
What somebody sees who is not in: a stranger, a newcomer, and whoever is out again.
"""

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.turn import Turn, View
from db.base.tables import Person
from db.people import invitations, team
from db.people.team import Held


class PrivacyNote(View):
    """
    What is kept about whoever comes in, to be accepted first. `inviter` is a name, if a person has invited them.
    """

    person_id: int
    held: tuple[Held, ...]
    inviter: str | None


class Ended(View):
    """
    The last words to somebody who is a member no longer.
    """


class Welcome(View):
    """
    The first words to a new member.
    """


class Refusal(View):
    """
    The only words to a stranger.
    """


async def privacy_note(session: AsyncSession, person: Person) -> View:
    """
    What somebody who is invited reads first.
    """
    colleague = await team.find(session, person_id=person.id, sites=None)
    invitation = await invitations.came_by(session, person=person)
    inviter = invitation.inviter.name if invitation and invitation.inviter else None
    return PrivacyNote(person.id, colleague.held if colleague else (), inviter)


async def standing(turn: Turn) -> View | None:
    """
    What stands in the place of every screen: for somebody who has not accepted the privacy note, or is out again.
    """
    person = turn.member.person
    if not person.is_active or not turn.member.memberships:
        return Ended()
    return await privacy_note(turn.session, person) if person.accepted_at is None else None
