"""
REDCap: a dictionary that it takes, records that fit it, and records read line by line.
"""

import csv
import json
import re
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.exchange import redcap_form, redcap_lines, redcap_records
from bot.documents.exchange.lines import Line, NotRecordsError
from bot.rules.items import Bool, Number, Several
from bot.rules.v1 import PROTOCOL
from bot.texts import words
from tests.documents.exchange.filing import EXAMINED, cases, dated, filed
from tests.rules.cases import POPULATIONS, RECIPIENT, TODAY, examples

KINDS = pytest.mark.parametrize("kind", sorted(POPULATIONS))
NAME, TYPE, CHOICES = "Variable / Field Name", "Field Type", "Choices, Calculations, OR Slider Labels"
VALIDATION, LOW, HIGH = "Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max"
LOGIC = "Branching Logic (Show field only if...)"


def dictionary(kind: str, language: str = "en") -> list[dict[str, str]]:
    """
    The rows of a dictionary.
    """
    return list(csv.DictReader(StringIO(redcap_form.dictionary(POPULATIONS[kind], words(language)))))


def rows(text: str) -> list[dict[str, str]]:
    """
    The records of a file.
    """
    return list(csv.DictReader(StringIO(text)))


def codes(row: dict[str, str]) -> list[str]:
    """
    The numbers of a field's choices.
    """
    return [choice.split(", ")[0] for choice in row[CHOICES].split(" | ")]


@KINDS
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_dictionary_is_one_that_redcap_takes(kind: str, language: str) -> None:
    """
    18 named columns; names that REDCap allows, each once, the code first; choices numbered with a label.
    """
    found = dictionary(kind, language)
    assert len(found[0]) == 18
    assert all(found[0])
    assert all(None not in row and None not in row.values() for row in found)
    names = [row[NAME] for row in found]
    assert names[0] == "record_id"
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) and "__" not in name for name in names)
    assert {row[TYPE] for row in found} <= {"text", "notes", "yesno", "radio", "checkbox"}
    assert all(row["Field Label"] and row["Form Name"] == kind for row in found)
    for row in found:
        if row[TYPE] in {"radio", "checkbox"}:
            assert re.fullmatch(r"\d+, [^|]+( \| \d+, [^|]+)+", row[CHOICES])
            assert len(set(codes(row))) == len(codes(row))
        else:
            assert row[CHOICES] == ""


@KINDS
def test_logic_looks_at_fields_that_are_there(kind: str) -> None:
    """
    Each gate, and no other field has one.
    """
    found = dictionary(kind)
    names = {row[NAME] for row in found}
    parts = re.compile(r"(_mmhg|_kpa)?(_comparator|_to)?$")
    gated = {item.key for item in POPULATIONS[kind].items if item.gate is not None}
    assert {parts.sub("", row[NAME]) for row in found if row[LOGIC]} == gated
    assert all(set(re.findall(r"\[(\w+)", row[LOGIC])) <= names for row in found)


def test_logic_says_what_gates_say() -> None:
    """
    With an empty number no smaller than any.
    """
    logic = {row[NAME]: row[LOGIC] for row in dictionary("recipient")}
    assert logic["childbearing_potential"] == "[sex] = '1'"
    assert logic["pregnant"] == "[childbearing_potential] = '1'"
    assert logic["tlc"] == (
        "(([dlco] <> '' and [dlco] >= 60 and [dlco_comparator] <> '1' and [dlco_comparator] <> '2')"
        " and ([fvc] <> '' and [fvc] > 70 and [fvc_comparator] <> '1' and [fvc_comparator] <> '2'))"
    )
    assert " or " in logic["liver_rise_persistent"]


def test_logic_of_lists_and_what_redcap_cannot_say() -> None:
    """
    A ticked option has its number in brackets; what cannot be said is refused, not left out.
    """
    item = Several("smoke", section="x", options=("pipe", "cigar"))
    assert redcap_form.branching(item.includes("cigar")) == "[smoke(2)] = '1'"
    assert redcap_form.branching(item.any) == "([smoke(1)] = '1' or [smoke(2)] = '1')"
    with pytest.raises(TypeError, match="branching"):
        redcap_form.branching(~Bool("idle", section="x").yes)


