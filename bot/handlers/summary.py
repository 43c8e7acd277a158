"""
Events that show a case as a whole.
"""

from bot import taps
from bot.events import Command
from bot.handlers.cases import on_code
from bot.handlers.overview import on_board
from bot.handlers.routes import command, on
from bot.screens import present
from bot.turn import READERS, Reply, StaleError, Turn
from db.cases import cases


@command("status", READERS, rank=40)
async def on_status(turn: Turn, command: Command) -> Reply:
    """
    Show the summary of the case named; where none is, the dashboard.
    """
    return await on_code(turn, command.argument, "summary") if command.argument else await on_board(turn, command)


@on(taps.Read, READERS)
async def on_read(turn: Turn, tap: taps.Read) -> Reply:
    """
    Show the summary of a case from a list.
    """
    case = await cases.by_id(turn.session, case_id=tap.case, sites=turn.sites)
    if case is None:
        raise StaleError
    turn.show("summary", case)
    return Reply(await present(turn))
