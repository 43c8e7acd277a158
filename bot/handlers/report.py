"""
The report on a case, handed over.
"""

from bot import taps
from bot.events import Command
from bot.handlers.cases import meant
from bot.handlers.routes import command, on
from bot.screens.report import report
from bot.screens.summary import SummaryScreen
from bot.turn import READERS, Reply, Turn


@command("report", READERS, rank=100)
async def on_report_command(turn: Turn, command: Command) -> Reply:
    """
    Hand over the report on a case.
    """
    record = await turn.record(await meant(turn, command.argument))
    return turn.show(SummaryScreen(), record, also=await report(turn, record))


@on(taps.GetReport, READERS)
async def on_report(turn: Turn, tap: taps.GetReport) -> Reply:
    """
    Hand over the report on the case in focus, above the card that stands.
    """
    turn.known = await turn.record(await turn.focus_on(tap.case))
    return Reply(fresh=True, also=await report(turn, turn.known))
