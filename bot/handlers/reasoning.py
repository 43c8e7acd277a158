"""
Events that ask why a criterion stands as it does.
"""

from bot.events import Command
from bot.handlers.cases import meant
from bot.handlers.routes import command
from bot.rules.criteria import Criterion, Part
from bot.rules.protocol import Population
from bot.screens.reasoning import CriteriaScreen, TreeScreen
from bot.turn import READERS, Note, Reply, Turn
from bot.typed.codes import code_and_rest


@command("why", READERS, rank=70)
async def on_why(turn: Turn, command: Command) -> Reply:
    """
    Show the reasoning of a criterion of a case; the criteria to choose from where none is named.
    """
    code, name = code_and_rest(command.argument)
    record = await turn.record(await meant(turn, code))
    part = judged_named(record.population, name)
    note = Note("note.no_criterion") if name and part is None else None
    return turn.show(CriteriaScreen() if part is None else TreeScreen(part.id), record, note)


def judged_named(population: Population, text: str) -> Criterion | Part | None:
    """
    The criterion or part with this id, in any case, with or without hyphens and the letter of the population.
    """
    wanted = _bare(text)
    known = {_bare(part.id): part for criterion in population.criteria for part in criterion.family}
    return known.get(wanted) or known.get(f"{population.kind[0]}{wanted}")


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
