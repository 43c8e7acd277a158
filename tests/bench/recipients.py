"""
Recipients to measure with: one who stays eligible whatever is asked, and many complete ones.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from bot.rules import file_form
from bot.rules.items import BloodPressure, Bool, Choice, Date, Item, Number, Several
from bot.rules.protocol import Kind, Population
from bot.rules.v1.recipient import POPULATION
from bot.terminal.well import WELL

_WELL = WELL[Kind.RECIPIENT] | {"childbearing_potential": False, "cyclophosphamide_high_dose": True}

TYPED = {key: str(value) for key, value in _WELL.items() if isinstance(POPULATION.item[key], Number)}
"""What somebody types who stays eligible."""

PRESSED = {
    key: value if isinstance(value, str) else "yes" if value else "0" if value == [] else "no"
    for key, value in _WELL.items()
    if key not in TYPED
}
"""What they press; "no" wherever else a button is asked for."""


def typed(today: date) -> dict[str, str]:
    """
    TYPED, with the dates that depend on the day.
    """
    return TYPED | {"cyclophosphamide_last_dose": (today - timedelta(days=400)).isoformat()}


def complete(day: date, random: Random, population: Population = POPULATION) -> dict[str, object]:
    """
    A recipient, or a donor, with an answer to everything, in file form, each within its usual range.
    """
    return {item.key: _value(item, day, random) for item in population.items}


def _value(item: Item, day: date, random: Random) -> object:
    match item:
        case Bool():
            return random.random() < 0.5
        case Choice(options=options):
            return random.choice(options)
        case Several(options=options):
            return [option for option in options if random.random() < 0.2]
        case Date():
            return (day - timedelta(days=random.randrange(900))).isoformat()
        case BloodPressure(soft_systolic=systolic, soft_diastolic=diastolic):
            lower = random.randint(*diastolic)
            return f"{random.randint(max(lower + 1, systolic[0]), systolic[1])}/{lower}"
        case Number(soft=soft, hard=hard):
            low, high = soft or hard
            share = Decimal(random.randint(0, 1000)) / 1000
            return round(low + (high - low) * share, 0 if item.whole else 1)
    raise TypeError(f"no value for a {type(item).__name__}")


def lines(number: int, day: date, random: Random) -> Iterator[str]:
    """
    Complete recipients as `python -m bot assess` reads them.
    """
    for at in range(number):
        case = {"case": f"01-R-{at}", "kind": "recipient", "as_of": day.isoformat(), "answers": complete(day, random)}
        yield file_form.dumps(case) + "\n"
