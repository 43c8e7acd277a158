"""
What a coordinator types, and how the chat understands it.
"""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.items import Item, Number, Pressure, Quantity, Range
from bot.rules.v1 import PROTOCOL
from bot.typed.measures import SLIPS
from bot.typed.units import spellings
from bot.typed.values import (
    LONGEST,
    Entry,
    EntryRefusedError,
    Slip,
    parse,
)

TODAY = date(2026, 5, 10)
ITEMS = {item.key: item for item in (*PROTOCOL.donor.items, *PROTOCOL.recipient.items)}
ITEMS_OF_RECIPIENTS = PROTOCOL.recipient.item
DONOR_ITEMS = {item.key: item for item in PROTOCOL.donor.items}
NUMBERS = [item for item in ITEMS.values() if isinstance(item, Number)]


def typed(key: str, text: str) -> Entry | Slip:
    """
    What the chat makes of the text.
    """
    return parse(ITEMS[key], text, today=TODAY)


def entered(key: str, text: str) -> Entry:
    """
    What the chat takes as an answer.
    """
    entry = typed(key, text)
    assert isinstance(entry, Entry)
    assert entry.value == (None if entry.raw is None else ITEMS[key].read(entry.raw))
    return entry


def refused(key: str, text: str) -> str:
    """
    Why the chat refuses the text.
    """
    with pytest.raises(EntryRefusedError) as caught:
        typed(key, text)
    assert caught.value.item is ITEMS[key]
    return caught.value.problem + (f" {caught.value.personal}" if caught.value.personal else "")


@pytest.mark.parametrize(
    ("key", "text", "number"),
    [
        ("dlco", "58", "58"),
        ("dlco", " 58. ", "58"),
        ("dlco", "58%", "58"),
        ("dlco", "58 %", "58"),
        ("dlco", "58\u202f%", "58"),
        ("dlco", "58 % predicted", "58"),
        ("dlco", "58 % pred.", "58"),
        ("dlco", "58 % de la théorique", "58"),
        ("dlco", "58 % DE LA THEORIQUE", "58"),
        ("dlco", "58,5", "58.5"),
        ("dlco", "58.5", "58.5"),
        ("dlco", "58.50", "58.50"),
        ("dlco", "058", "58"),
        ("lvef", "45 %", "45"),
        ("lvef", "45 percent", "45"),
        ("age", "45 y", "45"),
        ("age", "45 ans", "45"),
        ("age", "45 years", "45"),
        ("mrss", "16 points", "16"),
        ("mrss", "16.0", "16"),
        ("mrss", "0", "0"),
        ("mrss", "51", "51"),
        ("bp_hours_apart", "12 h", "12"),
        ("bp_hours_apart", "12h", "12"),
        ("bp_hours_apart", "12 heures", "12"),
        ("bp_hours_apart", "12 Hours", "12"),
        ("bp_hours_apart", "1 250", "1250"),
        ("mpap", "25 mm Hg", "25"),
        ("mpap", "25 MMHG", "25"),
        ("transaminases_xuln", "3 x ULN", "3"),
        ("transaminases_xuln", "3xULN", "3"),
        ("transaminases_xuln", "3 \u00d7 ULN", "3"),
        ("transaminases_xuln", "3 LSN", "3"),
        ("transaminases_xuln", "3 x LSN", "3"),
        ("transaminases_xuln", "3 N", "3"),
        ("bilirubin_xuln", "0,999", "0.999"),
        ("neutrophils", "4.5 10^9/L", "4.5"),
        ("neutrophils", "4.5 x 10^9/L", "4.5"),
        ("neutrophils", "4,5 G/L", "4.5"),
        ("neutrophils", "4,5 g/l", "4.5"),
        ("neutrophils", "4,5 10\u2079/L", "4.5"),
        ("neutrophils", "4,5 Giga/L", "4.5"),
        ("cd4", "350 cells/uL", "350"),
        ("cd4", "350 cells/\u00b5L", "350"),
        ("cd4", "350 cells/\u03bcL", "350"),
        ("cd4", "350/\u00b5l", "350"),
        ("cd4", "350 /mm3", "350"),
        ("cd4", "350/mm\u00b3", "350"),
        ("cd4", "350 10^6/L", "350"),
        ("cd4", "350 10\u2076/L", "350"),
        ("cd4", "1 250", "1250"),
        ("cd4", "1\u00a0250", "1250"),
        ("cd4", "1\u202f250,5", "1250.5"),
        ("creatinine_clearance", "60 mL/min/m2", "60"),
        ("creatinine_clearance", "60 ml/min/m\u00b2", "60"),
        ("creatinine_clearance", "60 ml/mn/m2", "60"),
    ],
)
def test_a_number_in_the_usual_unit_is_read_however_it_is_written(key: str, text: str, number: str) -> None:
    """
    With or without the unit, comma or point, spaces between thousands, capitals or none.
    """
    entry = entered(key, text)
    assert entry.raw == Decimal(number)
    assert not entry.was_converted


