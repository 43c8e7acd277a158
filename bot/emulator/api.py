"""
A Bot API in the process: what the terminal chat and the tests put in the place of Telegram.

It holds one bot and its chats in memory, answers the calls of this bot as Telegram would, refusals included, and lets
people write, edit and press. https://core.telegram.org/bots/api
"""

import itertools
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

from bot.emulator import parameters as read
from bot.emulator.chat import ChatEvent, Chats, Formatted, Json, Listener, Message, plain
from bot.emulator.html import Entity, utf16_length
from bot.emulator.parameters import ApiError, Parameters, bad_request
from bot.emulator.updates import Updates

_Method = Callable[[Parameters], object]

_COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,64}(?:@\w+)?")
_DELETABLE = timedelta(hours=48)
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class LocalBotApi:
    """
    Telegram for one bot. Everything happens in the event loop of the bot.

    New updates and messages are numbered from ``first_id``; by default from the clock in milliseconds, so that a second
    run never meets the ids of the first.
    """

    def __init__(self, *, first_id: int | None = None, bot_id: int = 1, username: str = "local_bot") -> None:
        first_id = time.time_ns() // 1_000_000 if first_id is None else first_id
        self.webhook = ""
        self.commands: dict[str, list[Json]] = {}
        me: Json = {"id": bot_id, "is_bot": True, "first_name": username, "username": username}
        self._chats = Chats(me, first_id)
        self._updates = Updates(first_id)
        self._query_ids = itertools.count(first_id)
        self._presses: dict[str, int] = {}
        self._toasts: dict[int, list[str]] = {}
        self._blocked: set[int] = set()
        self._methods: dict[str, _Method] = {
            "getme": lambda _: self._chats.me,
            "sendmessage": self._send_message,
            "sendphoto": lambda parameters: self._send_file(parameters, "photo"),
            "senddocument": lambda parameters: self._send_file(parameters, "document"),
            "sendchataction": self._send_chat_action,
            "editmessagetext": self._edit_message_text,
            "editmessagemedia": self._edit_message_media,
            "deletemessage": self._delete_message,
            "answercallbackquery": self._answer_callback_query,
            "setmycommands": self._set_my_commands,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._set_webhook,
        }

    # People

    def send(
        self,
        user_id: int,
        text: str,
        *,
        language: str = "en",
        first_name: str = "Person",
        chat_type: Literal["private", "group", "supergroup"] = "private",
    ) -> int:
        """
        Let a person write to the bot and return the message_id. A group's chat is the person's id, negated.
        """
        self._blocked.discard(user_id)
        self._chats.introduce(user_id, first_name, language)
        chat_id = user_id
        if chat_type != "private":
            chat_id = -user_id
            self._chats.make_group(chat_id, chat_type)
        message = self._chats.add(chat_id, _typed(text), from_bot=False)
        self.put({"message": self._chats.as_json(message)})
        return message.id

    def edit(self, user_id: int, message_id: int, text: str) -> None:
        """
        Let a person change a message of theirs. Raises LookupError if it is gone.
        """
        message = self._chats.find(user_id, message_id)
        if message is None:
            raise LookupError(f"no message {message_id} in chat {user_id}")
        self.put({"edited_message": self._chats.as_json(self._chats.change(message, _typed(text)))})

    def press(self, user_id: int, message_id: int, callback_data: str) -> str:
        """
        Let a person press a button and return the id of the query. It may be a button that has gone since.
        """
        message = self._chats.find(user_id, message_id)
        inaccessible = {"chat": self._chats.chat(user_id), "message_id": message_id, "date": 0}
        query_id = str(next(self._query_ids))
        self._presses[query_id] = user_id
        query = {
            "id": query_id,
            "from": self._chats.person(user_id),
            "message": inaccessible if message is None else self._chats.as_json(message),
            "chat_instance": str(user_id),
            "data": callback_data,
        }
        self.put({"callback_query": query})
        return query_id

    def put(self, update: Json) -> int:
        """
        Queue any update and return its update_id. One under an old update_id is delivered again.
        """
        return self._updates.put(update)

    def block(self, user_id: int) -> None:
        """
        Let a person block the bot, until they write again.
        """
        self._blocked.add(user_id)

    # What there is to see

    def chat(self, user_id: int) -> list[Message]:
        """
        The messages that a chat shows, oldest first.
        """
        return self._chats.messages(user_id)

    def toasts(self, user_id: int) -> list[str]:
        """
        The short notes that a person's presses were answered with, oldest first.
        """
        return list(self._toasts.get(user_id, []))

    def on_change(self, listener: Listener) -> None:
        """
        Call back whenever a screen changes, also by what people write.
        """
        self._chats.listeners.append(listener)

    @property
    def confirmed(self) -> int:
        """
        The highest update_id that the bot has confirmed, 0 before the first.
        """
        return self._updates.confirmed

    @property
    def waiting(self) -> list[Json]:
        """
        The updates that are not confirmed, oldest first.
        """
        return self._updates.waiting

    # The bot

    async def call(self, method: str, parameters: Parameters) -> tuple[int, Json]:
        """
        Answer a call with its status and body. Parameters are as in JSON or as in a form, files are Upload.
        """
        name = method.lower()
        try:
            if name == "getupdates":
                result: object = await self._get_updates(parameters)
            else:
                result = self._methods.get(name, _unknown)(parameters)
        except ApiError as error:
            return error.code, {"ok": False, "error_code": error.code, "description": error.description}
        return 200, {"ok": True, "result": result}

    async def _get_updates(self, parameters: Parameters) -> list[Json]:
        if self.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        return await self._updates.get(parameters)

    def _set_webhook(self, parameters: Parameters) -> bool:
        self._updates.ask_for(parameters)
        self.webhook = str(parameters.get("url") or "")
        if str(parameters.get("drop_pending_updates")).lower() == "true":
            self._updates.clear()
        return True

    def _set_my_commands(self, parameters: Parameters) -> bool:
        self.commands[str(parameters.get("language_code") or "")] = read.structure(parameters, "commands")
        return True

    def _send_message(self, parameters: Parameters) -> Json:
        chat_id = self._reachable(parameters)
        text, markup = read.message_text(parameters), read.markup(parameters)
        return self._chats.as_json(self._chats.add(chat_id, text, from_bot=True, markup=markup))

    def _send_file(self, parameters: Parameters, kind: Literal["photo", "document"]) -> Json:
        chat_id = self._reachable(parameters)
        file, text, markup = read.upload(parameters, kind), read.caption(parameters), read.markup(parameters)
        message = self._chats.add(chat_id, text, from_bot=True, markup=markup, file=file, file_kind=kind)
        return self._chats.as_json(message)

    def _send_chat_action(self, parameters: Parameters) -> bool:
        self._reachable(parameters)
        return True

    def _edit_message_text(self, parameters: Parameters) -> Json:
        message = self._find(parameters, "message to edit not found")
        if not message.from_bot:
            raise bad_request("message can't be edited")
        if message.file is not None:
            raise bad_request("there is no text in the message to edit")
        text, markup = read.message_text(parameters), read.markup(parameters)
        if (text.text, text.entities, markup) == (message.text, message.entities, message.markup):
            raise bad_request(_NOT_MODIFIED)
        return self._chats.as_json(self._chats.change(message, text, markup))

    def _edit_message_media(self, parameters: Parameters) -> Json:
        message = self._find(parameters, "message to edit not found")
        if not message.from_bot:
            raise bad_request("message can't be edited")
        media = {**parameters, **(read.structure(parameters, "media") or {})}
        file, text, markup = read.upload(media, "media"), read.caption(media), read.markup(parameters)
        if (text.text, text.entities, markup, file) == (message.text, message.entities, message.markup, message.file):
            raise bad_request(_NOT_MODIFIED)
        return self._chats.as_json(self._chats.change(message, text, markup, file))

    def _delete_message(self, parameters: Parameters) -> bool:
        message = self._find(parameters, "message to delete not found")
        if datetime.now(UTC) - message.date > _DELETABLE:
            raise bad_request("message can't be deleted for everyone")
        self._chats.remove(message)
        return True

    def _answer_callback_query(self, parameters: Parameters) -> bool:
        user_id = self._presses.get(str(parameters.get("callback_query_id")))
        if user_id is None:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        if text := read.toast(parameters):
            self._toasts.setdefault(user_id, []).append(text)
            self._chats.tell(ChatEvent("toast", user_id, toast=text))
        return True

    def _reachable(self, parameters: Parameters) -> int:
        chat_id = read.integer(parameters, "chat_id")
        if chat_id in self._blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return chat_id

    def _find(self, parameters: Parameters, otherwise: str) -> Message:
        message = self._chats.find(read.integer(parameters, "chat_id"), read.integer(parameters, "message_id"))
        if message is None:
            raise bad_request(otherwise)
        return message


def _typed(text: str) -> Formatted:
    commands: list[Entity] = [
        {"type": "bot_command", "offset": utf16_length(text[: found.start()]), "length": len(found[0])}
        for found in _COMMAND.finditer(text)
    ]
    return plain(text, commands)


def _unknown(_: Parameters) -> object:
    raise ApiError(404, "Not Found")
