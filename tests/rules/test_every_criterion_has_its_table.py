"""
Nothing of the protocol goes without its table of cases: each criterion, part, limit, option and query.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.rules.criteria import Criterion, Part, Status
from bot.rules.expressions import Compare, Fell, Includes, Leaf, MonthsBefore, MonthsPassed, PressureAbove, leaves
from bot.rules.months import add_months
from bot.rules.protocol import Population
from bot.rules.versions import LATEST, PROTOCOLS
from tests.rules import test_donor, test_queries, test_recipient_exclusion, test_recipient_inclusion
from tests.rules.cases import TODAY, Table, filed

TABLES: dict[str, Table] = {
    "NCT02213705/1": {**test_recipient_inclusion.TABLE, **test_recipient_exclusion.TABLE, **test_donor.TABLE}
}


def populations() -> Iterator[tuple[str, Population]]:
    """
    Every population of every version.
    """
    for version, protocol in PROTOCOLS.items():
        yield version, protocol.recipient
        yield version, protocol.donor


def families() -> list[Any]:
    """
    Every criterion and part of every version, as parameters.
    """
    return [
        pytest.param(version, criterion, part, id=f"{version}-{part.id}")
        for version, population in populations()
        for criterion in population.criteria
        for part in criterion.family
    ]


def looked_up() -> list[Any]:
    """
    Every comparison of every criterion, as parameters.
    """
    return [
        pytest.param(version, criterion, leaf, id=f"{version}-{criterion.id}-{number}-{type(leaf).__name__}")
        for version, population in populations()
        for criterion in population.criteria
        for number, leaf in enumerate(leaves(criterion.expression))
    ]


def tried(version: str, criterion: Criterion, key: str) -> list[Any]:
    """
    The values of an item, as read, in the tables of a criterion and its parts.
    """
    population = next(
        found for name, found in populations() if name == version and key in found.item and criterion in found.criteria
    )
    all_answers = [filed(answers) for part in criterion.family for answers, _ in TABLES[version].get(part.id, [])]
    return [population.item[key].read(answers[key]) for answers in all_answers if answers.get(key) is not None]


@pytest.mark.parametrize(("version", "criterion", "part"), families())
def test_every_criterion_and_part_has_a_case_of_each_status(
    version: str, criterion: Criterion, part: Criterion | Part
) -> None:
    """
    Each has cases that pass, that fail and that stay open.
    """
    assert isinstance(part, Criterion | Part)
    found = {status for _, status in TABLES[version].get(part.id, [])}
    assert found == set(Status), f"{part.id} of {criterion.id}"


def test_no_table_is_left_over() -> None:
    """
    Each table belongs to a criterion or part that there is.
    """
    assert set(TABLES) == set(PROTOCOLS)
    for version, protocol in PROTOCOLS.items():
        known = [*protocol.recipient.criteria, *protocol.donor.criteria]
        assert set(TABLES[version]) == {part.id for criterion in known for part in criterion.family}


@pytest.mark.parametrize(("version", "criterion", "leaf"), looked_up())
def test_every_limit_is_tried_on_it_and_on_both_sides(version: str, criterion: Criterion, leaf: Leaf) -> None:
    """
    Each number is tried on its limit, under and over it, in each unit that has a limit of its own; each option is
    ticked; each wait and window is tried on its ends and a day outside.
    """
    match leaf:
        case Compare(item, _, limits):
            values = tried(version, criterion, item.key)
            for unit, limit in limits.items():
                numbers = [v.number for v in values if v.unit == unit] if item.as_entered else values
                step = Decimal(1) if item.whole else Decimal("0.2")
                assert limit in numbers, (item.key, limit, unit)
                assert any(limit - step <= number < limit for number in numbers)
                assert any(limit < number <= limit + step for number in numbers)
        case PressureAbove(item, systolic, diastolic):
            values = tried(version, criterion, item.key)
            assert {systolic - 1, systolic, systolic + 1} <= {value.systolic for value in values}
            assert {diastolic - 1, diastolic, diastolic + 1} <= {value.diastolic for value in values}
        case Includes(item, options):
            assert options <= frozenset().union(*(value.present for value in tried(version, criterion, item.key)))
        case Fell(now, baseline):
            assert tried(version, criterion, now.key)
            assert tried(version, criterion, baseline.key)
        case MonthsPassed(item, months):
            assert_ends({add_months(TODAY, -months): 1}, tried(version, criterion, item.key))
        case MonthsBefore(item, earliest, latest):
            ends = {add_months(TODAY, -earliest): -1, add_months(TODAY, -latest): 1}
            assert_ends(ends, tried(version, criterion, item.key))


def assert_ends(ends: dict[date, int], values: list[date]) -> None:
    """
    Each end was tried, and the day outside it.
    """
    for end, outside in ends.items():
        assert end in values
        assert date.fromordinal(end.toordinal() + outside) in values


def test_every_query_has_cases_that_raise_it_and_that_do_not() -> None:
    """
    Each query of each version, and no query that there is not.
    """
    known = {query.id for _, population in populations() for query in population.queries}
    assert set(test_queries.RAISED) == known
    assert set(test_queries.NOT_RAISED) == known
    assert all(test_queries.RAISED[query] and test_queries.NOT_RAISED[query] for query in known)


def test_the_protocol_has_the_criteria_of_its_source() -> None:
    """
    Recipients have 6 inclusions and 11 exclusions, donors 5 and 4; the lettered parts are those of the source.
    """
    recipient = [f"R-I{number}" for number in range(1, 7)] + [f"R-E{number}" for number in range(1, 12)]
    donor = [f"D-I{number}" for number in range(1, 6)] + [f"D-E{number}" for number in range(1, 5)]
    assert [criterion.id for criterion in LATEST.recipient.criteria] == recipient
    assert [criterion.id for criterion in LATEST.donor.criteria] == donor
    lettered = [judged.id for judged in LATEST.recipient.judged if not judged.is_numbered]
    assert lettered == ["R-I3a", "R-I3b", "R-I3c", "R-E2a", "R-E2b", "R-E2c", "R-E2d"]
    assert [judged.id for judged in LATEST.donor.judged if not judged.is_numbered] == []
