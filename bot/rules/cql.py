"""
The criteria as HL7's Clinical Quality Language (CQL 1.5): one library for each population.

A definition says what the declared expression says, in the same three-valued logic: an inclusion is true where it
holds, an exclusion where it applies, and either is null while it is unknown. Parameters bear the items' keys; null is
an item without an answer.

Decimals have eight places there, and some engines compute them in binary. So a fall from a baseline is compared by
products, rounded to the place that both get right; limits are compared as they stand.

An answer behind a closed gate counts for nothing: leave it out. By the present rules it would change nothing.
"""

from decimal import Decimal

from bot.rules.cql_parameters import in_each_unit, in_unit, parameters, ticked
from bot.rules.criteria import Judged, Role
from bot.rules.expressions import (
    All,
    Any,
    Compare,
    Expression,
    Fell,
    Includes,
    Leaf,
    MonthsBefore,
    MonthsPassed,
    Not,
    OneOf,
    PressureAbove,
    Yes,
    YoungerThan,
)
from bot.rules.items import Number
from bot.rules.protocol import Population, Protocol

_PLACES = 7


def library(protocol: Protocol, population: Population) -> str:
    """
    The library that a translator takes. Its first line names it, after the protocol and the population.
    """
    version = protocol.version.partition("/")[2]
    expressions = {part.id: part.expression for one in population.criteria for part in one.family}
    lines = [
        f"library {name_of(protocol, population)} version '{version}'",
        "",
        "// An inclusion is true where it holds, an exclusion is true where it applies; null is unknown.",
        "// A parameter is null for an item without an answer. Units stand beside the parameters.",
        "",
        *(line for item in population.items for line in parameters(item, population)),
        "parameter as_of Date // the day of the assessment",
        "",
        "context Unfiltered",
    ]
    for judged in population.judged:
        lines += ["", f"// {_MEANINGS[judged.role]}", *_definition(judged.id, _lines(expressions[judged.id]))]
    lines += [
        "",
        "// True: eligible. False: not eligible. Null: incomplete.",
        *_definition("Eligible", _all(population)),
    ]
    lines += ["", *_definition("Verdict", list(_VERDICT))]
    return "\n".join(lines) + "\n"


def condition(node: Expression) -> str:
    """
    One expression on one line.
    """
    return " ".join(line.strip() for line in _lines(node))


def name_of(protocol: Protocol, population: Population) -> str:
    """
    The name of a library.
    """
    return f"{protocol.version.partition('/')[0]}_{population.kind.capitalize()}"


_MEANINGS = {
    Role.INCLUSION: "Inclusion. True: it holds and passes. False: it fails.",
    Role.EXCLUSION: "Exclusion. True: it applies and fails. False: it is ruled out and passes.",
}
_VERDICT = (
    "case",
    "  when \"Eligible\" then 'eligible'",
    "  when not \"Eligible\" then 'not_eligible'",
    "  else 'incomplete'",
    "end",
)


def _definition(name: str, lines: list[str]) -> list[str]:
    return [f'define "{name}":', *(f"  {line}" for line in lines)]


def _all(population: Population) -> list[str]:
    def passes(judged: Judged) -> str:
        return f'"{judged.id}"' if judged.role is Role.INCLUSION else f'not "{judged.id}"'

    first, *others = (passes(judged) for judged in population.judged if judged.is_numbered)
    return [first, *(f"and {other}" for other in others)]


def _lines(node: Expression) -> list[str]:
    match node:
        case All(parts):
            return _joined("and", parts)
        case Any(parts):
            return _joined("or", parts)
        case Not(Yes(item)):
            return [f"not {item.key}"]
        case Not(part):
            first, *others = _bracketed(_lines(part))
            return [f"not {first}", *others]
        case _:
            return [_leaf(node)]  # type: ignore[arg-type]  # what is not a joint is a leaf


def _joined(word: str, parts: tuple[Expression, ...]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        own = _lines(part)
        if isinstance(part, All | Any | PressureAbove | OneOf | Includes | MonthsBefore):
            own = _bracketed(own)
        lines += [f"{word} {own[0]}", *own[1:]] if lines else own
    return lines


def _bracketed(lines: list[str]) -> list[str]:
    first, *others = [f"({lines[0]}", *(f"  {line}" for line in lines[1:])]
    return [first, *others[:-1], f"{others[-1]})"] if others else [f"{first})"]


def _leaf(leaf: Leaf) -> str:  # noqa: C901  one line for each kind of leaf
    match leaf:
        case Yes(item):
            return item.key
        case OneOf(item, options):
            return " or ".join(f"{item.key} = '{option}'" for option in item.options if option in options)
        case Includes():
            return " or ".join(ticked(leaf))
        case Compare(item, symbol, limits) if in_each_unit(item, [leaf]):
            # A value has one unit: the comparison that is null is that of the other.
            told = (f"{in_unit(item, unit)} {symbol} {_number(item, limit)}" for unit, limit in limits.items())
            return f"Coalesce({', '.join(told)})"
        case Compare(item, symbol, limits):
            return f"{item.key} {symbol} {_number(item, limits[item.unit])}"
        case PressureAbove(item, systolic, diastolic):
            return f"{item.key}_sys > {systolic} or {item.key}_dia > {diastolic}"
        case Fell(now, baseline, share):
            return _fell(now, baseline, share)
        case YoungerThan(item, other, margin):
            return f"{item.key} < {other.key} + {_number(item, margin)}"
        case MonthsPassed(item, months):
            return f"{item.key} + {months} months <= as_of"
        case MonthsBefore(item, earliest, latest):
            return f"as_of - {earliest} months <= {item.key} and {item.key} <= as_of - {latest} months"
    raise TypeError(f"no CQL for {type(leaf).__name__}")


def _number(item: Number, limit: Decimal) -> str:
    return str(limit) if item.whole or "." in str(limit) else f"{limit}.0"


def _fell(now: Number, baseline: Number, share: Decimal) -> str:
    """
    Now < (1 - share) x baseline, the factor as a fraction of whole numbers.
    """
    kept, whole = (1 - share).as_integer_ratio()
    return f"Round({now.key} * {whole}.0, {_PLACES}) < Round({baseline.key} * {kept}.0, {_PLACES})"
