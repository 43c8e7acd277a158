"""
What there is to show of people: who is on the team, who is invited, and what somebody who is invited reads first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.views import View
from db.base.tables import PersonRole, Site
from db.people.invitations import Open
from db.people.team import Colleague, Held


@dataclass(frozen=True)
class PrivacyNote(View):
    """
    What is kept about whoever comes in, to be accepted first. `inviter` is a name, if a person has invited them.
    """

    person_id: int
    held: tuple[Held, ...]
    inviter: str | None


@dataclass(frozen=True)
class Ended(View):
    """
    The last words to somebody who is a member no longer.
    """


@dataclass(frozen=True)
class Team(View):
    """
    A page of the people that an administrator looks after.
    """

    people: Sequence[Colleague]
    page: int
    has_more: bool


@dataclass(frozen=True)
class Profile(View):
    """
    One of them. `removable` are the memberships that this administrator may end; `is_theirs` where they may act upon
    the person as a whole; `is_self` where they look at themselves.
    """

    colleague: Colleague
    removable: frozenset[int]
    is_theirs: bool
    is_self: bool


@dataclass(frozen=True)
class ChooseRole(View):
    """
    Which role? For this person; for whoever is invited where there is none.
    """

    roles: Sequence[PersonRole]
    colleague: Colleague | None = None


@dataclass(frozen=True)
class ChooseSite(View):
    """
    At which site? A page of them; `everywhere` where it may be all of them.
    """

    role: PersonRole
    sites: Sequence[Site]
    everywhere: bool
    page: int
    has_more: bool
    colleague: Colleague | None = None


@dataclass(frozen=True)
class Invited:
    """
    An open invitation, and until when it is valid, by the clock of its site.
    """

    about: Open
    until: datetime


@dataclass(frozen=True)
class Invitations(View):
    """
    A page of the invitations that nobody has used yet.
    """

    invited: Sequence[Invited]
    page: int
    has_more: bool


@dataclass(frozen=True)
class InvitationLink(View):
    """
    An invitation to be passed on.
    """

    invited: Invited
    link: str
