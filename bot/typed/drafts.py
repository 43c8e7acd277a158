"""
What is ticked or typed on a card but not yet an answer. It belongs to one item at one revision of its case.
"""

from dataclasses import dataclass
from zlib import crc32

from bot.rules import file_form
from bot.rules.items import Item
from db.cases.records import Record


@dataclass(frozen=True)
class Draft:
    """
    Options ticked, parts of a score, or a typed value that waits to be confirmed, in file form; a suggestion if its
    unit was guessed.
    """

    ticked: frozenset[str] | None = None
    value: object = None
    is_suggestion: bool = False
    parts: dict[str, object] | None = None


def read(text: str | None, record: Record, item: Item) -> Draft:
    """
    The draft for this item as the record stands; an empty one where there is none.
    """
    stored = file_form.loads(text) if text else None
    if not isinstance(stored, dict) or stored["for"] != _place(record, item):
        return Draft()
    ticked = stored["ticked"]
    return Draft(
        None if ticked is None else frozenset(ticked), stored["value"], stored["is_suggestion"], stored.get("parts")
    )


def write(draft: Draft, record: Record, item: Item) -> str:
    """
    The draft as text.
    """
    return file_form.dumps(
        {
            "for": _place(record, item),
            "ticked": None if draft.ticked is None else sorted(draft.ticked),
            "value": draft.value,
            "is_suggestion": draft.is_suggestion,
            "parts": draft.parts,
        }
    )


def lasting(text: str | None) -> str | None:
    """
    What of a draft outlasts leaving its screen: ticks and parts do.
    """
    stored = file_form.loads(text) if text else None
    if not isinstance(stored, dict):
        return None
    return text if any(stored.get(name) is not None for name in ("ticked", "parts")) else None


def digest(raw: object) -> str:
    """
    A few characters that tell one typed value from another.
    """
    return format(crc32(str(raw).encode()), "x")


def _place(record: Record, item: Item) -> str:
    return f"{record.case.id}:{record.case.revision}:{item.key}"
