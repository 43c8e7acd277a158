"""
What a button carries: ids, and what it was shown for. Telegram allows 64 bytes.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Pick(Tap):
    """
    An answer chosen: yes, no, an option, none of several, or not available yet.
    """

    code = "a"
    case: int
    revision: int
    item: str
    choice: str


@dataclass(frozen=True)
class Toggle(Tap):
    """
    One of several options ticked, unticked, or with its result awaited.
    """

    code = "t"
    case: int
    revision: int
    item: str
    option: str
    state: int


@dataclass(frozen=True)
class Done(Tap):
    """
    The options ticked are the answer.
    """

    code = "d"
    case: int
    revision: int
    item: str


@dataclass(frozen=True)
class Confirm(Tap):
    """
    The value typed is right although unusual. `digest` tells it from another one typed since.
    """

    code = "k"
    case: int
    revision: int
    item: str
    digest: str


@dataclass(frozen=True)
class GivePart(Tap):
    """
    A part of a score, or a row of a classification, has this value: a number, yes, no or an option; AWAITED for none.
    """

    code = "pt"
    case: int
    revision: int
    item: str
    part: str
    value: str


@dataclass(frozen=True)
class Worked(Tap):
    """
    What is worked out is the answer. `digest` tells its parts from others given since.
    """

    code = "wk"
    case: int
    revision: int
    item: str
    digest: str


@dataclass(frozen=True)
class Listed(Tap):
    """
    What becomes of a list that waits to be confirmed, known by its digest: "all" is stored, or all for a reason for
    what changes; "out" leaves the value at a place out, "is" chooses one of several, "cancel" drops all.
    """

    code = "ql"
    case: int
    digest: str
    action: str
    at: int = 0
    choice: int = 0


@dataclass(frozen=True)
class TakeBack(Tap):
    """
    Let stand again what stood before a list was stored.
    """

    code = "qb"
    case: int
    batch: int


@dataclass(frozen=True)
class Examined(Tap):
    """
    The day ("today", "yesterday") or the kind of the examination of what was stored last.
    """

    code = "qx"
    case: int
    revision: int
    what: str


@dataclass(frozen=True)
class Go(Tap):
    """
    Another screen of the case in focus.
    """

    code = "g"
    case: int
    screen: Screen


@dataclass(frozen=True)
class OpenCase(Tap):
    """
    Put a case in focus, on one of its screens.
    """

    code = "o"
    case: int
    screen: Screen = AskScreen()  # noqa: RUF009  it never changes


@dataclass(frozen=True)
class GetReport(Tap):
    """
    Hand over the report on the case in focus.
    """

    code = "rp"
    case: int


@dataclass(frozen=True)
class Pause(Tap):
    """
    Put the case aside.
    """

    code = "p"
    case: int


@dataclass(frozen=True)
class Finish(Tap):
    """
    End the screening of a case whose verdict is settled.
    """

    code = "f"
    case: int
    revision: int


@dataclass(frozen=True)
class Complete(Tap):
    """
    Go on with the questions although the verdict is settled.
    """

    code = "c"
    case: int


@dataclass(frozen=True)
class New(Tap):
    """
    Open a case of this kind.
    """

    code = "n"
    kind: str


@dataclass(frozen=True)
class Accept(Tap):
    """
    The privacy note is accepted, by this person.
    """

    code = "ja"
    person: int


@dataclass(frozen=True)
class Decline(Tap):
    """
    The privacy note is not accepted.
    """

    code = "jd"
    person: int


@dataclass(frozen=True)
class Invite(Tap):
    """
    Invite somebody to a role at a site; at all sites where it is EVERYWHERE.
    """

    code = "iv"
    role: str
    site: int


@dataclass(frozen=True)
class Revoke(Tap):
    """
    Make an invitation worthless.
    """

    code = "ir"
    invitation: int


@dataclass(frozen=True)
class AddRole(Tap):
    """
    Give a person a further role; at all sites where `site` is EVERYWHERE.
    """

    code = "ra"
    person: int
    role: str
    site: int


@dataclass(frozen=True)
class RemoveRole(Tap):
    """
    Take a role away.
    """

    code = "rr"
    membership: int


@dataclass(frozen=True)
class Deactivate(Tap):
    """
    Shut a person out.
    """

    code = "pd"
    person: int


@dataclass(frozen=True)
class Reactivate(Tap):
    """
    Let a person in again.
    """

    code = "pr"
    person: int


@dataclass(frozen=True)
class ResetAuthenticator(Tap):
    """
    Forget a person's authenticator.
    """

    code = "px"
    person: int


@dataclass(frozen=True)
class NewAt(Tap):
    """
    Open a case of this kind at one of several sites.
    """

    code = "na"
    kind: str
    site: int


@dataclass(frozen=True)
class Menu(Tap):
    """
    A screen outside any case.
    """

    code = "m"
    screen: Screen


@dataclass(frozen=True)
class SetLanguage(Tap):
    """
    The language in which the bot talks to this person.
    """

    code = "l"
    language: str


@dataclass(frozen=True)
class LinkWith(Tap):
    """
    Link the case in focus with another one.
    """

    code = "y"
    case: int
    partner: int


@dataclass(frozen=True)
class LinkAllTheSame(Tap):
    """
    Link them although the donor fails for being unrelated.
    """

    code = "ya"
    case: int
    partner: int


@dataclass(frozen=True)
class Unlink(Tap):
    """
    Undo such a link.
    """

    code = "z"
    case: int
    partner: int


@dataclass(frozen=True)
class NewDonor(Tap):
    """
    Open a donor's case linked with the recipient in focus, who had so many links when this was shown.
    """

    code = "u"
    case: int
    links: int


@dataclass(frozen=True)
class Choose(Tap):
    """
    The donor whom somebody chooses for the recipient in focus.
    """

    code = "h"
    case: int
    partner: int


@dataclass(frozen=True)
class Decide(Tap):
    """
    Decide about the case in focus: a kind of decision, what it is about, and a reason from the list; "-" for none.
    """

    code = "j"
    case: int
    revision: int
    kind: str
    about: str
    reason: str


@dataclass(frozen=True)
class Enrol(Tap):
    """
    Set up the authenticator app.
    """

    code = "q"


@dataclass(frozen=True)
class Infuse(Tap):
    """
    The infusion was on this day. `number` is the recording of it that stood when this was asked, 0 for none; `reason`
    explains a deviation, "-" where there is none to explain.
    """

    code = "i"
    case: int
    number: int
    reason: str
    day: date


@dataclass(frozen=True)
class TakeInfusionBack(Tap):
    """
    The infusion was entered by mistake, for this reason. `number` is the recording of it that is taken back.
    """

    code = "ib"
    case: int
    number: int
    reason: str


@dataclass(frozen=True)
class Visited(Tap):
    """
    A visit was done, missed, or its last record is undone; with a remark or reason. `sequence` is the visit's own.
    """

    code = "v"
    case: int
    sequence: int
    month: int
    kind: str
    day: date | None
    detail: str


@dataclass(frozen=True)
class Export(Tap):
    """
    Hand something over as a file.
    """

    code = "x"
    what: str


@dataclass(frozen=True)
class GetDocument(Tap):
    """
    Hand a document over, about a case or about all of them.
    """

    code = "dc"
    kind: str
    case: int


@dataclass(frozen=True)
class Remind(Tap):
    """
    What is to become of a reminder: done, day, week, until, mute (this one) or mute_kind.
    """

    code = "r"
    reminder: int
    action: str


@dataclass(frozen=True)
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
