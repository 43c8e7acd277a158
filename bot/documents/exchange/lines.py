"""
What was read out of a file of another program: for each case its answers, or what is wrong with them.
"""

from collections.abc import Mapping
from datetime import date

from bot.rules.frozen import Frozen
from bot.rules.items import BadValueError, Date, Item
from bot.rules.protocol import Kind, Population


class NotRecordsError(ValueError):
    """
    A file that holds no records of this form. `str()` says what is wrong with it.
    """


class Line(Frozen):
    """
    A record that was read: the answers it holds, in file form, or why it holds none. `number` is its place in the file.
    """

    number: int
    code: str
    kind: Kind
    answers: Mapping[str, object]
    problems: tuple[str, ...]


def line(number: int, code: str, population: Population, answers: Mapping[str, object], as_of: date) -> Line:
    """
    A record with these answers, unless its items refuse one as of this day.
    """
    problems = []
    for key, raw in answers.items():
        try:
            check(population.item[key], raw, as_of)
        except BadValueError as error:
            problems.append(f"{key}: {error.problem}")
    return Line(number, code, population.kind, {} if problems else answers, tuple(problems))


def check(item: Item, raw: object, as_of: date) -> None:
    """
    Raise BadValueError for an answer that the item does not take as of this day.
    """
    if raw is None:
        return
    value = item.read(raw)
    if isinstance(item, Date):
        item.check_past(value, as_of)
