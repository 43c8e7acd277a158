"""
Invitations.
"""

from markupsafe import Markup

from bot import taps
from bot.render.card import Card, button, fit
from bot.render.people import place, to_home, to_menu, turning
from bot.render.renderers import renders
from bot.screens.invitations import InvitationLink, Invitations, Invited
from bot.texts import Words


@renders(Invitations)
def invitations(view: Invitations, words: Words) -> Card:
    """
    The open invitations, each with a button to revoke it.
    """
    lines: list[str] = [words("invite.title") if view.invited or view.page else words("invite.none"), ""]
    lines += [_open(one, words) for one in view.invited]
    rows = [
        (button(words("button.revoke", number=one.about.invitation.id), taps.Revoke(one.about.invitation.id)),)
        for one in view.invited
    ]
    last = (button(words("button.invite"), taps.Menu("invite")), to_menu("team", words, "team:0"), *to_home(words))
    row = turning("invitations", view.page, words, has_more=view.has_more)
    return Card(fit(lines), (*rows, *row, last))


def _open(one: Invited, words: Words) -> Markup:
    return words(
        "invite.line",
        number=one.about.invitation.id,
        invited=_invited(one, words),
        until=words.moment(one.until),
        name=one.about.inviter.name if one.about.inviter else words("invite.program"),
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
