"""
What a document was made of: the time with its zone, the sites, the rules, and the newest entry of the audit trail.
"""

from bot.documents.snapshot import Snapshot
from bot.texts import Words


def origin(snapshot: Snapshot, words: Words) -> list[tuple[str, str]]:
    """
    Lines of two: what, and which.
    """
    sites = ", ".join(f"{site.number:02d} {site.name}" for site in snapshot.sites)
    head = snapshot.head
    return [
        (words.plain("origin.made"), words.zoned(snapshot.local(snapshot.at))),
        (words.plain("origin.sites"), sites),
        (words.plain("origin.rules"), ", ".join(snapshot.versions)),
        (words.plain("origin.trail"), words.plain("origin.head", sequence=head.sequence, seal=head.seal or "-")),
    ]
