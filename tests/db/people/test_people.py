"""
Who may do what, as it is stored: nobody is left without an administrator, codes serve once, the door shuts.
"""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.engine import Database
from db.base.tables import (
    Invitation,
    Membership,
    Notice,
    Person,
    PersonRole,
    WrongCode,
)
from db.people import (
    access,
    invitations,
    joining,
    people,
    team,
    wrong_codes,
)
from db.people.reach import AccessRefusedError, OutOfReachError
from db.trail.audit import PROGRAM, Actor
from tests.db.rows import NOW, Clinicians, entries, writing

ADMINISTRATOR, COORDINATOR, INVESTIGATOR, MONITOR = PersonRole


async def person(
    session: AsyncSession, number: int, *held: tuple[PersonRole, int | None], is_active: bool = True
) -> Person:
    """
    Somebody with these roles.
    """
    made = Person(
        telegram_id=number, name=f"P{number}", language="en", is_active=is_active, joined_at=NOW, accepted_at=NOW
    )
    session.add(made)
    await session.flush()
    session.add_all(Membership(person_id=made.id, role=role, site_id=site) for role, site in held)
    await session.flush()
    return made


async def membership_of(session: AsyncSession, who: Person, role: PersonRole) -> int:
    """
    The id of a membership.
    """
    query = select(Membership.id).where(Membership.person_id == who.id, Membership.role == role)
    return (await session.exec(query)).one()


@pytest.mark.parametrize("how", ["deactivate", "remove"])
async def test_of_two_administrators_who_go_at_once_one_stays(
    url: str, database: Database, clinicians: Clinicians, how: str
) -> None:
    """
    In two programs at the same time, each shutting the other out.
    """
    async with writing(database) as session:
        both = [await person(session, number, (ADMINISTRATOR, clinicians.here.id)) for number in (201, 202)]
        held = [await membership_of(session, one, ADMINISTRATOR) for one in both]
    other = Database(url)

    async def shut_out(where: Database, at: int) -> str:
        try:
            async with writing(where) as session:
                by = Actor(both[1 - at].id, ADMINISTRATOR)
                if how == "deactivate":
                    await people.deactivate(session, person_id=both[at].id, by=by, now=NOW)
                else:
                    await people.remove_role(session, membership_id=held[at], by=by, now=NOW)
        except (AccessRefusedError, OutOfReachError) as error:
            return type(error).__name__
        return "done"

    found = await asyncio.gather(shut_out(database, 0), shut_out(other, 1))
    await other.close()
    assert sorted(found) == ["OutOfReachError", "done"]
    async with database.transaction() as session:
        left = await team.holders(session, roles=frozenset({ADMINISTRATOR}), site_id=clinicians.here.id)
    assert len(left) == 1


async def test_the_program_cannot_take_the_last_administrator_away_either(
    database: Database, clinicians: Clinicians
) -> None:
    """
    By deactivation or by the role; an administrator of the other site, an inactive one and one who has not accepted
    are no substitute.
    """
    async with writing(database) as session:
        last = await person(session, 201, (ADMINISTRATOR, None))
        await person(session, 202, (ADMINISTRATOR, clinicians.there.id))
        await person(session, 203, (ADMINISTRATOR, None), is_active=False)
        (await person(session, 204, (ADMINISTRATOR, None))).accepted_at = None
    async with writing(database) as session:
        role = await membership_of(session, last, ADMINISTRATOR)
        for _ in range(2):
            with pytest.raises(AccessRefusedError, match="last_administrator"):
                await people.deactivate(session, person_id=last.id, by=PROGRAM, now=NOW)
            with pytest.raises(AccessRefusedError, match="last_administrator"):
                await people.remove_role(session, membership_id=role, by=PROGRAM, now=NOW)
    async with writing(database) as session:
        await person(session, 205, (ADMINISTRATOR, clinicians.here.id))
        assert await people.deactivate(session, person_id=last.id, by=PROGRAM, now=NOW)


async def test_a_site_without_any_administrator_keeps_nobody(database: Database, clinicians: Clinicians) -> None:
    """
    Only what would take the last one away is refused.
    """
    async with writing(database) as session:
        assert await people.deactivate(session, person_id=clinicians.person.id, by=PROGRAM, now=NOW)
        assert not await people.deactivate(session, person_id=clinicians.person.id, by=PROGRAM, now=NOW)


