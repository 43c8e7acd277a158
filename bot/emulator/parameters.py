"""
What a call to the local Bot API may say: parameters read, and refused, as Telegram does.
"""

import json
from collections.abc import Mapping
from typing import Any

from bot.catalogues import is_visible
from bot.emulator.chat import Formatted, Json, Upload, plain
from bot.emulator.html import Entity, HtmlError, parse_html, utf16_length

Parameters = Mapping[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
TOAST_LIMIT = 200
BUTTON_LIMIT = 100
CALLBACK_DATA_LIMIT = 64


class ApiError(Exception):
    """
    The answer to a call that Telegram does not accept.
    """

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


def bad_request(description: str) -> ApiError:
    """
    Refuse with status 400.
    """
    return ApiError(400, f"Bad Request: {description}")


def integer(parameters: Parameters, name: str, default: int | None = None) -> int:
    """
    Read a number, that forms send as text. Without a default it has to be there.
    """
    value = parameters.get(name, default)
    if value is None:
        raise bad_request(f"{name} is empty")
    try:
        return int(value)
    except (TypeError, ValueError):
        raise bad_request(f"{name} must be an integer") from None


def structure(parameters: Parameters, name: str) -> Any:  # noqa: ANN401 - JSON is what it is
    """
    Read a list or an object, that forms send as JSON; None if it is not there.
    """
    value = parameters.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {name} JSON object") from None


def message_text(parameters: Parameters) -> Formatted:
    """
    Read the text of a message: 1 to 4096 characters, without the space around it.
    """
    if not parameters.get("text"):
        raise bad_request("message text is empty")
    formatted = _formatted(parameters, "text")
    if not formatted.text:
        raise bad_request("text must be non-empty")
    if utf16_length(formatted.text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return formatted


def caption(parameters: Parameters) -> Formatted:
    """
    Read the text under a file: up to 1024 characters.
    """
    formatted = _formatted(parameters, "caption")
    if utf16_length(formatted.text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return formatted


def toast(parameters: Parameters) -> str:
    """
    Read the answer to a press: up to 200 characters, or none.
    """
    text = str(parameters.get("text") or "")
    if utf16_length(text) > TOAST_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    return text


def markup(parameters: Parameters) -> Json | None:
    """
    Read the keyboard of a message; one without buttons is none.
    """
    read = structure(parameters, "reply_markup")
    if read is None:
        return None
    if not isinstance(read, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in read:
        return read
    rows = [[_button(button) for button in row] for row in read["inline_keyboard"] if row]
    if sum(map(len, rows)) > BUTTON_LIMIT:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def upload(parameters: Parameters, name: str) -> Upload:
    """
    Read the file of a message, given under its name or as ``attach://name``.
    """
    value = parameters.get(name)
    if isinstance(value, str) and value.startswith("attach://"):
        value = parameters.get(value.removeprefix("attach://"))
    if value is None:
        raise bad_request(f"there is no {name} in the request")
    if not isinstance(value, Upload):
        raise bad_request("wrong file identifier/HTTP URL specified")
    if not value.content:
        raise bad_request("file must be non-empty")
    return value


def _formatted(parameters: Parameters, name: str) -> Formatted:
    written = str(parameters.get(name) or "")
    mode = str(parameters.get("parse_mode") or "").lower()
    if not mode:
        return plain(written.strip())
    if mode != "html":
        raise bad_request("unsupported parse_mode")
    try:
        text, entities = parse_html(written)
    except HtmlError as error:
        raise bad_request(f"can't parse entities: {error}") from None
    shown = text.strip()
    before = utf16_length(text) - utf16_length(text.lstrip())
    return Formatted(written.strip(), shown, _clipped(entities, before, utf16_length(shown)))


def _clipped(entities: list[Entity], before: int, length: int) -> list[Entity]:
    clipped = []
    for entity in entities:
        start = max(0, entity["offset"] - before)
        end = min(length, entity["offset"] + entity["length"] - before)
        if start < end:
            clipped.append(entity | {"offset": start, "length": end - start})
    return clipped


def _button(button: Json) -> Json:
    if not is_visible(str(button.get("text") or "")):
        raise bad_request("inline keyboard button text is empty")
    data = button.get("callback_data")
    if data is not None and len(str(data).encode()) > CALLBACK_DATA_LIMIT:
        raise bad_request("BUTTON_DATA_INVALID")
    if not any(value for name, value in button.items() if name != "text"):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    return button
