"""
The program is killed while it sends reminders and started again: everyone is told, and each kill repeats one at most.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.emulator.api import LocalBotApi
from bot.keys import audit_key
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from db.base.engine import Database
from db.base.tables import Membership, Person, PersonRole, Site
from db.cases import answers, cases, records
from db.trail import audit
from db.trail.audit import Actor
from tests.crash.program import TOKEN, Program
from tests.service.bot_api_server import BotApiServer, Parameters
from tests.thorough import thorough

PEOPLE = range(2000, 2020)
EVERY = 4


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    """
    Telegram, as far as the program can tell.
    """
    async with BotApiServer(LocalBotApi(first_id=1000), token=TOKEN) as started:
        yield started


@pytest.fixture
async def program(server: BotApiServer, tmp_path: Path) -> AsyncIterator[Program]:
    """
    The program, stopped, with a case for each of many coordinators in which an answer is awaited for too long.
    """
    made = Program(tmp_path, server.url)
    await made.start()
    await made.kill()
    assert (await made.run("sites", "set", "1", "--quiet", "00:00-00:00", "--weekdays", "1234567")).status == 0
    database = Database(f"sqlite:///{tmp_path / 'screening.db'}")
    now = datetime.now(UTC) - timedelta(days=10)
    async with database.transaction() as session:
        audit.use_key(session, audit_key(tmp_path / "audit.key", may_create=False))
        site = (await session.exec(select(Site))).one()
        for telegram_id in PEOPLE:
            person = Person(telegram_id=telegram_id, name=str(telegram_id), language="en", accepted_at=now)
            session.add(person)
            await session.flush()
            session.add(Membership(person_id=person.id, role=PersonRole.COORDINATOR, site_id=site.id))
            case = await cases.open_new(
                session, kind=Kind.DONOR, site=site, protocol=LATEST, by=Actor(person.id), now=now
            )
            record = await records.load(session, case=case, now=now)
            await answers.add(session, record=record, item="age", raw=None, by=Actor(person.id), now=now)
    await database.close()
    yield made
    if made.process.returncode is None:
        await made.kill()


def unsent(program: Program) -> int:
    """
    How many people are not told, or told and that is not noted.
    """
    database = sqlite3.connect(program.folder / "screening.db", timeout=10)
    try:
        (told,) = database.execute("SELECT count(DISTINCT person_id) FROM notices WHERE sent_at IS NOT NULL").fetchone()
    finally:
        database.close()
    return len(PEOPLE) - int(told)


@thorough("long runs of kills")
async def test_killed_between_sending_and_noting_it_repeats_that_one(program: Program, server: BotApiServer) -> None:
    """
    Every few messages, at the moment when one has gone out: nobody is left out.
    """
    kills = sendings = 0

    async def kill_now_and_then(method: str, _: Parameters) -> None:
        nonlocal kills, sendings
        if method == "sendMessage":
            sendings += 1
            if sendings % EVERY == 0:
                kills += 1
                program.process.kill()

    server.fault = kill_now_and_then  # type: ignore[assignment]
    end = time.monotonic() + 60
    await program.start()
    while unsent(program):
        assert time.monotonic() < end, program.errors
        await asyncio.sleep(0.05)
        if program.process.returncode is not None:
            await program.process.communicate()
            await program.start()
    told = {one: [message.text for message in server.api.chat(one)] for one in PEOPLE}
    assert all("still awaited: Age" in texts[0] for texts in told.values())
    assert sum(len(texts) - 1 for texts in told.values()) == kills
    assert kills == sendings // EVERY > 0
    assert all(set(texts) == {texts[0]} for texts in told.values())
    assert await program.stop() == 0
