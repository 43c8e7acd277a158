"""
The updates that wait for a bot, handed out as Telegram does.
"""

import asyncio

from bot.emulator.chat import Json
from bot.emulator.parameters import ApiError, Parameters, integer, structure

_LIMIT = 100
_ON_REQUEST_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class Updates:
    """
    A queue for one poller at a time. What was handed out stays until a later poll confirms it by its offset.

    ``confirmed`` is the highest update_id given up that way, 0 before the first.
    """

    def __init__(self, first_id: int) -> None:
        self.confirmed = 0
        self._next_id = first_id
        self._waiting: list[Json] = []
        self._handed_out = 0
        self._allowed: frozenset[str] = frozenset()
        self._poll: asyncio.Future[None] | None = None

    @property
    def waiting(self) -> list[Json]:
        """
        What is not confirmed yet, oldest first.
        """
        return list(self._waiting)

    def put(self, update: Json) -> int:
        """
        Queue an update and return its update_id, a new one unless it has one.

        Under an old id it is handed out once more, as happens when a confirmation gets lost. A kind that the bot did
        not ask for is dropped.
        """
        update_id = int(update.get("update_id", self._next_id))
        self._next_id = max(self._next_id, update_id + 1)
        if self._asked_for(update):
            self._waiting.append({"update_id": update_id} | update)
            if self._poll is not None and not self._poll.done():
                self._poll.set_result(None)
        return update_id

    def ask_for(self, parameters: Parameters) -> None:
        """
        Take over ``allowed_updates``, if the call has any.
        """
        allowed = structure(parameters, "allowed_updates")
        if allowed is not None:
            self._allowed = frozenset(allowed)

    def clear(self) -> None:
        """
        Drop what waits, unconfirmed.
        """
        self._waiting.clear()
        self._handed_out = 0

    async def get(self, parameters: Parameters) -> list[Json]:
        """
        Answer getUpdates: confirm what lies before the offset, then wait for news up to the timeout in seconds.
        """
        self.ask_for(parameters)
        limit = min(max(integer(parameters, "limit", _LIMIT), 1), _LIMIT)
        self._confirm(integer(parameters, "offset", 0))
        self._end_other_poll()
        timeout = integer(parameters, "timeout", 0)
        if timeout > 0 and not self._waiting:
            await self._news(timeout)
        self._handed_out = max(self._handed_out, min(limit, len(self._waiting)))
        return self._waiting[:limit]

    def _asked_for(self, update: Json) -> bool:
        kinds = update.keys() - {"update_id"}
        return bool(kinds & self._allowed) if self._allowed else not kinds & _ON_REQUEST_ONLY

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            done, kept = self._waiting[:offset], self._waiting[offset:]
        else:
            seen, unseen = self._waiting[: self._handed_out], self._waiting[self._handed_out :]
            done = [update for update in seen if update["update_id"] < offset]
            kept = [update for update in seen if update["update_id"] >= offset] + unseen
        self._handed_out = max(0, self._handed_out - len(done))
        self._waiting = kept
        self.confirmed = max(self.confirmed, *(update["update_id"] for update in done), 0)

    def _end_other_poll(self) -> None:
        other, self._poll = self._poll, None
        if other is not None and not other.done():
            other.set_result(None)

    async def _news(self, timeout: float) -> None:  # noqa: ASYNC109 - the caller's own parameter
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait({poll}, timeout=timeout)
        finally:
            ended_by_other = self._poll is not poll
            if not ended_by_other:
                self._poll = None
        if ended_by_other:
            raise ApiError(
                409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
            )
