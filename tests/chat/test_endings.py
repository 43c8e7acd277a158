"""
The end of a case: the day of the event, a card that says what follows, a reason; nothing is stored before.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from bot.application import remind
from bot.texts import words
from db.base.tables import Case, PersonRole
from db.trail import audit
from tests.chat.conversation import WELL, fill, record_of, skip, trail
from tests.chat.test_decisions import NOW, change, decided, sign, staff, stages
from tests.chat.test_report import reported
from tests.chat.test_visits import included
from tests.conftest import Chatter, Clinic

pytestmark = pytest.mark.usefixtures("on_a_day")


async def pair(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    Recipient 01-R-001 and the donor chosen, 01-D-001, signed as a pair.
    """
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor")
    await coordinator.say("/link 01-R-001 01-D-001")
    await coordinator.press("Choose 01-D-001")
    await sign(clinic, investigator, "/sign 01-R-001")
    assert set((await stages(clinic)).values()) == {"signed"}


async def included_then_dead(coordinator: Chatter, investigator: Chatter) -> None:
    """
    The pair that is signed is included, and the donor dies.
    """
    await investigator.say("/decide 01-R-001")
    await investigator.press("Include")
    await investigator.press("Include the pair")
    await coordinator.say("/decide 01-D-001")
    for label in ("Death", "Today", "Yes, store it"):
        await coordinator.press(label)


def told(person: Chatter, what: str) -> list[str]:
    """
    The messages of a person that say this.
    """
    return [one.text for one in person.api.chat(person.user_id) if one.from_bot and what in one.text]


@pytest.mark.parametrize("kind", ["withdrawn", "death", "consent_refused", "lost"])
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_an_end_is_confirmed_before_it_is_stored(
    clinic: Clinic, coordinator: Chatter, kind: str, language: str
) -> None:
    """
    The card names the case, what happened, the day and what follows; nothing is stored until its reason is given.
    """
    text = words(language)
    await skip(clinic, coordinator, "donor", until="positive_pcr")
    await coordinator.say(f"/language {language}")
    await coordinator.say("/decide 01-D-001")
    await coordinator.press(text.plain(f"decide.step.ending.{kind}"))
    assert text.plain(f"ending.day.{kind}").partition(">")[2].partition("<")[0] in coordinator.card.text
    card = await coordinator.press(text.plain("day.yesterday"))
    for part in ("01-D-001", text.plain(f"decide.step.ending.{kind}"), text.day(date(2026, 5, 3))):
        assert part in card.text
    assert text.plain("ending.follows") in card.text
    assert await decided(clinic) == []
    assert await stages(clinic) == {"01-D-001": "screening"}
    card = await coordinator.press(coordinator.labels[0])
    (decision,) = await decided(clinic)
    assert decision.day == date(2026, 5, 3)
    assert text.day(date(2026, 5, 3)) in card.text
    assert text.day(date(2026, 5, 3)) in (await coordinator.say("/history")).text
    assert await stages(clinic) == {"01-D-001": "withdrawn" if kind == "death" else kind}


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("today", date(2026, 5, 4)),
        ("hier", date(2026, 5, 3)),
        ("1/5/2026", date(2026, 5, 1)),
        ("5/5/2026", None),
        ("some day", None),
    ],
)
async def test_the_day_of_an_end_is_typed(clinic: Clinic, coordinator: Chatter, typed: str, day: date | None) -> None:
    """
    As every day is; one that is yet to come, and what is no day, is asked for again.
    """
    await skip(clinic, coordinator, "donor", until="age")
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Lost to follow-up")
    card = await coordinator.say(typed)
    assert ("Is that right?" in card.text) is (day is not None)
    if day is not None:
        await coordinator.say("moved to another country")
    assert [one.day for one in await decided(clinic)] == ([day] if day else [])


@pytest.mark.parametrize("screen", ["ending:lost:2026-05-05", "ending:voided:2026-05-04", "ending:death:2026-05-32"])
async def test_no_button_leads_to_an_end_that_cannot_be(clinic: Clinic, coordinator: Chatter, screen: str) -> None:
    """
    Tomorrow, a kind that is none, a day that is none: nothing to confirm.
    """
    await skip(clinic, coordinator, "donor", until="age")
    card = await coordinator.tap(f"g:1:{screen}")
    assert "Is that right?" not in card.text
    await coordinator.say("moved to another country")
    assert await decided(clinic) == []


