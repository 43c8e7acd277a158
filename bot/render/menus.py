"""
Screens outside any case.
"""

from bot import taps
from bot.catalogues import LANGUAGES
from bot.render.buttons import menu, to, turning
from bot.render.card import Button, Card, button, fit
from bot.render.cases import new_buttons
from bot.render.renderers import renders
from bot.screens.agenda import AgendaScreen
from bot.screens.cases import CasesScreen
from bot.screens.invitations import InviteScreen
from bot.screens.menus import ChooseLanguage, Help, HelpScreen, Home, HomeScreen, LanguageScreen
from bot.screens.overview import BoardScreen, FindScreen
from bot.screens.people import TeamScreen
from bot.screens.reminders import RemindersScreen
from bot.screens.screening import AskScreen
from bot.texts import Words


@renders(Home)
def home(view: Home, words: Words) -> Card:
    first = new_buttons(words) if view.may_screen else ()
    counted = words.count("home.in_screening", view.in_screening) if view.in_screening else words("cases.none")
    rows = [first] if first else []
    rows += [
        menu(words, CasesScreen(), BoardScreen(), FindScreen()),
        menu(words, AgendaScreen(), RemindersScreen()),
        menu(words, HelpScreen(), LanguageScreen()),
    ]
    if view.may_administer:
        rows.append(menu(words, TeamScreen(), InviteScreen()))
    return Card(fit([words("home.title"), "", counted]), tuple(rows))


@renders(ChooseLanguage)
def choose_language(_: ChooseLanguage, words: Words) -> Card:
    buttons = tuple(button(words(f"language.{language}"), taps.SetLanguage(language)) for language in LANGUAGES)
    return Card(words("language.question"), (buttons, menu(words, HomeScreen())))


@renders(Help)
def help_(view: Help, words: Words) -> Card:
    """
    A phone's screen of it at a time: the rest behind buttons.
    """
    told: dict[str, list[str]] = {"type": [words("help.typing")], "commands": _commands(view, words)}
    lines = told.get(view.part) or [words("help.screening"), "", *_commands(view, words)[:_FEW]]
    parts = [HelpScreen(part) for part in ("", "type", "commands") if part != view.part]
    rows: list[tuple[Button, ...]] = []
    if view.part == "commands" and view.commands is not None:
        rows += turning(words, view.commands, HelpScreen(view.part))
    rows.append(tuple(to(words, one, key=f"button.help_{one.part or 'brief'}") for one in parts))
    if view.case is not None:
        rows.append((to(words, AskScreen(), view.case, "button.return_to", code=view.case.code),))
    else:
        rows += [new_buttons(words)] if view.may_screen else []
        rows.append(menu(words, CasesScreen(), LanguageScreen()))
    return Card(fit([words("help.title"), "", *lines, "", words("help.privacy")]), tuple(rows))


_FEW = 7


def _commands(view: Help, words: Words) -> list[str]:
    shown = view.commands.items if view.commands is not None else ()
    return [words("help.command", name=name, text=words(f"menu.{name}")) for name in shown]
