"""
What is no longer to be kept is taken out, a line of the screening log stays, and nothing else is touched.
"""

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select, update

from bot.rules import file_form
from bot.rules.protocol import Kind
from db.base.engine import Database
from db.base.tables import (
    AuditEntry,
    Case,
    Chat,
    DecisionKind,
    LogLine,
    PermitKind,
    Stage,
)
from db.base.vault import Vault
from db.cases import cases, decisions, pairs, records
from db.cases.records import Record
from db.trail import audit, keyring
from db.trail.audit import PROGRAM, AuditBrokenError
from db.trail.rotation import permitted
from db.upkeep import facts, purge
from tests.db.rows import KEY, NOW, Clinicians, allow_changes, answer, establish, open_case, writing
from tests.db.upkeep.test_upkeep import run

LATER = NOW + timedelta(days=60)
REASON = "distance"


@pytest.fixture(params=["plain", "encrypted"])
async def database(request: pytest.FixtureRequest, url: str) -> AsyncIterator[Database]:
    """
    A database with every table and no row, with encryption and without.
    """
    opened = Database(url, Vault(lambda: {"k1": b"1" * 32}) if request.param == "encrypted" else None)
    async with writing(opened) as session:
        await keyring.use(session, now=NOW)
    yield opened
    await opened.close()


@pytest.fixture
async def who(database: Database) -> Clinicians:
    """
    Two sites and a coordinator.
    """
    return await establish(database)


async def _case(
    database: Database,
    who: Clinicians,
    *,
    ending: DecisionKind | None = DecisionKind.CONSENT_REFUSED,
    consent: bool | None = None,
    kind: Kind = Kind.RECIPIENT,
) -> str:
    """
    A case of 61 years, with consent or without, that ended so.
    """
    async with writing(database) as session:
        record = await records.load(session, case=await open_case(session, who, kind=kind), now=NOW)
        record = await answer(record, session, who, "age", 61)
        if consent is not None:
            record = await answer(record, session, who, "consent_signed", consent)
        await _end(session, record, who, ending)
        return record.case.code


async def _end(session: records.AsyncSession, record: Record, who: Clinicians, ending: DecisionKind | None) -> None:
    if ending is not None:
        await decisions.decide(session, kind=ending, subjects=[record], by=who.actor, now=NOW, reason=REASON)


async def _purge(database: Database, *, days: int = 30) -> list[str]:
    """
    Take out what never consented; their codes.
    """
    async with writing(database) as session:
        found = await purge.never_consented(session, now=LATER, days=days)
        going = [one.case for one in found if one.kept_by is None]
        codes = [case.code for case in going]
        await purge.purge(session, cases=going, why="never_consented", now=LATER)
    return codes


async def _codes(database: Database) -> list[str]:
    async with database.transaction() as session:
        return list((await session.exec(select(Case.code).order_by(col(Case.code)))).all())


async def _verified(database: Database) -> int:
    async with database.snapshot() as session:
        return await facts.verify(session, key=KEY)


async def test_a_case_that_never_consented_leaves_a_line_in_the_log(database: Database, who: Clinicians) -> None:
    """
    Code, kind, site, days, stage and reason, and no value anywhere; the trail verifies and says who did what when.
    """
    code = await _case(database, who)
    before = await _verified(database)
    assert await _purge(database) == [code]
    assert await _codes(database) == []
    async with database.transaction() as session:
        (line,) = await purge.log(session)
        told = (await session.exec(select(AuditEntry).where(AuditEntry.entity == code))).all()
    assert line.model_dump() == {
        "code": code,
        "kind": "recipient",
        "site_id": who.here.id,
        "number": 1,
        "opened_on": date(2026, 5, 10),
        "closed_on": date(2026, 5, 10),
        "stage": "consent_refused",
        "reason": REASON,
        "purged_at": LATER,
    }
    assert [entry.action for entry in told] == ["case.open", "answer", "decision.consent_refused", "case.purge"]
    assert all(entry.actor == who.person.id for entry in told[:3])
    assert all((entry.field, entry.old, entry.new, entry.reason) == (None,) * 4 for entry in told[:3])
    assert await _verified(database) == before + 1
    async with database.engine.connect() as connection:
        for table in ("answers", "decisions", "tallies", "permits"):
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()  # noqa: S608
            assert [row for row in rows if table != "tallies" or row.number] == []


