"""
Events about the agenda.
"""

from datetime import timedelta

from msgspec.structs import replace

from bot import taps
from bot.events import Command
from bot.handlers.routes import command, on
from bot.screens.agenda import MONTH, WEEK, AgendaScreen, CalendarFile
from bot.screens.visits import looks_at
from bot.turn import READERS, Note, Reply, StaleError, Turn
from bot.typed.letters import fold
from db.follow_up import agenda

CALENDAR = "calendar"
_PERIODS = {"month": MONTH, "mois": MONTH, "week": WEEK, "semaine": WEEK, "": WEEK}
_FILES = frozenset({"ics", "calendar", "calendrier"})
_MOST_IN_A_FILE = 2000
_BACK = timedelta(days=366)


@command("agenda", READERS, rank=180)
async def on_agenda(turn: Turn, command: Command) -> Reply:
    """
    Show what is due this week or month, or hand it over as a calendar file.
    """
    word = fold(command.argument)
    reply = turn.show(AgendaScreen(_PERIODS.get(word, WEEK)))
    if word in _FILES:
        return await on_export(turn, taps.Export(CALENDAR))
    return reply if word in _PERIODS else replace(reply, note=Note("agenda.which"))


@on(taps.Export, READERS)
async def on_export(turn: Turn, tap: taps.Export) -> Reply:
    """
    Hand over the visits of one's sites as a calendar file.
    """
    if tap.what != CALENDAR:
        raise StaleError
    today = await agenda.today(turn.session, sites=turn.sites, now=turn.now)
    found = await agenda.dated(turn.session, sites=turn.sites, today=today, back=_BACK, limit=_MOST_IN_A_FILE + 1)
    if not found:
        return Reply(Note("agenda.no_file"), fresh=False)
    is_cut = len(found) > _MOST_IN_A_FILE
    # The one too many is the oldest of those past, or the last of those ahead.
    found = found[1:] if is_cut and found[0].visit.day < today else found[:_MOST_IN_A_FILE]
    looked = {(one.case.id, one.visit.month): looks_at(one.case.protocol, one.visit.month) for one in found}
    return Reply(fresh=True, also=CalendarFile(tuple(found), looked, turn.now, is_cut))
