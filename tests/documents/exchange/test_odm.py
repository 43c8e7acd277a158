"""
CDISC ODM 1.3.2: valid by its schema, and telling whose each answer was, when and why.
"""

from datetime import timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from xmlschema import XMLSchema

from bot.documents.exchange.filed import Filed, FiledAnswer
from bot.documents.exchange.lines import Line, NotRecordsError
from bot.documents.exchange.odm_case import document, lines
from bot.documents.exchange.odm_words import NAMESPACE
from bot.rules.v1 import PROTOCOL
from tests.documents.exchange.filing import AT, EXAMINED, cases, dated, filed
from tests.rules.cases import POPULATIONS, RECIPIENT, TODAY, examples

KINDS = pytest.mark.parametrize("kind", sorted(POPULATIONS))
NAMES = {"odm": NAMESPACE}


@cache
def schema() -> XMLSchema:
    """
    CDISC's own schema.
    """
    return XMLSchema(str(files("odmlib") / "schemas" / "odm" / "1.3.2" / "ODM1-3-2.xsd"))


def written(*found: Filed) -> Element:
    """
    A file with these cases, having been found valid.
    """
    content = document(found, [PROTOCOL], AT)
    schema().validate(content)
    return fromstring(content)  # noqa: S314  made a line before


def opened(case: Filed) -> Line:
    """
    A case read out of its own file.
    """
    (found,) = lines(document([case], [PROTOCOL], AT).decode(), PROTOCOL, TODAY)
    assert (found.code, found.problems) == (case.code, ())
    return found


def given_one_after_the_other(item: str, *raws: object) -> Filed:
    """
    A recipient with an item answered again and again.
    """
    entries = tuple(
        FiledAnswer(item, raw, number, 3 + number, AT + timedelta(days=number), "asked", "typo" if number > 1 else None)
        for number, raw in enumerate(raws, start=1)
    )
    return replace(filed("recipient", {}), current={item: raws[-1]}, entries=entries)


@KINDS
@given(data=st.data())
@examples(10)
def test_a_file_is_valid_whatever_was_answered(kind: Any, data: st.DataObject) -> None:  # noqa: ANN401  an oracle's kind
    """
    By the schema of ODM 1.3.2.
    """
    written(data.draw(cases(kind), label="case"))


def test_a_file_without_cases_is_valid() -> None:
    """
    The questions alone; and a case without answers.
    """
    assert written().find("odm:ClinicalData", NAMES) is None
    assert written(filed("donor", {})).find("odm:ClinicalData", NAMES) is not None


def test_what_is_referred_to_is_defined() -> None:
    """
    Every name in the data and in the definitions.
    """
    root = written(filed("recipient", {"age": 40, "sex": "female"}), filed("donor", {"age": 30}))
    defined = {node.attrib["OID"] for node in root.iter() if "OID" in node.attrib}
    referred = {
        value
        for node in root.iter()
        for name, value in node.attrib.items()
        if name.endswith("OID") and name not in {"OID", "FileOID"}
    }
    assert referred
    assert referred <= defined


def test_questions_have_units_ends_choices_and_conditions() -> None:
    """
    In both languages.
    """
    root = written()
    items = {node.attrib["Name"]: node for node in root.iter(f"{{{NAMESPACE}}}ItemDef")}
    ends = [
        (one.attrib["Comparator"], one.findtext("odm:CheckValue", "", NAMES))
        for one in items["dlco"].iter()
        if one.tag.endswith("RangeCheck")
    ]
    assert ends == [("GE", "1"), ("LE", "200")]
    codes = {name: node.find("odm:Alias", NAMES) for name, node in items.items()}
    assert codes["lvef"] is None
    assert codes["dlco"] is not None
    assert codes["dlco"].attrib == {"Context": "LOINC", "Name": "98130-8"}
    assert items["bp_first_sys"].attrib["DataType"] == "integer"
    assert {node.text for node in items["sex"].iterfind("odm:Question/odm:TranslatedText", NAMES)} == {
        "What is the sex?",
        "Quel est le sexe\u00a0?",
    }
    choices = [node.attrib["CodedValue"] for node in root.iter(f"{{{NAMESPACE}}}CodeListItem")]
    assert choices[:2] == ["female", "male"]
    conditions = {node.attrib["OID"]: node for node in root.iter(f"{{{NAMESPACE}}}ConditionDef")}
    assert conditions["CO.recipient.childbearing_potential"].findtext("odm:FormalExpression", "", NAMES) == (
        "(sex = 'female') is not true"
    )


