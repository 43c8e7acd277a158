"""
A card that Telegram refuses leaves no empty chat.
"""

from typing import Any

import pytest

from bot.texts import words
from tests.conftest import COORDINATOR, Chatter, Clinic

Answer = tuple[int, dict[str, Any]]


def refuse(monkeypatch: pytest.MonkeyPatch, clinic: Clinic, words_in_it: str) -> None:
    """
    Let Telegram refuse every card with these words.
    """
    call = clinic.api.call

    async def refusing(method: str, parameters: dict[str, Any]) -> Answer:
        if words_in_it in str(parameters.get("text", "")):
            return 400, {"ok": False, "error_code": 400, "description": "Bad Request: BUTTON_TEXT_INVALID"}
        return await call(method, parameters)

    monkeypatch.setattr(clinic.api, "call", refusing)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_what_is_refused_is_answered_with_an_apology_and_the_way_home(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, language: str
) -> None:
    """
    In the place of the card; its reference is in the log, and a press leads on.
    """
    coordinator = await clinic.coordinator(language)
    title = words(language)("team.title").striptags()
    with monkeypatch.context() as patch:
        refuse(patch, clinic, title)
        card = await coordinator.say("/team")
    assert words(language)("apology", reference="").striptags()[:15] in card.text
    assert card.html.partition("<code>")[2].partition("</code>")[0] in caplog.text
    assert [message.id for message in clinic.api.chat(COORDINATOR)] == [card.id]
    await coordinator.press(words(language)("button.return").unescape())
    assert title in coordinator.card.text


async def test_the_old_card_goes_only_when_the_new_one_is_there(clinic: Clinic, coordinator: Chatter) -> None:
    """
    At no moment is the chat without a card.
    """
    shown: list[int] = []
    clinic.api.on_change(lambda _: shown.append(sum(one.from_bot for one in clinic.api.chat(COORDINATOR))))
    for command in ("/new donor", "/team", "/help", "/resume 1-d-1"):
        await coordinator.say(command)
    assert min(shown) >= 1
    assert sum(one.from_bot for one in clinic.api.chat(COORDINATOR)) == 1
