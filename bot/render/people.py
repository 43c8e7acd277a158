"""
Screens about people.
"""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from bot import taps
from bot.render.card import Button, Card, Rows, button, fit
from bot.texts import Words
from bot.views.people import (
    ChooseRole,
    ChooseSite,
    Ended,
    InvitationLink,
    Invitations,
    Invited,
    PrivacyNote,
    Profile,
    Team,
)
from db.base.tables import PersonRole, Site
from db.people.team import Colleague, Held

_COMMA = Markup(", ")
_PRIVACY = ("joining.about_you", "joining.about_cases", "joining.telegram", "joining.approval")


def privacy_note(view: PrivacyNote, words: Words) -> Card:
    """
    What somebody who is invited reads first.
    """
    key = "joining.invited" if view.inviter is None else "joining.invited_by"
    roles = _COMMA.join(_held(one, words) for one in view.held)
    lines = [words("joining.title"), "", words(key, name=view.inviter or "", roles=roles), ""]
    lines += [words(key) for key in _PRIVACY]
    rows = (
        (button(words("button.accept"), taps.Accept(view.person_id)),),
        (button(words("button.decline"), taps.Decline(view.person_id)),),
    )
    return Card(fit([*lines, "", words("joining.question")]), rows)


def ended(_: Ended, words: Words) -> Card:
    """
    The last words to somebody who is a member no longer.
    """
    return Card(words("notice.deactivated"))


def place(number: int | None, words: Words) -> Markup:
    """
    A site by its number, or all sites.
    """
    return words("team.all_sites") if number is None else words("team.site", number=f"{number:02d}")


def _held(held: Held, words: Words) -> Markup:
    number = None if held.site is None else held.site.number
    return words("team.held", role=words(f"role.{held.role}"), place=place(number, words))


def team(view: Team, words: Words) -> Card:
    """
    The people, each a button.
    """
    lines: list[str] = [words("team.title"), ""]
    lines += [_line(one, words) for one in view.people]
    rows = [(button(words.name(one.person.name), taps.Menu(f"person:{one.person.id}")),) for one in view.people]
    more = (button(words("button.invite"), taps.Menu("invite")), _menu("invitations", words, "invitations:0"))
    return Card(fit(lines), (*rows, *_turning("team", view.page, words, has_more=view.has_more), more, _home(words)))


def _line(one: Colleague, words: Words) -> Markup:
    roles = _COMMA.join(_held(held, words) for held in one.held) or words("team.no_role")
    state = _state(one, words)
    line = words("team.line", name=one.person.name, roles=roles)
    return words("team.line_with_state", line=line, state=state) if state else line


def _state(one: Colleague, words: Words) -> Markup | None:
    if not one.person.is_active:
        return words("team.inactive")
    return words("team.not_accepted") if one.person.accepted_at is None else None


def profile(view: Profile, words: Words) -> Card:
    """
    One person, and what may be changed.
    """
    one = view.colleague
    state = _state(one, words)
    lines: list[str] = [words("team.person", name=one.person.name, telegram_id=one.person.telegram_id)]
    lines += [state] if state else []
    lines += [words("team.role_line", held=_held(held, words)) for held in one.held] or [words("team.no_role")]
    if view.is_self:
        lines.append(words("team.yourself"))
    elif not view.is_theirs:
        lines += ["", words("team.elsewhere")]
    rows: list[tuple[Button, ...]] = [
        (button(words("button.remove_role", held=_held(held, words)), taps.RemoveRole(held.membership.id)),)
        for held in one.held
        if held.membership.id in view.removable
    ]
    person_id = one.person.id
    if one.person.is_active:
        rows.append((_menu("add_role", words, f"role:{person_id}"),))
    if view.is_theirs:
        key, tap = ("deactivate", taps.Deactivate) if one.person.is_active else ("reactivate", taps.Reactivate)
        rows.append((button(words(f"button.{key}"), tap(person_id)),))
        if one.has_authenticator:
            rows.append((button(words("button.reset_authenticator"), taps.ResetAuthenticator(person_id)),))
    return Card(fit(lines), (*rows, (_menu("team", words, "team:0"), *_home(words))))


