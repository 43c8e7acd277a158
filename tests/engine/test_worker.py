"""
Nothing is said before it is stored, nothing is done twice, and no update stops the others.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import keys
from bot.engine import turns
from bot.terminal.chat import settled
from bot.texts import words
from bot.wire.updates import row_of
from db.base.engine import Database
from db.base.tables import Answer, InboxUpdate, Pace, UpdateState
from db.cases import answers
from db.delivery import inbox, pace
from tests.chat.conversation import all_cases, asked, everything, skip, stored, typed, values
from tests.conftest import COORDINATOR, STRANGER, Chatter, Clinic, settings_in

PERSON = {"id": COORDINATOR, "is_bot": False, "first_name": "Test"}
CHAT = {"id": COORDINATOR, "type": "private", "first_name": "Test"}

POISON: list[dict[str, Any]] = [
    {"message": {"message_id": "x", "date": "never", "chat": CHAT, "from": PERSON, "text": "45"}},
    {"message": {"message_id": 1, "chat": CHAT, "from": PERSON, "text": "45"}},
    {"message": {"message_id": 1, "date": 1, "chat": CHAT, "from": {"id": COORDINATOR}, "text": "45"}},
    {"message": {"message_id": 1, "date": 1, "chat": CHAT, "from": PERSON, "text": 45}},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": COORDINATOR}, "from": PERSON, "text": "45"}},
    {"message": {"message_id": 1, "date": 10**18, "chat": CHAT, "from": PERSON, "text": "45"}},
    {"message": {"message_id": 1, "date": 1, "chat": CHAT, "from": PERSON, "text": "45", "entities": 7}},
    {"message": 7},
    {"message": []},
    {"message": {}},
    {"callback_query": {"id": "1", "from": PERSON}},
    {"callback_query": {"id": 1, "from": PERSON, "message": "x", "chat_instance": "1", "data": "o:1"}},
    {"callback_query": {"from": PERSON, "chat_instance": "1", "data": 5}},
    {"callback_query": None},
    {"edited_message": {"chat": CHAT}},
]


async def states(clinic: Clinic) -> list[str]:
    """
    The states of the updates in the inbox, oldest first.
    """
    async with clinic.application.database.transaction() as session:
        return list(await session.exec(select(InboxUpdate.state).order_by(col(InboxUpdate.update_id))))


def failing(message: str) -> Callable[..., Awaitable[None]]:
    """
    Something in whose place nothing is done, as if the program ended there.
    """

    async def fail(*_: object, **__: object) -> None:
        await asyncio.sleep(0)
        raise RuntimeError(message)

    return fail


def refuse(monkeypatch: pytest.MonkeyPatch, clinic: Clinic, error: Exception, *, times: int) -> list[Exception]:
    """
    Let so many commits fail that would store an answer, at their very end; the failures so far.
    """
    database = clinic.application.database
    transaction = database.transaction
    refused: list[Exception] = []

    @asynccontextmanager
    async def failing() -> AsyncIterator[AsyncSession]:
        async with transaction() as session:
            before = (await session.exec(select(func.count()).select_from(Answer))).one()
            yield session
            await session.flush()
            after = (await session.exec(select(func.count()).select_from(Answer))).one()
            if after > before and len(refused) < times:
                refused.append(error)
                raise error

    monkeypatch.setattr(database, "transaction", failing)
    return refused


@pytest.mark.parametrize("poison", POISON)
async def test_an_update_that_cannot_be_read_stops_nothing(
    clinic: Clinic, coordinator: Chatter, poison: dict[str, Any]
) -> None:
    """
    Before and behind it, in the same batch, everything is worked; it changes nothing, also after a restart.
    """
    await skip(clinic, coordinator, "donor", until="sex")
    before = await everything(clinic)
    coordinator.api.put(poison)
    async with asyncio.timeout(10):  # a bot that stops would keep this waiting for ever
        await settled(clinic.api, clinic.application)
    assert await everything(clinic) == before
    await coordinator.say("/resume 1-d-1")
    coordinator.api.put(poison)
    await coordinator.press("Male")
    assert (await values(clinic, "01-D-001"))["sex"] == '"male"'
    await clinic.restart()
    await coordinator.say("/resume 1-d-1")
    await coordinator.press("Signed")
    assert (await values(clinic, "01-D-001"))["consent_signed"] == "true"
    assert UpdateState.RECEIVED not in await states(clinic)


@pytest.mark.parametrize("text", ["\ud83d", "45\u0000", "\U0001f600" * 400, "\u202e54"])
async def test_no_text_stops_the_bot(clinic: Clinic, coordinator: Chatter, text: str) -> None:
    """
    Half a character, a null, four hundred faces: refused as any text that is no value.
    """
    await skip(clinic, coordinator, "donor", until="age")
    update = typed(coordinator, "45")
    coordinator.api._updates._waiting.pop()  # noqa: SLF001  only the odd text is delivered
    update["message"]["text"] = text
    coordinator.api.put(update)
    for task in clinic.application.tasks:
        await asyncio.wait([task], timeout=0.2)
        assert not task.done(), task.exception()
    await coordinator.look()
    assert await stored(clinic, "01-D-001") == []
    assert asked(coordinator.card) == "age"


async def test_a_failure_is_told_with_a_reference_that_the_log_has(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """
    The chat hears that nothing was changed and a reference; the log has it, and nothing of what was typed.
    """
    await skip(clinic, coordinator, "donor", until="age")

    with monkeypatch.context() as patch:
        patch.setattr(answers, "add", failing("the value was 45 of Marie Dupont"))
        card = await coordinator.say("45")
    reference = card.html.partition("<code>")[2].partition("</code>")[0]
    assert len(reference) == 8
    assert reference in caplog.text
    assert "Dupont" not in caplog.text
    (told,) = [record.msg for record in caplog.records if reference in record.getMessage()]
    assert isinstance(told, dict)
    assert told.keys() == {"timestamp", "level", "logger", "event", "update", "case", "reference", "error"}
    assert (told["event"], told["case"]) == ("update set aside", 1)
    assert told["error"].startswith("RuntimeError at bot.")
    assert await stored(clinic, "01-D-001") == []
    assert UpdateState.SET_ASIDE in await states(clinic)
    await coordinator.say("/resume 1-d-1")
    await coordinator.say("46")
    assert await values(clinic, "01-D-001") == {"age": "46"}


async def test_nothing_is_said_of_what_could_not_be_committed(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The database refuses the commit: no message of the chat ever shows the answer as stored.
    """
    await skip(clinic, coordinator, "donor", until="age")
    seen: list[str] = []
    clinic.api.on_change(lambda event: seen.append(event.message.text if event.message else ""))

    refuse(monkeypatch, clinic, RuntimeError("the commit is refused"), times=1)
    await coordinator.say("45")
    assert not any("✓ Age" in text for text in seen)
    assert words("en")("apology", reference="").striptags()[:20] in coordinator.card.text
    assert await stored(clinic, "01-D-001") == []


