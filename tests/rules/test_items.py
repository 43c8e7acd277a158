"""
What an answer may be: types, units, what can be and what is usual, for every item of both populations.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.rules.items import (
    BadValueError,
    BloodPressure,
    Bool,
    Choice,
    Date,
    Item,
    Number,
    Pressure,
    Quantity,
    Several,
    Ticked,
    declared,
)
from bot.rules.protocol import Kind, Population
from tests.rules.cases import DONOR, RECIPIENT

ITEMS = [
    pytest.param(population.item[key], id=f"{population.kind}-{key}")
    for population in (RECIPIENT, DONOR)
    for key in population.item
]

# As the protocol's table has them: unit, hard range, soft range.
NUMBERS: dict[str, tuple[str, tuple[str, str], tuple[str, str] | None]] = {
    "age": ("y", ("0", "120"), ("16", "85")),
    "mrss": ("points", ("0", "51"), None),
    "dlco": ("% predicted", ("1", "200"), ("10", "140")),
    "fvc": ("% predicted", ("1", "200"), ("20", "150")),
    "tlc": ("% predicted", ("1", "200"), ("20", "150")),
    "baseline_dlco": ("% predicted", ("1", "200"), ("20", "150")),
    "baseline_fvc": ("% predicted", ("1", "200"), ("20", "150")),
    "baseline_tlc": ("% predicted", ("1", "200"), ("20", "150")),
    "bp_hours_apart": ("h", ("0", "8760"), None),
    "mpap": ("mmHg", ("5", "150"), ("8", "80")),
    "spap": ("mmHg", ("5", "200"), ("10", "120")),
    "pao2": ("mmHg", ("10", "200"), ("40", "120")),
    "paco2": ("mmHg", ("5", "150"), ("20", "80")),
    "creatinine_clearance": ("mL/min/m2", ("0", "250"), ("5", "150")),
    "lvef": ("%", ("5", "95"), ("15", "80")),
    "transaminases_xuln": ("x ULN", ("0", "500"), ("0", "20")),
    "bilirubin_xuln": ("x ULN", ("0", "100"), ("0", "20")),
    "neutrophils": ("10^9/L", ("0", "200"), ("0.2", "30")),
    "platelets": ("10^9/L", ("0", "3000"), ("10", "1000")),
    "haemoglobin": ("g/dL", ("1", "30"), ("5", "20")),
    "cd4": ("10^6/L", ("0", "10000"), ("20", "3000")),
}
WHOLE = {"age", "mrss"}
TYPES = {
    Bool: True,
    Choice: "",
    Several: [],
    Number: Decimal(1),
    BloodPressure: "120/80",
    Date: "2026-01-01",
}


def of_type(*types: type[Item]) -> list[Any]:
    """
    The items of these types, as parameters.
    """
    return [parameter for parameter in ITEMS if isinstance(parameter.values[0], types)]


def problem(item: Item, raw: object) -> str:
    """
    Why the item refuses this.
    """
    with pytest.raises(BadValueError) as caught:
        item.read(raw)
    assert caught.value.item is item
    assert str(caught.value) == f"{item.key}: {caught.value.problem}"
    return caught.value.problem


def just(item: Number, limit: str, sign: int) -> Decimal:
    """
    The next number beside a limit: one away where only whole ones count, and a hair's breadth elsewhere.
    """
    return Decimal(limit) + sign * (Decimal(1) if item.whole else Decimal("1e-12"))


def plain(value: object) -> Decimal:
    """
    The number of what was read in the default unit.
    """
    number = value.number if isinstance(value, Quantity) else value
    assert isinstance(number, Decimal)
    return number


@pytest.mark.parametrize("item", of_type(Number))
def test_every_number_keeps_within_what_can_be(item: Number) -> None:
    """
    Both ends of the hard range are taken, and what lies beyond is refused; the unit is the protocol's.
    """
    unit, (low, high), _ = NUMBERS[item.key]
    assert item.unit == unit
    assert item.whole is (item.key in WHOLE)
    for limit, outwards in ((low, -1), (high, 1)):
        assert plain(item.read(Decimal(limit))) == Decimal(limit)
        assert plain(item.read(int(Decimal(limit)))) == Decimal(limit)
        assert plain(item.read(just(item, limit, -outwards))) == just(item, limit, -outwards)
        assert problem(item, just(item, limit, outwards)) == "range"
    assert problem(item, Decimal(10) ** 9) == "range"
    assert problem(item, Decimal(-1)) == "range"


@pytest.mark.parametrize("item", of_type(Number))
def test_every_number_tells_what_is_unusual(item: Number) -> None:
    """
    Both ends of the soft range are usual, and what lies beyond is not; without one, all is usual.
    """
    _, hard, soft = NUMBERS[item.key]
    for limit, outwards in zip(soft or hard, (-1, 1), strict=True):
        assert not item.is_unusual(item.read(Decimal(limit)))
        beyond = just(item, limit, outwards)
        if Decimal(hard[0]) <= beyond <= Decimal(hard[1]):
            assert item.is_unusual(item.read(beyond))


@pytest.mark.parametrize("item", of_type(Number))
@pytest.mark.parametrize("raw", [True, False, None, 1.5, 50.0, [], {}, [Decimal(50)], b"50"])
def test_no_number_is_a_yes_a_float_or_a_list(item: Number, raw: object) -> None:
    """
    True is no 1, and a float, which could slip across a limit, is refused.
    """
    assert problem(item, raw) == ("parts" if item.parts and raw == {} else "type")


@pytest.mark.parametrize("item", of_type(Number))
@pytest.mark.parametrize("raw", ["NaN", "sNaN", "Infinity", "-Infinity", "1e999999", "-1e999999"])
def test_no_number_is_endless_or_none(item: Number, raw: object) -> None:
    """
    What is no number, or has no end, is out of range.
    """
    assert problem(item, Decimal(raw)) == "range"


@pytest.mark.parametrize("item", of_type(Number))
def test_every_number_takes_its_unit_and_no_other(item: Number) -> None:
    """
    Text needs a unit: the default one, one of its spellings or another that is declared; an unknown one is refused.
    """
    number = NUMBERS[item.key][1][1]
    for unit in (item.unit, *item.aliases):
        for text in (f"{number} {unit}", f"{number}{unit}", f"  {number}   {unit} "):
            if not unit[0].isdigit() or " " in text.strip():
                assert item.read(text) == item.read(Decimal(number))
    for unit in ("furlong", "mmhg", item.unit + "x", "e3", "-"):
        assert problem(item, f"{number} {unit}") == "unit"
    for text in ("", " ", f"-{number} {item.unit}", f"+{number} {item.unit}", f". {item.unit}"):
        assert problem(item, text) == "type"
    assert problem(item, item.unit) in {"type", "unit"}
    assert problem(item, f"{number},5 {item.unit}") == "unit"
    assert problem(item, f"{number} {item.unit}\n{number}") in {"type", "unit"}
    assert problem(item, f"\u0663 {item.unit}") == "type"


@pytest.mark.parametrize(("key", "halves"), [("age", ["44.5", "0.1", "119.999"]), ("mrss", ["15.5", "50.9"])])
def test_whole_numbers_stay_whole(key: str, halves: list[str]) -> None:
    """
    Ages and skin scores are whole; a decimal point with nothing behind it does not matter.
    """
    item = RECIPIENT.item[key]
    for half in halves:
        assert problem(item, Decimal(half)) == "type"
    assert item.read(Decimal("44.0")) == 44
    assert problem(item, f"44.5 {item.unit}") == "type"


@pytest.mark.parametrize(
    ("key", "text", "number"),
    [
        ("haemoglobin", "80 g/L", "8"),
        ("haemoglobin", "79.9 g/L", "7.99"),
        ("haemoglobin", "5 mmol/L", "8.055"),
        ("haemoglobin", "12 g/dL", "12"),
        ("platelets", "50000 /mm3", "50"),
        ("platelets", "49 G/L", "49"),
        ("cd4", "0.2 G/L", "200"),
        ("cd4", "200 cells/uL", "200"),
        ("cd4", "200 /mm3", "200"),
        ("neutrophils", "0.5 G/L", "0.5"),
    ],
)
def test_other_units_are_converted_exactly(key: str, text: str, number: str) -> None:
    """
    A value in another unit counts as its exact equal in the default one.
    """
    assert RECIPIENT.item[key].read(text) == Decimal(number)


@pytest.mark.parametrize(
    ("key", "unit", "low", "under", "high", "over"),
    [
        ("pao2", "kPa", "1.34", "1.33", "26.66445", "26.66448"),
        ("paco2", "kPa", "0.67", "0.66", "19.99", "20"),
        ("haemoglobin", "g/L", "10", "9.99", "300", "300.01"),
        ("haemoglobin", "mmol/L", "0.621", "0.620", "18.62", "18.63"),
        ("platelets", "/mm3", "0", None, "3000000", "3000001"),
        ("cd4", "G/L", "0", None, "10", "10.001"),
    ],
)
def test_what_can_be_is_the_same_in_every_unit(
    *, key: str, unit: str, low: str, under: str | None, high: str, over: str
) -> None:
    """
    The hard range holds in the other units too.
    """
    item = RECIPIENT.item[key]
    for number in (low, high):
        item.read(f"{number} {unit}")
    for number in filter(None, (under, over)):
        assert problem(item, f"{number} {unit}") == "range"


@pytest.mark.parametrize("key", ["pao2", "paco2"])
def test_a_blood_gas_stays_as_entered(key: str) -> None:
    """
    A blood gas keeps the unit in which it was entered, whose limit it is compared with.
    """
    item = RECIPIENT.item[key]
    assert item.read("6.70 kPa") == Quantity(Decimal("6.70"), "kPa")
    assert item.read("50.2 mmHg") == Quantity(Decimal("50.2"), "mmHg")
    assert item.read(Decimal("50.2")) == Quantity(Decimal("50.2"), "mmHg")
    assert not item.is_unusual(item.read("6.7 kPa"))
    assert item.is_unusual(item.read("1.4 kPa"))
    assert item.is_unusual(item.read("19 kPa"))


@pytest.mark.parametrize("item", of_type(BloodPressure))
def test_every_blood_pressure_keeps_within_what_can_be(item: BloodPressure) -> None:
    """
    Systolic from 40 to 300, diastolic from 20 to 200, systolic always the higher; ends included.
    """
    for text, pressure in {
        "165/112": (165, 112),
        " 165 / 112 ": (165, 112),
        "40/20": (40, 20),
        "300/200": (300, 200),
        "40/39": (40, 39),
    }.items():
        assert item.read(text) == Pressure(*pressure)
    for text in ("39/20", "301/100", "120/19", "250/201", "80/120", "120/120", "41/41", "9999/9998", "0/0"):
        assert problem(item, text) == "range"
    for raw in ("165", "165/", "/112", "165-112", "165/112/90", "165.5/112", "-165/112", "165/112 mmHg", "16500/112"):
        assert problem(item, raw) == "type"
    for raw in (165, Decimal(165), True, None, [165, 112], "", "\u06616/12"):
        assert problem(item, raw) == "type"


@pytest.mark.parametrize("item", of_type(BloodPressure))
def test_every_blood_pressure_tells_what_is_unusual(item: BloodPressure) -> None:
    """
    Usual is systolic from 70 to 240 over diastolic from 40 to 140.
    """
    for text in ("70/40", "240/140", "120/80", "70/69", "240/40"):
        assert not item.is_unusual(item.read(text))
    for text in ("69/40", "241/140", "70/39", "240/141", "120/20", "300/80"):
        assert item.is_unusual(item.read(text))


@pytest.mark.parametrize("item", of_type(Bool))
def test_every_yes_or_no_is_true_or_false(item: Bool) -> None:
    """
    True and false, and nothing that merely looks like them.
    """
    for raw in (True, False):
        assert item.read(raw) is raw
        assert not item.is_unusual(raw)
    for raw in (None, 0, 1, Decimal(0), Decimal(1), "true", "yes", "", []):
        assert problem(item, raw) == "type"
    if item.classification is None:
        assert problem(item, {}) == "type"


@pytest.mark.parametrize("item", of_type(Choice))
def test_every_choice_is_one_of_its_options(item: Choice) -> None:
    """
    One option by its key, spelled exactly.
    """
    for option in item.options:
        assert item.read(option) == option
        assert problem(item, option.upper()) == "option"
        assert problem(item, f"{option} ") == "option"
        assert problem(item, [option]) == "type"
    assert problem(item, "") == "option"
    for raw in (None, True, 1, Decimal(0), {}):
        assert problem(item, raw) == "type"


@pytest.mark.parametrize("item", of_type(Several))
def test_every_list_holds_any_of_its_options(item: Several) -> None:
    """
    Any options in any order, none at all included; never a bare one, never an unknown one.
    """
    assert item.read([]) == Ticked(frozenset())
    assert item.read(list(item.options)) == item.read(list(reversed(item.options))) == Ticked(frozenset(item.options))
    for option in item.options:
        assert item.read([option]) == item.read([option, option]) == Ticked(frozenset({option}))
        assert problem(item, option) == "type"
        assert problem(item, [option, "other"]) == "option"
    for raw in (None, True, 0, "", {}, [None], [True], [[]], [Decimal(1)], ()):
        assert problem(item, raw) == "type"


@pytest.mark.parametrize("item", of_type(Several))
def test_an_option_is_present_or_awaited_and_not_both(item: Several) -> None:
    """
    Awaited alone or beside another that is present; an unknown option is refused either way.
    """
    first, second, *_ = item.options
    assert item.read([f"?{first}"]) == Ticked(frozenset(), frozenset({first}))
    assert item.read([second, f"?{first}"]) == Ticked(frozenset({second}), frozenset({first}))
    for raw in ([first, f"?{first}"], ["?other"], [first, "?other"], [f"??{first}"], ["?"]):
        assert problem(item, raw) == "option"


@pytest.mark.parametrize("item", of_type(Date))
def test_every_date_is_a_day_that_is_past(item: Date) -> None:
    """
    An ISO date from 1900 to the day of the assessment; another day, or another spelling, is refused.
    """
    assert item.read("2024-02-29") == date(2024, 2, 29)
    assert item.read("1900-01-01") == date(1900, 1, 1)
    assert problem(item, "1899-12-31") == "range"
    for raw in ("2025-02-29", "2026-13-01", "2026-00-10", "20260510", "2026-5-1", "10/05/2026", "2026-W01-1", ""):
        assert problem(item, raw) == "type"
    for raw in (
        "2026-05-10T00:00",
        " 2026-05-10",
        "2026-05-10\n",
        "\u0662026-05-10",
        20260510,
        True,
        None,
        date(2026, 1, 1),
    ):
        assert problem(item, raw) == "type"
    item.check_past(date(2026, 5, 10), date(2026, 5, 10))
    item.check_past(date(2026, 5, 9), date(2026, 5, 10))
    with pytest.raises(BadValueError) as caught:
        item.check_past(date(2026, 5, 11), date(2026, 5, 10))
    assert caught.value.problem == "future"


@pytest.mark.parametrize("item", ITEMS)
def test_every_item_is_of_a_known_type(item: Item) -> None:
    """
    Each item is of one of the six types, and each number stands in the table above.
    """
    assert type(item) in TYPES
    assert not isinstance(item, Number) or item.key in NUMBERS


@pytest.mark.parametrize("item", ITEMS)
def test_no_error_shows_the_value(item: Item) -> None:
    """
    What was refused may be somebody's data: the error names the item only.
    """
    with pytest.raises(BadValueError) as caught:
        item.read({"name": "Somebody"})
    assert "Somebody" not in str(caught.value)


def test_another_unit_is_turned_into_the_default_one_for_the_usual_range() -> None:
    """
    Six double units are twelve single ones, which is usual; five and eleven are ten and twenty-two.
    """
    gas = Number(
        "gas",
        section="test",
        unit="single",
        units={"twofold": Decimal(2)},
        as_entered=True,
        hard=(Decimal(0), Decimal(100)),
        soft=(Decimal(10), Decimal(20)),
    )
    usual = {"5 twofold": True, "4.9 twofold": False, "10 twofold": True, "10.1 twofold": False, "9 single": False}
    assert {text: not gas.is_unusual(gas.read(text)) for text in usual} == usual


def test_an_item_has_the_name_under_which_it_is_declared() -> None:
    """
    And no other; one that has a key keeps it.
    """
    module = {"first": Bool(section="s"), "limit": 3, "second": Bool("old", section="s"), "third": Bool(section="s")}
    assert [item.key for item in declared(module)] == ["first", "third"]
    assert declared(module) == ()


@pytest.mark.parametrize("keys", [("a", ""), ("a", "a")])
def test_no_population_without_a_key_for_each_item(keys: tuple[str, ...]) -> None:
    """
    Neither an item without one nor two with the same.
    """
    with pytest.raises(ValueError, match="key of its own"):
        Population(Kind.DONOR, tuple(Bool(key, section="s") for key in keys), (), ())
