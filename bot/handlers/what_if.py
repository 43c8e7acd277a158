"""
A case with other values.
"""

from dataclasses import replace

from bot.events import Command
from bot.handlers.cases import show_case
from bot.handlers.reasoning import meant
from bot.handlers.routes import command, reads
from bot.rules import file_form
from bot.screens import present
from bot.screens.what_if import WhatIf
from bot.turn import READERS, Note, Reply, Turn
from bot.typed.assignments import NotUnderstoodError, read_values
from bot.typed.codes import code_and_rest


@command("whatif", READERS, rank=80)
async def on_what_if(turn: Turn, command: Command) -> Reply:
    """
    Assess a case with the values typed, and store nothing.
    """
    code, text = code_and_rest(command.argument)
    if await meant(turn, code) is None or not text:
        return await show_case(turn, code, "whatif")
    case = await meant(turn, code)
    turn.show("whatif", case)
    view = await present(turn)
    return replace(await on_values(turn, view, text), fresh=True) if isinstance(view, WhatIf) else Reply(view)


@reads(WhatIf)
async def on_values(turn: Turn, view: WhatIf, text: str) -> Reply:
    """
    Suppose these values too.
    """
    record = view.record
    try:
        values = {**view.values, **read_values(text, record.population, today=record.as_of)}
    except NotUnderstoodError as error:
        note = Note(f"suppose.{error.problem}", error.item, record.population.kind, error.raw, str(error.position))
        return Reply(view, note=note, tidy=True)
    turn.show(f"whatif:{file_form.dumps(values)}", record.case)
    return Reply(await present(turn, record), tidy=True)
