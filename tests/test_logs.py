"""
The log tells what failed and where, in one form, and holds no secret and no value: whatever a person types, Telegram
answers, the database refuses or the program dies of.
"""

import asyncio
import io
import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot import logs
from bot.application import running
from bot.emulator.api import LocalBotApi
from bot.service import webhook
from bot.settings import Settings
from bot.wire.http import HttpRequest
from db.base.tables import PersonRole
from tests.chat.conversation import skip
from tests.chat.staff import invite
from tests.chat.test_decisions import (
    INVESTIGATOR,
    NOW,
    code,
    enrol,
    secret_of,
    staff,
)
from tests.conftest import COORDINATOR, Chatter, Clinic, settings_in
from tests.crash.program import TOKEN, Program
from tests.service.bot_api_server import Answer, BotApiServer, Parameters
from tests.service.test_webhook import free_port
from tests.wire.test_http import raw_server

ROOT = Path(__file__).parents[1]
WEBHOOK_SECRET = "canary-webhook-" + "s" * 32
KEY = "c0ffee" * 10 + "dead"
PASSWORD = "canary-p@ss/word"
QUOTED = "canary-p%40ss%2Fword"
NUMBER, CHOICE, REASON, TEXT = "58.4213", "resistant", "zebracrossing", "Marie Canary"
SECRETS = [TOKEN, WEBHOOK_SECRET, KEY, PASSWORD, QUOTED]
VALUES = [NUMBER, CHOICE, REASON, TEXT]


def found(canaries: list[str], text: str) -> list[str]:
    """
    Which of these a text holds.
    """
    return [canary for canary in canaries if canary in text]


# In the process, with every logger of every library open


@dataclass
class Trouble:
    """
    A Telegram that answers the next calls that show something as it likes.
    """

    next: list[Callable[[], Answer | None]] = field(default_factory=list)

    async def __call__(self, method: str, _parameters: Parameters) -> Answer | None:
        """
        As BotApiServer asks.
        """
        if method not in {"sendMessage", "editMessageText"} or not self.next:
            return None
        answer = self.next.pop(0)()
        if answer is None:
            await asyncio.sleep(1)
        return answer


def dropped() -> Answer:
    """
    The connection is dropped.
    """
    raise ConnectionResetError


def refused(status: int) -> Callable[[], Answer]:
    """
    Telegram refuses, and quotes what it was sent.
    """
    body = {"ok": False, "error_code": status, "description": f"cannot take <b>{TEXT}</b> of /bot{TOKEN}/"}
    return lambda: (status, body)


TROUBLES: list[Callable[[], Answer | None]] = [
    dropped,
    lambda: None,  # later than the bot waits
    lambda: (500, f"<html>Cannot POST /bot{TOKEN}/sendMessage {TEXT}</html>"),
    refused(500),
    refused(400),
    lambda: (200, f'{{"ok": true, "result": {{"text": "{TEXT} of /bot{TOKEN}/"'),
    refused(401),
]


@dataclass
class HttpClinic(Clinic):
    """
    The application with real HTTP between it and the Bot API.
    """

    trouble: Trouble = field(default_factory=Trouble)

    async def start(self) -> None:
        """
        Start the application.
        """
        server = await self._stack.enter_async_context(BotApiServer(self.api, token=TOKEN, fault=self.trouble))
        self._application = await self._stack.enter_async_context(
            running(
                self.settings,
                token=TOKEN,
                api_url=server.url,
                request=HttpRequest(read_timeout=0.5),
                polling=HttpRequest(),
                clock=lambda: self.now or NOW,
            )
        )
        self.setup_code = self._application.setup_code


@pytest.fixture
def secret_settings(tmp_path: Path) -> Settings:
    """
    Settings that hold every kind of secret.
    """
    return settings_in(tmp_path, bot_token=TOKEN, webhook_secret=WEBHOOK_SECRET, encryption_keys=f"k1 {KEY}")


@pytest.fixture
async def clinic(secret_settings: Settings) -> AsyncIterator[HttpClinic]:
    """
    A bot that has just been started for the first time.
    """
    started = HttpClinic(secret_settings, now=NOW)
    await started.start()
    yield started
    await started.stop()


