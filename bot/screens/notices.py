"""
What people are told without having asked. A notice keeps ids; what it speaks of is read when it is told.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.assessment import Verdict
from bot.rules.frozen import Frozen
from bot.rules.items import Item
from bot.turn import View
from db.base.tables import Case, Decision, DecisionKind, Notice, Person, VisitRecord
from db.cases import history, records
from db.cases.decisions import subjects_of
from db.cases.given import GivenAnswer
from db.cases.records import Record
from db.follow_up import infusions, visits
from db.people import access


class Told(View):
    """
    Something that a person is told without having asked: a catalogue key, and what it speaks of.
    """

    key: str
    about: dict[str, Any]


class Anew(Frozen):
    """
    An answer given anew: what stood before, None where nothing did, and whose the new one is.
    """

    item: Item
    old: GivenAnswer | None
    new: GivenAnswer
    name: str


class Voided(View):
    """
    A sign-off that somebody gave holds no longer. `verdicts` are those of the cases signed, by code: then and now.

    It is for the `changes` of an answer of the case with this `code`, for its being linked ("link", "unlink") or a
    decision about it, each with the `name` of who did it.
    """

    case: int
    verdicts: dict[str, tuple[Verdict, Verdict]]
    code: str = ""
    kind: str = ""
    changes: tuple[Anew, ...] = ()
    action: str | None = None
    decision: Decision | None = None
    name: str | None = None


class Apology(View):
    """
    Something went wrong here; `reference` finds the log line.
    """

    reference: str


async def find(session: AsyncSession, *, notice: Notice, now: datetime) -> View | None:
    """
    What a notice says now. None where there is nothing to say any more: what it is about is gone, or whoever was to be
    told is to see it no longer.
    """
    about = json.loads(notice.about)
    if "case" in about:
        case = await session.get(Case, about["case"])
        if case is None or not await access.sees(session, person_id=notice.person_id, site_id=case.site_id):
            return None
    if "sign_off" in about:
        return await _voided(session, about, now)
    if "decided" in about:
        more = await _of_decision(session, about["decided"])
    elif "replaced" in about:
        more = await _of_replaced(session, about["replaced"])
    elif "visited" in about:
        more = await _of_visit(session, about["visited"])
    elif "undone" in about:
        more = await _of_undone(session, about["undone"])
    else:
        more = {}
    return None if more is None else Told(notice.key, about | more)


async def _of_replaced(session: AsyncSession, number: int) -> dict[str, Any] | None:
    """
    An infusion that was recorded, who recorded another thing in its place, and why; "instead" is the other day, if any.
    """
    found = await infusions.replaced(session, number=number)
    if found is None:
        return None
    old, new = [await _of_decision(session, one.id) or {} for one in found]
    instead = {"instead": new.pop("day")} if "day" in new else {}
    return {"reason": "", **new, **instead, "day": old["day"], "deviation": old.get("deviation", "")}


async def _of_undone(session: AsyncSession, number: int) -> dict[str, Any] | None:
    found = await visits.undone(session, number=number)
    about = await _of_visit(session, number)
    if found is None or about is None:
        return None
    return about | {"reason": found[1].detail or "", "name": await _name(session, found[1].person_id) or ""}


async def _of_decision(session: AsyncSession, decision_id: int) -> dict[str, Any] | None:
    decision = await session.get(Decision, decision_id)
    if decision is None:
        return None
    day = decision.about if decision.kind == DecisionKind.INFUSED else decision.day and decision.day.isoformat()
    said = {
        "decision": decision.kind,
        "day": day,
        "criterion": None if decision.kind == DecisionKind.INFUSED else decision.about,
        "deviation": decision.deviation,
        "reason": decision.reason,
        "name": await _name(session, decision.person_id),
    }
    return {name: value for name, value in said.items() if value is not None}


async def _name(session: AsyncSession, person_id: int | None) -> str | None:
    person = await session.get(Person, person_id) if person_id is not None else None
    return person.name if person else None


async def _of_visit(session: AsyncSession, record_id: int) -> dict[str, Any] | None:
    visit = await session.get(VisitRecord, record_id)
    if visit is None or visit.day is None:
        return None
    about = {"month": visit.month, "day": visit.day.isoformat()}
    return about | {"deviation": visit.deviation or "", "reason": visit.detail or ""}


async def _voided(session: AsyncSession, about: Mapping[str, Any], now: datetime) -> Voided | None:
    sign_off = await session.get(Decision, about["sign_off"])
    if sign_off is None:
        return None
    then = Verdict.ELIGIBLE if sign_off.kind == DecisionKind.SIGNED else Verdict.NOT_ELIGIBLE
    subjects = await subjects_of(session, decision=sign_off, now=now)
    verdicts = {one.case.code: (then, one.assessment.verdict) for one in subjects}
    voided = Voided(about["case"], verdicts)
    cause = about.get("cause", {})
    case = await session.get(Case, cause["case_id"]) if cause else None
    if case is None:
        return voided
    voided = replace(voided, code=case.code, kind=case.kind)
    if "first" in cause:
        changes = await _changes(session, await records.load(session, case=case, now=now), cause)
        return replace(voided, changes=changes)
    decision = await session.get(Decision, cause["decision"]) if "decision" in cause else None
    name = await _name(session, decision.person_id if decision else cause.get("person"))
    return replace(voided, action=cause.get("action"), decision=decision, name=name)


async def _changes(session: AsyncSession, record: Record, cause: Mapping[str, int]) -> tuple[Anew, ...]:
    before, after = record.before(cause["first"]), record.before(cause["last"] + 1)
    given = [one for one in after.answers if one.revision >= cause["first"]]
    names = await history.names(session, person_ids={one.person_id for one in given})
    items = record.population.item
    return tuple(
        Anew(items[one.item], before.current.get(one.item), one, names.get(one.person_id, "")) for one in given
    )
