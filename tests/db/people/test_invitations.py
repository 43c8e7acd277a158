"""
The setup code: one person comes in by it, once, and only while nobody has a place yet.
"""

import asyncio
import hashlib
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, select

from db.base.engine import Database
from db.base.tables import Invitation, Membership, Person, Site
from db.people import access, joining
from tests.db.rows import NOW, writing


async def _setup_code(database: Database) -> str | None:
    async with writing(database) as session:
        return await joining.setup_code(session, site_name="Paris", time_zone="Europe/Paris", now=NOW)


async def _redeem(database: Database, code: str, telegram_id: int = 5) -> Person | None:
    async with writing(database) as session:
        return await joining.redeem(
            session, code=code, telegram_id=telegram_id, name="Ada", language="fr", now=NOW + timedelta(hours=1)
        )


async def _code(database: Database) -> str:
    code = await _setup_code(database)
    assert code is not None
    return code


async def test_the_setup_code_makes_the_first_member(database: Database) -> None:
    """
    Administrator of all sites, those to come as well, and coordinator of the one that the settings name.
    """
    person = await _redeem(database, await _code(database))
    assert person is not None
    async with database.transaction() as session:
        member = (await access.members(session, telegram_ids=[5]))[5]
        site = (await session.exec(select(Site))).one()
        invitation = (await session.exec(select(Invitation))).one()
    assert (site.number, site.name, site.time_zone) == (1, "Paris", "Europe/Paris")
    assert member.roles == {"administrator", "coordinator"}
    assert {(membership.role, membership.site_id) for membership in member.memberships} == {
        ("administrator", None),
        ("coordinator", site.id),
    }
    assert member.person.accepted_at == NOW + timedelta(hours=1)
    assert (member.person.name, member.person.language, member.person.joined_at) == (
        "Ada",
        "fr",
        NOW + timedelta(hours=1),
    )
    assert (invitation.redeemed_by, invitation.redeemed_at) == (person.id, NOW + timedelta(hours=1))


async def test_a_code_works_once(database: Database) -> None:
    """
    Whoever presents it later stays a stranger.
    """
    code = await _code(database)
    assert await _redeem(database, code, 5) is not None
    assert await _redeem(database, code, 6) is None
    async with database.transaction() as session:
        assert set(await access.members(session, telegram_ids=[5, 6])) == {5}


async def test_no_other_text_is_a_code(database: Database) -> None:
    """
    Neither nothing, nor nearly the code, nor its hash as it is stored.
    """
    code = await _code(database)
    async with database.transaction() as session:
        stored = (await session.exec(select(Invitation.code_hash))).one()
    for wrong in ("", " ", code[:-1], code.swapcase(), f"{code} ", stored, "%", "' OR 1=1 --"):
        assert await _redeem(database, wrong) is None
    assert await _redeem(database, code) is not None


async def test_every_start_gives_a_new_code_and_the_old_one_is_void(database: Database) -> None:
    """
    Only the code printed last opens the door; the site is made once.
    """
    codes = [await _code(database) for _ in range(3)]
    assert len(set(codes)) == 3
    assert [await _redeem(database, code) is not None for code in codes] == [False, False, True]
    async with database.transaction() as session:
        assert len((await session.exec(select(Site))).all()) == 1


async def test_there_is_no_setup_code_once_somebody_is_a_member(database: Database) -> None:
    """
    A restart then makes no second administrator.
    """
    code = await _code(database)
    await _redeem(database, code)
    assert await _setup_code(database) is None
    assert await _redeem(database, code, 6) is None


async def test_only_a_hash_of_the_code_is_stored(database: Database) -> None:
    """
    Who reads the database finds no code in it; the code itself cannot be guessed.
    """
    code = await _code(database)
    async with database.engine.connect() as connection:
        for table in ("invitations", "audit_entries", "sites", "inbox"):
            rows = await connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608  a name from the line above
            assert not [row for row in rows if code in str(row)]
        stored = (await connection.execute(select(col(Invitation.code_hash)))).scalar()
    assert stored == hashlib.sha256(code.encode()).hexdigest()
    assert len(code) >= 20


async def test_of_fifty_who_present_a_code_at_once_one_comes_in(url: str, database: Database) -> None:
    """
    In two programs at the same time: one becomes a member, no one fails, and all the others stay strangers.
    """
    code = await _code(database)
    other = Database(url)
    found = await asyncio.gather(
        *(_redeem(other if number % 2 else database, code, 1000 + number) for number in range(50))
    )
    await other.close()
    assert len([person for person in found if person is not None]) == 1
    async with database.transaction() as session:
        assert len((await session.exec(select(Person))).all()) == 1
        assert len((await session.exec(select(Membership))).all()) == 2