@pytest.mark.parametrize(
    ("key", "text", "raw", "value"),
    [
        ("pao2", "7,9 kPa", "7.9 kPa", Quantity(Decimal("7.9"), "kPa")),
        ("pao2", "7.9kpa.", "7.9 kPa", Quantity(Decimal("7.9"), "kPa")),
        ("haemoglobin", "112 g/l", "112 g/L", Decimal("11.2")),
        ("haemoglobin", "6,9 mmol/l", "6.9 mmol/L", Decimal("11.1159")),
        ("platelets", "150 000 /mm3", "150000 /mm3", Decimal("150.000")),
        ("platelets", "150\u202f000/mm\u00b3", "150000 /mm3", Decimal("150.000")),
        ("cd4", "0,35 G/L", "0.35 G/L", Decimal(350)),
        ("cd4", "0.35 giga/l", "0.35 G/L", Decimal(350)),
    ],
)
def test_a_number_in_another_unit_is_read_and_echoed(key: str, text: str, raw: str, value: object) -> None:
    """
    The unit gets its declared name, and the chat says how it understood the number.
    """
    entry = entered(key, text)
    assert (entry.raw, entry.value, entry.was_converted) == (raw, value, True)


def test_a_blood_gas_without_a_unit_is_in_mmhg() -> None:
    """
    Its unit stays with it, because the limit depends on it.
    """
    assert entered("pao2", "75") == Entry(Decimal(75), Quantity(Decimal(75), "mmHg"))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("dlco", "58 mmHg"),
        ("dlco", "58 mL/min/mmHg"),
        ("lvef", "45 % predicted"),
        ("age", "45 months"),
        ("pao2", "60 torr"),
        ("pao2", "7.9 Pa"),
        ("haemoglobin", "11.2 g"),
        ("neutrophils", "4.5 10^12/L"),
        ("platelets", "150 10^6/L"),
        ("cd4", "350 /mL"),
        ("mrss", "16 %"),
        ("bp_first", "165/112 kPa"),
    ],
)
def test_a_unit_that_the_item_does_not_declare_is_refused(key: str, text: str) -> None:
    """
    Even where the number alone would do.
    """
    assert refused(key, text) == "unit"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "-5",
        "+5",
        "\u22125",
        "5e1",
        "5E1",
        "5 10^1",
        "5\u00b2",
        "10^9",
        "60-50",
        "50-50",
        "50 et 60",
        "50-60-70",
        "< ",
        "<-5",
        "<<5",
        "\u22125-6",
        "~",
        "58 \u00b1 3",
        "a 58",
        "58?",
        "58..",
        "58\u2026",
        "58 60",
        "58/60/62",
        "58//60",
        "58 %, 60 %",
        "58\n60",
        "1\n250",
        "1 2500",
        "1,250.000,5",
        "1,2,3",
        "1 250 00",
        "5.5.5",
        ",5",
        "5,",
        "58 x 60",
        "about",
        "fifty",
        "inf",
        "nan",
        "0x10",
        "1_000",
        "\uff15\uff18",
        "\u0665\u0668",
        "5\u2078",
        "5\u00bd",
        "\u2777",
        "1 2",
        "true",
    ],
)
def test_what_is_no_single_number_is_refused(text: str) -> None:
    """
    Signs, exponents, ranges, comparisons, several numbers, words, and digits of other scripts.
    """
    assert refused("transaminases_xuln", text) == "type"


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("dlco", "0.9", "range"),
        ("dlco", "201", "range"),
        ("age", "121", "range"),
        ("age", "17.5", "type"),
        ("age", "17,5 ans", "type"),
        ("mrss", "52", "range"),
        ("mrss", "15.5", "type"),
        ("pao2", "30 kPa", "range"),
        ("cd4", "10001", "range"),
        ("neutrophils", "99999999", "range"),
    ],
)
def test_a_number_that_cannot_be_is_refused(key: str, text: str, problem: str) -> None:
    """
    Outside the hard range, or no whole number where one is asked.
    """
    assert refused(key, text) == problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,250", "ambiguous_number"),
        ("1.250", "ambiguous_number"),
        ("8,760", "ambiguous_number"),
        ("0,250", Decimal("0.250")),
        ("0.999", Decimal("0.999")),
        ("1000,125", Decimal("1000.125")),
        ("1 250,125", Decimal("1250.125")),
        ("1,25", Decimal("1.25")),
        ("1.2500", Decimal("1.25")),
        ("1250", Decimal(1250)),
    ],
)
def test_a_comma_that_could_be_a_point_is_asked_about(text: str, expected: object) -> None:
    """
    1,250 is 1250 to some and 1.25 to others.
    """
    if expected == "ambiguous_number":
        assert refused("bp_hours_apart", text) == expected
    else:
        assert entered("bp_hours_apart", text).value == expected


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("haemoglobin", "29.9", Decimal("29.9")),
        ("haemoglobin", "30", "30 g/L"),
        ("haemoglobin", "122", "122 g/L"),
        ("haemoglobin", "250", "250 g/L"),
        ("haemoglobin", "250.1", "range"),
        ("haemoglobin", "30 g/dL", Decimal(30)),
        ("haemoglobin", "122 g/dL", "range"),
        ("platelets", "3000", Decimal(3000)),
        ("platelets", "3000,5", "3000.5 /mm3"),
        ("platelets", "150 000", "150000 /mm3"),
        ("platelets", "3000001", "range"),
        ("platelets", "150000 G/L", "range"),
        ("cd4", "0", Decimal(0)),
        ("cd4", "0,35", "0.35 G/L"),
        ("cd4", "4.99", "4.99 G/L"),
        ("cd4", "5", Decimal(5)),
        ("cd4", "3 /mm3", Decimal(3)),
        ("neutrophils", "0.35", Decimal("0.35")),
    ],
)
def test_a_number_that_lacks_its_unit_is_handed_back(key: str, text: str, expected: object) -> None:
    """
    The three slips that are known, and only where no unit was typed.
    """
    if expected == "range":
        assert refused(key, text) == "range"
        return
    found = typed(key, text)
    if isinstance(expected, str):
        assert found == Slip(expected, ITEMS[key].read(expected))
    else:
        assert isinstance(found, Entry)
        assert found.value == expected


