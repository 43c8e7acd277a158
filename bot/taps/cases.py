"""
Cases: opened, shown, linked, decided about, followed, and what is made of them.
"""

from datetime import date

from bot.coded import Screen
from bot.screens.screening import AskScreen
from bot.taps.base import OfCase, Tap


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


class NewAt(Tap):
    code = "na"
    kind: str
    site: int


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
