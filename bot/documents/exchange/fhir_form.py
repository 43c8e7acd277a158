"""
The questions to a recipient or a donor as a FHIR R4 Questionnaire.

Each item is a question under its own key: gates are `enableWhen`, what can be is the least and the greatest value, and
units are UCUM's. A blood pressure is a group of two numbers; "none of these" is an option of its own, so that nothing
ticked and nothing answered are told apart.
"""

from bot.documents.exchange.cells import Field, fields_of, numbers_of
from bot.documents.exchange.fhir_words import BASE, ITEMS, NONE, OPTIONS, Resource, coding, extension, said, unit
from bot.rules.expressions import All, Any, Compare, Expression, Includes, Leaf, OneOf, Yes, leaves
from bot.rules.items import BloodPressure, Bool, Choice, Date, Item, Number, Several
from bot.rules.protocol import Population, Protocol


def address(protocol: Protocol, population: Population) -> str:
    """
    The canonical address of the questionnaire, with its version.
    """
    return f"{BASE}/Questionnaire/{population.kind}|{version(protocol)}"


def version(protocol: Protocol) -> str:
    """
    The version alone.
    """
    return protocol.version.rpartition("/")[2]


def questionnaire(protocol: Protocol, population: Population) -> Resource:
    """
    The questionnaire, a group for each section.
    """
    sections = dict.fromkeys(item.section for item in population.items)
    return {
        "resourceType": "Questionnaire",
        "id": str(population.kind),
        "url": f"{BASE}/Questionnaire/{population.kind}",
        "version": version(protocol),
        "name": f"Screening{population.kind.capitalize()}",
        **said("title", f"kind.{population.kind}"),
        "status": "active",
        "subjectType": ["ResearchSubject"],
        "language": "en",
        "item": [_section(population, section) for section in sections],
    }


def _section(population: Population, section: str) -> Resource:
    questions = [_question(item, population) for item in population.items if item.section == section]
    return {"linkId": f"section.{section}", **said("text", f"section.{section}"), "type": "group", "item": questions}


def _question(item: Item, population: Population) -> Resource:
    codes = [coding(ITEMS, item.key)]
    if item.loinc:
        codes.append(coding("http://loinc.org", item.loinc))
    wording = (f"item.{population.kind}.{item.key}.question", f"item.{item.key}.question")
    return {"linkId": item.key, "code": codes, **said("text", *wording), **_answers(item), **asked_when(item.gate)}


def _answers(item: Item) -> Resource:
    """
    Of what type the answers are, and which there are.
    """
    match item:
        case Bool():
            return {"type": "boolean"}
        case Choice(options=options):
            return {"type": "choice", "answerOption": [_option(item.key, option) for option in options]}
        case Several(options=options):
            none = {"extension": [extension("questionnaire-optionExclusive", valueBoolean=True)], **_option("", NONE)}
            choices = [*(_option(item.key, option) for option in options), none]
            return {"type": "choice", "repeats": True, "answerOption": choices}
        case Date():
            return {"type": "date"}
        case BloodPressure():
            sides = zip(fields_of(item), ("systolic", "diastolic"), strict=True)
            return {
                "type": "group",
                "item": [
                    {"linkId": field.name, **said("text", f"exchange.{side}"), **_number(field)}
                    for field, side in sides
                ],
            }
        case Number(as_entered=True):
            units = [extension("questionnaire-unitOption", valueCoding=unit(one.unit)) for one in numbers_of(item)]
            return {"extension": units, "type": "quantity"}
    return _number(fields_of(item)[0])


def _option(key: str, option: str) -> Resource:
    words = f"option.{key}.{option}" if key else "value.none"
    return {"valueCoding": {**coding(OPTIONS, option), **said("display", words)}}


def _number(field: Field) -> Resource:
    kind, value = ("integer", "valueInteger") if field.is_whole else ("decimal", "valueDecimal")
    ends = [extension(name, **{value: end}) for name, end in (("minValue", field.low), ("maxValue", field.high))]
    return {"extension": [extension("questionnaire-unit", valueCoding=unit(field.unit)), *ends], "type": kind}


def asked_when(gate: Expression | None) -> Resource:
    """
    When the question is asked. Raises TypeError for a gate that FHIR's own words do not say: they do not nest.
    """
    if gate is None:
        return {}
    found = [condition for leaf in leaves(gate) for condition in _conditions(leaf)]
    alternatives = isinstance(gate, Any | OneOf | Includes)
    parts = gate.parts if isinstance(gate, All | Any) else (gate,)
    if any(part not in leaves(gate) for part in parts) or (isinstance(gate, All) and len(found) != len(parts)):
        raise TypeError("no enableWhen for a gate of gates")
    behaviour = {"enableBehavior": "any" if alternatives else "all"} if len(found) > 1 else {}
    return {"enableWhen": found, **behaviour}


def _conditions(leaf: Leaf) -> list[Resource]:
    match leaf:
        case Yes(item):
            return [_condition(item, "=", answerBoolean=True)]
        case OneOf(item, options) | Includes(item, options):
            return [_condition(item, "=", answerCoding=coding(OPTIONS, one)) for one in item.options if one in options]
        case Compare(item, symbol, limits) if not item.as_entered:
            return [_condition(item, symbol, **{"answerInteger" if item.whole else "answerDecimal": limits[item.unit]})]
    raise TypeError(f"no enableWhen for {type(leaf).__name__}")


def _condition(item: Item, operator: str, **answer: object) -> Resource:
    return {"question": item.key, "operator": operator, **answer}