def test_every_slip_suggests_a_unit_of_its_item() -> None:
    """
    A suggestion can always be taken.
    """
    for key, (_, unit) in SLIPS.items():
        item = ITEMS[key]
        assert isinstance(item, Number)
        assert unit in item.units


@pytest.mark.parametrize(
    ("key", "text", "is_unusual"),
    [
        ("dlco", "10", False),
        ("dlco", "9.9", True),
        ("dlco", "140", False),
        ("dlco", "140.1", True),
        ("haemoglobin", "49 g/L", True),
        ("haemoglobin", "50 g/L", False),
        ("pao2", "5.3 kPa", True),
        ("pao2", "5.4 kPa", False),
        ("bp_first", "240/140", False),
        ("bp_first", "241/140", True),
        ("bp_first", "70/39", True),
        ("mrss", "51", False),
    ],
)
def test_an_unusual_number_is_marked_for_confirmation(key: str, text: str, *, is_unusual: bool) -> None:
    """
    Outside the usual range the chat asks again, whatever the unit.
    """
    assert entered(key, text).is_unusual is is_unusual


@pytest.mark.parametrize(
    "text",
    [
        "165/112",
        "165 / 112",
        "165/112.",
        "165/112 mmHg",
        "165/112mm Hg",
        "165 over 112",
        "165 Over 112 mmHg",
        "165 sur 112",
    ],
)
def test_a_blood_pressure_is_read_as_it_is_said(text: str) -> None:
    """
    Systolic over diastolic, in either language.
    """
    assert entered("bp_first", text) == Entry("165/112", Pressure(165, 112))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("16/11 mmHg", "range"),
        ("16,55/9", "type"),
        ("9/16", "range"),
        ("31/9", "range"),
        ("112/165", "range"),
        ("110/110", "range"),
        ("301/110", "range"),
        ("165--112", "type"),
        ("165 - 112 - 90", "type"),
        ("165", "type"),
        ("165/", "type"),
        ("165,5/112", "type"),
        ("165/112.5", "type"),
        ("165/112/90", "type"),
        ("165/112 170/115", "type"),
        ("16500/112", "type"),
        ("165 under 112", "type"),
        ("\uff11\uff16\uff15/112", "type"),
    ],
)
def test_what_is_no_blood_pressure_is_refused(text: str, problem: str) -> None:
    """
    Two numbers that a blood pressure cannot have, or more or fewer than two.
    """
    assert refused("bp_first", text) == problem