async def test_an_answer_waits_while_the_database_is_away(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A database that is not reached for a moment is tried again: the answer is stored once, and only then shown.
    """
    await skip(clinic, coordinator, "donor", until="age")
    refused = refuse(monkeypatch, clinic, OperationalError("", {}, Exception()), times=2)
    card = await coordinator.say("45")
    assert len(refused) == 2
    assert asked(card) == "sex"
    assert [row.value for row in await stored(clinic, "01-D-001")] == ["45"]


async def test_what_was_stored_but_not_shown_is_shown_after_a_restart(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The program ended between the commit and the reply: the card is brought up to date without the person acting, and
    the typed answer is taken away.
    """
    await skip(clinic, coordinator, "donor", until="age")

    with monkeypatch.context() as patch:
        patch.setattr(clinic.application.worker.speaker, "say", failing("the program ended here"))
        await coordinator.say("45")
    assert asked(coordinator.card) == "age"
    await clinic.restart()
    await coordinator.look()
    assert asked(coordinator.card) == "sex"
    assert [message.from_bot for message in clinic.api.chat(COORDINATOR)] == [True]
    assert [row.value for row in await stored(clinic, "01-D-001")] == ["45"]


async def test_what_a_crash_kept_from_sight_is_said_to_stand(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    An answer was stored and never shown. The restart says so; and so does another choice for the same question, which
    changes nothing.
    """
    await skip(clinic, coordinator, "donor", until="sex")
    choices = {one.label: one.data for row in coordinator.card.buttons for one in row}
    with monkeypatch.context() as patch:
        patch.setattr(clinic.application.worker.speaker, "say", failing("the program ended here"))
        await coordinator.press("Male")
    assert asked(coordinator.card) == "sex"
    await clinic.restart()
    await coordinator.look()
    stands = words("en")("note.stands", item="Sex", value="male").lower()
    assert stands in coordinator.card.html.lower()
    female = next(data for label, data in choices.items() if "Female" in label)
    assert female is not None
    card = await coordinator.tap(female)
    assert stands in card.html.lower()
    assert (await values(clinic, "01-D-001"))["sex"] == '"male"'


@pytest.mark.parametrize("who", [COORDINATOR, STRANGER])
async def test_what_asks_nothing_and_what_is_for_strangers_ends_with_a_restart(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch, who: int
) -> None:
    """
    A menu is shown; a stranger, of whom nothing is stored, hears nothing; and nothing is left to do.
    """
    await coordinator.say("/start")

    with monkeypatch.context() as patch:
        patch.setattr(clinic.application.worker.speaker, "say", failing("the program ended here"))
        clinic.api.send(who, "/help")
        await settled(clinic.api, clinic.application)
    await clinic.restart()
    await settled(clinic.api, clinic.application)
    await clinic.restart()
    assert set(await states(clinic)) == {UpdateState.SHOWN}
    shown = [message for message in clinic.api.chat(who) if message.from_bot]
    assert len(shown) == (who == COORDINATOR)
    assert words("en")("help.title").striptags() in coordinator.card.text or who == STRANGER


async def test_an_error_that_is_no_updates_ends_the_bot_and_loses_nothing(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Before it is known which update there is: whoever runs the bot hears of it, and the next start works the update.
    """
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "claim", failing("the table is gone"))
        clinic.api.send(COORDINATOR, "/new donor")
        async with asyncio.timeout(10):
            await asyncio.wait(clinic.application.tasks, return_when=asyncio.FIRST_COMPLETED)
        with pytest.raises(RuntimeError, match="the table is gone"):
            await clinic.stop()
    await clinic.start()
    await coordinator.look()
    assert list(await all_cases(clinic)) == ["01-D-001"]


async def test_what_was_not_shown_is_shown_once_telegram_allows_it(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The program ends and comes again while Telegram wants the chat left alone.
    """
    await skip(clinic, coordinator, "donor", until="age")

    with monkeypatch.context() as patch:
        patch.setattr(clinic.application.worker.speaker, "say", failing("the program ended here"))
        await coordinator.say("45")
    async with clinic.application.database.transaction() as session:
        await pace.leave_alone(session, chat_id=COORDINATOR, seconds=600)
    clinic.settings = clinic.settings.model_copy(update={"takeover_seconds": 1})
    await clinic.restart()
    assert asked(coordinator.card) == "age"
    async with clinic.application.database.transaction() as session:
        await session.exec(update(Pace).values(alone_until=0.0))
    async with asyncio.timeout(20):
        while asked(coordinator.card) != "sex":  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0.05)


async def test_a_state_that_cannot_be_shown_stops_nothing(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """
    After a restart a chat's state cannot be put together: the log says so, and the chat's next message is worked.
    """
    await skip(clinic, coordinator, "donor", until="age")

    with monkeypatch.context() as patch:
        patch.setattr(clinic.application.worker.speaker, "say", failing("45 of Marie Dupont"))
        await coordinator.say("45")
    caplog.clear()
    with monkeypatch.context() as patch:
        patch.setattr(turns, "present_state", failing("45 of Marie Dupont"))
        await clinic.restart()
        await coordinator.look()
    assert asked(coordinator.card) == "age"
    assert "chat not shown its reply" in caplog.text
    assert "Dupont" not in caplog.text
    card = await coordinator.say("/resume 1-d-1")
    assert asked(card) == "sex"
    assert await values(clinic, "01-D-001") == {"age": "45"}


async def test_what_was_typed_is_not_kept_in_the_inbox(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Once it is worked only its number stays.
    """
    await skip(clinic, coordinator, "donor", until="age")
    await coordinator.say("Marie Dupont")
    await coordinator.say("45")
    async with clinic.application.database.transaction() as session:
        payloads = {row.payload for row in await session.exec(select(InboxUpdate))}
    assert payloads == {""}


async def test_answers_sent_in_a_burst_are_worked_in_their_order(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Two hundred commands at once from one person: each is worked, the last one last.
    """
    for number in range(200):
        clinic.api.send(COORDINATOR, "/help" if number < 199 else "/new donor")
    await coordinator.look()
    assert "01-D-001" in coordinator.card.text
    assert len(clinic.api.chat(COORDINATOR)) == 1


async def test_one_person_in_trouble_keeps_no_other_waiting(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    While one chat is being told something, strangers are refused.
    """
    gate = asyncio.Event()
    speaker = clinic.application.worker.speaker
    say = speaker.say

    async def slowly(saying: Any) -> Any:  # noqa: ANN401  as the original
        if saying.chat_id == COORDINATOR:
            await gate.wait()
        return await say(saying)

    monkeypatch.setattr(speaker, "say", slowly)
    clinic.api.send(COORDINATOR, "/help")
    clinic.api.send(500, "Hello")
    while not clinic.api.chat(500)[1:]:  # noqa: ASYNC110  it has no event
        await asyncio.sleep(0.01)
    assert "What I do" not in coordinator.card.text
    gate.set()
    await coordinator.look()
    assert words("en")("help.title").striptags() in coordinator.card.text


async def test_a_restart_in_the_middle_of_many_updates_loses_none(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Stopped with a queue full, started again: every case is opened once.
    """
    for _ in range(30):
        clinic.api.send(COORDINATOR, "/new donor")
    await asyncio.sleep(0.05)
    await clinic.restart()
    await coordinator.look()
    await coordinator.say("/cases")
    async with clinic.application.database.transaction() as session:
        numbers = await session.exec(select(InboxUpdate.state))
        assert set(numbers) <= {UpdateState.SHOWN, UpdateState.DONE}
    assert "01-D-030" in coordinator.card.text
    await coordinator.say("/status 1-d-31")
    assert "01-D-030" in coordinator.labels
    assert "01-D-031" not in coordinator.labels


async def test_an_update_that_was_put_in_anothers_place_is_set_aside(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """
    While the program was down somebody gave one update in the inbox what another one says: with encryption neither
    opens, nobody acts on them, the chat hears a reference, and the next update is worked.
    """
    clinic = Clinic(settings_in(tmp_path, database_url=url, encryption_keys=f"k1 {'5a' * 32}"))
    await clinic.start()
    person = await clinic.coordinator()
    await clinic.stop()
    for text in ("/new donor", "/new recipient", "/cases"):
        clinic.api.send(COORDINATOR, text)
    vaulted = Database(url, keys.vault_of(clinic.settings))
    async with vaulted.transaction() as session:
        await inbox.receive(session, updates=[row_of(update, datetime.now(UTC)) for update in clinic.api.waiting])
    await vaulted.close()
    plain = Database(url)
    async with plain.transaction() as session:
        newest = select(InboxUpdate).order_by(col(InboxUpdate.update_id).desc()).limit(3)
        _, second, first = (await session.exec(newest)).all()
        first.payload, second.payload = second.payload, first.payload
    await plain.close()
    await clinic.start()
    await person.look()
    assert (await states(clinic))[-3:-1] == [UpdateState.SET_ASIDE] * 2
    assert "was changed, or belongs elsewhere" in caplog.text
    assert await all_cases(clinic) == {}
    assert words("en")("cases.none").striptags() in person.card.text
    await clinic.stop()
