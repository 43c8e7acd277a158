"""
What a document was made of: the time with its zone, the sites, the rules, and the newest entry of the audit trail.
"""

from datetime import datetime

from bot.documents.snapshot import Snapshot
from bot.texts import Words


def origin(snapshot: Snapshot, words: Words) -> list[tuple[str, str]]:
    """
    Lines of two: what, and which.
    """
    sites = ", ".join(f"{site.number:02d} {site.name}" for site in snapshot.sites)
    head = snapshot.head
    return [
        (words.plain("origin.made"), zoned(snapshot.local(snapshot.at), words)),
        (words.plain("origin.sites"), sites),
        (words.plain("origin.rules"), ", ".join(snapshot.versions)),
        (words.plain("origin.trail"), words.plain("origin.head", sequence=head.sequence, seal=head.seal or "-")),
    ]


def zoned(time: datetime, words: Words) -> str:
    """
    A time to the minute with its zone, such as "10 May 2026, 11:30 (Europe/Paris, UTC+02:00)".
    """
    offset = f"{time:%z}"
    return words.plain(
        "origin.zoned", time=words.moment(time), zone=str(time.tzinfo), offset=f"{offset[:3]}:{offset[3:]}"
    )
