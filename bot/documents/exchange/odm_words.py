"""
What CDISC ODM 1.3.2 documents are built of: elements, names of what they define, and texts in both languages.
"""

import re
from xml.etree.ElementTree import Element, SubElement

from bot.catalogues import LANGUAGES
from bot.documents.exchange.cells import Field
from bot.rules.protocol import Population
from bot.texts import words

NAMESPACE = "http://www.cdisc.org/ns/odm/v1.3"
VERSION = "1.3.2"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """
    Add a child, with attributes in the order given.
    """
    child = SubElement(parent, tag, attributes)
    child.text = text
    return child


def said(parent: Element, *keys: str) -> None:
    """
    Add a text in each language: of the first of these keys that has one.
    """
    for language in LANGUAGES:
        add(parent, "TranslatedText", words(language).first(*keys).unescape(), **{_LANG: language})


def oid(kind: str, *parts: object) -> str:
    """
    The name of something defined, such as IT.recipient.dlco.
    """
    return ".".join([kind, *(re.sub(r"[^A-Za-z0-9_]+", "_", str(part)) for part in parts)])


def item_oid(population: Population, field: Field) -> str:
    """
    The name of a field.
    """
    return oid("IT", population.kind, field.name)
