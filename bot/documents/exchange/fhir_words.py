"""
What FHIR R4 resources have in common: addresses, codings, and a text in both languages.
"""

import re
from typing import Any, TypeAlias

from bot.catalogues import LANGUAGES
from bot.documents.exchange.codes import UCUM
from bot.texts import words

Resource: TypeAlias = dict[str, Any]

BASE = "https://msc-ssc-screening.invalid/fhir"
"""Of what this project itself defines. Nothing is found there: the name is reserved for that."""

ITEMS = f"{BASE}/CodeSystem/items"
OPTIONS = f"{BASE}/CodeSystem/options"
CRITERIA = f"{BASE}/CodeSystem/criteria"
CASES = f"{BASE}/sid/case"
AS_ENTERED = f"{BASE}/StructureDefinition/as-entered"
STATED = f"{BASE}/StructureDefinition/stated"
EXAMINED = f"{BASE}/StructureDefinition/examination"
NONE = "none"
"""The option that says: none of the others."""

_HL7 = "http://hl7.org/fhir/StructureDefinition"
ABSENT = f"{_HL7}/data-absent-reason"
AWAITED = "temp-unknown"


_SPACES = re.compile(r"[^\S\r\n\t]")
"""FHIR's strings hold no other space than the plain one, which French puts before a question mark."""


def extension(name: str, **value: object) -> Resource:
    """
    One of HL7's own extensions.
    """
    return {"url": f"{_HL7}/{name}", **value}


def coding(system: str, code: str) -> Resource:
    """
    A code without its words.
    """
    return {"system": system, "code": code}


def unit(name: str) -> Resource:
    """
    A unit by UCUM.
    """
    return {"system": "http://unitsofmeasure.org", "code": UCUM[name]}


def said(element: str, *keys: str, **values: object) -> Resource:
    """
    An element in English with its translation: of the first of these keys that has a text.
    """
    english, *others = (_text(language, keys, values) for language in LANGUAGES)
    told = zip(LANGUAGES[1:], others, strict=True)
    return {element: english, f"_{element}": {"extension": [_translation(*one) for one in told]}}


def _text(language: str, keys: tuple[str, ...], values: dict[str, object]) -> str:
    return _SPACES.sub(" ", words(language).first(*keys).format(**values).unescape())


def _translation(language: str, text: str) -> Resource:
    parts: list[Resource] = [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": text}]
    return {"url": f"{_HL7}/translation", "extension": parts}


def code_of(protocol: str) -> str:
    """
    The trial's registered number, from a protocol's version.
    """
    return protocol.partition("/")[0]


def bundle(*resources: Resource) -> Resource:
    """
    Resources in one file.
    """
    entries = [{"fullUrl": f"{BASE}/{one['resourceType']}/{one['id']}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}
