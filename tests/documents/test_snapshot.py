"""
What documents are made of: what a person may see, and nothing else, as of one moment.
"""

from bot.documents.reading import read
from bot.rules.protocol import Kind
from db.base.tables import DecisionKind
from tests.chat.ward import NOW, two_wards
from tests.conftest import Clinic


async def test_a_snapshot_has_every_case_of_the_sites_asked_for_and_no_other(clinic: Clinic) -> None:
    """
    All sites from the command line; a person's own otherwise.
    """
    here, there = await two_wards(clinic)
    async with clinic.application.database.snapshot() as session:
        everything = await read(session, now=NOW)
        own = await read(session, now=NOW, sites={1})
        one = await read(session, now=NOW, codes=[here.of("mother", "code")])
    assert {file.case.code for file in everything.files} == {*here.codes, *there.codes}
    assert {file.case.code for file in own.files} == set(here.codes)
    assert [site.number for site in own.sites] == [1]
    assert [file.case.code for file in one.files] == [here.of("mother", "code")]
    assert one.files[0].partners == (here.of("child", "code"),)
    assert one.codes[here.of("child")] == here.of("child", "code")


async def test_a_snapshot_tells_when_and_behind_which_entry_it_was_made(clinic: Clinic) -> None:
    """
    Its time, the newest audit entry, the version of the rules.
    """
    await two_wards(clinic)
    async with clinic.application.database.snapshot() as session:
        snapshot = await read(session, now=NOW)
    assert snapshot.at == NOW
    assert snapshot.head.sequence > 0
    assert len(snapshot.head.seal) == 64
    assert snapshot.versions == ("NCT02213705/1",)
    assert str(snapshot.zone) == "Europe/Paris"


async def test_a_file_has_the_decisions_of_a_pair_in_both_and_the_follow_up_of_a_recipient(clinic: Clinic) -> None:
    """
    A signature of a pair stands in both files; visits in the recipient's alone.
    """
    here, _ = await two_wards(clinic)
    async with clinic.application.database.snapshot() as session:
        files = (await read(session, now=NOW)).by_code
    mother, child = files[here.of("mother", "code")], files[here.of("child", "code")]
    assert mother.signed is not None
    assert child.signed is not None
    assert mother.signed.id == child.signed.id
    assert files[here.of("infused", "code")].infused_on is not None
    assert len(files[here.of("infused", "code")].visits) > 1
    assert not mother.visits
    assert files[here.of("fresh", "code")].signed is None


async def test_a_query_has_its_fate(clinic: Clinic) -> None:
    """
    Open while nobody did anything about it.
    """
    here, _ = await two_wards(clinic)
    async with clinic.application.database.snapshot() as session:
        snapshot = await read(session, now=NOW)
    file = snapshot.by_code[here.of("failing", "code")]
    assert [(one.id, one.fate) for one in file.queries] == [("Q8", "open")]
    assert all(one.fate == "open" for file in snapshot.of_kind(Kind.RECIPIENT) for one in file.queries)
    assert not any(one.kind == DecisionKind.QUERY_DISMISSED for one in file.decided)
