"""
Results that are old by a site's own setting: marked, found, told once, and of no consequence for any status.
"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot.application import remind
from bot.texts import words
from db.base.tables import Examination, Reminder, Site
from db.cases import ageing
from db.follow_up.due import ReminderKind
from db.trail import audit
from db.trail.audit import PROGRAM
from tests.chat.conversation import open_case, record_of
from tests.chat.test_report import reported
from tests.conftest import Chatter, Clinic
from tests.documents.papers.reader import made

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
CODE = "01-R-001"
TOLD = "⏰ 01-R-001: a result is older than this site has set: "


async def say_when(clinic: Clinic, **days: int) -> None:
    """
    The site says after how many days results are old.
    """
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        site = await session.get_one(Site, 1)
        named = {Examination(name): number for name, number in days.items()}
        await ageing.set_old_after(session, site=site, days=named, by=PROGRAM, now=NOW)


async def with_results(clinic: Clinic, language: str = "en") -> Chatter:
    """
    Somebody of whom blood was taken thirty days ago, and lungs were measured on no day that is known.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await open_case(person, "recipient")
    await person.say("labo 4/4/2026: cd4 300; hb 11.2 g/dL\ndlco 58")
    await person.press(words(language).count("button.store", 3).unescape())
    return person


def shown(person: Chatter, key: str) -> str:
    """
    Words of the catalogue, as far as they speak of nothing.
    """
    return words(person.language)(key).unescape()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("days", "is_old"), [(29, True), (30, False), (31, False)])
async def test_a_result_is_marked_from_the_day_on_which_it_is_older(
    clinic: Clinic, language: str, *, days: int, is_old: bool
) -> None:
    """
    Thirty days are more than 29 and not more than 30; in summary, details, report and checklist, with the word that no
    status changes. Verdict and statuses are as without.
    """
    person = await with_results(clinic, language)
    before = await record_of(clinic, CODE)
    await say_when(clinic, laboratory=days)
    after = await record_of(clinic, CODE)
    assert (after.assessment, after.digest) == (before.assessment, before.digest)
    mark, note = words(language)("value.old", value="").unescape(), shown(person, "report.old")
    card = await person.say(CODE)
    assert (note in card.text, mark in card.text) == (is_old, is_old)
    await person.say("/report")
    told = await reported(person)
    assert (note in told, told.count(mark)) == (is_old, 2 if is_old else 0)
    paper = (await made(clinic, "checklist", CODE, language)).text
    assert (" ".join(note.split()) in " ".join(paper.split()), mark in paper) == (is_old, is_old)


async def test_nothing_is_old_where_no_site_says_so(clinic: Clinic) -> None:
    """
    Nor is anything found or told.
    """
    person = await with_results(clinic)
    clinic.now = NOW + timedelta(days=12)
    assert words("en")("value.old", value="") not in (await person.say(CODE)).text
    assert CODE not in (await person.say("/find old")).text
    await remind(clinic.application.worker)
    await clinic.application.quiet()
    assert not any("older than this site" in message.text for message in person.api.chat(person.user_id))


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_cases_with_old_results_are_found(clinic: Clinic, language: str) -> None:
    """
    On the first day on which one is old, and not on the day before.
    """
    person = await with_results(clinic, language)
    await say_when(clinic, laboratory=31)
    word = "old" if language == "en" else "vieux"
    clinic.now = NOW + timedelta(days=1)
    assert CODE not in (await person.say(f"/find {word}")).text
    clinic.now = NOW + timedelta(days=2)
    card = await person.say(f"/find {word}")
    assert CODE in card.text + " ".join(person.labels)
    assert shown(person, "group.old.short") in card.text + " ".join(person.labels)


async def look(clinic: Clinic, person: Chatter, days: int) -> list[str]:
    """
    What has been told of old results by so many days later.
    """
    clinic.now = NOW + timedelta(days=days)
    await remind(clinic.application.worker)
    await clinic.application.quiet()
    chat = [message.text for message in person.api.chat(person.user_id)]
    return [line for text in chat for line in text.splitlines() if line.startswith(TOLD)]


async def anew(person: Chatter, sheet: str, number: int) -> None:
    """
    So many results are taken anew.
    """
    await person.say(f"{CODE} {sheet}")
    await person.say(f"/resume {CODE}")
    await person.press(words("en").count("button.store_because", number, reason=words("en")("reason.new")).unescape())


async def test_an_old_result_is_told_once_a_case(clinic: Clinic) -> None:
    """
    On its first day; not on the next, nor when another one grows old, nor once it has been taken anew. What is open
    speaks of the one that is old by then.
    """
    person = await with_results(clinic)
    await say_when(clinic, laboratory=31, lung_function=1)
    await person.say("/cases")
    assert await look(clinic, person, 1) == []
    [line] = await look(clinic, person, 2)
    assert line.startswith(f"{TOLD}CD4 lymphocytes. No status changes by it")
    await anew(person, "labo 6/5/2026: cd4 310", 1)
    assert len(await look(clinic, person, 3)) == 1
    assert len(await look(clinic, person, 9)) == 1
    assert f"{TOLD}Haemoglobin" in (await person.say("/reminders")).text


@pytest.mark.parametrize("is_done", [False, True])
async def test_results_that_age_anew_are_told_anew(clinic: Clinic, *, is_done: bool) -> None:
    """
    Once all were taken anew, whether the first reminder was closed or not; and again the next time.
    """
    person = await with_results(clinic)
    await say_when(clinic, laboratory=31)
    await person.say("/cases")
    assert len(await look(clinic, person, 2)) == 1
    if is_done:
        await person.press("Done", next(one for one in person.api.chat(person.user_id) if TOLD in one.text))

    async def told(days: int) -> int:
        await look(clinic, person, days)
        async with clinic.application.database.transaction() as session:
            rows = await session.exec(select(Reminder).where(Reminder.kind == ReminderKind.OLD_RESULT))
            return sum(row.sent_on is not None for row in rows)

    for times, (days, day) in enumerate(((4, "8/5/2026"), (40, "13/6/2026")), start=1):
        clinic.now = NOW + timedelta(days=days)
        await anew(person, f"labo {day}: cd4 3{times}0; hb 11.{times} g/dL", 2)
        assert TOLD not in (await person.say("/reminders")).text
        assert [await told(days + later) for later in (1, 31, 32, 33)] == [times, times, times + 1, times + 1]
