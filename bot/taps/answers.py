"""
Answers: given, typed, worked out, in lists.
"""

from bot.taps.base import OfAnswer, OfCase


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
    what changes, "said" for one that was typed; "out" leaves the value at a place out, "is" chooses one of several,
    "cancel" drops all.
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
    The day ("today", "yesterday") or the kind of the examination of what was stored last; or that the words "said" are.
    """

    code = "qx"
    revision: int
    what: str
