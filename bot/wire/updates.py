"""
Updates as Telegram hands them over, on their way through the inbox.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import logs
from bot.events import language_of
from bot.rules.frozen import Frozen
from db.base.tables import InboxUpdate
from db.base.vault import VaultError
from db.delivery import inbox

log = logs.named(__name__)

_BEYOND = 2**63


class Intake(Protocol):
    """
    Who takes updates in. Of several replicas on a database one polls; the others wait for `patience` seconds before
    they take a silent one for dead.
    """

    @property
    def patience(self) -> float:
        """
        In seconds.
        """

    @property
    def is_polling(self) -> bool:
        """
        Whether this replica is surely the one that polls.
        """

    async def take_polling(self) -> bool:
        """
        Become the one that polls, unless another one is.
        """

    async def has_received(self, update_id: int) -> bool:
        """
        Whether this update was stored in the last days.
        """

    async def receive(self, updates: Sequence[dict[str, Any]]) -> None:
        """
        Store updates; they may be confirmed when this returns.
        """


class StoredUpdate(Frozen):
    """
    An update out of the inbox, to be worked.
    """

    update_id: int
    chat_id: int
    payload: dict[str, Any]
    received_at: datetime

    @property
    def query_id(self) -> str | None:
        """
        The press to be answered, if it is one.
        """
        return query_id(self.payload)


def opened(session: AsyncSession, found: inbox.Next) -> StoredUpdate:
    """
    An update out of the inbox; with an empty payload, which no handler can read, where it cannot be opened.
    """
    try:
        payload = json.loads(inbox.opened(session, found))
    except VaultError as error:
        reason = str(error)  # it says where, and shows nothing
        log.error("update cannot be opened", update=found.update_id, reason=reason)  # noqa: TRY400
        payload = {}
    return StoredUpdate(found.update_id, found.chat_id, payload, found.received_at)


def row_of(update: dict[str, Any], now: datetime) -> InboxUpdate:
    """
    The inbox row of an update, whatever else it holds. It needs an integer `update_id`.
    """
    message = _part(update, "message") or _part(update, "edited_message")
    query = _part(update, "callback_query")
    chat = _part(message, "chat") or _part(_part(query, "message"), "chat") or _part(query, "from")
    return InboxUpdate(
        update_id=update["update_id"],
        chat_id=id_in(chat, "id") or 0,
        message_id=id_in(_part(update, "message"), "message_id"),
        payload=json.dumps(update),
        received_at=now,
    )


class Sender(Frozen):
    """
    A person in their private chat, and the language that their Telegram speaks.
    """

    chat_id: int
    language: str


def sender(update: dict[str, Any]) -> Sender | None:
    """
    Who sent an update; None for whatever is not a person in a private chat.
    """
    query = _part(update, "callback_query")
    message = _part(update, "message") or _part(update, "edited_message") or _part(query, "message")
    chat, person = _part(message, "chat"), _part(query or message, "from")
    chat_id = id_in(chat, "id")
    if chat_id is None or chat.get("type") != "private" or person.get("is_bot") is not False:
        return None
    return Sender(chat_id, language_of(person.get("language_code")))


def query_id(update: dict[str, Any]) -> str | None:
    """
    The press to be answered, if it is one.
    """
    found = _part(update, "callback_query").get("id")
    return found if isinstance(found, str) else None


def id_in(found: dict[str, Any], key: str) -> int | None:
    """
    An id that a database can hold; None for anything else, such as true, which Python takes for 1.
    """
    value = found.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _BEYOND else None


def _part(update: dict[str, Any], key: str) -> dict[str, Any]:
    found = update.get(key)
    return found if isinstance(found, dict) else {}
