"""
Scores worked out in the chat: site by site, or row by row.
"""

import threading

import pytest
from msgspec.structs import asdict

from bot import taps
from bot.documents.body import figure
from bot.rules import file_form
from bot.taps import GivePart, Worked
from bot.texts import words
from tests.chat.conversation import asked, everything, find, skip, stored, values
from tests.conftest import Chatter, Clinic
from tests.rules.cases import RECIPIENT

SITES = RECIPIENT.item["mrss"].parts  # type: ignore[attr-defined]  # a number that has some
CASE = "01-R-001"
STALE = words("en")("toast.stale").unescape()


def part(person: Chatter, value: str, key: str | None = None) -> str:
    """
    What the button carries that gives a part this value.
    """
    found = find(person.card, lambda tap: isinstance(tap, GivePart) and tap.value == value and key in {None, tap.part})
    assert found is not None
    return found


async def work_out(clinic: Clinic, person: Chatter, key: str) -> None:
    """
    Come to a question and choose to work its answer out.
    """
    await skip(clinic, person, "recipient", until=key)
    await person.press(words(person.language)("button.work").unescape())


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_skin_score_is_added_up_site_by_site(clinic: Clinic, language: str) -> None:
    """
    One card with a picture, in its place from site to site; the total throughout; the parts stored with the answer.
    """
    person = await clinic.coordinator(language)
    await work_out(clinic, person, "mrss")
    card_id, text = person.card.id, words(language)
    for number, site in enumerate(SITES):
        assert text.count("score.total", number, given=number, parts=17) in person.card.html
        assert text(f"site.{site}").unescape() in person.card.text
        assert person.card.file_kind == "photo"
        assert person.card.id == card_id
        assert len(person.card.text) < 1024
        table = person.card.html.partition("<pre>")[2].partition("</pre>")[0]
        assert len(table.splitlines()) == 11
        assert max(map(len, table.splitlines())) <= 45
        await person.tap(part(person, "1"))
    await person.press(text("button.store_worked", value="17 points").unescape()[:14])
    raw = file_form.loads((await values(clinic, CASE))["mrss"])
    assert raw == dict.fromkeys(SITES, 1)
    assert asked(person.card) not in {None, "mrss"}
    assert person.card.file is None


