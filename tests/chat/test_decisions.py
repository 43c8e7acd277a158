"""
Investigators decide: they sign with a code, include, end and reopen; what they signed holds only while nothing changes.
"""

import re
from datetime import UTC, date, datetime, timedelta

import pyotp
import pytest
from sqlmodel import col, select

from bot.catalogues import LANGUAGES
from bot.emulator.chat import Message
from bot.taps import Decide, End, decode
from bot.texts import words
from db.base.tables import (
    Authenticator,
    Decision,
    DecisionKind,
    Membership,
    Person,
    PersonRole,
)
from db.cases import decisions
from db.cases.records import load
from tests.chat.conversation import all_cases, data, skip, stored, trail
from tests.conftest import COORDINATOR, Chatter, Clinic

NOW = datetime(2026, 5, 4, 10, 0, 7, tzinfo=UTC)
INVESTIGATOR, OTHER = 202, 203


async def staff(clinic: Clinic, user_id: int, *roles: PersonRole, language: str = "en") -> Chatter:
    """
    A further member of site 01.
    """
    async with clinic.application.database.transaction() as session:
        person = Person(telegram_id=user_id, name=f"Dr {user_id}", language=language, accepted_at=NOW)
        session.add(person)
        await session.flush()
        session.add_all(Membership(person_id=person.id, role=role, site_id=1) for role in roles)
    return clinic.person(user_id, language)


async def secret_of(clinic: Clinic, user_id: int) -> str:
    """
    The secret that a person shares with their app.
    """
    async with clinic.application.database.transaction() as session:
        query = select(Authenticator).join(Person, col(Person.id) == col(Authenticator.person_id))
        return (await session.exec(query.where(Person.telegram_id == user_id))).one().secret


async def code(clinic: Clinic, user_id: int, *, steps: int = 0) -> str:
    """
    What the person's app shows, so many time steps from now.
    """
    assert clinic.now is not None
    totp = pyotp.TOTP(await secret_of(clinic, user_id))
    return totp.generate_otp(totp.timecode(clinic.now) + steps)


async def enrol(clinic: Clinic, person: Chatter) -> Message:
    """
    Set up the app, and let half a minute pass, so that the next code is another one.
    """
    await person.say("/authenticator")
    await person.press("Show the QR code")
    card = await person.say(await code(clinic, person.user_id))
    assert clinic.now is not None
    clinic.now += timedelta(seconds=30)
    return card


async def sign(clinic: Clinic, person: Chatter, text: str = "/sign 01-R-001") -> Message:
    """
    Sign with the code that the app shows; the next one comes later.
    """
    await person.say(text)
    card = await person.say(await code(clinic, person.user_id))
    assert clinic.now is not None
    clinic.now += timedelta(seconds=30)
    return card


async def decided(clinic: Clinic) -> list[Decision]:
    """
    Every decision, oldest first.
    """
    async with clinic.application.database.transaction() as session:
        return list((await session.exec(select(Decision).order_by(col(Decision.id)))).all())


async def stages(clinic: Clinic) -> dict[str, str]:
    """
    The stage of each case.
    """
    return {case_code: case.stage for case_code, case in (await all_cases(clinic)).items()}


async def change(person: Chatter, case_code: str, section: str, item: str, value: str) -> Message:
    """
    Change an answer in the summary.
    """
    await person.say(f"/status {case_code}")
    await person.press("Edit")
    await person.press(section)
    await person.press(item)
    await person.press("New result")
    return await person.say(value)


