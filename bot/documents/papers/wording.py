"""
What several papers say alike, as plain text.
"""

from datetime import datetime

from markupsafe import Markup

from bot.documents.origin import origin, zoned
from bot.documents.snapshot import CaseFile, QueryFate, Snapshot
from bot.render.history import reason
from bot.texts import Words
from db.base.tables import Decision, Site

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


def because(decision: Decision, words: Words) -> str:
    """
    The reason of a decision, in words.
    """
    return plain(reason(decision.reason, words, decision.kind)) if decision.reason else NOTHING


def at(snapshot: Snapshot, time: datetime, site: Site, words: Words) -> str:
    """
    A time on the clock of a site, with its zone.
    """
    return zoned(snapshot.local(time, site), words)


def query_line(snapshot: Snapshot, file: CaseFile, one: QueryFate, words: Words) -> str:
    """
    A query with what became of it: of one that was dismissed, who, when and why.
    """
    said = words.plain("paper.query", id=one.id, text=words.plain(f"query.{one.id}"))
    if one.fate != "dismissed" or one.dismissal is None:
        return words.plain(f"paper.query.{one.fate}", query=said)
    return words.plain(
        "paper.query.dismissed",
        query=said,
        by=name_of(snapshot, one.dismissal.person_id, words),
        time=at(snapshot, one.dismissal.at, file.site, words),
        reason=because(one.dismissal, words),
    )


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
                reason=because(infusion, words),
            )
        )
    found += [
        words.plain(
            "paper.deviation.visit",
            month=one.visit.month,
            day=words.day(one.record.day),
            deviation=deviation(one.record.deviation, words),
            reason=plain(reason(one.record.detail, words, "missed")) if one.record.detail else NOTHING,
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


def signature(snapshot: Snapshot, file: CaseFile, words: Words) -> list[tuple[str, str]]:
    """
    What a signature says: who, as what, when, what was meant, of which cases, by which rules, and the hash of it all.
    """
    signed = file.signed
    if signed is None:
        return [_named("signature", words.plain("paper.unsigned"), words)]
    codes = [snapshot.codes[one] for one in (signed.case_id, signed.partner_id) if one is not None]
    role = words.plain(
        "paper.role",
        role=words.plain(f"role.{signed.role}") if signed.role else NOTHING,
        site=f"{file.site.number:02d}",
    )
    return [
        _named("signed_by", f"{name_of(snapshot, signed.person_id, words)}, {role}", words),
        _named("signed_at", at(snapshot, signed.at, file.site, words), words),
        _named("meaning", words.plain(f"paper.meaning.{signed.kind}", about=signed.about or ""), words),
        _named("about", " + ".join(codes), words),
        _named("rules", signed.protocol, words),
        _named("hash", signed.digest, words),
    ]


def _named(name: str, said: str, words: Words) -> tuple[str, str]:
    return words.plain("paper.name", name=words.plain(f"paper.{name}")), said