@dataclass
class Kept:
    """
    What the log holds of everything that any logger tells at any level: as the program writes it, and as it would be
    `bare`, written by the standard library's own formatter.
    """

    written: io.StringIO
    bare: pytest.LogCaptureFixture

    @property
    def events(self) -> list[dict[str, Any]]:
        """
        Each line, read.
        """
        return [json.loads(line) for line in self.written.getvalue().splitlines()]

    @property
    def text(self) -> str:
        """
        All of it, but the times: six digits of a time may be those of a code.
        """
        return "\n".join(json.dumps({**event, "timestamp": ""}, ensure_ascii=False) for event in self.events)


@pytest.fixture
def kept(secret_settings: Settings, caplog: pytest.LogCaptureFixture) -> Iterator[Kept]:
    """
    The log, with every logger open.
    """
    caplog.set_level(logging.DEBUG)
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logs.formatter(secret_settings.secrets, is_read=False))
    logging.getLogger().addHandler(handler)
    yield Kept(handler.stream, caplog)
    logging.getLogger().removeHandler(handler)


def refuse_answers(folder: Path) -> None:
    """
    Let the database refuse every further answer, and say why.
    """
    with closing(sqlite3.connect(folder / "screening.db", timeout=10)) as database, database:
        database.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON answers BEGIN "
            f"SELECT RAISE(ABORT, 'no {NUMBER} nor {TEXT} in postgresql://bot:{QUOTED}@host/name'); END"
        )


async def test_nothing_that_was_typed_shown_or_secret_is_logged(kept: Kept, clinic: HttpClinic, tmp_path: Path) -> None:
    """
    A day in which everything goes wrong, with the debugging of every library on: the log has what failed and no more.
    Without the program's care the same records hold the token and the values, so they would be found.
    """
    coordinator = await clinic.coordinator()
    invited = await invite(coordinator)
    await clinic.person(666).say(f"/start {invited[::-1]}")
    await clinic.person(666).say(TEXT)
    investigator = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    await enrol(clinic, investigator)
    secrets = [clinic.setup_code or "", invited, invited[::-1], await secret_of(clinic, INVESTIGATOR)]
    await skip(clinic, coordinator, "donor")
    await investigator.say("/sign 01-D-001")
    pin = await code(clinic, INVESTIGATOR)
    await investigator.say(pin)
    await coordinator.say("/decide")
    await coordinator.press("Consent refused")
    await coordinator.press("Today")
    await coordinator.say(REASON)
    await skip(clinic, coordinator, "recipient", until="immunosuppression_status")
    await coordinator.press("Resistant")
    await skip(clinic, coordinator, "recipient", until="dlco")
    for trouble in TROUBLES:
        clinic.trouble.next = [trouble]
        await coordinator.say(TEXT)
        await coordinator.say(f"/whatif 01-R-002 dlco={NUMBER}")
    assert clinic.trouble.next == []
    await coordinator.say("/resume 01-R-002")
    clinic.api.put({"message": {"message_id": 1, "date": TEXT, "text": NUMBER, "chat": {"id": COORDINATOR}}})
    await coordinator.look()
    refuse_answers(tmp_path)
    await coordinator.say(NUMBER)
    reference = coordinator.card.html.partition("<code>")[2].partition("</code>")[0]

    canaries = [*SECRETS, *VALUES, *secrets, pin]
    assert found(canaries, kept.text) == []
    assert found(canaries, coordinator.card.html) == []
    (aside,) = [event for event in kept.events if event.get("reference") == reference]
    assert aside["event"] == "update set aside"
    assert (aside["level"], aside["logger"], aside["case"]) == ("error", "bot.engine.worker", 3)
    assert isinstance(aside["update"], int)
    assert any(re.search("^UnreadableUpdateError .*, from [A-Z]", event.get("error", "")) for event in kept.events)
    assert re.match(r"IntegrityError at bot\.engine\.worker:\d+ > .*, from IntegrityError", aside["error"])
    told = {event["event"] for event in kept.events if event["logger"].startswith("bot.")}
    assert {"Telegram is not reached", "chat not shown its reply", "update set aside"} <= told
    assert "telegram.Bot" in {event["logger"] for event in kept.events}
    typed = [*VALUES, invited, invited[::-1], secrets[-1], pin]
    assert found(typed, kept.bare.text) == typed


