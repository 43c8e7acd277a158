"""
Words for comparisons: what a criterion looks at, and what a value would have had to be.
"""

from markupsafe import Markup

from bot.render.phrases import answered
from bot.rules.explain import Reason
from bot.rules.expressions import (
    Compare,
    Fell,
    Given,
    Includes,
    Leaf,
    MonthsBefore,
    MonthsPassed,
    OneOf,
    PressureAbove,
    Unmeasurable,
    Yes,
    YoungerThan,
    items_of,
)
from bot.rules.limits import is_on_limit
from bot.rules.months import add_months
from bot.texts import Words
from db.cases.records import Record

_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_OPPOSITE = {"<": "≥", "<=": ">", ">": "≤", ">=": "<"}


def condition(leaf: Leaf, words: Words, kind: str) -> Markup:  # noqa: C901  one line for each kind of leaf
    """
    A comparison as the protocol states it.
    """
    label = words.label(items_of(leaf)[0], kind)
    match leaf:
        case Yes():
            return words("limit.yes", item=label)
        case OneOf(item, options) if len(options) == 1:
            return words("finding.value", item=label, value=words(f"option.{item.key}.{next(iter(options))}"))
        case OneOf(item, options) | Includes(item, options):
            chosen = [words(f"option.{item.key}.{option}") for option in item.options if option in options]
            return words("limit.any_of", item=label, options=", ".join(chosen))
        case Given():
            return words("limit.given", item=label)
        case Unmeasurable():
            return words("limit.unmeasurable", item=label)
        case Compare(item, operator, limits):
            stated = [f"{_SIGNS[operator]} {words.quantity(limit, unit)}" for unit, limit in limits.items()]
            return words("limit.compare", item=label, limit=_either(stated))
        case PressureAbove(_, systolic, diastolic):
            return words("limit.pressure", item=label, systolic=systolic, diastolic=diastolic)
        case Fell(_, baseline, share):
            return words("limit.fell", item=label, baseline=words.label(baseline, kind), share=int(share * 100))
        case YoungerThan(_, other, margin):
            return words("limit.younger", item=label, other=words.label(other, kind), years=margin)
        case MonthsPassed(_, months):
            return words("limit.passed", item=label, months=months)
        case MonthsBefore(_, earliest, latest):
            return words("limit.before", item=label, earliest=earliest, latest=latest)


def opposite(leaf: Yes | OneOf, words: Words, kind: str) -> Markup:
    """
    What the answer has to be where it must not be the one that a comparison names.
    """
    label = words.label(leaf.item, kind)
    if isinstance(leaf, Yes):
        return words("limit.no", item=label)
    chosen = [words(f"option.{leaf.item.key}.{option}") for option in leaf.item.options if option in leaf.options]
    return words("limit.other", item=label, options=", ".join(chosen))


def _either(stated: list[str]) -> str:
    return stated[0] if len(stated) == 1 else f"{stated[0]} ({', '.join(stated[1:])})"


def finding(reason: Reason, record: Record, words: Words) -> Markup:
    """
    A value that decided, with the limit on whose other side it would have had to be.
    """
    leaf = reason.leaf
    shown = answered(record, items_of(leaf)[0], words)
    needed = _needed(reason, record, words)
    if needed:
        shown = words("finding.needed", finding=shown, needed=needed)
    return words("finding.on_limit", finding=shown) if is_on_limit(leaf, record.facts) else shown


def _needed(reason: Reason, record: Record, words: Words) -> str | None:
    match reason.leaf:
        case Compare(item, operator, limits):
            value = record.facts[item.key]
            unit = getattr(value, "unit", item.unit)
            sign = _OPPOSITE[operator] if reason.truth else _SIGNS[operator]
            return f"{sign} {words.quantity(limits[unit], unit)}"
        case PressureAbove(_, systolic, diastolic):
            key = "needed.pressure_not" if reason.truth else "needed.pressure"
            return words(key, systolic=systolic, diastolic=diastolic)
        case Fell(_, baseline, share):
            before = words.value(baseline, record.raw(baseline.key))
            return words("needed.fell", baseline=before, share=int(share * 100))
        case MonthsPassed(item, months):
            return words("needed.passed", day=words.day(add_months(record.facts[item.key], months)))  # type: ignore[arg-type]
        case MonthsBefore(_, earliest, latest):
            start, end = add_months(record.as_of, -earliest), add_months(record.as_of, -latest)
            return words("needed.before", start=words.day(start), end=words.day(end))
        case _:
            return None
