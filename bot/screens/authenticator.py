"""
The authenticator app, whose codes sign.
"""

from bot.screens.base import MenuScreen
from bot.turn import Turn, View
from db.base.tables import Case
from db.people import authenticators


class NewSecret(View):
    """
    The secret for the authenticator app, as text and as a QR code; the case in focus, to return to.
    """

    secret: str
    uri: str

    def __repr__(self) -> str:
        return "NewSecret(...)"

    case: Case | None = None

    @property
    def asks(self) -> str:
        return "authenticator"


class AuthenticatorState(View):
    """
    Whether the person has an authenticator app set up; the case in focus, to return to.
    """

    is_ready: bool
    case: Case | None


class AuthenticatorScreen(MenuScreen):
    code = "authenticator"
    keeps_case = True

    async def find(self, turn: Turn) -> View:
        person = turn.member.person
        found = await authenticators.of(turn.session, person_id=person.id)
        if found is None or authenticators.is_ready(found):
            return AuthenticatorState(found is not None, await turn.focus())
        return NewSecret(found.secret, authenticators.uri(found, person), await turn.focus())
