"""
What an audit entry about a case tells, in words: what was done, to what, and the old and the new.
"""

from datetime import date

from bot.documents.papers.wording import NOTHING, plain
from bot.render import history
from bot.rules.items import ISO_DAY
from bot.texts import Words
from db.base.tables import AuditEntry


def deed(entry: AuditEntry, words: Words) -> str:
    """
    What was done; the bare name of what is not known.
    """
    if entry.action.startswith("document."):
        return words.plain("history.document", document=words.find(entry.action) or entry.action)
    return plain(words.find(f"action.{entry.action}") or history.done(entry, words) or entry.action)


def subject(entry: AuditEntry, words: Words) -> str:
    """
    To what, where the deed does not say it: a criterion, a query, a month, a day.
    """
    field = entry.field or ""
    if not field or field in history.UNTOLD:
        return ""
    if entry.action.startswith("visit."):
        return words.plain("action.month", month=field.rpartition(" ")[2])
    if (short := words.find(f"criterion.{field}.short")) is not None:
        return f"{field} {plain(short)}"
    return _day(field, words)


def value(text: str | None, words: Words) -> str:
    """
    A stage, a kind of case, a day, or a visit's state with its day; whatever else as it is.
    """
    if not text:
        return NOTHING
    state, _, day = text.rpartition(" ")
    if state and ISO_DAY.fullmatch(day) and (known := words.find(f"action.visit.was.{state}")) is not None:
        return words.plain("action.on", what=known, day=_day(day, words))
    known = words.find(f"stage.{text}") or words.find(f"kind.{text}")
    return _day(text, words) if known is None else plain(known)


def _day(text: str, words: Words) -> str:
    return words.day(date.fromisoformat(text)) if ISO_DAY.fullmatch(text) else text
