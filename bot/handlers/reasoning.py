"""
Events that ask why a criterion stands as it does.
"""

from bot.events import Command
from bot.handlers.cases import find, on_code
from bot.handlers.routes import command
from bot.rules.protocol import Criterion, Part, Population
from bot.screens import present
from bot.turn import READERS, Note, Reply, Turn
from bot.typed.codes import code_and_rest
from db.base.tables import Case


@command("why", READERS, rank=70)
async def on_why(turn: Turn, command: Command) -> Reply:
    """
    Show the reasoning of a criterion of a case; the criteria to choose from where none is named.
    """
    code, name = code_and_rest(command.argument)
    case = await meant(turn, code)
    if case is None:
        return await on_code(turn, code, "criteria")
    record = await turn.record(case)
    part = judged_named(record.population, name)
    turn.show("criteria" if part is None else f"tree:{part.id}", case)
    note = Note("note.no_criterion") if name and part is None else None
    return Reply(await present(turn, record), note=note, fresh=True, tidy=True)


def judged_named(population: Population, text: str) -> Criterion | Part | None:
    """
    The criterion or part with this id, in any case, with or without hyphens and the letter of the population.
    """
    wanted = _bare(text)
    known = {_bare(part.id): part for criterion in population.criteria for part in criterion.family}
    return known.get(wanted) or known.get(f"{population.kind[0]}{wanted}")


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


async def meant(turn: Turn, code: str) -> Case | None:
    """
    The case with this code, or the one in focus.
    """
    return await find(turn, code) if code else await turn.focus()
