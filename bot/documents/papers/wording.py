"""
What several papers say alike, as plain text.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from markupsafe import Markup

from bot.documents.origin import origin
from bot.documents.snapshot import CaseFile, QueryFate, Snapshot
from bot.render import signatures
from bot.render.reasons import reason
from bot.texts import Words
from db.base.tables import Site
from db.cases.signatures import Dismissed, Signed

AUTHOR = "NCT02213705"
NOTHING = "\N{EN DASH}"
"""In a cell or a sentence where there is nothing to say."""


def plain(text: str) -> str:
    """
    Words without what makes them HTML.
    """
    return text.unescape() if isinstance(text, Markup) else text


def page(snapshot: Snapshot, words: Words, *, title: str) -> dict[str, object]:
    """
    What every paper has: title, language, and of which reading it is.
    """
    return {
        "title": title,
        "author": AUTHOR,
        "language": words.language,
        "origin": [words.plain("paper.line", name=name, value=value) for name, value in origin(snapshot, words)],
    }


def name_of(snapshot: Snapshot, person_id: int | None, words: Words) -> str:
    """
    The name of a person, or that it was the program itself.
    """
    name = snapshot.name(person_id)
    return words.plain("paper.program") if name is None else plain(words.name(name))


def because(why: str | None, kind: str, words: Words) -> str:
    """
    The reason of a kind of decision, in words.
    """
    return plain(reason(why, words, kind)) if why else NOTHING


def at(snapshot: Snapshot, time: datetime, site: Site, words: Words) -> str:
    """
    A time on the clock of a site, with its zone.
    """
    return words.zoned(snapshot.local(time, site))


def query_line(snapshot: Snapshot, file: CaseFile, one: QueryFate, words: Words) -> str:
    """
    A query with what became of it: of one that was dismissed, who, when and why.
    """
    if (told := _dismissed(snapshot, file, one)) is not None:
        return plain(signatures.dismissed(told, partial(snapshot.local, site=file.site), words))
    said = words.plain("paper.query", id=one.id, text=words.plain(f"query.{one.id}"))
    return words.plain(f"paper.query.{one.fate}", query=said)


def _dismissed(snapshot: Snapshot, file: CaseFile, one: QueryFate) -> Dismissed | None:
    """
    Who dismissed a query that stays so, when and why.
    """
    by = one.dismissal
    if one.fate != "dismissed" or by is None:
        return None
    return Dismissed(file.case.code, one.id, snapshot.name(by.person_id), by.at, by.reason or "")


def deviation_lines(file: CaseFile, words: Words) -> list[str]:
    """
    In what the infusion and the visits that stand deviate.
    """
    found = []
    infusion = file.infusion
    if infusion is not None and infusion.deviation and file.infused_on is not None:
        found.append(
            words.plain(
                "paper.deviation.infusion",
                day=words.day(file.infused_on),
                deviation=deviation(infusion.deviation, words),
                reason=because(infusion.reason, infusion.kind, words),
            )
        )
    found += [
        words.plain(
            "paper.deviation.visit",
            month=one.visit.month,
            day=words.day(one.record.day),
            deviation=deviation(one.record.deviation, words),
            reason=because(one.record.detail, "missed", words),
        )
        for one in file.visits
        if one.record is not None and one.record.deviation and one.record.day is not None
    ]
    return found


def deviation(said: str, words: Words) -> str:
    """
    In what something deviates, in words.
    """
    return ", ".join(words.plain(f"paper.deviates.{one}") for one in said.split())


def signature(snapshot: Snapshot, files: Sequence[CaseFile], words: Words) -> list[tuple[str, str]]:
    """
    What the sign-off of the first of these cases says, as on a card.
    """
    file = files[0]
    signed = file.signed
    if signed is None:
        return [(words.plain("paper.name", name=words.plain("paper.signature")), words.plain("paper.unsigned"))]
    ids = [one for one in (signed.case_id, signed.partner_id) if one is not None]
    said = Signed(
        signed.kind,
        signed.about,
        snapshot.name(signed.person_id) or "",
        signed.at,
        signed.role,
        file.site.number,
        tuple(snapshot.codes[one] for one in ids),
        signed.protocol,
        signed.digest,
        tuple(
            told
            for one in files
            if one.case.id in ids
            for query in one.queries
            if (told := _dismissed(snapshot, one, query)) is not None
        ),
    )
    local = partial(snapshot.local, site=file.site)
    return [(plain(what), plain(which)) for what, which in signatures.signature(said, local, words)]
