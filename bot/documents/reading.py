"""
A snapshot, read from the database.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.documents.snapshot import CaseFile, QueryFate, Snapshot
from bot.rules.frozen import Frozen
from db.base.tables import (
    Answer,
    Case,
    Decision,
    DecisionKind,
    Link,
    PlannedVisit,
    Site,
    VisitRecord,
)
from db.cases import everything, queries, records
from db.cases.records import Record
from db.follow_up import visits
from db.follow_up.visits import Followed
from db.people.sites import sites_within
from db.trail import anchors

_TOGETHER = 500


async def read(
    session: AsyncSession,
    *,
    now: datetime,
    sites: Collection[int] | None = None,
    codes: Collection[str] | None = None,
) -> Snapshot:
    """
    Read all that is stored of the cases at these sites (None: all), of these codes only if they are given. The session
    is one of `Database.snapshot`, so that everything is as of one moment.
    """
    ids = everything.ids_of(sites, codes)
    cases = await everything.cases(session, ids=ids)
    rows = _Rows(
        given=_grouped(await everything.answers(session, ids=ids), "case_id"),
        decided=_grouped(await everything.decisions(session, ids=ids), "case_id", "partner_id"),
        links=_grouped(await everything.links(session, ids=ids), "recipient_id", "donor_id"),
        visited=_grouped(await visits.records_of(session, ids=ids), "case_id"),
        planned=_grouped(await visits.of_cases(session, ids=ids), "case_id"),
    )
    places = {site.id: site for site in await sites_within(session, sites=sites)}
    others = _others(cases, rows.decided, rows.links)
    named = {case.id: case.code for case in cases} | await everything.codes(session, ids=others)
    files = [
        await _file(session, record, places[record.case.site_id], rows, named)
        async for record in _records(session, cases, now)
    ]
    found = Snapshot(
        at=now.astimezone(UTC),
        head=await anchors.head(session, now=now),
        sites=tuple(places.values()),
        files=tuple(files),
        codes=named,
        people={person.id: person for person in await everything.people(session)},
        memberships=tuple(await everything.memberships(session)),
        taken_out=tuple(await everything.taken_out(session, sites=sites)),
        access=tuple(await everything.entries_of_access(session)),
        inclusions=tuple(await everything.inclusions(session)),
    )
    session.expunge_all()  # its rows outlive the session
    return found


class _Rows(Frozen):
    """
    What is stored of cases beside them, by the case's id.
    """

    given: Mapping[int, Sequence[Answer]]
    decided: Mapping[int, Sequence[Decision]]
    links: Mapping[int, Sequence[Link]]
    visited: Mapping[int, Sequence[VisitRecord]]
    planned: Mapping[int, Sequence[PlannedVisit]]


async def _file(session: AsyncSession, record: Record, site: Site, rows: _Rows, codes: Mapping[int, str]) -> CaseFile:
    case = record.case
    decided, links, visited = rows.decided[case.id], rows.links[case.id], rows.visited[case.id]
    kept = {one.id: one for one in visited}
    return CaseFile(
        record,
        site,
        tuple(rows.given[case.id]),
        await _fates(session, record, decided),
        tuple(decided),
        tuple(links),
        tuple(sorted(_partners(case, links, codes))),
        tuple(Followed(one, kept.get(one.record_id or 0)) for one in rows.planned[case.id]),
        tuple(visited),
    )


async def _records(session: AsyncSession, cases: Sequence[Case], now: datetime) -> AsyncIterator[Record]:
    for start in range(0, len(cases), _TOGETHER):
        together = cases[start : start + _TOGETHER]
        await records.bring(session, case_ids=[case.id for case in together])
        for case in together:
            await asyncio.sleep(0)  # chats go on meanwhile
            yield await records.load(session, case=case, now=now)


def _grouped(rows: Iterable[Any], *columns: str) -> dict[int, list[Any]]:
    """
    Rows by the case that one of these columns names.
    """
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        for case_id in {getattr(row, column) for column in columns} - {None}:
            found[case_id].append(row)
    return found


def _others(cases: Sequence[Case], *grouped: Mapping[int, Sequence[object]]) -> set[int]:
    return {case_id for rows in grouped for case_id in rows} - {case.id for case in cases}


def _partners(case: Case, links: Iterable[Link], codes: Mapping[int, str]) -> Iterable[str]:
    for link in links:
        if link.unlinked_at is None:
            yield codes[link.donor_id if link.recipient_id == case.id else link.recipient_id]


async def _fates(session: AsyncSession, record: Record, decided: Iterable[Decision]) -> tuple[QueryFate, ...]:
    """
    What became of every query that these answers raised, in the order of the rules.
    """
    still = await queries.still_open(session, record=record)
    dismissals = {one.about: one for one in decided if one.kind == DecisionKind.QUERY_DISMISSED}
    once = _once_raised(record)
    found = []
    for query in record.population.queries:
        if query.id in still:
            found.append(QueryFate(query.id, "open"))
        elif query.id in record.assessment.queries:
            found.append(QueryFate(query.id, "dismissed", dismissals.get(query.id)))
        elif query.id in once or query.id in dismissals:
            found.append(QueryFate(query.id, "answered", dismissals.get(query.id)))
    return tuple(found)


def _once_raised(record: Record) -> set[str]:
    """
    The queries that were raised at any time: only where an item was given anew can one have been that is not now.
    """
    seen: set[str] = set()
    found: set[str] = set()
    for answer in record.answers:
        if answer.item in seen:
            found |= set(record.before(answer.revision).assessment.queries)
        seen.add(answer.item)
    return found
