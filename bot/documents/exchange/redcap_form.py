"""
The questions as a REDCap data dictionary, and the columns under which REDCap keeps their answers.

A project for each population: both have an age and a sex. Choices are numbered in their order, ticks are the columns
`NAME___1` and so on, and "none of these" is a tick of its own, so that nothing ticked and nothing answered are told
apart.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import groupby

from markupsafe import Markup

from bot.documents.exchange.cells import Field, fields_of, part_of
from bot.documents.stated import COMPARATOR, COMPARATORS
from bot.rules.expressions import All, Any, Compare, Expression, Includes, OneOf, Operator, Yes
from bot.rules.items import Bool, Choice, Date, Item, Several
from bot.rules.protocol import Population
from bot.texts import Words

HEADINGS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
CODE, ENTERED, EXAMINED = "record_id", "entered", "examined"
NONE = "99"
"""The number of the choice that says: none of the others."""

FormRow = dict[str, str]


def dictionary(population: Population, words: Words) -> str:
    """
    The dictionary as CSV, with REDCap's 18 columns. Sections follow each other as their first items do.
    """
    rows = [_row(CODE, population, "text", words("exchange.code"))]
    for section, items in groupby(in_order(population), lambda item: item.section):
        own = [row for item in items for row in _rows(item, population, words)]
        own[0]["Section Header"] = words.plain(f"section.{section}")
        rows += own
    note = {"Field Note": words.plain("exchange.json")}
    rows.append(_row(ENTERED, population, "notes", words("exchange.entered"), **note))
    rows.append(_row(EXAMINED, population, "notes", words("exchange.examined"), **note))
    return as_csv(HEADINGS, rows)


def in_order(population: Population) -> list[Item]:
    """
    The items, those of a section together.
    """
    sections = list(dict.fromkeys(item.section for item in population.items))
    return sorted(population.items, key=lambda item: sections.index(item.section))


def as_csv(headings: Sequence[str], rows: Iterable[FormRow]) -> str:
    """
    Rows under headings, as REDCap reads and writes them.
    """
    text = StringIO()
    writer = csv.DictWriter(text, headings, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def column_of(field: Field) -> str:
    """
    The column in which a cell stands.
    """
    if isinstance(field.item, Several):
        return f"{field.item.key}___{number_of(field.item, field.option)}"
    return field.name


def number_of(item: Choice | Several, option: str) -> str:
    """
    The number of a choice.
    """
    return str(item.options.index(option) + 1)


def _rows(item: Item, population: Population, words: Words) -> Iterator[FormRow]:
    label = words.question(item, population.kind)
    logic = "" if item.gate is None else branching(item.gate)
    shown = {"Branching Logic (Show field only if...)": logic}
    match item:
        case Bool():
            yield _row(item.key, population, "yesno", label, **shown)
        case Choice(options=options):
            choices = [(number_of(item, option), words(f"option.{item.key}.{option}")) for option in options]
            yield _row(item.key, population, "radio", label, **_choices(choices), **shown)
        case Several(options=options):
            choices = [(number_of(item, option), words(f"option.{item.key}.{option}")) for option in options]
            alone = {"Field Annotation": f"@NONEOFTHEABOVE='{NONE}'"}
            told = _choices([*choices, (NONE, words("value.none"))])
            yield _row(item.key, population, "checkbox", label, **told, **alone, **shown)
        case Date():
            valid = {"Text Validation Type OR Show Slider Number": "date_ymd"}
            yield _row(item.key, population, "text", label, **valid, **shown)
        case _:
            for field in fields_of(item):
                told = _comparators(words) if field.part == COMPARATOR else _ends(field)
                kind = "radio" if field.part == COMPARATOR else "text"
                yield _row(field.name, population, kind, _side(field, label, words), **told, **shown)


def _row(name: str, population: Population, kind: str, label: Markup, **others: str) -> FormRow:
    row = {"Variable / Field Name": name, "Form Name": str(population.kind), "Field Type": kind}
    return {**row, "Field Label": label.unescape(), **others}


def _choices(numbered: list[tuple[str, Markup]]) -> FormRow:
    told = (f"{number}, {label.unescape()}" for number, label in numbered)
    return {HEADINGS[5]: " | ".join(one.replace("|", "/") for one in told)}


def _side(field: Field, label: Markup, words: Words) -> Markup:
    part = part_of(field)
    return words("exchange.part", whole=label, part=words(f"exchange.{part}")) if part else label


def _comparators(words: Words) -> FormRow:
    return _choices([(COMPARATOR_NUMBERS[one], words(f"exchange.{_NAMES[one]}")) for one in COMPARATORS])


_NAMES = {"<": "under", "<=": "at_most", ">": "over", ">=": "at_least"}
COMPARATOR_NUMBERS = {one: str(number) for number, one in enumerate(COMPARATORS, start=1)}
"""The numbers of the signs that make a number a bound."""


def _ends(field: Field) -> FormRow:
    return {
        "Field Note": field.unit,
        "Text Validation Type OR Show Slider Number": "integer" if field.is_whole else "number",
        "Text Validation Min": f"{field.low:f}",
        "Text Validation Max": f"{field.high:f}",
    }


def _unless_bound(item: Item, symbol: Operator) -> str:
    """
    That a number which is only a bound, and lies on its own limit, is no such number: under 60 is not at least 60.
    """
    others = (one for one in COMPARATORS if one[0] != symbol[0])
    return "".join(f" and [{item.key}_{COMPARATOR}] <> '{COMPARATOR_NUMBERS[one]}'" for one in others)


def branching(gate: Expression) -> str:
    """
    A gate in REDCap's logic, where an empty number is not smaller than any. Raises TypeError for what it cannot say.
    """
    match gate:
        case All(parts) | Any(parts):
            word = " and " if isinstance(gate, All) else " or "
            return f"({word.join(branching(part) for part in parts)})"
        case Yes(item):
            return f"[{item.key}] = '1'"
        case OneOf(item, options):
            found = [f"[{item.key}] = '{number_of(item, one)}'" for one in item.options if one in options]
            return found[0] if len(found) == 1 else f"({' or '.join(found)})"
        case Includes(item, options):
            found = [f"[{item.key}({number_of(item, one)})] = '1'" for one in item.options if one in options]
            return found[0] if len(found) == 1 else f"({' or '.join(found)})"
        case Compare(item, symbol, limits) if not item.as_entered:
            return f"([{item.key}] <> '' and [{item.key}] {symbol} {limits[item.unit]}{_unless_bound(item, symbol)})"
    raise TypeError(f"no branching logic for {type(gate).__name__}")
