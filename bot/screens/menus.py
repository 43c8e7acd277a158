"""
Screens outside any case: what can be done, the language, help.
"""

from dataclasses import dataclass

from bot.screens.base import MenuScreen
from bot.turn import ADMINISTRATORS, Screen, Turn, View
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


@dataclass(frozen=True)
class Here(Screen):
    """
    Where the chat stands, whatever that is.
    """

    code = "here"


@dataclass(frozen=True)
class HomeScreen(MenuScreen):
    """
    Nothing in focus.
    """

    code = "home"

    async def find(self, turn: Turn) -> View:
        count = await cases.count_in_screening(turn.session, sites=turn.sites)
        return Home(count, turn.may_screen(), turn.may(ADMINISTRATORS))


@dataclass(frozen=True)
class HelpScreen(MenuScreen):
    """
    What the bot does and how.
    """

    code = "help"
    keeps_case = True

    async def find(self, turn: Turn) -> View:
        commands = tuple(name for name, roles in turn.deployment.commands.items() if turn.may(roles))
        return Help(turn.may_screen(), await turn.focus(), commands)


@dataclass(frozen=True)
class LanguageScreen(MenuScreen):
    """
    English or French?
    """

    code = "language"
    keeps_case = True

    async def find(self, turn: Turn) -> View:
        return ChooseLanguage()
