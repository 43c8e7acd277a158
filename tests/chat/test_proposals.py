"""
A coordinator proposes a screen failure with its criterion; an investigator confirms it in one press and a code, or
declines it.
"""

import json
from datetime import date, timedelta

import pytest
from sqlmodel import select

from bot.application import remind
from bot.taps import Propose, decode
from bot.texts import words
from db.base.tables import DecisionKind, Notice
from tests.chat.conversation import all_cases, data, skip
from tests.chat.test_decisions import INVESTIGATOR, NOW, change, code, decided, stages
from tests.chat.test_endings import told
from tests.conftest import Chatter, Clinic

pytestmark = pytest.mark.usefixtures("on_a_day")


async def failing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Donor 01-D-001, who is unrelated and allergic to lidocaine.
    """
    await skip(clinic, coordinator, "donor", lidocaine_allergy=True, relationship="unrelated")


async def propose(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Propose 01-D-001 as a screen failure for its allergy, found yesterday.
    """
    await failing(clinic, coordinator)
    await coordinator.say("/decide 01-D-001")
    for label in ("Propose a screen failure", "D-E1", "Yesterday", "Propose it"):
        await coordinator.press(label)


async def test_a_proposal_is_confirmed_with_one_press_and_a_code(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The message that tells of it leads to the signature, with the criterion and the day proposed.
    """
    await propose(clinic, coordinator)
    assert "Proposed to the investigators of the site: D-E1" in coordinator.card.text
    assert await stages(clinic) == {"01-D-001": "screening"}
    await investigator.look()
    (notice,) = told(investigator, "proposes a screen failure")
    assert "01-D-001" in notice
    assert "found on 3 May 2026: D-E1" in notice
    card = await investigator.press("Confirm the screen failure")
    assert "Primary reason: D-E1" in card.text
    assert "Found on 3 May 2026" in card.text
    await investigator.say(await code(clinic, INVESTIGATOR))
    assert await stages(clinic) == {"01-D-001": "screen_failure"}
    found = [(one.kind, one.about, one.day) for one in await decided(clinic)]
    day = date(2026, 5, 3)
    assert found == [(DecisionKind.FAILURE_PROPOSED, "D-E1", day), (DecisionKind.SCREEN_FAILURE, "D-E1", day)]
    assert (await all_cases(clinic))["01-D-001"].proposal is None
    await coordinator.look()
    (notice,) = told(coordinator, "has signed the screen failure proposed")
    assert "01-D-001: Dr 202" in notice
    assert "D-E1" in notice


async def test_a_proposal_is_seen(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    In summary, dashboard, history, /find and /decide, by whoever reads the case.
    """
    await propose(clinic, coordinator)
    for person in (coordinator, investigator):
        card = await person.say("/status 01-D-001")
        assert "Screen failure proposed: D-E1" in card.text
        assert "3 May 2026" in card.text
        assert "Screen failure proposed: D-E1, 3 May 2026" in (await person.say("/history 01-D-001")).text
        card = await person.say("/dashboard")
        assert "Screen failure proposed" in card.text
        assert "01-D-001" in card.text.partition("Screen failure proposed")[2].split("\n")[1]
        assert "D-E1" in card.text.partition("Screen failure proposed")[2].split("\n")[1]
        assert "Screen failure proposed: D-E1" in (await person.say("/decide 01-D-001")).text


async def test_a_proposal_is_declined_with_a_reason(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The coordinators are told who and why; the case is in screening as before, and may be proposed anew.
    """
    await propose(clinic, coordinator)
    await investigator.say("/decide 01-D-001")
    await investigator.press("Decline the proposal")
    assert len(await decided(clinic)) == 1
    await investigator.say("the allergy is not proven")
    await coordinator.look()
    (notice,) = told(coordinator, "declines the screen failure")
    assert "Dr 202" in notice
    assert "the allergy is not proven" in notice
    assert await stages(clinic) == {"01-D-001": "screening"}
    assert "the allergy is not proven" in (await coordinator.say("/history 01-D-001")).text
    assert "proposed" not in (await coordinator.say("/status 01-D-001")).text.casefold()
    await coordinator.say("/decide 01-D-001")
    assert any("Propose a screen failure" in label for label in coordinator.labels)


async def test_a_proposal_lapses_with_the_answers(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    Its button in the message then signs nothing.
    """
    await propose(clinic, coordinator)
    await investigator.look()
    notice = investigator.card
    clinic.now = NOW.replace(hour=12)
    await change(coordinator, "01-D-001", "Donation", "Lidocaine", "no")
    card = await investigator.press("Confirm the screen failure", notice)
    assert "type the six digits" not in card.text
    await investigator.say(await code(clinic, INVESTIGATOR))
    assert [one.kind for one in await decided(clinic)] == [DecisionKind.FAILURE_PROPOSED]


async def weekly(clinic: Clinic, person: Chatter, days: int) -> int:
    """
    How often somebody has been reminded of the proposal by so many days after it.
    """
    clinic.now = NOW + timedelta(days=days)
    await remind(clinic.application.worker)
    await clinic.application.quiet()
    await person.look()
    line = words(person.language)("reminder.proposed", code="01-D-001", criterion="D-E1")
    return sum(line in message.html for message in person.api.chat(person.user_id))


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_proposal_that_waits_is_told_every_week(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter, language: str
) -> None:
    """
    To the investigators, who can confirm it, from the Monday after it was made, and to nobody else; no more once it is
    settled.
    """
    await investigator.say(f"/language {language}")
    investigator.language = language
    await propose(clinic, coordinator)
    assert [await weekly(clinic, investigator, days) for days in (0, 1, 6, 7, 8, 13, 14)] == [0, 0, 0, 1, 1, 1, 2]
    assert "D-E1" in (await investigator.say("/reminders")).text
    assert await weekly(clinic, coordinator, 14) == 0
    await investigator.say("/decide 01-D-001")
    await investigator.press(words(language).plain("decide.step.end.failure_declined"))
    await investigator.say("the allergy is not proven")
    assert await weekly(clinic, investigator, 28) == 2
    assert "D-E1" not in (await investigator.say("/reminders")).text


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_words_go_with_a_proposal(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter, language: str
) -> None:
    """
    Typed in the place of the button: investigators read them in their own language's frame; names are refused.
    """
    text = words(language)
    await failing(clinic, coordinator)
    await coordinator.say(f"/language {language}")
    await investigator.say(f"/language {language}")
    await coordinator.say("/decide 01-D-001")
    await coordinator.press(text.plain("decide.step.propose"))
    await coordinator.press("D-E1")
    await coordinator.press(text.plain("day.today"))
    assert text.day(NOW.date()) in coordinator.card.text
    assert text.plain("criterion.D-E1.short") in coordinator.card.text
    await coordinator.say("Marie Dupont")
    assert await decided(clinic) == []
    await coordinator.say("allergie décrite dans le dossier")
    assert [one.reason for one in await decided(clinic)] == ["allergie décrite dans le dossier"]
    await investigator.look()
    (notice,) = told(investigator, "allergie décrite")
    assert "D-E1" in notice
    assert text.plain("button.confirm_failure") in investigator.labels


async def test_who_is_told_when_no_investigator_is_there(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The coordinator, so that it does not wait unseen.
    """
    await propose(clinic, coordinator)
    assert "no investigator of the site can be told" in coordinator.card.text


async def test_only_who_screens_proposes_and_only_what_fails(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Not an investigator by an old button, not a criterion that does not fail, not twice.
    """
    await failing(clinic, coordinator)
    revision = (await all_cases(clinic))["01-D-001"].revision
    for criterion in ("D-I1", "D-E1"):
        await coordinator.tap(Propose(1, revision, criterion, NOW.date()).data)
    await coordinator.say("/decide 01-D-001")
    for label in ("Propose a screen failure", "D-E1", "Today"):
        await coordinator.press(label)
    old = next(one for one in data(coordinator.card) if isinstance(decode(one), Propose))
    await investigator.say("/status 01-D-001")
    await investigator.tap("g:1:propose:D-E1:2026-05-04")
    await investigator.tap(old)
    await coordinator.tap(Propose(1, revision, "D-I2", NOW.date()).data)
    assert await decided(clinic) == []
    await coordinator.tap(old)
    await coordinator.tap(old)
    assert len(await decided(clinic)) == 1
    await coordinator.say("/decide 01-D-001")
    assert not any("Propose" in label for label in coordinator.labels)


async def test_a_notice_keeps_ids_and_no_words(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    What was typed and which criterion fails stay where they are encrypted.
    """
    await failing(clinic, coordinator)
    await coordinator.say("/decide 01-D-001")
    for label in ("Propose a screen failure", "D-E1", "Today"):
        await coordinator.press(label)
    await coordinator.say("described in the record")
    await investigator.say("/decide 01-D-001")
    await investigator.press("Decline the proposal")
    await investigator.say("the allergy is not proven")
    async with clinic.application.database.transaction() as session:
        kept = [json.loads(one.about) for one in (await session.exec(select(Notice))).all()]
    assert len(kept) == 2
    assert [set(one) for one in kept] == [{"code", "case", "decided"}] * 2
