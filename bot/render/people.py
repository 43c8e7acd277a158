"""
Screens about people.
"""

from markupsafe import Markup

from bot import taps
from bot.coded import Screen
from bot.render.buttons import menu, to, turning
from bot.render.card import Button, Card, button, fit
from bot.render.renderers import renders
from bot.screens.invitations import InvitationsScreen, InviteScreen
from bot.screens.menus import HomeScreen
from bot.screens.people import ChooseRole, ChooseSite, PersonScreen, Profile, RoleScreen, Team, TeamScreen
from bot.texts import Words
from db.base.tables import PersonRole, Site
from db.people.team import Colleague, Held

COMMA = Markup(", ")


def place(number: int | None, words: Words) -> Markup:
    """
    A site by its number, or all sites.
    """
    return words("team.all_sites") if number is None else words("team.site", number=f"{number:02d}")


def held_as(held: Held, words: Words) -> Markup:
    """
    A role with its site, in words.
    """
    number = None if held.site is None else held.site.number
    return words("team.held", role=words(f"role.{held.role}"), place=place(number, words))


@renders(Team)
def team(view: Team, words: Words) -> Card:
    lines: list[str] = [words("team.title"), ""]
    lines += [_line(one, words) for one in view.page.items]
    rows = [(button(words.name(one.person.name), taps.Menu(PersonScreen(one.person.id))),) for one in view.page.items]
    more = (to(words, InviteScreen()), to(words, InvitationsScreen()))
    return Card(fit(lines), (*rows, *turning(words, view.page, TeamScreen()), more, menu(words, HomeScreen())))


def _line(one: Colleague, words: Words) -> Markup:
    roles = COMMA.join(held_as(held, words) for held in one.held) or words("team.no_role")
    state = _state(one, words)
    line = words("team.line", person=one.person.name, roles=roles)
    return words("team.line_with_state", line=line, state=state) if state else line


def _state(one: Colleague, words: Words) -> Markup | None:
    if not one.person.is_active:
        return words("team.inactive")
    return words("team.not_accepted") if one.person.accepted_at is None else None


@renders(Profile)
def profile(view: Profile, words: Words) -> Card:
    one = view.colleague
    state = _state(one, words)
    lines: list[str] = [words("team.person", person=one.person.name, telegram_id=one.person.telegram_id)]
    lines += [state] if state else []
    lines += [words("team.role_line", held=held_as(held, words)) for held in one.held] or [words("team.no_role")]
    if view.is_self:
        lines.append(words("team.yourself"))
    elif not view.is_theirs:
        lines += ["", words("team.elsewhere")]
    rows: list[tuple[Button, ...]] = [
        (button(words("button.remove_role", held=held_as(held, words)), taps.RemoveRole(held.membership.id)),)
        for held in one.held
        if held.membership.id in view.removable
    ]
    person_id = one.person.id
    if one.person.is_active:
        rows.append((to(words, RoleScreen(person_id), key="button.add_role"),))
    if view.is_theirs:
        key, tap = ("deactivate", taps.Deactivate) if one.person.is_active else ("reactivate", taps.Reactivate)
        rows.append((button(words(f"button.{key}"), tap(person_id)),))
        if one.has_authenticator:
            rows.append((button(words("button.reset_authenticator"), taps.ResetAuthenticator(person_id)),))
    return Card(fit(lines), (*rows, menu(words, TeamScreen(), HomeScreen())))


@renders(ChooseRole)
def choose_role(view: ChooseRole, words: Words) -> Card:
    rows = tuple(
        (button(_capital(words(f"role.{role}")), taps.Menu(_choosing(view.colleague, role))),) for role in view.roles
    )
    one = view.colleague
    text = words("invite.role") if one is None else words("team.add_role", person=one.person.name)
    return Card(text, (*rows, _leave(one, words)))


@renders(ChooseSite)
def choose_site(view: ChooseSite, words: Words) -> Card:
    rows = [(button(site_named(site, words), _given(view.colleague, view.role, site.id)),) for site in view.page.items]
    if view.everywhere and not view.page.number:
        everywhere = _capital(words("team.all_sites"))
        rows.insert(0, (button(everywhere, _given(view.colleague, view.role, taps.EVERYWHERE)),))
    pages = turning(words, view.page, _choosing(view.colleague, view.role))
    role = words(f"role.{view.role}")
    text = words("invite.site", role=role)
    if view.colleague is not None:
        text = words("team.add_site", person=view.colleague.person.name, role=role)
    return Card(text, (*rows, *pages, _leave(view.colleague, words)))


def _capital(text: Markup) -> Markup:
    return text[:1].upper() + text[1:]


def _choosing(colleague: Colleague | None, role: PersonRole) -> Screen:
    return InviteScreen(role) if colleague is None else RoleScreen(colleague.person.id, role)


def _given(colleague: Colleague | None, role: PersonRole, site: int) -> taps.Tap:
    return taps.Invite(role, site) if colleague is None else taps.AddRole(colleague.person.id, role, site)


def site_named(site: Site, words: Words) -> Markup:
    """
    A site by its number and name, on a button.
    """
    return words("team.site_named", number=f"{site.number:02d}", name=site.name)


def _leave(colleague: Colleague | None, words: Words) -> tuple[Button, ...]:
    if colleague is None:
        return menu(words, InvitationsScreen(), TeamScreen())
    return (to(words, PersonScreen(colleague.person.id), key="button.return"),)
