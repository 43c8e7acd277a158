"""
A case opened again from its own workbook assesses the same.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.data.archive import plain
from bot.documents.data.cells import Cell, cells, places
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


def filled(key: str, raw: object) -> dict[str, Cell]:
    """
    The cells that are not empty, by their headings.
    """
    found = zip(places(RECIPIENT.item[key]), cells(RECIPIENT.item[key], raw), strict=True)
    return {place.name: cell for place, cell in found if cell is not None}


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
        ("dlco", Decimal("59.9"), {"dlco (% predicted)": Decimal("59.9")}),
        ("haemoglobin", "80 g/L", {"haemoglobin (g/dL)": Decimal(8)}),
        ("pao2", "7.9 kPa", {"pao2 (kPa)": Decimal("7.9")}),
        ("pao2", Decimal(60), {"pao2 (mmHg)": Decimal(60)}),
        ("bp_first", "165/112", {"bp_first_systolic (mmHg)": 165, "bp_first_diastolic (mmHg)": 112}),
        ("malignancy", [], {"malignancy": "none"}),
        ("positive_serology", ["hiv", "?htlv"], {"positive_serology": "hiv, ?htlv"}),
        ("pregnant", False, {"pregnant": False}),
        ("spap", None, {"spap (mmHg)": "awaited"}),
        ("spap", "not measurable", {"spap (mmHg)": "not measurable"}),
        ("pao2", None, {"pao2 (mmHg)": "awaited", "pao2 (kPa)": "awaited"}),
        ("cyclophosphamide_last_dose", "2020-03-01", {"cyclophosphamide_last_dose": date(2020, 3, 1)}),
        ("cyclophosphamide_last_dose", "2020-03", {"cyclophosphamide_last_dose": "2020-03"}),
    ],
)
def test_a_plain_value_is_a_number_a_day_or_a_truth(key: str, raw: object, expected: dict[str, object]) -> None:
    """
    And what is no plain value stands as it was entered.
    """
    assert filled(key, raw) == expected


@pytest.mark.parametrize(
    ("key", "raw", "expected"),
    [
        ("lvef", "<35", {"lvef (%)": Decimal(35), "lvef_comparator": "<"}),
        ("lvef", "<=34", {"lvef (%)": Decimal(34), "lvef_comparator": "<="}),
        ("lvef", ">55", {"lvef (%)": Decimal(55), "lvef_comparator": ">"}),
        ("lvef", ">=55 %", {"lvef (%)": Decimal(55), "lvef_comparator": ">="}),
        ("lvef", "55-60", {"lvef (%)": Decimal(55), "lvef_comparator": ">=", "lvef_to (%)": Decimal(60)}),
        ("haemoglobin", "<70 g/L", {"haemoglobin (g/dL)": Decimal(7), "haemoglobin_comparator": "<"}),
        ("pao2", ">12 kPa", {"pao2 (kPa)": Decimal(12), "pao2_comparator": ">"}),
        (
            "pao2",
            "11-12 kPa",
            {"pao2 (kPa)": Decimal(11), "pao2_comparator": ">=", "pao2_to (kPa)": Decimal(12)},
        ),
        (
            "transaminases_xuln",
            "120/40",
            {
                "transaminases_xuln (x ULN)": Decimal(3),
                "transaminases_xuln_result": Decimal(120),
                "transaminases_xuln_upper": Decimal(40),
            },
        ),
        (
            "transaminases_xuln",
            "100/30",
            {
                "transaminases_xuln (x ULN)": Decimal("3.33333333333333"),
                "transaminases_xuln_result": Decimal(100),
                "transaminases_xuln_upper": Decimal(30),
            },
        ),
    ],
)
def test_what_stands_for_a_number_has_a_column_for_each_of_its_parts(
    key: str, raw: object, expected: dict[str, object]
) -> None:
    """
    The number a number, the sign of a bound beside it, the other end of a range, both numbers of a ratio.
    """
    assert filled(key, raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("49000 /mm3", "49"), ("49500 /mm3", "49.5"), (Decimal("49.50"), "49.50"), ("<9000 /mm3", "9")],
)
def test_a_number_has_no_digit_that_nobody_entered(raw: object, expected: str) -> None:
    """
    As 49000/mm3 would be 49.000 G/L; what was entered keeps its own.
    """
    number, *_ = filled("platelets", raw).values()
    assert plain(number) == expected


def test_a_heading_has_the_unit() -> None:
    """
    Of each column that holds numbers.
    """
    names = [place.name for item in (*RECIPIENT.items, *DONOR.items) for place in places(item)]
    assert {"dlco (% predicted)", "pao2 (mmHg)", "pao2 (kPa)", "bp_first_systolic (mmHg)", "pregnant"} <= set(names)
