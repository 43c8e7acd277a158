"""
The data of a snapshot as tables, each a sheet of the workbook and a file of the archive.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from bot.documents.data.cells import AWAITED, Cell, CellPlace, by_place, cells, places
from bot.documents.snapshot import CaseFile, Snapshot
from bot.documents.stated import COMPARATOR, NUMBER, RESULT, TO, UPPER
from bot.rules import file_form
from bot.rules.frozen import Frozen
from bot.rules.protocol import Kind, Population
from bot.rules.versions import PROTOCOLS
from db.base.tables import Site


class Column(Frozen):
    """
    A column of a table. `place` is there where it holds the values of an item, `criterion` where a criterion's status.
    """

    name: str
    type: str = "text"
    place: CellPlace | None = None
    criterion: str = ""
    kind: str = ""


class Table(Frozen):
    """
    A table with a heading and its rows.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Sequence[Cell], ...]


def tables(snapshot: Snapshot) -> list[Table]:
    """
    All tables, but for the dictionary that tells of them.
    """
    return [
        _cases(snapshot),
        *(_answers(snapshot, kind) for kind in Kind),
        _given(snapshot),
        _parts(snapshot),
        *(_criteria(snapshot, kind) for kind in Kind),
        _visits(snapshot),
        _decisions(snapshot),
        _queries(snapshot),
        _deviations(snapshot),
        _links(snapshot),
        _people(snapshot),
    ]


def _table(name: str, columns: str, rows: Iterable[Sequence[Cell]]) -> Table:
    """
    A table whose columns are named with their type: "code day:date".
    """
    named = (one.partition(":") for one in columns.split())
    return Table(name, tuple(Column(column, type_ or "text") for column, _, type_ in named), tuple(rows))


def _clock(snapshot: Snapshot, time: datetime | None, site: Site | None = None) -> datetime | None:
    """
    A time as the clock there shows it: a table knows no zone.
    """
    return None if time is None else snapshot.local(time, site).replace(tzinfo=None, microsecond=0)


def _cases(snapshot: Snapshot) -> Table:
    def row(file: CaseFile) -> list[Cell]:
        case, assessment = file.case, file.record.assessment
        return [
            *(case.code, case.kind, file.site.number, file.site.time_zone, case.protocol, case.stage),
            *(_clock(snapshot, case.opened_at, file.site), assessment.verdict, assessment.as_of, assessment.recheck_on),
            *(len(file.record.facts), len(assessment.to_ask), len(assessment.awaited)),
            *(case.failing, case.open, " ".join(assessment.on_limit)),
            _clock(snapshot, file.signed.at if file.signed else None, file.site),
            *(_clock(snapshot, case.included_at, file.site), file.infused_on, " ".join(file.partners)),
        ]

    columns = (
        "code kind site:number time_zone protocol stage opened:time verdict assessed:date recheck:date"
        " answered:number to_ask:number awaited:number failing open on_limit signed:time included:time infused:date"
        " partners"
    )
    return _table("cases", columns, map(row, snapshot.files))


def _populations(snapshot: Snapshot, kind: Kind) -> list[Population]:
    """
    The rules for a kind of case, of every version among these cases; the newest counts where they name the same.
    """
    return [PROTOCOLS[version].population(kind) for version in snapshot.versions]


def _answers(snapshot: Snapshot, kind: Kind) -> Table:
    """
    One column an item, one row a case.
    """
    items = {item.key: item for population in _populations(snapshot, kind) for item in population.items}
    at = [place for item in items.values() for place in places(item)]

    def row(file: CaseFile) -> list[Cell]:
        known = file.population.item
        found: list[Cell] = [file.case.code]
        for key, item in items.items():
            is_given = key in known and (key in file.record.current or key in file.record.borrowed)
            found += cells(known[key], file.record.raw(key)) if is_given else [None] * len(places(item))
        return found

    columns = [Column("code"), *(Column(place.name, _type(place), place, kind=kind) for place in at)]
    return Table(f"answers_{kind}", tuple(columns), tuple(map(row, snapshot.of_kind(kind))))


def _type(place: CellPlace) -> str:
    if place.part == COMPARATOR:
        return COMPARATOR
    return {"Bool": "yes_no", "Choice": "choice", "Several": "choices", "Date": "date"}.get(
        type(place.item).__name__, "number"
    )


def _given(snapshot: Snapshot) -> Table:
    """
    Every answer ever given, in the order given.
    """

    def rows(file: CaseFile) -> Iterable[list[Cell]]:
        for one in file.given:
            item = file.population.item.get(one.item)
            raw = None if one.value is None else file_form.loads(one.value)
            plain = {} if item is None or one.repeats is not None else by_place(item, raw)
            yield [
                *(file.case.code, one.revision, one.item, *_plain(plain), one.value),
                *(one.source, one.reason, one.examined_on, one.examined_by, one.examined_words, one.batch, one.repeats),
                *(one.person_id, _clock(snapshot, one.at, file.site)),
            ]

    columns = (
        "code revision:number item value:any unit comparator:comparator to:number result:number upper:number entered"
        " source reason examined_on:date examined_by examined_words batch:number repeats:number person:number at:time"
    )
    return _table("answers_ever", columns, (row for file in snapshot.files for row in rows(file)))


