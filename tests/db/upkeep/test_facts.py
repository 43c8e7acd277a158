"""
What is stored is laid beside what the trail tells: whatever was written past the program is found, and named by ids.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commands.keys import rotate_all
from bot.rules.protocol import Kind
from bot.rules.schedule import Recorded
from db.base.engine import Database
from db.base.tables import Case, Decision, DecisionKind, Stage
from db.base.vault import Vault, VaultError
from db.cases import (
    answers,
    cases,
    decisions,
    pairs,
    records,
    sign_offs,
)
from db.follow_up import infusions, planned, visits
from db.trail import audit, keyring
from db.trail.audit import PROGRAM, Actor
from db.upkeep import facts, purge
from db.upkeep.facts import FactsBrokenError
from tests.db.rows import ANY_DEVIATION, KEY, NOW, Clinicians, allow_changes, answer, establish, writing
from tests.db.rows import open_case as open_row

LATER = NOW + timedelta(days=60)
SECRET = "zebra"
MOVED = "was changed, or belongs elsewhere"


@pytest.fixture(params=["plain", "encrypted"])
async def database(request: pytest.FixtureRequest, url: str) -> AsyncIterator[Database]:
    """
    A database in which a row of every kind tells of something, with encryption and without.
    """
    opened = Database(url, Vault(lambda: {"k1": b"1" * 32}) if request.param == "encrypted" else None)
    async with writing(opened) as session:
        await keyring.use(session, now=NOW)
    await _live(opened, await establish(opened))
    yield opened
    await opened.close()


async def _live(database: Database, who: Clinicians) -> None:
    """
    Recipient 1 and donors 2 and 3: answers and a correction, links and an unlinking, sign-offs of which one is voided,
    an inclusion, an infusion, visits of which one is undone; and donor 4, who refused and was purged.
    """
    async with writing(database) as session:
        recipient = await records.load(session, case=await open_row(session, who), now=NOW)
        donors = [await open_row(session, who, kind=Kind.DONOR) for _ in range(3)]
        for item, raw in (("age", 44), ("dlco", 55)):
            recipient = await answer(recipient, session, who, item, raw)
        recipient = await answers.add(
            session,
            record=recipient,
            item="dlco",
            raw=None,
            by=who.actor,
            now=NOW,
            reason="mistyped",
        )
        for donor in donors[:2]:
            await pairs.link(session, recipient=recipient.case, donor=donor, by=who.actor, now=NOW)
        await pairs.unlink(session, recipient=recipient.case, donor=donors[1], by=who.actor, now=LATER)
        await _decide(session, who, recipient.case, donors[0])
        await _follow(session, who, recipient.case)
    async with writing(database) as session:
        case = (await session.exec(select(Case).where(Case.code == "01-D-003"))).one()
        refused = await records.load(session, case=case, now=NOW)
        refused = await answer(refused, session, who, "age", 30)
        await decisions.decide(
            session, kind=DecisionKind.CONSENT_REFUSED, subjects=[refused], by=who.actor, now=NOW, reason="distance"
        )
    async with writing(database) as session:
        found = await purge.never_consented(session, now=LATER, days=30)
        await purge.purge(session, cases=[one.case for one in found], why="never_consented", now=LATER)


async def _decide(session: AsyncSession, who: Clinicians, recipient: Case, donor: Case) -> None:
    pair = [await records.load(session, case=case, now=NOW) for case in (recipient, donor)]
    by = Actor(who.person.id, "investigator")
    kinds = DecisionKind
    await decisions.decide(session, kind=kinds.DONOR_CHOSEN, subjects=pair, by=by, now=NOW)
    await decisions.decide(
        session, kind=kinds.QUERY_DISMISSED, subjects=pair[:1], by=by, now=NOW, about="Q1", reason=SECRET
    )
    signed = await decisions.decide(session, kind=kinds.SIGNED, subjects=pair, by=by, now=NOW)
    await sign_offs.void(session, decision=signed, subjects=pair, by=PROGRAM, now=NOW)
    await session.flush()
    await decisions.decide(session, kind=kinds.SIGNED, subjects=pair, by=by, now=LATER)
    await decisions.decide(session, kind=kinds.INCLUDED, subjects=pair, by=by, now=LATER)


async def _follow(session: AsyncSession, who: Clinicians, recipient: Case) -> None:
    record = await records.load(session, case=recipient, now=LATER)
    day = record.as_of - timedelta(days=40)
    for back in (0, 1):
        begun = await planned.infusion(session, case=recipient)
        await infusions.infuse(
            session,
            record=record,
            day=day - timedelta(days=back),
            expected=begun.number if begun else 0,
            margin=14,
            by=who.actor,
            now=LATER,
            reason="misread" if back else "recorded_late",
            accepted=ANY_DEVIATION,
        )
    noted = ((Recorded.DONE, day), (Recorded.UNDONE, None), (Recorded.MISSED, None))
    for sequence, (kind, on) in enumerate(noted, start=1):
        await visits.note(
            session,
            record=record,
            month=3,
            expected=sequence,
            kind=kind,
            margin=14,
            by=who.actor,
            now=LATER,
            day=on,
            detail=SECRET,
            accepted=ANY_DEVIATION,
        )


UNHEEDED = {
    "sqlite": "PRAGMA defer_foreign_keys = ON",
    "postgresql": "SET LOCAL session_replication_role = replica",
}
"""What lets whoever owns the database write rows that refer to none."""


async def _said(database: Database, *statements: str) -> str | None:
    """
    What is said of the database after these statements of somebody who owns it, which are taken back.
    """
    async with database.transaction() as session:
        await allow_changes(session)
        connection = await session.connection()
        await connection.execute(text(UNHEEDED[connection.dialect.name]))
        for statement in statements:
            assert (await connection.execute(text(statement))).rowcount, statement
        try:
            await facts.verify(session, key=KEY)
        except (FactsBrokenError, VaultError) as error:
            return str(error)
        finally:
            await session.rollback()
    return None


async def test_what_the_program_wrote_is_as_the_trail_tells(database: Database) -> None:
    """
    Also when it was corrected, undone, voided and purged, and after a rotation of the keys.
    """
    assert await _said(database) is None
    rotated = Database(
        database.url.render_as_string(hide_password=False),
        Vault(lambda: {"k2": b"2" * 32, "k1": b"1" * 32}),
    )
    await database.close()
    assert await rotate_all(rotated, key=KEY) > 0
    async with rotated.snapshot() as session:
        assert await facts.verify(session, key=KEY) > 30
    await rotated.close()


ANSWERS = "INSERT INTO answers (case_id, revision, item, value, reason, source, person_id, at)"
DECISIONS = (
    "INSERT INTO decisions (id, case_id, partner_id, kind, about, reason, protocol, digest, person_id, role, at)"
)
RECORDS = "INSERT INTO visit_records (id, case_id, month, kind, day, detail, due, opens, closes, person_id, role, at)"
LINKS = "INSERT INTO links (id, recipient_id, donor_id, linked_by, linked_at, unlinked_by, unlinked_at)"

ADDED = {
    ANSWERS + " SELECT case_id, 4, item, value, reason, source, person_id, at FROM answers WHERE revision = 1": (  # noqa: S608
        "answers 1 4: no entry tells of it"
    ),
    ANSWERS + " SELECT 2, 1, item, value, reason, source, person_id, at FROM answers WHERE revision = 1": (  # noqa: S608
        "answers 2 1: no entry tells of it"
    ),
    DECISIONS + " SELECT 50, case_id, partner_id, kind, about, reason, protocol, digest, person_id, role, at "
    "FROM decisions WHERE id = 1": "decisions 50: no entry tells of it",
    DECISIONS + " SELECT 50, 3, NULL, kind, about, reason, protocol, digest, person_id, role, at "
    "FROM decisions WHERE id = 1": "decisions 50: no entry tells of it",
    RECORDS + " SELECT 50, case_id, month, 'done', day, detail, due, opens, closes, person_id, role, at "
    "FROM visit_records WHERE id = 1": "visit_records 50: no entry tells of it",
    LINKS + " SELECT 50, recipient_id, donor_id, linked_by, linked_at, unlinked_by, unlinked_at "
    "FROM links WHERE id = 2": "links 50: no entry tells of it",
    "INSERT INTO screening_log (code, kind, site_id, number, opened_on, closed_on, stage, purged_at) "
    "SELECT '01-D-009', kind, site_id, 9, opened_on, closed_on, stage, purged_at FROM screening_log": (
        "screening_log 01-D-009: is not as the trail tells"
    ),
}

CHANGED = {
    "UPDATE answers SET value = '45' WHERE revision = 1": "answers 1 1: is not as entry {e[6]} tells",
    "UPDATE answers SET value = NULL WHERE revision = 2": "answers 1 2: is not as entry {e[7]} tells",
    "UPDATE answers SET item = 'fvc' WHERE revision = 2": "answers 1 2: is not as entry {e[7]} tells",
    "UPDATE answers SET reason = 'x' WHERE revision = 3": "answers 1 3: is not as entry {e[8]} tells",
    "UPDATE answers SET at = '2026-05-10' WHERE revision = 1": "answers 1 1: is not as entry {e[6]} tells",
    "UPDATE answers SET source = 'imported' WHERE revision = 1": "answers 1 1: is not as entry {e[6]} tells",
    "UPDATE answers SET examined_on = '2026-05-01' WHERE revision = 1": "answers 1 1: is not as entry {e[6]} tells",
    "UPDATE answers SET examined_by = 'imaging' WHERE revision = 1": "answers 1 1: is not as entry {e[6]} tells",
    "UPDATE answers SET examined_words = 'x' WHERE revision = 1": "answers 1 1: is not as entry {e[6]} tells",
    "UPDATE answers SET batch = 1 WHERE revision = 1": "answers 1 1: is not as entry {e[6]} tells",
    "UPDATE answers SET repeats = 0 WHERE revision = 2": "answers 1 2: is not as entry {e[7]} tells",
    "UPDATE answers SET case_id = 2 WHERE revision = 3": "answers: the one that entry {e[8]} tells of is missing",
    "UPDATE answers SET revision = 9 WHERE revision = 3": "answers 1 9: is not as entry {e[8]} tells",
    "UPDATE decisions SET kind = 'withdrawn' WHERE id = 6": "decisions 6: is not as entry {included} tells",
    "UPDATE decisions SET about = '2026-01-01' WHERE id = 7": "decisions 7: is not as entry {infused} tells",
    "UPDATE decisions SET about = 'Q2' WHERE id = 2": "decisions 2: is not as entry {dismissed} tells",
    "UPDATE decisions SET reason = 'x' WHERE id = 2": "decisions 2: is not as entry {dismissed} tells",
    "UPDATE decisions SET role = 'monitor' WHERE id = 6": "decisions 6: is not as entry {included} tells",
    "UPDATE decisions SET person_id = NULL WHERE id = 6": "decisions 6: is not as entry {included} tells",
    "UPDATE decisions SET partner_id = 3 WHERE id = 6": "decisions: the one that entry {partner} tells of is missing",
    "UPDATE decisions SET day = '2026-05-01' WHERE id = 6": "decisions 6: is not as entry {included} tells",
    "UPDATE decisions SET deviation = 'x' WHERE id = 7": "decisions 7: is not as entry {infused} tells",
    "UPDATE decisions SET voids = 5 WHERE id = 4": "decisions 4: voids another one than the trail tells",
    "UPDATE decisions SET voids = 5 WHERE id = 7": "decisions 7: voids another one than the trail tells",
    "UPDATE visit_records SET day = '2026-01-01' WHERE id = 1": "visit_records 1: is not as entry {done} tells",
    "UPDATE visit_records SET kind = 'missed' WHERE id = 1": "visit_records 1: is not as entry {done} tells",
    "UPDATE visit_records SET month = 6 WHERE id = 1": "visit_records 1: is not as entry {done} tells",
    "UPDATE visit_records SET detail = 'x' WHERE id = 1": "visit_records 1: is not as entry {done} tells",
    "UPDATE visit_records SET deviation = 'x' WHERE id = 1": "visit_records 1: is not as entry {done} tells",
    "UPDATE visit_records SET undoes = NULL WHERE id = 2": ("visit_records 2: undoes another one than the trail tells"),
    "UPDATE visit_records SET undoes = 1 WHERE id = 3": "visit_records 3: undoes another one than the trail tells",
    "UPDATE links SET unlinked_at = NULL WHERE id = 2": "links 2: is not as entry {linked} tells",
    "UPDATE links SET donor_id = 2, unlinked_at = linked_at WHERE id = 2": "links 2: is not as entry {linked} tells",
    "UPDATE screening_log SET site_id = 2": "screening_log 01-D-003: is not as the trail tells",
    "UPDATE screening_log SET reason = 'x'": "screening_log 01-D-003: is not as the trail tells",
    "UPDATE screening_log SET stage = 'lost'": "screening_log 01-D-003: is not as the trail tells",
    "UPDATE screening_log SET opened_on = '2025-01-01'": "screening_log 01-D-003: is not as the trail tells",
    "UPDATE screening_log SET closed_on = '2025-01-01'": "screening_log 01-D-003: is not as the trail tells",
    "UPDATE screening_log SET kind = 'recipient'": "screening_log 01-D-003: is not as the trail tells",
    "UPDATE screening_log SET code = '01-D-007'": "screening_log 01-D-007: is not as the trail tells",
    "UPDATE cases SET stage = 'screening' WHERE id = 1": "cases 01-R-001: its stage is not as the trail tells",
    "UPDATE cases SET site_id = 2 WHERE id = 3": "cases 01-D-002: what it is is not as the trail tells",
    "UPDATE cases SET sign_off = 3 WHERE id = 1": "cases 01-R-001: its sign-off is not as the trail tells",
    "UPDATE cases SET included_at = NULL WHERE id = 2": "cases 01-D-001: its inclusion is not as the trail tells",
    "UPDATE cases SET revision = 2 WHERE id = 1": "cases 01-R-001: how many answers it has is not as the trail tells",
    "UPDATE cases SET links = 2 WHERE id = 1": "cases 01-R-001: how many links it has is not as the trail tells",
    "UPDATE cases SET code = '01-D-008' WHERE id = 3": "cases: the one that entry {e[4]} tells of is missing",
}

TAKEN = {
    "DELETE FROM answers WHERE revision = 1": "answers: the one that entry {e[6]} tells of is missing",
    "DELETE FROM answers WHERE revision = 3": "answers: the one that entry {e[8]} tells of is missing",
    "DELETE FROM decisions WHERE id = 1": "decisions: the one that entry {chosen} tells of is missing",
    "DELETE FROM decisions WHERE id = 7": "decisions: the one that entry {infused} tells of is missing",
    "DELETE FROM visit_records WHERE id = 3": "visit_records: the one that entry {missed} tells of is missing",
    "DELETE FROM links WHERE id = 1": "links: the one that entry {first} tells of is missing",
    "DELETE FROM screening_log": "screening_log: the line that entry {purged} tells of is missing",
}


ORPHANS = {
    "UPDATE answers SET case_id = 99": "answers: there is no case 99",
    "UPDATE decisions SET case_id = 99 WHERE id = 1": "decisions: there is no case 99",
    "UPDATE decisions SET partner_id = 99 WHERE id = 1": "decisions: there is no case 99",
    "UPDATE visit_records SET case_id = 99": "visit_records: there is no case 99",
    "UPDATE links SET recipient_id = 99": "links: there is no case 99",
    "UPDATE links SET donor_id = 99 WHERE id = 1": "links: there is no case 99",
    "DELETE FROM cases WHERE id = 3": "cases: the one that entry {e[4]} tells of is missing",
}


async def _sequences(database: Database) -> dict[str, Any]:
    """
    The entries that the expectations name.
    """
    named = {
        "chosen": "decision.donor_chosen",
        "dismissed": "decision.query_dismissed",
        "included": "decision.included",
        "infused": "decision.infused",
        "done": "visit.done",
        "missed": "visit.missed",
        "purged": "case.purge",
    }
    query = "SELECT min(sequence) FROM audit_entries WHERE action = '{}' AND entity <> '01-D-001'"
    async with database.engine.connect() as connection:
        found: dict[str, Any] = {
            name: (await connection.execute(text(query.format(action)))).scalar() for name, action in named.items()
        }
        links_told = await connection.execute(
            text("SELECT sequence FROM audit_entries WHERE action = 'case.link' AND entity = '01-R-001' ORDER BY 1")
        )
        found["first"], found["linked"] = links_told.scalars()
        begun = (
            await connection.execute(text("SELECT sequence FROM audit_entries WHERE action = 'site.open'"))
        ).scalar()
    return {**found, "partner": found["included"] + 1, "e": range(begun - 1, begun + 20)}


@pytest.mark.parametrize("statements", [ADDED, CHANGED, TAKEN, ORPHANS], ids=["added", "changed", "taken", "orphaned"])
async def test_whatever_was_done_past_the_program_is_named(database: Database, statements: dict[str, str]) -> None:
    """
    A row of each kind that was added, changed in any way of which the trail tells, taken away, or cut off from its
    case; never a value.
    """
    sequences = await _sequences(database)
    found = {statement: await _said(database, statement) for statement in statements}
    if database.vault is not None:
        # A ciphertext that was taken along does not even open there.
        found = {statement: said for statement, said in found.items() if said is None or MOVED not in said}
    assert found == {statement: statements[statement].format(**sequences) for statement in found}
    assert await _said(database) is None


async def test_a_case_that_nobody_opened_is_named(database: Database) -> None:
    """
    It needs no row of its own to be noticed.
    """
    copied = ", ".join(name for name in Case.model_fields if name not in {"id", "code", "number"})
    statement = f"INSERT INTO cases (code, number, {copied}) SELECT '01-D-008', 8, {copied} FROM cases WHERE id = 3"  # noqa: S608
    assert await _said(database, statement) == "cases 01-D-008: no entry tells of it"


async def test_a_case_that_was_purged_does_not_come_back(database: Database) -> None:
    """
    A row that takes the code of a purged case is not taken for it.
    """
    sequences = await _sequences(database)
    said = await _said(database, "UPDATE cases SET code = '01-D-003' WHERE id = 3")
    assert said == "cases: the one that entry {e[4]} tells of is missing".format(**sequences)
    copied = ", ".join(name for name in Case.model_fields if name not in {"id", "code", "number"})
    statement = f"INSERT INTO cases (code, number, {copied}) SELECT '01-D-003', 8, {copied} FROM cases WHERE id = 3"  # noqa: S608
    assert "tells of its purge, and it is there" in str(await _said(database, statement))


async def test_a_case_moved_and_reopened_is_as_the_trail_tells(database: Database) -> None:
    """
    Stages that people choose, and an inclusion that is taken back.
    """
    async with writing(database) as session:
        case = (await session.exec(select(Case).where(Case.code == "01-R-001"))).one()
        record = await records.load(session, case=case, now=LATER)
        await decisions.decide(session, kind=DecisionKind.UNINCLUDED, subjects=[record], by=PROGRAM, now=LATER)
        other = (await session.exec(select(Case).where(Case.code == "01-D-002"))).one()
        await cases.move(session, case=other, to=Stage.DISCARDED, by=PROGRAM, now=LATER, reason="mistake")
        assert case.included_at is None
    assert await _said(database) is None


async def test_an_inclusion_taken_back_is_known_by_its_older_name(database: Database) -> None:
    """
    Trails of before call it a case that was taken up again.
    """
    async with writing(database) as session:
        case = (await session.exec(select(Case).where(Case.code == "01-R-001"))).one()
        before: dict[str, Any] = {"kind": DecisionKind.REOPENED, "protocol": case.protocol, "digest": "", "at": LATER}
        session.add(Decision(case_id=case.id, **before))
        about: dict[str, Any] = {"entity": case.code, "site": case.site_id, "old": case.stage, "new": Stage.SIGNED}
        assert about["old"] == Stage.INCLUDED
        await audit.record(session, at=LATER, by=PROGRAM, action="decision.reopened", **about)
        case.stage, case.included_at = Stage.SIGNED, None
    assert await _said(database) is None


async def test_many_cases_are_checked_in_steps(database: Database) -> None:
    """
    More than are in memory at once, to the last of them.
    """
    async with writing(database) as session:
        who = (await session.exec(select(Case.opened_by))).first()
        for number in range(120):
            case = (await session.exec(select(Case).where(Case.code == "01-D-002"))).one()
            site = await session.get_one(records.Site, case.site_id)
            await cases.open_new(
                session,
                kind=Kind.DONOR,
                site=site,
                protocol=records.PROTOCOLS[case.protocol],
                by=Actor(who, "coordinator"),
                now=NOW + timedelta(seconds=number),
            )
    assert await _said(database) is None
    async with writing(database) as session:
        await session.exec(update(Case).where(Case.code == "01-D-123").values(stage=Stage.LOST))
    assert await _said(database) == "cases 01-D-123: its stage is not as the trail tells"


async def test_a_trail_that_was_changed_is_said_first(database: Database) -> None:
    """
    What it tells is only worth something while it is whole.
    """
    async with database.transaction() as session:
        await allow_changes(session)
        await (await session.connection()).execute(text("UPDATE audit_entries SET new = '45' WHERE sequence = 6"))
        with pytest.raises(audit.AuditBrokenError, match="entry 6"):
            await facts.verify(session, key=KEY)
        await session.rollback()


async def test_what_the_trail_tells_besides_is_no_matter(database: Database) -> None:
    """
    An entry about a case that tells of no row needs none.
    """
    async with writing(database) as session:
        await audit.record(session, at=NOW, by=PROGRAM, action="report.hand_over", entity="01-R-001")
    assert await _said(database) is None


async def test_an_empty_database_is_as_it_tells(url: str) -> None:
    """
    Nothing is told, and nothing is there.
    """
    empty = Database(url)
    assert await _said(empty) is None
    await empty.close()