def test_fields_say_what_can_be() -> None:
    """
    Whole or not, in which unit, from where to where; both sides of a pressure; a gas in each unit.
    """
    found = {row[NAME]: row for row in dictionary("recipient")}
    ends = {name: (found[name][VALIDATION], found[name][LOW], found[name][HIGH]) for name in found}
    assert ends["age"] == ("integer", "0", "120")
    assert ends["dlco"] == ("number", "1", "200")
    assert (ends["bp_first_sys"], ends["bp_first_dia"]) == (("integer", "40", "300"), ("integer", "20", "200"))
    assert ends["pao2_kpa"] == ("number", "1.34", "26.66")
    assert ends["baseline_pft_date"][0] == "date_ymd"
    assert found["pao2_mmhg"]["Field Note"] == "mmHg"
    assert found["malignancy"]["Field Annotation"] == "@NONEOFTHEABOVE='99'"


@KINDS
@given(data=st.data())
@examples(30)
def test_records_fit_the_dictionary(kind: Any, data: st.DataObject) -> None:  # noqa: ANN401  an oracle's kind
    """
    Column by column: a tick for each choice of a list, a number within its ends, the number of a choice.
    """
    case = data.draw(cases(kind), label="case")
    (record,) = rows(redcap_records.records(POPULATIONS[kind], [case]))
    expected = []
    for row in dictionary(kind):
        if row[TYPE] == "checkbox":
            own = [f"{row[NAME]}___{code}" for code in codes(row)]
            assert {record[column] for column in own} <= {"0", "1"}
            expected += own
            continue
        expected.append(row[NAME])
        if text := record[row[NAME]]:
            assert _fits(text, row), (row[NAME], text)
    assert list(record) == [*expected, f"{kind}_complete"]


def _fits(text: str, row: dict[str, str]) -> bool:
    if row[TYPE] == "yesno":
        return text in {"0", "1"}
    if row[TYPE] == "radio":
        return text in codes(row)
    if row[VALIDATION] == "date_ymd":
        return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None
    if row[VALIDATION] == "integer" and not re.fullmatch(r"\d+", text):
        return False
    return not row[VALIDATION] or Decimal(row[LOW]) <= Decimal(text) <= Decimal(row[HIGH])


def _read(**columns: str) -> Line:
    heads = ",".join(["record_id", *columns])
    values = ",".join(["01-R-001", *(f'"{text}"' for text in columns.values())])
    (line,) = redcap_lines.lines(f"\ufeff{heads}\r\n{values}\r\n", PROTOCOL, TODAY)
    return line


