"""
Telegram's limits on what a bot sends, as a watch that notes where they were overstepped.

Telegram says "no more than 30 messages a second" and "avoid sending more than one message per second in a chat; short
bursts are allowed", and not how short. Taken here: at most 30 in any second, all chats together, and for each chat a
bucket that holds BURST messages and is refilled with one a second. New messages count, edits and deletions do not.
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from collections import deque
from dataclasses import dataclass, field

SENDS = frozenset({"sendMessage", "sendPhoto", "sendDocument"})
WAITS = SENDS | {"editMessageText"}
"""Calls that have to wait once one of them was refused in the same chat."""

A_SECOND = 30
BURST = 10.0


@dataclass
class RateLimits:
    """
    Told of each call and of each refusal. `violations` are sentences, `fastest` the most sent in any second.
    """

    violations: list[str] = field(default_factory=list)
    fastest: int = 0
    _sent: deque[float] = field(default_factory=deque)
    _buckets: dict[int, tuple[float, float]] = field(default_factory=dict)
    _closed_until: dict[int, float] = field(default_factory=dict)

    def called(self, method: str, chat_id: int, now: float) -> None:
        """
        A call came in; `now` in seconds of a clock that only goes forward.
        """
        if method in WAITS and (left := self._closed_until.get(chat_id, now) - now) > 0:
            self.violations.append(f"{method} to {chat_id} came {left:.2f} s before retry_after was over")
        if method not in SENDS:
            return
        self._sent.append(now)
        while self._sent[0] <= now - 1:
            self._sent.popleft()
        self.fastest = max(self.fastest, len(self._sent))
        if len(self._sent) > A_SECOND:
            self.violations.append(f"{len(self._sent)} messages within a second")
        held, since = self._buckets.get(chat_id, (BURST, now))
        held = min(BURST, held + now - since) - 1
        if held < 0:
            self.violations.append(f"{chat_id} was sent more than one message a second, after {BURST:g} at once")
        self._buckets[chat_id] = (max(held, 0.0), now)

    def refused(self, method: str, chat_id: int, until: float) -> None:
        """
        A call was answered with 429: nothing may be sent there until then.
        """
        if method in WAITS:
            self._closed_until[chat_id] = max(until, self._closed_until.get(chat_id, until))

    def forgive(self) -> None:
        """
        The program was killed: the next one cannot know what this one was told.
        """
        self._closed_until.clear()