@pytest.mark.parametrize(
    ("text", "answer"),
    [(text, True) for text in ("yes", "Yes.", "Y", "oui", "OUI", "o", " O ")]
    + [(text, False) for text in ("no", "N", "non", "Non", "nón")],
)
def test_yes_and_no_may_be_typed_in_either_language(text: str, *, answer: bool) -> None:
    """
    Both are read, whatever language the chat speaks.
    """
    assert typed("pregnant", text) == Entry(answer, answer)


@pytest.mark.parametrize("text", ["", "true", "1", "0", "ok", "maybe", "yes no", "yess"])
def test_anything_else_is_neither_yes_nor_no(text: str) -> None:
    """
    The buttons are there.
    """
    assert refused("pregnant", text) == "type"


@pytest.mark.parametrize("text", ["no", "Non", "n", "nope"])
def test_a_bare_no_at_the_consent_is_not_taken_for_a_refusal(text: str) -> None:
    """
    The form may not be signed yet: which of the two is said, or pressed.
    """
    assert refused("consent_signed", text) == "type"
    assert typed("consent_signed", "refused") == Entry(raw=False, value=False)
    assert typed("consent_signed", "not signed yet") == Entry(None, None)


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("sex", "female", "female"),
        ("sex", " male ", "male"),
        ("sex", "Female", "female"),
        ("sex", "femme", "female"),
        ("sex", "F", "female"),
        ("sex", "H", "male"),
        ("sex", "M", "male"),
        ("sex", "x", "option"),
        ("relationship", "Sister", "sibling"),
        ("relationship", "sœur", "sibling"),
        ("relationship", "Frère", "sibling"),
        ("relationship", "mother", "parent"),
        ("relationship", "fils", "other_family"),
        ("relationship", "épouse", "spouse"),
        ("relationship", "sans lien", "unrelated"),
        ("relationship", "f", "option"),
        ("relationship", "s", "option"),
        ("immunosuppression_status", "R", "resistant"),
        ("immunosuppression_status", "réfractaire", "resistant"),
        ("immunosuppression_status", "contre-indiqué", "contraindicated"),
        ("immunosuppression_status", "neither", "neither"),
        ("immunosuppression_status", "Resistant", "resistant"),
        ("immunosuppression_status", "", "option"),
    ],
)
def test_a_choice_may_be_typed(key: str, text: str, expected: str) -> None:
    """
    By its name in either language, by common words or how these begin, as long as it can be one choice only.
    """
    if expected == "option":
        assert refused(key, text) == "option"
    else:
        assert entered(key, text) == Entry(expected, expected)


@pytest.mark.parametrize("text", ["none", "None", "Aucun", "aucune", "AUCUNE."])
def test_none_of_several_may_be_typed(text: str) -> None:
    """
    In either language.
    """
    assert entered("malignancy", text) == Entry([], ITEMS["malignancy"].read([]))


@pytest.mark.parametrize("text", ["hiv, hcv", "", "[]", "active_neoplasm + x", "?", "cancer history not"])
def test_what_is_no_option_is_refused(text: str) -> None:
    """
    One that is not known refuses all.
    """
    if text == "?":
        assert entered("malignancy", text) == Entry(None, None)
    else:
        assert refused("malignancy", text) == "option"