@pytest.mark.parametrize(
    ("column", "text", "problem"),
    [
        ("dlco", "201", "dlco: range"),
        ("dlco", "fifty", "dlco: not a value of this column"),
        ("age", "40.5", "age: type"),
        ("sex", "3", "sex: not a value of this column"),
        ("ild_on_imaging", "yes", "ild_on_imaging: not a value of this column"),
        ("cyclophosphamide_last_dose", "03/05/2026", "cyclophosphamide_last_dose: not a value of this column"),
        ("cyclophosphamide_last_dose", "2026-05-11", "cyclophosphamide_last_dose: future"),
        ("bp_first_sys", "165", "bp_first_dia: not a value of this column"),
        ("malignancy___1", "2", "malignancy___1: not a value of this column"),
        ("entered", "[1]", "entered: not as this program writes it"),
        ("entered", "{", "entered: not as this program writes it"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_its_reason(column: str, text: str, problem: str) -> None:
    """
    And none of its answers is taken.
    """
    line = _read(lvef="60", **{column: text})
    assert (line.number, line.code, line.answers, line.problems) == (2, "01-R-001", {}, (problem,))


def test_none_of_these_and_one_of_these_is_refused() -> None:
    """
    It says both.
    """
    assert _read(malignancy___1="1", malignancy___99="1").problems == ("malignancy___99: not a value of this column",)


def test_what_is_empty_says_nothing() -> None:
    """
    Nothing ticked is no answer, and "none of these" is one; a column that is not there is as an empty one.
    """
    assert _read(dlco="", malignancy___1="0", malignancy___99="0", lvef="60").answers == {"lvef": Decimal(60)}
    assert _read(malignancy___99="1", dlco="").answers == {"malignancy": []}
    assert _read(malignancy___2="1", lvef="").answers == {"malignancy": ["myelodysplasia"]}


def test_a_field_changed_in_redcap_counts() -> None:
    """
    What was entered before is then no longer what is answered.
    """
    (before,) = rows(redcap_records.records(RECIPIENT, [filed("recipient", {"haemoglobin": "118 g/L", "cd4": None})]))
    assert _read(**{key: text.replace('"', '""') for key, text in before.items() if key != "record_id"}).answers == {
        "haemoglobin": "118 g/L",
        "cd4": None,
    }
    changed = before | {"haemoglobin": "7.9", "cd4": "400"}
    told = {key: text.replace('"', '""') for key, text in changed.items() if key != "record_id"}
    assert _read(**told).answers == {"haemoglobin": Decimal("7.9"), "cd4": Decimal(400)}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no column record_id"),
        ("dlco\r\n50\r\n", "no column record_id"),
        ("record_id,dlco,weight\r\n1,50,70\r\n", "no column of these forms: weight"),
        ("record_id,dlco,dlco\r\n1,50,50\r\n", "a column stands twice"),
        ("record_id,age\r\n1,50\r\n", "columns of neither form alone"),
        ("record_id,dlco,relationship\r\n1,50,1\r\n", "columns of neither form alone"),
        ('record_id,dlco\r\n1,"50"0\r\n', "line 2: not CSV: ',' expected after '\"'"),
    ],
)
def test_a_file_that_is_no_records_is_refused(text: str, problem: str) -> None:
    """
    Before any of its lines.
    """
    with pytest.raises(NotRecordsError) as refused:
        list(redcap_lines.lines(text, PROTOCOL, TODAY))
    assert str(refused.value) == problem


def test_a_line_with_more_or_fewer_values_than_columns_is_refused() -> None:
    """
    One of them is not where it should be.
    """
    text = "record_id,dlco,fvc\r\nA,50\r\nB,50,60,70\r\nC,50,60\r\n"
    assert [bool(line.problems) for line in redcap_lines.lines(text, PROTOCOL, TODAY)] == [True, True, False]


def test_a_number_keeps_its_digits() -> None:
    """
    There is no float on the way.
    """
    item = RECIPIENT.item["dlco"]
    assert isinstance(item, Number)
    assert str(_read(dlco="59.9999999", lvef="").answers["dlco"]) == "59.9999999"


def test_a_record_says_from_which_examinations_its_answers_are() -> None:
    """
    In a field of its own, which says nothing of the answers when they are read.
    """
    answers = {"dlco": "<30", "cd4": Decimal(300), "haemoglobin": "112 g/L"}
    case = dated(filed("recipient", answers), **EXAMINED)
    text = redcap_records.records(case.population, [case])
    [row] = csv.DictReader(StringIO(text, newline=""))
    assert json.loads(row["examined"]) == {
        "dlco": {"on": "2026-04-10", "by": "lung_function"},
        "cd4": {"by": "other", "words": "blood bank"},
        "haemoglobin": {"on": "2026-04-12"},
    }
    [line] = redcap_lines.lines(text, PROTOCOL, TODAY)
    assert line.answers == answers
    fields = csv.DictReader(StringIO(redcap_form.dictionary(case.population, words("en")), newline=""))
    assert "examined" in [one["Variable / Field Name"] for one in fields]
