"""
The audit trail tells of every writing, in the same transaction, and shows every change made to itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta, timezone
from itertools import pairwise

import pytest
from sqlalchemy import text, update
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base.engine import Database
from db.base.tables import (
    Answer,
    AuditEntry,
    AuditHead,
    Case,
    Invitation,
    Person,
    Site,
    Stage,
)
from db.cases import answers, cases, records
from db.people import invitations, joining
from db.trail import audit
from db.trail.audit import PROGRAM, AuditBrokenError
from tests.databases import on_postgres
from tests.db.rows import (
    KEY,
    NOW,
    Clinicians,
    CutShortError,
    allow_changes,
    answer,
    cut_short,
    entries,
    open_case,
    writing,
)

CHANGED: dict[str, object] = {
    "at": NOW + timedelta(microseconds=1),
    "actor": 99,
    "role": "monitor",
    "site": 2,
    "action": "case.open",
    "entity": "01-R-002",
    "field": "dlco",
    "old": None,
    "new": "45.0",
    "reason": "",
    "more": None,
    "seal": "0" * 64,
    "redaction": f"5:{'0' * 64}",
}


async def _write(database: Database, number: int = 5) -> None:
    """
    Entries that say something in every field.
    """
    async with writing(database) as session:
        for index in range(number):
            await audit.record(
                session,
                at=NOW,
                by=audit.Actor(1, "coordinator"),
                action="answer",
                entity="01-R-001",
                site=1,
                field="age",
                old=str(44 + index),
                new="45",
                reason="typo",
                more='{"batch": 1}',
            )


async def _first_bad(session: AsyncSession, key: bytes = KEY) -> int | None:
    """
    The entry that verifying names; None where all is well.
    """
    await session.flush()
    session.expire_all()
    try:
        await audit.verify(session, key=key)
    except AuditBrokenError as error:
        return error.sequence if str(error).startswith(f"entry {error.sequence}: ") else -1
    return None


async def _after(database: Database, *changes: Callable[[AsyncSession], Awaitable[object]]) -> int | None:
    """
    The first bad entry after some changes, which are taken back.
    """
    async with database.engine.connect() as connection, AsyncSession(connection) as session:
        await allow_changes(session)
        for change in changes:
            await change(session)
        found = await _first_bad(session)
        await session.rollback()
    return found


def _set(sequence: int, /, **values: object) -> Callable[[AsyncSession], Awaitable[object]]:
    return lambda session: session.exec(update(AuditEntry).where(col(AuditEntry.sequence) == sequence).values(**values))


def _cut(sequence: int) -> Callable[[AsyncSession], Awaitable[object]]:
    return lambda session: session.exec(delete(AuditEntry).where(col(AuditEntry.sequence) == sequence))


def _head(**values: object) -> Callable[[AsyncSession], Awaitable[object]]:
    return lambda session: session.exec(update(AuditHead).values(**values))


async def test_an_untouched_trail_verifies(database: Database) -> None:
    """
    Verifying says how many entries there are, none to begin with.
    """
    async with database.transaction() as session:
        assert await audit.verify(session, key=KEY) == 0
    await _write(database)
    async with database.transaction() as session:
        assert await audit.verify(session, key=KEY) == 5


async def test_a_change_in_any_field_shows(database: Database) -> None:
    """
    Whatever is changed in an entry, by however little, that entry is named.
    """
    await _write(database)
    assert set(CHANGED) == set(AuditEntry.model_fields) - {"sequence"}
    found = {name: await _after(database, _set(3, **{name: value})) for name, value in CHANGED.items()}
    assert found == dict.fromkeys(CHANGED, 3)
    assert await _after(database) is None


async def test_a_change_shows_at_either_end(database: Database) -> None:
    """
    Neither the first entry nor the last can be changed unseen.
    """
    await _write(database)
    assert await _after(database, _set(1, new="46")) == 1
    assert await _after(database, _set(5, new="46")) == 5
    assert await _after(database, _set(4, new="46"), _set(2, new="46")) == 2


async def test_a_word_does_not_move_from_one_field_to_the_next(database: Database) -> None:
    """
    The seal tells fields apart, and nothing from an empty text.
    """
    await _write(database)
    assert await _after(database, _set(3, old="45", new="46")) == 3
    assert await _after(database, _set(3, field="age,", old="46")) == 3
    assert await _after(database, _set(3, new=None)) == 3


async def test_a_missing_entry_shows(database: Database) -> None:
    """
    The place from which an entry was taken is named, be it the first, one between or the last.
    """
    await _write(database)
    assert [await _after(database, _cut(number)) for number in range(1, 6)] == [1, 2, 3, 4, 5]


async def test_closing_the_gap_does_not_help(database: Database) -> None:
    """
    An entry moved into the place of a missing one does not fit there.
    """
    await _write(database)
    assert await _after(database, _cut(3), _set(4, sequence=3), _set(5, sequence=4), _head(sequence=4)) == 3


async def test_two_entries_in_each_others_place_show(database: Database) -> None:
    """
    The order is part of what is sealed.
    """
    await _write(database)
    assert await _after(database, _set(2, sequence=99), _set(3, sequence=2), _set(99, sequence=3)) == 2


async def test_a_shortened_trail_shows(database: Database) -> None:
    """
    Entries cut off the end are missed.
    """
    await _write(database)
    assert await _after(database, _cut(5), _cut(4)) == 4
    assert await _after(database, *map(_cut, range(1, 6))) == 1


async def test_an_entry_added_without_the_key_shows(database: Database) -> None:
    """
    Whoever can write to the table but has no key cannot go on with the trail, even with the head in hand.
    """
    await _write(database)

    async def forge(session: AsyncSession) -> None:
        audit.use_key(session, b"x" * 32)
        await audit.record(session, at=NOW, by=PROGRAM, action="case.stage", entity="01-R-001")

    async def copy(session: AsyncSession) -> None:
        last = (await entries(session))[-1]
        session.add(AuditEntry(**{**last.model_dump(), "sequence": 6}))

    assert await _after(database, forge) == 6
    assert await _after(database, copy) == 6
    assert await _after(database, copy, _head(sequence=6)) == 6


async def test_a_head_that_was_changed_shows(database: Database) -> None:
    """
    The trail must end where its head says.
    """
    await _write(database)
    assert await _after(database, _head(sequence=6)) == 6
    assert await _after(database, _head(sequence=3)) == 4
    assert await _after(database, _head(seal="0" * 64)) == 5


async def test_another_key_does_not_verify(database: Database) -> None:
    """
    With the key of another trail already the first entry is wrong.
    """
    await _write(database)
    async with database.transaction() as session:
        assert await _first_bad(session, bytes(32)) == 1
        assert await _first_bad(session) is None


async def test_a_long_trail_verifies_in_steps(database: Database) -> None:
    """
    A trail of more entries than are read at once is checked to its end.
    """
    await _write(database, 2001)
    assert await _after(database) is None
    assert await _after(database, _set(1001, new="46")) == 1001
    assert await _after(database, _set(2001, new="46")) == 2001


async def test_an_entry_keeps_its_time_whatever_zone_it_came_in(database: Database) -> None:
    """
    A time told in the site's zone is the same moment, and verifies.
    """
    async with writing(database) as session:
        there = NOW.astimezone(timezone(timedelta(hours=2)))
        await audit.record(session, at=there, by=PROGRAM, action="site.open", entity="site 01")
    async with database.transaction() as session:
        assert [entry.at for entry in await entries(session)] == [NOW]
        assert await _first_bad(session) is None


async def test_words_of_any_script_are_sealed(database: Database) -> None:
    """
    Reasons in any language come back as they were written.
    """
    reasons = ["é", "e\u0301", "№ 5 “x” \\ \n\t", "血圧 🩺", ""]
    async with writing(database) as session:
        for reason in reasons:
            await audit.record(session, at=NOW, by=PROGRAM, action="answer", entity="01-R-001", reason=reason)
    async with database.transaction() as session:
        assert [entry.reason for entry in await entries(session)] == reasons
        assert await _first_bad(session) is None


# What is told ---------------------------------------------------------------------------------------------------------


async def _first_site(session: AsyncSession, _: Clinicians) -> None:
    await session.exec(delete(Person))
    await session.exec(delete(Site))
    await joining.setup_code(session, site_name="Site 01", time_zone="Europe/Paris", now=NOW)


async def _join(session: AsyncSession, who: Clinicians) -> None:
    session.add(Invitation(code_hash=invitations._hash("code"), roles="monitor", site_id=who.here.id))  # noqa: SLF001  no function makes one yet
    await session.flush()
    assert await joining.redeem(session, code="code", telegram_id=5, name="Bo", language="en", now=NOW)


async def _open(session: AsyncSession, who: Clinicians) -> None:
    await open_case(session, who)


async def _move(session: AsyncSession, who: Clinicians) -> None:
    case = (await session.exec(select(Case))).one()
    await cases.move(session, case=case, to=Stage.FINISHED, by=who.actor, now=NOW, reason="mistake")


async def _answer(session: AsyncSession, who: Clinicians) -> None:
    case = (await session.exec(select(Case))).one()
    await answer(await records.load(session, case=case, now=NOW), session, who, "age", 44)


WRITING = {"person.join": _join, "case.open": _open, "case.stage": _move, "answer": _answer}


async def _told(database: Database, action: str) -> int:
    async with database.transaction() as session:
        query = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
        return (await session.exec(query)).one()


async def _facts(database: Database) -> list[object]:
    async with database.transaction() as session:
        found: list[object] = []
        for table, order in ((Person, "id"), (Case, "id"), (Answer, "case_id"), (AuditEntry, "sequence")):
            found += [row.model_dump() for row in await session.exec(select(table).order_by(text(order)))]
        return found


@pytest.mark.parametrize("action", WRITING)
async def test_every_writing_is_told(database: Database, clinicians: Clinicians, action: str) -> None:
    """
    It adds one entry, and if it is taken back the entry is too.
    """
    if action in {"case.stage", "answer"}:
        async with writing(database) as session:
            await open_case(session, clinicians)
    told, facts = await _told(database, action), await _facts(database)
    with pytest.raises(CutShortError):
        await cut_short(database, lambda session: WRITING[action](session, clinicians))
    assert await _facts(database) == facts
    async with writing(database) as session:
        await WRITING[action](session, clinicians)
    assert await _told(database, action) == told + 1
    assert await _facts(database) != facts
    async with database.transaction() as session:
        assert await _first_bad(session) is None


async def test_the_first_site_is_told(database: Database) -> None:
    """
    The very first entry says that the program opened the site.
    """
    async with writing(database) as session:
        await joining.setup_code(session, site_name="Site 01", time_zone="Europe/Paris", now=NOW)
    async with database.transaction() as session:
        (entry,) = await entries(session)
    assert (entry.sequence, entry.actor, entry.action, entry.entity) == (1, None, "site.open", "site 01")


async def test_an_answer_is_told_in_full(database: Database, clinicians: Clinicians) -> None:
    """
    Who, in which role, where, about what, what it was before and what it is now.
    """
    async with writing(database) as session:
        record = await records.load(session, case=await open_case(session, clinicians), now=NOW)
        record = await answer(record, session, clinicians, "age", 44)
        await answers.add(
            session,
            record=record,
            item="age",
            raw=None,
            by=clinicians.actor,
            now=NOW,
            reason="typo",
        )
    async with database.transaction() as session:
        first, second = [entry.model_dump() for entry in (await entries(session))[-2:]]
    common = {
        "at": NOW,
        "actor": clinicians.person.id,
        "role": "coordinator",
        "site": clinicians.here.id,
        "action": "answer",
        "entity": "01-R-001",
        "field": "age",
    }
    assert common.items() <= first.items()
    assert common.items() <= second.items()
    assert [(entry["old"], entry["new"], entry["reason"]) for entry in (first, second)] == [
        (None, "44", None),
        ("44", None, "typo"),
    ]


async def test_nothing_is_written_without_a_key(database: Database, clinicians: Clinicians) -> None:
    """
    A program that has no key cannot write facts past the trail.
    """
    before = await _facts(database)
    with pytest.raises(KeyError):
        async with database.transaction() as session:
            await open_case(session, clinicians)
    assert await _facts(database) == before


# One chain ------------------------------------------------------------------------------------------------------------


async def _work(database: Database, name: str, *, fails: bool) -> None:
    async def tell(session: AsyncSession) -> None:
        for index in range(3):
            await audit.record(session, at=NOW, by=PROGRAM, action="answer", entity=f"{name}-{index}")
            await session.flush()
            await asyncio.sleep(0)

    if fails:
        with suppress(CutShortError):
            await cut_short(database, tell)
        return
    async with writing(database) as session:
        await tell(session)


@pytest.mark.usefixtures("clinicians")
async def test_the_chain_never_forks(url: str, database: Database) -> None:
    """
    Forty transactions of two programs at once, some of which fail, leave one chain: whole transactions, one after the
    other.
    """
    other = Database(url)
    await asyncio.gather(
        *(_work(database if index % 2 else other, str(index), fails=index % 5 == 0) for index in range(40))
    )
    await other.close()
    async with database.transaction() as session:
        trail = (await entries(session))[1:]
        assert await _first_bad(session) is None
    assert [entry.sequence for entry in trail] == list(range(2, 2 + 32 * 3))
    transactions = [entry.entity.partition("-") for entry in trail]
    assert all(after[0] == before[0] for before, after in pairwise(transactions) if after[2] != "0")
    assert {name for name, _, _ in transactions} == {str(index) for index in range(40) if index % 5}


async def test_the_chain_does_not_fork_at_its_start(database: Database) -> None:
    """
    Programs that start at once on an empty trail agree on the first entry.
    """
    ended = await asyncio.gather(
        *(_work(database, str(index), fails=False) for index in range(5)), return_exceptions=True
    )
    assert ended == [None] * 5
    async with database.transaction() as session:
        assert await _first_bad(session) is None


@on_postgres("SQLite has one writer at a time")
async def test_a_case_is_opened_while_another_transaction_goes_on_with_the_trail(
    url: str, database: Database, clinicians: Clinicians
) -> None:
    """
    A transaction that has told something already may open a case while another program opens one: neither is refused.
    """
    other = Database(url)
    told, opened = asyncio.Event(), asyncio.Event()

    async def tells_first() -> None:
        async with writing(database) as session:
            await audit.record(session, at=NOW, by=PROGRAM, action="answer", entity="01-R-001")
            await session.flush()
            told.set()
            await opened.wait()
            await open_case(session, clinicians)

    async def opens_first() -> None:
        await told.wait()
        async with writing(other) as session:
            opened.set()
            await open_case(session, clinicians)

    ended = await asyncio.gather(tells_first(), opens_first(), return_exceptions=True)
    await other.close()
    assert [str(end) for end in ended] == ["None", "None"]
