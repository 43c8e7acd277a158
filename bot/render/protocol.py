"""
The criteria as a table that a physician can proofread, made from the declarations.
"""

from markupsafe import Markup

from bot.render.limits import condition, opposite
from bot.render.phrases import clause
from bot.rules.criteria import Criterion, Part
from bot.rules.expressions import (
    All,
    Any,
    Compare,
    Expression,
    Fell,
    MonthsBefore,
    MonthsPassed,
    Not,
    OneOf,
    PressureAbove,
    Yes,
    items_of,
    leaves,
)
from bot.rules.items import Choice, Item, Number, Several
from bot.rules.protocol import Population, Protocol
from bot.texts import Words

_LIMITED = Compare | PressureAbove | Fell | MonthsPassed | MonthsBefore


def table(protocol: Protocol, words: Words) -> str:
    """
    The protocol in Markdown: a table of criteria and one of queries for each population.
    """
    lines = [f"# {protocol.version}"]
    for population in (protocol.recipient, protocol.donor):
        kind = words(f"kind.{population.kind}").capitalize()
        lines += [
            "",
            f"## {kind}",
            "",
            _row("id", *(words(f"table.{name}") for name in ("clause", "wording", "limits", "reading", "items"))),
        ]
        lines.append("|---" * 6 + "|")
        for criterion in population.criteria:
            lines += [_criterion(part, criterion, population, words) for part in criterion.family]
        lines += ["", _row("id", words("table.query"), words("table.reading")), "|---" * 3 + "|"]
        lines += [
            _row(query.id, words(f"query.{query.id}"), formula(query.expression, words, population.kind))
            for query in population.queries
        ]
        lines += ["", _row(words("table.items"), words("table.wording"), words("table.limits")), "|---" * 3 + "|"]
        lines += [_item(item, words, population.kind) for item in population.items]
    return "\n".join(lines)


def _item(item: Item, words: Words, kind: str) -> str:
    taken = ""
    if isinstance(item, Number):
        taken = f"{words.number(item.hard[0])} - {words.number(item.hard[1])} {words.unit(item.unit)}"
        taken += "".join(f", {words.unit(unit)}" for unit in item.units)
    elif isinstance(item, Choice | Several):
        taken = ", ".join(words(f"option.{item.key}.{option}") for option in item.options)
    return _row(f"`{item.key}`", words.question(item, kind), taken)


def _criterion(part: Criterion | Part, criterion: Criterion, population: Population, words: Words) -> str:
    kind = population.kind
    found = list(leaves(part.expression))
    limits = dict.fromkeys(condition(leaf, words, kind) for leaf in found if isinstance(leaf, _LIMITED))
    key = "table.passes" if criterion.role == "inclusion" else "table.fails"
    rule = words(key, rule=formula(part.expression, words, kind))
    reading = words.reading(part)
    return _row(
        part.id,
        clause(part, criterion, population, words),
        words(f"criterion.{part.id}"),
        "; ".join(limits),
        " ".join(filter(None, [rule, reading])),
        ", ".join(dict.fromkeys(f"`{item.key}`" for leaf in found for item in items_of(leaf))),
    )


def formula(node: Expression, words: Words, kind: str) -> Markup:
    """
    An expression in words, with brackets.
    """
    match node:
        case All(parts):
            return Markup(" {} ").format(words("table.and")).join(_bracketed(part, words, kind) for part in parts)
        case Any(parts):
            return Markup(" {} ").format(words("table.or")).join(_bracketed(part, words, kind) for part in parts)
        case Not(Yes() | OneOf() as leaf):
            return opposite(leaf, words, kind)
        case Not(part):
            return Markup("{} {}").format(words("table.not"), _bracketed(part, words, kind))
        case _:
            return condition(node, words, kind)  # type: ignore[arg-type]  # what is not a joint is a leaf


def _bracketed(node: Expression, words: Words, kind: str) -> Markup:
    inner = formula(node, words, kind)
    return Markup("({})").format(inner) if isinstance(node, All | Any) else inner


def _row(*cells: str) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(cell: str) -> str:
    return Markup(cell).unescape().replace("|", "\\|")  # noqa: S704  the file is no HTML