@pytest.mark.parametrize(
    ("ending", "consent", "goes"),
    [
        (DecisionKind.CONSENT_REFUSED, None, True),
        (DecisionKind.CONSENT_REFUSED, False, True),
        (DecisionKind.LOST, False, True),
        (DecisionKind.WITHDRAWN, None, True),
        (DecisionKind.WITHDRAWN, True, False),
        (DecisionKind.LOST, True, False),
        (None, None, False),
        (None, False, False),
    ],
)
async def test_only_closed_cases_without_consent_go(
    database: Database, who: Clinicians, ending: DecisionKind | None, *, consent: bool | None, goes: bool
) -> None:
    """
    Whoever consented is kept, and whoever is still being screened.
    """
    code = await _case(database, who, ending=ending, consent=consent)
    assert await _purge(database) == ([code] if goes else [])
    assert await _codes(database) == ([] if goes else [code])


async def test_consent_that_was_corrected_away_was_given_once(database: Database, who: Clinicians) -> None:
    """
    A case that ever had consent on record is kept.
    """
    async with writing(database) as session:
        record = await records.load(session, case=await open_case(session, who), now=NOW)
        for given in (True, False):
            record = await answer(record, session, who, "consent_signed", given)
        await _end(session, record, who, DecisionKind.CONSENT_REFUSED)
    assert await _purge(database) == []


async def test_a_case_closed_lately_stays_for_now(database: Database, who: Clinicians) -> None:
    """
    It may have been a mistake.
    """
    code = await _case(database, who)
    assert await _purge(database, days=61) == []
    assert await _purge(database, days=59) == [code]


async def test_what_is_tied_to_a_case_that_stays_stays(database: Database, who: Clinicians) -> None:
    """
    A donor who refused, linked to a recipient who consented: unlinking comes first. What the recipient rests on does
    not change by a purge.
    """
    recipient = await _case(database, who, ending=None, consent=True)
    donor = await _case(database, who, ending=None, kind=Kind.DONOR)
    async with writing(database) as session:
        pair = {case.code: case for case in await session.exec(select(Case))}
        await pairs.link(
            session,
            recipient=pair[recipient],
            donor=pair[donor],
            by=who.actor,
            now=NOW,
        )
        await _end(
            session,
            await records.load(session, case=pair[donor], now=NOW),
            who,
            DecisionKind.CONSENT_REFUSED,
        )
    async with writing(database) as session:
        (found,) = await purge.never_consented(session, now=LATER, days=30)
    assert (found.case.code, found.kept_by) == (donor, recipient)
    assert await _purge(database) == []
    async with writing(database) as session:
        pair = {case.code: case for case in await session.exec(select(Case))}
        await pairs.unlink(
            session,
            recipient=pair[recipient],
            donor=pair[donor],
            by=who.actor,
            now=NOW,
        )
    assert await _purge(database) == [donor]
    assert await _codes(database) == [recipient]
    await _verified(database)


async def test_what_waits_in_a_chat_for_a_case_goes_with_it(database: Database, who: Clinicians) -> None:
    """
    Also in a chat that has gone on to another case, whose own drafts stay.
    """
    going, staying = await _case(database, who), await _case(database, who, ending=None)
    async with writing(database) as session:
        ids = {case.code: case.id for case in (await session.exec(select(Case))).all()}
        drafts = [{"for": f"{ids[going]}::"}, {"for": f"{ids[staying]}:0:age"}]
        session.add(Chat(chat_id=101, case_id=ids[staying], draft=file_form.dumps(drafts)))
        session.add(Chat(chat_id=102, case_id=ids[going], draft=file_form.dumps(drafts[:1])))
    assert await _purge(database) == [going]
    async with database.transaction() as session:
        left = {chat.chat_id: chat.draft for chat in (await session.exec(select(Chat))).all()}
    assert left == {101: file_form.dumps(drafts[1:]), 102: None}


async def test_a_number_is_not_given_out_again(database: Database, who: Clinicians) -> None:
    """
    The next recipient gets the next number, also where the last one was taken out.
    """
    await _case(database, who)
    await _purge(database)
    async with writing(database) as session:
        case = await cases.open_new(
            session,
            kind=Kind.RECIPIENT,
            site=await session.get_one(records.Site, who.here.id),
            protocol=records.PROTOCOLS["NCT02213705/1"],
            by=who.actor,
            now=LATER,
        )
    assert case.code == "01-R-002"


