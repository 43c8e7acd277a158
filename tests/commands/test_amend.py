"""
`python -m bot amend`: what a made-up second version of the rules would change.
"""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules import versions
from bot.rules.criteria import Criterion, Role
from bot.rules.items import Bool, Number
from bot.rules.protocol import Kind
from bot.rules.v1 import PROTOCOL
from db.base.engine import Database
from db.base.tables import Case
from db.cases import pairs, records
from tests.commands.shell import Shell
from tests.db.rows import NOW, answer, entries, establish, open_case, writing

KEPT = {"D-I3", "D-I4", "D-I5", "D-E2", "D-E3", "D-E4"}


@pytest.fixture(autouse=True)
def second(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A version in which recipients may be 75 and donors 60, donors are not asked about lidocaine but about a cold, and
    the relationship does not matter.
    """
    age = PROTOCOL.donor.item["age"]
    assert isinstance(age, Number)
    cold = Bool("cold", section="infection")
    donor = replace(
        PROTOCOL.donor,
        items=(*(item for item in PROTOCOL.donor.items if item.key != "lidocaine_allergy"), cold),
        criteria=(
            Criterion("D-I1", Role.INCLUSION, age.at_least(18) & age.at_most(60), citation="1"),
            *(criterion for criterion in PROTOCOL.donor.criteria if criterion.id in KEPT),
            Criterion("D-E5", Role.EXCLUSION, cold.yes, citation="1"),
        ),
    )
    _, *others = PROTOCOL.recipient.criteria
    recipient = replace(
        PROTOCOL.recipient,
        criteria=(Criterion("R-I1", Role.INCLUSION, age.above(18) & age.at_most(75), citation="1"), *others),
    )
    version = replace(PROTOCOL, version="NCT02213705/2", donor=donor, recipient=recipient)
    monkeypatch.setitem(versions.PROTOCOLS, version.version, version)


DONORS: tuple[Mapping[str, object], ...] = (
    {"age": 62, "lidocaine_allergy": False},
    {"age": 60, "relationship": "unrelated", "lidocaine_allergy": True},
    {"age": 30},
)


async def _hold(url: str) -> None:
    """
    Three donors and a recipient of 72, to whom the first donor is linked.
    """
    database = Database(url)
    who = await establish(database)
    async with writing(database) as session:

        async def screened(kind: Kind, answers: Mapping[str, object]) -> Case:
            record = await records.load(session, case=await open_case(session, who, kind=kind), now=NOW)
            for item, raw in answers.items():
                record = await answer(record, session, who, item, raw)
            return record.case

        donors = [await screened(Kind.DONOR, answers) for answers in DONORS]
        recipient = await screened(Kind.RECIPIENT, {"age": 72})
        await pairs.link(session, recipient=recipient, donor=donors[0], by=who.actor, now=NOW)
    await database.close()


async def test_the_cases_that_an_amendment_would_change_are_listed(url: str, bot: Shell) -> None:
    """
    By case and criterion, with the status under either version, the verdict first; and answers that it does not take.
    """
    await _hold(url)
    table, _, summary = (await bot.done("amend 1 NCT02213705/2")).rstrip().rpartition("\n")
    assert [line.split() for line in table.splitlines()] == [
        ["case", "what", "NCT02213705/1", "NCT02213705/2"],
        ["01-D-001", "verdict", "incomplete", "not_eligible"],
        ["01-D-001", "D-I1", "pass", "fail"],
        ["01-D-001", "D-I2", "unknown", "-"],
        ["01-D-001", "D-E1", "pass", "-"],
        ["01-D-001", "D-E5", "-", "unknown"],
        ["01-D-001", "lidocaine_allergy", "answered", "not", "taken"],
        ["01-D-002", "verdict", "not_eligible", "incomplete"],
        ["01-D-002", "D-I2", "fail", "-"],
        ["01-D-002", "D-E1", "fail", "-"],
        ["01-D-002", "D-E5", "-", "unknown"],
        ["01-D-002", "lidocaine_allergy", "answered", "not", "taken"],
        ["01-D-003", "D-I2", "unknown", "-"],
        ["01-D-003", "D-E1", "unknown", "-"],
        ["01-D-003", "D-E5", "-", "unknown"],
        ["01-R-001", "verdict", "not_eligible", "incomplete"],
        ["01-R-001", "R-I1", "fail", "pass"],
    ]
    assert summary == "4 cases began under NCT02213705/1; 4 would differ under NCT02213705/2"


async def test_a_dry_run_stores_nothing(url: str, bot: Shell) -> None:
    """
    No case moves to the other version, and the trail has nothing to tell.
    """
    await _hold(url)
    database = Database(url)
    async with writing(database) as session:
        before = len(await entries(session))
    await bot.done("amend 1 2")
    async with writing(database) as session:
        assert len(await entries(session)) == before
        assert {case.protocol for case in await _cases(session)} == {"NCT02213705/1"}
    await database.close()


async def _cases(session: AsyncSession) -> list[Case]:
    return list((await session.exec(select(Case))).all())


async def test_the_same_version_changes_nothing(url: str, bot: Shell) -> None:
    """
    The table has its head alone.
    """
    await _hold(url)
    out = await bot.done("amend 1 1")
    assert out.splitlines()[1:] == ["4 cases began under NCT02213705/1; 0 would differ under NCT02213705/1"]


async def test_a_version_that_is_not_there_is_refused(bot: Shell) -> None:
    """
    With those that there are.
    """
    refused = await bot.refused("amend 1 3")
    assert refused == "amend: 3: no such version of the rules; there are NCT02213705/1, NCT02213705/2\n"
