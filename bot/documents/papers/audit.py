"""
The audit trail for an inspector: of a case as a paper, of anything as CSV.
"""

from bot.documents.data.archive import comma_separated
from bot.documents.kinds import Asked, Document
from bot.documents.papers import deeds, logs, wording
from bot.documents.papers.wording import NOTHING, plain
from bot.documents.trail import Trail
from bot.render import history
from bot.rules import file_form
from db.base.tables import AuditEntry

_FIELDS = ("field", "old", "new", "reason", "more", "seal", "redaction")


def trail_paper(asked: Asked) -> Document:
    """
    What happened to a case, the oldest first, with the result of the seal check.
    """
    trail = _trail(asked)
    names = ("sequence", "at", "who", "what", "old", "new", "why")
    rows = [_row(asked, entry) for entry in trail.entries]
    return logs.paper(asked, "audit", names, (5, 13, 16, 24, 14, 16, 14), rows, lines=checked(asked))


def checked(asked: Asked) -> list[str]:
    """
    Whether the whole trail is as it was written, and against which anchor.
    """
    words, trail = asked.words, _trail(asked)
    if trail.problem is not None:
        said = [words.plain("trail.broken", problem=trail.problem)]
    else:
        said = [words.count("trail.whole", trail.checked).unescape()]
    if trail.anchor is None:
        return [*said, words.plain("trail.no_anchor")]
    anchor = trail.anchor
    time = words.zoned(asked.snapshot.local(anchor.at))
    return [*said, words.plain("trail.anchor", time=time, sequence=anchor.sequence, seal=anchor.seal or NOTHING)]


def _trail(asked: Asked) -> Trail:
    if asked.trail is None:
        raise ValueError("the audit trail was not read")
    return asked.trail


def _row(asked: Asked, entry: AuditEntry) -> list[logs.LogCell]:
    words, file = asked.words, asked.snapshot.by_code[asked.code or ""]
    item = file.population.item.get(entry.field or "") if entry.action == "answer" else None
    who = wording.name_of(asked.snapshot, entry.actor, words)
    said = [deeds.value(text, words) for text in (entry.old, entry.new)]
    if item is not None:
        said = [plain(words.value(item, file_form.loads(text))) if text else NOTHING for text in (entry.old, entry.new)]
        said[1] = said[1] if entry.new else words.plain("value.awaited")
    about = plain(words.label(item, file.case.kind)) if item else deeds.subject(entry, words)
    deed = deeds.deed(entry, words)
    return [
        str(entry.sequence),
        words.moment(asked.snapshot.local(entry.at, file.site)),
        words.plain("paper.signer", person=who, role=words.plain(f"role.{entry.role}")) if entry.role else who,
        {"said": words.plain("trail.what", action=deed, about=about) if about else deed, "code": entry.action},
        *said,
        wording.because(entry.reason, history.about(entry.action), words),
    ]


def trail_file(asked: Asked) -> Document:
    """
    Entries of the trail as they are stored, one a row; times in UTC and on the clock of the first site.
    """
    trail, snapshot = _trail(asked), asked.snapshot
    numbers = {site.id: site.number for site in snapshot.sites}
    rows = [
        [
            *(entry.sequence, entry.at.isoformat(), snapshot.local(entry.at).isoformat()),
            *(entry.actor, snapshot.name(entry.actor), entry.role, numbers.get(entry.site or 0)),
            *(entry.action, entry.entity, *(getattr(entry, name) for name in _FIELDS)),
        ]
        for entry in trail.entries
    ]
    heading = ["sequence", "at_utc", "at_site", "person", "name", "role", "site", "action", "entity", *_FIELDS]
    content = comma_separated([heading, *rows])
    return Document("audit-trail.csv", content, " ".join(checked(asked)))
