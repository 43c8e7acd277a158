"""
Items and values in one line or many, as people type them and laboratories print them.

A line falls into names and what follows each; a name of an examination, with a day or without, is a heading. Nothing is
guessed: what could be read in two ways is asked about or refused, and what is left over of a value refuses it.
"""

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from bot.rules.frozen import Frozen
from bot.rules.items import AWAITED, Bool, Item
from bot.rules.months import add_months
from bot.rules.protocol import Population
from bot.typed.answers import yes_or_no
from bot.typed.days import reading_of
from bot.typed.found import Found, Refused, Sheet, Unread, Unsure
from bot.typed.highest import part_named
from bot.typed.letters import fold, has_strange_digits, plain
from bot.typed.lines import NAMED_OPTIONS, Piece, spaced, take_apart
from bot.typed.names import names_of
from bot.typed.options import has_result
from bot.typed.personal import personal
from bot.typed.rows import dated, linked, read_row
from bot.typed.spoken import AllSpoken, led
from bot.typed.tables import table
from bot.typed.values import Entry, EntryProblem, EntryRefusedError, Slip

LONGEST = 4000
_BULLET = re.compile(r"\s*(?:[-*\u2022\u00b7\u2013>]+\s+|\d{1,2}[.)]\s+)")
_COLUMNS = re.compile(r"(?<=\d)(?:\t|\s*\|\s*| {2,})(?=\d)")
_OLDEST_MONTHS = 120
"""Of results: a day alone that is older is somebody's birthday."""

_OF_THE_DAY = re.compile(r"^(?:du|le|of|on|from|au) |,? (?:a |at )?\d{1,2}[:h]\d{2}$", re.ASCII)
_SAYS_A_UNIT = re.compile(r"[a-z/%]")


class _Heading(Frozen):
    """
    Of what day and from what examination the results below are.
    """

    day: date | None = None
    source: str | None = None


def read_list(text: str, population: Population, *, today: date) -> Sheet:
    """
    The values in a text, and what of it was not understood.
    """
    return _Reader(population, today).read(text[:LONGEST])


class _Reader:
    def __init__(self, population: Population, today: date) -> None:
        self.population = population
        self.today = today
        self.earliest = add_months(today, -_OLDEST_MONTHS)
        self.sheet = Sheet()
        self.heading = _Heading()
        self.spoken: AllSpoken[_Heading] = AllSpoken()
        self.line = self.clause = 0

    def read(self, text: str) -> Sheet:
        for self.line, line in enumerate(text.splitlines(), start=1):
            if has_strange_digits(line):
                self._leave(line)
                continue
            here = self.heading
            clauses = [clause for clause in _COLUMNS.sub(" | ", plain(line)).split(";") if clause.strip()]
            for clause in clauses:
                self.clause += 1
                here, is_heading = self._clause(clause, here)
                if is_heading and len(clauses) == 1:
                    self.heading = here
        self._settle_options()
        self.sheet.settle()
        return self.sheet

    def _clause(self, text: str, here: _Heading) -> tuple[_Heading, bool]:
        """
        Read a clause, and say under which heading the next stands, and whether this one is a heading alone.
        """
        lead, parts = take_apart(_without_bullet(text), self.population)
        parts = self._joined(parts)
        day = self._day(lead) if lead else None
        if day is not None:
            here = _Heading(day, here.source)
        elif lead and _is_reversed(lead, parts):
            self._leave(text)
            return here, False
        elif whole := led(lead, parts):
            parts = whole
        elif lead:
            self._leave(lead)
        if day is not None and any(dated(fold(part.rest), self.today) for part in parts[:-1]):
            self._leave(text)  # a day between two values: of the one before it, or of the one behind
            return _Heading(), False
        is_heading = day is not None or (not lead and bool(parts))
        for part in parts:
            if heading := self._as_heading(part, day):
                here = heading
            else:
                is_heading = False
                self._part(part, here)
        return here, is_heading

    def _joined(self, parts: list[Piece]) -> list[Piece]:
        """
        The parts, a name without a value taking the next as its value where that makes one: heart: none, HIV: NA.
        """
        joined: list[Piece] = []
        for part in parts:
            if joined and self._takes(joined[-1], part):
                joined[-1] = joined[-1].followed_by(part)
            else:
                joined.append(part)
        return joined

    def _takes(self, part: Piece, following: Piece) -> bool:
        if not part.items or part.is_option:
            return False
        if following.is_option and set(part.items) <= set(following.items):
            return True
        if linked(fold(following.rest)) or (linked(fold(part.rest)) and not following.source):
            return False
        return any(self._reads(item, part.followed_by(following).rest) for item in part.items)

    def _reads(self, item: Item, text: str) -> bool:
        with suppress(EntryRefusedError):
            return bool(read_row(item, text, today=self.today))
        return False

    def _as_heading(self, part: Piece, day_before: date | None) -> _Heading | None:
        """
        What a part makes the heading of what follows, if it names an examination and gives no value. The day stands
        before it or after.
        """
        if part.source is None:
            return None
        said = linked(fold(part.rest)).strip(" ,:()")
        if not said:
            return _Heading(day_before, part.source)
        day = self._day(said)
        return _Heading(day, part.source) if day else None

    def _day(self, text: str) -> date | None:
        said = _OF_THE_DAY.sub("", linked(fold(text)).strip(" ,:()-"))
        reading = reading_of(said, today=self.today)
        if reading is None or reading.other or not self.earliest <= reading.day <= self.today:
            return None
        return reading.day

    def _part(self, part: Piece, here: _Heading) -> None:
        if part.is_option:
            self.spoken.add(part, here, self.line, self.clause)
            return
        if not part.items:
            if part.is_unknown or part.source or not linked(fold(part.rest)):
                self._leave(part.text)
            else:
                self.sheet.beside.append(Unread(part.name.strip(" ,:=("), self.line))
            return
        part = _with_answer(part)
        found, refusals = [], []
        for item in part.items:
            try:
                row = read_row(item, part.rest, today=self.today)
                _check_unit(item, part, row.entry)
                _check_result(item, part, row.entry)
            except EntryRefusedError as refused:
                refusals.append(refused)
            else:
                day, named = row.day or here.day, part_named(item, part.name)
                found.append(Found(item, row.entry, part.text, day, here.source, self.line, named))
        if len(found) > 1:
            self.sheet.unsure.append(Unsure(tuple(found)))
        elif found:
            self.sheet.found.append(found[0])
        else:
            self._refuse(refusals[0], part.text)

    def _refuse(self, refused: EntryRefusedError, text: str) -> None:
        is_personal = personal(text)
        problem: EntryProblem = "personal" if is_personal else refused.problem
        text = "" if is_personal else text.strip()
        self.sheet.refused.append(Refused(refused.item, problem, text, self.line, refused.limit))

    def _leave(self, text: str) -> None:
        kind = personal(text)
        self.sheet.unread.append(Unread("" if kind else text.strip(), self.line, kind))

    def _settle_options(self) -> None:
        """
        What was said of single options, together: HIV neg, HTLV neg. One that is only named is not said to be there.
        """
        for group in self.spoken.groups:
            self.line = group.line
            if self.spoken.are_apart(group):
                self._part(group.whole, group.heading)
            else:
                self._refuse(EntryRefusedError(group.items[0], "part"), group.whole.text)


