"""
The questions to recipients and donors as CDISC ODM metadata: an event and a form for each, a group for each section.
"""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from bot.documents.exchange.cells import Field, fields_of, part_of
from bot.documents.exchange.codes import UCUM
from bot.documents.exchange.odm_words import add, item_oid, oid, said
from bot.documents.stated import COMPARATOR
from bot.rules.cql import condition
from bot.rules.items import BloodPressure, Bool, Choice, Date, Item, Number, Several
from bot.rules.protocol import Kind, Population, Protocol


def study(root: Element, protocols: Sequence[Protocol]) -> None:
    """
    Add the study with all that these versions of it define, in the order that ODM wants.
    """
    number = protocols[0].version.partition("/")[0]
    node = add(root, "Study", OID=oid("ST", number))
    names = add(node, "GlobalVariables")
    for name in ("StudyName", "StudyDescription", "ProtocolName"):
        add(names, name, number)
    basic = add(node, "BasicDefinitions")
    fields = [field for one in protocols for kind in Kind for _, field in _fields(one.population(kind))]
    for unit in dict.fromkeys(field.unit for field in fields if field.unit):
        symbol = add(add(basic, "MeasurementUnit", OID=oid("MU", unit), Name=unit), "Symbol")
        add(symbol, "TranslatedText", UCUM[unit])
    for protocol in protocols:
        _version(node, protocol)


def _version(node: Element, protocol: Protocol) -> None:
    version = add(node, "MetaDataVersion", OID=oid("MDV", protocol.version), Name=protocol.version)
    events = add(version, "Protocol")
    for number, kind in enumerate(Kind, start=1):
        add(events, "StudyEventRef", StudyEventOID=oid("SE", kind), OrderNumber=str(number), Mandatory="No")
    for add_all in (_event, _form, _groups, _items, _choices, _conditions):
        for kind in Kind:
            add_all(version, protocol.population(kind))


def _fields(population: Population) -> Iterable[tuple[Item, Field]]:
    return ((item, field) for item in population.items for field in fields_of(item))


def _sections(population: Population) -> list[str]:
    return list(dict.fromkeys(item.section for item in population.items))


def _event(version: Element, population: Population) -> None:
    kind = str(population.kind)
    node = add(version, "StudyEventDef", OID=oid("SE", kind), Name=kind, Repeating="No", Type="Scheduled")
    add(node, "FormRef", FormOID=oid("F", kind), OrderNumber="1", Mandatory="No")


def _form(version: Element, population: Population) -> None:
    kind = str(population.kind)
    node = add(version, "FormDef", OID=oid("F", kind), Name=kind, Repeating="No")
    for number, section in enumerate(_sections(population), start=1):
        group = oid("IG", kind, section)
        add(node, "ItemGroupRef", ItemGroupOID=group, OrderNumber=str(number), Mandatory="No")


def _groups(version: Element, population: Population) -> None:
    for section in _sections(population):
        name = oid("IG", population.kind, section)
        node = add(version, "ItemGroupDef", OID=name, Name=f"{population.kind} {section}", Repeating="No")
        said(add(node, "Description"), f"section.{section}")
        own = [(item, field) for item, field in _fields(population) if item.section == section]
        for number, (item, field) in enumerate(own, start=1):
            unless = {} if item.gate is None else {"CollectionExceptionConditionOID": _condition(item, population)}
            add(node, "ItemRef", ItemOID=item_oid(population, field), OrderNumber=str(number), Mandatory="No", **unless)


def _items(version: Element, population: Population) -> None:
    for item, field in _fields(population):
        name = item_oid(population, field)
        node = add(version, "ItemDef", OID=name, Name=field.name, **_type(item, field))
        if field.option or part_of(field):
            # The field is a part of what is asked.
            said(add(node, "Description"), *_part(item, field))
        question = add(node, "Question")
        said(question, f"item.{population.kind}.{item.key}.question", f"item.{item.key}.question")
        if field.unit:
            add(node, "MeasurementUnitRef", MeasurementUnitOID=oid("MU", field.unit))
        for comparator, end in (("GE", field.low), ("LE", field.high)):
            if end is not None:
                add(add(node, "RangeCheck", Comparator=comparator, SoftHard="Hard"), "CheckValue", f"{end:f}")
        if isinstance(item, Choice):
            add(node, "CodeListRef", CodeListOID=oid("CL", population.kind, item.key))
        if item.loinc:
            add(node, "Alias", Context="LOINC", Name=item.loinc)


def _type(item: Item, field: Field) -> dict[str, str]:
    match item:
        case Bool() | Several():
            return {"DataType": "boolean"}
        case Date():
            return {"DataType": "date"}
        case Number() if field.part == COMPARATOR:
            return {"DataType": "text"}
        case Number() | BloodPressure():
            return {"DataType": "integer" if field.is_whole else "float"}
    return {"DataType": "text"}


def _part(item: Item, field: Field) -> tuple[str, ...]:
    if field.option:
        return (f"option.{item.key}.{field.option}",)
    return (f"exchange.{part_of(field)}",)


def _choices(version: Element, population: Population) -> None:
    for item in population.items:
        if isinstance(item, Choice):
            name = oid("CL", population.kind, item.key)
            node = add(version, "CodeList", OID=name, Name=f"{population.kind} {item.key}", DataType="text")
            for option in item.options:
                said(add(add(node, "CodeListItem", CodedValue=option), "Decode"), f"option.{item.key}.{option}")


def _conditions(version: Element, population: Population) -> None:
    """
    When a question is not asked: its gate is not open.
    """
    for item in population.items:
        if item.gate is not None:
            name = _condition(item, population)
            node = add(version, "ConditionDef", OID=name, Name=f"{population.kind} {item.key}")
            said(add(node, "Description"), "exchange.not_asked")
            add(node, "FormalExpression", f"({condition(item.gate)}) is not true", Context="CQL")


def _condition(item: Item, population: Population) -> str:
    return oid("CO", population.kind, item.key)
