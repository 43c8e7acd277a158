"""
`python -m bot assess`: JSON Lines in, JSON Lines out, one line a case, in order, as they come.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from json import JSONEncoder
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.rules import file_form
from bot.rules.assessment import Assessment, assess, read_answers
from bot.rules.items import (
    EARLIEST_DAY,
    ISO_DAY,
    BadValueError,
    BloodPressure,
    Bool,
    Choice,
    Date,
    Item,
    Number,
    Several,
)
from bot.rules.protocol import Kind, Protocol
from bot.rules.values import NOT_MEASURABLE
from bot.rules.versions import LATEST
from bot.settings import load

HELP = "assess cases, JSON Lines in and out"

_LATEST_DAY = date(2200, 1, 1)
_write = JSONEncoder().encode
_LONGEST = 80
_KEYS = {"case", "kind", "as_of", "answers"}


class BadCaseError(ValueError):
    """
    A line that cannot be assessed. `str()` names the key, what came and what is expected.
    """


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, help="standard input by default")


def run(options: argparse.Namespace) -> int:
    """
    Assess line by line: 1 where one of them was not good.
    """
    zone = ZoneInfo(load().site_time_zone)
    try:
        source = options.file.open("rb") if options.file else sys.stdin.buffer
    except OSError as error:
        print(f"{options.file}: {error.strerror}", file=sys.stderr)
        return 2
    status = 0
    with source:
        for text, is_good in lines(source, LATEST, lambda: datetime.now(zone).date()):
            print(text, flush=True)
            status = status if is_good else 1
    return status


def lines(source: Iterable[bytes], protocol: Protocol, today: Callable[[], date]) -> Iterator[tuple[str, bool]]:
    """
    For each line that is not empty, its result as JSON and whether it was good.
    """
    for line in source:
        if line.strip():
            yield _line(line, protocol, today)


def _line(line: bytes, protocol: Protocol, today: Callable[[], date]) -> tuple[str, bool]:
    name: object = None
    try:
        given = _object(line)
        case = given.get("case")
        name = case if isinstance(case, str) else None
        return _write(_case(given, protocol, today)), True
    except BadCaseError as error:
        return _write({"case": name, "error": str(error)}), False


def _object(line: bytes) -> dict[str, Any]:
    try:
        given = file_form.loads(line)
    except ValueError:
        raise BadCaseError("not JSON, or a key stands twice; expected a case as one JSON object on a line") from None
    if not isinstance(given, dict):
        raise BadCaseError(_wrong("line", given, "an object"))
    return given


def _case(given: dict[str, Any], protocol: Protocol, today: Callable[[], date]) -> dict[str, object]:
    if unknown := sorted(given.keys() - _KEYS):
        raise BadCaseError(f"{_cut(unknown[0])}: unknown key; expected {', '.join(sorted(_KEYS))}")
    name = given.get("case")
    if not isinstance(name, str):
        raise BadCaseError(_wrong("case", name, "text"))
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in set(Kind):
        raise BadCaseError(_wrong("kind", kind, "recipient or donor"))
    as_of = _day(given["as_of"]) if given.get("as_of") is not None else today()
    answers = given.get("answers")
    if not isinstance(answers, dict):
        raise BadCaseError(_wrong("answers", answers, "an object of values by item key"))
    population = protocol.population(kind)
    for key in answers:
        if key not in population.item:
            raise BadCaseError(f"{_cut(key)}: unknown key; expected an item of a {kind}")
    try:
        facts = read_answers(population, answers, as_of)
    except BadValueError as error:
        item = error.item
        came = answers[item.key]
        raise BadCaseError(_wrong(item.key, came, f"{expected(item)}{_after(error)}")) from None
    return _result(name, kind, assess(population, facts, as_of))


_AFTER = {
    "future": ", not after as_of",
    "unit": " (unknown unit)",
    "body_surface": " (per body surface: mL/min alone does not say how large the patient is)",
    "range": " (out of range)",
    "exact": " (an imprecise value leaves open what is compared with it)",
    "day": " (the wait is not over for the whole month: the day is needed)",
    "parts": " (a part is missing, unknown, or not one of its values)",
}


def _after(error: BadValueError) -> str:
    if error.limit is not None:
        return f" (the limit {error.limit.number} {error.limit.unit} lies within)"
    return _AFTER.get(error.problem, "")


def _day(value: object) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and ISO_DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None or not EARLIEST_DAY <= day <= _LATEST_DAY:
        raise BadCaseError(_wrong("as_of", value, f"a date from {EARLIEST_DAY} to {_LATEST_DAY}"))
    return day


def _result(name: str, kind: str, assessment: Assessment) -> dict[str, object]:
    return {
        "case": name,
        "kind": kind,
        "as_of": assessment.as_of.isoformat(),
        "verdict": assessment.verdict,
        "criteria": assessment.statuses,
        "missing": assessment.missing,
        "queries": assessment.queries,
        "recheck_on": assessment.recheck_on.isoformat() if assessment.recheck_on else None,
        "on_limit": assessment.on_limit,
    }


def expected(item: Item) -> str:
    """
    What an item takes, in file form.
    """
    match item:
        case Bool(classification=rows):
            return "true or false" + (f", or an object of {', '.join(rows.keys)}" if rows else "")
        case Choice(options=options):
            return f"one of {', '.join(options)}"
        case Several(options=options):
            return f'a list of any of {", ".join(options)}, [] for none, "?" before one that is awaited'
        case Date(wait_months=wait):
            month = ", or a month YYYY-MM that ended long enough ago" if wait else ""
            return f"a date YYYY-MM-DD from {EARLIEST_DAY}{month}"
        case BloodPressure(hard_systolic=systolic, hard_diastolic=diastolic):
            return (
                f'"systolic/diastolic" in mmHg, {systolic[0]} to {systolic[1]} over {diastolic[0]} to {diastolic[1]}, '
                "systolic the higher"
            )
        case Number(hard=hard, unit=unit, units=units):
            others = "".join(f' or text with a unit such as "7.9 {other}",' for other in units)
            kind = "a whole number" if item.whole else "a number"
            return f"{kind} in {unit},{others}{_other_forms(item)} from {hard[0]} to {hard[1]} {unit}"
    raise TypeError(f"no words for a {type(item).__name__}")


def _other_forms(item: Number) -> str:
    forms = ' or "120/40" for a value over its upper limit,' if item.over_upper else ""
    forms += f" or an object of {', '.join(item.parts)}, each 0 to {item.part_most}," if item.parts else ""
    return forms + (f' or "{NOT_MEASURABLE.value}",' if item.may_be_unmeasurable else "")


def _wrong(key: str, came: object, wanted: str) -> str:
    return f"{key}: got {_shown(came)}, expected {wanted}"


def _shown(value: object) -> str:
    """
    What came, as JSON, cut where it is long.
    """
    try:
        text = file_form.dumps(value)
    except RecursionError:
        text = "something nested too deep"
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
