"""
What a button carries: ids, and what it was shown for. Telegram allows 64 bytes.
"""

from datetime import date
from typing import Any, ClassVar

from bot.coded import Coded
from bot.screens.screening import AskScreen
from bot.screens.summary import SummaryScreen
from bot.screens.visits import VisitsScreen
from bot.turn import Screen

LIMIT = 64

AWAITED, NONE = "-", "0"
"""The choices "not available yet" and "none of these"."""

ALL_CASES = 0
"""In the place of a case: all that the person may see."""

OFF, TICKED, EXPECTED = 0, 1, 2
"""What an option can be: not there, there, its result awaited."""

EVERYWHERE = 0
"""In the place of a site: all of them."""


class Tap(Coded):
    """
    A button's press.
    """

    known: ClassVar[dict[str, Any]] = {}

    @property
    def data(self) -> str:
        """
        The callback data. Raises ValueError where it would not fit.
        """
        data = self.text
        if len(data.encode()) > LIMIT:
            raise ValueError(f"{type(self).__name__} is longer than a button can carry")
        return data


class OfCase(Tap):
    case: int


class OfAnswer(OfCase):
    """
    About an item of a case that had so many answers when the button was shown.
    """

    revision: int
    item: str


class OfPerson(Tap):
    person: int


class Pick(OfAnswer):
    """
    An answer chosen: yes, no, an option, none of several, or not available yet.
    """

    code = "a"
    choice: str


class Toggle(OfAnswer):
    """
    One of several options ticked, unticked, or with its result awaited.
    """

    code = "t"
    option: str
    state: int


class Done(OfAnswer):
    code = "d"


class Confirm(OfAnswer):
    """
    The value typed is right although unusual. `digest` tells it from another one typed since.
    """

    code = "k"
    digest: str


class GivePart(OfAnswer):
    """
    A part of a score, or a row of a classification, has this value: a number, yes, no or an option; AWAITED for none.
    """

    code = "pt"
    part: str
    value: str


class Worked(OfAnswer):
    """
    What is worked out is the answer. `digest` tells its parts from others given since.
    """

    code = "wk"
    digest: str


class Listed(OfCase):
    """
    What becomes of a list that waits to be confirmed, known by its digest: "all" is stored, or all for a reason for
    what changes; "out" leaves the value at a place out, "is" chooses one of several, "cancel" drops all.
    """

    code = "ql"
    digest: str
    action: str
    at: int = 0
    choice: int = 0


class TakeBack(OfCase):
    """
    Let stand again what stood before a list was stored.
    """

    code = "qb"
    batch: int


class SayExamined(OfCase):
    """
    The day ("today", "yesterday") or the kind of the examination of what was stored last.
    """

    code = "qx"
    revision: int
    what: str


class Go(OfCase):
    code = "g"
    screen: Screen


class OpenCase(OfCase):
    """
    Put a case in focus, on one of its screens.
    """

    code = "o"
    screen: Screen = AskScreen()


class GetReport(OfCase):
    code = "rp"


class Pause(OfCase):
    code = "p"


class Finish(OfCase):
    code = "f"
    revision: int


class Complete(OfCase):
    code = "c"


class New(Tap):
    code = "n"
    kind: str


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


class NewAt(Tap):
    code = "na"
    kind: str
    site: int


class Menu(Tap):
    code = "m"
    screen: Screen


class SetLanguage(Tap):
    code = "l"
    language: str


class LinkWith(OfCase):
    code = "y"
    partner: int


class LinkAllTheSame(OfCase):
    """
    Link them although the donor fails for being unrelated.
    """

    code = "ya"
    partner: int


class Unlink(OfCase):
    code = "z"
    partner: int


class NewDonor(OfCase):
    """
    Open a donor's case linked with the recipient in focus, who had so many links when this was shown.
    """

    code = "u"
    links: int


class Choose(OfCase):
    code = "h"
    partner: int


class Decide(OfCase):
    """
    Decide about the case in focus: a kind of decision, what it is about, and a reason from the list; "-" for none.
    """

    code = "j"
    revision: int
    kind: str
    about: str
    reason: str


class End(OfCase):
    """
    The case in focus ended in this way, on this day, for a reason from the list.
    """

    code = "je"
    revision: int
    kind: str
    day: date
    reason: str


class Propose(OfCase):
    """
    Propose the case in focus as a screen failure, found on this day, to those who sign.
    """

    code = "jp"
    revision: int
    criterion: str
    day: date


class Enrol(Tap):
    code = "q"


class Infuse(OfCase):
    """
    The infusion was on this day. `number` is the recording of it that stood when this was asked, 0 for none; `reason`
    explains a deviation, "-" where there is none to explain.
    """

    code = "i"
    number: int
    reason: str
    day: date


class TakeInfusionBack(OfCase):
    """
    The infusion was entered by mistake, for this reason. `number` is the recording of it that is taken back.
    """

    code = "ib"
    number: int
    reason: str


class Visited(OfCase):
    """
    A visit was done, missed, or its last record is undone; with a remark or reason. `sequence` is the visit's own.
    """

    code = "v"
    sequence: int
    month: int
    kind: str
    day: date | None
    detail: str


class Export(Tap):
    code = "x"
    what: str


class GetDocument(Tap):
    code = "dc"
    kind: str
    case: int


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


_FORMER = {"rd": SummaryScreen(), "w": VisitsScreen()}
"""Codes of buttons that cards made by earlier versions have: a case is opened at this screen."""


def decode(data: str) -> Tap | None:
    """
    The tap that these data carry; None for data that no present button has.
    """
    code, _, case = data.partition(":")
    return Tap.read(f"o:{case}:{_FORMER[code].text}" if code in _FORMER else data)
