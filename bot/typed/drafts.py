"""
What is ticked or typed but not yet an answer. Each draft belongs to one item of a case as its answer stands, or is the
list that waits for a case; a chat holds any number, so that none is lost for another.
"""

from typing import Any
from zlib import crc32

from bot.rules import file_form
from bot.rules.frozen import Frozen
from bot.rules.items import Item
from db.base.tables import ENDED
from db.cases.records import Record


class Draft(Frozen):
    """
    Options ticked, parts of a score, or a typed value that waits to be confirmed, in file form; a suggestion if its
    unit was guessed.
    """

    ticked: frozenset[str] | None = None
    value: object = None
    is_suggestion: bool = False
    parts: dict[str, object] | None = None


Kept = dict[str, Any]
"""A draft as it is kept, its place in "for"."""


def kept(text: str | None) -> list[Kept]:
    """
    The drafts in a text. Earlier versions kept one alone.
    """
    stored: Any = file_form.loads(text) if text else []
    return stored if isinstance(stored, list) else [stored]


def put(text: str | None, place: str, draft: Kept) -> str:
    """
    The text with a draft at its place.
    """
    return file_form.dumps([*(one for one in kept(text) if one["for"] != place), {"for": place, **draft}])


def without(text: str | None, draft: Kept | None) -> str | None:
    """
    The text without a draft.
    """
    left = [one for one in kept(text) if draft is None or one["for"] != draft["for"]]
    return file_form.dumps(left) if left else None


def case_of(draft: Kept) -> int:
    """
    The id of the case that a draft is about.
    """
    return int(draft["for"].split(":")[0])


def item_of(draft: Kept) -> str:
    """
    The item that a draft is about; empty for a list.
    """
    return str(draft["for"].split(":", 2)[2])


def is_list_of(draft: Kept, case_id: int) -> bool:
    """
    Whether a draft is the list that waits for a case.
    """
    return (case_of(draft), item_of(draft)) == (case_id, "")


def place_of_list(record: Record) -> str:
    """
    The place of the list that waits for a case.
    """
    return f"{record.case.id}::"


def on_card(text: str | None, asks: str | None) -> Kept | None:
    """
    The draft that a card shows, known by what it asks (see View.asks).
    """
    case, _, rest = (asks or "").partition(":")
    if not case.isdecimal():
        return None
    what = rest.partition(":")[2]
    key = "" if what.startswith(("list:", "why:")) else what.removeprefix("work ")
    return next((one for one in kept(text) if (case_of(one), item_of(one)) == (int(case), key)), None)


def read(text: str | None, record: Record, item: Item) -> Draft:
    """
    The draft for this item as its answer stands; an empty one where there is none.
    """
    places = _places(record, item.key)
    stored = next((one for one in kept(text) if one["for"] in places and not has_ended_since(one, record)), None)
    if stored is None:
        return Draft()
    ticked = stored["ticked"]
    return Draft(
        None if ticked is None else frozenset(ticked), stored["value"], stored["is_suggestion"], stored.get("parts")
    )


def write(draft: Draft, record: Record, item: Item, among: str | None = None) -> str:
    """
    The draft as text, with the others among which it is kept.
    """
    others = [one for one in kept(among) if (case_of(one), item_of(one)) != (record.case.id, item.key)]
    return put(
        file_form.dumps(others),
        _places(record, item.key)[0],
        {
            "ticked": None if draft.ticked is None else sorted(draft.ticked),
            "value": draft.value,
            "is_suggestion": draft.is_suggestion,
            "parts": draft.parts,
            "stage": record.case.stage,
        },
    )


def outdated(text: str | None, record: Record) -> list[Kept]:
    """
    The drafts about a case that has ended since, or an item of it that was answered since, also by a linked case.
    """
    return [one for one in kept(text) if case_of(one) == record.case.id and not _holds(one, record)]


def has_ended_since(draft: Kept, record: Record) -> bool:
    """
    Whether the case that a draft is about has ended since. Drafts of earlier versions do not tell.
    """
    stage = record.case.stage
    return stage in ENDED and bool(draft.get("stage", stage) != stage)


def _holds(draft: Kept, record: Record) -> bool:
    key = item_of(draft)
    is_answered = bool(key) and (key in record.borrowed or draft["for"] not in _places(record, key))
    return not is_answered and not has_ended_since(draft, record)


def digest(raw: object) -> str:
    """
    A few characters that tell one typed value from another.
    """
    return format(crc32(str(raw).encode()), "x")


def _places(record: Record, key: str) -> tuple[str, ...]:
    """
    Where the draft for an item stands as it is answered: from now on, and in earlier versions.
    """
    case = record.case
    return f"{case.id}:{record.revision_of(key) or 0}:{key}", f"{case.id}:{case.revision}:{key}"
