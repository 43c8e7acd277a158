"""
People come in by invitation: they read the privacy note, accept it or not, and until then see nothing else.
"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot.terminal.chat import settled
from bot.texts import words
from db.base.tables import Notice, PersonRole, WrongCode
from tests.chat.conversation import everything, skip, trail
from tests.chat.staff import add_member, add_site, invite, join, person_of, roles_of, said
from tests.conftest import COORDINATOR, STRANGER, Chatter, Clinic

REFUSAL = words("en")("refusal").unescape()
NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
NEW = 777


def code_like(number: int) -> str:
    """
    Something that could be a code.
    """
    return f"{number:022d}"


async def test_who_is_invited_reads_the_privacy_note_first(clinic: Clinic, coordinator: Chatter) -> None:
    """
    What is kept, Telegram, the approvals; by whom and to what they are invited; and two buttons.
    """
    code = await invite(coordinator, "Monitor", "All sites")
    person = clinic.person(NEW)
    card = await person.say(f"/start {code}")
    for part in ("by Test: monitor of all sites", "first name", "codes and answers only", "Telegram\u2019s servers"):
        assert part in card.text
    assert "approval of the sponsor and of the data protection officer" in card.text
    assert person.labels == ["✓ Accept", "✗ Decline"]
    assert all(code not in message.text for message in clinic.api.chat(NEW))


@pytest.mark.parametrize(
    "text", ["/start", "/help", "/cases", "/new donor", "/status 01-D-001", "/team", "01-D-001", "45", "/language fr"]
)
async def test_nothing_else_is_shown_before_the_note_is_accepted(
    clinic: Clinic, coordinator: Chatter, text: str
) -> None:
    """
    Whatever they write or press, the note stands there, nothing is stored, and nothing of a case is told.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    person = clinic.person(NEW)
    note = await person.say(f"/start {await invite(coordinator)}")
    before = await everything(clinic)
    assert (await person.say(text)).text == note.text
    for data in ("o:1", "m:cases:0", "n:donor", "l:fr", "m:here", "junk", "ja:1"):
        assert (await person.tap(data)).text == note.text
    assert await everything(clinic) == before
    await clinic.restart()
    assert (await person.say("/start")).text == note.text


