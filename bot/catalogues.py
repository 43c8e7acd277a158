"""
Gettext catalogues: what one language says, by key.
"""

import gettext
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

LANGUAGES = ("en", "fr")
PLAIN, HTML, DOCUMENTS = "protocol", "chat", "documents"
"""The domains: the words of the protocol and of documents are plain text, the chat's may hold markup."""

CATALOGUES = Path(__file__).parent / "locale"


_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""Letters and signs by their category, of which nothing is to be seen."""


def is_visible(text: str) -> bool:
    """
    Whether there is anything to be seen of a text: Telegram takes no message and no button without.
    """
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK for sign in text)


class MissingTextError(LookupError):
    """
    A key without a text. The tests see to it that nobody meets this one.
    """


class Catalogue:
    """
    The words of one language, as HTML. What is put into a text is escaped, unless it is such a text itself.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._plain = _translations(language, PLAIN)
        self._html = _translations(language, HTML)
        self._found: dict[str, Markup] = {}

    def find(self, key: str) -> Markup | None:
        """
        The text of a key, or None.
        """
        if key not in self._found:
            if (found := self._look_up(key)) is None:
                return None  # and not kept: a reason that somebody typed may have been looked up
            self._found[key] = found
        return self._found[key]

    def _look_up(self, key: str) -> Markup | None:
        if (found := self._html.gettext(key)) != key:
            return Markup(found)  # noqa: S704  the project's own words
        if (found := self._plain.gettext(key)) != key or (found := self._documents.gettext(key)) != key:
            return escape(found)
        return None

    def first(self, *keys: str) -> Markup:
        """
        The text of the first of these keys that has one. Raises MissingTextError.
        """
        return next(filter(None, map(self.find, keys[:-1])), None) or self(keys[-1])

    @cached_property
    def _documents(self) -> gettext.GNUTranslations:
        return _translations(self.language, DOCUMENTS)

    def plain(self, key: str, /, **values: object) -> str:
        """
        The text of a key as plain text, for what is no HTML. Raises MissingTextError.
        """
        return self(key, **values).unescape()

    def __call__(self, key: str, /, **values: object) -> Markup:
        """
        The text of a key with these values in it; a `person` is called as `name` says. Raises MissingTextError.
        """
        text = self.find(key)
        if text is None:
            raise MissingTextError(key)
        if isinstance(name := values.get("person"), str):
            values["person"] = self.name(name)
        return _filled(text, values) if values else text

    def name(self, name: str) -> str:
        """
        What somebody is called, also where nothing of it can be seen.
        """
        return name if is_visible(name) else self("name.stand_in")

    def count(self, key: str, number: int, /, **values: object) -> Markup:
        """
        The text of a key in the singular or plural that goes with a number. Raises MissingTextError.
        """
        if (found := self._counted(key, number)) is None:
            raise MissingTextError(key)
        return _filled(found, {"number": number, **values})

    def _counted(self, key: str, number: int) -> Markup | None:
        if (found := self._html.ngettext(key, key, number)) != key:
            return Markup(found)  # noqa: S704  the project's own words
        for plain in (self._plain, self._documents):
            if (found := plain.ngettext(key, key, number)) != key:
                return escape(found)
        return None

    def joined(self, parts: Iterable[str]) -> Markup:
        """
        Several things in a row, separated as this language does.
        """
        return escape(" ; " if self.language == "fr" else "; ").join(parts)


def _filled(text: str, values: Mapping[str, object]) -> Markup:
    """
    A text with values in it: half the time that Markup.format takes, which also sees to what no text here has.
    """
    shown = {name: escape(value) for name, value in values.items()}
    return Markup(str.format(text, **shown))  # noqa: S704  the project's own words


@cache
def _translations(language: str, domain: str) -> gettext.GNUTranslations:
    with (CATALOGUES / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
