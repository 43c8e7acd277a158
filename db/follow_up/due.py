"""
What somebody is to be reminded of, of one case: a function of what is stored and of the day.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.assessment import Verdict, changed_on, leaves_window
from bot.rules.frozen import Frozen
from bot.rules.protocol import Kind
from db.base.tables import ENDED, Case, Decision, PersonRole, PlannedVisit, Stage
from db.cases import decisions, records
from db.cases.partners import linked_cases
from db.cases.records import Record


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
    UNSETTLED = "unsettled"
    OLD_RESULT = "old_result"
    PROPOSED = "proposed"


DETAILS = {
    **dict.fromkeys((ReminderKind.VISIT_OPENS, ReminderKind.VISIT_DUE, ReminderKind.VISIT_OVERDUE), "month"),
    ReminderKind.AWAITED: "item",
    ReminderKind.OLD_RESULT: "item",
    ReminderKind.PAIR_UNSIGNED: "donor",
    ReminderKind.UNSETTLED: "verdict",
    ReminderKind.PROPOSED: "criterion",
    ReminderKind.BASELINE: "day",
    ReminderKind.UNTOUCHED: "day",
    ReminderKind.RECHECK: "changes",
}
"""
What the detail of an occurrence is, as its words call it: an item, a verdict, a day, criteria with the status that each
comes to (R-I3:pass), or what is said as it is.
"""

AGAIN = frozenset({ReminderKind.PAIR_UNSIGNED, ReminderKind.OLD_RESULT})
"""What is told again if it is true again after it was not."""

URGENT = frozenset({ReminderKind.VISIT_DUE, ReminderKind.VISIT_OVERDUE})

_OF_INVESTIGATORS = frozenset({ReminderKind.PAIR_UNSIGNED, ReminderKind.UNSETTLED, ReminderKind.PROPOSED})
_CAN_BE_SIGNED = frozenset({Stage.SCREENING, Stage.FINISHED, Stage.SIGNED})


def role_for(kind: str) -> PersonRole:
    """
    Whose business a reminder is: only an investigator can sign, confirm a screen failure, or settle what becomes of
    whoever is included.
    """
    return PersonRole.INVESTIGATOR if kind in _OF_INVESTIGATORS else PersonRole.COORDINATOR


class Timing(Frozen):
    """
    After how many days an awaited answer and an untouched case are brought up, and how many days before it a baseline's
    leaving its window.
    """

    awaited: int = 7
    untouched: int = 14
    baseline: int = 30


class Occurrence(Frozen):
    """
    One occurrence: its key, the day from which on it is true, and what it speaks of.
    """

    kind: ReminderKind
    key: str
    day: date
    detail: str = ""

    @property
    def is_urgent(self) -> bool:
        """
        Whether it is told on its day, whatever day of the week that is.
        """
        return self.kind in URGENT


async def of_cases(
    session: AsyncSession, *, cases: Iterable[Case], now: datetime, timing: Timing
) -> dict[int, list[Occurrence]]:
    """
    What is true of each of these cases now or later, by the case's id.
    """
    by_id = {case.id: case for case in cases}
    if not by_id:
        return {}
    await session.flush()
    await records.bring(session, case_ids=list(by_id))
    visits: dict[int, list[PlannedVisit]] = {}
    for visit in (await session.exec(select(PlannedVisit).where(col(PlannedVisit.case_id).in_(by_id)))).all():
        visits.setdefault(visit.case_id, []).append(visit)
    proposals = await decisions.proposals(session, cases=list(by_id.values()))
    found = {}
    for case in by_id.values():
        record = await records.load(session, case=case, now=now)
        donors = await linked_cases(session, case=case)
        proposed = _proposed(record, proposals.get(case.id))
        found[case.id] = [*of_case(record, visits.get(case.id, []), donors, timing), *proposed]
    return found


def of_case(record: Record, visits: Sequence[PlannedVisit], donors: Sequence[Case], timing: Timing) -> list[Occurrence]:
    """
    What is true of the case today, and what will be if nothing changes: the days tell which.
    """
    match record.case.stage:
        case Stage.SCREENING:
            found = [*_awaited(record, timing), *_untouched(record, timing), *_baseline(record, timing)]
            return [*found, *_recheck(record), *_pair(record, donors), *_old_result(record)]
        case Stage.FINISHED:
            return _recheck(record)
        case Stage.SIGNED:
            return [*_baseline(record, timing), *_recheck(record), *_pair(record, donors), *_old_result(record)]
        case Stage.INCLUDED:
            ahead = [due for visit in visits if visit.is_pending for due in _visit(record, visit)]
            return [*_unsettled(record, donors), *ahead]
        case _:
            return []


def _awaited(record: Record, timing: Timing) -> list[Occurrence]:
    found = []
    for item in record.assessment.awaited:
        given = record.current[item]
        day = record.local_day(given.at) + timedelta(days=timing.awaited + 1)
        found.append(Occurrence(ReminderKind.AWAITED, f"awaited:{record.case.id}:{item}:{given.revision}", day, item))
    return found


def _untouched(record: Record, timing: Timing) -> list[Occurrence]:
    touched = record.local_day(record.case.touched_at)
    key = f"untouched:{record.case.id}:{touched}"
    return [Occurrence(ReminderKind.UNTOUCHED, key, touched + timedelta(days=timing.untouched), touched.isoformat())]


def _unsettled(record: Record, partners: Sequence[Case]) -> list[Occurrence]:
    """
    Included, and not eligible any more or incomplete: this week, and every week anew until that is settled. What is
    missing only since the other one of the pair has left cannot be.
    """
    verdict, case_id = record.assessment.verdict, record.case.id
    has_left = any(one.included_at == record.case.included_at and one.stage in ENDED for one in partners)
    lent = {linked.item.key for linked in record.population.linked}
    if verdict is Verdict.ELIGIBLE or (has_left and lent.issuperset(record.assessment.missing)):
        return []
    return [
        Occurrence(ReminderKind.UNSETTLED, f"unsettled:{case_id}:{verdict}:{day}", day, verdict)
        for day in _mondays(record)
    ]


def _mondays(record: Record) -> tuple[date, date]:
    """
    That of this week, and the next.
    """
    monday = record.as_of - timedelta(days=record.as_of.weekday())
    return monday, monday + timedelta(days=7)


def _proposed(record: Record, proposal: Decision | None) -> list[Occurrence]:
    """
    A screen failure that nobody has confirmed or declined: every week, from the one after it was proposed.
    """
    if proposal is None or record.case.stage not in _CAN_BE_SIGNED:
        return []
    since = record.local_day(proposal.at)
    return [
        Occurrence(ReminderKind.PROPOSED, f"proposed:{record.case.id}:{proposal.id}:{day}", day, proposal.about or "")
        for day in _mondays(record)
        if day > since
    ]


def _baseline(record: Record, timing: Timing) -> list[Occurrence]:
    leaves = leaves_window(record.population, record.facts, record.as_of)
    if leaves is None:
        return []
    key = f"baseline:{record.case.id}:{leaves}"
    return [Occurrence(ReminderKind.BASELINE, key, leaves - timedelta(days=timing.baseline), leaves.isoformat())]


def _old_result(record: Record) -> list[Occurrence]:
    """
    The first result that is old by the site's own setting: once a case, as its decision hangs on none, until none is
    old any more.
    """
    if not record.old_on:
        return []
    item, day = min(record.old_on.items(), key=lambda one: (one[1], one[0]))
    key = f"old:{record.case.id}"
    return [Occurrence(ReminderKind.OLD_RESULT, key if day <= record.as_of else f"{key}:{day}", day, item)]


def _recheck(record: Record) -> list[Occurrence]:
    """
    The day that was reached, until somebody has touched the case since; and the next one.
    """
    day, ahead = record.case.rechecked_on, record.assessment.recheck_on
    is_open = day is not None and record.local_day(record.case.touched_at) < day
    found = [_changes(record, day)] if day and is_open else []
    return [*found, _changes(record, ahead)] if ahead is not None and ahead != day else found


def _changes(record: Record, day: date) -> Occurrence:
    changed = changed_on(record.population, record.facts, day)
    detail = " ".join(f"{id_}:{status}" for id_, status in changed.items())
    return Occurrence(ReminderKind.RECHECK, f"recheck:{record.case.id}:{day}", day, detail)


def _pair(record: Record, donors: Sequence[Case]) -> list[Occurrence]:
    """
    The recipient's business alone: with the first donor who makes the pair eligible.
    """
    case = record.case
    if case.kind != Kind.RECIPIENT or case.verdict != Verdict.ELIGIBLE:
        return []
    for donor in donors:
        is_well = donor.verdict == Verdict.ELIGIBLE and donor.stage in _CAN_BE_SIGNED
        if is_well and None in {case.sign_off, donor.sign_off}:
            return [Occurrence(ReminderKind.PAIR_UNSIGNED, f"pair:{case.id}:{donor.id}", record.as_of, donor.code)]
    return []


def _visit(record: Record, visit: PlannedVisit) -> list[Occurrence]:
    """
    The window opens, the day is there, the window has closed: the later takes the place of the earlier.
    """
    at, month, today = f"{record.case.id}:{visit.month}", str(visit.month), record.as_of
    late = visit.closes + timedelta(days=1)
    found = [Occurrence(ReminderKind.VISIT_OVERDUE, f"overdue:{at}:{visit.closes}", late, month)]
    if today < late:
        found.append(Occurrence(ReminderKind.VISIT_DUE, f"due:{at}:{visit.day}", visit.day, month))
    if today < visit.day and visit.opens < visit.day:
        found.append(Occurrence(ReminderKind.VISIT_OPENS, f"opens:{at}:{visit.opens}", visit.opens, month))
    return found
