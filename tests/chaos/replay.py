"""
The same updates twice: once each and one after the other, as people wrote them; and pushed by many connections at once,
some of them two or three times and late. What is stored at the end is the same.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sqlmodel import SQLModel, col, select

from bot import keys
from bot.application import running
from bot.emulator.api import LocalBotApi
from bot.emulator.chat import Json, Message
from bot.rules.items import BloodPressure, Date, Number
from bot.rules.versions import LATEST
from bot.service import webhook
from bot.settings import Settings
from bot.taps import Complete, Confirm, Done, Finish, Go, OpenCase, Pause, Pick, Toggle, decode
from bot.wire.http import HttpRequest
from db.base.engine import Database
from db.base.tables import (
    Answer,
    AuditEntry,
    Case,
    Chat,
    InboxUpdate,
    PersonRole,
    Site,
    UpdateState,
)
from db.trail import audit
from tests.chat.conversation import DONOR, RECIPIENT, asked, data
from tests.chat.staff import add_member
from tests.chat.test_walk import TYPED
from tests.conftest import Chatter, Clinic, settings_in
from tests.crash.program import free_port
from tests.service.bad_network import BadNetwork
from tests.service.bot_api_server import TOKEN, BotApiServer
from tests.service.deliveries import Deliveries

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = range(1001, 1021)
_SECRET = "s" * 32
_ANSWERS = Pick | Toggle | Done | Confirm
_PRESSED = _ANSWERS | Go | OpenCase | Pause | Finish | Complete

State = dict[str, Counter[tuple[tuple[str, Any], ...]]]


class Recorder(LocalBotApi):
    """
    A Bot API that keeps every update.
    """

    def __init__(self) -> None:
        super().__init__(first_id=1000)
        self.updates: list[Json] = []

    def put(self, update: Json) -> int:
        """
        Queue an update and keep it.
        """
        update_id = super().put(update)
        self.updates.append({"update_id": update_id, **update})
        return update_id


class Passer:
    """
    Somebody at a site of their own who presses and types at random, on old cards too.
    """

    def __init__(self, person: Chatter, random: Random) -> None:
        self._person = person
        self._random = random
        self._old: list[tuple[Message, str]] = []
        self._kinds: dict[int, str] = {}

    async def open_cases(self, codes: list[str]) -> None:
        """
        A recipient and a donor.
        """
        self.codes = codes
        for kind in ("recipient", "donor"):
            card = await self._person.say(f"/new {kind}")
            tap = next(tap for one in data(card) if isinstance(tap := decode(one), Pick))
            self._kinds[tap.case] = kind

    async def act(self) -> None:
        """
        Answer what is asked, or press or say something else.
        """
        card = self._person.card
        presses = [one for one in data(card) if isinstance(decode(one), _PRESSED)]
        key, draw = asked(card), self._random.random()
        if draw < 0.1 and self._old:
            message, press = self._random.choice(self._old)
            await self._person.tap(press, message)
        elif draw < 0.2 or not presses:
            command = self._random.choice(["/cases", "/help", "/cancel", "/status", *3 * ("/resume ",)])
            await self._person.say(command + self._random.choice(self.codes) * command.endswith(" "))
        elif key is not None and draw < 0.9:
            await self._answer(card, key)
        else:
            await self._person.tap(self._random.choice(presses), card)
        self._old += [(self._person.card, one) for one in data(self._person.card) if isinstance(decode(one), _PRESSED)]

    async def _answer(self, card: Message, key: str) -> None:
        own = [one for one in data(card) if isinstance(decode(one), _ANSWERS)]
        kind = self._kinds[
            next(tap.case for one in own if isinstance(tap := decode(one), Pick | Toggle | Done | Confirm))
        ]
        if isinstance(LATEST.population(kind).item[key], Number | BloodPressure | Date) and self._random.random() < 0.9:
            answers = RECIPIENT if kind == "recipient" else DONOR
            await self._person.say(self._random.choice(TYPED.get(key, [str(answers.get(key, "80"))])))
        else:
            await self._person.tap(self._random.choice(own), card)


@dataclass(frozen=True)
class Replayed:
    """
    What is stored after updates were delivered cleanly, and after the same were delivered badly; in how many pushes
    that was, and how many of these were not answered 200.
    """

    clean: State
    bad: State
    pushes: int
    unanswered: int


async def replay(
    folder: Path, *, updates: int, seed: int, progress: Callable[[int], None] = lambda _: None
) -> Replayed:
    """
    Let people write so many updates, and deliver them twice.
    """
    random = Random(seed)  # noqa: S311  a schedule, no secret
    clean, bad = folder / "clean", folder / "bad"
    clean.mkdir()
    api = Recorder()
    clinic = Clinic(settings_in(clean), api, now=NOW)
    await clinic.start()
    try:
        people = [await _settle_in(clinic, number, random) for number in range(len(PEOPLE))]
        await clinic.stop()
        shutil.copytree(clean, bad)
        await clinic.start()
        api.updates.clear()
        while len(api.updates) < updates:
            await random.choice(people).act()
            if len(api.updates) % 1000 == 0:
                progress(len(api.updates))
    finally:
        await clinic.stop()
    deliveries = await _deliver(settings_in(bad), api.updates, random)
    stored = [await _stored(settings_in(one)) for one in (clean, bad)]
    return Replayed(*stored, deliveries.pushes, deliveries.unanswered)


async def _settle_in(clinic: Clinic, number: int, random: Random) -> Passer:
    """
    A coordinator of a site of their own: which cases they get must not depend on who comes first.
    """
    async with clinic.application.database.transaction() as session:
        session.add(Site(id=number + 2, number=number + 2, name=f"Site {number + 2:02d}", time_zone="Europe/Paris"))
    person = await add_member(clinic, PEOPLE[number], (PersonRole.COORDINATOR, number + 2))
    passer = Passer(person, random)
    await passer.open_cases([f"{number + 2:02d}-R-001", f"{number + 2:02d}-D-001"])
    return passer


async def _deliver(settings: Settings, updates: list[Json], random: Random) -> Deliveries:
    """
    Push the updates to the application over HTTP.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}{webhook.PATH}"
    serve = partial(webhook.serve, url=url, secret=_SECRET, host="127.0.0.1", port=port)
    api, network = LocalBotApi(first_id=10**9), BadNetwork(random, mishaps=0.0, again=0.6, later=2.0)
    async with (
        BotApiServer(api, network=network) as server,
        running(
            settings,
            token=TOKEN,
            api_url=server.url,
            request=HttpRequest(),
            polling=HttpRequest(),
            clock=lambda: NOW,
            serve=serve,
        ) as application,
    ):
        for update in updates:
            api.put(_written_later(update))
        while not server.is_quiet:  # noqa: ASYNC110  the server pushes
            await asyncio.sleep(0.05)
        await application.quiet()
        return server.deliveries


