"""
The bot that talks to Telegram: the library's, with its two busiest calls made plainer.
"""

from typing import Any

from telegram import Bot

from bot.wire.updates import id_in

KINDS = ["message", "edited_message", "callback_query"]
_POLL_SECONDS = 30
_BATCH = 100


class TelegramBot(Bot):
    """
    The library turns every result into objects, and everything sent into objects first. For a card edited at every
    answer that costs more than the rest of the call; for updates it would let one that it cannot read hold back all
    those fetched with it.
    """

    async def fetch(self, offset: int | None) -> list[dict[str, Any]]:
        """
        The next updates as Telegram sent them, from this id on; all before it are confirmed.
        """
        found: list[dict[str, Any]] = await self._post(
            "getUpdates",
            {"offset": offset, "limit": _BATCH, "timeout": _POLL_SECONDS, "allowed_updates": KINDS},
            read_timeout=_POLL_SECONDS + 10,
        )
        return found

    async def edit_card(
        self, *, chat_id: int, message_id: int, html: str, keyboard: dict[str, Any] | None
    ) -> int | None:
        """
        Put another card in the place of one; Telegram's date of that, in seconds since 1970.
        """
        edited: dict[str, Any] = await self._post(
            "editMessageText",
            {
                "chat_id": chat_id,
                "message_id": message_id,
                "text": html,
                "parse_mode": "HTML",
                "reply_markup": keyboard,
                "link_preview_options": {"is_disabled": True},
            },
        )
        return id_in(edited, "edit_date") or id_in(edited, "date")
