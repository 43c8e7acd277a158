"""
What deviates from the protocol is a fact like others: asked about before it is stored, explained, and told.
"""

from datetime import UTC, date, datetime

import pytest

from bot import taps
from bot.texts import words
from db.base.tables import DecisionKind, PersonRole
from tests.chat.conversation import everything, find
from tests.chat.test_decisions import INVESTIGATOR, OTHER, change, decided, staff
from tests.chat.test_visits import at, days, events, file_of, included, recorded
from tests.conftest import Chatter, Clinic

INCLUDED = datetime(2026, 2, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_the_day_of_the_inclusion(clinic: Clinic) -> None:
    """
    1 February 2026.
    """
    clinic.now = INCLUDED


@pytest.fixture
async def investigator(clinic: Clinic, coordinator: Chatter) -> Chatter:  # noqa: ARG001  somebody comes in first
    """
    An investigator of the site.
    """
    return await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)


def told(person: Chatter) -> list[str]:
    """
    All that a person has been told.
    """
    return [one.text for one in person.api.chat(person.user_id) if one.from_bot]


async def test_an_infusion_of_somebody_not_eligible_any_more_is_a_deviation(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The card names what fails and that no sign-off holds; a yes stores nothing, a reason does. The others of
    the site are told, and dashboard, history, report and the visits say so.
    """
    other = await staff(clinic, OTHER, PersonRole.COORDINATOR)
    code = await included(clinic)
    await change(coordinator, code, "Person", "Age", "71")
    card = await coordinator.say(f"/infused {code} 1/2/2026")
    assert "recipient not eligible any more (R-I1)" in card.text
    assert "no sign-off in force" in card.text
    for text in ("yes", ".", "xxx"):
        assert "Give a reason in words" in (await coordinator.say(text)).text
    assert "That looks like a name" in (await coordinator.say("the call from Marie Dupont")).text
    assert await days(clinic, code) == []
    card = await coordinator.say("conditioning had begun already")
    assert "Deviation: recipient not eligible any more; no sign-off in force" in card.text
    summary = (await coordinator.say(f"/status {code}")).text
    assert "Infused with a deviation: recipient not eligible any more; no sign-off in force" in summary
    why_not = (await investigator.say(f"/decide {code}")).text
    assert "Correct the answer, or record the withdrawal." in why_not
    assert "The inclusion stays: the infusion is recorded." in why_not
    infused = (await decided(clinic))[-1]
    assert (infused.kind, infused.deviation, infused.reason) == (
        DecisionKind.INFUSED,
        "not_eligible unsigned",
        "conditioning had begun already",
    )
    for person in (investigator, other):
        assert any("recorded as a deviation: recipient not eligible" in text for text in told(person))
    assert not any("recorded as a deviation" in text for text in told(coordinator))
    history = (await coordinator.say(f"/history {code}")).text
    assert "Deviation: recipient not eligible any more" in history
    assert "conditioning had begun already" in history
    assert code in (await coordinator.say("/find deviation")).text
    board = (await coordinator.say("/dashboard")).text
    assert "With a deviation" in board
    await coordinator.say(f"/report {code}")
    report = next(message.file for message in reversed(coordinator.api.chat(coordinator.user_id)) if message.file)
    assert "Deviation: recipient not eligible any more" in report.content.decode()


async def test_an_infusion_without_a_sign_off_in_force_is_a_deviation(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Eligible still, but another answer was given since.
    """
    code = await included(clinic)
    await change(coordinator, code, "Person", "Age", "46")
    card = await coordinator.say(f"/infused {code} 1/2/2026")
    assert "no sign-off in force" in card.text
    assert "not eligible any more" not in card.text
    await coordinator.press("It took place; a clinical decision")
    infused = (await decided(clinic))[-1]
    assert (infused.deviation, infused.reason) == ("unsigned", "clinical")
    assert any("no sign-off in force" in text for text in told(investigator))


async def test_what_begins_to_fail_while_the_card_is_read_is_shown_first(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A yes to a day that was right is no yes to a deviation.
    """
    code = await included(clinic)
    card = await coordinator.say(f"/infused {code} 1/2/2026")
    store = find(card, lambda tap: isinstance(tap, taps.Infuse))
    assert store is not None
    other = await staff(clinic, 204, PersonRole.COORDINATOR)
    await change(other, code, "Person", "Age", "71")
    card = await coordinator.tap(store)
    assert "recipient not eligible any more" in card.text
    assert await days(clinic, code) == []


@pytest.mark.parametrize(
    ("day", "now", "deviates"),
    [
        ("31/1/2026", "2026-02-01", "before the inclusion"),
        ("1/2/2026", "2026-02-01", None),
        ("1/2/2027", "2027-02-02", None),
        ("2/2/2027", "2027-02-02", "long after the inclusion"),
    ],
)
async def test_a_day_before_the_inclusion_or_years_from_it_is_asked_about(
    clinic: Clinic, coordinator: Chatter, day: str, now: str, deviates: str | None
) -> None:
    """
    A year from it, and a day on either side of both.
    """
    code = await included(clinic)
    clinic.now = at(now)
    card = await coordinator.say(f"/infused {code} {day}")
    assert (f"• {deviates} (1 Feb 2026)" in card.text) == (deviates is not None)
    assert ("Yes, store it" in " ".join(coordinator.labels)) == (deviates is None)
    assert await days(clinic, code) == []


@pytest.mark.parametrize(
    ("month", "day", "now", "meant"),
    [(3, "10/2/2026", "2026-02-10", None), (24, "18/5/2026", "2026-05-18", 3), (6, "10/5/2026", "2026-05-10", 3)],
)
async def test_a_visit_on_a_day_of_another_one_is_asked_about(  # noqa: PLR0917  the case
    clinic: Clinic,
    coordinator: Chatter,
    investigator: Chatter,
    month: int,
    day: str,
    now: str,
    meant: int | None,
) -> None:
    """
    Month 3 on the day of the infusion, month 24 at day 97: nothing is stored before somebody has said which is meant.
    """
    code = await included(clinic, infused="2026-02-10")
    clinic.now = at(now)
    await coordinator.say(f"/visits {code}")
    await coordinator.press(f"Month {month}")
    await coordinator.press("Done on another day")
    assert "Which visit is meant?" in (await coordinator.say(day)).text
    assert any("Month 3" in label and "same" not in label for label in coordinator.labels) == (meant is not None)
    assert await recorded(clinic) == []
    await coordinator.press(f"Month {month} all the same")
    assert "Give a reason in words" in (await coordinator.say("...")).text
    card = await coordinator.say("seen by the other team")
    assert "Deviation: outside the visit's window" in card.text
    assert "seen by the other team" in card.text
    assert [row[0] for row in await recorded(clinic)] == [month]
    assert any("recorded as a deviation: outside the visit" in text for text in told(investigator))


async def test_the_visit_that_was_meant_is_one_press_away(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Month 24 at day 97 was month 3: no deviation is kept, and the investigators are told nothing.
    """
    code = await included(clinic, infused="2026-02-10")
    clinic.now = at("2026-05-18")
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Month 24")
    await coordinator.press("Done on another day")
    await coordinator.say("18/5/2026")
    await coordinator.press("Month 3")
    await coordinator.press("No remark")
    assert await recorded(clinic) == [(3, "done", "2026-05-18", "none")]
    assert not any("deviation" in text for text in told(investigator))


async def test_an_infusion_entered_by_mistake_is_taken_back(clinic: Clinic, coordinator: Chatter) -> None:
    """
    With a reason; the recipient waits for it as before, and it can be entered anew.
    """
    code = await included(clinic, infused="2026-02-10")
    clinic.now = at("2026-02-12")
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Correct the infusion")
    await coordinator.press("There was no infusion")
    assert "Give a reason in words" in (await coordinator.say("aaa")).text
    card = await coordinator.say("it was the other recipient")
    assert "the infusion is taken back" in card.text
    assert await days(clinic, code) == []
    assert "it was the other recipient" in (await coordinator.say(f"/history {code}")).text
    await coordinator.say(f"/infused {code} 11/2/2026")
    await coordinator.press("Yes, store it")
    assert (await days(clinic, code))[0] == "2026-05-11"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("instead", [None, "2/2/2026"])
async def test_a_deviation_of_an_infusion_that_stands_no_longer_is_told(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter, language: str, instead: str | None
) -> None:
    """
    To the others of the site, with who took it back or corrected it to a day that does not deviate, and why; the
    dashboard counts it no more.
    """
    text = words(language)
    other = await staff(clinic, OTHER, PersonRole.COORDINATOR)
    code = await included(clinic)
    clinic.now = at("2026-02-03")
    await coordinator.say(f"/infused {code} 31/1/2026")
    await coordinator.say("it took place before the papers")
    await investigator.say(f"/language {language}")
    assert not any(line.startswith("↩") for line in told(investigator))
    await other.say(f"/visits {code}")
    await other.press("Correct the infusion")
    if instead is None:
        await other.press("There was no infusion")
        await other.say("it was the other recipient")
    else:
        await other.say("it was the other recipient")
        await other.say(instead)
        await other.press("Yes, store it")
    await investigator.look()
    about = {
        "code": code,
        "day": text.day(date(2026, 1, 31)),
        "deviation": text("paper.deviates.before_inclusion"),
        "person": f"Dr {OTHER}",
        "reason": "it was the other recipient",
    }
    key = "notice.infusion_deviation_over"
    line = text(f"{key}.instead", instead=text.day(date(2026, 2, 2)), **about) if instead else text(key, **about)
    assert any(line in one.html for one in investigator.api.chat(investigator.user_id))
    assert any(one.startswith("↩") for one in told(coordinator))
    assert not any(one.startswith("↩") for one in told(other))
    assert code not in (await coordinator.say("/find deviation")).text


async def test_another_deviation_in_the_place_of_one_is_told_once(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    A day that deviates too is told as such; one that never deviated is taken back without a word.
    """
    code = await included(clinic)
    clinic.now = at("2026-02-03")
    await coordinator.say(f"/infused {code} 31/1/2026")
    await coordinator.say("it took place before the papers")
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Correct the infusion")
    await coordinator.say("read on the wrong line")
    await coordinator.say("30/1/2026")
    await coordinator.press("Yes, store it")
    assert sum("recorded as a deviation" in line for line in told(investigator)) == 2
    assert not any(line.startswith("↩") for line in told(investigator))


async def test_a_deviation_of_a_visit_that_is_taken_back_is_told(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    To the others of the site, with the reason; of a visit within its window nobody is told anything.
    """
    code = await included(clinic, infused="2026-02-10")
    clinic.now = at("2026-05-18")
    for month, is_told in ((24, True), (3, False)):
        await coordinator.say(f"/visits {code}")
        await coordinator.press(f"Month {month}")
        await coordinator.press("Done on another day")
        await coordinator.say("18/5/2026")
        await coordinator.press(f"Month {month} all the same" if is_told else "No remark")
        if is_told:
            await coordinator.say("seen by the other team")
        before = len(told(investigator))
        await coordinator.say(f"/visits {code}")
        await coordinator.press(f"Month {month}")
        await coordinator.press("Undo")
        await coordinator.say("it was the other recipient")
        await investigator.look()
        assert len(told(investigator)) == before + is_told
    what = words("en").plain("paper.deviates.outside_window")
    line = f"the visit at month 24 on 18 May 2026, told as a deviation ({what}), is taken back by"
    (one,) = [text for text in told(investigator) if text.startswith("↩")]
    assert line in one
    assert "Reason: it was the other recipient." in one


async def test_an_infusion_with_a_visit_recorded_stays(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Neither by the card nor by a button that is still there.
    """
    code = await included(clinic, infused="2026-02-10")
    clinic.now = at("2026-05-10")
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Correct the infusion")
    card = await coordinator.press("There was no infusion")
    old = find(card, lambda tap: isinstance(tap, taps.TakeInfusionBack))
    assert old is not None
    await coordinator.say(f"/visits {code}")
    await coordinator.press("Month 3")
    await coordinator.press("Done today")
    await coordinator.press("No remark")
    before = await everything(clinic)
    await coordinator.tap(old)
    await coordinator.press("Correct the infusion")
    assert not any("There was no infusion" in label for label in coordinator.labels)
    assert await everything(clinic) == before


async def test_a_missed_visit_stays_in_the_calendar_as_missed(clinic: Clinic, coordinator: Chatter) -> None:
    """
    It is not cancelled, which some calendars drop.
    """
    code = await included(clinic, infused="2026-02-10")
    clinic.now = at("2026-05-10")
    await coordinator.say(f"/visits {code}")
    for label in ("Month 3", "Missed", "Declined to come"):
        await coordinator.press(label)
    missed = next(iter(events(await file_of(coordinator)).values()))
    assert (missed["status"], "missed" in missed["summary"]) == ("CONFIRMED", True)