def _plain(cells: Mapping[CellPlace, Cell]) -> list[Cell]:
    """
    The value of an answer that is plain, the unit of a number, and its other parts.
    """
    parts = {place.part: (cell, place.unit) for place, cell in cells.items() if cell is not None}
    value, unit = parts.get("") or parts.get(NUMBER) or (AWAITED if AWAITED in cells.values() else None, "")
    others = (parts.get(part, (None, ""))[0] for part in (COMPARATOR, TO, RESULT, UPPER))
    return [value, unit if isinstance(value, Decimal) else None, *others]


def _parts(snapshot: Snapshot) -> Table:
    """
    The parts of every answer that was worked out, one row each.
    """

    def rows(file: CaseFile) -> Iterable[list[Cell]]:
        for one in file.given:
            parts = file_form.loads(one.value) if one.value is not None and one.repeats is None else None
            if isinstance(parts, dict):
                yield from ([file.case.code, one.revision, one.item, part, value] for part, value in parts.items())

    columns = "code revision:number item part value:any"
    return _table("answer_parts", columns, (row for file in snapshot.files for row in rows(file)))


def _criteria(snapshot: Snapshot, kind: Kind) -> Table:
    """
    The status of each criterion and lettered part, one column each.
    """
    ids = dict.fromkeys(judged.id for population in _populations(snapshot, kind) for judged in population.judged)
    rows = [
        [file.case.code, *(file.record.assessment.statuses.get(id_) for id_ in ids)] for file in snapshot.of_kind(kind)
    ]
    columns = [Column("code"), *(Column(id_, "status", criterion=id_, kind=kind) for id_ in ids)]
    return Table(f"criteria_{kind}", tuple(columns), tuple(rows))


def _visits(snapshot: Snapshot) -> Table:
    def rows(file: CaseFile) -> Iterable[list[Cell]]:
        for one in file.visits:
            visit, record = one.visit, one.record
            yield [
                *(file.case.code, visit.month, visit.due, visit.opens, visit.closes, visit.day, one.state(file.record)),
                *((record.detail, record.deviation, record.person_id) if record else (None, None, None)),
                _clock(snapshot, record.at if record else None, file.site),
            ]

    columns = (
        "code month:number due:date opens:date closes:date day:date state detail deviation person:number recorded:time"
    )
    return _table("visits", columns, (row for file in snapshot.files for row in rows(file)))


def _decisions(snapshot: Snapshot) -> Table:
    """
    Each decision once, also one about a pair.
    """

    def row(file: CaseFile, number: int) -> list[Cell]:
        one = next(one for one in file.decided if one.id == number)
        return [
            *(number, snapshot.codes[one.case_id], snapshot.codes[one.partner_id] if one.partner_id else None),
            *(one.kind, one.about, one.day, one.deviation, one.reason, one.protocol, one.digest, one.voids),
            *(one.person_id, one.role, _clock(snapshot, one.at, file.site)),
        ]

    of = {one.id: file for file in snapshot.files for one in file.decided}
    columns = (
        "number:number code partner decision about day:date deviation reason protocol hash voids:number"
        " person:number role at:time"
    )
    return _table("decisions", columns, (row(of[number], number) for number in sorted(of)))


def _queries(snapshot: Snapshot) -> Table:
    def rows(file: CaseFile) -> Iterable[list[Cell]]:
        for one in file.queries:
            by = one.dismissal
            told = (by.reason, by.person_id, _clock(snapshot, by.at, file.site)) if by else (None, None, None)
            yield [file.case.code, one.id, one.fate, *told]

    columns = "code query fate reason person:number at:time"
    return _table("queries", columns, (row for file in snapshot.files for row in rows(file)))


def _deviations(snapshot: Snapshot) -> Table:
    """
    In what the infusion and the visits that stand deviate from the protocol.
    """

    def rows(file: CaseFile) -> Iterable[list[Cell]]:
        infusion = file.infusion
        if infusion is not None and infusion.deviation:
            yield [file.case.code, "infusion", None, file.infused_on, infusion.deviation, infusion.reason]
        for one in file.visits:
            if one.record is not None and one.record.deviation:
                said = one.record
                yield [file.case.code, "visit", said.month, said.day, said.deviation, said.detail]

    columns = "code of month:number day:date deviation reason"
    return _table("deviations", columns, (row for file in snapshot.files for row in rows(file)))


def _links(snapshot: Snapshot) -> Table:
    links = {link.id: link for file in snapshot.files for link in file.links}
    rows = [
        [
            *(snapshot.codes[link.recipient_id], snapshot.codes[link.donor_id]),
            *(_clock(snapshot, link.linked_at), link.linked_by, _clock(snapshot, link.unlinked_at), link.unlinked_by),
        ]
        for link in sorted(links.values(), key=attrgetter("id"))
    ]
    columns = "recipient donor linked:time linked_by:number unlinked:time unlinked_by:number"
    return _table("links", columns, rows)


def _people(snapshot: Snapshot) -> Table:
    """
    Who acted on these cases or has a role at these sites.
    """
    numbers = {site.id: f"{site.number:02d}" for site in snapshot.sites}

    def row(person_id: int) -> list[Cell]:
        person = snapshot.people[person_id]
        roles = [
            f"{one.role} {numbers[one.site_id] if one.site_id else '*'}"
            for one in snapshot.memberships
            if one.person_id == person_id and (one.site_id is None or one.site_id in numbers)
        ]
        return [person_id, person.name, ", ".join(roles), person.is_active, _clock(snapshot, person.joined_at)]

    columns = "number:number name roles active:yes_no joined:time"
    return _table("people", columns, map(row, sorted(snapshot.staff)))