async def test_all_of_a_study_goes(database: Database, who: Clinicians) -> None:
    """
    Linked and included cases too, each with a line in the log.
    """
    recipient = await _case(database, who, ending=DecisionKind.INCLUDED, consent=True)
    donor = await _case(database, who, ending=None, kind=Kind.DONOR)
    async with writing(database) as session:
        pair = {case.code: case for case in await session.exec(select(Case))}
        pair[recipient].stage = Stage.SCREENING
        await pairs.link(
            session,
            recipient=pair[recipient],
            donor=pair[donor],
            by=who.actor,
            now=NOW,
        )
    async with writing(database) as session:
        everyone = [one.case for one in await purge.everyone(session)]
        await purge.purge(session, cases=everyone, why="study_ended 2000-01-01", now=LATER)
    assert await _codes(database) == []
    async with database.transaction() as session:
        assert {line.code for line in await purge.log(session)} == {recipient, donor}
    await _verified(database)


# What a permit lets happen, and what not ------------------------------------------------------------------------------

FORBIDDEN = [
    "DELETE FROM answers WHERE case_id = 2",
    "DELETE FROM decisions WHERE case_id = 2",
    "UPDATE answers SET value = '1' WHERE case_id = 1",
    "UPDATE answers SET value = NULL WHERE case_id = 1",
    "DELETE FROM audit_entries WHERE entity = '01-R-001'",
    "UPDATE audit_entries SET new = NULL WHERE entity = '01-R-001'",
    "UPDATE audit_entries SET new = 'x', redaction = '1:x' WHERE entity = '01-R-001'",
    "UPDATE audit_entries SET field = NULL, old = NULL, new = NULL, reason = NULL WHERE entity = '01-R-001'",
    *(
        f"UPDATE audit_entries SET field = NULL, old = NULL, new = NULL, reason = NULL, redaction = '1:x' {rest}"  # noqa: S608
        for rest in (
            "WHERE entity = '01-R-002'",
            ", actor = 9 WHERE entity = '01-R-001'",
            ", action = 'x' WHERE entity = '01-R-001'",
            ", seal = 'x' WHERE entity = '01-R-001'",
            ", more = '{}' WHERE entity = '01-R-001'",
            "WHERE action = 'case.purge'",
        )
    ),
]


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_a_purge_touches_its_case_and_nothing_else(database: Database, who: Clinicians, statement: str) -> None:
    """
    With the permit for one case in hand, the others are as safe as ever, and of the trail only what was said goes.
    """
    await _case(database, who)
    await _case(database, who)
    with pytest.raises(DBAPIError, match="append-only"):
        await _with_permit(database, statement)


async def test_a_permit_is_for_the_case_that_the_trail_names(database: Database, who: Clinicians) -> None:
    """
    The entry tells of one case; a permit for another one is refused.
    """
    await _case(database, who)
    await _case(database, who)
    with pytest.raises(DBAPIError, match="permits this"):
        await _with_permit(database, "DELETE FROM answers", case_id=2, code="01-R-002")
    with pytest.raises(DBAPIError, match="permits this"):
        await _with_permit(database, "DELETE FROM answers", case_id=2)


async def _with_permit(database: Database, statement: str, *, case_id: int = 1, code: str = "01-R-001") -> None:
    async with writing(database) as session:
        await audit.record(session, at=NOW, by=PROGRAM, action=audit.PURGED, entity="01-R-001")
        async with permitted(session, kind=PermitKind.PURGE, case_id=case_id, code=code):
            await (await session.connection()).execute(text(statement))


REDACTED = "UPDATE audit_entries SET {} WHERE action = 'answer'"


@pytest.mark.parametrize(
    "change",
    [
        "new = '1'",
        "more = '1'",
        "actor = 9",
        "at = '2020-01-01 00:00:00'",
        "entity = 'x'",
        "redaction = '1:x'",
        "redaction = NULL",
    ],
)
async def test_what_is_left_of_an_entry_is_sealed(database: Database, who: Clinicians, change: str) -> None:
    """
    An entry that was emptied cannot be changed unseen either.
    """
    await _case(database, who)
    await _purge(database)
    async with writing(database) as session:
        await allow_changes(session)
        await (await session.connection()).execute(text(REDACTED.format(change)))
    with pytest.raises(AuditBrokenError, match="does not match its seal"):
        await _verified(database)


