"""
The report on a case, handed over.
"""

from dataclasses import replace

from bot import taps
from bot.events import Command
from bot.handlers.cases import show_case
from bot.handlers.routes import command, on
from bot.screens import present
from bot.screens.report import report
from bot.turn import READERS, Reply, StaleError, Turn


@command("report", READERS, rank=100)
async def on_report_command(turn: Turn, command: Command) -> Reply:
    """
    Hand over the report on a case.
    """
    shown = await show_case(turn, command.argument, "summary")
    case = await turn.focus()
    return shown if case is None else replace(shown, also=await report(turn, await turn.record(case)))


@on(taps.Report, READERS)
async def on_report(turn: Turn, tap: taps.Report) -> Reply:
    """
    Hand over the report on the case in focus, above the card that stands.
    """
    case = await turn.focus(tap.case)
    if case is None:
        raise StaleError
    record = await turn.record(case)
    return Reply(await present(turn, record), fresh=True, also=await report(turn, record))
