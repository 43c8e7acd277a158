"""
The one place that talks to Telegram, and where its limits and moods are handled.

What is said has been committed before. A chat is told again and again until it is reached, so that nothing committed
stays untold; only what Telegram will never take is given up.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Any, TypeVar

from msgspec.structs import replace
from telegram import InlineKeyboardMarkup, InputFile, InputMediaPhoto, LinkPreviewOptions, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot import logs
from bot.render.card import Card
from bot.rules.frozen import Frozen
from bot.wire.backoff import BackOff
from bot.wire.client import TelegramBot
from bot.wire.throttle import Throttle

log = logs.named(__name__)
T = TypeVar("T")

_SOON, _SOON_ENOUGH = 0.5, 3.0
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_UNCHANGED = "message is not modified"


class Saying(Frozen):
    """
    What to do in a chat: show a card in the place of `replace`, or at the end of the chat where it is `fresh`; answer
    the press of a button; take a message away. `asks_anew` where the card asks something that it did not ask before.
    `dated` is Telegram's date of the card as it was. `also` is a message of its own above the card. What `can_wait` is
    not said at all where Telegram wants the chat left alone: whoever wants it said will come again. Where it
    `answers_words` the card is seen to come, also if it says what it said before.
    """

    chat_id: int
    card: Card | None
    replace: int | None = None
    fresh: bool = False
    query_id: str | None = None
    toast: str | None = None
    remove: int | None = None
    asks_anew: bool = False
    dated: datetime | None = None
    also: Card | None = None
    can_wait: bool = False
    answers_words: bool = False


class Shown(Frozen):
    """
    The message in which the card is now, and Telegram's date of the card as it is there; nobody has seen it before.
    """

    message_id: int
    date: datetime | None


class Speaker:
    """
    Says things through a bot; without a `throttle` messages are sent as fast as they come.
    """

    def __init__(self, bot: TelegramBot, throttle: Throttle | None = None) -> None:
        self._bot = bot
        self._throttle = throttle
        self._alone_until: dict[int, float] = {}

    async def say(self, saying: Saying) -> Shown | None:
        """
        Do all of it, side by side: each call waits for Telegram, and none needs the other's result. Only a card that
        another one replaces is taken away after that one is there. Where the card is then; None where there is none.
        Raises RetryAfter for what can wait, and BadRequest for what Telegram never takes.
        """
        if saying.also is not None:
            await self._send(saying, saying.also)
        shown, *_ = await asyncio.gather(
            self._show(saying, saying.card),
            self._answer(saying),
            self._remove(saying, saying.remove),
        )
        return shown

    async def _show(self, saying: Saying, card: Card | None) -> Shown | None:
        if card is None:
            return None
        card = await _drawn(card)
        place, dated = saying.replace, None
        if place is not None and not _is_new(saying):
            try:
                date = await self._persist(saying, lambda: self._edit(saying.chat_id, place, card))
            except BadRequest as error:
                if _UNCHANGED in error.message.casefold():
                    if not saying.answers_words:
                        return Shown(place, saying.dated)
                    # Below what was typed, so that it does not vanish unheard; what the card asks is no younger for it.
                    dated = saying.dated
                # The card is gone, too old to be edited, or a picture where there is a text: show it anew.
                log.debug("a card was not edited", error=error)
            except Forbidden:
                return None
            else:
                return Shown(place, None if date is None else datetime.fromtimestamp(date, UTC))
        shown = await self._send(saying, card)
        if shown is not None:
            await self._remove(saying, place)
        return shown if shown is None or dated is None else Shown(shown.message_id, dated)

    async def _edit(self, chat_id: int, place: int, card: Card) -> int | None:
        """
        Telegram's date of the card in its new form, in seconds since 1970. A picture takes the place of a picture or of
        a text.
        """
        if card.file is None:
            return await self._bot.edit_card(
                chat_id=chat_id, message_id=place, html=card.html, keyboard=_keyboard(card)
            )
        picture = InputMediaPhoto(
            card.file.content, caption=card.html, parse_mode=ParseMode.HTML, filename=card.file.name
        )
        edited = await self._bot.edit_message_media(picture, chat_id, place, reply_markup=_markup(card))
        shown = edited.edit_date or edited.date if isinstance(edited, Message) else None
        return None if shown is None else int(shown.timestamp())

    async def _send(self, saying: Saying, card: Card) -> Shown | None:
        chat_id = saying.chat_id
        words: dict[str, Any] = {"parse_mode": ParseMode.HTML, "reply_markup": _markup(card)}

        def call() -> Awaitable[Message]:
            if card.file is None:
                return self._bot.send_message(chat_id, card.html, link_preview_options=_NO_PREVIEW, **words)
            file = InputFile(card.file.content, filename=card.file.name)
            if card.file.is_picture:
                return self._bot.send_photo(chat_id, file, caption=card.html, **words)
            return self._bot.send_document(chat_id, file, caption=card.html, **words)

        try:
            sent = await self._persist(saying, call, is_message=True)
        except Forbidden:
            log.info("a chat has blocked the bot")
            return None
        return Shown(sent.message_id, sent.date)

    async def _answer(self, saying: Saying) -> None:
        if saying.query_id is None:
            return
        # A press is answered within seconds or not at all: once more where that is soon enough.
        for _ in range(2):
            try:
                await self._wait(saying.chat_id)
                await self._bot.answer_callback_query(saying.query_id, text=saying.toast)
            except RetryAfter as error:
                await self._leave_alone(saying.chat_id, seconds(error))
                if seconds(error) > _SOON_ENOUGH:
                    return
            except TelegramError as error:
                log.debug("a press was not answered", error=error)
                if not isinstance(error, NetworkError) or isinstance(error, BadRequest):
                    return
                await asyncio.sleep(_SOON)
            else:
                return

    async def _remove(self, saying: Saying, message_id: int | None) -> None:
        if message_id is None:
            return
        try:
            await self._persist(saying, lambda: self._bot.delete_message(saying.chat_id, message_id))
        except RetryAfter:
            raise  # only where it can wait, and then so can what comes in its place
        except TelegramError as error:
            log.debug("a message was not removed", error=error)

    async def _persist(self, saying: Saying, call: Callable[[], Awaitable[T]], *, is_message: bool = False) -> T:
        """
        Call until Telegram takes it or says that it never will. Telegram alone says how long to wait after too many
        calls; meanwhile nothing else is said in the chat either.
        """
        back_off = BackOff()
        while True:
            if is_message and self._throttle is not None:
                await self._throttle.message(saying.chat_id)
            await self._wait(saying.chat_id)
            try:
                return await call()
            except RetryAfter as error:
                await self._leave_alone(saying.chat_id, seconds(error))
                if saying.can_wait:
                    raise
            except (BadRequest, Forbidden, InvalidToken):
                raise
            except NetworkError as error:
                log.warning("Telegram is not reached", error=error)
                await back_off.pause()

    async def _wait(self, chat_id: int) -> None:
        while (left := self._alone_until.get(chat_id, 0) - monotonic()) > 0:  # noqa: ASYNC110  it is the time that changes
            await asyncio.sleep(left)
        self._alone_until.pop(chat_id, None)

    async def _leave_alone(self, chat_id: int, wait: float) -> None:
        self._alone_until[chat_id] = max(monotonic() + wait, self._alone_until.get(chat_id, 0))
        if self._throttle is not None:
            await self._throttle.leave_alone(chat_id, wait)


async def _drawn(card: Card) -> Card:
    """
    The card with its picture, which is drawn beside everything else; without, where that fails: its words say the same.
    """
    if card.file is None or card.file.draw is None:
        return card
    try:
        content = await asyncio.to_thread(card.file.draw)
    except (RuntimeError, TypeError, OSError) as error:
        log.exception("a picture was not drawn", error=error)
        return replace(card, file=None)
    return replace(card, file=replace(card.file, content=content, draw=None))


def _is_new(saying: Saying) -> bool:
    """
    Whether the card is a message of its own: no card can be turned into a file other than a picture.
    """
    file = saying.card.file if saying.card else None
    return saying.fresh or (file is not None and not file.is_picture)


def _markup(card: Card) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup.de_json(_keyboard(card) or {"inline_keyboard": []})


def _keyboard(card: Card) -> dict[str, Any] | None:
    if not card.rows:
        return None
    rows = [[{"text": button.label, "callback_data": button.data} for button in row] for row in card.rows]
    return {"inline_keyboard": rows}


def seconds(error: RetryAfter) -> float:
    """
    How long Telegram wants to be left alone.
    """
    wait = error.retry_after
    return wait if isinstance(wait, int) else wait.total_seconds()
