"""
Events that ask for a case by its code, and those that read it: why, what if, history, report.
"""

import re
from dataclasses import replace

from bot import taps
from bot.events import Command
from bot.rules import file_form
from bot.rules.protocol import Criterion, Part, Population
from bot.screens import present
from bot.screens.reading import report
from bot.turn import StaleError, Turn
from bot.typed.assignments import NotUnderstoodError, read_values
from bot.views import Note, Reply
from bot.views.reading import WhatIf
from db.base.tables import Case
from db.cases import cases

_CODE = re.compile(r"\s*(\d{1,2})\s*-?\s*([RD])\s*-?\s*(\d{1,4})\s*", re.ASCII | re.IGNORECASE)
_BEGINS_WITH_CODE = re.compile(rf"{_CODE.pattern}(?!\S)", re.ASCII | re.IGNORECASE)


def code_in(text: str) -> str | None:
    """
    The case code that a text is, in any case and with or without zeros: 1-r-3 is 01-R-003.
    """
    match = _CODE.fullmatch(text)
    return f"{int(match[1]):02d}-{match[2].upper()}-{int(match[3]):03d}" if match else None


def code_and_rest(text: str) -> tuple[str, str]:
    """
    The code with which a text begins, empty where there is none, and what follows.
    """
    match = _BEGINS_WITH_CODE.match(text)
    return (match[0].strip(), text[match.end() :].strip()) if match else ("", text.strip())


def judged_named(population: Population, text: str) -> Criterion | Part | None:
    """
    The criterion or part with this id, in any case, with or without hyphens and the letter of the population.
    """
    wanted = _bare(text)
    known = {_bare(part.id): part for criterion in population.criteria for part in criterion.family}
    return known.get(wanted) or known.get(f"{population.kind[0]}{wanted}")


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


async def on_resume(turn: Turn, command: Command) -> Reply:
    """
    Go on with a case.
    """
    return await on_code(turn, command.argument, "ask")


async def on_why(turn: Turn, command: Command) -> Reply:
    """
    Show the reasoning of a criterion of a case; the criteria to choose from where none is named.
    """
    code, name = code_and_rest(command.argument)
    case = await _case(turn, code)
    if case is None:
        return await on_code(turn, code, "criteria")
    record = await turn.record(case)
    part = judged_named(record.population, name)
    turn.show("criteria" if part is None else f"tree:{part.id}", case)
    note = Note("note.no_criterion") if name and part is None else None
    return Reply(await present(turn, record), note=note, fresh=True, tidy=True)


async def on_history(turn: Turn, command: Command) -> Reply:
    """
    Show what happened to a case.
    """
    return await _show(turn, command.argument, "history:0")


async def on_what_if(turn: Turn, command: Command) -> Reply:
    """
    Assess a case with the values typed, and store nothing.
    """
    code, text = code_and_rest(command.argument)
    if await _case(turn, code) is None or not text:
        return await _show(turn, code, "whatif")
    case = await _case(turn, code)
    turn.show("whatif", case)
    view = await present(turn)
    return replace(await on_values(turn, view, text), fresh=True) if isinstance(view, WhatIf) else Reply(view)


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


async def on_report_command(turn: Turn, command: Command) -> Reply:
    """
    Hand over the report on a case.
    """
    shown = await _show(turn, command.argument, "summary")
    case = await turn.focus()
    return shown if case is None else replace(shown, also=await report(turn, await turn.record(case)))


async def on_report(turn: Turn, tap: taps.Report) -> Reply:
    """
    Hand over the report on the case in focus, above the card that stands.
    """
    case = await turn.focus(tap.case)
    if case is None:
        raise StaleError
    record = await turn.record(case)
    return Reply(await present(turn, record), fresh=True, also=await report(turn, record))


async def _show(turn: Turn, text: str, screen: str) -> Reply:
    """
    A screen of the case named, or of the one in focus where none is.
    """
    case = await turn.focus() if not text else None
    if case is None:
        return await on_code(turn, text, screen)
    turn.show(screen, case)
    return Reply(await present(turn), fresh=True, tidy=True)


async def _case(turn: Turn, code: str) -> Case | None:
    return await find(turn, code) if code else await turn.focus()


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