@pytest.mark.parametrize(
    ("key", "text", "raw"),
    [
        ("malignancy", "active_neoplasm", ["active_neoplasm"]),
        ("malignancy", "Myélodysplasie + antécédent de cancer", ["cancer_history", "myelodysplasia"]),
        ("toxic_exposure", "silice, bléo", ["bleomycin", "silica"]),
        ("positive_serology", "hiv", ["hiv"]),
    ],
)
def test_options_that_are_typed_are_confirmed(key: str, text: str, raw: list[str]) -> None:
    """
    Those that were not spoken of could have been forgotten.
    """
    assert typed(key, text) == Slip(raw, ITEMS[key].read(raw), "options")


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("hiv neg, htlv neg", []),
        ("VIH nég ; HTLV en attente", ["?htlv"]),
        ("hiv pos, htlv pending", ["?htlv", "hiv"]),
        ("HIV: positive, HTLV: negative", ["hiv"]),
        ("?hiv, ?htlv", ["?hiv", "?htlv"]),
        ("neg", []),
        ("RAS", []),
    ],
)
def test_options_may_be_answered_one_by_one(text: str, raw: list[str]) -> None:
    """
    Present, absent or awaited.
    """
    found = parse(ITEMS_OF_RECIPIENTS["positive_serology"], text, today=TODAY)
    assert isinstance(found, Entry)
    assert sorted(found.raw) == raw  # type: ignore[call-overload]  # a list


@pytest.mark.parametrize("text", ["hiv neg", "htlv pending", "?hiv"])
def test_options_that_were_left_out_are_asked_for(text: str) -> None:
    """
    Of one that is absent or awaited, nothing is known of the others.
    """
    with pytest.raises(EntryRefusedError, match="part"):
        parse(ITEMS_OF_RECIPIENTS["positive_serology"], text, today=TODAY)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3/5/2026", date(2026, 5, 3)),
        ("3 Mai 2026.", date(2026, 5, 3)),
        ("1er mars\u00a02026", date(2026, 3, 1)),
        ("10/5/2026", TODAY),
        ("Hier", date(2026, 5, 9)),
        ("today", TODAY),
        ("1/1/1900", date(1900, 1, 1)),
    ],
)
def test_a_day_in_the_past_is_taken(text: str, day: date) -> None:
    """
    Day before month; today is still past.
    """
    entry = entered("cyclophosphamide_last_dose", text)
    assert (entry.raw, entry.value) == (day.isoformat(), day)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("11/5/2026", "future"),
        ("1 January 2100", "future"),
        ("31/12/1899", "range"),
        ("1/1/0001", "range"),
        ("31/2/2026", "type"),
        ("5/13/2026", "type"),
        ("3/5/28", "future"),
        ("\uff13/5/2026", "type"),
        ("03-05-2026 14:30", "type"),
        ("2026-05-03 2026-05-04", "type"),
        ("last year", "type"),
        ("58", "type"),
    ],
)
def test_a_day_that_cannot_be_is_refused(text: str, problem: str) -> None:
    """
    In the future, before 1900, or no day at all; day and month are never swapped.
    """
    assert refused("baseline_pft_date", text) == problem


UNKNOWN = (
    *("unknown", "Pending", "n/a", "NK", "nd", "not done yet", "?", "en attente", "en cours", "pas fait", "nsp"),
    *("Inconnu", "NA", "N.D."),
)


@pytest.mark.parametrize("text", UNKNOWN)
@pytest.mark.parametrize("key", ["dlco", "sex", "pregnant", "malignancy", "bp_first", "baseline_pft_date"])
def test_not_available_yet_may_be_typed(key: str, text: str) -> None:
    """
    In the words of wards, whatever was asked.
    """
    assert typed(key, text) == Entry(None, None)


def test_a_catheterisation_that_was_not_done_is_known() -> None:
    """
    It is the answer, and not a result to wait for.
    """
    assert typed("right_heart_catheterisation", "non fait") == Entry(raw=False, value=False)
    assert typed("right_heart_catheterisation", "Done") == Entry(raw=True, value=True)
    assert typed("childbearing_potential", "Ménopausée") == Entry(raw=False, value=False)


