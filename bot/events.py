"""
What has happened in a private chat, read from one of Telegram's updates.
"""

from datetime import UTC, datetime
from typing import Any

from bot.rules.frozen import Frozen
from bot.taps import Tap, decode
from bot.texts import words


class Command(Frozen):
    """
    /name with the text that follows.
    """

    name: str
    argument: str


class Typed(Frozen):
    """
    Text that is no command.
    """

    text: str


class Edited(Frozen):
    """
    An old message was changed.
    """


class Unreadable(Frozen):
    """
    A file, a voice message, a sticker, a contact: anything but text. It is not fetched.
    """


class OldButton(Frozen):
    """
    A button that no present screen has.
    """


Event = Command | Typed | Edited | Unreadable | OldButton | Tap


class Happening(Frozen):
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


def read(update: dict[str, Any]) -> Happening | None:
    """
    What happened; None for what is no private chat with a person. python-telegram-bot's objects would take ten times as
    long, most of it for what nobody looks at. Raises whatever an update leads to that is not of Telegram's form.
    """
    if "update_id" not in update:
        raise ValueError("no update")
    query = update.get("callback_query")
    if query is not None:
        return _pressed(query)
    edited = update.get("edited_message")
    message = update.get("message") if edited is None else edited
    if message is None or not _is_private(message["chat"], message.get("from")):
        return None
    who = _who(message["from"])
    if edited is not None:
        return Happening(Edited(), *who)
    text = message.get("text")
    event = Unreadable() if text is None else _text(text)
    written_at = datetime.fromtimestamp(message["date"], UTC)
    return Happening(event, *who, message_id=message["message_id"], written_at=written_at)


def _pressed(query: dict[str, Any]) -> Happening | None:
    card, person = query.get("message"), query["from"]
    if card is None or not _is_private(card["chat"], person):
        return None
    event = decode(query.get("data") or "") or OldButton()
    return Happening(event, *_who(person), card_id=card["message_id"], query_id=query["id"])


def _is_private(chat: dict[str, Any], person: dict[str, Any] | None) -> bool:
    return chat["type"] == "private" and person is not None and not person["is_bot"]


def _who(person: dict[str, Any]) -> tuple[int, str, str]:
    language = language_of(person.get("language_code"))
    return person["id"], words(language).name(person["first_name"]), language


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