async def test_a_death_takes_yes_or_another_day(clinic: Clinic, coordinator: Chatter) -> None:
    """
    It needs no other reason; a day typed is asked about, and history, summary and report call it a death.
    """
    await skip(clinic, coordinator, "donor", until="age")
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Death")
    await coordinator.press("Today")
    assert "in the future" in (await coordinator.say("5/5/2026")).text
    assert await decided(clinic) == []
    assert "2 May 2026. Is that right?" in (await coordinator.say("2/5/2026")).text
    card = await coordinator.say("yes")
    assert "Death, 2 May 2026" in card.text
    (decision,) = await decided(clinic)
    assert (decision.kind, decision.reason, decision.day) == ("withdrawn", "death", date(2026, 5, 2))
    assert "Death, 2 May 2026" in (await coordinator.say("/history")).text
    assert "Withdrawn" not in coordinator.card.text
    assert [entry.reason for entry in await trail(clinic)][-1] == "death"


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_death_takes_words(clinic: Clinic, coordinator: Chatter, investigator: Chatter, language: str) -> None:
    """
    As the other ends do: no names, something that says anything; shown with it in summary, history, report and the
    signer's notice, and counted as a death all the same.
    """
    text = words(language)
    await pair(clinic, coordinator, investigator)
    for person in (coordinator, investigator):
        await person.say(f"/language {language}")
    await coordinator.say("/decide 01-D-001")
    await coordinator.press(text.plain("decide.step.ending.death"))
    card = await coordinator.press(text.plain("day.today"))
    assert str(text("ending.typed_words")) in card.html
    for refused in ("Marie Dupont", "...", "annuler", "cancel", "pas encore"):
        await coordinator.say(refused)
        assert "01-D-001" not in {code for code, stage in (await stages(clinic)).items() if stage == "withdrawn"}
    card = await coordinator.say("at home, in the night")
    assert "at home, in the night" in card.text
    assert "withdrawn" not in (await stages(clinic)).values()
    card = await coordinator.press(text.plain("button.confirm"))
    what = text("history.on_day", what=text("history.decision.death"), day=text.day(NOW.date()))
    line = text("history.because", what=what, reason="at home, in the night").unescape()
    assert line in card.text
    (ended,) = [one for one in await decided(clinic) if one.kind == "withdrawn"]
    assert (ended.kind, ended.about, ended.reason) == ("withdrawn", "death", "at home, in the night")
    assert line in (await coordinator.say("/history 01-D-001")).text
    await coordinator.say("/report 01-D-001")
    told_there = await reported(coordinator)
    assert "at home, in the night" in told_there
    assert text.plain("history.decision.death") in told_there
    await investigator.look()
    assert told(investigator, line)