@pytest.mark.parametrize("is_read", [True, False], ids=["terminal", "JSON"])
def test_what_has_a_secret_s_form_or_is_one_is_hidden(secret_settings: Settings, *, is_read: bool) -> None:
    """
    In the event, in fields, in an address, in any letter case of a key; and only that.
    """
    secret_settings = secret_settings.model_copy(
        update={"database_url": SecretStr(f"postgresql://bot:{QUOTED}@db.example/screening")}
    )
    formatter = logs.formatter(secret_settings.secrets, is_read=is_read)
    other = "987654321:" + "Zz_-" * 9
    for secret in (*SECRETS, other, KEY.upper(), "a" * 64, f"someone:{QUOTED}", "user:short"):
        for text in (secret, f"POST https://{secret}@host/x", f"https://host/bot{secret}/getMe", f"'{secret}'"):
            if secret == "user:short" and "@" not in text:
                continue
            event = {"event": text, "field": text, "update": 5}
            record = logging.LogRecord("bot.x", logging.ERROR, "", 1, event, None, None)
            record._logger, record._name = None, "error"  # noqa: SLF001  as structlog hands it over
            line = formatter.format(record)
            assert secret not in line
            assert line.count("[hidden]") >= 2
            assert "5" in line
            plain = logging.LogRecord("library", logging.ERROR, "", 1, text, None, None)
            assert secret not in formatter.format(plain)


def test_an_object_is_named_by_its_kind(kept: Kept) -> None:
    """
    Whatever is logged by mistake: a row, a secret, bytes, a list, an exception with arguments.
    """
    log = logs.named("bot.test")
    try:
        int(NUMBER)
    except ValueError:
        log.exception("mistake", row=object(), key=KEY.encode(), values=[NUMBER], secret=SecretStr(TEXT), count=3)
    logging.getLogger("library").error(ValueError(NUMBER))
    logging.getLogger("library").error("of %s", TEXT, exc_info=ValueError(NUMBER))
    log.error("arguments %s", TEXT)
    own, raised, template, arguments = kept.events
    assert found([*VALUES, KEY], kept.text) == []
    assert re.fullmatch(r"ValueError at tests\.test_logs:\d+", own["error"])
    assert (own["row"], own["key"], own["values"], own["secret"], own["count"]) == (
        *("object", "bytes", "list", "SecretStr"),
        3,
    )
    assert raised["event"] == "ValueError"
    assert (template["event"], template["error"], template["level"]) == ("of %s", "ValueError", "error")
    assert arguments["event"] == "arguments %s"


def test_what_is_told_before_the_settings_are_read_does_not_end_what_they_say() -> None:
    """
    A library warns at once: the level and the secrets that come later count all the same, and no line comes twice.
    """
    program = f"""
from bot import logs
logs.warned(UserWarning, "library.py", 5)
logs.begin("ERROR", [{PASSWORD!r}])
logs.named("bot.test").warning("left out")
logs.named("bot.test").error("with", field={PASSWORD!r})
"""
    arguments = [sys.executable, "-c", program]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  as above
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert [event["event"] for event in events] == ["a library warns", "with"]
    assert PASSWORD not in done.stderr


# As a process of its own


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
    made = Program(tmp_path, server.url, {"LOG_LEVEL": "DEBUG"})
    yield made
    if made.process.returncode is None:
        await made.kill()


async def idle(program: Program, server: BotApiServer) -> None:
    """
    Wait until a program has worked everything.
    """
    async with asyncio.timeout(20):
        while server.api.waiting or {state for _, state in await program.unfinished()} & {"received", "done"}:  # noqa: ASYNC110  the other process has no event
            await asyncio.sleep(0.02)


async def apologised(person: Chatter, after: int = 0) -> None:
    """
    Wait until the chat shows an apology, in another message than this one.
    """
    async with asyncio.timeout(20):
        while "reference" not in person.card.text or person.card.id == after:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.02)


async def ended(program: Program) -> str:
    """
    All that a program printed and logged that ends by itself or is told to.
    """
    assert program.process.stdout is not None
    async with asyncio.timeout(20):
        output = await program.process.stdout.read()
        await program.process.wait()
    return output.decode() + program.errors


