"""
A case opened again from its own workbook assesses the same.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.data.cells import cells, places
from bot.documents.data.tables import Column, Table
from bot.documents.data.workbook import workbook
from bot.rules.assessment import assess, read_answers
from bot.rules.items import BadValueError
from tests.documents.data import reader
from tests.rules import oracle
from tests.rules.cases import DONOR, POPULATIONS, RECIPIENT, examples
from tests.thorough import thorough

MADE = datetime(2026, 5, 10, tzinfo=UTC)


def there_and_back(kind: str, answers: dict[str, object]) -> dict[str, object]:
    """
    Answers through a workbook.
    """
    population = POPULATIONS[kind]
    columns = [Column(place.name, place=place) for item in population.items for place in places(item)]
    row = [
        cell
        for item in population.items
        for cell in (cells(item, answers[item.key]) if item.key in answers else [None] * len(places(item)))
    ]
    content = workbook([], [Table("answers", (Column("code"), *columns), (["01-R-001", *row],))], made=MADE)
    return reader.answers(population, reader.rows(content, "answers")[0])


def check(kind: str, case: dict[str, object]) -> None:
    """
    See that a case and what comes back from its workbook are assessed the same, the awaited items too.
    """
    population, as_of = POPULATIONS[kind], date.fromisoformat(str(case["as_of"]))
    answers: dict[str, object] = case["answers"]  # type: ignore[assignment]
    try:
        before = read_answers(population, answers, as_of)
    except BadValueError:
        return
    back = there_and_back(kind, answers)
    awaited = {key for key, raw in answers.items() if raw is None}
    assert {key for key, raw in back.items() if raw is None} == awaited
    after = read_answers(population, back, as_of)
    assert assess(population, after, as_of, awaited=awaited) == assess(population, before, as_of, awaited=awaited)


@given(oracle.case_strategy("recipient"))  # type: ignore[call-arg]
@examples(40)
def test_a_recipient_opened_from_a_workbook_assesses_the_same(case: dict[str, object]) -> None:
    """
    Whatever the answers: units, imprecise numbers, scores worked out, months, awaited options.
    """
    check("recipient", case)


@given(oracle.case_strategy("donor"))  # type: ignore[call-arg]
@examples(40)
def test_a_donor_opened_from_a_workbook_assesses_the_same(case: dict[str, object]) -> None:
    """
    The same for donors.
    """
    check("donor", case)


@thorough("a thousand workbooks")
@given(st.sampled_from(["recipient", "donor"]), st.data())
@examples(1000)
def test_a_thousand_cases_opened_from_workbooks_assess_the_same(kind: oracle.Kind, data: st.DataObject) -> None:
    """
    The same a thousand times.
    """
    check(kind, data.draw(oracle.case_strategy(kind)))  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("key", "raw", "expected"),
    [
        ("dlco", Decimal("59.9"), [Decimal("59.9")]),
        ("dlco", "<30", ["<30"]),
        ("haemoglobin", "80 g/L", [Decimal("8.0")]),
        ("pao2", "7.9 kPa", [None, Decimal("7.9")]),
        ("pao2", Decimal(60), [Decimal(60), None]),
        ("bp_first", "165/112", [165, 112]),
        ("malignancy", [], ["none"]),
        ("positive_serology", ["hiv", "?htlv"], ["hiv, ?htlv"]),
        ("pregnant", False, [False]),
        ("spap", None, ["awaited"]),
        ("spap", "not measurable", ["not measurable"]),
        ("cyclophosphamide_last_dose", "2020-03-01", [date(2020, 3, 1)]),
        ("cyclophosphamide_last_dose", "2020-03", ["2020-03"]),
    ],
)
def test_a_plain_value_is_a_number_a_day_or_a_truth(key: str, raw: object, expected: list[object]) -> None:
    """
    And what is no plain value stands as it was entered.
    """
    assert cells(RECIPIENT.item[key], raw) == expected


def test_a_heading_has_the_unit() -> None:
    """
    Of each column that holds numbers.
    """
    names = [place.name for item in (*RECIPIENT.items, *DONOR.items) for place in places(item)]
    assert {"dlco (% predicted)", "pao2 (mmHg)", "pao2 (kPa)", "bp_first_systolic (mmHg)", "pregnant"} <= set(names)
