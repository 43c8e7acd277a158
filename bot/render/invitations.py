"""
Invitations.
"""

from markupsafe import Markup

from bot import taps
from bot.render.buttons import to, turning
from bot.render.card import Card, button, fit
from bot.render.people import place
from bot.render.renderers import renders
from bot.screens.invitations import InvitationLink, Invitations, InvitationsScreen, Invited, InviteScreen
from bot.screens.menus import HomeScreen
from bot.screens.people import TeamScreen
from bot.texts import Words


@renders(Invitations)
def invitations(view: Invitations, words: Words) -> Card:
    page = view.page
    lines: list[str] = [words("invite.title") if page.items or page.number else words("invite.none"), ""]
    lines += [_open(one, words) for one in page.items]
    rows = [
        (button(words("button.revoke", number=one.about.invitation.id), taps.Revoke(one.about.invitation.id)),)
        for one in page.items
    ]
    last = (to(words, InviteScreen()), to(words, TeamScreen()), to(words, HomeScreen()))
    pages = turning(words, page, InvitationsScreen())
    return Card(fit(lines), (*rows, *pages, last))


def _open(one: Invited, words: Words) -> Markup:
    return words(
        "invite.line",
        number=one.about.invitation.id,
        invited=_invited(one, words),
        until=words.moment(one.until),
        person=one.about.inviter.name if one.about.inviter else words("invite.program"),
    )


def _invited(one: Invited, words: Words) -> Markup:
    number = None if one.about.site is None else one.about.site.number
    return words("team.held", role=words(f"role.{one.about.invitation.roles}"), place=place(number, words))


@renders(InvitationLink)
def link(view: InvitationLink, words: Words) -> Card:
    """
    An invitation to be passed on: words for whoever gets it.
    """
    until = words.moment(view.invited.until)
    return Card(words("invite.link", invited=_invited(view.invited, words), link=view.link, until=until))