async def test_an_entry_emptied_past_the_program_shows(database: Database, who: Clinicians) -> None:
    """
    Even by whoever has the key: an entry must tell of it.
    """
    await _case(database, who)
    async with writing(database) as session:
        await allow_changes(session)
        entry = (await session.exec(select(AuditEntry).where(AuditEntry.action == "answer"))).one()
        audit.redact(session, entry, by=1)
    with pytest.raises(AuditBrokenError, match="entry 1: does not tell of what was taken out"):
        await _verified(database)


# The command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def kept(url: str, tmp_path: Path) -> AsyncIterator[str]:
    """
    A plain database with a case that never consented and one that did, closed long ago, and the key beside it.
    """
    database = Database(url)
    _put(tmp_path / "audit.key", KEY.hex())
    who = await establish(database)
    await _case(database, who)
    await _case(database, who, consent=True)
    async with database.transaction() as session:
        await session.exec(update(Case).values(touched_at=NOW - timedelta(days=400)))
    yield url
    await database.close()


def _put(file: Path, content: str) -> None:
    file.write_text(content, encoding="ascii")


async def test_without_yes_it_is_only_said(kept: str, tmp_path: Path) -> None:
    """
    A dry run names the cases and leaves everything; with --yes they go, and the log shows them.
    """
    dry = await run(tmp_path, kept, "purge")
    assert dry.status == 0
    assert re.search(r"01-R-001\tconsent_refused\t.*\tgoes", dry.output)
    assert "01-R-002" not in dry.output
    assert dry.output.endswith("1 cases would be taken out; nothing is changed without --yes")
    assert (await run(tmp_path, kept, "purge", "--log")).output == "nothing yet: no case was taken out"
    done = await run(tmp_path, kept, "purge", "--yes")
    assert (done.status, done.errors) == (0, "")
    assert "1 cases taken out" in done.output
    assert "01-R-001\trecipient\t" in (await run(tmp_path, kept, "purge", "--log")).output
    assert (await run(tmp_path, kept, "purge")).output.startswith("0 cases")
    assert (await run(tmp_path, kept, "audit", "verify")).status == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--study-ended", "2999-01-01", "--years", "0"], "not ended yet"),
        (["--study-ended", "2020-02-29", "--years", "25"], "with 25 years it is kept until 2045-02-28"),
        (["--study-ended", "1999-12-31"], "the sponsor says how many years"),
        (["--years", "0"], "the sponsor says how many years"),
        (["--days", "-1"], "0 to 36500 days"),
        (["--years", "1000"], "0 to 100 years"),
    ],
)
async def test_what_is_still_to_be_kept_is_kept(kept: str, tmp_path: Path, options: list[str], said: str) -> None:
    """
    The reason in a line, with status 1, and nothing changed.
    """
    ended = await run(tmp_path, kept, "purge", *options, "--yes")
    assert (ended.status, ended.output) == (1, "")
    assert said in ended.errors


async def test_a_study_that_ended_long_ago_goes_as_a_whole(kept: str, tmp_path: Path) -> None:
    """
    Every case, once the years that whoever runs it named have passed; the trail tells of both.
    """
    done = await run(tmp_path, kept, "purge", "--study-ended", "1999-12-31", "--years", "15", "--yes")
    assert "2 cases taken out" in done.output
    database = Database(kept)
    async with database.transaction() as session:
        assert len((await session.exec(select(LogLine))).all()) == 2
        told = (await session.exec(select(AuditEntry).where(AuditEntry.action == audit.PURGED))).all()
    assert {entry.reason for entry in told} == {"study_ended 1999-12-31, kept 15 years"}
    await database.close()


async def test_nothing_goes_where_the_trail_does_not_verify(kept: str, tmp_path: Path) -> None:
    """
    What it says could not be checked afterwards.
    """
    database = Database(kept)
    async with writing(database) as session:
        await allow_changes(session)
        await session.exec(update(AuditEntry).where(col(AuditEntry.sequence) == 2).values(role="x"))
    ended = await run(tmp_path, kept, "purge", "--yes")
    assert (ended.status, ended.errors) == (1, "audit trail: entry 2: does not match its seal")
    assert len(await _codes(database)) == 2
    await database.close()
