"""
Words in a person's language, which stand in gettext catalogues: the names of months and the signs of numbers too. What
Babel knows of a locale and its relations would take 5 MiB for those.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property

from markupsafe import Markup, escape

from bot.catalogues import LANGUAGES, Catalogue
from bot.rules.criteria import Cited
from bot.rules.items import BloodPressure, Bool, Choice, Date, Item, Number, Several
from bot.rules.kleene import Truth
from bot.rules.rounding import rounded
from bot.rules.values import Measure, MonthEnd, Ratio, Span, Ticked

DECLARED_IN = "en"
"""The language of the readings that criteria carry, by which the other languages' catalogues find theirs."""


class Words(Catalogue):
    """
    The words of one language, with numbers, dates, items and values in them.
    """

    @cached_property
    def months(self) -> Sequence[str]:
        """
        The names of the months, from January on.
        """
        return self.plain("months.whole").split()

    @cached_property
    def weekdays(self) -> Sequence[str]:
        """
        The names of the days, from Monday on.
        """
        return self.plain("weekdays.whole").split()

    @cached_property
    def _abbreviated(self) -> Sequence[str]:
        return self.plain("months.abbreviated").split()

    @cached_property
    def _signs(self) -> dict[int, int]:
        return str.maketrans(",.", self.plain("figures.signs"))

    def reading(self, cited: Cited) -> Markup | None:
        """
        How a criterion is read where its source leaves something open. Raises MissingTextError where this language has
        no translation of the reading declared.
        """
        if not cited.reading or self.language == DECLARED_IN:
            return escape(cited.reading) or None
        return self(cited.reading)

    def label(self, item: Item, kind: str) -> Markup:
        """
        The short name of an item.
        """
        return self.first(f"item.{kind}.{item.key}", f"item.{item.key}")

    def brief(self, item: str, kind: str) -> Markup:
        """
        What an item is called where there is little room.
        """
        return self.first(f"item.{item}.brief", f"item.{kind}.{item}", f"item.{item}")

    def question(self, item: Item, kind: str) -> Markup:
        """
        The question that asks for an item.
        """
        return self.first(f"item.{kind}.{item.key}.question", f"item.{item.key}.question")

    def hint(self, item: Item, kind: str) -> Markup | None:
        """
        What prevents a known mistake with an item, if there is something.
        """
        return self.find(f"item.{kind}.{item.key}.hint") or self.find(f"item.{item.key}.hint")

    def day(self, day: date) -> str:
        """
        A date with the month in words, so that day and month cannot be taken for each other.
        """
        number = "1er" if self.language == "fr" and day.day == 1 else day.day
        return f"{number} {self._abbreviated[day.month - 1]} {day.year}"

    def full_day(self, day: date) -> str:
        """
        A date that somebody typed, said back: with its weekday, by which a slip is seen.
        """
        return f"{self.weekdays[day.weekday()]} {self.day(day)}"

    def short_day(self, day: date, today: date) -> str:
        """
        The same, without the year where it is this one.
        """
        shown = self.day(day)
        return shown.removesuffix(f" {today.year}") if day.year == today.year else shown

    def moment(self, time: datetime) -> str:
        """
        A day with its hour and minute, as the clock of the time given shows them.
        """
        return f"{self.day(time.date())}, {time:%H:%M}"

    def zoned(self, time: datetime) -> str:
        """
        A time to the minute with its zone, such as "10 May 2026, 11:30 (Europe/Paris, UTC+02:00)".
        """
        offset = f"{time:%z}"
        return self.plain(
            "origin.zoned", time=self.moment(time), zone=str(time.tzinfo), offset=f"{offset[:3]}:{offset[3:]}"
        )

    def number(self, number: Decimal) -> str:
        """
        A number with this language's decimal sign, and no digit rounded.
        """
        shown = f"{number:,f}"
        return (shown.rstrip("0").rstrip(".") if "." in shown else shown).translate(self._signs)

    def unit(self, unit: str, number: Decimal | int = 2) -> str:
        """
        A unit as people write it behind a number.
        """
        key, whole = f"unit.{unit}", int(number)
        if self.language == "en" and number != whole:
            whole = 2  # "1.5 years", where French has "1,5 an"
        return (self.find(key) and self._counted(key, whole)) or self.find(key) or unit

    def quantity(self, number: Decimal, unit: str) -> str:
        """
        A number with its unit.
        """
        return f"{self.number(number)} {self.unit(unit, number)}"

    def value(self, item: Item, raw: object) -> str:
        """
        An answer in file form, as people write it. None: not available yet.
        """
        if raw is None:
            return self("value.awaited")
        match item:
            case Bool():
                return self._truth(item.read(raw), is_worked_out=isinstance(raw, dict))
            case Choice():
                return self(f"option.{item.key}.{raw}")
            case Several(options=options):
                ticked = item.read(raw)
                names = [self._option(item, option, ticked) for option in options if option in ticked.either]
                return ", ".join(names) or self("value.none")
            case Date():
                return self._day(item.read(raw))
            case BloodPressure():
                value = item.read(raw)
                return f"{value.systolic}/{value.diastolic} {self.unit('mmHg')}"
            case Number():
                shown = self._number(item, raw)
                return self("value.worked_out", value=shown) if isinstance(raw, dict) else shown
        raise TypeError(f"no words for a {type(item).__name__}")

    def echoed(self, item: Item, raw: object) -> str:
        """
        An answer said back to whoever typed it.
        """
        day = item.read(raw) if isinstance(item, Date) and raw is not None else None
        return self.value(item, raw) if day is None or isinstance(day, MonthEnd) else self.full_day(day)

    def _truth(self, truth: Truth, *, is_worked_out: bool) -> str:
        if truth is None:
            return self("value.not_settled")
        shown = self("value.yes" if truth else "value.no")
        return self("value.worked_out", value=shown) if is_worked_out else shown

    def _option(self, item: Several, option: str, ticked: Ticked) -> str:
        name = self(f"option.{item.key}.{option}")
        return self("value.option_awaited", option=name) if option in ticked.awaited else name

    def _day(self, day: date) -> str:
        if not isinstance(day, MonthEnd):
            return self.day(day)
        return self("value.month", month=f"{self.months[day.month - 1]} {day.year}")

    def _number(self, item: Number, raw: object) -> str:
        number, unit = item.entered(raw)
        shown = self.measure(number, unit)
        if unit == item.unit or item.as_entered:
            return shown
        exact = item.converted(number, unit)
        near = _rounded(item, exact, number)
        return f"{shown} {'=' if near == exact else '≈'} {self.measure(near, item.unit)}"

    def measure(self, number: Measure, unit: str) -> str:
        """
        A number with its unit, or what stands for one, as it was entered.
        """
        match number:
            case Span(low=None, high=Decimal() as end, has_high=has_end):
                return f"{'≤' if has_end else '<'} {self.quantity(end, unit)}"
            case Span(low=Decimal() as end, high=None, has_low=has_end):
                return f"{'≥' if has_end else '>'} {self.quantity(end, unit)}"
            case Span(low=Decimal() as low, high=Decimal() as high):
                return self("value.from_to", low=self.number(low), high=self.quantity(high, unit))
            case Ratio(value, upper):
                return self("value.over_upper", value=self.number(value), upper=self.number(upper))
            case Decimal():
                return self.quantity(number, unit)
        return self("value.not_measurable")


def _rounded(item: Number, exact: Measure, entered: Measure) -> Measure:
    """
    What was converted, as people read it.
    """
    match exact, entered:
        case Span(), Span():
            ends = zip((exact.low, exact.high), (entered.low, entered.high), strict=True)
            low, high = (rounded(item, end, as_entered) if end and as_entered else end for end, as_entered in ends)
            return Span(low, high, exact.has_low, exact.has_high)
        case Decimal(), Decimal():
            return rounded(item, exact, entered)
    return exact


@cache
def words(language: str) -> Words:
    """
    The words of a language, English where it is unknown.
    """
    return Words(language if language in LANGUAGES else "en")
