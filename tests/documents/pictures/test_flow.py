"""
The flow of cases: each is counted once, where it stands.
"""

from datetime import date

import pytest
from msgspec.structs import replace

from bot.documents.pictures.flow import Flow, flow, sentence
from bot.documents.reading import read
from bot.documents.snapshot import Snapshot
from bot.rules.protocol import Kind
from bot.texts import words
from db.base.tables import Case, DecisionKind, LogLine, PersonRole, Stage
from db.cases import decisions, records
from db.trail import audit
from db.trail.audit import Actor
from tests.chat.ward import NOW, Ward, two_wards
from tests.conftest import Clinic

RECIPIENT, DONOR = Kind


async def snapshot_of(
    clinic: Clinic, ward: Ward, *decided: tuple[str, DecisionKind, str | None, str | None]
) -> Snapshot:
    """
    The first site's cases, after further decisions: a case by its name, the kind, what it is about, the reason.
    """
    by = Actor(ward.ids["worker"], PersonRole.INVESTIGATOR)
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        for name, kind, about, reason in decided:
            case = await session.get_one(Case, ward.of(name))
            record = await records.load(session, case=case, now=NOW)
            await decisions.decide(
                session, kind=kind, subjects=[record], by=by, now=NOW, about=about, reason=reason, day=NOW.date()
            )
    async with clinic.application.database.snapshot() as session:
        return await read(session, now=NOW, sites={1})


@pytest.mark.parametrize(("about", "reason"), [(None, "death"), ("death", "death"), ("death", "at home")])
async def test_each_case_is_counted_once_where_it_stands(clinic: Clinic, about: str | None, reason: str) -> None:
    """
    Failures by their criterion, whoever died by that, those who are still screened as such.
    """
    here, _ = await two_wards(clinic)
    snapshot = await snapshot_of(
        clinic,
        here,
        ("settled", DecisionKind.SCREEN_FAILURE, "R-I1", None),
        ("asked", DecisionKind.CONSENT_REFUSED, None, "risks"),
        ("included", DecisionKind.LOST, None, "moved"),
        ("infused", DecisionKind.WITHDRAWN, about, reason),
    )
    found = flow(snapshot, RECIPIENT)
    assert found == Flow(
        kind=RECIPIENT,
        assessed=8,
        excluded=found.excluded,
        screening=4,
        included=2,
        waiting=0,
        ended_before=found.ended_before,
        infused=1,
        ended=found.ended,
        followed=0,
        completed=0,
    )
    assert found.excluded == {"R-I1": 1, "consent_refused": 1}
    assert (found.ended_before, found.ended) == ({"lost": 1}, {"death": 1})
    assert found.assessed == found.excluded.total() + found.screening + found.included
    assert found.included == found.waiting + found.ended_before.total() + found.infused
    donors = flow(snapshot, DONOR)
    assert (donors.assessed, donors.excluded, donors.screening, donors.included) == (9, {"lost": 1}, 8, 0)


async def test_the_sentence_says_what_the_picture_shows(clinic: Clinic) -> None:
    """
    For a person who cannot see it.
    """
    here, _ = await two_wards(clinic)
    snapshot = await snapshot_of(clinic, here, ("settled", DecisionKind.SCREEN_FAILURE, "R-I1", None))
    assert sentence(flow(snapshot, RECIPIENT), words("en")) == (
        "Recipients: 8 assessed, 1 excluded (R-I1 1), screening under way for 5, 2 included, 1 infused, 1 followed, "
        "last visit done for 0, 0 ended after inclusion."
    )
    assert sentence(flow(snapshot, DONOR), words("en")).startswith(
        "Donors: 9 assessed, 1 excluded (Lost to follow-up 1)"
    )


@pytest.mark.parametrize(
    ("stage", "reason", "excluded", "included", "screening"),
    [
        (Stage.SCREEN_FAILURE, "R-E5", {"R-E5": 1}, 0, 0),
        (Stage.CONSENT_REFUSED, "risks", {"consent_refused": 1}, 0, 0),
        (Stage.SCREENING, None, {}, 0, 1),
        (Stage.INCLUDED, None, {}, 1, 0),
    ],
)
async def test_a_case_whose_data_were_taken_out_still_counts(
    clinic: Clinic, *, stage: Stage, reason: str | None, excluded: dict[str, int], included: int, screening: int
) -> None:
    """
    By the line that the screening log keeps of it.
    """
    await clinic.coordinator()
    day = date(2026, 1, 2)
    line = LogLine(
        code="01-R-001", kind="recipient", site_id=1, number=1, opened_on=day, closed_on=day, stage=stage, reason=reason
    )
    async with clinic.application.database.snapshot() as session:
        empty = await read(session, now=NOW)
    found = flow(replace(empty, taken_out=(line,)), RECIPIENT)
    assert (found.assessed, found.excluded, found.included, found.screening) == (1, excluded, included, screening)
    assert flow(empty, RECIPIENT).assessed == 0
