"""
Values exactly on a limit are marked, whichever side counts; their neighbours are not.
"""

from decimal import Decimal

import pytest

from bot.rules.limits import is_on_limit
from bot.rules.protocol import Population
from bot.rules.v1.recipient_items import baseline_fvc, bp_first, dlco, fvc, paco2, skin_rapidly_progressive
from tests.rules.cases import DONOR, RECIPIENT, assessed

LIMITS = [
    (RECIPIENT, "age", "18", ("17", "19")),
    (RECIPIENT, "age", "70", ("69", "71")),
    (RECIPIENT, "age", "65", None),
    (DONOR, "age", "18", ("17", "19")),
    (DONOR, "age", "65", ("64", "66")),
    (DONOR, "age", "70", None),
    (RECIPIENT, "mrss", "15", ("14", "16")),
    (RECIPIENT, "dlco", "60", ("59.99", "60.01")),
    (RECIPIENT, "dlco", "30", ("29.99", "30.01")),
    (RECIPIENT, "fvc", "70", ("69.99", "70.01")),
    (RECIPIENT, "bp_first", "160/90", ("159/90", "161/90")),
    (RECIPIENT, "bp_first", "150/110", ("150/109", "150/111")),
    (RECIPIENT, "bp_second", "160/90", ("159/90", "161/90")),
    (RECIPIENT, "bp_second", "180/110", ("180/109", "180/111")),
    (RECIPIENT, "bp_hours_apart", "12", ("11.99", "12.01")),
    (RECIPIENT, "mpap", "25", ("24.99", "25.01")),
    (RECIPIENT, "spap", "40", ("39.99", "40.01")),
    (RECIPIENT, "pao2", "60", ("59.99", "60.01")),
    (RECIPIENT, "pao2", "60 mmHg", ("59.99 mmHg", "60.01 mmHg")),
    (RECIPIENT, "pao2", "8 kPa", ("7.99 kPa", "8.01 kPa")),
    (RECIPIENT, "pao2", "8.00 kPa", ("60.1 mmHg", "7.9 kPa")),
    (RECIPIENT, "paco2", "50", ("49.99", "50.01")),
    (RECIPIENT, "paco2", "6.7 kPa", ("6.69 kPa", "6.71 kPa")),
    (RECIPIENT, "creatinine_clearance", "20", ("19.99", "20.01")),
    (RECIPIENT, "creatinine_clearance", "34.6 mL/min/1.73m2", ("20 mL/min/1.73m2", "34.601 mL/min/1.73m2")),
    (RECIPIENT, "creatinine_clearance", ">=20", (">20", "<20")),
    (RECIPIENT, "mpap", "20-25", ("20-24", "26-30")),
    (RECIPIENT, "mrss", "<16", ("<15", ">15")),
    (RECIPIENT, "transaminases_xuln", "120/40", ("119/40", "121/40")),
    (RECIPIENT, "lvef", "35", ("34.99", "35.01")),
    (RECIPIENT, "transaminases_xuln", "3", ("2.99", "3.01")),
    (RECIPIENT, "transaminases_xuln", "1", None),
    (RECIPIENT, "bilirubin_xuln", "3", ("2.99", "3.01")),
    (RECIPIENT, "bilirubin_xuln", "1", None),
    (RECIPIENT, "neutrophils", "0.5", ("0.49", "0.51")),
    (RECIPIENT, "platelets", "50", ("49.99", "50.01")),
    (RECIPIENT, "platelets", "50000 /mm3", ("49999 /mm3", "50001 /mm3")),
    (RECIPIENT, "haemoglobin", "8", ("7.99", "8.01")),
    (RECIPIENT, "haemoglobin", "8.0", ("4.9658 mmol/L", "4.9659 mmol/L")),
    (RECIPIENT, "haemoglobin", "80 g/L", ("79.9 g/L", "80.1 g/L")),
    (RECIPIENT, "cd4", "200", ("199.99", "200.01")),
    (RECIPIENT, "cd4", "0.2 G/L", ("0.199 G/L", "0.201 G/L")),
    (RECIPIENT, "tlc", "70", None),
]


@pytest.mark.parametrize(
    ("population", "key", "value", "neighbours"),
    [pytest.param(*row, id=f"{row[0].kind}-{row[1]}-{row[2]}".replace("/", "_")) for row in LIMITS],
)
def test_a_value_on_a_limit_is_marked_and_its_neighbours_are_not(
    population: Population, key: str, value: str, neighbours: tuple[str, str] | None
) -> None:
    """
    The summary says so, for every number that a criterion compares; a number that no criterion compares there is
    never marked.
    """
    assert assessed(population, {key: value}).on_limit == ((key,) if neighbours else ())
    for neighbour in neighbours or ():
        assert assessed(population, {key: neighbour}).on_limit == ()


def test_every_compared_item_is_tried() -> None:
    """
    Each item that a criterion compares with a limit stands in the table above.
    """
    for population in (RECIPIENT, DONOR):
        tried = {key for found, key, _, neighbours in LIMITS if found is population and neighbours}
        assert tried == {key for key, _ in population.limits}


def test_marks_come_in_the_order_of_the_items() -> None:
    """
    Several values on limits are listed as they are asked.
    """
    assert assessed(RECIPIENT, {"cd4": "200", "dlco": "30", "age": "70"}).on_limit == ("age", "dlco", "cd4")


def test_one_comparison_on_its_limit() -> None:
    """
    A comparison tells whether its own limit is met; a fall from a baseline too, that is exactly its share.
    """
    fall = fvc.fell_from(baseline_fvc, by_more_than="0.10")
    assert is_on_limit(fall, {"fvc": Decimal(72), "baseline_fvc": Decimal(80)})
    assert not is_on_limit(fall, {"fvc": Decimal("71.9"), "baseline_fvc": Decimal(80)})
    assert is_on_limit(dlco.below(60), {"dlco": Decimal("60.0")})
    assert not is_on_limit(dlco.below(60), {"dlco": Decimal(30)})
    assert is_on_limit(paco2.above(50, kPa="6.7"), {"paco2": paco2.read("6.7 kPa")})
    assert not is_on_limit(paco2.above(50, kPa="6.7"), {"paco2": paco2.read("6.7 mmHg")})
    assert not is_on_limit(fall, {"fvc": Decimal("72.1"), "baseline_fvc": Decimal(80)})
    assert not is_on_limit(fall, {"fvc": RECIPIENT.item["fvc"].read("<=70"), "baseline_fvc": Decimal(80)})
    assert not is_on_limit(dlco.below(60), {"dlco": Decimal("60.1")})
    for pressure, is_on in (("160/90", True), ("150/110", True), ("159/109", False), ("161/111", False)):
        high = bp_first.above(systolic=160, diastolic=110)
        assert is_on_limit(high, {"bp_first": bp_first.read(pressure)}) is is_on
    assert not is_on_limit(skin_rapidly_progressive.yes, {"skin_rapidly_progressive": True})
