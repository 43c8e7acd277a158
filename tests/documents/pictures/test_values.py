"""
A case's numbers against their limits.
"""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from bot.documents.pictures.values import Limit, Plotted, drawing, sentences, tints, values
from bot.documents.reading import read
from bot.documents.snapshot import CaseFile
from bot.rules.criteria import Role
from bot.texts import words
from tests.chat.ward import NOW, two_wards
from tests.conftest import Clinic

INCLUSION, EXCLUSION = Role


async def file_of(clinic: Clinic, name: str, **answers: object) -> CaseFile:
    """
    A case of the ward with other answers.
    """
    here, _ = await two_wards(clinic)
    async with clinic.application.database.snapshot() as session:
        file = (await read(session, now=NOW)).by_code[here.of(name, "code")]
    return replace(file, record=file.record.supposing(answers))


def by_key(found: list[Plotted]) -> dict[str, Plotted]:
    """
    The numbers by item, and side.
    """
    return {f"{one.item.key} {one.side}".strip(): one for one in found}


async def test_a_number_stands_with_each_limit_that_a_criterion_sets_it(clinic: Clinic) -> None:
    """
    Cited by the lettered part, in the unit entered, on the limit or not.
    """
    dlco, pao2 = Decimal(60), "7.9 kPa"
    file = await file_of(clinic, "mother", dlco=dlco, pao2=pao2, bp_first="165/100", spap="<16", tlc=Decimal(90))
    found = by_key(values(file))
    assert [(one.criterion, one.operator, one.number) for one in found["dlco"].limits] == [
        ("R-I3a", "<", 60),
        ("R-E2a", "<", 30),
    ]
    assert found["dlco"].is_on_limit
    assert (found["pao2"].unit, found["pao2"].low, found["pao2"].limits[0].number) == ("kPa", Decimal("7.9"), 8)
    assert (found["spap"].low, found["spap"].high, found["spap"].is_on_limit) == (None, 16, False)
    assert [one.criterion for one in found["mrss"].limits] == ["R-I3"]
    assert "tlc" not in found
    told = sentences(values(file), file, words("en"))
    assert "DLCO: 60 % predicted, on a limit. Wanted for inclusion: < 60 (R-I3a). Excludes: < 30 (R-E2a)." in told


async def test_a_pressure_stands_for_two(clinic: Clinic) -> None:
    """
    Each side with its own limit.
    """
    file = await file_of(clinic, "mother", bp_first="165/110")
    found = by_key(values(file))
    assert [found[f"bp_first {side}"].limits for side in ("systolic", "diastolic")] == [
        (Limit("R-I3c", INCLUSION, ">", Decimal(160)),),
        (Limit("R-I3c", INCLUSION, ">", Decimal(110)),),
    ]
    assert [found[f"bp_first {side}"].is_on_limit for side in ("systolic", "diastolic")] == [False, True]


async def test_a_case_without_numbers_says_so(clinic: Clinic) -> None:
    """
    In the picture and in words.
    """
    file = await file_of(clinic, "fresh")
    assert values(file) == []
    assert sentences([], file, words("fr")) == [words("fr").plain("picture.values.none")]
    assert drawing([], file, words("fr"))["rows"] == []


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ([("a", INCLUSION, ">", 18), ("a", INCLUSION, "<", 70)], [(18, 70, INCLUSION)]),
        ([("a", INCLUSION, ">", 15)], [(15, None, INCLUSION)]),
        ([("a", EXCLUSION, "<", 30), ("b", INCLUSION, "<", 60)], [(0, 60, INCLUSION), (0, 30, EXCLUSION)]),
        ([("a", EXCLUSION, "<", 10), ("a", EXCLUSION, ">", 50)], [(0, 10, EXCLUSION), (50, None, EXCLUSION)]),
    ],
)
def test_shaded_is_where_a_comparison_holds(limits: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> None:
    """
    Between two limits that face each other; what excludes lies above what includes.
    """
    assert tints([Limit(id_, role, operator, Decimal(number)) for id_, role, operator, number in limits]) == expected
