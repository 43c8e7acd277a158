"""
FHIR R4 as others read it: valid by its definitions, and saying what the protocol says.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.documents.exchange import fhir_case, fhir_form, fhir_study
from bot.documents.exchange.lines import NotRecordsError
from bot.rules import file_form
from bot.rules.expressions import items_of, leaves
from bot.rules.items import Bool, Number, Several
from bot.rules.v1 import PROTOCOL
from tests.documents.exchange.filing import EXAMINED, cases, dated, filed
from tests.rules.cases import POPULATIONS, RECIPIENT, TODAY, examples

KINDS = pytest.mark.parametrize("kind", sorted(POPULATIONS))


def sent(resource: dict[str, Any]) -> dict[str, Any]:
    """
    A resource as it goes out, having been found valid: by its model, and in each string by FHIR's own pattern.
    """
    text = file_form.dumps(resource)
    assert all(re.fullmatch(r"[ \r\n\t\S]+", one) for one in strings(resource))
    get_fhir_model_class(resource["resourceType"]).model_validate_json(text)
    return json.loads(text, parse_float=Decimal)


def strings(node: object) -> Iterator[str]:
    """
    Every string in a resource.
    """
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for one in node.values() if isinstance(node, dict) else node:
            yield from strings(one)


def questions(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """
    The questions of a form by the item they ask for.
    """
    return {question["linkId"]: question for section in form["item"] for question in section["item"]}


def values(question: dict[str, Any]) -> dict[str, Any]:
    """
    The extensions of a question by the last part of their names.
    """
    found = question.get("extension", ())
    return {one["url"].rpartition("/")[2]: next(v for k, v in one.items() if k != "url") for one in found}


def texts(node: object) -> Iterator[tuple[str, str]]:
    """
    Every text that has a translation, with it.
    """
    if isinstance(node, dict):
        for key, value in node.items():
            if key.startswith("_"):
                parts = value["extension"][0]["extension"]
                (french,) = [part["valueString"] for part in parts if "valueString" in part]
                yield node[key[1:]], french
            yield from texts(value)
    elif isinstance(node, list):
        for one in node:
            yield from texts(one)


@KINDS
@given(data=st.data())
@examples(20)
def test_the_bundle_of_a_case_is_valid(kind: Any, data: st.DataObject) -> None:  # noqa: ANN401  an oracle's kind
    """
    Whatever was answered.
    """
    case = data.draw(cases(kind), label="case")
    bundle = sent(fhir_case.case_bundle(case, PROTOCOL))
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds == ["Questionnaire", "QuestionnaireResponse", "ResearchSubject", "Patient"]


@pytest.mark.parametrize(
    ("stage", "status"),
    [("screening", "screening"), ("signed", "eligible"), ("included", "on-study"), ("screen_failure", "ineligible")],
)
def test_a_subject_stands_where_the_case_stands(stage: str, status: str) -> None:
    """
    In FHIR's words; the person behind it is a code and nothing else.
    """
    subject, patient = fhir_case.subject(filed("donor", {}, stage=stage), PROTOCOL)
    assert subject["status"] == status
    assert patient.keys() == {"resourceType", "id", "identifier"}


def test_the_bundle_of_the_study_is_valid_and_whole() -> None:
    """
    What its resources refer to is in it.
    """
    bundle = sent(fhir_study.study_bundle(PROTOCOL, [filed("recipient", {}), filed("donor", {})]))
    resources = [entry["resource"] for entry in bundle["entry"]]
    known = {f"{one['resourceType']}/{one['id']}" for one in resources}
    assert len(known) == len(resources) == 13
    referred = {value for one in resources for value in _references(one)}
    assert referred
    assert referred <= known


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str) and not node["reference"].startswith("http"):
            yield node["reference"]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _references(one)


@KINDS
def test_a_group_has_the_criteria_as_they_are_declared(kind: str) -> None:
    """
    An exclusion is a characteristic that is not there; the evidence variable cites the CQL of the same criteria.
    """
    resources = [entry["resource"] for entry in sent(fhir_study.criteria_bundle(PROTOCOL))["entry"]]
    by_type = {one["resourceType"]: one for one in resources if one["id"].lower().endswith(kind)}
    expected = [(criterion.id, criterion.role == "exclusion") for criterion in POPULATIONS[kind].criteria]
    group, evidence = by_type["Group"]["characteristic"], by_type["EvidenceVariable"]["characteristic"]
    assert [(one["code"]["coding"][0]["code"], one["exclude"]) for one in group] == expected
    assert [(one["definitionExpression"]["expression"].strip('"'), one["exclude"]) for one in evidence] == expected
    library = by_type["Library"]
    assert {one["definitionExpression"]["reference"] for one in evidence} == {f"{library['url']}|{library['version']}"}


@KINDS
def test_every_item_is_a_question_in_both_languages(kind: str) -> None:
    """
    Under its key; and an option of a choice too.
    """
    form = sent(fhir_form.questionnaire(PROTOCOL, POPULATIONS[kind]))
    assert set(questions(form)) == set(POPULATIONS[kind].item)
    told = list(texts(form))
    assert len(told) > len(form["item"]) + len(POPULATIONS[kind].items)
    assert sum(english != french for english, french in told) > len(told) * 0.8


def test_a_question_says_what_can_be_answered() -> None:
    """
    Units by UCUM, LOINC where it was checked, ends of the range, and how often.
    """
    found = questions(sent(fhir_form.questionnaire(PROTOCOL, RECIPIENT)))
    dlco = values(found["dlco"])
    assert (dlco["questionnaire-unit"]["code"], dlco["minValue"], dlco["maxValue"]) == ("%", 1, 200)
    assert [one["code"] for one in found["dlco"]["code"]] == ["dlco", "98130-8"]
    assert [one["code"] for one in found["lvef"]["code"]] == ["lvef"]
    assert (found["age"]["type"], values(found["age"])["maxValue"]) == ("integer", 120)
    units = [one["valueCoding"]["code"] for one in found["pao2"]["extension"]]
    assert (found["pao2"]["type"], units) == ("quantity", ["mm[Hg]", "kPa"])
    systolic, diastolic = found["bp_first"]["item"]
    assert (values(systolic)["maxValue"], values(diastolic)["maxValue"]) == (300, 200)
    several = found["malignancy"]
    assert several["repeats"] is True
    assert several["answerOption"][-1]["valueCoding"]["code"] == "none"
    assert len(several["answerOption"]) == 4


@KINDS
def test_gates_are_conditions_on_earlier_questions(kind: str) -> None:
    """
    Each gate is there, on the items that it looks at, and no other question has one.
    """
    found = questions(fhir_form.questionnaire(PROTOCOL, POPULATIONS[kind]))
    for item in POPULATIONS[kind].items:
        conditions = found[item.key].get("enableWhen", [])
        looked = {one.key for leaf in leaves(item.gate) for one in items_of(leaf)} if item.gate is not None else set()
        assert {condition["question"] for condition in conditions} == looked


def test_gates_of_two_conditions_say_how_they_are_joined() -> None:
    """
    The decline is asked for when neither value suffices; whether a liver rise persists, when either is high.
    """
    found = questions(fhir_form.questionnaire(PROTOCOL, RECIPIENT))
    assert found["tlc"]["enableBehavior"] == "all"
    assert found["tlc"]["enableWhen"][1] == {"question": "fvc", "operator": ">", "answerDecimal": 70}
    assert found["liver_rise_persistent"]["enableBehavior"] == "any"
    assert "enableBehavior" not in found["pregnant"]
    assert found["childbearing_potential"]["enableWhen"][0]["answerCoding"]["code"] == "female"


def test_a_gate_that_fhir_cannot_say_is_refused() -> None:
    """
    Rather than said wrongly.
    """
    dlco, pah, heart = (RECIPIENT.item[key] for key in ("dlco", "pah_confirmed", "heart_findings"))
    assert isinstance(dlco, Number)
    assert isinstance(pah, Bool)
    assert isinstance(heart, Several)
    low = dlco.below(1)
    for gate in (~pah.yes, (pah.yes | low) & dlco.above(0), heart.any & low):
        with pytest.raises(TypeError, match="enableWhen"):
            fhir_form.asked_when(gate)


def test_an_answer_changed_elsewhere_counts() -> None:
    """
    What was entered before is then no longer what is answered.
    """
    case = filed("recipient", {"haemoglobin": "118 g/L", "cd4": None})
    response = fhir_case.response(case, PROTOCOL)
    assert fhir_case.answers_in(response, RECIPIENT) == {"haemoglobin": "118 g/L", "cd4": None}
    (section,) = response["item"]
    section["item"][0]["answer"][0]["valueDecimal"] = Decimal("7.9")
    assert fhir_case.answers_in(response, RECIPIENT)["haemoglobin"] == Decimal("7.9")
    section["item"][1]["answer"] = [{"valueDecimal": Decimal(400)}]
    assert fhir_case.answers_in(response, RECIPIENT)["cd4"] == Decimal(400)


def test_nothing_typed_by_people_goes_out() -> None:
    """
    A reason for a correction is free text: it stays.
    """
    case = filed("recipient", {"age": 40})
    told = replace(case, entries=tuple(replace(one, reason="misread") for one in case.entries))
    assert "misread" not in file_form.dumps(fhir_case.case_bundle(told, PROTOCOL))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"resourceType": "Patient"}',
        '{"resourceType": "Bundle", "entry": []}',
        '{"resourceType": "QuestionnaireResponse", "questionnaire": "other"}',
        '{"resourceType": "QuestionnaireResponse", "questionnaire": "x/donor"}',
    ],
)
def test_what_holds_no_answers_is_refused(text: str) -> None:
    """
    In a sentence.
    """
    with pytest.raises(NotRecordsError, match="in FHIR"):
        list(fhir_case.lines(text, PROTOCOL, TODAY))


@pytest.mark.parametrize(
    ("answer", "problems"),
    [
        ({"valueDecimal": 52}, ()),
        ({"valueDecimal": 520}, ("dlco: range",)),
    ],
)
def test_a_value_that_its_item_does_not_take_is_named(answer: dict[str, Any], problems: tuple[str, ...]) -> None:
    """
    With the item, and none of the answers is taken.
    """
    response = fhir_case.response(filed("recipient", {"dlco": Decimal(50), "lvef": Decimal(60)}), PROTOCOL)
    response["item"][0]["item"][0]["answer"] = [answer]
    (line,) = fhir_case.lines(file_form.dumps(response), PROTOCOL, TODAY)
    assert line.problems == problems
    assert line.answers.keys() == (set() if problems else {"dlco", "lvef"})


def test_an_answer_says_from_which_examination_it_is() -> None:
    """
    In an extension that is valid, as far as it is known; what was answered is read back all the same.
    """
    answers = {"dlco": "<30", "cd4": Decimal(300), "haemoglobin": "112 g/L", "lvef": Decimal(60)}
    case = dated(filed("recipient", answers), **EXAMINED)
    found = sent(fhir_case.response(case, PROTOCOL))
    told = {
        node["linkId"]: {part["url"]: part[key] for part in one["extension"] for key in part if key != "url"}
        for group in found["item"]
        for node in group["item"]
        for one in node.get("extension", ())
        if one["url"].endswith("/examination")
    }
    assert told == {
        "dlco": {"on": "2026-04-10", "by": "lung_function"},
        "cd4": {"by": "other", "words": "blood bank"},
        "haemoglobin": {"on": "2026-04-12"},
    }
    assert fhir_case.answers_in(fhir_case.response(case, PROTOCOL), RECIPIENT) == answers