@pytest.mark.parametrize(
    ("key", "text", "raw"),
    [
        ("neutrophils", "<0,1", "<0.1"),
        ("neutrophils", "< 100 /mm3", "<100 /mm3"),
        ("creatinine_clearance", "> 90", ">90"),
        ("creatinine_clearance", "DFG > 90 mL/min/1.73m2", ">90 mL/min/1.73m2"),
        ("lvef", "55-60", "55-60"),
        ("lvef", "55 \u2013 60 %", "55-60"),
        ("lvef", "55 à 60 %", "55-60"),
        ("lvef", "entre 55 et 60", "55-60"),
        ("lvef", "between 55 and 60", "55-60"),
        ("spap", "moins de 30", "<30"),
        ("spap", "\u2264 35 mmHg", "<=35"),
        ("platelets", "au moins 150", ">=150"),
        ("platelets", "plus de 150 000/mm3", ">150000 /mm3"),
        ("spap", "non mesurable", "not measurable"),
        ("spap", "No TR", "not measurable"),
        ("transaminases_xuln", "120/40", "120/40"),
        ("transaminases_xuln", "120 UI/L / 40 UI/L", "120/40"),
        ("transaminases_xuln", "120 pour 40", "120/40"),
        ("cyclophosphamide_last_dose", "mars 2025", "2025-03"),
        ("cyclophosphamide_last_dose", "03/2025", "2025-03"),
        ("mrss", "16/51", Decimal(16)),
        ("neutrophils", "3 100/mm3", "3100 /mm3"),
        ("neutrophils", "3100 /\u00b5L", "3100 /uL"),
        ("neutrophils", "3100 cellules par mm3", None),
        ("neutrophils", "3,1 K/\u00b5L", Decimal("3.1")),
        ("neutrophils", "3.1 10*9/L", Decimal("3.1")),
        ("neutrophils", "3.1 10E9/L", Decimal("3.1")),
        ("platelets", "150 000 par mm3", "150000 /mm3"),
        ("platelets", "150 Giga/L", Decimal(150)),
        ("platelets", "150 x10^3/\u00b5L", Decimal(150)),
        ("platelets", "1,250,000 /mm3", "1250000 /mm3"),
        ("platelets", "1'250'000 /mm3", "1250000 /mm3"),
        ("mpap", "25 mm[Hg]", Decimal(25)),
        ("creatinine_clearance", "60 mL/min/1,73m\u00b2", "60 mL/min/1.73m2"),
        ("creatinine_clearance", "60 ml/mn/1.73 m2", "60 mL/min/1.73m2"),
        ("bp_hours_apart", "90 min", Decimal("1.5")),
        ("bp_hours_apart", "12h30", Decimal("12.5")),
        ("bp_hours_apart", "1 h 30 min", Decimal("1.5")),
        ("bp_hours_apart", "719 min", Decimal("11.9833")),
        ("bp_hours_apart", "2 jours", Decimal(48)),
        ("bp_hours_apart", "1 day 2 h", Decimal(26)),
        ("haemoglobin", "Hb: 11,2 g/dL", Decimal("11.2")),
        ("dlco", "DLCO 58 %", Decimal(58)),
    ],
)
def test_values_are_read_as_laboratories_write_them(key: str, text: str, raw: object) -> None:
    """
    Imprecise numbers, other units, a month, an item's own name before its value.
    """
    item = ITEMS_OF_RECIPIENTS[key]
    if raw is None:
        assert refused(key, text) == "unit"
        return
    found = parse(item, text, today=TODAY)
    assert isinstance(found, Entry)
    assert (found.raw, found.value) == (raw, item.read(raw))


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("neutrophils", "<0,6", "limit"),
        ("lvef", "30-40", "limit"),
        ("tlc", "> 80", "exact"),
        ("age", "60-75", "limit"),
        ("cyclophosphamide_last_dose", "mars 2026", "day"),
        ("baseline_pft_date", "mars 2025", "type"),
        ("cyclophosphamide_last_dose", "juin 2026", "type"),
        ("dlco", "not measurable", "type"),
        ("creatinine_clearance", "60 mL/min", "body_surface"),
        ("creatinine_clearance", "60 ml/mn", "body_surface"),
        ("transaminases_xuln", "120/0", "range"),
        ("transaminases_xuln", "120 U/L", "upper_limit"),
        ("transaminases_xuln", "90 mmHg", "unit"),
        ("transaminases_xuln", "120 U/L / 40 \u00b5kat/L", "type"),
        ("neutrophils", "2 500-3000 /mm3", "ambiguous_number"),
        ("platelets", "1,250", "ambiguous_number"),
        ("cd4", "<1,510", "ambiguous_number"),
        ("platelets", "1.250", "ambiguous_number"),
        ("pao2", "1,250", "range"),
        ("age", "18,500", "type"),
        ("bp_hours_apart", "12 h 75", "type"),
        ("mrss", "16/52", "type"),
    ],
)
def test_what_is_not_exact_enough_is_refused(key: str, text: str, problem: str) -> None:
    """
    A range that holds a limit, a month where the day matters, a unit that leaves something out.
    """
    with pytest.raises(EntryRefusedError) as caught:
        parse(ITEMS_OF_RECIPIENTS[key], text, today=TODAY)
    assert caught.value.problem == problem
    assert (caught.value.limit is not None) == (problem == "limit")


