"""
Screens outside any case: what can be done, the language, help.
"""

import re
from dataclasses import dataclass

from bot.turn import ADMINISTRATORS, Turn, View
from db.base.tables import Case
from db.cases import cases


@dataclass(frozen=True)
class Home(View):
    """
    Nothing in focus: what can be done. `in_screening` counts the open cases.
    """

    in_screening: int
    may_screen: bool
    may_administer: bool = False


@dataclass(frozen=True)
class ChooseLanguage(View):
    """
    English or French?
    """


@dataclass(frozen=True)
class Help(View):
    """
    What the bot does and how. `case` is the one in focus, to return to; `commands` are those that this person may use.
    """

    may_screen: bool
    case: Case | None = None
    commands: tuple[str, ...] = ()


async def home(turn: Turn, _: str = "") -> View:
    """
    Nothing in focus.
    """
    count = await cases.count_in_screening(turn.session, sites=turn.sites)
    return Home(count, turn.may_screen(), turn.may(ADMINISTRATORS))


async def help_(turn: Turn, _: str) -> View:
    """
    What the bot does and how.
    """
    commands = tuple(name for name, roles in turn.deployment.commands.items() if turn.may(roles))
    return Help(turn.may_screen(), await turn.focus(), commands)


async def language(_: Turn, __: str) -> View:
    """
    English or French?
    """
    return ChooseLanguage()


def page_in(text: str) -> int:
    """
    The page that a screen names; the first where it names none.
    """
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else 0
