"""
Cases as the tests of the rules write them, and what the protocol makes of them.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, settings

from bot.rules.assessment import Assessment, assess, read_answers
from bot.rules.criteria import Criterion, Part, Role, Status
from bot.rules.evaluate import evaluator
from bot.rules.protocol import Kind, Population
from bot.rules.v1 import PROTOCOL
from bot.terminal import well

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
RECIPIENT, DONOR = PROTOCOL.recipient, PROTOCOL.donor
POPULATIONS = {str(population.kind): population for population in (RECIPIENT, DONOR)}
TODAY = date(2026, 5, 10)

Answers: TypeAlias = Mapping[str, Any]
Table: TypeAlias = Mapping[str, Sequence[tuple[Answers, Status]]]
"""For each criterion or part by id, answers and the status that follows from them."""


def examples(number: int) -> settings:
    """
    So many examples, however slow the machine.
    """
    return settings(
        max_examples=number,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


def filed(answers: Answers) -> dict[str, Any]:
    """
    Answers in file form. Text that is nothing but a number stands for that number, to the digit.
    """
    return {
        key: Decimal(value) if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) else value
        for key, value in answers.items()
    }


def assessed(population: Population, answers: Answers, as_of: date = TODAY, **others: Any) -> Assessment:  # noqa: ANN401
    """
    The assessment of these answers.
    """
    return assess(population, read_answers(population, filed(answers), as_of), as_of, **others)


def family_of(population: Population) -> dict[str, tuple[Criterion, Criterion | Part]]:
    """
    Every criterion and part of a population by id, with the criterion it belongs to.
    """
    return {part.id: (criterion, part) for criterion in population.criteria for part in criterion.family}


def status_of(id_: str, answers: Answers, as_of: date = TODAY) -> Status:
    """
    The status of a criterion or part, the ones without a letter included.
    """
    population = RECIPIENT if id_.startswith("R") else DONOR
    criterion, part = family_of(population)[id_]
    truth = evaluator(part.expression)(read_answers(population, filed(answers), as_of), as_of)
    if truth is None:
        return UNKNOWN
    return PASS if truth is (criterion.role is Role.INCLUSION) else FAIL


def rows(table: Table) -> list[Any]:
    """
    The rows of a table as parameters of a test: id, answers, status.
    """
    return [
        pytest.param(id_, answers, status, id=f"{id_}-{number}-{status}")
        for id_, found in table.items()
        for number, (answers, status) in enumerate(found)
    ]


def missing_of(answers: Answers, population: Population = RECIPIENT, as_of: date = TODAY) -> set[str]:
    """
    The items that can still matter.
    """
    return set(assessed(population, answers, as_of).missing)


WELL, WELL_DONOR = well.WELL[Kind.RECIPIENT], well.WELL[Kind.DONOR]
"""A recipient and a donor who are eligible, with every question answered that was asked."""


def without(answers: Answers, *keys: str) -> dict[str, Any]:
    """
    The answers less some.
    """
    return {key: value for key, value in answers.items() if key not in keys}
