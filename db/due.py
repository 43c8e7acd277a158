"""
What somebody is to be reminded of, of one case: a function of what is stored and of the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.rules.assessment import Verdict, leaves_window
from bot.rules.protocol import Kind
from db.records import Record
from db.tables import Case, PersonRole, PlannedVisit, Stage


class ReminderKind(StrEnum):
    """
    What a reminder is about.
    """

    VISIT_OPENS = "visit_opens"
    VISIT_DUE = "visit_due"
    VISIT_OVERDUE = "visit_overdue"
    AWAITED = "awaited"
    RECHECK = "recheck"
    BASELINE = "baseline"
    UNTOUCHED = "untouched"
    PAIR_UNSIGNED = "pair_unsigned"
    VOIDED = "voided"


URGENT = frozenset({ReminderKind.VISIT_DUE, ReminderKind.VISIT_OVERDUE})


@dataclass(frozen=True)
class Timing:
    """
    After how many days an awaited answer and an untouched case are brought up, and how many days before it a baseline's
    leaving its window.
    """

    awaited: int = 7
    untouched: int = 14
    baseline: int = 30


@dataclass(frozen=True)
class Due:
    """
    One occurrence: its key, the day from which on it is true, what it speaks of, and whose business it is.
    """

    kind: ReminderKind
    key: str
    day: date
    detail: str = ""
    role: PersonRole = PersonRole.COORDINATOR

    @property
    def is_urgent(self) -> bool:
        """
        Whether it is told on its day, whatever day of the week that is.
        """
        return self.kind in URGENT


def of_case(record: Record, visits: Sequence[PlannedVisit], donors: Sequence[Case], timing: Timing) -> list[Due]:
    """
    What is true of the case today, and what will be if nothing changes: the days tell which.
    """
    match record.case.stage:
        case Stage.SCREENING:
            found = [*_awaited(record, timing), *_untouched(record, timing), *_baseline(record, timing)]
            return [*found, *_recheck(record), *_pair(record, donors)]
        case Stage.FINISHED:
            return _recheck(record)
        case Stage.SIGNED:
            return [*_recheck(record), *_pair(record, donors)]
        case Stage.INCLUDED:
            return [due for visit in visits if visit.is_pending for due in _visit(record, visit)]
        case _:
            return []


def _awaited(record: Record, timing: Timing) -> list[Due]:
    found = []
    for item in record.assessment.awaited:
        given = record.current[item]
        day = record.local_day(given.at) + timedelta(days=timing.awaited + 1)
        found.append(Due(ReminderKind.AWAITED, f"awaited:{record.case.id}:{item}:{given.revision}", day, item))
    return found


def _untouched(record: Record, timing: Timing) -> list[Due]:
    touched = record.local_day(record.case.touched_at)
    key = f"untouched:{record.case.id}:{touched}"
    return [Due(ReminderKind.UNTOUCHED, key, touched + timedelta(days=timing.untouched), touched.isoformat())]


def _baseline(record: Record, timing: Timing) -> list[Due]:
    leaves = leaves_window(record.population, record.facts, record.as_of)
    if leaves is None:
        return []
    key = f"baseline:{record.case.id}:{leaves}"
    return [Due(ReminderKind.BASELINE, key, leaves - timedelta(days=timing.baseline), leaves.isoformat())]


def _recheck(record: Record) -> list[Due]:
    case, day = record.case, record.case.rechecked_on
    reached = [] if day is None else [Due(ReminderKind.RECHECK, f"recheck:{case.id}:{day}", day, day.isoformat())]
    ahead = record.assessment.recheck_on
    if ahead is not None and ahead != day:
        reached.append(Due(ReminderKind.RECHECK, f"recheck:{case.id}:{ahead}", ahead, ahead.isoformat()))
    return reached


def _pair(record: Record, donors: Sequence[Case]) -> list[Due]:
    """
    The recipient's business alone: with the first donor who makes the pair eligible.
    """
    case = record.case
    if case.kind != Kind.RECIPIENT or case.verdict != Verdict.ELIGIBLE:
        return []
    for donor in donors:
        if donor.verdict == Verdict.ELIGIBLE and None in {case.sign_off, donor.sign_off}:
            key = f"pair:{case.id}:{case.revision}:{donor.id}:{donor.revision}"
            return [Due(ReminderKind.PAIR_UNSIGNED, key, record.as_of, donor.code, PersonRole.INVESTIGATOR)]
    return []


def _visit(record: Record, visit: PlannedVisit) -> list[Due]:
    at, month = f"{record.case.id}:{visit.month}", str(visit.month)
    late = visit.closes + timedelta(days=1)
    return [
        Due(ReminderKind.VISIT_OPENS, f"opens:{at}:{visit.opens}", visit.opens, month),
        Due(ReminderKind.VISIT_DUE, f"due:{at}:{visit.day}", visit.day, month),
        Due(ReminderKind.VISIT_OVERDUE, f"overdue:{at}:{visit.closes}", late, month),
    ]
