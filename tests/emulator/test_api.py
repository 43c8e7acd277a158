"""
The local Bot API shows, refuses and hands out what Telegram would.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Message, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, TelegramError

from bot.emulator.api import LocalBotApi
from bot.emulator.chat import ChatEvent, InlineButton
from bot.emulator.request import LocalRequest

ADA = 42
EVA = 43
FIRST = 1000
NOT_MODIFIED = (
    "Message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


@pytest.fixture
def api() -> LocalBotApi:
    """
    A Telegram without anyone in it yet.
    """
    return LocalBotApi(first_id=FIRST)


@pytest.fixture
async def bot(api: LocalBotApi) -> AsyncIterator[Bot]:
    """
    The one bot of it.
    """
    async with Bot("1:token", request=LocalRequest(api), get_updates_request=LocalRequest(api)) as running:
        yield running


def keyboard(*rows: tuple[str, ...]) -> InlineKeyboardMarkup:
    """
    Rows of buttons that carry their own label.
    """
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=label) for label in row] for row in rows])


def shown(api: LocalBotApi, user_id: int = ADA) -> list[str]:
    """
    The texts on a person's screen.
    """
    return [message.text for message in api.chat(user_id)]


@contextmanager
def refused(words: str, kind: type[TelegramError] = BadRequest) -> Iterator[None]:
    """
    Telegram does not accept the call, and says so in these words; python-telegram-bot changes their case.
    """
    with pytest.raises(kind) as caught:
        yield
    assert caught.value.message.lower() == words.lower()


# Messages


async def test_a_chat_shows_both_sides_in_order(api: LocalBotApi, bot: Bot) -> None:
    """
    What the person wrote and what the bot said, with its marks and buttons; another chat shows nothing of it.
    """
    api.send(ADA, "1 < 2")
    await bot.send_message(ADA, "<b>A &amp; B</b>", parse_mode="HTML", reply_markup=keyboard(("Yes", "No"), ("Back",)))
    person, answer = api.chat(ADA)
    assert (person.from_bot, person.text, person.html, person.buttons) == (False, "1 < 2", "1 &lt; 2", ())
    assert (answer.from_bot, answer.text, answer.html) == (True, "A & B", "<b>A &amp; B</b>")
    assert answer.buttons == ((InlineButton("Yes", "Yes"), InlineButton("No", "No")), (InlineButton("Back", "Back"),))
    assert answer.id > person.id
    assert api.chat(EVA) == []


async def test_the_bot_gets_back_what_it_sent(bot: Bot) -> None:
    """
    The message has its id, chat, sender, time, plain text and buttons.
    """
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        sent = await bot.send_message(ADA, "  Hi <i>you</i> \n", parse_mode="HTML", reply_markup=keyboard(("OK",)))
    assert (sent.message_id, sent.chat_id, sent.chat.type, sent.text) == (FIRST, ADA, "private", "Hi you")
    assert sent.text_html == "Hi <i>you</i>"
    assert sent.from_user == await bot.get_me()
    assert sent.date == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert sent.edit_date is None
    assert sent.reply_markup == keyboard(("OK",))


async def test_an_edit_replaces_text_and_buttons(api: LocalBotApi, bot: Bot) -> None:
    """
    An edited message stays in its place, and loses the buttons that are not given again.
    """
    card = await bot.send_message(ADA, "One", reply_markup=keyboard(("Yes",)))
    await bot.send_message(ADA, "Below")
    edited = await bot.edit_message_text("Two", ADA, card.message_id)
    assert isinstance(edited, Message)
    assert (edited.message_id, edited.text, edited.reply_markup) == (card.message_id, "Two", None)
    assert edited.edit_date is not None
    assert shown(api) == ["Two", "Below"]
    assert [(message.edited, message.buttons) for message in api.chat(ADA)] == [(True, ()), (False, ())]


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot) -> None:
    """
    The same text with the same marks and buttons is "not modified"; a change in any of them is taken.
    """
    card = await bot.send_message(ADA, "<b>One</b>", parse_mode="HTML", reply_markup=keyboard(("Yes",)))
    with refused(NOT_MODIFIED):
        await bot.edit_message_text(
            "<strong>One</strong>", ADA, card.message_id, parse_mode="HTML", reply_markup=keyboard(("Yes",))
        )
    assert await bot.edit_message_text("One", ADA, card.message_id, reply_markup=keyboard(("Yes",)))
    assert await bot.edit_message_text("One", ADA, card.message_id, reply_markup=keyboard(("No",)))
    assert await bot.edit_message_text("One", ADA, card.message_id)
    with refused(NOT_MODIFIED):
        await bot.edit_message_text("One", ADA, card.message_id)


async def test_only_the_bots_own_text_can_be_edited(api: LocalBotApi, bot: Bot) -> None:
    """
    A message that is gone, is another's, or is a file is not edited.
    """
    card = await bot.send_message(ADA, "One")
    await bot.delete_message(ADA, card.message_id)
    with refused("Message to edit not found"):
        await bot.edit_message_text("Two", ADA, card.message_id)
    with refused("Message can't be edited"):
        await bot.edit_message_text("Two", ADA, api.send(ADA, "Mine"))
    file = await bot.send_document(ADA, b"x")
    with refused("There is no text in the message to edit"):
        await bot.edit_message_text("Two", ADA, file.message_id)


async def test_a_deleted_message_is_gone(api: LocalBotApi, bot: Bot) -> None:
    """
    The bot removes its own message and the person's, each once.
    """
    typed = api.send(ADA, "59")
    card = await bot.send_message(ADA, "Card")
    await bot.delete_message(ADA, typed)
    assert shown(api) == ["Card"]
    await bot.delete_message(ADA, card.message_id)
    assert shown(api) == []
    with refused("Message to delete not found"):
        await bot.delete_message(ADA, card.message_id)


async def test_a_message_can_be_deleted_for_two_days(api: LocalBotApi, bot: Bot) -> None:
    """
    After 48 hours Telegram keeps a message.
    """
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False) as now:
        first, second = api.send(ADA, "59"), api.send(ADA, "60")
        now.shift(timedelta(hours=48))
        await bot.delete_message(ADA, first)
        now.shift(timedelta(seconds=1))
        with refused("Message can't be deleted for everyone"):
            await bot.delete_message(ADA, second)
    assert shown(api) == ["60"]


@pytest.mark.parametrize("kind", ["photo", "document"])
async def test_a_file_is_kept_with_its_caption(api: LocalBotApi, bot: Bot, kind: str) -> None:
    """
    A report or a chart arrives whole; a caption has at most 1024 characters.
    """

    async def send(caption: str) -> Message:
        if kind == "photo":
            return await bot.send_photo(ADA, b"%PDF", caption, parse_mode="HTML", filename="report.pdf")
        return await bot.send_document(ADA, b"%PDF", caption, parse_mode="HTML", filename="report.pdf")

    sent = await send("<b>" + 1024 * "x" + "</b>")
    (message,) = api.chat(ADA)
    assert message.file is not None
    assert (message.file.filename, message.file.content, message.file_kind) == ("report.pdf", b"%PDF", kind)
    assert sent.caption == 1024 * "x"
    assert sent.effective_attachment is not None
    with refused("Message caption is too long"):
        await send(1025 * "x")


async def test_an_attached_file_is_found_by_its_name(api: LocalBotApi, bot: Bot) -> None:
    """
    A file handed over as attach://name is the one kept; an empty or unknown one is refused.
    """
    await bot.send_document(ADA, InputFile(b"log", "log.csv", attach=True))
    assert [message.file and message.file.content for message in api.chat(ADA)] == [b"log"]
    for document in (InputFile(b"", "log.csv"), "an-unknown-file-id"):
        with pytest.raises(BadRequest):
            await bot.send_document(ADA, document)


# Limits


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("x", None),
        (4096 * "x", None),
        (4097 * "x", "Message is too long"),
        (2048 * "😀", None),
        (2048 * "😀" + "x", "Message is too long"),
        (" " + 4096 * "x" + "\n", None),
        ("<b>" + 4096 * "&lt;" + "</b>", None),
        ("<b>" + 4096 * "&lt;" + "</b>x", "Message is too long"),
        ("", "Message text is empty"),
        (" \n", "Text must be non-empty"),
        ("<b></b>", "Text must be non-empty"),
    ],
)
async def test_a_text_has_1_to_4096_characters(api: LocalBotApi, bot: Bot, text: str, refusal: str | None) -> None:
    """
    Tags and the space around do not count, what they leave does; for a new message as for an edit.
    """
    card = await bot.send_message(ADA, "before")
    for call in (
        bot.send_message(ADA, text, parse_mode="HTML"),
        bot.edit_message_text(text, ADA, card.message_id, parse_mode="HTML"),
    ):
        if refusal is None:
            await call
        else:
            with refused(refusal):
                await call
    assert (shown(api) == ["before"]) == (refusal is not None)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ("x", None),
        (64 * "x", None),
        (65 * "x", "Button_data_invalid"),
        (32 * "é", None),
        (32 * "é" + "x", "Button_data_invalid"),
        ("", "Can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    ],
)
async def test_a_button_carries_1_to_64_bytes(bot: Bot, data: str, refusal: str | None) -> None:
    """
    Bytes, not characters.
    """
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data=data)]])
    if refusal is None:
        await bot.send_message(ADA, "Card", reply_markup=markup)
    else:
        with refused(refusal):
            await bot.send_message(ADA, "Card", reply_markup=markup)


async def test_a_keyboard_has_at_most_100_buttons_that_all_say_something(bot: Bot) -> None:
    """
    A longer list has to be cut into pages, and a button needs a label and something to do.
    """
    hundred = [(f"b{number}",) for number in range(100)]
    await bot.send_message(ADA, "Card", reply_markup=keyboard(*hundred))
    idle = InlineKeyboardMarkup([[InlineKeyboardButton("Idle")]])
    for markup in (keyboard(*hundred, ("one more",)), keyboard(("",)), idle):
        with pytest.raises(BadRequest):
            await bot.send_message(ADA, "Card", reply_markup=markup)


async def test_an_empty_keyboard_is_none(api: LocalBotApi, bot: Bot) -> None:
    """
    To give a keyboard without buttons is to take the buttons away.
    """
    card = await bot.send_message(ADA, "Card", reply_markup=keyboard(("Yes",)))
    await bot.edit_message_text("Card", ADA, card.message_id, reply_markup=keyboard())
    assert api.chat(ADA)[0].buttons == ()


@pytest.mark.parametrize(
    ("html", "text", "marks"),
    [
        ("a &lt; b &gt; c &amp; d &quot;e&quot;", 'a < b > c & d "e"', []),
        ("&#39;&#x27;&#0;&nbsp;&unknown; & &", "''&#0;&nbsp;&unknown; & &", []),
        ("5 > 4", "5 > 4", []),
        ("<b>x</b><i>y</i>", "xy", [("bold", 0, 1), ("italic", 1, 1)]),
        ("<B>a<i>b</i></B>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("😀<u>x</u>", "😀x", [("underline", 2, 1)]),
        (" <s> x </s> ", "x", [("strikethrough", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<a href='http://x.org/?a=1&amp;b=2'>x</a>", "x", [("text_link", 0, 1)]),
        ('<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1), ("code", 0, 1)]),
        ("<blockquote>x</blockquote>", "x", [("blockquote", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ("<tg-spoiler>x</tg-spoiler><b></b>", "x", [("spoiler", 0, 1)]),
    ],
)
async def test_the_tags_that_telegram_knows_become_marks(
    bot: Bot, html: str, text: str, marks: list[tuple[str, int, int]]
) -> None:
    """
    Tags leave the text, and their places are counted without them.
    """
    sent = await bot.send_message(ADA, html, parse_mode="HTML")
    assert sent.text == text
    assert [(str(entity.type), entity.offset, entity.length) for entity in sent.entities] == marks


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("é<b><i>x</b></i>", 'Unmatched end tag at byte offset 9, expected "</i>", found "</b>"'),
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("x<br/>", 'Unsupported start tag "br/" at byte offset 1'),
        ("DLCO < 60 %", "Unclosed start tag at byte offset 5"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b " + "a=" * 2000, "Unclosed start tag at byte offset 0"),
    ],
)
async def test_other_html_is_refused(api: LocalBotApi, bot: Bot, html: str, reason: str) -> None:
    """
    A forgotten escape or end tag is found, where it stands, in a text as in a caption.
    """
    for call in (
        bot.send_message(ADA, html, parse_mode="HTML"),
        bot.send_document(ADA, b"x", caption=html, parse_mode="HTML"),
    ):
        with refused(f"Can't parse entities: {reason}"):
            await call
    assert shown(api) == []
    with refused("Unsupported parse_mode"):
        await bot.send_message(ADA, "x", parse_mode="Markdown")


@pytest.mark.parametrize(("length", "taken"), [(1, True), (200, True), (201, False)])
async def test_a_toast_has_at_most_200_characters(api: LocalBotApi, bot: Bot, length: int, taken: bool) -> None:  # noqa: FBT001 - a column of the table
    """
    A longer note would not be shown.
    """
    query = api.press(ADA, FIRST, "y")
    if taken:
        assert await bot.answer_callback_query(query, length * "x")
    else:
        with refused("Message_too_long"):
            await bot.answer_callback_query(query, length * "x")
    assert api.toasts(ADA) == ([length * "x"] if taken else [])


# People


async def test_what_a_person_writes_reaches_the_bot(api: LocalBotApi, bot: Bot) -> None:
    """
    With who they are and the commands in it.
    """
    message_id = api.send(ADA, "😀 /start now", language="fr", first_name="Ada")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.from_user is not None
    assert (update.message.message_id, update.message.chat_id, update.message.text) == (
        message_id,
        ADA,
        "😀 /start now",
    )
    assert (update.message.from_user.language_code, update.message.from_user.first_name) == ("fr", "Ada")
    assert update.message.parse_entities(["bot_command"]) == {update.message.entities[0]: "/start"}


@pytest.mark.parametrize("text", ["59.9", "3/4", "http://x.org/start", "/ start"])
async def test_no_command_is_seen_where_there_is_none(api: LocalBotApi, bot: Bot, text: str) -> None:
    """
    A fraction, a date or an address is no command.
    """
    api.send(ADA, text)
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.entities == ()


async def test_a_group_is_not_the_persons_own_chat(api: LocalBotApi, bot: Bot) -> None:
    """
    What is written in a group comes from the person, in the group.
    """
    api.send(ADA, "/start", chat_type="group")
    (update,) = await bot.get_updates()
    assert update.effective_chat is not None
    assert update.effective_user is not None
    assert (update.effective_chat.type, update.effective_user.id) == ("group", ADA)
    assert shown(api, ADA) == []
    assert shown(api, update.effective_chat.id) == ["/start"]


async def test_a_press_brings_the_message_along(api: LocalBotApi, bot: Bot) -> None:
    """
    As it is at that moment, or only its id if it has gone.
    """
    card = await bot.send_message(ADA, "Card", reply_markup=keyboard(("Yes",)))
    api.press(ADA, card.message_id, "Yes")
    await bot.delete_message(ADA, card.message_id)
    api.press(ADA, card.message_id, "Yes")
    first, second = [update.callback_query for update in await bot.get_updates()]
    assert first is not None
    assert second is not None
    assert (first.data, first.from_user.id, first.message) == ("Yes", ADA, card)
    assert first.id != second.id
    assert second.message is not None
    assert (second.message.message_id, second.message.is_accessible) == (card.message_id, False)


async def test_a_press_is_answered_by_its_own_id(api: LocalBotApi, bot: Bot) -> None:
    """
    An answer shows its note to who pressed, or nothing if it says nothing; a press that nobody made has no answer.
    """
    assert await bot.answer_callback_query(api.press(ADA, FIRST, "y"), "Saved")
    assert await bot.answer_callback_query(api.press(ADA, FIRST, "y"))
    assert (api.toasts(ADA), api.toasts(EVA)) == (["Saved"], [])
    with refused("Query is too old and response timeout expired or query id is invalid"):
        await bot.answer_callback_query("77", "Saved")


async def test_a_person_can_change_what_they_wrote(api: LocalBotApi, bot: Bot) -> None:
    """
    The bot hears of it as an edited message.
    """
    message_id = api.send(ADA, "59")
    api.edit(ADA, message_id, "95")
    update = (await bot.get_updates())[1]
    assert update.edited_message is not None
    assert (update.edited_message.message_id, update.edited_message.text) == (message_id, "95")
    assert update.edited_message.edit_date is not None
    assert shown(api) == ["95"]
    with pytest.raises(LookupError):
        api.edit(ADA, message_id + 1, "95")


async def test_who_blocked_the_bot_gets_nothing(api: LocalBotApi, bot: Bot) -> None:
    """
    Until they write again.
    """
    api.block(ADA)
    for call in (bot.send_message(ADA, "Hi"), bot.send_document(ADA, b"x"), bot.send_chat_action(ADA, "typing")):
        with refused("Forbidden: bot was blocked by the user", Forbidden):
            await call
    await bot.send_message(EVA, "Hi")
    assert (shown(api, ADA), shown(api, EVA)) == ([], ["Hi"])
    api.send(ADA, "/start")
    await bot.send_message(ADA, "Hi")
    assert shown(api, ADA) == ["/start", "Hi"]


async def test_a_listener_sees_every_change(api: LocalBotApi, bot: Bot) -> None:
    """
    The terminal can draw the chat from what it is told.
    """
    events: list[ChatEvent] = []
    api.on_change(events.append)
    api.send(ADA, "Hi")
    card = await bot.send_message(ADA, "One")
    await bot.edit_message_text("Two", ADA, card.message_id)
    await bot.answer_callback_query(api.press(ADA, card.message_id, "y"), "Saved")
    await bot.delete_message(ADA, card.message_id)
    assert [(event.kind, event.chat_id, event.message and event.message.text, event.toast) for event in events] == [
        ("sent", ADA, "Hi", ""),
        ("sent", ADA, "One", ""),
        ("edited", ADA, "Two", ""),
        ("toast", ADA, None, "Saved"),
        ("deleted", ADA, "Two", ""),
    ]


# Updates


async def test_a_poll_wakes_when_something_comes(api: LocalBotApi, bot: Bot) -> None:
    """
    Whoever waits for news has it as it happens, not when the time is up.
    """
    poll = asyncio.create_task(bot.get_updates(timeout=timedelta(days=1)))
    await asyncio.sleep(0)
    api.send(ADA, "One")
    api.send(ADA, "Two")
    assert [update.message and update.message.text for update in await poll] == ["One", "Two"]


async def test_a_poll_without_news_ends_empty(bot: Bot) -> None:
    """
    With no time to wait it ends at once, else when the time is up.
    """
    assert await bot.get_updates(timeout=timedelta(0)) == ()
    assert await bot.get_updates(timeout=timedelta(seconds=1)) == ()


async def test_an_update_stays_until_it_is_confirmed(api: LocalBotApi, bot: Bot) -> None:
    """
    A bot that dies before it asks for more gets the same again.
    """
    for text in ("One", "Two", "Three"):
        api.send(ADA, text)
    assert [update.update_id for update in await bot.get_updates(limit=2)] == [FIRST, FIRST + 1]
    assert [update.update_id for update in await bot.get_updates()] == [FIRST, FIRST + 1, FIRST + 2]
    assert api.confirmed == 0
    assert [update.update_id for update in await bot.get_updates(offset=FIRST + 2)] == [FIRST + 2]
    assert api.confirmed == FIRST + 1
    assert await bot.get_updates(offset=FIRST + 3) == ()
    assert (api.confirmed, api.waiting) == (FIRST + 2, [])


async def test_a_negative_offset_keeps_the_last_ones(api: LocalBotApi, bot: Bot) -> None:
    """
    The ones before are forgotten.
    """
    for text in ("One", "Two", "Three"):
        api.send(ADA, text)
    assert [update.update_id for update in await bot.get_updates(offset=-1)] == [FIRST + 2]
    assert api.confirmed == FIRST + 1


async def test_an_update_can_come_twice(api: LocalBotApi, bot: Bot) -> None:
    """
    Put again under its id, it is handed out again, even after it was confirmed.
    """
    api.send(ADA, "One")
    (raw,) = api.waiting
    (first,) = await bot.get_updates()
    assert api.put(raw) == first.update_id
    assert await bot.get_updates(offset=first.update_id + 1) == (first,)
    assert await bot.get_updates(offset=first.update_id + 1) == ()


async def test_any_update_can_be_put(api: LocalBotApi, bot: Bot) -> None:
    """
    One that the local Telegram has no words for goes through as it is, and ids go on after it.
    """
    member = {
        "chat": {"id": ADA, "type": "private"},
        "from": {"id": ADA, "is_bot": False, "first_name": "Ada"},
        "date": 1,
    }
    assert api.put({"update_id": 5000, "my_chat_member": member | _membership()}) == 5000
    api.send(ADA, "Hi")
    assert [update.update_id for update in await bot.get_updates()] == [5000, 5001]


def _membership() -> dict[str, object]:
    user = {"id": 1, "is_bot": True, "first_name": "bot"}
    return {
        "old_chat_member": {"user": user, "status": "member"},
        "new_chat_member": {"user": user, "status": "kicked", "until_date": 0},
    }


async def test_only_what_the_bot_asked_for_comes(api: LocalBotApi, bot: Bot) -> None:
    """
    Kinds of updates that the bot did not name are not handed out.
    """
    await bot.get_updates(allowed_updates=[Update.MESSAGE])
    message_id = api.send(ADA, "59")
    api.edit(ADA, message_id, "95")
    api.press(ADA, message_id, "y")
    (update,) = await bot.get_updates()
    assert update.message is not None


async def test_a_second_poller_ends_the_first(api: LocalBotApi, bot: Bot) -> None:
    """
    Two processes with one token get in each other's way.
    """
    first = asyncio.create_task(bot.get_updates(timeout=timedelta(days=1)))
    await asyncio.sleep(0)
    second = asyncio.create_task(bot.get_updates(timeout=timedelta(days=1)))
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first
    api.send(ADA, "Hi")
    assert len(await second) == 1


async def test_a_poll_that_was_given_up_is_no_second_poller(api: LocalBotApi, bot: Bot) -> None:
    """
    A bot that starts anew polls in peace.
    """
    first = asyncio.create_task(bot.get_updates(timeout=timedelta(days=1)))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    api.send(ADA, "Hi")
    assert len(await bot.get_updates(timeout=timedelta(days=1))) == 1


async def test_with_a_webhook_there_is_no_polling(api: LocalBotApi, bot: Bot) -> None:
    """
    Until it is taken away; what waited is kept, or dropped if so wished.
    """
    api.send(ADA, "Hi")
    await bot.set_webhook("https://bot.example/hook")
    assert api.webhook == "https://bot.example/hook"
    with pytest.raises(Conflict, match="while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert len(await bot.get_updates()) == 1
    await bot.delete_webhook(drop_pending_updates=True)
    assert (await bot.get_updates(), api.waiting) == ((), [])


async def test_the_menu_is_kept_by_language(api: LocalBotApi, bot: Bot) -> None:
    """
    Each language has its own list of commands.
    """
    await bot.set_my_commands([("start", "Begin")])
    await bot.set_my_commands([("start", "Commencer")], language_code="fr")
    assert api.commands == {
        "": [{"command": "start", "description": "Begin"}],
        "fr": [{"command": "start", "description": "Commencer"}],
    }


async def test_an_unknown_method_is_not_found(api: LocalBotApi, bot: Bot) -> None:
    """
    As with a wrong token, Telegram knows nothing there.
    """
    assert (await api.call("sendNothing", {}))[0] == 404
    with pytest.raises(InvalidToken):
        await bot.send_dice(ADA)


@pytest.mark.parametrize("chat_id", ["", "nobody"])
async def test_a_chat_is_a_number(bot: Bot, chat_id: str) -> None:
    """
    Anything else is refused.
    """
    with pytest.raises(BadRequest):
        await bot.send_message(chat_id, "Hi")


async def test_a_second_run_does_not_reuse_ids() -> None:
    """
    Without a base of its own, a later run numbers on above an earlier one.
    """
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
        earlier = LocalBotApi()
    with time_machine.travel(datetime(2026, 3, 1, 0, 1, tzinfo=UTC), tick=False):
        later = LocalBotApi()
    last = max(earlier.send(ADA, "Hi") for _ in range(500))
    assert later.send(ADA, "Hi") > last
    assert later.waiting[0]["update_id"] > earlier.waiting[-1]["update_id"]