def choose_role(view: ChooseRole, words: Words) -> Card:
    """
    Which role?
    """
    rows = tuple(
        (button(_capital(words(f"role.{role}")), taps.Menu(f"{_choosing(view.colleague)}:{role}")),)
        for role in view.roles
    )
    one = view.colleague
    text = words("invite.role") if one is None else words("team.add_role", name=one.person.name)
    return Card(text, (*rows, _leave(one, words)))


def choose_site(view: ChooseSite, words: Words) -> Card:
    """
    At which site?
    """
    rows = [(button(_site(site, words), _given(view.colleague, view.role, site.id)),) for site in view.sites]
    if view.everywhere and not view.page:
        everywhere = _capital(words("team.all_sites"))
        rows.insert(0, (button(everywhere, _given(view.colleague, view.role, taps.EVERYWHERE)),))
    screen = f"{_choosing(view.colleague)}:{view.role}"
    turning = _turning(screen, view.page, words, has_more=view.has_more)
    role = words(f"role.{view.role}")
    text = words("invite.site", role=role)
    if view.colleague is not None:
        text = words("team.add_site", name=view.colleague.person.name, role=role)
    return Card(text, (*rows, *turning, _leave(view.colleague, words)))


def _capital(text: Markup) -> Markup:
    return text[:1].upper() + text[1:]


def _choosing(colleague: Colleague | None) -> str:
    return "invite" if colleague is None else f"role:{colleague.person.id}"


def _given(colleague: Colleague | None, role: PersonRole, site: int) -> taps.Tap:
    return taps.Invite(role, site) if colleague is None else taps.AddRole(colleague.person.id, role, site)


def _site(site: Site, words: Words) -> Markup:
    return words("team.site_named", number=f"{site.number:02d}", name=site.name)


def _leave(colleague: Colleague | None, words: Words) -> tuple[Button, ...]:
    if colleague is None:
        return (_menu("invitations", words, "invitations:0"), _menu("team", words, "team:0"))
    return (button(words("button.return"), taps.Menu(f"person:{colleague.person.id}")),)


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
    last = (button(words("button.invite"), taps.Menu("invite")), _menu("team", words, "team:0"), *_home(words))
    turning = _turning("invitations", view.page, words, has_more=view.has_more)
    return Card(fit(lines), (*rows, *turning, last))


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


def link(view: InvitationLink, words: Words) -> Card:
    """
    An invitation to be passed on: words for whoever gets it.
    """
    until = words.moment(view.invited.until)
    return Card(words("invite.link", invited=_invited(view.invited, words), link=view.link, until=until))


def _turning(screen: str, page: int, words: Words, *, has_more: bool) -> Rows:
    row = []
    if page:
        row.append(button(words("button.previous"), taps.Menu(f"{screen}:{page - 1}")))
    if has_more:
        row.append(button(words("button.next"), taps.Menu(f"{screen}:{page + 1}")))
    return (tuple(row),) if row else ()


def _menu(name: str, words: Words, screen: str) -> Button:
    return button(words(f"button.{name}"), taps.Menu(screen))


def _home(words: Words) -> tuple[Button, ...]:
    return (_menu("home", words, "home"),)


def named(about: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """
    What a notice speaks of, a role and its site in words.
    """
    values = {key: value for key, value in about.items() if key not in {"case", "site"}}
    if "role" in about:
        values |= {"role": words(f"role.{about['role']}"), "place": place(about.get("site"), words)}
    return values


def undo(about: Mapping[str, Any], words: Words) -> Rows:
    """
    The button that takes back what a notice tells of.
    """
    if "undo_person" in about:
        return ((button(words("button.undo"), taps.Deactivate(about["undo_person"])),),)
    if "undo_membership" in about:
        return ((button(words("button.undo"), taps.RemoveRole(about["undo_membership"])),),)
    return ()
