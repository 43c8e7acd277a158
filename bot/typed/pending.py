"""
Values of a list that wait to be confirmed, and what of the list was not taken. They wait for their case, whatever is
done in the meantime, and are shown beside its answers as they stand.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from msgspec.structs import replace

from bot.rules import file_form
from bot.rules.frozen import Frozen
from bot.rules.items import Quantity
from bot.typed import drafts
from bot.typed.drafts import Kept
from bot.typed.found import Found, Sheet
from bot.typed.options import with_awaited
from bot.typed.values import Entry
from db.cases.given import UNSAID, Examined
from db.cases.records import Record

_LONGEST = 60
"""Of what was not understood, as it is quoted."""

_HIGHEST = {"highest", "is_highest"}

_OPTIONS_A_CARD, _VALUE = 55, 3
"""How much a card shows, counted in options; a value has room for so many in any case."""


class Pended(Frozen):
    """
    A value in file form, None for "not available yet", with the examination. `remark` says why it is to be looked at:
    "unusual", why it may not be what was meant (see bot.typed.values.SlipReason), "still" where
    options that were awaited before still are, or "is_highest" of several.
    """

    item: str
    raw: object
    remark: str = ""
    examined: Examined = UNSAID


class Left(Frozen):
    """
    What was not taken from a line: of which item, if it names one, and why, with the limit that lies within it and what
    was probably meant in file form. The text is empty where it looks personal.
    """

    line: int
    text: str
    problem: str = ""
    item: str = ""
    limit: Quantity | None = None
    raw: object = None


class Pending(Frozen):
    """
    The values understood; those of which one is to be chosen; the items whose value is what stands already, and those
    that another case answers; and what was refused or not understood.
    """

    values: tuple[Pended, ...] = ()
    unsure: tuple[tuple[Pended, ...], ...] = ()
    same: tuple[str, ...] = ()
    lent: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()

    def having(self, later: "Pending") -> "Pending":
        """
        These with those of a later list, which count where both have a value of an item. Of two results of which each
        was taken for the highest of several, one is to be chosen.
        """
        given = {value.item for value in later.values} | {*later.same, *later.lent}
        given |= {one.item for choices in later.unsure for one in choices}
        before = {value.item: value for value in self.values if value.remark in _HIGHEST}
        either = tuple(
            (before[value.item], value)
            for value in later.values
            if value.remark == "highest" and value.item in before and before[value.item].raw != value.raw
        )
        to_choose = {value.item for _, value in either}
        return replace(
            later,
            values=(
                *(value for value in self.values if value.item not in given),
                *(value for value in later.values if value.item not in to_choose),
            ),
            unsure=(
                *(choices for choices in self.unsure if given.isdisjoint(one.item for one in choices)),
                *either,
                *later.unsure,
            ),
        )

    @property
    def number(self) -> int:
        """
        How many values could still be stored.
        """
        return len(self.values) + len(self.unsure)

    def without(self, at: int) -> "Pending":
        """
        These but for one value.
        """
        return replace(self, values=(*self.values[:at], *self.values[at + 1 :]))

    def chosen(self, at: int, choice: int) -> "Pending":
        """
        These with one of several that it could be.
        """
        found = self.unsure[at][choice]
        rest = replace(self, unsure=(*self.unsure[:at], *self.unsure[at + 1 :]))
        return rest.having(replace(rest, values=(found,), unsure=()))

    def on_a_card(self, record: Record) -> tuple[Pended, ...]:
        """
        The values that one message can show, in their order: all of them but for the longest lists.
        """
        room = _OPTIONS_A_CARD
        shown: list[Pended] = []
        for value in self.values:
            room -= max(_VALUE, _size(value.raw) + _size(record.raw(value.item)))
            if room < 0 and shown:
                break
            shown.append(value)
        return tuple(shown)


def changes(record: Record, values: Iterable[Pended]) -> frozenset[str]:
    """
    The items whose answer is another one than the value that stands.
    """
    return frozenset(one.item for one in values if record.replaces(one.item, one.raw) and not _stands(record, one))


def of_sheet(sheet: Sheet, record: Record) -> Pending:
    """
    What there is to confirm of a list, beside the record as it stands.
    """
    return _beside(
        record,
        Pending(
            tuple(_pended(record, one) for one in sheet.found),
            tuple(tuple(_pended(record, one) for one in unsure.choices) for unsure in sheet.unsure),
            left=tuple(left_of(sheet)),
        ),
    )


def left_of(sheet: Sheet) -> list[Left]:
    """
    What of a list was not taken, in the order of its lines.
    """
    left = [Left(one.line, _short(one.text), one.problem, one.item.key, one.limit) for one in sheet.refused]
    left += [Left(one.line, _short(one.text), one.personal or "") for one in sheet.unread]
    if sheet.beside:
        names = ", ".join(dict.fromkeys(one.text for one in sheet.beside))
        left.append(Left(sheet.beside[0].line, _short(names), "beside"))
    return sorted(left, key=lambda one: one.line)


def of_found(found: Found, problem: str) -> Left:
    """
    A value that was understood and is not taken all the same.
    """
    return Left(found.line, _short(found.text), problem, found.item.key, raw=found.entry.raw)


def _beside(record: Record, found: Pending) -> Pending:
    """
    The list without the values that stand already and those that another case gives.
    """
    lent = tuple(one.item for one in found.values if one.item in record.borrowed)
    same = tuple(one.item for one in found.values if one.item not in lent and _is_known(record, one))
    kept = tuple(one for one in found.values if one.item not in {*lent, *same})
    return replace(found, values=kept, same=(*found.same, *same), lent=(*found.lent, *lent))


def _pended(record: Record, found: Found) -> Pended:
    entry, examined = found.entry, Examined(found.day, found.source)
    if isinstance(entry, Entry):
        said = "is_highest" if found.is_highest else ""
        return Pended(found.item.key, entry.raw, "unusual" if entry.is_unusual else said, examined)
    raw = with_awaited(entry.raw, record.raw(found.item.key)) if entry.why == "options" else entry.raw
    return Pended(found.item.key, raw, entry.why if raw == entry.raw else "still", examined)


def _stands(record: Record, value: Pended) -> bool:
    """
    Whether the value is the one that counts.
    """
    if value.raw is None:
        return value.item in record.awaited
    return record.facts.get(value.item) == record.population.item[value.item].read(value.raw)


def _is_known(record: Record, value: Pended) -> bool:
    given = record.current.get(value.item)
    said = given.examined if given else UNSAID
    return _stands(record, value) and all(new in {None, old} for new, old in zip(value.examined, said, strict=True))


def _size(raw: object) -> int:
    if isinstance(raw, dict):
        return sum(map(_size, raw.values())) or len(raw)
    return len(raw) if isinstance(raw, list) else 1


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\u2026"


def write(pending: Pending, record: Record, among: str | None = None) -> str:
    """
    The list as a draft, with the others among which it is kept.
    """
    others = drafts.without(among, kept_for(among, record))
    return drafts.put(others, drafts.place_of_list(record), {**_stored(pending), "stage": record.case.stage})


def digest(pending: Pending, record: Record) -> str:
    """
    What tells a list, beside these answers, from any other.
    """
    return drafts.digest(f"{record.case.revision} {file_form.dumps(_stored(pending))}")


def _stored(pending: Pending) -> Kept:
    return {
        "values": list(map(_filed, pending.values)),
        "unsure": [list(map(_filed, choices)) for choices in pending.unsure],
        "same": list(pending.same),
        "lent": list(pending.lent),
        "left": [[one.line, one.text, one.problem, one.item, one.limit and list(one.limit)] for one in pending.left],
    }


def kept_for(text: str | None, record: Record) -> Kept | None:
    """
    The draft of the list that waits for a case; None where there is none.
    """
    return next((one for one in drafts.kept(text) if drafts.is_list_of(one, record.case.id)), None)


def read(text: str | None, record: Record) -> Pending | None:
    """
    The list that waits for this record, beside its answers as they stand; None where there is none, or the case has
    ended since.
    """
    stored = kept_for(text, record)
    return None if stored is None or drafts.has_ended_since(stored, record) else _beside(record, opened(stored))


def opened(stored: Kept) -> Pending:
    """
    The list that a draft holds.
    """
    return Pending(
        tuple(map(_opened, stored["values"])),
        tuple(tuple(map(_opened, choices)) for choices in stored["unsure"]),
        tuple(stored["same"]),
        tuple(stored["lent"]),
        tuple(map(_left, stored["left"])),
    )


def _filed(value: Pended) -> list[object]:
    on, by, words = value.examined
    return [value.item, value.raw, value.remark, on and on.isoformat(), by, words]


def _opened(stored: list[Any]) -> Pended:
    item, raw, remark, on, by, words = stored
    return Pended(item, raw, remark, Examined(on and date.fromisoformat(on), by, words))


def _left(stored: list[Any]) -> Left:
    line, text, problem, item, *limit = stored  # lists that waited before limits were kept have none
    return Left(int(line), text, problem, item, Quantity(*limit[0]) if limit and limit[0] else None)