async def test_of_a_hundred_who_redeem_an_invitation_at_once_one_comes_in(
    url: str, database: Database, clinicians: Clinicians
) -> None:
    """
    In three programs at the same time: one wins, no one fails, all others stay strangers.
    """
    async with writing(database) as session:
        _, code = await invitations.create(session, role=MONITOR, site_id=clinicians.here.id, by=PROGRAM, now=NOW)
    programs = [database, Database(url), Database(url)]

    async def redeem(number: int) -> Person | None:
        async with writing(programs[number % 3]) as session:
            return await joining.redeem(
                session, code=code, telegram_id=1000 + number, name="Ada", language="en", now=NOW
            )

    found = await asyncio.gather(*map(redeem, range(100)))
    for program in programs[1:]:
        await program.close()
    winners = [one for one in found if one is not None]
    assert len(winners) == 1
    async with database.transaction() as session:
        assert len((await session.exec(select(Person))).all()) == 2
        made = (await session.exec(select(Membership).where(Membership.role == MONITOR))).all()
        assert [one.person_id for one in made] == [winners[0].id]
        assert len([entry for entry in await entries(session) if entry.action == "person.join"]) == 1


@pytest.mark.parametrize(
    ("after", "is_good"), [(timedelta(hours=72) - timedelta(microseconds=1), True), (timedelta(hours=72), False)]
)
async def test_an_invitation_ends_after_72_hours(
    database: Database, clinicians: Clinicians, after: timedelta, *, is_good: bool
) -> None:
    """
    For whoever is new, for a member, and on the list of open ones alike.
    """
    async with writing(database) as session:
        _, code = await invitations.create(session, role=MONITOR, site_id=clinicians.here.id, by=PROGRAM, now=NOW)
    now = NOW + after
    async with writing(database) as session:
        listed = await invitations.still_open(session, sites=None, now=now, limit=9)
        assert bool(listed) is is_good
        extended = await joining.extend(session, code=code, person=clinicians.person, now=now)
        assert (extended is not None) is is_good
    async with writing(database) as session:
        _, code = await invitations.create(session, role=MONITOR, site_id=clinicians.there.id, by=PROGRAM, now=NOW)
    async with writing(database) as session:
        came = await joining.redeem(session, code=code, telegram_id=9, name="N", language="en", now=now)
        assert (came is not None) is is_good
        assert came is None or came.accepted_at is None


async def test_the_next_start_leaves_the_programs_invitations_alone(database: Database, clinicians: Clinicians) -> None:
    """
    A new setup code replaces the old one and nothing else: whoever runs the server may invite before anybody comes.
    """
    async with writing(database) as session:
        for row in (await session.exec(select(Membership))).all():
            await session.delete(row)
        await session.flush()
        await session.delete(await session.get_one(Person, clinicians.person.id))
        await session.flush()
        _, code = await invitations.create(session, role=ADMINISTRATOR, site_id=None, by=PROGRAM, now=NOW)
    for _ in range(2):
        async with writing(database) as session:
            assert await joining.setup_code(session, site_name="x", time_zone="Europe/Paris", now=NOW)
    async with writing(database) as session:
        assert len((await session.exec(select(Invitation))).all()) == 2
        assert await joining.redeem(session, code=code, telegram_id=9, name="N", language="en", now=NOW)
        assert await joining.setup_code(session, site_name="x", time_zone="Europe/Paris", now=NOW) is None


async def test_what_somebody_handed_out_ends_with_their_rights(database: Database, clinicians: Clinicians) -> None:
    """
    An administrator who loses a site, or is shut out, leaves no open door behind; what they may still give stays.
    """
    async with writing(database) as session:
        admin = await person(session, 201, (ADMINISTRATOR, clinicians.here.id), (ADMINISTRATOR, clinicians.there.id))
        await person(session, 202, (ADMINISTRATOR, None))
        by = Actor(admin.id, ADMINISTRATOR)
        codes = []
        for site in (clinicians.here, clinicians.there):
            _, code = await invitations.create(session, role=MONITOR, site_id=site.id, by=by, now=NOW)
            codes.append(code)
        query = select(Membership.id).where(Membership.person_id == admin.id, Membership.site_id == clinicians.here.id)
        held = (await session.exec(query)).one()
        await people.remove_role(session, membership_id=held, by=PROGRAM, now=NOW)
    async with writing(database) as session:
        listed = await invitations.still_open(session, sites=None, now=NOW, limit=9)
        assert [one.invitation.site_id for one in listed] == [clinicians.there.id]
        for code, number in zip(codes, (301, 302), strict=True):
            came = await joining.redeem(session, code=code, telegram_id=number, name="N", language="en", now=NOW)
            assert (came is not None) == (number == 302)
        await people.deactivate(session, person_id=admin.id, by=PROGRAM, now=NOW)
        assert not await invitations.still_open(session, sites=None, now=NOW, limit=9)


