"""
Events that lead to a screen: start, help, language, a button that goes somewhere; and what the bot cannot read.
"""

from bot import taps
from bot.catalogues import LANGUAGES
from bot.coded import Screen
from bot.events import Command, Edited, OldButton, Unreadable
from bot.handlers.routes import command, on, shows
from bot.handlers.screening import go_on
from bot.screens.authenticator import AuthenticatorScreen
from bot.screens.base import CaseScreen, MenuScreen
from bot.screens.menus import HelpScreen, Here, HomeScreen, LanguageScreen
from bot.screens.scores import WorkScreen
from bot.screens.screening import Again, AskScreen, Continue, Return, WhyScreen
from bot.turn import READERS, Note, Reply, StaleError, Turn
from db.trail import audit


async def on_start(turn: Turn, _: Command) -> Reply:
    """
    Show where the chat stands: the card in focus, or what can be done.
    """
    case = await turn.focus()
    if case is None or isinstance(turn.screen, HelpScreen | LanguageScreen | AuthenticatorScreen):
        return turn.show(AskScreen() if case else HomeScreen(), case)
    return Reply()


shows("help", READERS, HelpScreen(), rank=240)


@command("language", READERS, rank=230)
async def on_language(turn: Turn, command: Command) -> Reply:
    """
    Ask for the language, or set the one named.
    """
    if command.argument.casefold() in LANGUAGES:
        return await on_set_language(turn, taps.SetLanguage(command.argument.casefold()))
    return turn.show(LanguageScreen(), await turn.focus())


@on(taps.Menu, READERS)
async def on_menu(turn: Turn, tap: taps.Menu) -> Reply:
    """
    Go to a screen outside any case.
    """
    if isinstance(tap.screen, Here):
        return Reply()
    if not isinstance(tap.screen, MenuScreen):
        raise StaleError
    return turn.show(tap.screen, await turn.focus() if tap.screen.keeps_case else None)


@on(taps.Go, READERS)
async def on_go(turn: Turn, tap: taps.Go) -> Reply:
    """
    Show another screen of the case in focus. Why? and Work it out keep the one it was asked on, and Return goes back
    there.
    """
    case, before = await turn.focus_on(tap.case), turn.screen
    match tap.screen:
        case Continue():
            return await go_on(turn, case)
        case Return():
            return turn.show(before.asked_on if isinstance(before, WhyScreen | WorkScreen) else AskScreen(), case)
        case WhyScreen(key):
            return turn.show(WhyScreen(key, _asked_on(before)), case)
        case WorkScreen(key, number):
            return turn.show(WorkScreen(key, number, _asked_on(before)), case)
        case Again() if before is not None:
            turn.drop()
            return turn.show(before.afresh(), case)
        case CaseScreen() as screen if not screen.is_typed:
            return turn.show(screen, case)
    raise StaleError


def _asked_on(before: Screen | None) -> Screen:
    """
    Pressed twice, the screen it was asked on is still that of the first press.
    """
    return before.asked_on if isinstance(before, WhyScreen | WorkScreen) else before or AskScreen()


@on(taps.SetLanguage, READERS)
async def on_set_language(turn: Turn, tap: taps.SetLanguage) -> Reply:
    """
    Talk in another language from now on.
    """
    person = turn.member.person
    if tap.language not in LANGUAGES:
        raise StaleError
    if tap.language != person.language:
        await audit.record(
            turn.session,
            at=turn.now,
            by=turn.actor,
            action="person.language",
            entity=f"person {person.id}",
            field="language",
            old=person.language,
            new=tap.language,
        )
        person.language = tap.language
    case = await turn.focus()
    return turn.show(AskScreen() if case else HomeScreen(), case, Note("note.language"))


@on(Edited, READERS)
async def on_edited(_: Turn, __: Edited) -> Reply:
    """
    Say that edited messages are not read.
    """
    return Reply(Note("note.edited"))


@on(Unreadable, READERS)
async def on_unreadable(_: Turn, __: Unreadable) -> Reply:
    """
    Say that only text is read, and take the file out of the chat.
    """
    return Reply(Note("note.unreadable"), tidy=True)


@on(OldButton, READERS)
async def on_old_button(_: Turn, __: OldButton) -> Reply:
    """
    Show the present state in the place of an old screen.
    """
    raise StaleError
