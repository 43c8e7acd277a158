"""
What was read out of a file of another program: for each case its answers, or what is wrong with them.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import field

from bot.documents.exchange import examined
from bot.documents.exchange.examined import BadExaminationError
from bot.rules.frozen import Frozen
from bot.rules.items import BadValueError, Date, Item
from bot.rules.protocol import Kind, Population
from db.cases.given import Examined


class NotRecordsError(ValueError):
    """
    A file that holds no records of this form. `str()` says what is wrong with it.
    """


class Line(Frozen):
    """
    A record that was read: the answers it holds, in file form, with the examinations of those of which it tells one; or
    why it holds none. `number` is its place in the file.
    """

    number: int
    code: str
    kind: Kind
    answers: Mapping[str, object]
    problems: tuple[str, ...]
    examined: Mapping[str, Examined] = field(default_factory=dict)


def line(  # noqa: PLR0917  all that a record is made of
    number: int,
    code: str,
    population: Population,
    answers: Mapping[str, object],
    as_of: date,
    told: Mapping[str, object],
) -> Line:
    """
    A record with these answers, unless its items refuse one as of this day; `told` of their examinations.
    """
    problems = []
    for key, raw in answers.items():
        try:
            check(population.item[key], raw, as_of)
        except BadValueError as error:
            problems.append(f"{key}: {error.problem}")
    return made(number, code, population, answers, problems, examinations(told, answers, as_of, problems))


def made(  # noqa: PLR0917  as above
    number: int,
    code: str,
    population: Population,
    answers: Mapping[str, object],
    problems: Sequence[str],
    examined: Mapping[str, Examined],
) -> Line:
    """
    A record, which holds nothing where something is wrong with it.
    """
    if problems:
        return Line(number, code, population.kind, {}, tuple(problems))
    return Line(number, code, population.kind, answers, (), examined)


def examinations(
    told: Mapping[str, object], answers: Mapping[str, object], as_of: date, problems: list[str]
) -> dict[str, Examined]:
    """
    The examinations told of these answers, as of a day; what is wrong with one is added to the problems. Of what is not
    available yet there is none.
    """
    found = {}
    for key, said in told.items():
        if answers.get(key) is None:
            continue
        try:
            found[key] = examined.read(said, as_of)
        except BadExaminationError as error:
            problems.append(f"{key}: examined: {error}")
    return found


def check(item: Item, raw: object, as_of: date) -> None:
    """
    Raise BadValueError for an answer that the item does not take as of this day.
    """
    if raw is None:
        return
    value = item.read(raw)
    if isinstance(item, Date):
        item.check_past(value, as_of)