def test_every_answer_ever_has_its_audit_record() -> None:
    """
    Who, when, where, how and why; a correction is an update, and the newest counts.
    """
    root = written(given_one_after_the_other("dlco", 52, 50))
    found = [
        (
            node.attrib["TransactionType"],
            node.attrib["Value"],
            node.find("odm:AuditRecord/odm:UserRef", NAMES).attrib["UserOID"],  # type: ignore[union-attr]
            node.findtext("odm:AuditRecord/odm:DateTimeStamp", "", NAMES)[:10],
            node.findtext("odm:AuditRecord/odm:ReasonForChange", None, NAMES),
            node.findtext("odm:AuditRecord/odm:SourceID", "", NAMES),
        )
        for node in root.iter(f"{{{NAMESPACE}}}ItemData")
    ]
    assert found == [
        ("Insert", "52", "U.4", "2026-05-04", None, "asked"),
        ("Update", "50", "U.5", "2026-05-05", "typo", "asked"),
    ]


@pytest.mark.parametrize(
    ("item", "raws"),
    [
        ("haemoglobin", ("118 g/L", Decimal("7.9"))),
        ("haemoglobin", (12, None)),
        ("cd4", (None, 400)),
        ("pao2", ("<45 mmHg", "7.9 kPa")),
        ("pao2", ("7.9 kPa", 60)),
        ("chronic_hepatitis", (["hbv", "hcv"], ["?hbv"], [])),
        ("chronic_hepatitis", (["hbv"], ["?hbv", "?hcv"])),
        ("bp_first", ("165/112", None, "150/90")),
        ("mrss", ("<15", 20)),
    ],
)
def test_the_newest_answer_counts_whatever_was_said_before(item: str, raws: tuple[object, ...]) -> None:
    """
    Nothing of an earlier one is left.
    """
    case = given_one_after_the_other(item, *raws)
    written(case)
    back = opened(case).answers
    last = RECIPIENT.item[item]
    assert back.keys() == {item}
    assert (back[item] is None) == (raws[-1] is None)
    if raws[-1] is not None:
        assert last.read(back[item]) == last.read(raws[-1])


def test_an_answer_taken_back_is_removed() -> None:
    """
    It stays in the file with who took it back, and nothing is answered.
    """
    case = given_one_after_the_other("dlco", 52)
    taken = replace(case.entries[0], raw=None, revision=2, is_taken_back=True)
    case = replace(case, current={}, entries=(*case.entries, taken))
    changes = [node.attrib["TransactionType"] for node in written(case).iter(f"{{{NAMESPACE}}}ItemData")]
    assert changes == ["Insert", "Remove"]
    assert opened(case).answers == {}


NAMELESS = (
    f'<ODM xmlns="{NAMESPACE}"><ClinicalData><SubjectData><StudyEventData><FormData FormOID="F.donor"/>'
    "</StudyEventData></SubjectData></ClinicalData></ODM>"
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<ODM",
        NAMELESS,
        '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><ODM>&d;</ODM>',
    ],
)
def test_what_is_no_such_file_is_refused(text: str) -> None:
    """
    In a sentence.
    """
    with pytest.raises(NotRecordsError, match="in ODM"):
        list(lines(text, PROTOCOL, TODAY))


def test_a_value_that_its_item_does_not_take_is_named() -> None:
    """
    With the item, and none of the case's answers is taken.
    """
    text = document([given_one_after_the_other("dlco", 52)], [PROTOCOL], AT).decode()
    (found,) = lines(text.replace('Value="52"', 'Value="520"'), PROTOCOL, TODAY)
    assert (found.answers, found.problems) == ({}, ("dlco: range",))


def test_an_answer_says_from_which_examination_it_is() -> None:
    """
    In an annotation of its own, beside what was entered; what was answered is read back all the same.
    """
    answers = {"dlco": "<30", "cd4": Decimal(300), "haemoglobin": "112 g/L", "bp_first": "165/112"}
    case = dated(filed("recipient", answers), **EXAMINED, bp_first=EXAMINED["haemoglobin"])
    content = document([case], [PROTOCOL], AT)
    schema().validate(content)
    comments = [
        one.text
        for one in fromstring(content).iter(f"{{{NAMESPACE}}}Annotation")  # noqa: S314  made here
        if one.attrib["SeqNum"] == "2"
        for one in one
    ]
    assert comments == [
        '{"on": "2026-04-10", "by": "lung_function"}',
        '{"by": "other", "words": "blood bank"}',
        '{"on": "2026-04-12"}',
        '{"on": "2026-04-12"}',
    ]
    [line] = lines(content.decode(), PROTOCOL, TODAY)
    assert line.answers == answers