def _written_later(update: Json) -> Json:
    """
    The same update as if written tomorrow: the cards of the second delivery are newer than those that were read, and
    a text that is older than the card is handed back.
    """
    if "message" not in update:
        return update
    message = update["message"]
    return {**update, "message": {**message, "date": message["date"] + 24 * 60 * 60}}


async def _stored(settings: Settings) -> State:
    """
    What is stored, as far as it does not depend on which chat came first; raises if the trail is not whole.
    """
    database = Database(settings.database_url.get_secret_value())
    try:
        async with database.transaction() as session:
            await audit.verify(session, key=keys.audit_key(settings.audit_key_file, may_create=False))

            async def rows(table: type[SQLModel], *without: str) -> Counter[tuple[tuple[str, Any], ...]]:
                found = (await session.exec(select(table))).all()
                return Counter(tuple(row.model_dump(exclude=set(without)).items()) for row in found)

            aside = select(InboxUpdate).where(col(InboxUpdate.state) == UpdateState.SET_ASIDE)
            return {
                "cases": await rows(Case, "remind_on"),  # worked out now and then, beside the turns
                "answers": await rows(Answer),
                "chats": await rows(Chat, "card_message_id", "card_date"),
                "audit": await rows(AuditEntry, "sequence", "seal"),
                "set aside": Counter(((("id", one.update_id),)) for one in (await session.exec(aside)).all()),
            }
    finally:
        await database.close()
