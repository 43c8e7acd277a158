"""
What a chat shows: a function of what is stored, so that any replica can show it at any time.

A chat's `screen` is a name, and after a colon what the screen is about. Outside any case:

    home, help, language, new, cases:PAGE
    authenticator                                  the app whose codes sign
    home, help, language, new, cases:PAGE, agenda:PERIOD:PAGE

    reminders:PAGE, reminder:ID, snooze:ID, kinds  one's own reminders
    team:PAGE, person:ID, role:ID:ROLE:PAGE        people; a further role for one of them
    invite:ROLE:PAGE, invitations:PAGE             an invitation to a role, the open ones
    board, find:FILTER:PAGE...                     all cases at a glance, and those looked for (see bot.search)
    documents                                      the documents about all cases

About the case in focus:

    ask                                            the next question, or what stands in its place
    item:KEY, change:KEY:REASON                    one item asked again
    await:KEY                                      an awaited item asked again, then the next one
    why:KEY:SCREEN, reason:KEY                     about one item; SCREEN is where Why? was asked
    edit, edit:SECTION, changed                    the answers
    summary, details                               the case as a whole
    pair, link, unlink                             the recipient and the donors
    decide, sign, sign:pair, failure:CRITERION     what can be decided, and what is signed
    dismiss:QUERY, end:KIND, include               decisions that need no code
    infusion:REASON:DAY                            when the infusion was
    visits, visit:MONTH, visit:MONTH:WHAT          the follow-up
    criteria, tree:ID, history:PAGE                why, and what happened
    whatif:VALUES                                  the case with other values, as JSON
    documents                                      the documents about it
"""

from collections.abc import Awaitable, Callable

from bot.screens import (
    agenda,
    authenticator,
    cases,
    decisions,
    documents,
    history,
    infusions,
    invitations,
    joining,
    menus,
    overview,
    pairs,
    people,
    reasoning,
    reminders,
    signing,
    summary,
    visits,
    what_if,
)
from bot.screens.questions import question
from bot.screens.screening import screening
from bot.turn import Turn, View
from db.cases.records import Record

__all__ = ["ABOUT", "KEEPING", "MENUS", "present", "question"]

MENUS: dict[str, Callable[[Turn, str], Awaitable[View]]] = {
    "home": menus.home,
    "help": menus.help_,
    "language": menus.language,
    "new": cases.new,
    "cases": cases.case_list,
    "authenticator": authenticator.authenticator,
    "agenda": agenda.agenda,
    "reminders": reminders.reminder_list,
    "reminder": reminders.one,
    "snooze": reminders.snooze,
    "kinds": reminders.kinds,
    "team": people.team_,
    "person": people.person,
    "role": people.role,
    "invite": people.invite,
    "invitations": invitations.open_invitations,
    "board": overview.board,
    "documents": documents.of_all,
    "find": overview.find,
}
"""Screens outside any case."""

KEEPING = frozenset({"help", "language", "authenticator", "reminder", "snooze"})
"""Those of them from which one returns to the case in focus."""

ABOUT: dict[str, Callable[[Turn, Record, str], Awaitable[View | None]]] = {
    "summary": summary.summary,
    "details": summary.details,
    "pair": pairs.pair,
    "link": pairs.link,
    "unlink": pairs.unlink,
    "decide": decisions.choices,
    "sign": signing.sign,
    "failure": signing.failure,
    "dismiss": decisions.dismiss,
    "end": decisions.end,
    "include": decisions.include,
    "infusion": infusions.infusion,
    "visits": visits.visit_list,
    "visit": visits.visit,
    "criteria": reasoning.criteria,
    "tree": reasoning.tree,
    "history": history.past,
    "whatif": what_if.what_if,
    "documents": documents.of_case,
}
"""Screens about a case that are not its screening. None: not for this person, or no longer so."""


async def present(turn: Turn, record: Record | None = None) -> View:
    """
    The view of the chat's screen now. `record` spares reading the case in focus again.
    """
    if (instead := await joining.standing(turn)) is not None:
        return instead
    name, _, rest = turn.chat.screen.partition(":")
    if name not in KEEPING:
        if record is None and (case := await turn.focus()) is not None:
            record = await turn.record(case)
        if record is not None:
            return await _about(turn, record, name, rest)
    return await MENUS.get(name, menus.home)(turn, rest)


async def _about(turn: Turn, record: Record, name: str, rest: str) -> View:
    view: View | None = None
    if name in ABOUT:
        view = await ABOUT[name](turn, record, rest)
    elif turn.may_screen(record.case.site_id):
        view = screening(turn, record, name, rest)
    return view or await summary.summary(turn, record)
