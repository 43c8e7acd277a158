"""
What an answer leads to is said on the card that follows it: a query opened or closed, answers set aside.
"""

from datetime import UTC, datetime, timedelta

import pytest

from bot.texts import words
from tests.chat.conversation import answer, choose, item_of, open_case, skip
from tests.chat.staff import add_member
from tests.conftest import Chatter, Clinic

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
OPENED = {"en": "❗ Query opened: ", "fr": "❗ Demande ouverte\xa0: "}
CLOSED = {"en": "✅ Query no longer open: ", "fr": "✅ Demande résolue\xa0: "}


async def edit(person: Chatter, key: str, raw: object, kind: str = "recipient") -> str:
    """
    Change an answer of the case in focus by Edit, as a correction: the card that follows.
    """
    text = words(person.language)
    item = item_of(kind, key)
    await person.press(text("button.edit"))
    await person.press(text(f"section.{item.section}"))
    await person.press(text.label(item, kind).unescape())
    await person.press(text("reason.typo"))
    return (await answer(person, item, raw)).text


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_query_is_said_on_the_card_after_the_answer_that_opens_it(clinic: Clinic, language: str) -> None:
    """
    Once, at the next question; not at the one after that.
    """
    person, text = await clinic.coordinator(language), words(language)
    await skip(clinic, person, "recipient", until="right_heart_catheterisation", spap=text("value.not_measurable"))
    assert OPENED[language] not in person.card.text
    card = await choose(person, "no")
    assert f"\n{OPENED[language]}Q14 {text('query.Q14')}\n" in card.text
    card = await person.say("1")
    assert "Q14" not in card.text


async def test_the_answer_that_closes_a_query_says_so(clinic: Clinic, coordinator: Chatter) -> None:
    """
    An edit: the card tells it above the verdict. Opened again by another edit, that is told too.
    """
    await skip(clinic, coordinator, "recipient", mpap="20")
    text = await edit(coordinator, "spap", "45")
    assert f"{OPENED['en']}Q4 Systolic PAP" in text
    text = await edit(coordinator, "spap", "35")
    assert f"{CLOSED['en']}Q4 Systolic PAP" in text
    text = await edit(coordinator, "spap", "45")
    assert f"{OPENED['en']}Q4 Systolic PAP" in text
    assert "Query no longer open" not in text