async def test_an_eligible_case_is_signed_with_a_code(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    What is signed is shown with every value and the version of the rules; the code signs it and leaves the chat.
    """
    await skip(clinic, coordinator, "recipient")
    shown = await investigator.say("/sign 1-r-1")
    assert "eligible on the data entered" in shown.text
    assert "NCT02213705/1" in shown.text
    for answer in await stored(clinic, "01-R-001"):
        assert words("en")(f"item.{answer.item}").unescape() in shown.text or answer.item == "age", answer.item
    typed = await code(clinic, INVESTIGATOR)
    card = await investigator.say(typed)
    assert "Signed off" in card.text
    assert "Signed by: Dr 202, investigator, site 01" in card.text
    assert not any(typed in message.text for message in investigator.api.chat(INVESTIGATOR))
    (decision,) = await decided(clinic)
    assert (decision.kind, decision.person_id, decision.role) == (DecisionKind.SIGNED, 2, PersonRole.INVESTIGATOR)
    assert decision.protocol == "NCT02213705/1"
    assert len(decision.digest) == 64
    assert await stages(clinic) == {"01-R-001": "signed"}
    assert typed not in " ".join(str(entry.model_dump()) for entry in await trail(clinic))


async def test_nothing_is_signed_while_something_is_unknown(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The card says what is unknown, asks for no code and takes none.
    """
    await skip(clinic, coordinator, "recipient", cd4="awaited")
    card = await investigator.say("/sign 01-R-001")
    assert "unknown: CD4" in card.text
    assert "type the six digits" not in card.text
    await investigator.say(await code(clinic, INVESTIGATOR))
    assert await decided(clinic) == []
    assert await stages(clinic) == {"01-R-001": "screening"}


async def test_an_open_query_is_dismissed_first(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    With a reason; it comes back as soon as one of its answers is another one, and then the sign-off is void as well.
    """
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor", relationship="parent", age="50")
    await coordinator.say("/link 01-R-001 01-D-001")
    card = await investigator.say("/sign 01-D-001")
    assert "Q9 " in card.text
    assert "dismiss the open queries first" in card.text
    await investigator.say(await code(clinic, INVESTIGATOR))
    assert await decided(clinic) == []
    await investigator.press("Dismiss Q9")
    card = await investigator.press("Checked against the source")
    assert "Q9 is dismissed" in card.text
    assert "Queries" not in card.text
    await sign(clinic, investigator, "/sign 01-D-001")
    assert (await stages(clinic))["01-D-001"] == "signed"
    await change(coordinator, "01-D-001", "Person", "Age", "51")
    assert "Q9 " in (await coordinator.say("/status 01-D-001")).text
    assert (await stages(clinic))["01-D-001"] == "screening"


async def test_any_later_answer_voids_the_sign_off_and_tells_the_signer(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Even one that changes no criterion: what was signed is not what is there any more.
    """
    await skip(clinic, coordinator, "donor")
    await sign(clinic, investigator, "/sign 01-D-001")
    await change(coordinator, "01-D-001", "Person", "Age", "46")
    assert await stages(clinic) == {"01-D-001": "screening"}
    assert [one.kind for one in await decided(clinic)] == [DecisionKind.SIGNED, DecisionKind.VOIDED]
    told = await investigator.look()
    assert "01-D-001" in told.text
    assert "no longer holds" in told.text
    card = await investigator.press("Open")
    assert "Signed by" not in card.text


async def test_a_case_that_fails_is_signed_as_a_screen_failure(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    With its primary reason, chosen among the criteria that fail.
    """
    await skip(clinic, coordinator, "donor", lidocaine_allergy=True, relationship="unrelated")
    await investigator.say("/decide 01-D-001")
    await investigator.press("Sign: screen failure")
    assert {label.split()[0] for label in investigator.labels} >= {"D-I2", "D-E1"}
    await investigator.press("D-E1")
    card = await investigator.press("Yesterday")
    assert "Found on 3 May 2026" in card.text
    assert "Primary reason: D-E1" in card.text
    card = await investigator.say(await code(clinic, INVESTIGATOR))
    assert "Screen failure" in card.text
    (decision,) = await decided(clinic)
    assert (decision.kind, decision.about) == (DecisionKind.SCREEN_FAILURE, "D-E1")
    assert decision.day == date(2026, 5, 3)
    assert await stages(clinic) == {"01-D-001": "screen_failure"}


async def test_a_case_that_fails_is_never_signed_as_eligible(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The command shows what can be decided instead, and a code typed then signs nothing.
    """
    await skip(clinic, coordinator, "donor", lidocaine_allergy=True)
    card = await investigator.say("/sign 01-D-001")
    assert "type the six digits" not in card.text
    await investigator.say(await code(clinic, INVESTIGATOR))
    assert await decided(clinic) == []


async def test_a_code_serves_once(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    Whoever has seen a code over a shoulder cannot sign with it again.
    """
    await skip(clinic, coordinator, "donor")
    await skip(clinic, coordinator, "donor")
    typed = await code(clinic, INVESTIGATOR)
    await investigator.say("/sign 01-D-001")
    await investigator.say(typed)
    await investigator.say("/sign 01-D-002")
    card = await investigator.say(typed)
    assert "has served already" in card.text
    assert await stages(clinic) == {"01-D-001": "signed", "01-D-002": "screening"}


async def test_five_wrong_codes_lock_for_an_hour(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    Then even the right one is refused until the hour is over. Text that is no code does not count.
    """
    await skip(clinic, coordinator, "donor")
    await investigator.say("/sign 01-D-001")
    right = await code(clinic, INVESTIGATOR)
    wrong = "000000" if right != "000000" else "111111"
    assert "six digits" in (await investigator.say("hello")).text
    for left in (4, 3, 2, 1):
        assert f"Tries left: {left}" in (await investigator.say(wrong)).text
    assert "locked for an hour" in (await investigator.say(wrong)).text
    assert clinic.now is not None
    locked_at = clinic.now
    clinic.now = locked_at + timedelta(minutes=59, seconds=59)
    assert "locked" in (await investigator.say(await code(clinic, INVESTIGATOR))).text
    assert await decided(clinic) == []
    clinic.now = locked_at + timedelta(hours=1)
    assert "Signed off" in (await investigator.say(await code(clinic, INVESTIGATOR))).text


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_code_is_good_for_half_a_minute_around(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter, steps: int, *, is_taken: bool
) -> None:
    """
    One step of thirty seconds before and after: clocks differ.
    """
    assert clinic.now is not None
    clinic.now += timedelta(minutes=5)
    await skip(clinic, coordinator, "donor")
    await investigator.say("/sign 01-D-001")
    await investigator.say(await code(clinic, INVESTIGATOR, steps=steps))
    assert (await stages(clinic) == {"01-D-001": "signed"}) is is_taken


async def test_a_code_signs_only_what_was_shown(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    If somebody changes an answer while the investigator reads, the code typed then signs nothing; the card shows anew.
    """
    await skip(clinic, coordinator, "donor")
    await investigator.say("/sign 01-D-001")
    await change(coordinator, "01-D-001", "Person", "Age", "46")
    card = await investigator.say(await code(clinic, INVESTIGATOR))
    assert await decided(clinic) == []
    assert "46 " in card.text
    await investigator.say(await code(clinic, INVESTIGATOR))
    assert await stages(clinic) == {"01-D-001": "signed"}


async def test_the_app_is_set_up_once_and_its_picture_goes(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The QR code stays until a right code has come; a wrong one leaves it; then it is gone, and no second one is shown.
    """
    clinic.now = NOW
    person = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    await skip(clinic, coordinator, "donor")
    card = await person.say("/sign 01-D-001")
    assert "Set it up once" in card.text
    await person.press("Set up the authenticator app")
    card = await person.press("Show the QR code")
    assert card.file is not None
    assert card.file_kind == "photo"
    assert card.file.content.startswith(b"\x89PNG")
    secret = await secret_of(clinic, INVESTIGATOR)
    assert secret in card.text
    right = await code(clinic, INVESTIGATOR)
    await person.say("000000" if right != "000000" else "111111")
    assert person.card.file is not None
    await person.say(right)
    chat = person.api.chat(INVESTIGATOR)
    assert not any(message.file or secret in message.text for message in chat)
    assert "decision" in person.card.text
    await person.say("/authenticator")
    assert "set up" in person.card.text
    assert not any("QR" in label for label in person.labels)
    await person.tap("q")
    assert await secret_of(clinic, INVESTIGATOR) == secret
    assert person.card.file is None


@pytest.mark.usefixtures("coordinator")
async def test_the_secret_survives_a_restart(clinic: Clinic) -> None:
    """
    Between the picture and the code nothing is kept in memory.
    """
    clinic.now = NOW
    person = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    await person.say("/authenticator")
    await person.press("Show the QR code")
    await clinic.restart()
    await person.say(await code(clinic, INVESTIGATOR))
    assert "set up" in person.card.text


async def test_coordinators_do_not_sign(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Neither by command nor by a button of somebody else's card.
    """
    await skip(clinic, coordinator, "donor")
    for text in ("/sign 01-D-001", "/authenticator"):
        assert "does not allow" in (await coordinator.say(text)).text
    await coordinator.tap("g:1:sign")
    assert "six digits" not in coordinator.card.text
    await coordinator.tap("q")
    await coordinator.tap("g:1:failure:D-E1:2026-05-04")
    assert await decided(clinic) == []


@pytest.mark.parametrize("kind", ["withdrawn", "consent_refused", "lost"])
async def test_an_end_takes_a_reason_and_can_be_undone(clinic: Clinic, coordinator: Chatter, kind: str) -> None:
    """
    A coordinator records it with a button; nothing more is asked of the case; taking it up again goes on as before.
    """
    text = words("en")
    await skip(clinic, coordinator, "donor", until="positive_pcr")
    await coordinator.say("/decide 01-D-001")
    await coordinator.press(text(f"decide.step.ending.{kind}").unescape())
    await coordinator.press("Today")
    first = coordinator.labels[0]
    card = await coordinator.press(first)
    assert text(f"stage.{kind}").unescape() in card.text
    assert await stages(clinic) == {"01-D-001": kind}
    assert not any("Continue" in label for label in coordinator.labels)
    assert "01-D-001" not in (await coordinator.say("/cases")).text
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Take up again")
    await coordinator.press("Ended by mistake")
    assert await stages(clinic) == {"01-D-001": "screening"}
    assert [one.kind for one in await decided(clinic)] == [kind, "reopened"]
    assert [one.reason for one in await decided(clinic)][1] == "mistake"


@pytest.mark.parametrize(
    ("typed", "is_kept"),
    [
        ("the  family is moving abroad", True),
        ("xy" * 100, True),
        ("xy" * 100 + "x", False),
        (".", False),
        ("xxx", False),
        ("ab 12345", False),
        ("abc", True),
        ("Marie Dupont called", False),
        ("the call from Marie Dupont", False),
        ("06 12 34 56 78", False),
        ("<b>bold</b> & \u202e 🙂", True),
    ],
)
async def test_a_reason_can_be_typed(clinic: Clinic, coordinator: Chatter, typed: str, *, is_kept: bool) -> None:
    """
    Without names and numbers of people; markup in it does no harm.
    """
    await skip(clinic, coordinator, "donor", until="age")
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Withdrawal")
    await coordinator.press("Today")
    await coordinator.say(typed)
    found = await decided(clinic)
    assert [one.reason for one in found] == ([" ".join(typed.split())] if is_kept else [])
    assert not any(typed in message.text for message in coordinator.api.chat(COORDINATOR) if not message.from_bot)


async def test_an_old_button_decides_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A reason's button of a card that is no longer so, or is about another day, or one that nobody was shown.
    """
    clinic.now = NOW
    today = NOW.date()
    await skip(clinic, coordinator, "donor", until="age")
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Withdrawal")
    await coordinator.press("Today")
    old = next(one for one in data(coordinator.card) if isinstance(decode(one), End))
    await coordinator.press("Return")
    await coordinator.tap(old)
    await coordinator.tap(Decide(1, 0, "included", "-", "-").data)
    await coordinator.tap(Decide(1, 0, "voided", "-", "mistake").data)
    assert await decided(clinic) == []
    await coordinator.press("Withdrawal")
    await coordinator.tap(old)
    assert await decided(clinic) == []
    await coordinator.press("Yesterday")
    await coordinator.tap(old)
    await coordinator.press("Another day")
    await coordinator.press("Today")
    revision = (await all_cases(clinic))["01-D-001"].revision
    await coordinator.tap(End(1, revision, "withdrawn", today, "because").data)
    await coordinator.tap(End(1, revision, "lost", today, "moved").data)
    await coordinator.tap(Decide(1, revision, "withdrawn", "-", "patient").data)
    assert await decided(clinic) == []
    await coordinator.tap(old)
    await coordinator.tap(old)
    assert len(await decided(clinic)) == 1


async def test_a_sign_off_can_be_withdrawn(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    By an investigator, with a reason; the case is in screening again and can be signed again.
    """
    await skip(clinic, coordinator, "donor")
    await sign(clinic, investigator, "/sign 01-D-001")
    await investigator.say("/decide 01-D-001")
    await investigator.press("Withdraw the sign-off")
    card = await investigator.press("Signed by mistake")
    assert "Signed by" not in card.text
    assert await stages(clinic) == {"01-D-001": "screening"}
    await sign(clinic, investigator, "/sign 01-D-001")
    assert await stages(clinic) == {"01-D-001": "signed"}


async def test_a_case_ended_by_mistake_is_signed_still(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The sign-off rests on the answers, and they have not changed.
    """
    await skip(clinic, coordinator, "donor")
    await sign(clinic, investigator, "/sign 01-D-001")
    await investigator.say("/decide 01-D-001")
    await investigator.press("Lost to follow-up")
    await investigator.press("Today")
    await investigator.press("Cannot be reached")
    assert await stages(clinic) == {"01-D-001": "lost"}
    await investigator.say("/decide 01-D-001")
    await investigator.press("Take up again")
    await investigator.press("Ended by mistake")
    assert await stages(clinic) == {"01-D-001": "signed"}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_signed_fits_in_one_message(clinic: Clinic, coordinator: Chatter, language: str) -> None:
    """
    A recipient and a donor with every value, in both languages: nothing is cut off.
    """
    clinic.now = NOW
    investigator = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR, language=language)
    await skip(clinic, coordinator, "recipient", uncontrolled_hypertension=False, bp_second="120/80")
    await skip(clinic, coordinator, "donor")
    await coordinator.say("/link 01-R-001 01-D-001")
    await coordinator.press("Choose 01-D-001")
    await investigator.say("/decide 01-R-001")
    card = await investigator.press(words(language)("decide.step.sign.pair").unescape())
    assert "…" not in card.text
    assert "01-D-001" in card.text
    values = re.findall(r" · ", card.text)
    assert len(values) > 40


async def test_the_digest_tells_one_answer_from_another(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Two donors who differ in one answer have different digests; the same donor has the same one again.
    """
    found = []
    for age in ("40", "41"):
        await skip(clinic, coordinator, "donor", age=age)
    async with clinic.application.database.transaction() as session:
        for case in (await all_cases(clinic)).values():
            record = await load(session, case=case, now=NOW)
            found += [decisions.digest_of([record]), decisions.digest_of([record])]
    assert found[0] == found[1] != found[2] == found[3]