async def test_who_accepts_is_let_in_and_the_inviter_hears_of_it(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The home screen with what their role allows; one notice with Undo.
    """
    person = await join(clinic, coordinator, NEW)
    assert "Welcome to the team" in person.card.text
    assert any("New recipient" in label for label in person.labels)
    assert not any("Team" in label for label in person.labels)
    assert "Test joined as coordinator of site 01." in coordinator.card.text
    assert coordinator.labels == ["↩ Undo"]
    stored = await person_of(clinic, NEW)
    assert stored is not None
    assert stored.accepted_at is not None
    assert {"person.join", "person.accept"} <= {entry.action for entry in await trail(clinic)}


@pytest.mark.parametrize(("place", "elsewhere"), [("01", 0), ("All sites", 1)])
async def test_the_colleagues_at_the_site_hear_who_has_joined(
    clinic: Clinic, coordinator: Chatter, place: str, elsewhere: int
) -> None:
    """
    Coordinators and investigators there, without Undo; neither whoever joined, nor monitors, nor another site, unless
    the role is for all sites.
    """
    lyon = await add_site(clinic)
    there = [
        await add_member(clinic, 301, (PersonRole.COORDINATOR, 1)),
        await add_member(clinic, 302, (PersonRole.INVESTIGATOR, None)),
    ]
    not_there = [
        await add_member(clinic, 303, (PersonRole.MONITOR, 1)),
        await add_member(clinic, 304, (PersonRole.ADMINISTRATOR, 1)),
        await add_member(clinic, 305, (PersonRole.COORDINATOR, 1), is_active=False),
    ]
    in_lyon = await add_member(clinic, 306, (PersonRole.COORDINATOR, lyon))
    person = await join(clinic, coordinator, NEW, "Investigator", place)
    where = "all sites" if elsewhere else "site 01"
    for one in there:
        assert said(one) == [f"👥 Test joined as investigator of {where}."]
        assert one.labels == []
    assert [said(one) for one in not_there] == [[], [], []]
    assert len(said(in_lyon)) == elsewhere
    assert not any("joined as" in text for text in said(person))
    code = await invite(coordinator, "Monitor", place)
    await person.say(f"/start {code}")
    assert said(there[0])[-1] == f"👥 Test is now also monitor of {where}."
    assert not any("now also" in text for text in said(person))


async def test_undo_shuts_out_at_once_who_has_just_joined(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Their card is replaced, and they are a stranger.
    """
    person = await join(clinic, coordinator, NEW)
    await coordinator.press("Undo")
    assert "Deactivated" in coordinator.card.text
    assert said(person)[-1] == words("en")("notice.deactivated").unescape()
    assert not person.labels
    assert (await person.say("/cases")).text == REFUSAL


async def test_who_declines_is_a_stranger_again(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The inviter is told; the code is used up.
    """
    code = await invite(coordinator)
    person = clinic.person(NEW)
    await person.say(f"/start {code}")
    card = await person.press("Decline")
    assert "did not accept" in card.text
    assert not card.buttons
    assert "did not accept the privacy note" in (await coordinator.look()).text
    for text in ("/start", f"/start {code}", "/cases"):
        assert (await person.say(text)).text == REFUSAL
    stored = await person_of(clinic, NEW)
    assert stored is not None
    assert not stored.is_active


async def test_an_old_accept_button_does_nothing_for_a_member(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Pressed twice, or by the wrong person.
    """
    await join(clinic, coordinator, NEW)
    person = clinic.person(NEW)
    before = len(await trail(clinic))
    for data in ("ja:2", "jd:2", "ja:1", "jd:1"):
        await person.tap(data)
    assert len(await trail(clinic)) == before
    assert (await person.say("/cases")).text != REFUSAL


@pytest.mark.parametrize("state", ["used", "revoked", "expired", "unknown", "inviter gone"])
async def test_a_code_that_is_no_longer_good_is_answered_like_any_text(
    clinic: Clinic, coordinator: Chatter, state: str
) -> None:
    """
    The same sentence, whatever is wrong with it.
    """
    clinic.now = NOW
    admin = await join(clinic, coordinator, 500, "Administrator", "All sites")
    code = code_like(1) if state == "unknown" else await invite(admin)
    if state == "used":
        await clinic.person(501).say(f"/start {code}")
    elif state == "revoked":
        await admin.press("Revoke")
    elif state == "expired":
        clinic.now = NOW + timedelta(hours=72)
    elif state == "inviter gone":
        await coordinator.say("/team")
        await coordinator.tap("pd:2")
    stranger = clinic.person(STRANGER)
    for text in (f"/start {code}", code):
        assert (await stranger.say(text)).text == REFUSAL
    assert await person_of(clinic, STRANGER) is None


async def test_a_code_is_good_for_72_hours(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A moment before they are over, it still opens the door.
    """
    clinic.now = NOW
    code = await invite(coordinator)
    clinic.now = NOW + timedelta(hours=72) - timedelta(seconds=1)
    assert "Before you start" in (await clinic.person(NEW).say(code)).text


async def test_a_code_is_worth_nothing_in_a_group(clinic: Clinic, coordinator: Chatter) -> None:
    """
    No answer there, and it stays good.
    """
    code = await invite(coordinator)
    clinic.api.send(NEW, f"/start {code}", chat_type="group")
    await settled(clinic.api, clinic.application)
    assert all(not message.from_bot for message in clinic.api.chat(-NEW))
    assert "Before you start" in (await clinic.person(NEW).say(f"/start {code}")).text


async def test_members_get_no_answer_in_a_group(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Also the administrator is answered in private only.
    """
    before = said(coordinator)
    for text in ("/start", "/team", "/invite", "/cases"):
        clinic.api.send(COORDINATOR, text, chat_type="supergroup")
    await settled(clinic.api, clinic.application)
    assert all(not message.from_bot for message in clinic.api.chat(-COORDINATOR))
    assert said(coordinator) == before


async def test_a_member_who_is_invited_again_gets_the_further_role(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Without a second privacy note; the inviter is told, and can undo just that.
    """
    person = await join(clinic, coordinator, NEW)
    code = await invite(coordinator, "Investigator", "All sites")
    card = await person.say(f"/start {code}")
    assert "You have a further role" in card.text
    assert await roles_of(clinic, NEW) == {("coordinator", 1), ("investigator", None)}
    assert "is now also investigator of all sites" in (await coordinator.look()).text
    await coordinator.press("Undo")
    assert await roles_of(clinic, NEW) == {("coordinator", 1)}
    assert (await clinic.person(STRANGER).say(f"/start {code}")).text == REFUSAL


async def test_a_role_that_one_holds_uses_no_invitation_up(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The code stays good for somebody else.
    """
    person = await join(clinic, coordinator, NEW)
    code = await invite(coordinator)
    assert "held there already" in (await person.say(f"/start {code}")).text
    assert "Before you start" in (await clinic.person(NEW + 1).say(f"/start {code}")).text


async def test_who_opens_their_own_link_is_told_to_pass_it_on(clinic: Clinic, coordinator: Chatter) -> None:
    """
    An administrator who tries the link does not use it up.
    """
    code = await invite(coordinator, "Investigator")
    assert "pass it on" in (await coordinator.say(f"/start {code}")).text
    assert ("investigator", 1) not in await roles_of(clinic, COORDINATOR)
    assert "Before you start" in (await clinic.person(NEW).say(f"/start {code}")).text


async def test_a_member_with_a_wrong_code_just_sees_where_they_are(clinic: Clinic, coordinator: Chatter) -> None:
    """
    As with /start alone, and it is not counted.
    """
    for number in range(6):
        assert "Screening for" in (await coordinator.say(f"/start {code_like(number)}")).text
    async with clinic.application.database.transaction() as session:
        assert not (await session.exec(select(WrongCode))).all()


async def test_who_was_shut_out_comes_back_by_an_invitation_with_its_role_only(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    The privacy note again, and none of the roles of before.
    """
    lyon = await add_site(clinic)
    person = await join(clinic, coordinator, NEW, "Investigator", "All sites")
    await skip(clinic, coordinator, "donor", until="relationship")
    await person.say("/status 1-d-1")
    await coordinator.say("/team")
    await coordinator.tap("pd:2")
    code = await invite(coordinator, "Coordinator", f"{lyon:02d}")
    assert "Before you start" in (await person.say(f"/start {code}")).text
    assert "Welcome" in (await person.press("Accept")).text
    assert await roles_of(clinic, NEW) == {("coordinator", 2)}
    assert "There is no case" in (await person.say("/status 1-d-1")).text


async def present(clinic: Clinic, person: Chatter, *minutes: float) -> None:
    """
    Present wrong codes at these minutes.
    """
    for minute in minutes:
        clinic.now = NOW + timedelta(minutes=minute)
        assert (await person.say(f"/start {code_like(7)}")).text == REFUSAL


async def _comes_in(clinic: Clinic, person: Chatter, code: str, *, minute: float) -> bool:
    clinic.now = NOW + timedelta(minutes=minute)
    return "Before you start" in (await person.say(f"/start {code}")).text


@pytest.mark.parametrize(
    ("wrong", "tries", "opens"),
    [
        ([0, 0, 0, 0], 1, True),
        ([0, 0, 0, 0, 0], 1, False),
        ([0, 10, 20, 30, 59.9], 60, False),
        ([0, 10, 20, 30, 60], 61, True),
        ([0, 10, 20, 30, 60, 69.9], 70, False),
        ([0, 0, 0, 0, 10], 24 * 60 + 9.9, False),
        ([0, 0, 0, 0, 10], 24 * 60 + 10, True),
        ([0, 0, 0, 0, 10, 60, 23 * 60], 24 * 60 + 10, True),
    ],
)
async def test_five_wrong_codes_in_an_hour_shut_the_door_for_a_day(
    clinic: Clinic, coordinator: Chatter, wrong: list[float], tries: float, *, opens: bool
) -> None:
    """
    On each side of five, of an hour and of a day. What comes while the door is shut is not counted.
    """
    clinic.now = NOW
    code = await invite(coordinator)
    person = clinic.person(NEW)
    await present(clinic, person, *wrong)
    assert await _comes_in(clinic, person, code, minute=tries) is opens


async def test_a_blocked_id_hears_the_same_and_each_administrator_is_told_once(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    With the numeric id; others come in as ever.
    """
    clinic.now = NOW
    second = await join(clinic, coordinator, 500, "Administrator", "01")
    await join(clinic, coordinator, 501, "Monitor", "01")
    code = await invite(coordinator)
    await present(clinic, clinic.person(STRANGER), *range(9))
    for admin in (coordinator, second):
        assert len([text for text in said(admin) if str(STRANGER) in text]) == 1
    async with clinic.application.database.transaction() as session:
        blocked = (await session.exec(select(Notice).where(Notice.key == "notice.blocked"))).all()
    assert len(blocked) == 2
    assert [entry.entity for entry in await trail(clinic) if entry.action == "stranger.block"] == ["telegram 666"]
    assert await _comes_in(clinic, clinic.person(NEW), code, minute=9)


async def test_ordinary_text_of_strangers_does_not_count(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Words, commands, sentences; only what could be a code.
    """
    clinic.now = NOW
    code = await invite(coordinator)
    person = clinic.person(NEW)
    for text in ("Hello", "/start", "/help", "hello " * 4, "anticonstitutionnellement", "/cases abc", "01-R-001"):
        assert (await person.say(text)).text == REFUSAL
    assert await _comes_in(clinic, person, code, minute=1)


async def test_typed_words_that_look_like_codes_count(clinic: Clinic, coordinator: Chatter) -> None:
    """
    As with /start.
    """
    clinic.now = NOW
    code = await invite(coordinator)
    person = clinic.person(NEW)
    for number in range(5):
        assert (await person.say(code_like(number))).text == REFUSAL
    assert not await _comes_in(clinic, person, code, minute=1)
