"""
Recipients and donors: linked and unlinked, ranked, one chosen, and included together.
"""

from datetime import timedelta

import pytest

from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.taps import Choose, LinkWith, NewDonor, Unlink
from db.base.tables import DecisionKind, PersonRole, Site
from db.cases import cases
from db.trail import audit
from db.trail.audit import Actor
from tests.chat.conversation import all_cases, asked, open_case, record_of, skip, trail, values
from tests.chat.test_decisions import (
    INVESTIGATOR,
    code,
    decided,
    enrol,
    sign,
    staff,
    stages,
)
from tests.conftest import Chatter, Clinic


async def test_a_linked_donor_who_consents_answers_the_recipients_criterion(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    Shown as derived and never asked; unlinking undoes it, and so does the donor's consent taken back.
    """
    await skip(clinic, coordinator, "donor", until="lidocaine_allergy")
    await skip(clinic, coordinator, "recipient", until="family_donor_consents")
    assert asked(coordinator.card) == "family_donor_consents"
    card = await coordinator.say("/link 01-R-001 01-D-001")
    assert "01-R-001 + 01-D-001: linked" in card.text
    card = await coordinator.say("/resume 01-R-001")
    assert asked(card) != "family_donor_consents"
    card = await coordinator.say("/status 01-R-001")
    assert "derived from 01-D-001" in card.text
    assert "family_donor_consents" not in await values(clinic, "01-R-001")
    assert (await record_of(clinic, "01-R-001")).facts["family_donor_consents"] is True
    await coordinator.say("/unlink 01-R-001 01-D-001")
    assert "derived" not in (await coordinator.say("/status 01-R-001")).text
    assert asked(await coordinator.say("/resume 01-R-001")) == "family_donor_consents"


async def test_a_donor_who_refuses_or_is_unrelated_answers_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The refusal undoes the derived answer and is shown; taking it up again restores it. An unrelated donor is none.
    """
    await skip(clinic, coordinator, "donor", until="lidocaine_allergy")
    await skip(clinic, coordinator, "recipient", until="family_donor_consents")
    await coordinator.say("/link 01-R-001 01-D-001")
    assert (await record_of(clinic, "01-R-001")).borrowed
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Consent refused")
    await coordinator.press("Today")
    await coordinator.press("Too great a burden")
    assert not (await record_of(clinic, "01-R-001")).borrowed
    assert " family_donor_consents " in (await all_cases(clinic))["01-R-001"].missing
    card = await coordinator.say("/pair 01-R-001")
    assert "Consent refused" in card.text
    assert not any("Choose" in label for label in coordinator.labels)
    await coordinator.tap(Choose((await all_cases(clinic))["01-R-001"].id, 1).data)
    assert [one.kind for one in await decided(clinic)] == [DecisionKind.CONSENT_REFUSED]
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Take up again")
    await coordinator.press("Ended by mistake")
    assert (await record_of(clinic, "01-R-001")).borrowed
    await skip(clinic, coordinator, "donor", relationship="unrelated")
    await coordinator.say("/unlink 01-R-001 01-D-001")
    await coordinator.say("/link 01-R-001 01-D-002")
    assert not (await record_of(clinic, "01-R-001")).borrowed


async def test_without_a_consenting_donor_the_coordinators_answer_counts(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A linked donor who has not consented yet changes nothing.
    """
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor", until="consent_signed")
    await coordinator.say("/link 01-D-001 01-R-001")
    record = await record_of(clinic, "01-R-001")
    assert record.borrowed == {}
    assert record.facts["family_donor_consents"] is True
    await coordinator.say("/resume 01-D-001")
    await coordinator.press("Refused")
    assert (await record_of(clinic, "01-R-001")).borrowed == {}


async def test_the_donors_consent_settles_the_recipients_list_at_once(clinic: Clinic, coordinator: Chatter) -> None:
    """
    What lists show of the recipient is written with the donor's answer.
    """
    await skip(clinic, coordinator, "recipient", family_donor_consents="awaited")
    await skip(clinic, coordinator, "donor", until="consent_signed")
    await coordinator.say("/link 01-R-001 01-D-001")
    assert (await all_cases(clinic))["01-R-001"].verdict == Verdict.INCOMPLETE
    await coordinator.say("/resume 01-D-001")
    await coordinator.press("Signed")
    found = (await all_cases(clinic))["01-R-001"]
    assert (found.verdict, found.awaited, found.missing.strip()) == (Verdict.ELIGIBLE, 0, "")


async def test_a_donor_belongs_to_one_recipient(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A second link is refused in a line; after unlinking it is taken. A recipient may have several donors.
    """
    for kind in ("recipient", "recipient", "donor", "donor"):
        await open_case(coordinator, kind)
    await coordinator.say("/link 01-R-001 01-D-001")
    assert "Undo that link first" in (await coordinator.say("/link 01-R-002 01-D-001")).text
    assert "linked" in (await coordinator.say("/link 01-R-001 01-D-002")).text
    assert (await all_cases(clinic))["01-R-001"].links == 2
    await coordinator.say("/unlink 01-D-001 01-R-001")
    await coordinator.say("/link 01-R-002 01-D-001")
    found = await all_cases(clinic)
    assert {name: case.links for name, case in found.items()} == {
        "01-R-001": 1,
        "01-R-002": 1,
        "01-D-001": 1,
        "01-D-002": 1,
    }


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ("01-R-001 01-R-002", "a recipient and a donor"),
        ("01-R-001 x", "a recipient and a donor"),
        ("01-R-001 01-D-009", "There is no case 01-D-009."),
        ("01-R-001 02-D-001", "There is no case 02-D-001."),
    ],
)
async def test_what_cannot_be_linked_changes_nothing(
    clinic: Clinic, coordinator: Chatter, codes: str, said: str
) -> None:
    """
    Each is answered in a line; a donor of another site exactly like one that does not exist.
    """
    for kind in ("recipient", "recipient", "donor"):
        await open_case(coordinator, kind)
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        site = Site(number=2, name="Elsewhere", time_zone="UTC")
        session.add(site)
        await session.flush()
        await cases.open_new(
            session,
            kind=Kind.DONOR,
            site=site,
            protocol=LATEST,
            by=Actor(1),
            now=clinic.application.worker.clock(),
        )
    before = len(await trail(clinic))
    for command in ("/link", "/unlink"):
        assert said in (await coordinator.say(f"{command} {codes}")).text
    assert len(await trail(clinic)) == before


