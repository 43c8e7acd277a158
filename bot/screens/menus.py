"""
Screens outside any case.
"""

import re

from bot.rules.protocol import Kind
from bot.turn import ADMINISTRATORS, SCREENERS, Turn
from bot.views import CaseList, ChooseCaseSite, ChooseKind, ChooseLanguage, Help, Home, View
from db.cases import cases
from db.people import team

PAGE = 9


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


async def new(turn: Turn, rest: str) -> View:
    """
    Recipient or donor? And then, for whoever screens at several sites, at which?
    """
    if not turn.may_screen():
        return await home(turn)
    if rest not in set(Kind):
        return ChooseKind()
    return ChooseCaseSite(rest, await team.sites_within(turn.session, sites=turn.member.sites(SCREENERS)))


async def case_list(turn: Turn, rest: str) -> View:
    """
    A page of the cases being screened.
    """
    page = page_in(rest)
    found = await cases.in_screening(turn.session, sites=turn.sites, limit=PAGE + 1, offset=page * PAGE)
    return CaseList(found[:PAGE], page, len(found) > PAGE)


def page_in(text: str) -> int:
    """
    The page that a screen names; the first where it names none.
    """
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else 0
