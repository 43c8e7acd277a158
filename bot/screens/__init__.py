"""
What a chat shows: a function of what is stored, so that any replica can show it at any time. A file a topic: the views,
which hold the facts that rendering puts into words, and the screens, each of which finds one of them.
"""

import pkgutil
from importlib import import_module
from typing import TypeVar

from bot.coded import Screen
from bot.screens import joining
from bot.screens.base import CaseScreen, MenuScreen
from bot.screens.menus import HomeScreen
from bot.screens.quick import QuickScreen
from bot.screens.screening import AskScreen
from bot.turn import StaleError, Turn, View
from bot.typed import pending
from db.cases.records import Record

for _topic in pkgutil.iter_modules(__path__, f"{__name__}."):
    import_module(_topic.name)


V = TypeVar("V", bound=View)


async def present(turn: Turn) -> View:
    """
    The view of the chat's screen now. It is found once, until another screen is put in focus.
    """
    if turn.found is None:
        turn.found = await joining.standing(turn) or await _find(turn)
    return turn.found


async def on_card(turn: Turn, kind: type[V], case_id: int) -> V:
    """
    The view that the card shows, to which a button about the case in focus belongs. Raises StaleError where it is
    another one by now.
    """
    await turn.focus_on(case_id)
    view = await present(turn)
    if not isinstance(view, kind) or turn.chat.card_for != view.asks:
        raise StaleError
    return view


async def _find(turn: Turn) -> View:
    screen = turn.screen
    if isinstance(screen, MenuScreen) and screen.keeps_case:
        return await _outside(turn, screen)
    if turn.known is None and (case := await turn.focus()) is not None:
        turn.known = await turn.record(case)
    if (record := turn.known) is None:
        return await _outside(turn, screen if isinstance(screen, MenuScreen) else HomeScreen())
    screen = screen if isinstance(screen, CaseScreen) else AskScreen()
    if type(screen) is AskScreen and (waiting := pending.read(turn.chat.draft, record)) and waiting.number:
        screen = QuickScreen(screen)  # before the next question comes what waits to be confirmed
    return await _about(turn, record, screen)


async def _outside(turn: Turn, screen: MenuScreen) -> View:
    return await screen.find(turn) or await _outside(turn, Screen.known[screen.otherwise]())


async def _about(turn: Turn, record: Record, screen: CaseScreen) -> View:
    return await screen.find(turn, record) or await _about(turn, record, Screen.known[screen.otherwise]())