async def test_what_follows_is_named(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The visits that no longer take place, and that the inclusion stays.
    """
    clinic.now = datetime(2026, 2, 1, 9, tzinfo=UTC)
    code = await included(clinic, infused="2026-02-10")
    clinic.now = NOW
    await coordinator.say(f"/decide {code}")
    await coordinator.press("Death")
    card = await coordinator.say("10/2/2026")
    assert "visits no longer take place" in card.text
    assert "stays counted among the included" in card.text


async def test_whoever_left_a_signed_pair_is_signed_by_nobody_again(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The signer is told of the death in its own words; neither /sign, /decide nor /pair asks for a signature again.
    """
    await pair(clinic, coordinator, investigator)
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Death")
    card = await coordinator.press("Today")
    assert "It counts no more for 01-R-001" in card.text
    assert "sign-off of the pair 01-R-001 + 01-D-001 no longer holds" in card.text
    await coordinator.press("Yes, store it")
    await investigator.look()
    (notice,) = told(investigator, "your sign-off no longer holds")
    assert "01-D-001: Death, 4 May 2026, recorded by" in notice
    assert "nothing to sign again" in notice
    for command in ("/sign 01-D-001", "/decide 01-D-001", "/decide 01-R-001", "/pair 01-R-001"):
        card = await investigator.say(command)
        assert "type the six digits" not in card.text, command
        assert not any("✍️ Sign" in label for label in investigator.labels if "recipient" not in label), command


async def test_after_a_death_an_included_pair_is_signed_by_nobody_again(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The donor dies after the inclusion: the recipient stays included, and no card asks for a signature; /decide says
    why.
    """
    await pair(clinic, coordinator, investigator)
    await included_then_dead(coordinator, investigator)
    assert await stages(clinic) == {"01-R-001": "included", "01-D-001": "withdrawn"}
    for command in ("/decide 01-R-001", "/sign 01-R-001", "/pair 01-R-001"):
        card = await investigator.say(command)
        assert "type the six digits" not in card.text, command
        assert not any("✍️" in label for label in investigator.labels), command
    assert "the other one of the pair has left the trial" in (await investigator.say("/decide 01-R-001")).text


async def test_an_end_by_mistake_is_taken_back(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Take up again, with its reason; the case goes on where it stood, and no day of an end is shown any more.
    """
    await skip(clinic, coordinator, "donor", until="age")
    await coordinator.say("/decide 01-D-001")
    for label in ("Death", "Today", "Yes, store it"):
        await coordinator.press(label)
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Take up again")
    card = await coordinator.press("Ended by mistake")
    assert await stages(clinic) == {"01-D-001": "screening"}
    assert "Death" not in card.text


async def test_the_notice_of_a_voided_sign_off_names_what_changed(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Which of the two, the item with its old and new value, who, and the verdicts then and now.
    """
    await pair(clinic, coordinator, investigator)
    clinic.now = NOW.replace(hour=12)
    await change(coordinator, "01-D-001", "Person", "Age", "66")
    await investigator.look()
    (notice,) = told(investigator, "your sign-off no longer holds")
    assert "01-R-001 + 01-D-001" in notice
    assert "Changed in 01-D-001" in notice
    assert "Age: 45 years → 66 years, by" in notice
    assert "01-D-001: signed as 🟢 eligible on the data entered, now 🔴 not eligible" in notice
    assert "01-R-001: signed as 🟢 eligible on the data entered; that is still the verdict" in notice


async def test_a_sign_off_taken_back_by_another_is_told_to_who_signed(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    With who and why; who takes back their own is told nothing.
    """
    await skip(clinic, coordinator, "donor")
    await sign(clinic, investigator, "/sign 01-D-001")
    other = await staff(clinic, 205, PersonRole.INVESTIGATOR)
    await other.say("/decide 01-D-001")
    await other.press("Withdraw the sign-off")
    await other.press("Signed by mistake")
    await investigator.look()
    (notice,) = told(investigator, "your sign-off no longer holds")
    assert "recorded by Dr 205" in notice
    assert "Signed by mistake" in notice
    await sign(clinic, investigator, "/sign 01-D-001")
    await investigator.say("/decide 01-D-001")
    await investigator.press("Withdraw the sign-off")
    await investigator.press("Signed by mistake")
    await investigator.look()
    assert len(told(investigator, "your sign-off no longer holds")) == 1


async def test_nobody_is_reminded_of_what_the_donor_can_no_longer_lend(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The donor dies after the inclusion, and the recipient lacks what the donor lent: no digest asks for it, as it cannot
    be completed. A value of the recipient's own that is taken back is asked for.
    """
    await skip(clinic, coordinator, "donor")
    await skip(clinic, coordinator, "recipient", until="family_donor_consents")
    await coordinator.say("/link 01-R-001 01-D-001")
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        case = (await session.exec(select(Case).where(Case.code == "01-R-001"))).one()
        await fill(session, case, WELL["recipient"], person_id=1, now=NOW)
    await coordinator.say("/pair 01-R-001")
    await coordinator.press("Choose 01-D-001")
    await sign(clinic, investigator, "/sign 01-R-001")
    await included_then_dead(coordinator, investigator)
    record = await record_of(clinic, "01-R-001")
    assert (record.assessment.verdict, record.assessment.missing) == ("incomplete", ("family_donor_consents",))
    await reminded(clinic, 8)
    assert not told(investigator, "included, and incomplete")
    await coordinator.say("/status 01-R-001")
    for label in ("Edit", "Kidney and heart", "LVEF", "New result", "Not available yet"):
        await coordinator.press(label)
    await reminded(clinic, 8)
    assert told(investigator, "included, and incomplete")


async def reminded(clinic: Clinic, days: int) -> None:
    """
    Let so many days pass, with their reminders.
    """
    for _ in range(days):
        assert clinic.now is not None
        clinic.now += timedelta(days=1)
        await remind(clinic.application.worker)
        await clinic.application.quiet()


async def seen_at_month_3(clinic: Clinic, coordinator: Chatter) -> str:
    """
    A recipient included on 1 February, infused on 10 February and seen on 12 May; it is then the 20th.
    """
    clinic.now = datetime(2026, 2, 1, 9, tzinfo=UTC)
    code = await included(clinic, infused="2026-02-10")
    clinic.now = datetime(2026, 5, 12, 9, tzinfo=UTC)
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Month 3")
    await coordinator.press("Done today")
    await coordinator.press(coordinator.labels[0])
    clinic.now = datetime(2026, 5, 20, 9, tzinfo=UTC)
    return code


@pytest.mark.parametrize(
    ("kind", "day", "key"),
    [
        ("death", "1/1/2020", "ending.ruled_out.visited"),
        ("death", "11/5/2026", "ending.ruled_out.visited"),
        ("death", "12/5/2026", None),
        ("lost", "11/5/2026", "ending.ruled_out.visited"),
        ("lost", "12/5/2026", None),
        ("withdrawn", "9/2/2026", "ending.ruled_out.infused"),
        ("withdrawn", "10/2/2026", "ending.before.visited"),
        ("withdrawn", "12/5/2026", None),
    ],
)
async def test_nobody_ended_before_what_was_done_after(
    clinic: Clinic, coordinator: Chatter, kind: str, day: str, key: str | None
) -> None:
    """
    A day before the infusion or before the last visit done is no day of a death or of a loss, and says why; after a
    withdrawal somebody may still have come to a visit, which is named.
    """
    text = words("fr" if kind == "death" else "en")
    code = await seen_at_month_3(clinic, coordinator)
    await coordinator.say(f"/language {text.language}")
    await coordinator.say(f"/decide {code}")
    await coordinator.press(text.plain(f"decide.step.ending.{kind}"))
    card = await coordinator.say(day)
    is_asked_again = key is not None and "ruled_out" in key
    assert (text.plain(f"ending.day.{kind}").partition(">")[2].partition("<")[0] in card.text) is is_asked_again
    if key is None:
        assert "⚠️" not in card.text
    else:
        on = date(2026, 2, 10) if key.endswith("infused") else date(2026, 5, 12)
        assert text.plain(key, day=text.day(on), month=3) in card.text
    if is_asked_again:
        card = await coordinator.say("20/5/2026")
    await coordinator.press(coordinator.labels[0])
    assert set((await stages(clinic)).values()) == {"withdrawn" if kind == "death" else kind}


async def test_an_end_before_the_inclusion_is_pointed_at(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Also by the button for yesterday: the inclusion may have been entered late, and surely was where the infusion came
    before it.
    """
    clinic.now = datetime(2026, 2, 1, 9, tzinfo=UTC)
    one = await included(clinic)
    await coordinator.say(f"/decide {one}")
    await coordinator.press("Death")
    card = await coordinator.press("Yesterday")
    assert "The inclusion was entered only on 1 Feb 2026" in card.text
    assert "What follows" in card.text
    late = await included(clinic, infused="2026-01-30")
    await coordinator.say(f"/decide {late}")
    await coordinator.press("Death")
    assert "Not that day: the infusion was on 30 Jan 2026" in (await coordinator.say("29/1/2026")).text
    card = await coordinator.say("31/1/2026")
    assert "What follows" in card.text
    assert "entered only" not in card.text
