"""
The accrual of recipients and donors against what is planned, with the day on which the target is reached at this pace.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil

from bot.documents.pictures.axis import Axis
from bot.documents.snapshot import Snapshot
from bot.rules.frozen import Frozen
from bot.rules.protocol import Kind
from bot.study import Study
from bot.texts import Words


class Accrual(Frozen):
    """
    The inclusions of a kind, day by day. `planned` is how many there were to be by now at a steady rate, `projected`
    the day on which the target is reached at the pace since the first one, or was.
    """

    kind: Kind
    target: int
    days: tuple[date, ...]
    planned: int
    projected: date | None

    @property
    def is_reached(self) -> bool:
        """
        Whether the target is reached.
        """
        return len(self.days) >= self.target


def accrual(snapshot: Snapshot, kind: Kind, study: Study) -> Accrual:
    """
    Of the whole study, whatever sites the reading is of.
    """
    today = snapshot.local(snapshot.at).date()
    target = study.recipients if kind is Kind.RECIPIENT else study.donors
    days = sorted(snapshot.local(at).date() for of, at in snapshot.inclusions if of == kind)
    return Accrual(kind, target, tuple(days), planned(study, target, today), projected(days, target, today))


def planned(study: Study, target: int, today: date) -> int:
    """
    How many of the target there were to be by the end of this day, at a steady rate over the inclusion period.
    """
    passed = (today - study.starts).days + 1
    whole = (study.last_day - study.starts).days + 1
    return target * min(max(passed, 0), whole) // whole


def projected(days: Sequence[date], target: int, today: date) -> date | None:
    """
    The day on which the target is reached; None while there is no pace to tell it by.
    """
    if len(days) >= target:
        return days[target - 1]
    if len(days) < _A_PACE or today <= days[0]:
        return None
    wait = ceil((today - days[0]).days * (target - 1) / (len(days) - 1))
    return max(days[0] + timedelta(wait), today) if wait <= (date.max - days[0]).days else None


_A_PACE = 2


def drawing(found: Sequence[Accrual], study: Study, today: date, words: Words) -> dict[str, object]:
    """
    A panel for each, on one axis of days.
    """
    axis = _axis(found, study, today)
    return {
        "ticks": axis.ticks,
        "today": axis.at(today),
        "today_label": words.plain("picture.today"),
        "legend": [words.plain(f"picture.accrual.{name}") for name in ("included", "planned", "projected")],
        "panels": [_panel(one, study, axis, today, words) for one in found],
    }


def _axis(found: Sequence[Accrual], study: Study, today: date) -> Axis:
    """
    The inclusion period, today, and the projected days where that does not make the rest small.
    """
    start = min([study.starts, *(day for one in found for day in one.days[:1])])
    end = max(study.last_day, today)
    room = min(end - start, date.max - end)
    return Axis(start, max([end, *(min(one.projected, end + room) for one in found if one.projected)]))


def _panel(one: Accrual, study: Study, axis: Axis, today: date, words: Words) -> dict[str, object]:
    top = max(one.target, len(one.days), 1)
    steps: list[tuple[float, float]] = [(axis.at(axis.start), 0.0)]
    for number, day in enumerate(one.days, start=1):
        steps += [(axis.at(day), (number - 1) / top), (axis.at(day), number / top)]
    steps.append((axis.at(today), len(one.days) / top))
    ahead = None
    if one.projected is not None and not one.is_reached:
        ahead = [steps[-1], (axis.at(one.projected), one.target / top)]
    return {
        "title": words.plain(
            "picture.accrual.title",
            kind=words.plain(f"picture.kind.{one.kind}"),
            number=len(one.days),
            target=one.target,
        ),
        "top": top,
        "steps": steps,
        "plan": [(axis.at(study.starts), 0.0), (axis.at(study.last_day), one.target / top)],
        "ahead": ahead,
        "reached": one.projected and {"at": axis.at(one.projected), "label": words.day(one.projected)},
    }


def sentence(one: Accrual, words: Words) -> str:
    """
    The same in words.
    """
    told = words.plain(f"picture.accrual.told.{one.kind}", number=len(one.days), target=one.target, planned=one.planned)
    if one.projected is None:
        return f"{told} {words.plain('picture.accrual.no_pace')}"
    key = "picture.accrual.reached" if one.is_reached else "picture.accrual.at_this_pace"
    return f"{told} {words.plain(key, day=words.day(one.projected))}"