async def test_a_change_is_seen_by_the_turns_that_share_its_commit(database: Database, clinicians: Clinicians) -> None:
    """
    It is known that people have to be looked up again; once.
    """
    async with writing(database) as session:
        assert not access.was_changed(session)
        await people.deactivate(session, person_id=clinicians.person.id, by=PROGRAM, now=NOW)
        assert access.was_changed(session)
        assert not access.was_changed(session)
        assert await access.members(session, telegram_ids=[clinicians.person.telegram_id]) == {}


async def test_changes_of_access_are_in_the_trail(database: Database, clinicians: Clinicians) -> None:
    """
    Who, whom, where, old and new.
    """
    async with writing(database) as session:
        admin = await person(session, 201, (ADMINISTRATOR, None))
        by, whom = Actor(admin.id, ADMINISTRATOR), clinicians.person.id
        await people.grant(session, person_id=whom, role=MONITOR, site_id=None, by=by, now=NOW)
        held = await membership_of(session, clinicians.person, MONITOR)
        await people.remove_role(session, membership_id=held, by=by, now=NOW)
        await people.deactivate(session, person_id=whom, by=by, now=NOW)
        await people.reactivate(session, person_id=whom, by=PROGRAM, now=NOW)
    async with database.transaction() as session:
        told = [(one.action, one.actor, one.entity, one.old, one.new) for one in (await entries(session))[1:]]
        notices = (await session.exec(select(Notice.key).order_by(col(Notice.id)))).all()
    entity = f"person {whom}"
    assert told == [
        ("membership.add", admin.id, entity, "coordinator 01", "coordinator 01, monitor all"),
        ("membership.remove", admin.id, entity, "coordinator 01, monitor all", "coordinator 01"),
        ("person.deactivate", admin.id, entity, "true", "false"),
        ("person.reactivate", None, entity, "false", "true"),
    ]
    assert notices == ["notice.role_added", "notice.role_removed", "notice.deactivated", "notice.reactivated"]


async def test_rights_that_are_gone_by_the_time_are_not_used(database: Database, clinicians: Clinicians) -> None:
    """
    Whoever has lost them, or is shut out, or never had them, changes nothing.
    """
    async with writing(database) as session:
        never = clinicians.person
        gone = await person(session, 201, (ADMINISTRATOR, None), is_active=False)
        elsewhere = await person(session, 202, (ADMINISTRATOR, clinicians.there.id))
        whom = await person(session, 203, (MONITOR, clinicians.here.id))
        held = await membership_of(session, whom, MONITOR)
        for who in (never, gone, elsewhere):
            by = Actor(who.id, ADMINISTRATOR)
            with pytest.raises(OutOfReachError):
                await people.grant(session, person_id=whom.id, role=MONITOR, site_id=None, by=by, now=NOW)
            with pytest.raises(OutOfReachError):
                await people.remove_role(session, membership_id=held, by=by, now=NOW)
            with pytest.raises(OutOfReachError):
                await people.deactivate(session, person_id=whom.id, by=by, now=NOW)
            with pytest.raises(OutOfReachError):
                await people.reactivate(session, person_id=whom.id, by=by, now=NOW)
            with pytest.raises(OutOfReachError):
                await people.reset_authenticator(session, person_id=whom.id, by=by, now=NOW)
            with pytest.raises(OutOfReachError):
                await invitations.create(session, role=MONITOR, site_id=clinicians.here.id, by=by, now=NOW)
        assert len(await entries(session)) == 1


async def test_wrong_codes_are_forgotten_after_a_week(database: Database) -> None:
    """
    Long after they could matter.
    """
    async with writing(database) as session:
        for days in (0, 6.9, 7.1, 30):
            session.add(WrongCode(telegram_id=5, at=NOW - timedelta(days=days)))
        await session.flush()
        await wrong_codes.forget(session, now=NOW)
        assert len((await session.exec(select(WrongCode))).all()) == 2


async def test_wrong_codes_of_others_shut_nobody_out(database: Database) -> None:
    """
    Each Telegram id has its own count; large ones too.
    """
    async with writing(database) as session:
        for at in range(4):
            for telegram_id in (5, 2**52):
                await wrong_codes.add(session, telegram_id=telegram_id, now=NOW + timedelta(minutes=at))
        late = NOW + timedelta(minutes=5)
        assert not await wrong_codes.is_blocked(session, telegram_id=5, now=late)
        await wrong_codes.add(session, telegram_id=2**52, now=late)
        assert await wrong_codes.is_blocked(session, telegram_id=2**52, now=late)
        assert not await wrong_codes.is_blocked(session, telegram_id=5, now=late)
