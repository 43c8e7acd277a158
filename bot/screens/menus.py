"""
Screens outside any case: what can be done, the language, help.
"""

from bot.coded import Screen
from bot.screens.base import MenuScreen, Page
from bot.turn import ADMINISTRATORS, Turn, View
from db.base.tables import Case
from db.cases import cases


class Home(View):
    """
    Nothing in focus: what can be done. `in_screening` counts the open cases.
    """

    in_screening: int
    may_screen: bool
    may_administer: bool = False


class ChooseLanguage(View):
    """
    English or French?
    """


class Help(View):
    """
    What the bot does and how. `case` is the one in focus, to return to; `commands` are a page of those that this person
    may use. `part` is what of it: all in brief, how to "type", the "commands".
    """

    may_screen: bool
    case: Case | None = None
    commands: Page[str] | None = None
    part: str = ""


class Here(Screen):
    """
    Where the chat stands, whatever that is.
    """

    code = "here"


class HomeScreen(MenuScreen):
    code = "home"

    async def find(self, turn: Turn) -> View:
        count = await cases.count_in_screening(turn.session, sites=turn.sites)
        return Home(count, turn.may_screen(), turn.may(ADMINISTRATORS))


class HelpScreen(MenuScreen):
    code = "help"
    keeps_case = True
    part: str = ""
    page: int = 0

    async def find(self, turn: Turn) -> View:
        commands = [name for name, roles in turn.deployment.commands.items() if turn.may(roles)]
        page = Page.of(commands, self.page, _COMMANDS)
        return Help(turn.may_screen(), await turn.focus(), page, self.part)


_COMMANDS = 10
"""More, each of which may take two lines on a phone, would not fit its screen."""


class LanguageScreen(MenuScreen):
    code = "language"
    keeps_case = True

    async def find(self, turn: Turn) -> View:
        return ChooseLanguage()
