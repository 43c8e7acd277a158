"""
What the local Bot API keeps of a chat, as a person sees it and as the Bot API writes it.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any, Literal, NamedTuple

from bot.emulator.html import Entity

Json = dict[str, Any]

_READING = timedelta(seconds=1)


class Formatted(NamedTuple):
    """
    A text: as written, as shown, and the marks upon it.
    """

    html: str
    text: str
    entities: list[Entity]


@dataclass(frozen=True)
class InlineButton:
    """
    One button under a message; a link has no data.
    """

    label: str
    data: str | None = None


@dataclass(frozen=True)
class Upload:
    """
    A file handed over with a call.
    """

    filename: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Message:
    """
    A visible message: ``html`` as its sender wrote it, ``text`` without the tags. With a file they are its caption.
    """

    id: int
    chat_id: int
    from_bot: bool
    html: str
    text: str
    entities: list[Entity] = field(repr=False)
    date: datetime
    edited_at: datetime | None = None
    markup: Json | None = field(default=None, repr=False)
    file: Upload | None = None
    file_kind: Literal["photo", "document"] = "document"

    @property
    def edited(self) -> bool:
        """
        Whether the text was changed after it was sent.
        """
        return self.edited_at is not None

    @property
    def buttons(self) -> tuple[tuple[InlineButton, ...], ...]:
        """
        The rows of buttons under the message.
        """
        rows = (self.markup or {}).get("inline_keyboard", [])
        return tuple(tuple(InlineButton(button["text"], button.get("callback_data")) for button in row) for row in rows)

    def as_json(self, chat: Json, sender: Json) -> Json:
        """
        Write the message as the Bot API does.
        """
        written: Json = {"message_id": self.id, "date": int(self.date.timestamp()), "chat": chat, "from": sender}
        if self.file is not None:
            written[self.file_kind] = self._file_as_json(self.file)
        name, entities = ("text", "entities") if self.file is None else ("caption", "caption_entities")
        if self.text:
            written[name] = self.text
        if self.entities:
            written[entities] = self.entities
        if self.edited_at is not None:
            written["edit_date"] = int(self.edited_at.timestamp())
        if self.buttons:
            written["reply_markup"] = self.markup
        return written

    def _file_as_json(self, file: Upload) -> Json | list[Json]:
        written: Json = {
            "file_id": f"file-{self.id}",
            "file_unique_id": f"unique-{self.id}",
            "file_size": len(file.content),
        }
        if self.file_kind == "photo":
            return [written | {"width": 1, "height": 1}]
        return written | {"file_name": file.filename}


@dataclass(frozen=True)
class ChatEvent:
    """
    Something changed on a person's screen: ``message`` as it is now (as it was, if deleted), or the ``toast``.
    """

    kind: Literal["sent", "edited", "deleted", "toast"]
    chat_id: int
    message: Message | None = None
    toast: str = ""


Listener = Callable[[ChatEvent], None]


class Chats:
    """
    The people that one bot talks with, and what their chats show.
    """

    def __init__(self, me: Json, first_id: int) -> None:
        self.me = me
        self.listeners: list[Listener] = []
        self._ids = itertools.count(first_id)
        self._people: dict[int, Json] = {}
        self._chats: dict[int, Json] = {}
        self._messages: dict[int, dict[int, Message]] = {}
        self._dates: dict[int, datetime] = {}
        self._read: dict[int, datetime] = {}

    def person(self, user_id: int) -> Json:
        """
        A person as the Bot API writes one.
        """
        new = {"id": user_id, "is_bot": False, "first_name": "Person", "language_code": "en"}
        return self._people.setdefault(user_id, new)

    def chat(self, chat_id: int) -> Json:
        """
        A chat as the Bot API writes one, private unless it was made otherwise.
        """
        if chat_id in self._chats:
            return self._chats[chat_id]
        return {"id": chat_id, "type": "private", "first_name": self.person(chat_id)["first_name"]}

    def introduce(self, user_id: int, first_name: str, language: str) -> None:
        """
        Note how a person is called and which language their Telegram speaks.
        """
        self._people[user_id] = self.person(user_id) | {"first_name": first_name, "language_code": language}

    def make_group(self, chat_id: int, kind: str) -> None:
        """
        Note that a chat is a group.
        """
        self._chats[chat_id] = {"id": chat_id, "type": kind, "title": "Group"}

    def messages(self, chat_id: int) -> list[Message]:
        """
        What a chat shows, oldest first.
        """
        return list(self._messages.get(chat_id, {}).values())

    def find(self, chat_id: int, message_id: int) -> Message | None:
        """
        One visible message.
        """
        return self._messages.get(chat_id, {}).get(message_id)

    def add(
        self,
        chat_id: int,
        formatted: Formatted,
        *,
        from_bot: bool,
        markup: Json | None = None,
        file: Upload | None = None,
        file_kind: Literal["photo", "document"] = "document",
    ) -> Message:
        """
        Show a new message.
        """
        message = Message(
            next(self._ids),
            chat_id,
            from_bot,
            *formatted,
            date=self._date(chat_id, from_bot=from_bot),
            markup=markup,
            file=file,
            file_kind=file_kind,
        )
        self._messages.setdefault(chat_id, {})[message.id] = message
        self.tell(ChatEvent("sent", chat_id, message))
        return message

    def change(
        self, message: Message, formatted: Formatted, markup: Json | None = None, picture: Upload | None = None
    ) -> Message:
        """
        Show another text in the place of a message's, or a picture.
        """
        changed = replace(
            message,
            **formatted._asdict(),
            markup=markup,
            file=picture or message.file,
            file_kind="photo" if picture else message.file_kind,
            edited_at=self._date(message.chat_id, from_bot=message.from_bot),
        )
        self._messages[message.chat_id][message.id] = changed
        self.tell(ChatEvent("edited", message.chat_id, changed))
        return changed

    def _date(self, chat_id: int, *, from_bot: bool) -> datetime:
        """
        Now. But nobody reads and types within the same second: what a person writes is a second younger than all that
        the bot has shown them, however fast a script or a test types; and what the bot shows is never older than what
        is there.
        """
        now, known = datetime.now(UTC), self._dates.get(chat_id)
        read = self._read.get(chat_id)
        date = max(now, known or now) if from_bot else max(now, read + _READING if read else now)
        self._dates[chat_id] = max(date, known or date)
        if from_bot:
            self._read[chat_id] = date
        return date

    def remove(self, message: Message) -> None:
        """
        Show a message no longer.
        """
        del self._messages[message.chat_id][message.id]
        self.tell(ChatEvent("deleted", message.chat_id, message))

    def tell(self, event: ChatEvent) -> None:
        """
        Call every listener.
        """
        for listener in self.listeners:
            listener(event)

    def as_json(self, message: Message) -> Json:
        """
        A message as the Bot API writes it. A group's only member is the person of the same number.
        """
        sender = self.me if message.from_bot else self.person(abs(message.chat_id))
        return message.as_json(self.chat(message.chat_id), sender)


def plain(text: str, entities: list[Entity] | None = None) -> Formatted:
    """
    A text without tags.
    """
    return Formatted(escape(text, quote=False), text, entities or [])
