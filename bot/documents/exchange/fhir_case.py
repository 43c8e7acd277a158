"""
The answers to a case as a FHIR R4 QuestionnaireResponse, a bundle of all that belongs to the case, and the answers back
from either.

An answer that its question's type cannot hold in full is kept as entered in an extension beside what it can. Where the
two differ when they are read, somebody has changed the answer there, and that counts.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bot.documents.exchange.cells import FieldValue, cells_of, fields_of, is_plain, numbers_of, raw_of
from bot.documents.exchange.codes import UCUM
from bot.documents.exchange.examined import plainly
from bot.documents.exchange.fhir_form import address, questionnaire
from bot.documents.exchange.fhir_words import (
    ABSENT,
    AS_ENTERED,
    AWAITED,
    CASES,
    EXAMINED,
    NONE,
    OPTIONS,
    STATED,
    Resource,
    bundle,
    code_of,
    coding,
    unit,
)
from bot.documents.exchange.filed import Filed
from bot.documents.exchange.lines import Line, NotRecordsError, line
from bot.documents.stated import COMPARATOR, stated
from bot.rules import file_form
from bot.rules.items import BloodPressure, Choice, Date, Item, Number, Several
from bot.rules.protocol import Kind, Population, Protocol
from db.cases.given import UNSAID, Examined

_SUBJECT_STATUS = {
    "signed": "eligible",
    "screen_failure": "ineligible",
    "included": "on-study",
    "withdrawn": "withdrawn",
    "consent_refused": "not-registered",
    "discarded": "not-registered",
    "lost": "off-study",
}


def case_bundle(case: Filed, protocol: Protocol) -> Resource:
    """
    The case in one file: the questions, the answers, and whose they are.
    """
    return bundle(questionnaire(protocol, case.population), response(case, protocol), *subject(case, protocol))


def subject(case: Filed, protocol: Protocol) -> tuple[Resource, Resource]:
    """
    The subject, and the patient that FHIR wants behind one: nothing but the code.
    """
    identifier = [{"system": CASES, "value": case.code}]
    status = _SUBJECT_STATUS.get(case.stage, "screening")
    return (
        {
            "resourceType": "ResearchSubject",
            "id": case.code,
            "identifier": identifier,
            "status": status,
            "study": {"reference": f"ResearchStudy/{code_of(protocol.version)}"},
            "individual": {"reference": f"Patient/{case.code}"},
            "assignedArm": str(case.population.kind),
        },
        {"resourceType": "Patient", "id": case.code, "identifier": identifier},
    )


def response(case: Filed, protocol: Protocol) -> Resource:
    """
    The answers that count.
    """
    answers = case.current
    items = case.population.item
    sections = dict.fromkeys(items[key].section for key in answers)
    groups = [
        {
            "linkId": f"section.{section}",
            "item": [
                _with_examination(_item(items[key], raw), case.examined.get(key, UNSAID))
                for key, raw in answers.items()
                if items[key].section == section
            ],
        }
        for section in sections
    ]
    at = max((entry.at for entry in case.entries), default=None)
    return {
        "resourceType": "QuestionnaireResponse",
        "id": case.code,
        "identifier": {"system": CASES, "value": case.code},
        "questionnaire": address(protocol, case.population),
        "status": "in-progress" if case.stage == "screening" else "completed",
        "subject": {"reference": f"ResearchSubject/{case.code}"},
        **({"authored": at.isoformat()} if at else {}),
        **({"item": groups} if groups else {}),
    }


_VALUES = {"on": "valueDate", "by": "valueCode", "words": "valueString"}


def _with_examination(node: Resource, said: Examined) -> Resource:
    """
    An answer with the day and kind of the examination that it comes from, in an extension of this project's own.
    """
    parts = [{"url": name, _VALUES[name]: value} for name, value in plainly(said).items()]
    return {**node, "extension": [*node.get("extension", ()), {"url": EXAMINED, "extension": parts}]} if parts else node


def _without_examination(node: Resource) -> Resource:
    left = [one for one in node.get("extension", ()) if one["url"] != EXAMINED]
    kept = {name: value for name, value in node.items() if name != "extension"}
    return {**kept, "extension": left} if left else kept


def _item(item: Item, raw: object) -> Resource:
    cells = cells_of(item, raw)
    node: Resource = {"linkId": item.key}
    told = list(_stated(item, raw)) if isinstance(item, Number) and raw is not None else []
    if raw is None:
        node["extension"] = [{"url": ABSENT, "valueCode": AWAITED}]
    elif told or not is_plain(item, raw):
        node["extension"] = [{"url": AS_ENTERED, "valueString": file_form.dumps(raw)}, *told]
    if isinstance(item, BloodPressure):
        sides = [{"linkId": name, "answer": [{"valueInteger": int(str(cell))}]} for name, cell in cells.items()]
        return node | ({"item": sides} if sides else {})
    answers = [] if f"{item.key}_{COMPARATOR}" in cells else list(_answers(item, cells))
    return node | ({"answer": answers} if answers else {})


def _stated(item: Number, raw: object) -> Iterator[Resource]:
    """
    A bound, a range or a ratio, of which an answer to a question for a number has at most the quotient: in an extension
    of this project's own, as FHIR has each.
    """
    told = stated(item, raw)
    measured = unit(told.unit)
    if told.to is not None:
        ends = {"low": {"value": told.number, **measured}, "high": {"value": told.to, **measured}}
        yield {"url": STATED, "valueRange": ends}
    elif told.comparator:
        yield {
            "url": STATED,
            "valueQuantity": {"value": told.number, "comparator": told.comparator, **measured},
        }
    elif told.upper is not None:
        ratio = {"numerator": {"value": told.result}, "denominator": {"value": told.upper}}
        yield {"url": STATED, "valueRatio": ratio}


def _answers(item: Item, cells: Mapping[str, FieldValue]) -> Iterator[Resource]:
    if isinstance(item, Several):
        fields = fields_of(item)
        yield from ({"valueCoding": coding(OPTIONS, one.option)} for one in fields if cells.get(one.name) is True)
        if len(cells) == len(fields) and not any(cells.values()):
            yield {"valueCoding": coding(OPTIONS, NONE)}
        return
    for name, cell in cells.items():
        match cell:
            case bool():
                yield {"valueBoolean": cell}
            case Decimal() if isinstance(item, Number) and item.as_entered:
                in_unit = next(field.unit for field in fields_of(item) if field.name == name)
                yield {"valueQuantity": {"value": cell, **unit(in_unit)}}
            case Decimal():
                yield {"valueInteger": int(cell)} if isinstance(item, Number) and item.whole else {"valueDecimal": cell}
            case str():
                yield {"valueCoding": coding(OPTIONS, cell)}
            case date():
                yield {"valueDate": cell.isoformat()}


def lines(text: str, protocol: Protocol, as_of: date) -> Iterator[Line]:
    """
    The cases whose answers a response holds, or a bundle of such. Raises NotRecordsError.
    """
    try:
        resource: Any = file_form.loads(text)
        for number, one in enumerate(_responses(resource), start=1):
            kind = Kind(one["questionnaire"].partition("|")[0].rpartition("/")[2])
            population = protocol.population(kind)
            answers = answers_in(one, population)
            yield line(number, one["identifier"]["value"], population, answers, as_of, _examined_in(one))
    except (ArithmeticError, AttributeError, LookupError, StopIteration, TypeError, ValueError):
        raise NotRecordsError("not the answers to this program's questions in FHIR") from None


def _responses(resource: Resource) -> list[Resource]:
    found = [entry["resource"] for entry in resource["entry"]] if resource["resourceType"] == "Bundle" else [resource]
    responses = [one for one in found if one["resourceType"] == "QuestionnaireResponse"]
    if not responses:
        raise ValueError
    return responses


def answers_in(resource: Resource, population: Population) -> dict[str, object]:
    """
    The answers in file form that a response holds. Raises LookupError, TypeError and ValueError for one that is no
    answer to these questions.
    """
    return {
        node["linkId"]: _raw(population.item[node["linkId"]], _without_examination(node)) for node in _nodes(resource)
    }


def _nodes(resource: Resource) -> list[Resource]:
    return [node for group in resource.get("item", ()) for node in group.get("item", ())]


def _examined_in(resource: Resource) -> dict[str, object]:
    return {
        node["linkId"]: {part["url"]: part[_VALUES[part["url"]]] for part in one["extension"]}
        for node in _nodes(resource)
        for one in node.get("extension", ())
        if one["url"] == EXAMINED
    }


def _raw(item: Item, node: Resource) -> object:
    for one in node.get("extension", ()):
        if one["url"] == AS_ENTERED and _item(item, raw := file_form.loads(one["valueString"])) == node:
            return raw
    return raw_of(item, dict(_cells(item, node)))


def _cells(item: Item, node: Resource) -> Iterator[tuple[str, FieldValue]]:
    answers: list[dict[str, Any]] = node.get("answer", [])
    match item:
        case BloodPressure():
            for side in node.get("item", ()):
                yield side["linkId"], Decimal(side["answer"][0]["valueInteger"])
        case Several() if answers:
            ticked = {answer["valueCoding"]["code"] for answer in answers}
            yield from ((field.name, field.option in ticked) for field in fields_of(item))
        case Choice() if answers:
            yield item.key, answers[0]["valueCoding"]["code"]
        case Date() if answers:
            yield item.key, date.fromisoformat(answers[0]["valueDate"])
        case Number(as_entered=True) if answers:
            quantity = answers[0]["valueQuantity"]
            field = next(field for field in numbers_of(item) if UCUM[field.unit] == quantity["code"])
            yield field.name, Decimal(quantity["value"])
        case _ if answers:
            (value,) = answers[0].values()
            yield item.key, value if isinstance(value, bool) else Decimal(value)
