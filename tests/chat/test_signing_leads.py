"""
Signing leads on: the pair first, then what lacks; and a signature says all that it should.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlmodel import select

from bot.taps import GetDocument
from bot.texts import words
from db.base.tables import Case, Decision
from tests.chat.conversation import skip
from tests.chat.test_decisions import NOW, change, code, sign, stages
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


async def dismissed(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    A recipient with a chosen donor, a parent who is too young for that; the query about it is dismissed.
    """
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor", relationship="parent", age="50")
    await coordinator.say("/link 01-R-001 01-D-001")
    await coordinator.press("Choose 01-D-001")
    await investigator.say("/sign 01-D-001")
    await investigator.press("Dismiss Q9")
    await investigator.press("Checked against the source")


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


def bare(text: str) -> str:
    """
    A text without its markup and spaces: papers break their lines where they will.
    """
    return "".join(unescape(re.sub(r"<[^>]*>", "", text)).split())


def newest(person: Chatter, suffix: str) -> bytes:
    """
    The last file of a kind that was handed over.
    """
    files = (one.file for one in reversed(person.api.chat(person.user_id)) if one.file)
    return next(file.content for file in files if file.filename.endswith(suffix))


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            (
                "Signed by: Dr 202, investigator, site 01",
                "On: 4 May 2026, 12:00 (Europe/Paris, UTC+02:00)",
                "Meaning: eligible on the data entered: answers and criteria reviewed and confirmed",
                "Of: 01-R-001 + 01-D-001",
                "Rules: NCT02213705/1",
                "Hash (SHA-256): {digest}",
                "Query: Q9 of 01-D-001: {query} Dismissed by Dr 202, 4 May 2026, 12:00 (Europe/Paris, UTC+02:00)",
            ),
        ),
        (
            "fr",
            (
                "Signé par : Dr 202, médecin investigateur, centre 01",
                "Le : 4 mai 2026, 12:00 (Europe/Paris, UTC+02:00)",
                "Signification : éligible d\u2019après les données saisies : réponses et critères revus et confirmés",
                "Portant sur : 01-R-001 + 01-D-001",
                "Règles : NCT02213705/1",
                "Empreinte (SHA-256) : {digest}",
                "Demande : Q9 de 01-D-001 : {query} Clôturée par Dr 202, 4 mai 2026, 12:00 (Europe/Paris, UTC+02:00) :",
            ),
        ),
    ],
)
async def test_a_signature_says_the_same_on_the_card_in_history_in_the_report_and_on_paper(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter, language: str, lines: tuple[str, ...]
) -> None:
    """
    Name, role at the site, time with its zone, meaning, both codes, the version of the rules, the hash, and of each
    dismissed query by whom, when and why.
    """
    await dismissed(clinic, coordinator, investigator)
    shown = (await investigator.say("/sign 01-R-001")).text
    assert "Dismissed by Dr 202, 4 May 2026, 12:00 (Europe/Paris, UTC+02:00): Checked against the source." in shown
    await investigator.say(await code(clinic, investigator.user_id))
    async with clinic.application.database.transaction() as session:
        case = (await session.exec(select(Case).where(Case.code == "01-R-001"))).one()
        decision = await session.get_one(Decision, case.sign_off)
    await coordinator.say(f"/language {language}")
    card = (await coordinator.say("/status 01-R-001")).text
    history = (await coordinator.say("/history 01-R-001")).text
    await coordinator.say("/report 01-R-001")
    await coordinator.tap(GetDocument("checklist", case.id).data)
    paper = "".join(page.extract_text() for page in PdfReader(BytesIO(newest(coordinator, ".pdf"))).pages)
    query = words(language)("query.Q9").unescape()
    for line in lines:
        said = bare(line.format(digest=decision.digest, query=query))
        for text in (card, history, newest(coordinator, ".html").decode(), paper):
            assert said in bare(text)


async def test_history_keeps_what_a_signature_said_that_holds_no_longer(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    An answer that voids it, and opens its dismissed query again, changes nothing of it.
    """
    await skip(clinic, coordinator, "donor", positive_pcr=[])
    await sign(clinic, investigator, "/sign 01-D-001")
    async with clinic.application.database.transaction() as session:
        case = (await session.exec(select(Case).where(Case.code == "01-D-001"))).one()
        digest = (await session.get_one(Decision, case.sign_off)).digest
    await change(coordinator, "01-D-001", "Person", "Age", "46")
    assert digest not in (await coordinator.say("/status 01-D-001")).text
    history = (await coordinator.say("/history 01-D-001")).text
    assert f"Hash (SHA-256): {digest}" in history
    assert "Signed by: Dr 202, investigator, site 01" in history


async def give_the_recipients_age_anew(coordinator: Chatter, _: Chatter) -> None:
    """
    What was lent to the donor is another answer.
    """
    await change(coordinator, "01-R-001", "Person", "Age", "44")


async def unlink(coordinator: Chatter, _: Chatter) -> None:
    """
    Nothing is lent to the donor any more.
    """
    await coordinator.say("/unlink 01-R-001 01-D-001")


async def withdraw_the_recipient(coordinator: Chatter, _: Chatter) -> None:
    """
    Whoever has left lends nothing.
    """
    await coordinator.say("/decide 01-R-001")
    for label in ("Withdrawal", "Today"):
        await coordinator.press(label)
    await coordinator.press(coordinator.labels[0])


@pytest.mark.parametrize("void", [give_the_recipients_age_anew, unlink, withdraw_the_recipient])
async def test_history_keeps_a_dismissal_that_rested_on_what_was_lent(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter, void: Callable[[Chatter, Chatter], Awaitable[None]]
) -> None:
    """
    Q9 compares the donor's age with the recipient's: whatever becomes of that and of the sign-off, the signature says
    in both histories that it was dismissed, by whom, when and why.
    """
    await dismissed(clinic, coordinator, investigator)
    clinic.now = NOW + timedelta(minutes=10)
    await sign(clinic, investigator, "/sign 01-R-001")
    said = "Dismissed by Dr 202, 4 May 2026, 12:00 (Europe/Paris, UTC+02:00): Checked against the source."
    clinic.now = NOW + timedelta(minutes=30)
    await void(coordinator, investigator)
    clinic.now = NOW + timedelta(minutes=40)
    for code_of in ("01-R-001", "01-D-001"):
        history = (await coordinator.say(f"/history {code_of}")).text
        assert history.count(said) == 1, code_of
    async with clinic.application.database.transaction() as session:
        donor = (await session.exec(select(Case).where(Case.code == "01-D-001"))).one()
        assert donor.sign_off is None


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


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_why_a_signed_recipient_is_not_included_is_said(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter, language: str
) -> None:
    """
    Without a donor, and with one that is linked but not chosen; the button leads to the choice.
    """
    text = words(language)
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor")
    await sign(clinic, investigator)
    await investigator.say(f"/language {language}")
    assert text.plain("decide.not.include_unlinked") in (await investigator.say("/decide 01-R-001")).text
    await coordinator.say("/link 01-R-001 01-D-001")
    if (await stages(clinic))["01-R-001"] != "signed":
        await sign(clinic, investigator)
    assert text.plain("decide.not.include_unchosen") in (await investigator.say("/decide 01-R-001")).text
    await investigator.press(text.plain("button.donors"))
    assert any("01-D-001" in label for label in investigator.labels)
