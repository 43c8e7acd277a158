"""
Screens outside any case.
"""

from bot import taps
from bot.render.buttons import menu
from bot.render.card import Card, button, fit
from bot.render.cases import new_buttons
from bot.render.renderers import renders
from bot.screens.menus import ChooseLanguage, Help, Home
from bot.texts import LANGUAGES, Words


@renders(Home)
def home(view: Home, words: Words) -> Card:
    """
    What can be done.
    """
    first = new_buttons(words) if view.may_screen else ()
    counted = words.count("home.in_screening", view.in_screening) if view.in_screening else words("cases.none")
    rows = [first] if first else []
    rows += [
        menu(words, "cases:0", "board", "find"),
        menu(words, "agenda", "reminders:0"),
        menu(words, "help", "language"),
    ]
    if view.may_administer:
        rows.append(menu(words, "team:0", "invite"))
    return Card(fit([words("home.title"), "", counted]), tuple(rows))


@renders(ChooseLanguage)
def choose_language(_: ChooseLanguage, words: Words) -> Card:
    """
    English or French?
    """
    buttons = tuple(button(words(f"language.{language}"), taps.SetLanguage(language)) for language in LANGUAGES)
    return Card(words("language.question"), (buttons, menu(words, "home")))


@renders(Help)
def help_(view: Help, words: Words) -> Card:
    """
    What the bot does and how.
    """
    lines = [words("help.title"), "", words("help.screening"), "", words("help.typing"), ""]
    lines += [words("help.command", name=name, text=words(f"menu.{name}")) for name in view.commands]
    if view.case is not None:
        back = button(words("button.return_to", code=view.case.code), taps.Go(view.case.id, "ask"))
        return Card(fit([*lines, "", words("help.privacy")]), ((back,),))
    first = (new_buttons(words),) if view.may_screen else ()
    return Card(fit([*lines, "", words("help.privacy")]), (*first, menu(words, "cases:0", "language")))
