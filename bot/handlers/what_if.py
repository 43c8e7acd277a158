"""
A case with other values.
"""

from msgspec.structs import replace

from bot.events import Command
from bot.handlers.cases import meant
from bot.handlers.routes import command, reads
from bot.screens import present
from bot.screens.what_if import WhatIf, WhatIfScreen
from bot.turn import READERS, Note, Reply, Turn
from bot.typed.codes import code_and_rest
from bot.typed.what_if import read_values


@command("whatif", READERS, rank=80)
async def on_what_if(turn: Turn, command: Command) -> Reply:
    """
    Assess a case with the values typed, and store nothing.
    """
    code, text = code_and_rest(command.argument)
    reply = turn.show(WhatIfScreen(), await meant(turn, code))
    view = await present(turn)
    return await on_values(turn, view, text) if text and isinstance(view, WhatIf) else reply


@reads(WhatIf)
async def on_values(turn: Turn, view: WhatIf, text: str) -> Reply:
    """
    Suppose these values too, and say which of them are not taken.
    """
    record = view.record
    found = read_values(text, record.population, today=record.as_of)
    if not found.values and not any(one.item for one in found.left):
        return Reply(Note("note.no_value"))
    reply = turn.show(WhatIfScreen({**view.values, **found.values}), record)
    supposed = await present(turn)
    turn.found = replace(supposed, left=found.left) if isinstance(supposed, WhatIf) else supposed
    return reply
