"""
Links and decisions on both databases: what is lent, what is signed, what voids it, and what the database refuses.
"""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.protocol import Kind
from db.base.engine import Database
from db.base.tables import (
    Authenticator,
    Case,
    Decision,
    DecisionKind,
    Link,
    Notice,
    Stage,
)
from db.cases import answers, decisions, pairs, records
from db.cases.pairs import NotLinkedError
from db.cases.records import Record
from db.people import authenticators
from db.people.authenticators import LOCKED_FOR, MOST_FAILURES, Check
from db.trail.audit import Actor
from db.upkeep import facts
from tests.db.rows import KEY, NOW, Clinicians, answer, entries, open_case, writing


async def a_pair(session: AsyncSession, who: Clinicians) -> tuple[Case, Case]:
    """
    A recipient and a donor, not linked.
    """
    return await open_case(session, who), await open_case(session, who, kind=Kind.DONOR)


async def linked(session: AsyncSession, who: Clinicians) -> tuple[Case, Case]:
    """
    A recipient and their donor.
    """
    recipient, donor = await a_pair(session, who)
    await pairs.link(session, recipient=recipient, donor=donor, by=who.actor, now=NOW)
    return recipient, donor


async def record_of(session: AsyncSession, case: Case) -> Record:
    """
    The record as it is now.
    """
    return await records.load(session, case=case, now=NOW)


async def test_a_donors_consent_is_lent_in_the_same_transaction(database: Database, clinicians: Clinicians) -> None:
    """
    And taken back with it; the recipient's age is lent to the donor.
    """
    async with writing(database) as session:
        recipient, donor = await linked(session, clinicians)
        await answer(await record_of(session, recipient), session, clinicians, "age", 40)
        assert (await record_of(session, donor)).borrowed["linked_recipient_age"].value == 40
        donor_record = await answer(await record_of(session, donor), session, clinicians, "consent_signed", raw=True)
        found = (await record_of(session, recipient)).borrowed["family_donor_consents"]
        assert (found.value, found.code) == (True, donor.code)
        assert " family_donor_consents " not in recipient.missing
        await answer(donor_record, session, clinicians, "consent_signed", raw=False)
        assert (await record_of(session, recipient)).borrowed == {}
        assert " family_donor_consents " in recipient.missing


async def test_one_donor_one_recipient(database: Database, clinicians: Clinicians) -> None:
    """
    The database itself refuses a second link of a donor that holds; after unlinking it takes one.
    """
    async with writing(database) as session:
        recipient, donor = await linked(session, clinicians)
        other = await open_case(session, clinicians)
        with pytest.raises(NotLinkedError, match="taken"):
            await pairs.link(session, recipient=other, donor=donor, by=clinicians.actor, now=NOW)
    with pytest.raises(IntegrityError):
        async with writing(database) as session:
            session.add(Link(recipient_id=other.id, donor_id=donor.id, linked_by=clinicians.person.id))
    async with writing(database) as session:
        pair = [await session.get_one(Case, case.id) for case in (recipient, donor)]
        assert await pairs.unlink(session, recipient=pair[0], donor=pair[1], by=clinicians.actor, now=NOW)
        await pairs.link(
            session,
            recipient=await session.get_one(Case, other.id),
            donor=pair[1],
            by=clinicians.actor,
            now=NOW,
        )
    async with writing(database) as session:
        found = (await session.exec(select(Case).order_by(col(Case.id)))).all()
        assert [case.links for case in found] == [0, 1, 1]


