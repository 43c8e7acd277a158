"""
What is said reaches the chat, whatever mood Telegram is in.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from telegram.error import NetworkError, RetryAfter, TimedOut

from bot.emulator.api import LocalBotApi
from bot.emulator.chat import Message
from bot.emulator.request import LocalRequest
from bot.render.card import Button, Card
from bot.wire.client import TelegramBot
from bot.wire.speaker import Saying, Speaker, seconds
from bot.wire.throttle import Throttle

PERSON = 7
ASKED = Card("<b>Age?</b>", ((Button("Pause", "p:1"),),))
NEXT = Card("<b>Sex?</b>", ((Button("Pause", "p:1"),),))


class MoodyRequest(LocalRequest):
    """
    Telegram with moods: for each method what it answers first, a status with a body or an error; then it serves.
    """

    def __init__(self, api: LocalBotApi) -> None:
        super().__init__(api)
        self.moods: dict[str, list[tuple[int, dict[str, Any]] | Exception]] = defaultdict(list)
        self.calls: list[str] = []

    async def do_request(self, url: str, *args: Any, **options: Any) -> tuple[int, bytes]:  # noqa: ANN401  as above
        """
        Answer in the mood of the moment.
        """
        method = url.rpartition("/")[2]
        self.calls.append(method)
        if self.moods[method]:
            mood = self.moods[method].pop(0)
            if isinstance(mood, Exception):
                raise mood
            return mood[0], json.dumps({"ok": False, "error_code": mood[0], **mood[1]}).encode()
        return await super().do_request(url, *args, **options)


def refusal(status: int, description: str, **parameters: object) -> tuple[int, dict[str, Any]]:
    """
    An answer of Telegram that is no success.
    """
    return status, {"description": description, "parameters": parameters}


@pytest.fixture
def api() -> LocalBotApi:
    """
    A Telegram.
    """
    return LocalBotApi(first_id=1000)


@pytest.fixture
def request_(api: LocalBotApi) -> MoodyRequest:
    """
    The way to it.
    """
    return MoodyRequest(api)


@pytest.fixture
async def speaker(request_: MoodyRequest) -> AsyncIterator[Speaker]:
    """
    A speaker on the way to it.
    """
    async with TelegramBot("1:local", base_url="local:/bot", request=request_, get_updates_request=request_) as bot:
        yield Speaker(bot)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """
    How long the speaker waited, without the waiting.
    """
    waited: list[float] = []
    rest = asyncio.sleep

    async def nap(seconds: float) -> None:
        waited.append(seconds)
        await rest(0)

    monkeypatch.setattr(asyncio, "sleep", nap)
    monkeypatch.setattr("bot.wire.speaker.monotonic", lambda: sum(waited))
    return waited


def shown(api: LocalBotApi) -> list[Message]:
    """
    What the person sees.
    """
    return api.chat(PERSON)


async def first_card(api: LocalBotApi, speaker: Speaker) -> int:
    """
    A card in the chat.
    """
    await speaker.say(Saying(PERSON, ASKED))
    return shown(api)[-1].id


async def test_a_card_is_edited_in_its_place(api: LocalBotApi, speaker: Speaker) -> None:
    """
    The next question stands in the same message.
    """
    card = await first_card(api, speaker)
    await speaker.say(Saying(PERSON, NEXT, replace=card))
    assert [(message.id, message.text) for message in shown(api)] == [(card, "Sex?")]


async def test_a_fresh_card_takes_the_old_one_away(api: LocalBotApi, speaker: Speaker) -> None:
    """
    A new message at the end of the chat, and the typed answer gone.
    """
    card = await first_card(api, speaker)
    mine = api.send(PERSON, "45")
    await speaker.say(Saying(PERSON, NEXT, replace=card, fresh=True, remove=mine))
    assert [message.text for message in shown(api)] == ["Sex?"]
    assert shown(api)[0].id > mine


async def test_a_card_that_says_the_same_already_is_left(
    api: LocalBotApi, speaker: Speaker, request_: MoodyRequest
) -> None:
    """
    "Message is not modified" is no mishap, and no second card.
    """
    card = await first_card(api, speaker)
    assert await speaker.say(Saying(PERSON, ASKED, replace=card)) is not None
    assert [message.id for message in shown(api)] == [card]
    assert request_.calls.count("sendMessage") == 1


async def test_a_card_that_says_the_same_comes_below_words(api: LocalBotApi, speaker: Speaker) -> None:
    """
    Whoever typed sees that it was read; what the card asks is as old as before, so that a text is taken for its answer.
    """
    card = await first_card(api, speaker)
    mine = api.send(PERSON, "45")
    dated = datetime(2026, 5, 4, 8, tzinfo=UTC)
    shown_now = await speaker.say(Saying(PERSON, ASKED, replace=card, remove=mine, dated=dated, answers_words=True))
    assert shown_now is not None
    assert shown_now.date == dated
    assert [message.id for message in shown(api)] == [shown_now.message_id]
    assert shown_now.message_id > mine


@pytest.mark.parametrize(
    "description", ["Bad Request: message to edit not found", "Bad Request: message can't be edited"]
)
async def test_a_card_that_cannot_be_edited_is_shown_anew(
    api: LocalBotApi, speaker: Speaker, request_: MoodyRequest, description: str
) -> None:
    """
    The person deleted it, or it is too old.
    """
    card = await first_card(api, speaker)
    request_.moods["editMessageText"] = [refusal(400, description)]
    await speaker.say(Saying(PERSON, NEXT, replace=card))
    assert shown(api)[-1].text == "Sex?"
    assert shown(api)[-1].id > card


@pytest.mark.parametrize(
    "description", ["Bad Request: message can't be deleted for everyone", "Bad Request: message to delete not found"]
)
async def test_a_message_that_cannot_be_deleted_is_let_be(
    api: LocalBotApi, speaker: Speaker, request_: MoodyRequest, description: str
) -> None:
    """
    Too old, or gone already: the card is shown all the same.
    """
    mine = api.send(PERSON, "45")
    request_.moods["deleteMessage"] = [refusal(400, description)]
    await speaker.say(Saying(PERSON, NEXT, remove=mine))
    assert shown(api)[-1].text == "Sex?"


async def test_a_press_too_old_to_answer_changes_nothing_else(
    api: LocalBotApi, speaker: Speaker, request_: MoodyRequest
) -> None:
    """
    "Query is too old": the card is edited, and the press is not answered again.
    """
    card = await first_card(api, speaker)
    old = refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    request_.moods["answerCallbackQuery"] = [old]
    await speaker.say(Saying(PERSON, NEXT, replace=card, query_id="1", toast="Late"))
    assert [message.text for message in shown(api)] == ["Sex?"]
    assert request_.calls.count("answerCallbackQuery") == 1


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "deleteMessage"])
async def test_telegram_is_left_alone_for_as_long_as_it_asks(
    api: LocalBotApi, speaker: Speaker, request_: MoodyRequest, naps: list[float], method: str
) -> None:
    """
    429 with retry_after: waited for, then said, once.
    """
    card = await first_card(api, speaker)
    mine = api.send(PERSON, "45")
    request_.moods[method] = [refusal(429, "Too Many Requests: retry after 3", retry_after=3)] * 2
    await speaker.say(Saying(PERSON, NEXT, replace=card, fresh=method == "sendMessage", remove=mine))
    assert naps == [3, 3]
    assert [message.text for message in shown(api)] == ["Sex?"]


@pytest.mark.parametrize("fresh", [True, False])
async def test_what_can_wait_is_put_off(
    api: LocalBotApi, speaker: Speaker, request_: MoodyRequest, naps: list[float], *, fresh: bool
) -> None:
    """
    Whoever wanted it said is told for how long, at once.
    """
    card = await first_card(api, speaker)
    request_.moods["sendMessage" if fresh else "editMessageText"] = [refusal(429, "Too Many Requests", retry_after=3)]
    with pytest.raises(RetryAfter) as caught:
        await speaker.say(Saying(PERSON, NEXT, replace=None if fresh else card, fresh=fresh, can_wait=True))
    assert seconds(caught.value) == 3
    assert naps == []
    assert "Sex?" not in [message.text for message in shown(api)]


async def test_what_can_wait_is_put_off_where_the_card_is_gone(
    api: LocalBotApi, speaker: Speaker, request_: MoodyRequest, naps: list[float]
) -> None:
    """
    It is to be taken away and sent anew, and Telegram wants the chat left alone in between.
    """
    card = await first_card(api, speaker)
    request_.moods["editMessageText"] = [refusal(400, "Bad Request: message can't be edited")]
    request_.moods["deleteMessage"] = [refusal(429, "Too Many Requests", retry_after=600)]
    with pytest.raises(RetryAfter):
        await speaker.say(Saying(PERSON, NEXT, replace=card, can_wait=True))
    assert naps == []


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "deleteMessage"])
@pytest.mark.parametrize(
    "trouble",
    [
        refusal(500, "Internal Server Error"),
        refusal(502, "Bad Gateway"),
        NetworkError("dropped"),
        TimedOut("slow"),
    ],
)
async def test_a_chat_is_told_again_until_it_is_reached(  # noqa: PLR0917  each is a fixture
    api: LocalBotApi,
    speaker: Speaker,
    request_: MoodyRequest,
    naps: list[float],
    method: str,
    trouble: tuple[int, dict[str, Any]] | Exception,
) -> None:
    """
    Errors of the server and dropped connections: each wait is longer than the one before, up to a limit.
    """
    card = await first_card(api, speaker)
    mine = api.send(PERSON, "45")
    request_.moods[method] = [trouble] * 9
    await speaker.say(Saying(PERSON, NEXT, replace=card, fresh=method == "sendMessage", remove=mine))
    assert [message.text for message in shown(api)] == ["Sex?"]
    assert len(naps) == 9
    assert naps == sorted(naps)
    assert naps[-1] == naps[-2] < 120


@pytest.mark.parametrize("fresh", [True, False])
async def test_a_person_who_blocked_the_bot_is_left_alone(api: LocalBotApi, speaker: Speaker, *, fresh: bool) -> None:
    """
    403 is taken for an answer: nothing is raised, nothing tried again.
    """
    card = await first_card(api, speaker)
    api.block(PERSON)
    await speaker.say(Saying(PERSON, NEXT, replace=card, fresh=fresh))
    assert "Sex?" not in [message.text for message in shown(api) if fresh]


async def test_a_blocked_chat_is_not_asked_again(
    api: LocalBotApi, speaker: Speaker, request_: MoodyRequest, naps: list[float]
) -> None:
    """
    An edit that is forbidden is not followed by a new message.
    """
    card = await first_card(api, speaker)
    request_.moods["editMessageText"] = [refusal(403, "Forbidden: bot was blocked by the user")]
    await speaker.say(Saying(PERSON, NEXT, replace=card))
    assert request_.calls.count("sendMessage") == 1
    assert naps == []


async def test_one_chat_in_trouble_keeps_no_other_waiting(
    api: LocalBotApi, speaker: Speaker, request_: MoodyRequest
) -> None:
    """
    While Telegram wants one chat left alone for a minute, another one is served.
    """
    request_.moods["sendMessage"] = [refusal(429, "Too Many Requests: retry after 60", retry_after=60)]
    waiting = asyncio.create_task(speaker.say(Saying(PERSON, ASKED)))
    await asyncio.sleep(0)
    await speaker.say(replace(Saying(PERSON, NEXT), chat_id=8))
    assert [message.text for message in api.chat(8)] == ["Sex?"]
    assert not waiting.done()
    waiting.cancel()


@pytest.mark.parametrize(
    ("trouble", "times"),
    [
        (refusal(429, "Too Many Requests: retry after 3", retry_after=3), 2),
        (refusal(429, "Too Many Requests: retry after 4", retry_after=4), 1),
        (NetworkError("dropped"), 2),
        (refusal(502, "Bad Gateway"), 2),
        (refusal(400, "Bad Request: query is too old"), 1),
        (refusal(403, "Forbidden: bot was blocked by the user"), 1),
    ],
)
async def test_a_press_is_answered_once_more_where_that_is_soon_enough(
    api: LocalBotApi,
    request_: MoodyRequest,
    naps: list[float],
    trouble: tuple[int, dict[str, Any]] | Exception,
    times: int,
) -> None:
    """
    The spinner on the button ends; where Telegram wants more than three seconds, or will not, that is all.
    """
    async with TelegramBot("1:local", base_url="local:/bot", request=request_, get_updates_request=request_) as bot:
        speaker = Speaker(bot)
        card = await first_card(api, speaker)
        query = api.press(PERSON, card, "x")
        request_.moods["answerCallbackQuery"] = [trouble]
        await speaker.say(Saying(PERSON, None, query_id=query, toast="Done"))
    assert request_.calls.count("answerCallbackQuery") == times
    assert sum(naps) <= 3
    assert api.toasts(PERSON) == ["Done"] * (times - 1)


async def test_while_a_chat_is_left_alone_nothing_else_is_said_there(
    api: LocalBotApi, request_: MoodyRequest, naps: list[float]
) -> None:
    """
    The typed answer could not be taken away at once; when that is tried again Telegram has asked for a pause.
    """
    async with TelegramBot("1:local", base_url="local:/bot", request=request_, get_updates_request=request_) as bot:
        speaker = Speaker(bot)
        mine = api.send(PERSON, "45")
        request_.moods["deleteMessage"] = [NetworkError("dropped")]
        request_.moods["sendMessage"] = [refusal(429, "Too Many Requests: retry after 9", retry_after=9)]
        await speaker.say(Saying(PERSON, NEXT, remove=mine))
    calls = [call for call in request_.calls if call != "getMe"]
    assert calls == ["sendMessage", "deleteMessage", "sendMessage", "deleteMessage"]
    assert sum(naps) >= 9


class Watch(Throttle):
    """
    A pace that lets everything pass and remembers what it was told.
    """

    def __init__(self) -> None:
        self.told: list[tuple[str, int, float]] = []

    async def message(self, chat_id: int) -> None:
        """
        A message is to be sent.
        """
        self.told.append(("message", chat_id, 0))

    async def leave_alone(self, chat_id: int, seconds: float) -> None:
        """
        A chat is to be left alone.
        """
        self.told.append(("alone", chat_id, seconds))


async def test_messages_keep_to_the_pace_and_edits_do_not_count(
    api: LocalBotApi, request_: MoodyRequest, naps: list[float]
) -> None:
    """
    Each attempt to send asks again; what Telegram asks for is passed on.
    """
    async with TelegramBot("1:local", base_url="local:/bot", request=request_, get_updates_request=request_) as bot:
        watch = Watch()
        speaker = Speaker(bot, watch)
        request_.moods["sendMessage"] = [refusal(429, "Too Many Requests: retry after 2", retry_after=2)]
        card = await first_card(api, speaker)
        await speaker.say(Saying(PERSON, NEXT, replace=card))
    assert watch.told == [("message", PERSON, 0), ("alone", PERSON, 2), ("message", PERSON, 0)]
    assert naps == [2]


async def test_links_and_markup_are_said_as_they_are_written(api: LocalBotApi, speaker: Speaker) -> None:
    """
    Bold is bold, and what looks like a tag in a value is text.
    """
    await speaker.say(Saying(PERSON, Card("<b>01-R-001</b> &lt;b&gt; &amp; 5")))
    assert shown(api)[-1].text == "01-R-001 <b> & 5"
    assert [entity["type"] for entity in shown(api)[-1].entities] == ["bold"]
