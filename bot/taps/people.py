"""
People: who comes in, what each may do, and what each has set for themselves.
"""

from bot.coded import Screen
from bot.taps.base import OfPerson, Tap


class Accept(OfPerson):
    code = "ja"


class Decline(OfPerson):
    code = "jd"


class Invite(Tap):
    """
    Invite somebody to a role at a site; at all sites where it is EVERYWHERE.
    """

    code = "iv"
    role: str
    site: int


class Revoke(Tap):
    code = "ir"
    invitation: int


class AddRole(OfPerson):
    """
    Give a person a further role; at all sites where `site` is EVERYWHERE.
    """

    code = "ra"
    role: str
    site: int


class RemoveRole(Tap):
    code = "rr"
    membership: int


class Deactivate(OfPerson):
    code = "pd"


class Reactivate(OfPerson):
    code = "pr"


class ResetAuthenticator(OfPerson):
    code = "px"


class Menu(Tap):
    code = "m"
    screen: Screen


class SetLanguage(Tap):
    code = "l"
    language: str


class Enrol(Tap):
    code = "q"


class Remind(Tap):
    """
    What is to become of a reminder: done, day, week, until, mute (this one) or mute_kind.
    """

    code = "r"
    reminder: int
    action: str


class MuteKind(Tap):
    """
    Switch a kind of reminder off (1) or on (0).
    """

    code = "s"
    kind: str
    off: int
