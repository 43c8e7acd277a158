"""
What somebody has just stored of a case: for ten minutes it can be taken back, or given a day and source.
"""

from bot.rules.frozen import Frozen
from bot.rules.items import BloodPressure, Number
from bot.turn import Turn, View, asked
from db.cases.answers import AT_ONCE
from db.cases.records import Record


class Stored(Frozen):
    """
    The items answered last; of a list the `batch` that it is, else None. `is_last` where nothing has been answered
    since. `can_be_dated` where they are results, which have a day and source.
    """

    items: tuple[str, ...]
    batch: int | None = None
    is_last: bool = True
    can_be_dated: bool = True


class TakesLists(View):
    """
    A view of a case on which a list of values may be typed.
    """

    record: Record

    @property
    def asks(self) -> str:
        return asked(self.record.case, "list")


def stored_last(turn: Turn, record: Record) -> Stored | None:
    """
    What this person has stored within ten minutes: the last list, if all of it stands, or the last result.
    """
    recent = [
        given
        for given in record.answers
        if given.repeats is None and turn.now - given.at <= AT_ONCE and given.person_id == turn.member.person.id
    ]
    if not recent or not turn.may_screen(record.case.site_id):
        return None
    newest = [given for given in record.answers if given.repeats is None][-1]
    for batch in {given.batch: None for given in reversed(recent) if given.batch is not None}:
        rows = [given for given in recent if given.batch == batch]
        if all(record.revision_of(given.item) == given.revision for given in rows):
            is_last = newest.batch == batch
            return Stored(tuple(given.item for given in rows), batch, is_last, is_last)
        break
    if newest is not recent[-1] or newest.text is None or record.revision_of(newest.item) != newest.revision:
        return None
    item = record.population.item[newest.item]
    is_result = isinstance(item, Number | BloodPressure) and item.section != "person"
    return Stored((newest.item,)) if is_result else None
