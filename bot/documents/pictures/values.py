"""
A case's numbers against the limits that the criteria set them.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from bot.documents.snapshot import CaseFile
from bot.rules.criteria import Part, Role
from bot.rules.expressions import Compare, Operator, PressureAbove, leaves
from bot.rules.frozen import Frozen
from bot.rules.items import BloodPressure, Item
from bot.rules.values import Pressure, Quantity, Ratio, Span
from bot.texts import Words

_SIGNS: dict[Operator, str] = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_ROOM = Decimal("1.3")


class Limit(Frozen):
    """
    A limit of a criterion or part: `operator` and `number` say where its comparison holds.
    """

    criterion: str
    role: Role
    operator: Operator
    number: Decimal

    @property
    def holds_above(self) -> bool:
        """
        On which side of it the comparison holds.
        """
        return self.operator in {">", ">="}


class Plotted(Frozen):
    """
    A number of the case, or its two ends where it is not exact, with every limit that it is compared with. `side` names
    a pressure's.
    """

    item: Item
    side: str
    unit: str
    low: Decimal | None
    high: Decimal | None
    limits: tuple[Limit, ...]

    @property
    def is_on_limit(self) -> bool:
        """
        Whether it is exactly on a limit.
        """
        return self.low == self.high and any(limit.number == self.low for limit in self.limits)

    @property
    def top(self) -> Decimal:
        """
        The end of its scale, which begins at 0.
        """
        numbers = [self.low, self.high, *(limit.number for limit in self.limits)]
        return max(number for number in numbers if number is not None) * _ROOM or Decimal(1)


def values(file: CaseFile) -> list[Plotted]:
    """
    Every number given of which a criterion states a limit, in the order of the questions.
    """
    found = []
    for item in file.population.items:
        if item.key in file.record.facts and item.key not in file.record.assessment.set_aside:
            found += [one for one in _measured(item, file) if one.limits]
    return found


def _measured(item: Item, file: CaseFile) -> Iterator[Plotted]:
    value = file.record.facts[item.key]
    unit = getattr(item, "unit", "")
    number, unit = value if isinstance(value, Quantity) else (value, unit)
    compared = list(_compared(item, file))
    match number:
        case Pressure(systolic, diastolic):
            for side, one in (("systolic", Decimal(systolic)), ("diastolic", Decimal(diastolic))):
                yield Plotted(item, side, "mmHg", one, one, tuple(_pressure_limits(compared, side)))
        case Decimal():
            yield Plotted(item, "", unit, number, number, tuple(_limits(compared, unit)))
        case Ratio(part, upper):
            yield Plotted(item, "", unit, part / upper, part / upper, tuple(_limits(compared, unit)))
        case Span(low, high):
            yield Plotted(item, "", unit, low, high, tuple(_limits(compared, unit)))


_Compared = tuple[str, Role, Compare | PressureAbove]


def _compared(item: Item, file: CaseFile) -> Iterator[_Compared]:
    """
    Every comparison of an item with a limit, once, cited by the smallest lettered part that makes it.
    """
    seen = set()
    for criterion in file.population.criteria:
        for part in reversed(criterion.family):
            for leaf in leaves(part.expression):
                if (
                    isinstance(leaf, Compare | PressureAbove)
                    and leaf.item.key == item.key
                    and (criterion, leaf) not in seen
                ):
                    seen.add((criterion, leaf))
                    is_lettered = isinstance(part, Part) and part.is_lettered
                    yield part.id if is_lettered else criterion.id, criterion.role, leaf


def _limits(compared: Iterable[_Compared], unit: str) -> Iterator[Limit]:
    for id_, role, leaf in compared:
        if isinstance(leaf, Compare) and unit in leaf.limits:
            yield Limit(id_, role, leaf.operator, leaf.limits[unit])


def _pressure_limits(compared: Iterable[_Compared], side: str) -> Iterator[Limit]:
    for id_, role, leaf in compared:
        if isinstance(leaf, PressureAbove):
            yield Limit(id_, role, ">", Decimal(getattr(leaf, side)))


def drawing(found: Iterable[Plotted], file: CaseFile, words: Words) -> dict[str, object]:
    """
    A row a number, each on a scale of its own.
    """
    return {
        "rows": [_row(one, file, words) for one in found],
        "legend": [words.plain(f"picture.values.{name}") for name in ("inclusion", "exclusion", "value")],
        "none": words.plain("picture.values.none"),
    }


def _row(one: Plotted, file: CaseFile, words: Words) -> dict[str, object]:
    top = one.top

    def at(number: Decimal) -> float:
        return round(float(number / top), 5)

    limits = sorted(one.limits, key=lambda limit: limit.number)

    return {
        "label": _label(one, file, words),
        "value": _value(one, file, words),
        "low": at(one.low if one.low is not None else Decimal(0)),
        "high": at(one.high) if one.high is not None else 1.0,
        "is_exact": one.low == one.high,
        "is_on_limit": one.is_on_limit,
        "tints": [(at(low), 1.0 if high is None else at(high), role) for low, high, role in tints(limits)],
        "limits": [
            {
                "at": at(limit.number),
                "line": line,
                "label": f"{_SIGNS[limit.operator]} {words.number(limit.number)} {limit.criterion}",
            }
            for limit, line in zip(limits, _lines([at(limit.number) for limit in limits]), strict=True)
        ],
    }


Tint = tuple[Decimal, Decimal | None, Role]


def tints(limits: Sequence[Limit]) -> list[Tint]:
    """
    Where comparisons hold, from 0 or a limit to a limit or the end; what excludes comes last, to lie above. Two limits
    of one criterion that face each other mean what lies between.
    """
    found: dict[Role, list[Tint]] = {Role.INCLUSION: [], Role.EXCLUSION: []}
    facing = {limit.criterion: limit for limit in limits if not limit.holds_above}
    for limit in limits:
        other = facing.get(limit.criterion)
        if limit.holds_above:
            end = other.number if other is not None and other.number > limit.number else None
            found[limit.role].append((limit.number, end, limit.role))
        elif not any(
            one.holds_above and one.criterion == limit.criterion and one.number < limit.number for one in limits
        ):
            found[limit.role].append((Decimal(0), limit.number, limit.role))
    return [tint for tinted in found.values() for tint in tinted]


def _lines(places: Sequence[float]) -> list[int]:
    """
    On which of two lines the label of each place stands, so that neighbours do not cover each other.
    """
    lines: list[int] = []
    for before, place in zip([-1.0, *places], places, strict=False):
        lines.append(1 if place - before < _APART and lines and lines[-1] == 0 else 0)
    return lines


_APART = 0.17


def _label(one: Plotted, file: CaseFile, words: Words) -> str:
    label = words.label(one.item, file.population.kind).unescape()
    return f"{label}, {words.plain(f'data.{one.side}')}" if one.side else label


def _value(one: Plotted, file: CaseFile, words: Words) -> str:
    if isinstance(one.item, BloodPressure) and one.low is not None:
        return words.quantity(one.low, one.unit)
    return str(words.value(one.item, file.record.raw(one.item.key)))


def sentences(found: Iterable[Plotted], file: CaseFile, words: Words) -> list[str]:
    """
    The same in words, a line a number.
    """
    lines = []
    for one in found:
        key = "picture.values.on_limit" if one.is_on_limit else "picture.values.line"
        sides = " ".join(_limits_of(role, one.limits, words) for role in Role).strip()
        lines.append(words.plain(key, item=_label(one, file, words), value=_value(one, file, words), limits=sides))
    return lines or [words.plain("picture.values.none")]


def _limits_of(role: Role, limits: Iterable[Limit], words: Words) -> str:
    """
    The limits of what includes, or of what excludes; empty where there are none.
    """
    said = ", ".join(
        f"{_SIGNS[one.operator]} {words.number(one.number)} ({one.criterion})" for one in limits if one.role is role
    )
    return words.plain(f"picture.values.{role}.told", limits=said) if said else ""
