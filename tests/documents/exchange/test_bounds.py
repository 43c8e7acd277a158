"""
Bounds, ranges and ratios as other programs hold them: plain values, each in a place of its own.
"""

import csv
from decimal import Decimal
from io import StringIO
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from bot.documents.exchange import odm_case, redcap_lines, redcap_records
from bot.documents.exchange.fhir_case import response
from bot.documents.exchange.odm_words import NAMESPACE
from bot.rules.v1 import PROTOCOL
from tests.documents.exchange.filing import AT, filed
from tests.rules.cases import RECIPIENT, TODAY

RAWS: dict[str, object] = {
    "lvef": "<35",
    "dlco": "55-58",
    "pao2": ">=12 kPa",
    "transaminases_xuln": "120/40",
    "bilirubin_xuln": "10/30",
    "spap": "not measurable",
}
CELLS = {
    "lvef": "35",
    "lvef_comparator": "<",
    "dlco": "55",
    "dlco_comparator": ">=",
    "dlco_to": "58",
    "pao2_kpa": "12",
    "pao2_comparator": ">=",
    "transaminases_xuln": "3",
    "bilirubin_xuln": "0.333333333333333",
}
CASE = filed("recipient", RAWS)


def test_redcap_holds_each_part_in_a_field_of_its_own() -> None:
    """
    The sign as the number of a choice.
    """
    (row,) = csv.DictReader(StringIO(redcap_records.records(RECIPIENT, [CASE])))
    numbers = {"<": "1", ">=": "4"}
    told = {name: text for name, text in row.items() if name.startswith(tuple(RAWS)) and text}
    assert told == {name: numbers.get(text, text) for name, text in CELLS.items()}


def test_odm_holds_each_part_as_an_item_of_its_own() -> None:
    """
    With the sign as it is written.
    """
    root = fromstring(odm_case.document([CASE], [PROTOCOL], AT))  # noqa: S314  of this program
    told = {
        node.attrib["ItemOID"].removeprefix("IT.recipient."): node.attrib["Value"]
        for node in root.iter(f"{{{NAMESPACE}}}ItemData")
        if "Value" in node.attrib
    }
    assert told == CELLS


def test_fhir_says_each_with_a_type_of_its_own() -> None:
    """
    A quantity with its comparator, a range, a ratio; an answer only where there is a number.
    """
    nodes = {node["linkId"]: node for group in response(CASE, PROTOCOL)["item"] for node in group["item"]}
    told: dict[str, Any] = {}
    for key, node in nodes.items():
        (stated,) = [one for one in node["extension"] if one["url"].endswith("/stated")] or [{}]
        told[key] = {name: value for name, value in stated.items() if name != "url"}
    measured = told["lvef"]["valueQuantity"]
    assert (measured["value"], measured["comparator"], measured["code"]) == (35, "<", "%")
    assert told["dlco"]["valueRange"]["low"]["value"] == 55
    assert told["dlco"]["valueRange"]["high"]["value"] == 58
    assert told["pao2"]["valueQuantity"]["code"] == "kPa"
    ratio = {"numerator": {"value": Decimal(120)}, "denominator": {"value": Decimal(40)}}
    assert told["transaminases_xuln"] == {"valueRatio": ratio}
    answered = {key: node["answer"] for key, node in nodes.items() if "answer" in node}
    assert answered == {
        "transaminases_xuln": [{"valueDecimal": Decimal(3)}],
        "bilirubin_xuln": [{"valueDecimal": Decimal("0.333333333333333")}],
    }


@pytest.mark.parametrize(
    ("columns", "raw"),
    [
        ({"lvef": "35", "lvef_comparator": "1"}, "<35"),
        ({"lvef": "35"}, Decimal(35)),
        ({"dlco": "55", "dlco_comparator": "4", "dlco_to": "58"}, "55-58"),
        ({"dlco": "55", "dlco_to": "58"}, "55-58"),
        ({"pao2_kpa": "12", "pao2_comparator": "4"}, ">=12 kPa"),
        ({"pao2_kpa": "11", "pao2_kpa_to": "12"}, "11-12 kPa"),
    ],
)
def test_the_fields_alone_are_read_again(columns: dict[str, str], raw: object) -> None:
    """
    As somebody fills them in there who knows nothing of what was entered here.
    """
    line = _line(columns)
    assert (line.answers, line.problems) == ({next(iter(columns)).partition("_")[0]: raw}, ())


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"lvef_comparator": "1"}, "lvef: not a value of this column"),
        ({"lvef": "35", "lvef_comparator": "<"}, "lvef_comparator: not a value of this column"),
        ({"lvef": "35", "lvef_comparator": "2"}, "lvef: limit"),
        ({"dlco": "58", "dlco_to": "55"}, "dlco: range"),
    ],
)
def test_what_is_no_bound_is_refused(columns: dict[str, str], problem: str) -> None:
    """
    A sign without its number, one that is none, a bound that leaves a limit open, a range that runs backwards.
    """
    assert _line(columns).problems == (problem,)


def _line(columns: dict[str, str]) -> redcap_lines.Line:
    text = f"record_id,{','.join(columns)}\r\n01-R-001,{','.join(columns.values())}\r\n"
    (line,) = redcap_lines.lines(text, PROTOCOL, TODAY)
    return line
