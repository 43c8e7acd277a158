"""
A case read from a workbook, as somebody reads it who has the data dictionary and nothing else.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from bot.rules.items import BloodPressure, Bool, Date, Item, Number, Several
from bot.rules.protocol import Population


def opened(content: bytes) -> Workbook:
    """
    The workbook as a program reads it that is not the one that wrote it.
    """
    return load_workbook(BytesIO(content))


def rows(content: bytes, sheet: str) -> list[dict[str, Any]]:
    """
    The rows of a sheet by heading.
    """
    heading, *found = opened(content)[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in found]


def answers(population: Population, row: Mapping[str, Any]) -> dict[str, object]:
    """
    The answers of a row in file form.
    """
    found: dict[str, object] = {}
    for item in population.items:
        named = re.compile(rf"{item.key}(?:_(systolic|diastolic|comparator|to|result|upper))?(?: \((.+)\))?")
        cells = {match: cell for name, cell in row.items() if (match := named.fullmatch(name)) and cell is not None}
        if not cells:
            continue
        match, cell = next(iter(cells.items()))
        parts = {one[1]: value for one, value in cells.items()}
        if cell == "awaited":
            found[item.key] = None
        elif isinstance(item, BloodPressure):
            found[item.key] = "/".join(str(one) for one in cells.values())
        elif "result" in parts:
            found[item.key] = f"{parts['result']}/{parts['upper']}"
        elif "to" in parts:
            found[item.key] = f"{cell}-{parts['to']} {match[2]}"
        elif "comparator" in parts:
            found[item.key] = f"{parts['comparator']}{cell} {match[2]}"
        else:
            found[item.key] = _raw(item, cell, match[2])
    return found


def _raw(item: Item, cell: object, unit: str | None) -> object:
    match item, cell:
        case Several(), str():
            return [] if cell == "none" else cell.split(", ")
        case Bool(), str():
            return json.loads(cell)
        case Date(), datetime() | date():
            return cell.strftime("%Y-%m-%d")
        case Number(), int() | float():
            number = Decimal(repr(cell))
            return number if unit in {None, item.unit} else f"{number:f} {unit}"
        case Number(), str() if re.fullmatch(r"[\d.]+", cell):
            return Decimal(cell)
    return cell
