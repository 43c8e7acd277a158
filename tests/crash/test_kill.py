"""
The program is killed at any moment and started again, and nothing is lost, doubled or misfiled.

CRASH_KILLS says how often it is killed in each mode on each database, CRASH_SEED repeats a run.
"""

import asyncio
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from bot.emulator.api import LocalBotApi
from bot.taps import Pick
from tests.crash.kills import Ordeal, Plan
from tests.crash.person import USER, Person
from tests.crash.program import TOKEN, Program
from tests.databases import on_postgres
from tests.service.bot_api_server import BotApiServer, too_many
from tests.thorough import thorough

KILLS = int(os.environ.get("CRASH_KILLS", "5"))
_LONG = thorough("long runs of kills")


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
    The program, not yet started; killed at the end if it still runs.
    """
    made = Program(tmp_path, server.url)
    yield made
    if made._process is not None and made.process.returncode is None:  # noqa: SLF001  nothing may outlive a test
        await made.kill()


async def all_is_quiet(program: Program, server: BotApiServer) -> None:
    """
    Wait until every update is confirmed, worked and shown.
    """
    end = time.monotonic() + 20
    while server.api.waiting or await program.unfinished():
        assert time.monotonic() < end, (
            f"not quiet: {server.api.waiting}, {await program.unfinished()}, {program.errors}"
        )
        await asyncio.sleep(0.02)


async def assert_shown(program: Program, person: Person) -> None:
    """
    The chat shows what follows from the stored answers.
    """
    focus = await program.focus()
    person.look_again()
    assert focus is None or person.sees(focus), f"{focus} but the card says {person.card}"


@pytest.mark.parametrize("mode", ["polling", pytest.param("webhook", marks=_LONG)])
async def test_no_kill_loses_doubles_or_misfiles_an_answer(url: str, mode: str, tmp_path: Path) -> None:
    """
    Each answer is stored once, in its place, each restart shows the chat where it stands, and nothing was ever shown
    that is not stored; while the network and the database fail, and updates come again.
    """
    seed = int(os.environ.get("CRASH_SEED") or secrets.randbelow(10**6))
    tally = await Ordeal(Plan(url, mode, kills=KILLS, seed=seed), tmp_path).run()
    assert tally.kills == KILLS
    assert tally.answers


@_LONG
@on_postgres("SQLite is for one process")
async def test_no_kill_of_one_of_three_loses_doubles_or_misfiles_an_answer(url: str, tmp_path: Path) -> None:
    """
    Three programs on one database, to which Telegram's updates go in turn: one at a time is killed, or stopped with
    whatever it holds, and what it had under way is taken up by another.
    """
    seed = int(os.environ.get("CRASH_SEED") or secrets.randbelow(10**6))
    tally = await Ordeal(Plan(url, "webhook", kills=KILLS, seed=seed, replicas=3), tmp_path).run()
    assert tally.kills == KILLS
    assert tally.stops
    assert tally.answers
    assert not tally.violations


async def test_an_update_delivered_again_changes_nothing(program: Program, server: BotApiServer) -> None:
    """
    The same update twice, before and after a restart, is one answer.
    """
    person = Person(server.api, Random(1))  # noqa: S311  a schedule, no secret
    await program.start()
    await person.join(program.setup_code)
    server.api.send(USER, "/new recipient")
    (opening,) = server.api.waiting
    await all_is_quiet(program, server)
    server.api.send(USER, "45")
    (typing,) = server.api.waiting
    await all_is_quiet(program, server)
    question, card = person.question, person.card
    assert question is not None
    for _ in range(2):
        server.api.put(typing)
        server.api.put(opening)
        await all_is_quiet(program, server)
        assert [(one.item, one.value) for one in await program.answers()] == [("age", 45)]
        assert await program.count_of_cases() == 1
        assert person.question == question
        assert await program.stop() == 0
        await program.start()
    assert card is not None
    assert person.card is not None
    assert person.card.id == card.id


async def test_an_old_update_that_comes_late_changes_nothing(program: Program, server: BotApiServer) -> None:
    """
    A press that arrives after a later one, for the question before, is stale.
    """
    person = Person(server.api, Random(1))  # noqa: S311  a schedule, no secret
    await program.start()
    await person.join(program.setup_code)
    server.api.send(USER, "/new recipient")
    await all_is_quiet(program, server)
    server.api.send(USER, "45")
    await all_is_quiet(program, server)
    question, card = person.question, person.card
    assert question is not None
    assert card is not None
    at = (question.case, question.revision, question.item)
    first, second = (Pick(*at, choice).data for choice in ("yes", "no"))
    server.api.press(USER, card.id, first)
    (early,) = server.api.waiting
    late = {"update_id": early["update_id"] + 10, "callback_query": early["callback_query"] | {"data": second}}
    await all_is_quiet(program, server)
    server.api.put(late)
    server.api.put(late | {"update_id": early["update_id"] + 5})
    await all_is_quiet(program, server)
    assert [(one.item, one.value) for one in await program.answers()] == [("age", 45), (question.item, True)]
    assert await program.stop() == 0


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("deleteWebhook", {}),
        (
            "setWebhook",
            {"BOT_MODE": "webhook", "WEBHOOK_URL": "http://127.0.0.1", "WEBHOOK_SECRET": "s" * 32, "WEBHOOK_PORT": "0"},
        ),
    ],
)
async def test_a_start_that_telegram_hampers_goes_on(
    server: BotApiServer, tmp_path: Path, method: str, settings: dict[str, str | None]
) -> None:
    """
    Where and how updates come is told to Telegram again until it has heard.
    """
    tries = 0

    async def fail_twice(called: str, _: object) -> tuple[int, dict[str, object]] | None:
        nonlocal tries
        if called != method:
            return None
        tries += 1
        return [(500, {"ok": False, "description": "no"}), (429, too_many(1)), None][min(tries, 3) - 1]

    server.fault = fail_twice
    program = Program(tmp_path, server.url, settings)
    await program.start()
    async with asyncio.timeout(20):
        while tries < 3:  # noqa: ASYNC110  the program calls
            await asyncio.sleep(0.01)
    assert await program.stop() == 0


@pytest.mark.parametrize(
    ("number", "stops"),
    [
        (signal.SIGTERM, 1),
        (signal.SIGINT, 1),
        pytest.param(signal.SIGTERM, 6, marks=_LONG),
        pytest.param(signal.SIGINT, 6, marks=_LONG),
    ],
)
async def test_a_signal_ends_it_and_a_second_start_goes_on(
    program: Program, server: BotApiServer, number: signal.Signals, stops: int
) -> None:
    """
    Ctrl-C and SIGTERM end the program within seconds and with status 0, also while somebody is busy.
    """
    random = Random(1)  # noqa: S311  a schedule, no secret
    person = Person(server.api, random)
    await program.start()
    await person.join(program.setup_code)
    for _ in range(stops):
        screening = asyncio.create_task(person.screen())
        await asyncio.sleep(0.1 + random.random() / 2)
        assert await program.stop(number) == 0
        await program.start()
        await person.hands.acquire()
        await all_is_quiet(program, server)
        await assert_shown(program, person)
        screening.cancel()
        with suppress(asyncio.CancelledError):
            await screening
        person.hands.release()
    assert "Traceback" not in program.errors
    assert program.errors.count("Stopped.") == stops


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", None),
        ("BOT_TOKEN", "MY-SECRET-123"),
        ("BOT_API_URL", "MY-SECRET-123"),
        ("DATABASE_URL", "mysql://me:MY-SECRET-123@host/name"),
        ("DATABASE_URL", "MY-SECRET-123"),
        ("SITE_TIME_ZONE", "MY-SECRET-123"),
        ("LOG_LEVEL", "MY-SECRET-123"),
    ],
)
async def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str | None) -> None:
    """
    The program ends with status 2 and a line that names the setting and does not show it.
    """
    ended = await Program(tmp_path, "http://127.0.0.1:9", {name: value}).run("run")
    assert (ended.status, ended.output) == (2, "")
    assert name in ended.errors
    assert "MY-SECRET-123" not in ended.errors
    assert "Traceback" not in ended.errors


async def test_a_token_that_telegram_refuses(server: BotApiServer, tmp_path: Path) -> None:
    """
    A well-formed token of no bot ends the program with a sentence.
    """
    ended = await Program(tmp_path, server.url, {"BOT_TOKEN": "987654321:" + "x" * 35}).run("run")
    assert ended.status == 2
    assert "Telegram refuses BOT_TOKEN" in ended.errors
    assert "x" * 35 not in ended.errors
    assert "Traceback" not in ended.errors


async def test_a_second_poller_with_the_same_token(server: BotApiServer, tmp_path: Path) -> None:
    """
    Telegram's 409 ends the program with a sentence.
    """

    async def conflict(method: str, _: object) -> tuple[int, dict[str, object]] | None:
        return (409, {"ok": False, "error_code": 409, "description": "Conflict"}) if method == "getUpdates" else None

    server.fault = conflict
    ended = await Program(tmp_path, server.url).run("run")
    assert ended.status == 2
    assert "another program polls with the same BOT_TOKEN" in ended.errors
    assert "Traceback" not in ended.errors