@pytest.mark.parametrize(
    ("key", "text", "raw", "why"),
    [
        ("bp_first", "16/9", "160/90", "cmhg"),
        ("bp_first", "16-9", "160/90", "cmhg"),
        ("bp_first", "16 sur 9", "160/90", "cmhg"),
        ("bp_first", "16 9", "160/90", "cmhg"),
        ("bp_first", "16,5/11 cmHg", "165/110", "cmhg"),
        ("bp_first", "TA 16/9", "160/90", "cmhg"),
        ("dlco", "~58", Decimal(58), "approximate"),
        ("dlco", "env. 58 %", Decimal(58), "approximate"),
        ("dlco", "58 % environ", Decimal(58), "approximate"),
        ("dlco", "about 58", Decimal(58), "approximate"),
        ("dlco", "circa 58", Decimal(58), "approximate"),
        ("dlco", "\u00b1 58", Decimal(58), "approximate"),
        ("neutrophils", "3100", "3100 /mm3", "unit"),
        ("haemoglobin", "112", "112 g/L", "unit"),
        ("cd4", "1,510", Decimal(1510), "thousands"),
        ("cd4", "1.510", Decimal(1510), "thousands"),
        ("cd4", "1,510 /mm3", Decimal(1510), "thousands"),
        ("platelets", "150.000 /mm3", "150000 /mm3", "thousands"),
        ("neutrophils", "1,510", Decimal("1.510"), "decimals"),
        ("neutrophils", "1,510 /mm3", "1510 /mm3", "thousands"),
        ("haemoglobin", "11,250", Decimal("11.250"), "decimals"),
        ("dlco", "58,500 %", Decimal("58.500"), "decimals"),
        ("bp_hours_apart", "12.345 h", Decimal("12.345"), "decimals"),
        ("bp_hours_apart", "8,761", Decimal("8.761"), "decimals"),
    ],
)
def test_what_was_probably_meant_is_confirmed(key: str, text: str, raw: object, why: str) -> None:
    """
    Centimetres of mercury, about right, or without a unit.
    """
    assert typed(key, text) == Slip(raw, ITEMS[key].read(raw), why)  # type: ignore[arg-type]  # one of them


@pytest.mark.parametrize("text", ["165-112", "165 112", "165 - 112 mmHg", "165\u2013112", "BP: 165/112", "ta 165/112"])
def test_a_blood_pressure_may_have_a_hyphen_or_a_blank(text: str) -> None:
    """
    In millimetres of mercury, nothing has to be confirmed.
    """
    assert entered("bp_first", text) == Entry("165/112", Pressure(165, 112))


def test_a_day_that_may_be_another_is_handed_back_with_both() -> None:
    """
    The last Monday, said on a Sunday; and a year of two digits where machines put it.
    """
    for text, day, other in (("last Monday", "2026-05-04", "2026-04-27"), ("26-05-03", "2003-05-26", "2026-05-03")):
        found = typed("baseline_pft_date", text)
        assert found == Slip(day, date.fromisoformat(day), "day", other)
    assert entered("baseline_pft_date", "3/5").was_converted
    assert not entered("baseline_pft_date", "3/5/2026").was_converted


@pytest.mark.parametrize("key", ["age", "sex", "pregnant", "malignancy", "bp_first", "cyclophosphamide_last_dose"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Dupont", "name"),
        ("Mme Martin", "name"),
        ("06 12 34 56 78", "phone"),
        ("0612345678", "phone"),
        ("1 85 05 75 123 456 78", "social_security"),
        ("marie@example.org", "email"),
    ],
)
def test_personal_data_is_refused_as_such(key: str, text: str, kind: str) -> None:
    """
    Whatever was asked.
    """
    assert refused(key, text) == f"personal {kind}"


@pytest.mark.parametrize(
    "text", ["Hier", "None", "Yes", "Oui", "3 Mai 2026", "Neg", "RHC", "150 000 000 /mm3", "ok", "Pao2"]
)
def test_a_value_of_another_kind_is_not_called_personal(text: str) -> None:
    """
    It is refused for what it is.
    """
    assert not refused("pao2", text).startswith("personal")


