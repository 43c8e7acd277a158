"""
Telegram's own small HTML, read as its server reads it (``parse_html`` of tdlib's ``MessageEntity.cpp``).

https://core.telegram.org/bots/api#html-style
"""

import re
from dataclasses import dataclass, field
from typing import Any

Entity = dict[str, Any]

_TYPES = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(lt|gt|amp|quot)(?![A-Za-z]));?")
# Possessive throughout, so that a text full of almost-tags is read once.
_ATTRIBUTE = re.compile(r"\s*+([^\s=>]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([A-Za-z0-9.-]++)))?+")
_START = re.compile(rf"<([^\s>/][^\s>]*+)((?:{_ATTRIBUTE.pattern})*+)\s*+>")
_END = re.compile(r"</([^\s>]*)\s*>")
_LAST_CODE_POINT = 0x10FFFF


class HtmlError(ValueError):
    """
    The text is not the HTML that Telegram takes; says what and where, in Telegram's words.
    """


def utf16_length(text: str) -> int:
    """
    Count as Telegram counts: in UTF-16 code units.
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(html: str) -> tuple[str, list[Entity]]:
    """
    Return the plain text and its entities (type, offset and length in UTF-16 units), outermost first.

    Raises HtmlError on a tag that Telegram does not know, does not close or does not open.
    """
    reader = _HtmlReader(html)
    position = 0
    while position < len(html):
        match html[position]:
            case "<" if html.startswith("</", position):
                position = reader.end(position)
            case "<":
                position = reader.start(position)
            case _:
                following = html.find("<", position)
                following = len(html) if following < 0 else following
                reader.say(_REFERENCE.sub(_character, html[position:following]))
                position = following
    return reader.result()


def _character(reference: re.Match[str]) -> str:
    hexadecimal, decimal, name = reference.groups()
    if name:
        return _CHARACTERS[name]
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < _LAST_CODE_POINT else reference[0]


@dataclass
class _HtmlReader:
    html: str
    text: str = ""
    length: int = 0
    opened: list[tuple[str, Entity]] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.text += text
        self.length += utf16_length(text)

    def start(self, position: int) -> int:
        tag = _START.match(self.html, position)
        if tag is None:
            raise HtmlError(f"Unclosed start tag at byte offset {self._byte(position)}")
        name = tag[1].lower()
        if name not in _TYPES:
            raise HtmlError(f'Unsupported start tag "{name}" at byte offset {self._byte(position)}')
        attributes = {key.lower(): first or second or bare for key, first, second, bare in _ATTRIBUTE.findall(tag[2])}
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise HtmlError(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(position)}')
        entity = self._entity(name, attributes)
        self.opened.append((name, entity))
        self.entities.append(entity)
        return tag.end()

    def end(self, position: int) -> int:
        if not self.opened:
            raise HtmlError(f"Unexpected end tag at byte offset {self._byte(position)}")
        tag = _END.match(self.html, position)
        if tag is None:
            raise HtmlError(f"Unclosed end tag at byte offset {self._byte(position)}")
        name, entity = self.opened.pop()
        if tag[1] and tag[1].lower() != name:
            raise HtmlError(
                f"Unmatched end tag at byte offset {self._byte(position)}, "
                f'expected "</{name}>", found "</{tag[1].lower()}>"'
            )
        entity["length"] = self.length - entity["offset"]
        return tag.end()

    def result(self) -> tuple[str, list[Entity]]:
        if self.opened:
            raise HtmlError(f'Can\'t find end tag corresponding to start tag "{self.opened[-1][0]}"')
        return self.text, [entity for entity in self.entities if entity["length"]]

    def _entity(self, name: str, attributes: dict[str, str]) -> Entity:
        entity: Entity = {"type": _TYPES[name], "offset": self.length, "length": 0}
        if name == "a":
            entity["url"] = attributes.get("href", "")
        elif name == "tg-emoji":
            entity["custom_emoji_id"] = attributes.get("emoji-id", "")
        elif name == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        return entity

    def _byte(self, position: int) -> int:
        return len(self.html[:position].encode("utf-8", "surrogatepass"))
