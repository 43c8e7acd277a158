"""
The buttons of a chat in the terminal: which one a line presses.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.emulator.chat import InlineButton, Message
from bot.taps import AWAITED, Pick, Toggle, decode

_OTHERS_FROM = 101
"""More buttons than this Telegram puts under no message."""


@dataclass
class Buttons:
    """
    Those of the card count from 1. Those of other messages, such as notices, count on from 101 and keep their numbers,
    so that none takes away another's. `card_id` is the message that is the card.
    """

    card_id: int | None = None
    _first: dict[int, int] = field(default_factory=dict)
    _next: int = _OTHERS_FROM

    def card(self, messages: Sequence[Message]) -> Message | None:
        """
        The card; where it is not known, the last message with buttons.
        """
        found = [message for message in messages if message.buttons]
        return next((one for one in found if one.id == self.card_id), found[-1] if found else None)

    def pressed(self, line: str, messages: Sequence[Message]) -> tuple[int, str] | None:
        """
        The message and data of the button that a line names, by number or by words; the card's before those of others,
        and the newest of these first.
        """
        card = self.card(messages)
        if card is None:
            return None
        others = [one for one in reversed(messages) if one.buttons and one.id != card.id]
        number = re.fullmatch(r"#([1-9]\d*)" if _asks_for_text(card) else r"#?([1-9]\d*)", line)
        for message in (card, *others):
            first = self._number(message, is_card=message is card)
            for at, button in enumerate(_of(message), start=first):
                is_named = bool(_words(line)) and _words(button.label) == _words(line)
                if is_named or (number and at == int(number[1])):
                    return message.id, button.data or ""
        return None

    def labelled(self, message: Message, messages: Sequence[Message]) -> list[list[str]]:
        """
        The buttons of a message row by row, each with what is typed to press it.
        """
        card = self.card(messages)
        is_card = card is not None and card.id == message.id
        sign = "#" if not is_card or _asks_for_text(message) else ""
        numbers = iter(range(self._number(message, is_card=is_card), 10**9))
        return [[f"[{sign}{next(numbers)}] {button.label}" for button in row] for row in message.buttons]

    def _number(self, message: Message, *, is_card: bool) -> int:
        """
        The number of a message's first button.
        """
        if is_card:
            return 1
        if message.id not in self._first:
            self._first[message.id] = self._next
            self._next += len(_of(message))
        return self._first[message.id]


def _of(message: Message) -> list[InlineButton]:
    return [button for row in message.buttons for button in row]


def _asks_for_text(card: Message) -> bool:
    """
    Whether a plain number is an answer here and no button: the card offers "not available yet" but no other answer.
    """
    taps = [decode(button.data or "") for button in _of(card)]
    answers = [tap for tap in taps if isinstance(tap, Pick)]
    has_choices = any(tap.choice != AWAITED for tap in answers) or any(isinstance(tap, Toggle) for tap in taps)
    return bool(answers) and not has_choices


def _words(label: str) -> str:
    return " ".join(re.findall(r"\w+", label.casefold()))
