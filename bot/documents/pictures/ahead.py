"""
The follow-up visits of the next three months, and those that are overdue.
"""

from collections.abc import Sequence
from datetime import date

from bot.documents.pictures.axis import Axis
from bot.documents.snapshot import Snapshot
from bot.rules.frozen import Frozen
from bot.rules.months import add_months
from bot.rules.schedule import VisitState
from bot.texts import Words
from db.base.tables import ENDED, PlannedVisit

MONTHS = 3
_MOST = 40


class Ahead(Frozen):
    """
    A visit that is still to take place, with its state today.
    """

    code: str
    visit: PlannedVisit
    state: VisitState


def ahead(snapshot: Snapshot) -> list[Ahead]:
    """
    The visits whose window opens within three months, the next one first.
    """
    found = []
    for file in snapshot.files:
        if file.case.stage in ENDED:
            continue
        today = file.record.as_of
        found += [
            Ahead(file.case.code, one.visit, one.state(file.record))
            for one in file.visits
            if one.visit.is_pending and one.visit.opens <= add_months(today, MONTHS)
        ]
    return sorted(found, key=lambda one: (one.visit.day, one.code))


def drawing(found: Sequence[Ahead], today: date, words: Words) -> dict[str, object]:
    """
    A row a visit, its window a bar. What there is no room for is counted.
    """
    end = max([add_months(today, MONTHS), *(one.visit.closes for one in found[:_MOST])])
    axis = Axis(min([today, *(one.visit.opens for one in found[:_MOST])]), end)
    rows = [
        {
            "label": words.plain("picture.ahead.label", code=one.code, month=one.visit.month),
            "day": words.day(one.visit.day),
            "opens": axis.at(one.visit.opens),
            "closes": axis.at(one.visit.closes),
            "at": axis.at(one.visit.day),
            "is_overdue": one.state is VisitState.OVERDUE,
            "state": words.plain(f"status.visit.{one.state}"),
        }
        for one in found[:_MOST]
    ]
    more = len(found) - len(rows)
    return {
        "ticks": axis.ticks,
        "today": axis.at(today),
        "today_label": words.plain("picture.today"),
        "rows": rows,
        "more": words.count("picture.ahead.more", more).unescape() if more else None,
        "none": words.plain("picture.ahead.none"),
    }


def sentences(found: Sequence[Ahead], words: Words) -> list[str]:
    """
    The same in words, a line a visit.
    """
    if not found:
        return [words.plain("picture.ahead.none")]
    overdue = sum(one.state is VisitState.OVERDUE for one in found)
    return [
        words.plain("picture.ahead.told", number=len(found), overdue=overdue),
        *(
            words.plain(
                "picture.ahead.line",
                code=one.code,
                month=one.visit.month,
                day=words.day(one.visit.day),
                opens=words.day(one.visit.opens),
                closes=words.day(one.visit.closes),
                state=words.plain(f"status.visit.{one.state}"),
            )
            for one in found
        ),
    ]
