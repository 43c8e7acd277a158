"""
Events that ask for a case by its code.
"""

import re

from bot.events import Command
from bot.screens import present
from bot.turn import Turn
from bot.views import Note, Reply
from db import cases
from db.tables import Case

_CODE = re.compile(r"\s*(\d{1,2})\s*-?\s*([RD])\s*-?\s*(\d{1,4})\s*", re.ASCII | re.IGNORECASE)


def code_in(text: str) -> str | None:
    """
    The case code that a text is, in any case and with or without zeros: 1-r-3 is 01-R-003.
    """
    match = _CODE.fullmatch(text)
    return f"{int(match[1]):02d}-{match[2].upper()}-{int(match[3]):03d}" if match else None


async def on_status(turn: Turn, command: Command) -> Reply:
    """
    Show the summary of a case: the one named, or the one in focus.
    """
    if not command.argument and await turn.focus() is not None:
        turn.show("summary", await turn.focus())
        return Reply(await present(turn), fresh=True, tidy=True)
    return await on_code(turn, command.argument, "summary")


async def on_resume(turn: Turn, command: Command) -> Reply:
    """
    Go on with a case.
    """
    return await on_code(turn, command.argument, "ask")


async def on_code(turn: Turn, text: str, screen: str) -> Reply:
    """
    Put the case with this code in focus. One that the person may not see is answered like one that never was.
    """
    case = await find(turn, text)
    if case is None:
        turn.show("cases:0")
        code = code_in(text)
        note = Note("note.no_case", name=code) if code else Note("note.which_case")
        return Reply(await present(turn), note=note, fresh=True, tidy=True)
    turn.show(screen, case)
    return Reply(await present(turn), fresh=True, tidy=True)


async def find(turn: Turn, text: str) -> Case | None:
    """
    The case that a text names, at one of the person's sites.
    """
    code = code_in(text)
    return None if code is None else await cases.by_code(turn.session, code=code, sites=turn.sites)