async def test_a_running_program_logs_json_lines_without_a_secret(
    program: Program, server: BotApiServer, tmp_path: Path
) -> None:
    """
    At DEBUG, through Telegram's faults, an unreadable update, a refusing database and at last a refused token.
    """
    program.settings = {**program.settings, "ENCRYPTION_KEYS": f"k1 {KEY}"}
    await program.start()
    person = Chatter(server.api, lambda: None, COORDINATOR)  # type: ignore[arg-type, return-value]

    async def say(text: str) -> None:
        server.api.send(COORDINATOR, text)
        await idle(program, server)

    await say(f"/start {program.setup_code}")
    trouble = Trouble()
    server.fault = trouble
    for one in (dropped, *TROUBLES[2:5]):
        trouble.next = [one]
        await say(TEXT)
    await say("/new recipient")
    server.api.put({"message": {"message_id": 1, "date": TEXT, "text": NUMBER, "chat": {"id": COORDINATOR}}})
    await apologised(person)
    asked = person.card.id
    refuse_answers(tmp_path)
    await say("45")
    await apologised(person, after=asked)

    async def refuse(_method: str, _parameters: Parameters) -> Answer:
        return refused(401)()

    server.fault = refuse
    server.api.send(COORDINATOR, TEXT)
    output = await ended(program)
    assert program.process.returncode == 2
    assert found([*SECRETS, *VALUES, program.setup_code], output) == []
    *events, last = program.errors.splitlines()
    assert last.startswith("Telegram refuses BOT_TOKEN")
    told = [json.loads(line) for line in events]
    assert all({"timestamp", "level", "logger", "event"} <= event.keys() for event in told)
    assert {"Telegram is not reached", "update set aside"} <= {event["event"] for event in told}
    assert {event["logger"].partition(".")[0] for event in told if event["level"] in {"debug", "info"}} <= {"bot"}


async def test_a_webhook_logs_neither_its_secret_nor_what_is_pushed(program: Program, server: BotApiServer) -> None:
    """
    Strangers, broken bodies, an unreadable update.
    """
    port = free_port()
    program.settings = {
        **program.settings,
        "BOT_MODE": "webhook",
        "WEBHOOK_URL": f"https://{PASSWORD.replace('/', '')}@bot.example",
        "WEBHOOK_SECRET": WEBHOOK_SECRET,
        "WEBHOOK_PORT": str(port),
    }
    await program.start()
    async with asyncio.timeout(20):
        while not server.api.webhook:  # noqa: ASYNC110  the other process has no event
            await asyncio.sleep(0.02)
    unreadable = {"message": {"message_id": 1, "date": TEXT, "text": NUMBER, "chat": {"id": COORDINATOR}}}
    async with aiohttp.ClientSession() as session:
        for secret, body in [
            ("canary-wrong-secret", TEXT),
            (WEBHOOK_SECRET, TEXT),
            (WEBHOOK_SECRET, json.dumps({"update_id": TEXT})),
            (WEBHOOK_SECRET, json.dumps({"update_id": 5, **unreadable})),
        ]:
            headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
            async with session.post(f"http://127.0.0.1:{port}{webhook.PATH}", data=body, headers=headers):
                pass
        await idle(program, server)
    program.process.terminate()
    output = await ended(program)
    assert found([*SECRETS, *VALUES, program.setup_code, "canary"], output) == []
    assert "something was sent here that is no update" in output
    assert "update set aside" in output


@pytest.mark.parametrize("command", ["run", "people list", "audit verify"])
async def test_a_database_that_refuses_the_password(tmp_path: Path, command: str) -> None:
    """
    PostgreSQL quotes who logged in, and with what: the program names the setting.
    """
    words = b"".join(
        name + value + b"\0"
        for name, value in [(b"S", b"FATAL"), (b"C", b"28P01"), (b"M", f"{PASSWORD} for {QUOTED}".encode())]
    )
    refusal = b"E" + (len(words) + 5).to_bytes(4, "big") + words + b"\0"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await reader.read(65536))[4:8] == (80877103).to_bytes(4, "big"):
            writer.write(b"N")  # no encryption
            await reader.read(65536)
        writer.write(refusal)

    async with raw_server(talk) as url:
        address = f"postgresql://bot:{QUOTED}@{url.removeprefix('http://')}/screening"
        program = Program(tmp_path, "http://127.0.0.1:9", {"LOG_LEVEL": "DEBUG", "DATABASE_URL": address})
        done = await program.run(*command.split())
    assert done.status == 2
    assert done.errors.startswith("DATABASE_URL: the database cannot be used: ")
    assert len(done.errors.splitlines()) == 1
    assert found([*SECRETS, "canary"], done.output + done.errors) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"ENCRYPTION_KEY_FILE": f"k1 {KEY}"},
        {"ENCRYPTION_KEYS": f"{KEY} k1"},
        {"AUDIT_KEY_FILE": f"missing/{KEY}/../{TOKEN}/x"},
        {"BOT_API_URL": f"http://bot:{QUOTED}@127.0.0.1:9/bot{TOKEN}"},
        {"LOG_LEVEL": TOKEN, "WEBHOOK_SECRET": PASSWORD, "REMIND_AWAITED_DAYS": TOKEN, "INCLUSION_STARTS": KEY},
    ],
    ids=" ".join,
)
async def test_a_secret_in_the_wrong_setting_is_not_repeated(tmp_path: Path, settings: dict[str, str]) -> None:
    """
    Put where a file's name, an address or a number should be: the setting is named and the program ends.
    """
    (tmp_path / "missing").write_text("no folder")
    done = await Program(tmp_path, "http://127.0.0.1:9", {"LOG_LEVEL": "DEBUG", **settings}).run("run")
    assert done.status == 2
    assert found(list(settings), done.errors) == list(settings)
    assert found([*SECRETS, "canary"], done.output + done.errors) == []


