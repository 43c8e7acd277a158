"""
Cases are numbered for good, found at one's own sites only, and listed with the last touched first.
"""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from db.base.engine import Database
from db.base.tables import Case, Site, Stage
from db.cases import cases
from tests.db.rows import NOW, Clinicians, open_case, writing


@pytest.mark.parametrize(
    ("site", "kind", "number", "code"),
    [
        (1, Kind.RECIPIENT, 1, "01-R-001"),
        (1, Kind.DONOR, 1, "01-D-001"),
        (12, Kind.RECIPIENT, 345, "12-R-345"),
        (99, Kind.DONOR, 1234, "99-D-1234"),
    ],
)
def test_a_code_names_site_kind_and_number(site: int, kind: Kind, number: int, code: str) -> None:
    """
    Two digits, a letter, three digits or more: nothing about the person.
    """
    assert cases.code_of(site=site, kind=kind, number=number) == code


async def test_each_site_numbers_each_kind_from_one(database: Database, clinicians: Clinicians) -> None:
    """
    A donor takes no number from the recipients, nor one site from the other.
    """
    here, there = clinicians.here, clinicians.there
    wanted = [
        (Kind.RECIPIENT, here, "01-R-001"),
        (Kind.RECIPIENT, here, "01-R-002"),
        (Kind.DONOR, here, "01-D-001"),
        (Kind.RECIPIENT, there, "02-R-001"),
        (Kind.RECIPIENT, here, "01-R-003"),
    ]
    for kind, site, code in wanted:
        async with writing(database) as session:
            assert (await open_case(session, clinicians, kind=kind, site=site)).code == code


async def test_several_cases_in_one_transaction_get_numbers_of_their_own(
    database: Database, clinicians: Clinicians
) -> None:
    """
    Turns that share a commit do not take the same number.
    """
    async with writing(database) as session:
        codes = [(await open_case(session, clinicians)).code for _ in range(3)]
    assert codes == ["01-R-001", "01-R-002", "01-R-003"]


async def test_a_number_is_never_used_again(database: Database, clinicians: Clinicians) -> None:
    """
    A case opened by mistake keeps its number, and so does one that is finished.
    """
    for stage in (Stage.DISCARDED, Stage.FINISHED):
        async with writing(database) as session:
            case = await open_case(session, clinicians)
            await cases.move(session, case=case, to=stage, by=clinicians.actor, now=NOW)
    async with writing(database) as session:
        assert (await open_case(session, clinicians)).code == "01-R-003"


async def test_cases_opened_at_once_get_numbers_of_their_own(
    url: str, database: Database, clinicians: Clinicians
) -> None:
    """
    Thirty at once in two programs, of both kinds at both sites: none fails, and no number is given twice or left out.
    """
    other = Database(url)

    async def opens(index: int) -> str:
        async with writing(other if index % 2 else database) as session:
            kind = Kind.DONOR if index % 3 == 0 else Kind.RECIPIENT
            site = clinicians.there if index % 5 == 0 else clinicians.here
            return (await open_case(session, clinicians, kind=kind, site=site)).code

    codes = await asyncio.gather(*(opens(index) for index in range(30)))
    await other.close()
    counts = {"01-D": 8, "01-R": 16, "02-D": 2, "02-R": 4}
    wanted = [f"{prefix}-{number:03d}" for prefix, count in counts.items() for number in range(1, count + 1)]
    assert sorted(codes) == wanted


async def test_the_database_itself_refuses_a_code_twice(database: Database, clinicians: Clinicians) -> None:
    """
    Even where the program erred, two cases never share a number.
    """
    async with writing(database) as session:
        first = await open_case(session, clinicians)
    with pytest.raises(IntegrityError):
        async with writing(database) as session:
            session.add(Case(**{**first.model_dump(exclude={"id"}), "code": "01-R-900"}))


async def test_a_new_case_stands_in_lists_as_it_is(database: Database, clinicians: Clinicians) -> None:
    """
    Nothing answered, nothing decided, under today's protocol, as of the day it is at its site.
    """
    site = Site(number=3, name="Site 03", time_zone="Pacific/Kiritimati")
    async with writing(database) as session:
        session.add(site)
        await session.flush()
        case = await open_case(session, clinicians, site=site, now=NOW.replace(hour=10))
    assert (case.stage, case.verdict, case.answered, case.awaited) == (Stage.SCREENING, "incomplete", 0, 0)
    assert case.assessed_on == NOW.date() + timedelta(days=1)
    assert case.protocol == LATEST.version
    assert case.open.split() == [criterion.id for criterion in LATEST.recipient.criteria]
    assert case.failing == ""
    assert case.to_ask > 0


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Paris", "2026-05-10T21:59:59+00:00", "2026-05-10"),
        ("Europe/Paris", "2026-05-10T22:00:00+00:00", "2026-05-11"),
        ("Pacific/Kiritimati", "2026-05-10T10:00:00+00:00", "2026-05-11"),
        ("Pacific/Niue", "2026-05-10T10:59:59+00:00", "2026-05-09"),
        ("Europe/Paris", "2026-10-25T22:30:00+00:00", "2026-10-25"),
    ],
)
def test_the_day_is_the_day_at_the_site(zone: str, moment: str, day: str) -> None:
    """
    Midnight comes when it comes there.
    """
    site = Site(number=1, name="A", time_zone=zone)
    assert cases.today(site, datetime.fromisoformat(moment)).isoformat() == day