def _without_bullet(text: str) -> str:
    match = _BULLET.match(text)
    return text[match.end() :] if match else text


def _is_reversed(lead: str, parts: list[Piece]) -> bool:
    """
    Whether values seem to stand before their names: 58 dlco 66 fvc.
    """
    has_number = any(map(str.isdigit, lead))
    return bool(parts) and has_number and (lead[0].isdigit() or not linked(fold(parts[-1].rest)))


def _check_unit(item: Item, part: Piece, entry: Entry | Slip) -> None:
    """
    Raises EntryRefusedError for a number without a unit where sheets print another than is asked for, unless the item
    is named by its key.
    """
    is_bare = isinstance(entry.raw, Decimal) and not _SAYS_A_UNIT.search(fold(part.rest))
    is_by_key = part.text.casefold().startswith(item.key)
    if is_bare and not is_by_key and item.key in table("units")["must_be_said"]["items"]:
        raise EntryRefusedError(item, "no_unit")


def _with_answer(part: Piece) -> Piece:
    """
    A name with nothing behind it, without its last word where that is the answer: consent signed.
    """
    if fold(part.rest).strip(" ,;.") or not part.items:
        return part
    name, _, answer = part.name.strip(" ,;.").rpartition(" ")
    are_answered = all(
        isinstance(item, Bool) and fold(name) in names_of(item) and yes_or_no(item, answer) is not None
        for item in part.items
    )
    return replace(part, text=f"{name} {answer}", rest=answer) if are_answered else part


def _check_result(item: Item, part: Piece, entry: Entry | Slip) -> None:
    """
    Raises EntryRefusedError for options that are named without a result where sheets speak of each, unless the item is
    called by its whole name: PCR HIV says nothing, positive PCR: HIV does.
    """
    name, said = fold(part.name), fold(part.rest)
    is_whole = bool(name) and spaced(name) not in map(spaced, table("names").get(item.key, ()))
    is_present = item.key in NAMED_OPTIONS and bool(entry.raw)
    if is_present and not is_whole and not has_result(said) and AWAITED not in said:
        raise EntryRefusedError(item, "part")
