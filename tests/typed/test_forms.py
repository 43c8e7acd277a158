"""
Every value, written in each of the forms in which people write it, reads back as it was.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.items import BadValueError, BloodPressure, Bool, Choice, Date, Item, Number, Several
from bot.rules.versions import LATEST
from bot.typed.answers import yes_or_no
from bot.typed.names import names_of
from bot.typed.sheets import read_list
from bot.typed.tables import table
from bot.typed.units import spellings
from bot.typed.values import Entry, Slip, parse

TODAY = date(2026, 5, 10)
RECIPIENT = LATEST.recipient
ITEMS = (*RECIPIENT.items, *(item for item in LATEST.donor.items if item not in RECIPIENT.items))
BLANKS = (" ", "\u00a0", "\u202f")
SIGNS = {
    "<": ("<", "< ", "less than ", "moins de ", "inférieur à "),
    "<=": ("<=", "\u2264 ", "at most ", "au plus "),
    ">": (">", "> ", "more than ", "plus de ", "supérieur à "),
    ">=": (">=", "\u2265 ", "at least ", "au moins "),
}
JOINTS = ("-", " - ", "\u2013", " à ", " to ")
OF_THE_DAY = (
    *("{0.day}/{0.month}/{0.year}", "{0:%d/%m/%y}", "{0:%d.%m.%Y}", "{0:%d-%m-%Y}", "{0:%Y-%m-%d}"),
    *("{en}", "{fr}", "le {fr}", "{weekday} {fr}"),
)


def written(number: Decimal, draw: Callable[[st.SearchStrategy[str]], str]) -> str:
    """
    A number with a comma or a point, and a blank between its thousands or none.
    """
    whole, _, decimals = f"{number:f}".partition(".")
    if len(decimals) == 3 and len(whole) < 4:  # thousands or decimals
        decimals += "0"
    if len(whole) > 3 and draw(st.sampled_from(("", " "))):
        whole = f"{int(whole):,}".replace(",", draw(st.sampled_from(BLANKS)))
    return whole + (draw(st.sampled_from(",.")) + decimals if decimals else "")


@given(st.data(), st.sampled_from([item for item in ITEMS if isinstance(item, Number)]))
def test_a_number_reads_back_however_it_is_written(data: st.DataObject, item: Number) -> None:
    """
    Exact, under or over, or from one to another; with each unit in each spelling; after each name of the item.
    """
    spelling, unit = data.draw(st.sampled_from(sorted(spellings(item).items())))
    steps = 1 if item.whole else 10
    ends = [Decimal(data.draw(st.integers(0, int(item.hard[1]) * steps))) / steps for _ in range(2)]
    low, high = min(ends), max(ends)
    sign = data.draw(st.sampled_from(("", *("-" if low < high else ""), *SIGNS)))
    raw = {"": f"{low} {unit}", "-": f"{low}-{high} {unit}"}.get(sign, f"{sign}{low} {unit}")
    try:
        value = item.read(raw)
    except BadValueError:
        return
    number = written(low, data.draw)
    if sign == "-":
        number = number.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
        number = f"{number}{data.draw(st.sampled_from(JOINTS))}{written(high, data.draw)}"
    elif sign:
        number = data.draw(st.sampled_from(SIGNS[sign])) + number
    name = data.draw(st.sampled_from(("", *sorted(names_of(item)))))
    text = f"{name}{data.draw(st.sampled_from((' ', ': ', ' = '))) if name else ''}{number} {spelling}"
    entry = parse(item, text, today=TODAY)
    assert isinstance(entry, Entry), text
    assert entry.value == value, text
    assert item.read(entry.raw) == value


@given(
    st.sampled_from([item for item in ITEMS if isinstance(item, BloodPressure)]),
    *(st.integers(40, 299), st.integers(20, 199)),
    *(st.sampled_from(("/", " / ", "-", " ", " sur ", " over ")), st.sampled_from(("", " mmHg", "mm Hg", " mm[Hg]"))),
)
def test_a_blood_pressure_reads_back(item: BloodPressure, high: int, low: int, joint: str, unit: str) -> None:
    """
    In millimetres, with any joint; and in centimetres, to be confirmed.
    """
    if low >= high or high <= 30:
        return
    entry = parse(item, f"{high}{joint}{low}{unit}", today=TODAY)
    assert isinstance(entry, Entry)
    assert entry.raw == f"{high}/{low}"
    slip = parse(item, f"{Decimal(high) / 10:f}{joint}{Decimal(low) / 10:f}".replace(".", ","), today=TODAY)
    assert slip == Slip(f"{high}/{low}", item.read(f"{high}/{low}"), "cmhg")


@given(st.dates(date(2001, 1, 1), TODAY), st.sampled_from(OF_THE_DAY))
def test_a_day_reads_back(day: date, form: str) -> None:
    """
    In figures and in words, with its weekday, with a year of two digits.
    """
    said = {"en": format_date(day, "d MMMM y", locale="en"), "fr": format_date(day, "d MMM y", locale="fr")}
    text = form.format(day, **said, weekday=format_date(day, "EEEE", locale="fr"))
    item = RECIPIENT.item["baseline_pft_date"]
    entry = parse(item, text, today=TODAY)
    assert (entry.raw, entry.value) == (day.isoformat(), day)


@given(st.integers(0, 400))
def test_days_ago_read_back(days: int) -> None:
    """
    In both languages; and the same day without its year, unless that is another one.
    """
    item, day = RECIPIENT.item["baseline_pft_date"], TODAY - timedelta(days=days)
    for text in (f"{days} days ago", f"il y a {days} jours"):
        assert parse(item, text, today=TODAY).value == day
    if days < 365:
        assert parse(item, f"{day.day}/{day.month}", today=TODAY).value == day


@pytest.mark.parametrize("item", [item for item in ITEMS if isinstance(item, Choice)], ids=lambda item: item.key)
def test_every_common_word_for_a_choice_is_taken(item: Choice) -> None:
    """
    In any case.
    """
    for option, names in table("answers")["options"].get(item.key, {}).items():
        for name in names:
            assert {parse(item, form, today=TODAY).raw for form in (name, name.upper(), f" {name} ")} == {option}


@pytest.mark.parametrize("item", [item for item in ITEMS if isinstance(item, Several)], ids=lambda item: item.key)
def test_every_common_word_for_an_option_is_taken(item: Several) -> None:
    """
    Alone, and with what was found.
    """
    for option, names in table("answers")["options"].get(item.key, {}).items():
        for name in names if option in item.options else ():
            assert parse(item, name, today=TODAY).raw == [option], name
    for state, mark in (("positive", ""), ("awaited", "?")):
        text = " ; ".join(f"{option}: {table('answers')[state][0]}" for option in item.options)
        assert parse(item, text, today=TODAY).raw == sorted(f"{mark}{option}" for option in item.options)


@pytest.mark.parametrize("item", [item for item in ITEMS if isinstance(item, Bool)], ids=lambda item: item.key)
def test_every_common_word_for_yes_and_no_is_taken(item: Bool) -> None:
    """
    Also those that one item alone has.
    """
    own = table("answers")["yes_no"].get(item.key, {})
    for answer, value in (("yes", True), ("no", False)):
        for word in {*table("answers")[answer], *own.get(answer, ())} - {*own.get("unclear", ())}:
            assert parse(item, word.title(), today=TODAY) == Entry(value, value)
            assert yes_or_no(item, word) is value


def _simple(item: Item) -> st.SearchStrategy[str]:
    match item:
        case Number():
            return st.just(f"{(item.soft or item.hard)[1]:f}")
        case BloodPressure():
            return st.just("165/112")
        case Date():
            return st.dates(date(2001, 1, 1), TODAY).map("{0:%d/%m/%Y}".format)
        case Bool():
            return st.sampled_from(
                ("oui", "yes", "?", *(["non", "no"] if item.key != "consent_signed" else ["refused"]))
            )
        case Several():
            return st.sampled_from(("none", "aucun", "en attente"))
        case Choice():
            return st.sampled_from(item.options)
    raise TypeError


@given(st.data(), st.permutations(RECIPIENT.items), st.sampled_from((" ", ", ", "; ", "\n", " ; ")))
def test_all_of_a_case_reads_back_from_one_list(data: st.DataObject, items: list[Item], joint: str) -> None:
    """
    In any order, with any separator.
    """
    typed = {item: data.draw(_simple(item)) for item in items}
    sheet = read_list(joint.join(f"{item.key}: {text}" for item, text in typed.items()), RECIPIENT, today=TODAY)
    assert (sheet.unsure, sheet.refused, sheet.unread) == ([], [], [])
    assert {one.item: one.entry for one in sheet.found} == {
        item: parse(item, text, today=TODAY) for item, text in typed.items()
    }