async def test_a_case_is_found_at_ones_own_sites_only(database: Database, clinicians: Clinicians) -> None:
    """
    One elsewhere is not found, exactly like one that never was.
    """
    here, there = clinicians.here.id, clinicians.there.id
    async with writing(database) as session:
        case = await open_case(session, clinicians)
    for sites, is_found in [
        (None, True),
        (frozenset({here}), True),
        (frozenset({here, there}), True),
        (frozenset({there}), False),
        (frozenset[int](), False),
    ]:
        async with database.transaction() as session:
            by_code = await cases.by_code(session, code=case.code, sites=sites)
            by_id = await cases.by_id(session, case_id=case.id, sites=sites)
            listed = await cases.in_screening(session, sites=sites, limit=9, offset=0)
            count = await cases.count_in_screening(session, sites=sites)
        assert [by_code is not None, by_id is not None, len(listed), count] == [is_found] * 4


@pytest.mark.usefixtures("clinicians")
async def test_what_never_was_is_not_found(database: Database) -> None:
    """
    Neither by code nor by id.
    """
    async with database.transaction() as session:
        assert await cases.by_code(session, code="01-R-001", sites=None) is None
        assert await cases.by_id(session, case_id=1, sites=None) is None


async def test_a_discarded_case_is_not_found(database: Database, clinicians: Clinicians) -> None:
    """
    It is gone for people, though the database keeps it; a finished one is still found.
    """
    async with writing(database) as session:
        gone, done = await open_case(session, clinicians), await open_case(session, clinicians)
        await cases.move(session, case=gone, to=Stage.DISCARDED, by=clinicians.actor, now=NOW)
        await cases.move(session, case=done, to=Stage.FINISHED, by=clinicians.actor, now=NOW)
    async with database.transaction() as session:
        assert await cases.by_code(session, code=gone.code, sites=None) is None
        assert await cases.by_id(session, case_id=gone.id, sites=None) is None
        assert await cases.by_code(session, code=done.code, sites=None) is not None
        assert await cases.by_id(session, case_id=done.id, sites=None) is not None
        assert await cases.in_screening(session, sites=None, limit=9, offset=0) == []
        assert len((await session.exec(select(Case))).all()) == 2


async def test_a_case_discarded_just_now_is_not_found(database: Database, clinicians: Clinicians) -> None:
    """
    Nor in the rest of the same transaction, in which other people's turns may look for it.
    """
    async with writing(database) as session:
        case = await open_case(session, clinicians)
    async with writing(database) as session:
        found = await cases.by_id(session, case_id=case.id, sites=None)
        assert found is not None
        await cases.move(session, case=found, to=Stage.DISCARDED, by=clinicians.actor, now=NOW)
        assert await cases.by_code(session, code=case.code, sites=None) is None
        assert await cases.by_id(session, case_id=case.id, sites=None) is None
        assert await cases.in_screening(session, sites=None, limit=9, offset=0) == []
        assert await cases.count_in_screening(session, sites=None) == 0


async def test_the_list_shows_the_last_touched_first_page_by_page(database: Database, clinicians: Clinicians) -> None:
    """
    Every case stands on one page, those touched at the same time with the newest first.
    """
    touched = [3, 1, 2, 2, 5, 0, 4]
    async with writing(database) as session:
        for hours in touched:
            await open_case(session, clinicians, now=NOW + timedelta(hours=hours))
    pages = []
    for offset in range(0, 9, 3):
        async with database.transaction() as session:
            found = await cases.in_screening(session, sites=None, limit=3, offset=offset)
            pages.append([case.number for case in found])
            assert await cases.count_in_screening(session, sites=None) == 7
    assert pages == [[5, 7, 1], [4, 3, 2], [6]]


async def test_touching_a_case_brings_it_to_the_top(database: Database, clinicians: Clinicians) -> None:
    """
    A case taken up again is the first of the list.
    """
    async with writing(database) as session:
        old = await open_case(session, clinicians)
        await open_case(session, clinicians, now=NOW + timedelta(hours=1))
        for stage in (Stage.FINISHED, Stage.SCREENING):
            await cases.move(session, case=old, to=stage, by=clinicians.actor, now=NOW + timedelta(hours=2))
    async with database.transaction() as session:
        found = await cases.in_screening(session, sites=None, limit=9, offset=0)
    assert [case.code for case in found] == ["01-R-001", "01-R-002"]
