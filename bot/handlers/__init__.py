"""
One short function for each event: read, act, say. Who may cause which event is declared here and checked in one place.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot import taps
from bot.events import Command, Edited, Event, OldButton, Typed, Unreadable
from bot.handlers import (
    decisions,
    joining,
    menus,
    moving,
    overview,
    pairs,
    people,
    reading,
    reminders,
    screening,
    text,
    visits,
)
from bot.rules.items import BadValueError
from bot.screens import present
from bot.turn import ADMINISTRATORS, DECIDERS, READERS, SCREENERS, STAFF, StaleError, Turn
from bot.views import Note, Reply
from db.base.tables import PersonRole


@dataclass(frozen=True)
class Route:
    """
    The handler of an event, and the roles of which a person needs one.
    """

    handler: Callable[[Turn, Any], Awaitable[Reply]]
    roles: frozenset[PersonRole]


COMMANDS: dict[str, Route] = {
    "start": Route(joining.on_start, READERS),
    "help": Route(menus.on_help, READERS),
    "new": Route(menus.on_new_command, SCREENERS),
    "cases": Route(menus.on_cases, READERS),
    "resume": Route(reading.on_resume, SCREENERS),
    "pair": Route(pairs.on_pair, READERS),
    "link": Route(pairs.on_link_command, SCREENERS),
    "unlink": Route(pairs.on_unlink_command, SCREENERS),
    "decide": Route(decisions.on_decide_command, STAFF),
    "sign": Route(decisions.on_sign_command, DECIDERS),
    "authenticator": Route(decisions.on_authenticator, DECIDERS),
    "team": Route(people.on_team, ADMINISTRATORS),
    "invite": Route(people.on_invite_command, ADMINISTRATORS),
    "status": Route(overview.on_status, READERS),
    "dashboard": Route(overview.on_board, READERS),
    "find": Route(overview.on_find, READERS),
    "why": Route(reading.on_why, READERS),
    "history": Route(reading.on_history, READERS),
    "whatif": Route(reading.on_what_if, READERS),
    "report": Route(reading.on_report_command, READERS),
    "language": Route(menus.on_language, READERS),
    "cancel": Route(moving.on_cancel, SCREENERS),
    "infused": Route(visits.on_infused, STAFF),
    "visits": Route(visits.on_visits, READERS),
    "agenda": Route(visits.on_agenda, READERS),
    "reminders": Route(reminders.on_reminders, READERS),
}

EVENTS: dict[type[Event], Route] = {
    Typed: Route(text.on_typed, READERS),
    Edited: Route(menus.on_edited, READERS),
    Unreadable: Route(menus.on_unreadable, READERS),
    OldButton: Route(menus.on_old_button, READERS),
    taps.Answer: Route(screening.on_answer, SCREENERS),
    taps.Toggle: Route(screening.on_toggle, SCREENERS),
    taps.Done: Route(screening.on_done, SCREENERS),
    taps.Confirm: Route(screening.on_confirm, SCREENERS),
    taps.Go: Route(moving.on_go, READERS),
    taps.Open: Route(moving.on_open, READERS),
    taps.Read: Route(overview.on_read, READERS),
    taps.Report: Route(reading.on_report, READERS),
    taps.Pause: Route(moving.on_pause, READERS),
    taps.Finish: Route(moving.on_finish, SCREENERS),
    taps.Complete: Route(moving.on_complete, SCREENERS),
    taps.New: Route(menus.on_new, SCREENERS),
    taps.NewAt: Route(menus.on_new_at, SCREENERS),
    taps.Accept: Route(joining.on_accept, READERS),
    taps.Decline: Route(joining.on_decline, READERS),
    taps.Invite: Route(people.on_invite, ADMINISTRATORS),
    taps.Revoke: Route(people.on_revoke, ADMINISTRATORS),
    taps.AddRole: Route(people.on_add_role, ADMINISTRATORS),
    taps.RemoveRole: Route(people.on_remove_role, ADMINISTRATORS),
    taps.Deactivate: Route(people.on_deactivate, ADMINISTRATORS),
    taps.Reactivate: Route(people.on_reactivate, ADMINISTRATORS),
    taps.ResetAuthenticator: Route(people.on_reset_authenticator, ADMINISTRATORS),
    taps.Menu: Route(menus.on_menu, READERS),
    taps.Link: Route(pairs.on_link, SCREENERS),
    taps.Unlink: Route(pairs.on_unlink, SCREENERS),
    taps.NewDonor: Route(pairs.on_new_donor, SCREENERS),
    taps.Choose: Route(pairs.on_choose, STAFF),
    taps.Decide: Route(decisions.on_decide, STAFF),
    taps.Enrol: Route(decisions.on_enrol, DECIDERS),
    taps.SetLanguage: Route(menus.on_set_language, READERS),
    taps.Infuse: Route(visits.on_infuse, STAFF),
    taps.Visited: Route(visits.on_visited, STAFF),
    taps.Follow: Route(visits.on_follow, READERS),
    taps.Export: Route(visits.on_export, READERS),
    taps.Remind: Route(reminders.on_remind, READERS),
    taps.MuteKind: Route(reminders.on_mute, READERS),
}

JOINING = frozenset({taps.Accept, taps.Decline})
"""All that somebody can do who has not accepted the privacy note."""


async def handle(turn: Turn, event: Event) -> Reply:
    """
    Find the route of an event, check the roles, and let its handler act. What is stale shows the present state.
    """
    is_command = isinstance(event, Command)
    if turn.member.person.accepted_at is None and type(event) not in JOINING:
        return Reply(await present(turn), fresh=is_command, tidy=isinstance(event, Command | Typed))
    route = COMMANDS.get(event.name) if isinstance(event, Command) else EVENTS[type(event)]
    if route is None:
        return Reply(await present(turn), note=Note("note.unknown_command"), fresh=True, tidy=True)
    if not turn.member.roles & route.roles:
        return Reply(await present(turn), note=Note("note.not_allowed"), toast="toast.not_allowed", fresh=is_command)
    turn.roles = route.roles
    try:
        return await route.handler(turn, event)
    except (StaleError, BadValueError):
        # A value that its item does not take can only come from a button that nobody was shown.
        turn.roles = READERS
        return Reply(await present(turn), toast="toast.stale", tidy=isinstance(event, Typed))