async def test_a_dismissed_query_is_opened_by_the_same_value_given_anew(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A dismissal is of the answers as they stood; the dismissal itself is told as such, and closes nothing by an answer.
    """
    await skip(clinic, coordinator, "donor", positive_pcr=["hiv"])
    await coordinator.say("/decide 01-D-001")
    await coordinator.press("Dismiss")
    await coordinator.press("Dismiss Q8")
    card = await coordinator.say("seen on the ward")
    assert "no longer open" not in card.text
    assert "Query opened" not in card.text
    await coordinator.press("Edit")
    await coordinator.press("Infections")
    await coordinator.press("Positive PCR")
    await coordinator.press("Typing error")
    card = await coordinator.press("Done (1)")
    assert f"{OPENED['en']}Q8" in card.text


async def test_a_list_and_its_taking_back_say_what_they_open_and_close(coordinator: Chatter) -> None:
    """
    All that the list opens, whichever of its values did.
    """
    await open_case(coordinator, "recipient")
    await coordinator.say("mpap 20\nspap 45\nright heart catheterisation: yes\nPAH confirmed: no\nlvef 60")
    await coordinator.press("Store all 5")
    assert f"{OPENED['en']}Q4 Systolic" in coordinator.card.text
    await coordinator.press("Take back all 5")
    assert f"{CLOSED['en']}Q4 Systolic" in coordinator.card.text


async def test_on_the_summary_a_query_is_told_by_number_where_its_words_stand_below(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    The last answer opens it: the summary follows at once.
    """
    await skip(clinic, coordinator, "donor", until="positive_pcr")
    card = await answer(coordinator, item_of("donor", "positive_pcr"), ["hiv"])
    assert "\n❗ Query opened: Q8\n" in card.text
    assert card.text.count("Serology and PCR disagree") == 1


async def test_a_query_of_the_other_case_is_told_with_its_code(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A recipient's age makes a parent too young: the donor's query, opened and closed by the recipient's answer.
    """
    await skip(clinic, coordinator, "recipient", age="25")
    await skip(clinic, coordinator, "donor", relationship="parent", age="45")
    await coordinator.say("/link 01-R-001 01-D-001")
    await coordinator.say("/resume 01-R-001")
    assert f"{OPENED['en']}Q9 of 01-D-001 The donor is given as" in await edit(coordinator, "age", "40")
    assert f"{CLOSED['en']}Q9 of 01-D-001 The donor is given as" in await edit(coordinator, "age", "25")


async def test_for_ten_minutes_and_for_whoever_answered(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Nobody else reads that their answer opened it; nor does this person later on.
    """
    clinic.now = NOW
    await skip(clinic, coordinator, "recipient", until="right_heart_catheterisation", spap="not measurable")
    await choose(coordinator, "no")
    assert "Query opened" in (await coordinator.say("/summary")).text
    await add_member(clinic, 202)
    assert "Query opened" not in (await clinic.person(202).say("/summary 01-R-001")).text
    clinic.now = NOW + timedelta(minutes=10)
    assert "Query opened" in (await coordinator.say("/summary")).text
    clinic.now = NOW + timedelta(minutes=10, seconds=1)
    assert "Query opened" not in (await coordinator.say("/summary")).text


@pytest.mark.parametrize(
    ("language", "aside", "counting"),
    [
        (
            "en",
            "⏸ Set aside \N{EN DASH} Mean PAP, catheterisation: 30 mmHg. It counts again if ",
            "▶️ Counts again \N{EN DASH} Mean PAP, catheterisation: 30 mmHg",
        ),
        (
            "fr",
            "⏸ Mis de côté \N{EN DASH} PAPm au cathétérisme\xa0: 30 mmHg. Compte de nouveau si ",
            "▶️ Compte de nouveau \N{EN DASH} PAPm au cathétérisme\xa0: 30 mmHg",
        ),
    ],
)
async def test_a_gate_that_closes_tells_what_it_sets_aside(
    clinic: Clinic, language: str, aside: str, counting: str
) -> None:
    """
    With what would have it count again; on the card of the answer and on the summary, until the gate is open again,
    which is told as well. The query that follows from it is on the same card.
    """
    person = await clinic.coordinator(language)
    await skip(clinic, person, "recipient", mpap="30", pah_confirmed="awaited")
    condition = words(language)("limit.yes", item=words(language)("item.right_heart_catheterisation")).unescape()
    text = await edit(person, "right_heart_catheterisation", raw=False)
    assert aside + condition in text
    assert f"{OPENED[language]}Q12" in text
    assert aside + condition in (await person.say("/summary")).text
    text = await edit(person, "right_heart_catheterisation", raw=True)
    assert counting in text
    assert f"{CLOSED[language]}Q12" in text
    assert aside not in (await person.say("/summary")).text


async def test_of_gates_behind_each_other_the_outermost_closed_one_is_named(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    For a man neither childbearing potential nor what hangs on it counts: all in one line, with what is to be answered.
    """
    await skip(clinic, coordinator, "donor", pregnant=True)
    await coordinator.press("Details")
    text = await edit(coordinator, "sex", "male", "donor")
    line = next(line for line in text.split("\n") if line.startswith("⏸"))
    assert line == (
        "⏸ Set aside \N{EN DASH} Childbearing potential: Yes; Pregnancy: Yes; Effective contraception: Yes. "
        "They count again if Sex: Female"
    )
    assert f"{OPENED['en']}Q11" in text


async def test_a_gate_within_a_closed_one_is_named_too_while_it_is_open(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A man said to be pregnant: sex, and then childbearing potential, of which nobody has said anything.
    """
    await skip(clinic, coordinator, "donor", until="sex")
    await choose(coordinator, "male")
    await coordinator.say("01-D-001 pregnant yes")
    await coordinator.press("Store")
    line = next(line for line in (await coordinator.say("/summary 01-D-001")).text.split("\n") if line.startswith("⏸"))
    assert line.endswith("It counts again if Sex: Female and Childbearing potential: yes")


async def test_a_list_typed_later_does_not_repeat_what_an_answer_led_to(clinic: Clinic, coordinator: Chatter) -> None:
    """
    It was said on the card before; nor from the menu. Of two values one stands already: nothing new is stored yet.
    """
    await skip(clinic, coordinator, "recipient", until="right_heart_catheterisation", spap="not measurable")
    card = await choose(coordinator, "no")
    assert "Query opened" in card.text
    for before in ("/status 01-R-001", "/start"):
        await coordinator.say(before)
        card = await coordinator.say("01-R-001 cd4 650, age 45")
        assert "Query opened" not in card.text
        assert ("nothing new is stored yet" in card.text) is ("As it stands already" in card.text)
        await coordinator.press("Cancel")
