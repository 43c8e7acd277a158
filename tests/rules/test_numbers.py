"""
The forms in which a number may be written: a range, a value over its upper limit, a sum of parts, not measurable.
"""

from decimal import Decimal
from typing import Any

import pytest

from bot.rules.items import BadValueError, Number, Quantity
from bot.rules.v1.scores import RODNAN_SITES
from bot.rules.values import NOT_MEASURABLE, Ratio, Span
from tests.rules.cases import DONOR, RECIPIENT


def of(key: str) -> Number:
    """
    A number that is asked of a recipient.
    """
    item = RECIPIENT.item[key]
    assert isinstance(item, Number)
    return item


def problem(item: Number, raw: object) -> str:
    """
    Why the item refuses this.
    """
    with pytest.raises(BadValueError) as refused:
        item.read(raw)
    return refused.value.problem


def ranged(low: str | None, high: str | None, **ends: bool) -> Span:
    """
    A range with these ends.
    """
    return Span(None if low is None else Decimal(low), None if high is None else Decimal(high), **ends)


@pytest.mark.parametrize(
    ("raw", "span"),
    [
        ("<7", ranged(None, "7", has_high=False)),
        ("< 7.5 g/dL", ranged(None, "7.5", has_high=False)),
        ("<=7", ranged(None, "7")),
        (">9", ranged("9", None, has_low=False)),
        (" >=  9.5g/dL ", ranged("9.5", None)),
        ("8.5-9", ranged("8.5", "9")),
        ("8.5 - 9 g/dL", ranged("8.5", "9")),
        ("85-90 g/L", ranged("8.5", "9")),
        ("<70 g/L", ranged(None, "7", has_high=False)),
        (">10 mmol/L", ranged("16.11", None, has_low=False)),
    ],
)
def test_an_imprecise_number_is_read_with_its_ends(raw: str, span: Span) -> None:
    """
    With or without a unit; an end counts in after an equals sign, and both do of a range.
    """
    assert of("haemoglobin").read(raw) == span


def test_an_imprecise_blood_gas_keeps_its_unit() -> None:
    """
    As an exact one does.
    """
    assert of("pao2").read("7.5-7.9 kPa") == Quantity(ranged("7.5", "7.9"), "kPa")
    assert of("pao2").read(">60") == Quantity(ranged("60", None, has_low=False), "mmHg")


@pytest.mark.parametrize(
    ("raw", "span"),
    [
        (">65", ranged("66", None)),
        (">=66", ranged("66", None)),
        ("<18", ranged(None, "17")),
        ("<=17", ranged(None, "17")),
        ("18-65", ranged("18", "65")),
        ("20.0-30.0 y", ranged("20", "30")),
    ],
)
def test_an_imprecise_age_begins_and_ends_with_a_whole_year(raw: str, span: Span) -> None:
    """
    Over 65 is 66 at least.
    """
    assert DONOR.item["age"].read(raw) == span


@pytest.mark.parametrize(
    ("key", "raw", "why"),
    [
        ("haemoglobin", "0.9-2", "range"),
        ("haemoglobin", "29-30.1", "range"),
        ("haemoglobin", "9-300 g/L", "range"),
        ("haemoglobin", "<1", "range"),
        ("haemoglobin", ">30", "range"),
        ("haemoglobin", "7-6", "range"),
        ("haemoglobin", "<7 furlong", "unit"),
        ("haemoglobin", "9-10 furlong", "unit"),
        ("creatinine_clearance", "<20 mL/min", "body_surface"),
        ("creatinine_clearance", "20 mL/min", "body_surface"),
        ("haemoglobin", "=7", "type"),
        ("haemoglobin", "<>7", "type"),
        ("haemoglobin", "7-", "unit"),
        ("haemoglobin", "-7", "type"),
        ("age", "30-30.5", "type"),
        ("age", "30.5-31", "type"),
        ("age", ">30.5", "type"),
    ],
)
def test_an_imprecise_number_keeps_within_what_can_be(key: str, raw: str, why: str) -> None:
    """
    With each end, in the item's own unit; with whole ends where only whole numbers count.
    """
    assert problem(of(key), raw) == why


@pytest.mark.parametrize(
    ("raw", "is_unusual"), [(">20", True), (">=20", False), ("20-20.1", True), ("<5", True), ("<=5", False)]
)
def test_an_imprecise_number_is_unusual_where_no_usual_one_is_in_it(raw: str, *, is_unusual: bool) -> None:
    """
    Or where an end of it is.
    """
    assert of("haemoglobin").is_unusual(of("haemoglobin").read(raw)) is is_unusual


def test_a_number_of_which_nothing_is_known_has_to_be_exact() -> None:
    """
    Without the criteria that compare it nobody can tell whether an imprecise one would do.
    """
    alone = Number("alone", section="x", unit="kg", hard=(Decimal(0), Decimal(9)))
    assert alone.read("5 kg") == 5
    assert problem(alone, "<5") == "exact"
    assert problem(Number("alone", section="x", unit="kg", hard=alone.hard, as_entered=True), "<5") == "exact"


@pytest.mark.parametrize(
    ("raw", "is_unusual"),
    [("120/40", False), (" 120 / 40.5 ", False), ("800/40", False), ("801/40", True), ("0/40", False)],
)
def test_a_value_over_its_upper_limit_is_kept_as_both(raw: str, *, is_unusual: bool) -> None:
    """
    What is usual is a matter of how many times the limit it comes to.
    """
    value, upper = (Decimal(part.strip()) for part in raw.split("/"))
    read = of("transaminases_xuln").read(raw)
    assert read == Ratio(value, upper)
    assert of("transaminases_xuln").is_unusual(read) is is_unusual


