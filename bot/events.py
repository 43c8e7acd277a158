"""
What has happened in a private chat, read from one of Telegram's updates.
"""

from dataclasses import dataclass
from datetime import datetime

from telegram import Update

from bot.taps import Tap, decode
from bot.texts import words


@dataclass(frozen=True)
class Command:
    """
    /name with the text that follows.
    """

    name: str
    argument: str


@dataclass(frozen=True)
class Typed:
    """
    Text that is no command.
    """

    text: str


@dataclass(frozen=True)
class Edited:
    """
    An old message was changed.
    """


@dataclass(frozen=True)
class Unreadable:
    """
    A file, a voice message, a sticker, a contact: anything but text. It is not fetched.
    """


@dataclass(frozen=True)
class OldButton:
    """
    A button that no present screen has.
    """


Event = Command | Typed | Edited | Unreadable | OldButton | Tap


@dataclass(frozen=True)
class Happening:
    """
    An event with who did it and where. `message_id` is the person's own message, `card_id` the one whose button they
    pressed with the press's `query_id`, `written_at` Telegram's date of their message.
    """

    event: Event
    telegram_id: int
    name: str
    language: str
    message_id: int | None = None
    card_id: int | None = None
    query_id: str | None = None
    written_at: datetime | None = None


def read(update: Update) -> Happening | None:
    """
    What happened; None for what is no private chat with a person.
    """
    chat, user = update.effective_chat, update.effective_user
    if chat is None or user is None or chat.type != "private" or user.is_bot:
        return None
    language = language_of(user.language_code)
    name = words(language).name(user.first_name)
    query = update.callback_query
    if query is not None:
        card_id = query.message.message_id if query.message else None
        event: Event = decode(query.data or "") or OldButton()
        return Happening(event, user.id, name, language, card_id=card_id, query_id=query.id)
    if update.edited_message is not None:
        return Happening(Edited(), user.id, name, language)
    message = update.message
    if message is None:
        return None
    event = Unreadable() if message.text is None else _text(message.text)
    return Happening(event, user.id, name, language, message_id=message.message_id, written_at=message.date)


def language_of(code: object) -> str:
    """
    The language to speak with somebody of whom Telegram tells this code, or none.
    """
    return "fr" if isinstance(code, str) and code.startswith("fr") else "en"


def _text(text: str) -> Command | Typed:
    if not text.startswith("/"):
        return Typed(text)
    slash, *argument = text.split(maxsplit=1)
    return Command(slash[1:].partition("@")[0].casefold(), argument[0].strip() if argument else "")