async def test_a_decision_cannot_be_changed_or_deleted(database: Database, clinicians: Clinicians) -> None:
    """
    Not even by a statement of its own.
    """
    async with writing(database) as session:
        record = await record_of(session, await open_case(session, clinicians))
        await decisions.decide(
            session, kind=DecisionKind.WITHDRAWN, subjects=[record], by=clinicians.actor, now=NOW, reason="patient"
        )
    for statement in ("UPDATE decisions SET reason = 'x'", "DELETE FROM decisions"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with writing(database) as session:
                await (await session.connection()).execute(text(statement))


async def test_a_sign_off_is_void_once_what_it_rests_on_differs(database: Database, clinicians: Clinicians) -> None:
    """
    Of the case, of the partner, or by a link; the signer is told once, and a second look finds nothing to void.
    """
    async with writing(database) as session:
        recipient, donor = await linked(session, clinicians)
        pair = [await record_of(session, case) for case in (recipient, donor)]
        await decisions.decide(session, kind=DecisionKind.SIGNED, subjects=pair, by=clinicians.actor, now=NOW)
        assert [case.stage for case in (recipient, donor)] == [Stage.SIGNED] * 2
        await answers.follow(session, case=donor, now=NOW)
        assert donor.sign_off is not None
        await answer(await record_of(session, donor), session, clinicians, "age", 44)
        assert [(case.stage, case.sign_off) for case in (recipient, donor)] == [(Stage.SCREENING, None)] * 2
        await answers.follow(session, case=donor, now=NOW)
    async with writing(database) as session:
        kinds = [one.kind for one in (await session.exec(select(Decision).order_by(col(Decision.id)))).all()]
        assert kinds == [DecisionKind.SIGNED, DecisionKind.VOIDED]
        assert len((await session.exec(select(Notice))).all()) == 1
        voided = [entry for entry in await entries(session) if entry.action == "decision.voided"]
        assert [entry.entity for entry in voided] == [recipient.code, donor.code]


async def test_unlinking_voids_a_pairs_sign_off(database: Database, clinicians: Clinicians) -> None:
    """
    The pair that was signed is no more.
    """
    async with writing(database) as session:
        recipient, donor = await linked(session, clinicians)
        await answer(await record_of(session, recipient), session, clinicians, "age", 40)
        pair = [await record_of(session, case) for case in (recipient, donor)]
        await decisions.decide(session, kind=DecisionKind.SIGNED, subjects=pair, by=clinicians.actor, now=NOW)
        await pairs.unlink(session, recipient=recipient, donor=donor, by=clinicians.actor, now=NOW)
        assert [(case.stage, case.sign_off) for case in (recipient, donor)] == [(Stage.SCREENING, None)] * 2


async def test_codes_serve_once_and_lock(database: Database, clinicians: Clinicians) -> None:
    """
    On both databases: right, used, wrong five times, locked for an hour to the second.
    """
    async with writing(database) as session:
        found = await authenticators.enrol(session, person_id=clinicians.person.id, by=clinicians.actor, now=NOW)
        assert not authenticators.is_ready(found)
    async with writing(database) as session:
        mine = await session.get_one(Authenticator, clinicians.person.id)
        assert await authenticators.enrol(session, person_id=mine.person_id, by=clinicians.actor, now=NOW) is mine
        assert mine.secret != found.secret

        async def check(code: str, seconds: float = 0) -> Check:
            at = NOW + timedelta(seconds=seconds)
            return await authenticators.check(session, authenticator=mine, code=code, by=clinicians.actor, at=at)

        right = pyotp.TOTP(mine.secret).at(NOW)
        wrong = "000000" if right != "000000" else "111111"
        assert await check(right) is Check.RIGHT
        assert authenticators.is_ready(mine)
        assert await check(right) is Check.USED
        assert [await check(wrong) for _ in range(MOST_FAILURES - 1)] == [Check.WRONG] * (MOST_FAILURES - 2) + [
            Check.LOCKED
        ]
        hour = LOCKED_FOR.total_seconds()
        later = pyotp.TOTP(mine.secret).at(NOW + LOCKED_FOR)
        assert await check(later, hour - 0.001) is Check.LOCKED
        assert await check(later, hour) is Check.RIGHT
        kept = await authenticators.enrol(session, person_id=mine.person_id, by=clinicians.actor, now=NOW)
        assert authenticators.is_ready(kept)


@pytest.mark.parametrize(("days", "is_taken"), [(-900, True), (0, True), (1, False)])
async def test_an_event_has_its_day(database: Database, clinicians: Clinicians, *, days: int, is_taken: bool) -> None:
    """
    Any that has come; the trail tells of it.
    """
    day = NOW.date() + timedelta(days=days)
    async with writing(database) as session:
        record = await record_of(session, await open_case(session, clinicians))

        async def withdraw() -> Decision:
            return await decisions.decide(
                session,
                kind=DecisionKind.WITHDRAWN,
                subjects=[record],
                by=clinicians.actor,
                now=NOW,
                about="death",
                day=day,
                reason="x",
            )

        if not is_taken:
            with pytest.raises(decisions.FutureDayError):
                await withdraw()
            assert record.case.stage == Stage.SCREENING
            return
        assert (await withdraw()).day == day
        await session.flush()
        assert (await entries(session))[-1].more == f'{{"day": "{day}"}}'
    async with writing(database) as session:
        await facts.verify(session, key=KEY)


async def _proposed(session: AsyncSession, who: Clinicians) -> Record:
    record = await answer(await record_of(session, await open_case(session, who)), session, who, "age", 71)
    await decisions.decide(
        session,
        kind=DecisionKind.FAILURE_PROPOSED,
        subjects=[record],
        by=who.actor,
        now=NOW,
        about="R-I1",
        reason="too old",
    )
    return record


@pytest.mark.parametrize("then", [DecisionKind.SCREEN_FAILURE, DecisionKind.FAILURE_DECLINED, "answer", "note"])
async def test_a_proposed_screen_failure_waits_for_an_investigator(
    database: Database, clinicians: Clinicians, then: str
) -> None:
    """
    It ends when it is confirmed or declined, and when the case is not the one for which it was proposed.
    """
    async with writing(database) as session:
        record = await _proposed(session, clinicians)
        found = await decisions.proposal(session, case=record.case)
        assert found is not None
        decision, person = found
        assert (decision.about, decision.reason, person) == ("R-I1", "too old", clinicians.person)
        assert record.case.stage == Stage.SCREENING
        if then == "answer":
            await answer(record, session, clinicians, "sex", "male")
        elif then == "note":
            await answers.follow(session, case=record.case, now=NOW)
        else:
            by = Actor(clinicians.person.id, "investigator")
            await decisions.decide(
                session, kind=DecisionKind(then), subjects=[record], by=by, now=NOW, about="R-I1", reason="x"
            )
        assert (await decisions.proposal(session, case=record.case) is not None) is (then == "note")
    async with writing(database) as session:
        await facts.verify(session, key=KEY)