def test_a_value_over_its_upper_limit_keeps_within_what_can_be() -> None:
    """
    Up to 500 times normal; no limit is nought; and no other number is written so.
    """
    assert of("transaminases_xuln").read("20000/40") == Ratio(Decimal(20000), Decimal(40))
    assert problem(of("transaminases_xuln"), "20001/40") == "range"
    assert problem(of("transaminases_xuln"), "120/0") == "range"
    assert problem(of("transaminases_xuln"), "120/") == "unit"
    for key in ("haemoglobin", "spap", "mrss"):
        assert problem(of(key), "12/4") == "unit"


def test_what_cannot_be_measured_is_said_in_these_words() -> None:
    """
    Of an echo pressure alone; it is not unusual.
    """
    spap = of("spap")
    assert spap.read("not measurable") is NOT_MEASURABLE
    assert not spap.is_unusual(NOT_MEASURABLE)
    assert spap.read("40 mmHg") == 40
    for raw in ("Not measurable", "not measurable mmHg", "unmeasurable", "measurable", ""):
        assert problem(spap, raw) == "type"
    for key in ("mpap", "mrss", "transaminases_xuln"):
        assert problem(of(key), "not measurable") == "type"


NO_SKIN: dict[str, Any] = dict.fromkeys(RODNAN_SITES, 0)


def test_a_skin_score_is_the_sum_of_its_parts() -> None:
    """
    Seventeen sites from 0 to 3 each.
    """
    mrss = of("mrss")
    assert len(NO_SKIN) == 17
    assert mrss.read(NO_SKIN) == 0
    assert mrss.read(dict.fromkeys(NO_SKIN, 3)) == 51
    assert mrss.read(NO_SKIN | {"face": 1, "chest": Decimal(2), "left_foot": 3}) == 6
    assert mrss.read(dict(reversed((NO_SKIN | {"face": 3}).items()))) == 3


@pytest.mark.parametrize("score", [4, -1, Decimal("1.5"), Decimal(4), True, False, 1.0, "1", None])
def test_a_part_of_a_skin_score_is_a_whole_number_from_0_to_3(score: object) -> None:
    """
    And no truth, text or float that looks like one.
    """
    assert problem(of("mrss"), NO_SKIN | {"face": score}) == "parts"


def test_a_skin_score_has_all_its_parts_and_no_others() -> None:
    """
    A site left out is not taken for 0, nor one made up for nothing.
    """
    without_face = {site: score for site, score in NO_SKIN.items() if site != "face"}
    for raw in (without_face, NO_SKIN | {"nose": 0}, without_face | {"nose": 0}, {}):
        assert problem(of("mrss"), raw) == "parts"
    for key in ("age", "dlco"):
        assert problem(of(key), NO_SKIN) == "type"


@pytest.mark.parametrize(
    ("key", "raw", "same"),
    [
        ("creatinine_clearance", "30 mL/min/1.73m²", "30 mL/min/1.73m2"),
        ("creatinine_clearance", "30 mL/min/1.73 m²", "30 mL/min/1.73m2"),
        ("creatinine_clearance", "30 mL/min/m²", "30 mL/min/m2"),
        ("platelets", "150000 /mm³", "150000 /mm3"),
        ("platelets", "150000 /µL", "150000 /uL"),
        ("platelets", "150000 /\N{GREEK SMALL LETTER MU}L", "150000 /uL"),
        ("bilirubin_xuln", "2 \N{MULTIPLICATION SIGN}ULN", "2 xULN"),
    ],
)
def test_a_unit_is_known_as_people_print_it(key: str, raw: str, same: str) -> None:
    """
    With raised figures, either Greek mu and a proper multiplication sign.
    """
    assert of(key).read(raw) == of(key).read(same)


@pytest.mark.parametrize(("key", "raw"), [("creatinine_clearance", "30 mL/min/m³"), ("platelets", "150000 /mm²")])
def test_a_raised_figure_is_that_figure(key: str, raw: str) -> None:
    """
    A cube is no square.
    """
    assert problem(of(key), raw) == "unit"


def test_what_can_be_is_met_by_a_factor_that_does_not_end() -> None:
    """
    250 per square metre are 432.5 per 1.73 of them, and what is usual from 5 to 150 is from 8.65 to 259.5.
    """
    clearance, unit = of("creatinine_clearance"), "mL/min/1.73m2"
    assert clearance.read(f"432.5 {unit}") == Quantity(Decimal("432.5"), unit)
    assert problem(clearance, f"432.500000000001 {unit}") == "range"
    usual = {"8.65": True, "8.649999999999": False, "259.5": True, "259.500000000001": False}
    found = {number: not clearance.is_unusual(clearance.read(f"{number} {unit}")) for number in usual}
    assert found == usual
    third = Number("third", section="x", unit="a", units={"b": 1 / Decimal(3)}, hard=(Decimal(10), Decimal(20)))
    assert third.read("30 b") == EXACTLY_TEN_BUT_FOR_THE_FACTOR
    assert problem(third, "29.999999999999 b") == "range"
    assert problem(third, Decimal(20) + Decimal("1e-21")) == "range"


EXACTLY_TEN_BUT_FOR_THE_FACTOR = 30 * (1 / Decimal(3))