def python(folder: Path, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """
    Run a script that may use the program, in a folder, to its end.
    """
    return subprocess.run(  # noqa: S603  our own
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        input="{}",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


CRASHES = {
    "thread": "thread = threading.Thread(target=int, args=(canary,))\nthread.start()\nthread.join()",
    "destructor": "class Row:\n    def __del__(self):\n        int(canary)\nRow()",
    "callback": "asyncio.get_running_loop().call_soon(int, canary)\nawait asyncio.sleep(0)\nawait asyncio.sleep(0)",
    "task": "asyncio.create_task(asyncio.to_thread(int, canary))\nawait asyncio.sleep(0.2)\ngc.collect()",
    "warning": "warnings.warn(canary)",
    "record": "logging.getLogger('bot').error(Unwritable(canary))",
    "cause": "try:\n    int(canary)\nexcept ValueError as error:\n    raise KeyError('CANARY program') from error",
}


@pytest.mark.parametrize("is_guarded", [True, False], ids=["guarded", "bare"])
def test_a_crash_tells_its_kind_and_not_its_values(tmp_path: Path, *, is_guarded: bool) -> None:
    """
    Wherever nobody catches it, up to the end of the program. The same without the program around it prints each value.
    """
    body = "".join(f"canary = 'CANARY {name}'\n{crash}\n" for name, crash in CRASHES.items())
    script = (
        "import asyncio, gc, logging, runpy, sys, threading, warnings\n"
        "class Unwritable(str):\n    def __str__(self):\n        raise ValueError(self)\n"
        f"async def crash(*_):\n{indent(body, '    ')}"
    )
    if is_guarded:
        script += "import bot.service.running\nbot.service.running.run = crash\nsys.argv = ['bot', 'run']\n"
        script += "runpy.run_module('bot', run_name='__main__')\n"
    else:
        script += "logging.basicConfig()\nasyncio.run(crash())\n"
    done = python(tmp_path, script, BOT_TOKEN=TOKEN, LOG_LEVEL="DEBUG")
    assert done.returncode == 1
    names = [*CRASHES, "program"]
    if not is_guarded:
        assert found([f"CANARY {name}" for name in names], done.stderr) == [f"CANARY {name}" for name in names]
        return
    assert found(["CANARY", TOKEN], done.stdout + done.stderr) == []
    told = [json.loads(line) for line in done.stderr.splitlines()]
    *others, last = [event for event in told if event["event"] != "a library warns"]
    assert len(told) - len(others) == 2
    assert len(others) >= 4
    assert all(event["error"].startswith("ValueError") for event in others)
    assert re.fullmatch(r"KeyError at .*__main__:\d+, from ValueError at __main__:\d+", last["error"])


def test_a_crash_without_settings_is_told_as_well(tmp_path: Path) -> None:
    """
    `assess` starts without logs; an error in it that nobody catches holds no value either, and says where it was.
    """
    script = (
        "import runpy, sys, bot.commands.assess\n"
        f"def fail(*_):\n    raise ValueError({TEXT!r})\n"
        "bot.commands.assess.lines = fail\n"
        "sys.argv = ['bot', 'assess']\n"
        "runpy.run_module('bot', run_name='__main__')\n"
    )
    done = python(tmp_path, script)
    assert done.returncode == 1
    assert TEXT not in done.stderr
    assert json.loads(done.stderr)["error"].startswith("ValueError at __main__:")


def test_assess_starts_without_what_logs_need(tmp_path: Path) -> None:
    """
    Nor without anything else that it has no use for.
    """
    script = (
        "import sys\nfrom bot.__main__ import main\nmain(['assess'])\n"
        "print(sorted({'structlog', 'rich', 'telegram', 'aiohttp', 'alembic'} & set(sys.modules)))"
    )
    done = python(tmp_path, script)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
