"""
Updates as Telegram hands them over, on their way through the inbox.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.tables import InboxUpdate


@dataclass(frozen=True)
class Incoming:
    """
    An update in the inbox, on its way to be worked.
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
        found = _at(self.payload, "callback_query").get("id")
        return found if isinstance(found, str) else None


def row_of(update: dict[str, Any], now: datetime) -> InboxUpdate:
    """
    The inbox row of an update, whatever else it holds. It needs an integer `update_id`.
    """
    message = _at(update, "message") or _at(update, "edited_message")
    query = _at(update, "callback_query")
    chat = _at(message, "chat") or _at(_at(query, "message"), "chat") or _at(query, "from")
    chat_id = chat.get("id")
    return InboxUpdate(
        update_id=update["update_id"],
        chat_id=chat_id if isinstance(chat_id, int) else 0,
        message_id=_message_id(_at(update, "message")),
        payload=json.dumps(update),
        received_at=now,
    )


def _message_id(message: dict[str, Any]) -> int | None:
    found = message.get("message_id")
    return found if isinstance(found, int) else None


def _at(update: dict[str, Any], key: str) -> dict[str, Any]:
    found = update.get(key)
    return found if isinstance(found, dict) else {}


def without_card(update: dict[str, Any]) -> dict[str, Any]:
    """
    The update without what a pressed card says: nobody reads it, and it costs more to parse than all the rest.
    """
    query, card = _at(update, "callback_query"), _at(_at(update, "callback_query"), "message")
    if not card:
        return update
    place = {key: card[key] for key in ("message_id", "date", "chat") if key in card}
    return {**update, "callback_query": {**query, "message": place}}
