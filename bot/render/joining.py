"""
What somebody sees who is not in.
"""

from bot import taps
from bot.render.buttons import menu
from bot.render.card import Card, button, fit
from bot.render.cases import new_buttons
from bot.render.people import COMMA, held_as
from bot.render.renderers import renders
from bot.screens.joining import Ended, PrivacyNote, Refusal, Welcome
from bot.screens.menus import HelpScreen, LanguageScreen
from bot.texts import Words

_PRIVACY = ("joining.about_you", "joining.about_cases", "joining.telegram", "joining.approval")


@renders(PrivacyNote)
def privacy_note(view: PrivacyNote, words: Words) -> Card:
    key = "joining.invited" if view.inviter is None else "joining.invited_by"
    roles = COMMA.join(held_as(one, words) for one in view.held)
    lines = [words("joining.title"), "", words(key, person=view.inviter or "", roles=roles), ""]
    lines += [words(key) for key in _PRIVACY]
    rows = (
        (button(words("button.accept"), taps.Accept(view.person_id)),),
        (button(words("button.decline"), taps.Decline(view.person_id)),),
    )
    return Card(fit([*lines, "", words("joining.question")]), rows)


@renders(Ended)
def ended(_: Ended, words: Words) -> Card:
    return Card(words("notice.deactivated"))


@renders(Welcome)
def welcome(_: Welcome, words: Words) -> Card:
    lines = [words("welcome.title"), "", words("welcome.roles"), "", words("help.privacy")]
    return Card(fit(lines), (new_buttons(words), menu(words, HelpScreen(), LanguageScreen())))


@renders(Refusal)
def refusal(_: Refusal, words: Words) -> Card:
    return Card(words("refusal"))
