"""
Signing leads on: the pair first, then what lacks; and a signature says all that it should.
"""

from sqlmodel import select

from db.base.tables import Case, Decision
from tests.chat.conversation import skip
from tests.chat.test_decisions import code, sign, stages
from tests.chat.test_decisions import investigator as investigator  # noqa: PLC0414  a fixture
from tests.chat.test_deviations import told
from tests.conftest import Chatter, Clinic


async def ready(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A recipient with a chosen donor, both eligible.
    """
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor")
    await coordinator.say("/link 01-R-001 01-D-001")
    await coordinator.press("Choose 01-D-001")


async def test_sign_on_a_recipient_with_a_chosen_donor_offers_the_pair(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    One code signs both; the card of /pair has the button.
    """
    await ready(clinic, coordinator)
    await investigator.say("/pair 01-R-001")
    card = await investigator.press("Sign")
    assert "01-R-001" in card.text
    assert "01-D-001" in card.text
    await investigator.say(await code(clinic, investigator.user_id))
    assert await stages(clinic) == {"01-R-001": "signed", "01-D-001": "signed"}


async def test_of_a_pair_of_which_one_is_signed_the_other_is_offered(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The recipient was signed alone: /decide and /pair name the donor, and the button leads to that signature.
    """
    await ready(clinic, coordinator)
    await investigator.say("/decide 01-R-001")
    await investigator.press("Sign the recipient alone")
    await investigator.say(await code(clinic, investigator.user_id))
    assert await stages(clinic) == {"01-R-001": "signed", "01-D-001": "screening"}
    card = await investigator.say("/decide 01-R-001")
    assert "the signature on 01-D-001 is lacking" in card.text
    await investigator.say("/pair 01-R-001")
    card = await investigator.press("Sign 01-D-001")
    assert "type the six digits" in card.text
    assert "01-R-001" not in card.text


async def test_a_signature_says_who_as_what_when_and_what(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Name, role at the site, time with its zone, meaning, both codes, the version of the rules and the hash: on the card
    and in the report.
    """
    await ready(clinic, coordinator)
    await sign(clinic, investigator, "/sign 01-R-001")
    async with clinic.application.database.transaction() as session:
        case = (await session.exec(select(Case).where(Case.code == "01-R-001"))).one()
        decision = await session.get_one(Decision, case.sign_off)
    card = (await coordinator.say("/status 01-R-001")).text
    await coordinator.say("/report 01-R-001")
    report = next(one.file for one in reversed(coordinator.api.chat(coordinator.user_id)) if one.file)
    for text in (card, report.content.decode()):
        assert "eligible on the data entered: signed by Dr 202, investigator at site 01, 4 May 2026, 12:00 CEST" in text
        assert "01-R-001 + 01-D-001" in text
        assert f"rules {case.protocol}" in text
        assert decision.digest in text


async def test_a_report_names_who_dismissed_a_query_when_and_why(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    A parent too young for it, checked against the source.
    """
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor", relationship="parent", age="50")
    await coordinator.say("/link 01-R-001 01-D-001")
    await investigator.say("/sign 01-D-001")
    await investigator.press("Dismiss Q9")
    await investigator.press("Checked against the source")
    await coordinator.say("/report 01-D-001")
    report = next(one.file for one in reversed(coordinator.api.chat(coordinator.user_id)) if one.file)
    assert "dismissed by Dr 202, 4 May 2026, 12:00: Checked against the source" in report.content.decode()


async def test_an_inclusion_undone_is_told_to_the_others(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Not to the one who did it.
    """
    await ready(clinic, coordinator)
    await sign(clinic, investigator, "/sign 01-R-001")
    await investigator.say("/decide 01-R-001")
    await investigator.press("Include")
    await investigator.press("Include the pair")
    await investigator.say("/decide 01-R-001")
    await investigator.press("Undo the inclusion")
    await investigator.say("the consent form was missing")
    await clinic.application.quiet()
    said = "01-R-001: the inclusion is undone. Reason: the consent form was missing."
    assert any(said in text for text in told(coordinator))
    assert not any(said in text for text in told(investigator))