def test_a_long_text_is_refused_at_once() -> None:
    """
    Two hundred characters are enough for any value.
    """
    assert entered("dlco", "58".ljust(LONGEST)).raw == Decimal(58)
    assert refused("dlco", "58".ljust(LONGEST + 1)) == "type"
    assert refused("dlco", "Dupont " * 100_000) == "type"


@pytest.mark.parametrize(
    ("key", "text"), [("age", "Dupont"), ("age", "199"), ("pao2", "75 furlongs"), ("baseline_pft_date", "31/2/2026")]
)
def test_a_refusal_never_repeats_what_was_typed(key: str, text: str) -> None:
    """
    Errors reach logs; what was typed must not.
    """
    with pytest.raises(EntryRefusedError) as caught:
        typed(key, text)
    error: BaseException | None = caught.value
    assert key in str(error)
    while error is not None:
        assert not set(text.split()) & set(str(error).split())
        error = error.__cause__ or error.__context__


def test_an_item_of_a_kind_that_cannot_be_typed_is_refused() -> None:
    """
    A new kind of item needs a way of typing it first.
    """
    with pytest.raises(EntryRefusedError):
        parse(Item("age", section="person"), "58", today=TODAY)


def test_no_spelling_stands_for_two_units() -> None:
    """
    Without capitals and spaces, the units of an item remain distinct, and each is accepted as declared.
    """
    for item in NUMBERS:
        declared = {
            item.unit: item.unit,
            **dict.fromkeys(item.aliases, item.unit),
            **{unit: unit for unit in item.units},
        }
        for spelling, unit in declared.items():
            for text in (spelling, spelling.upper(), spelling.lower(), spelling.replace("/", " / ")):
                low = item.hard[0] + 1
                while unit != item.unit and not item.hard[0] <= low * item.units[unit] <= item.hard[1]:
                    low *= 10
                entry = parse(item, f"{low} {text}", today=TODAY)
                assert isinstance(entry, Entry)
                assert entry.value == item.read(f"{low} {unit}")


def _within(ends: Range, factor: Decimal, *, whole: bool) -> st.SearchStrategy[Decimal]:
    steps = 1 if whole else 100
    low, high = (int(end / factor * steps) for end in ends)
    return st.integers(low, high).map(lambda number: Decimal(number) / steps)


@given(st.data(), st.sampled_from(NUMBERS), st.sampled_from([".", ","]), st.sampled_from(["", " ", "\u202f"]))
def test_a_number_reads_back_with_every_accepted_unit(data: st.DataObject, item: Number, point: str, gap: str) -> None:
    """
    With comma or point, with or without a space before the unit.
    """
    # 25 103/mm3 is 25103: three digits in front of a unit are thousands.
    told = [(spelling, unit) for spelling, unit in sorted(spellings(item).items()) if not spelling[:3].isdigit()]
    spelling, unit = data.draw(st.sampled_from(told))
    factor = Decimal(1) if unit == item.unit else item.units[unit]
    number = data.draw(_within(item.hard, factor, whole=item.whole))
    raw = f"{number} {unit}"
    text = f"{number}".replace(".", point) + f"{gap or (' ' if spelling[0].isdigit() else '')}{spelling}"
    if not item.hard[0] <= number * factor <= item.hard[1]:
        return
    entry = parse(item, text, today=TODAY)
    assert isinstance(entry, Entry)
    assert entry.value == item.read(raw)
    assert item.read(entry.raw) == entry.value
    assert entry.was_converted is (unit != item.unit)


LIKELY = st.text(alphabet="0123456789 .,/%-+<^xeNkPagdLmolµ²³⁹\u202f:@MuDé'", max_size=24)


@pytest.mark.parametrize("item", [*ITEMS.values(), *DONOR_ITEMS.values()], ids=lambda item: item.key)
@given(text=st.one_of(st.text(), LIKELY, st.from_regex(r"[0-9]{1,16}[ .,/-]?[0-9]{0,4} ?[a-zA-Z/%]*")))
def test_any_text_is_taken_or_refused(item: Item, text: str) -> None:
    """
    Nothing that is typed breaks the chat, and what is taken reads back from its file form.
    """
    try:
        found = parse(item, text, today=TODAY)
    except EntryRefusedError:
        return
    assert found.raw is None or item.read(found.raw) == found.value