async def test_a_donor_is_opened_from_the_recipients_card(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The new donor is linked, and the questions go on with them; the same button pressed again opens no second one.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    await coordinator.say("/status 01-R-001")
    await coordinator.press("Donors")
    old = coordinator.card
    await coordinator.press("New donor")
    assert asked(coordinator.card) is not None
    assert "01-D-001" in coordinator.card.text
    await coordinator.tap(NewDonor(1, 0).data, old)
    await coordinator.say("/status 01-R-001")
    await coordinator.tap(NewDonor(1, 0).data)
    found = await all_cases(clinic)
    assert set(found) == {"01-R-001", "01-D-001"}
    assert found["01-D-001"].links == 1


async def test_links_by_buttons(clinic: Clinic, coordinator: Chatter) -> None:
    """
    From the donor's summary to the recipient, and back again.
    """
    await open_case(coordinator, "recipient")
    await skip(clinic, coordinator, "donor")
    await coordinator.press("Recipient")
    await coordinator.press("Link")
    card = await coordinator.press("01-R-001")
    assert "is a donor for" in card.text
    assert "01-R-001" in card.text
    await coordinator.press("Unlink")
    card = await coordinator.press("Unlink 01-R-001")
    assert "no recipient yet" in card.text
    assert [case.links for case in (await all_cases(clinic)).values()] == [0, 0]


async def test_donors_are_ranked_and_say_what_they_lack(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Eligible ones in the protocol's order and then by code, open ones by how little is missing, excluded ones last.
    """
    await skip(clinic, coordinator, "recipient")
    for relationship in ("spouse", "other_family", "parent", "sibling", "sibling"):
        await skip(
            clinic, coordinator, "donor", relationship=relationship, age="66" if relationship == "parent" else "60"
        )
    await skip(clinic, coordinator, "donor", until="positive_pcr")
    await skip(clinic, coordinator, "donor", until="lidocaine_allergy")
    for number in range(1, 8):
        await coordinator.say(f"/link 01-R-001 01-D-{number:03d}")
    card = await coordinator.say("/pair 01-R-001")
    order = [line.split()[2] for line in card.text.splitlines() if line[1:2] == "."]
    assert order == [f"01-D-{number:03d}" for number in (4, 5, 2, 1, 6, 7, 3)]
    assert "01-D-004 comes first among the eligible donors" in card.text
    assert "D-I1" in card.text
    assert "pair not eligible" in card.text
    assert "pair incomplete" in card.text


async def test_the_soonest_donor_is_named(clinic: Clinic, coordinator: Chatter) -> None:
    """
    While no pair is eligible, the one with the fewest answers missing comes first, with their number.
    """
    await skip(clinic, coordinator, "recipient", cd4="awaited")
    await skip(clinic, coordinator, "donor", until="positive_serology")
    await skip(clinic, coordinator, "donor", until="positive_pcr")
    for number in (1, 2):
        await coordinator.say(f"/link 01-R-001 01-D-{number:03d}")
    card = await coordinator.say("/pair 01-R-001")
    assert "Soonest with 01-D-002: 2 answers are missing." in card.text


async def test_choosing_is_recorded_and_can_change(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The last choice counts; one who is unlinked is chosen no more; one who is not eligible cannot be chosen.
    """
    await skip(clinic, coordinator, "recipient")
    for other in ({}, {}, {"lidocaine_allergy": True}):
        await skip(clinic, coordinator, "donor", **other)
    for number in (1, 2, 3):
        await coordinator.say(f"/link 01-R-001 01-D-{number:03d}")
    await coordinator.say("/pair 01-R-001")
    assert not any("Choose 01-D-003" in label for label in coordinator.labels)
    card = await coordinator.press("Choose 01-D-001")
    assert "⭐ chosen" in card.text
    await coordinator.press("Choose 01-D-002")
    await coordinator.tap(Choose(1, 4).data)
    assert [one.about for one in await decided(clinic)] == ["01-D-001", "01-D-002"]
    await coordinator.say("/unlink 01-R-001 01-D-002")
    assert "⭐ chosen" not in (await coordinator.say("/pair 01-R-001")).text
    await coordinator.say("/link 01-R-001 01-D-002")
    assert "⭐ chosen" not in (await coordinator.say("/pair 01-R-001")).text


async def test_a_pair_is_signed_and_included(clinic: Clinic, coordinator: Chatter) -> None:
    """
    With one code for both; inclusion says the targets and the period, and blocks nothing.
    """
    investigator = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    clinic.now = clinic.application.worker.clock()
    await enrol(clinic, investigator)
    await skip(clinic, coordinator, "recipient", family_donor_consents="awaited")
    await skip(clinic, coordinator, "donor")
    await coordinator.say("/link 01-R-001 01-D-001")
    await coordinator.press("Choose 01-D-001")
    await investigator.say("/decide 01-R-001")
    card = await investigator.press("Sign the pair")
    assert "01-R-001" in card.text
    assert "01-D-001" in card.text
    await investigator.say(await code(clinic, INVESTIGATOR))
    assert await stages(clinic) == {"01-R-001": "signed", "01-D-001": "signed"}
    await investigator.say("/decide 01-R-001")
    card = await investigator.press("Include")
    assert "0 of 20 recipients, 0 of 20 donors" in card.text
    assert "outside the inclusion period, 1 Mar 2014 to 31 Aug 2018" in card.text
    card = await investigator.press("Include the pair")
    assert "The pair is included" in card.text
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Withdrawal")
    await coordinator.press("Today")
    await coordinator.press("Adverse event")
    assert (await stages(clinic))["01-D-001"] == "withdrawn"
    assert "recipients 1 of 20, donors 1 of 20" in (await coordinator.say("/dashboard")).text
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Take up again")
    await coordinator.press("Ended by mistake")
    assert await stages(clinic) == {"01-R-001": "included", "01-D-001": "included"}
    kinds = [one.kind for one in await decided(clinic)]
    assert kinds[:3] == [DecisionKind.DONOR_CHOSEN, DecisionKind.SIGNED, DecisionKind.INCLUDED]
    assert "cannot be changed" in (await coordinator.say("/unlink 01-R-001 01-D-001")).text
    await coordinator.tap(Unlink(1, 2).data)
    await coordinator.tap(NewDonor(1, 1).data)
    await coordinator.tap(LinkWith(1, 2).data)
    assert [case.links for case in (await all_cases(clinic)).values()] == [1, 1]


async def test_inclusion_needs_both_signatures(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Signed one by one they count as well; with one alone, or with none chosen, inclusion is not offered.
    """
    investigator = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    clinic.now = clinic.application.worker.clock()
    await enrol(clinic, investigator)
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor")
    await coordinator.say("/link 01-R-001 01-D-001")
    await sign(clinic, investigator)
    await investigator.say("/decide 01-R-001")
    assert not any("Include" in label for label in investigator.labels)
    await coordinator.say("/pair 01-R-001")
    await coordinator.press("Choose 01-D-001")
    await investigator.say("/decide 01-R-001")
    assert not any("Include" in label for label in investigator.labels)
    await sign(clinic, investigator, "/sign 01-D-001")
    await investigator.say("/decide 01-R-001")
    await investigator.press("Include")
    await investigator.press("Include the pair")
    assert set((await stages(clinic)).values()) == {"included"}


async def test_an_answer_of_either_voids_the_pairs_sign_off(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Both are in screening again, and the signer hears of it once.
    """
    investigator = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    clinic.now = clinic.application.worker.clock()
    await enrol(clinic, investigator)
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor")
    await coordinator.say("/link 01-R-001 01-D-001")
    await coordinator.press("Choose 01-D-001")
    await investigator.say("/sign 01-R-001")
    await sign(clinic, investigator, "/decide 01-R-001")
    assert set((await stages(clinic)).values()) == {"screening"}
    await investigator.say("/decide 01-R-001")
    await investigator.press("Sign the pair")
    await investigator.say(await code(clinic, INVESTIGATOR))
    assert set((await stages(clinic)).values()) == {"signed"}
    clinic.now += timedelta(minutes=1)
    await coordinator.say("/status 01-D-001")
    for label in ("Edit", "Person", "Age", "New result"):
        await coordinator.press(label)
    await coordinator.say("47")
    assert set((await stages(clinic)).values()) == {"screening"}
    told = [message.text for message in investigator.api.chat(INVESTIGATOR) if "no longer holds" in message.text]
    assert len(told) == 1
    assert "01-R-001 + 01-D-001" in told[0]