async def test_a_picture_shows_what_was_given(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Another picture after each site, and the same one for the same scores.
    """
    await work_out(clinic, coordinator, "mrss")
    empty = coordinator.card.file
    await coordinator.tap(part(coordinator, "3"))
    shaded = coordinator.card.file
    await coordinator.press("← face")
    await coordinator.tap(part(coordinator, "0"))
    assert empty is not None
    assert shaded is not None
    assert coordinator.card.file is not None
    assert len({empty.content, shaded.content, coordinator.card.file.content}) == 3
    assert empty.content.startswith(b"\x89PNG")


async def test_the_picture_is_drawn_once_the_turn_is_committed(
    clinic: Clinic, coordinator: Chatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Beside the other chats, which do not wait for it; where it cannot be drawn, the card stands without.
    """
    threads = []

    def draw(given: object, text: object) -> bytes:
        threads.append(threading.current_thread())
        return figure(given, text)  # type: ignore[arg-type]

    def fail(_: object, __: object) -> bytes:
        raise RuntimeError("no fonts")

    monkeypatch.setattr("bot.render.scores.figure", draw)
    await work_out(clinic, coordinator, "mrss")
    assert coordinator.card.file is not None
    assert threads
    assert threading.main_thread() not in threads
    monkeypatch.setattr("bot.render.scores.figure", fail)
    await coordinator.tap(part(coordinator, "3"))
    assert "3 points so far, 1 of 17 sites" in coordinator.card.text
    assert coordinator.card.file is None


async def test_a_site_given_again_counts_once(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Back to a site corrects it, and goes on with the first that is not given.
    """
    await work_out(clinic, coordinator, "mrss")
    for value in ("3", "2"):
        await coordinator.tap(part(coordinator, value))
    await coordinator.press("← chest")
    await coordinator.press("← face")
    await coordinator.tap(part(coordinator, "1"))
    assert "3 points so far, 2 of 17 sites" in coordinator.card.text
    assert "Now: abdomen" in coordinator.card.text


async def test_a_restart_between_two_sites_changes_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    What was given waits in the database, also through a look elsewhere; nothing is stored of it.
    """
    await work_out(clinic, coordinator, "mrss")
    for value in ("3", "2"):
        await coordinator.tap(part(coordinator, value))
    await clinic.restart()
    await coordinator.tap(part(coordinator, "1"))
    await coordinator.press("Return")
    assert asked(coordinator.card) == "mrss"
    assert "mrss" not in await values(clinic, CASE)
    await coordinator.press("Work it out")
    assert "6 points so far, 3 of 17 sites" in coordinator.card.text


async def test_a_second_tap_gives_no_second_site(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Pressed before the card has changed, and pressed late: neither gives another site, nor changes the first.
    """
    await work_out(clinic, coordinator, "mrss")
    two, three = part(coordinator, "2"), part(coordinator, "3")
    for data in (two, three):
        coordinator.api.press(coordinator.user_id, coordinator.card.id, data)
    await coordinator.look()
    assert "2 points so far, 1 of 17 sites" in coordinator.card.text
    assert coordinator.toasts == [STALE]


@pytest.mark.parametrize("change", [("revision", 0), ("value", "4"), ("value", "-"), ("value", "x"), ("part", "tail")])
async def test_a_forged_part_changes_nothing(clinic: Clinic, coordinator: Chatter, change: tuple[str, object]) -> None:
    """
    A score that no site has, a site that no body has, an earlier state of the case.
    """
    await work_out(clinic, coordinator, "mrss")
    tap = taps.decode(part(coordinator, "2"))
    assert isinstance(tap, GivePart)
    before = await everything(clinic)
    await coordinator.tap(GivePart(**{**asdict(tap), change[0]: change[1]}).data)  # type: ignore[arg-type]  # of any type
    assert await everything(clinic) == before
    assert "0 points so far, 0 of 17 sites" in coordinator.card.text


async def test_all_digits_at_once_are_shown_before_they_are_stored(clinic: Clinic, coordinator: Chatter) -> None:
    """
    At the question itself or while working it out; in the order of the list.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    await coordinator.say("210 11223300112233")
    assert "mrss" not in await values(clinic, CASE)
    assert "27 points so far, 17 of 17 sites" in coordinator.card.text
    await coordinator.say("1 2 3 0 0 0 0 0 0 0 0 0 0 0 0 0 3")
    await coordinator.press("Store: 9 points")
    raw = file_form.loads((await values(clinic, CASE))["mrss"])
    assert raw == {**dict.fromkeys(SITES, 0), "face": 1, "chest": 2, "abdomen": 3, "left_foot": 3}


@pytest.mark.parametrize("text", ["1234", "2101122330011223", "210112233001122334", "41011223300112233", "abc"])
async def test_digits_that_do_not_fit_are_refused(clinic: Clinic, coordinator: Chatter, text: str) -> None:
    """
    One too few, one too many, a score over 3, no digits.
    """
    await work_out(clinic, coordinator, "mrss")
    await coordinator.say(text)
    assert "one digit from 0 to 3" in coordinator.card.text
    assert "0 points so far, 0 of 17 sites" in coordinator.card.text


async def test_only_the_score_on_the_card_is_stored(clinic: Clinic, coordinator: Chatter) -> None:
    """
    An old Store, pressed after other digits were typed, stores neither.
    """
    await work_out(clinic, coordinator, "mrss")
    await coordinator.say("1" * 17)
    old = find(coordinator.card, lambda tap: isinstance(tap, Worked))
    await coordinator.say("2" * 17)
    await coordinator.tap(str(old))
    assert "mrss" not in await values(clinic, CASE)
    assert coordinator.toasts == [STALE]


async def test_the_parts_are_shown_in_details_history_and_report(clinic: Clinic, coordinator: Chatter) -> None:
    """
    So that the score can be read again.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    await coordinator.say("210 11223300112233")
    await coordinator.press("Store")
    await coordinator.say(f"/status {CASE}")
    await coordinator.press("Details")
    shown = "face 2; chest 1; abdomen 0; fingers 1/1; hand 2/2"
    assert shown in coordinator.card.text
    await coordinator.say(f"/history {CASE}")
    assert shown in coordinator.card.text
    await coordinator.say(f"/report {CASE}")
    files = [one.file for one in coordinator.api.chat(coordinator.user_id) if one.file is not None]
    assert shown in files[-1].content.decode()


async def test_a_score_is_worked_out_anew_from_its_parts(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A change begins with the parts as stored, and keeps its reason.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    await coordinator.say("1" * 17)
    await coordinator.press("Store")
    await coordinator.say(f"/status {CASE}")
    for label in ("Edit", "Skin", "Modified Rodnan", "Typing error", "Work it out", "← left foot"):
        await coordinator.press(label)
    await coordinator.tap(part(coordinator, "3"))
    await coordinator.press("Store: 19 points")
    last = (await stored(clinic, CASE))[-1]
    assert (last.item, last.reason) == ("mrss", "typo")
    assert file_form.loads(last.value or "") == {**dict.fromkeys(SITES, 1), "left_foot": 3}


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ((("other_disorder", "yes"),), "No"),
        ((("skin_beyond_mcp", "yes"), ("fingers_spared", "no"), ("other_disorder", "no")), "Yes"),
        (
            (
                ("fingers", "sclerodactyly"),
                ("telangiectasia", "yes"),
                ("raynaud", "yes"),
                ("fingers_spared", "no"),
                ("other_disorder", "no"),
            ),
            "Yes",
        ),
        ((("skin_beyond_mcp", "no"), ("fingers", "none"), ("raynaud", "no"), ("autoantibodies", "no")), None),
        (
            (
                ("skin_beyond_mcp", "no"),
                ("fingers", "none"),
                ("raynaud", "no"),
                ("autoantibodies", "no"),
                ("fingertips", "ulcers"),
            ),
            "No",
        ),
    ],
)
async def test_a_classification_settles_as_soon_as_its_rows_do(
    clinic: Clinic, coordinator: Chatter, given: tuple[tuple[str, str], ...], result: str | None
) -> None:
    """
    Nine points and nothing that rules it out; or too few left. It can be stored then, and not before.
    """
    await work_out(clinic, coordinator, "ssc_acr_eular_2013")
    for key, value in given:
        assert find(coordinator.card, lambda tap: isinstance(tap, Worked)) is None
        await coordinator.tap(part(coordinator, value, key))
    if result is None:
        assert find(coordinator.card, lambda tap: isinstance(tap, Worked)) is None
        return
    assert f"settle it: {result}" in coordinator.card.text
    await coordinator.press(f"Store: {result}")
    truths = {"yes": True, "no": False}
    stored_as = file_form.loads((await values(clinic, CASE))["ssc_acr_eular_2013"])
    assert stored_as == {key: truths.get(value, value) for key, value in given}


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_with_points_enough_what_rules_it_out_is_asked_for(clinic: Clinic, language: str) -> None:
    """
    The rows that still lack are named, and no longer once they are given.
    """
    text, coordinator = words(language), await clinic.coordinator(language)
    await work_out(clinic, coordinator, "ssc_acr_eular_2013")
    assert text.plain("score.open") in coordinator.card.text
    await coordinator.tap(part(coordinator, "yes", "skin_beyond_mcp"))
    bars = [text("row.fingers_spared"), text("row.other_disorder")]
    assert text.plain("score.bars_lacking", rows=text.joined(bars)) in coordinator.card.text
    await coordinator.tap(part(coordinator, "no", "fingers_spared"))
    assert text.plain("score.bars_lacking", rows=bars[1]) in coordinator.card.text
    await coordinator.tap(part(coordinator, "no", "other_disorder"))
    assert text("score.settled", value=text("value.yes")) in coordinator.card.html


async def test_a_row_is_taken_back_by_its_own_button(clinic: Clinic, coordinator: Chatter) -> None:
    """
    What was given is marked, with its points; pressed again it is open.
    """
    await work_out(clinic, coordinator, "ssc_acr_eular_2013")
    await coordinator.press("Raynaud +3")
    assert "● Raynaud +3" in coordinator.labels
    assert "3 points so far" in coordinator.card.text
    await coordinator.press("Raynaud +3")
    assert "● Raynaud +3" not in coordinator.labels
    assert "0 points so far" in coordinator.card.text
    await coordinator.say("yes")
    assert "Please use the buttons." in coordinator.card.text
