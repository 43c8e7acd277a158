"""
Finding cases: by words in any order, and by buttons that narrow and widen.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.screens.menus import HomeScreen
from bot.taps import Menu
from bot.texts import words
from bot.typed.search import UnknownWordError, decode, encode, read_words
from db.cases.overview import Filter
from tests.chat.conversation import AWAITED, asked, data, open_case, skip
from tests.chat.readers import reader
from tests.conftest import Chatter, Clinic
from tests.rules.cases import examples

DLCO = Filter(verdict="incomplete", missing="dlco", site=2)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("incomplete dlco 02", DLCO),
        ("02 DLCO incomplete", DLCO),
        ("site 2, incomplet manque dlco", DLCO),
        ("centre 2, incomplet manque dlco", DLCO),
        ("not eligible", Filter(verdict="not_eligible")),
        ("non éligible receveur", Filter(verdict="not_eligible", kind="recipient")),
        ("Inéligibles", Filter(verdict="not_eligible")),
        ("éligible donneur inclus", Filter(verdict="eligible", kind="donor", stage="included")),
        ("screen failure", Filter(stage="screen_failure")),
        ("Échec de sélection 1", Filter(stage="screen_failure", site=1)),
        ("lost to follow-up", Filter(stage="lost")),
        ("perdu de vue", Filter(stage="lost")),
        ("CVF", Filter(missing="fvc")),
        ("plaquettes", Filter(missing="platelets")),
        ("refractory", Filter(missing="refractory_heart_failure")),
        ("r3", Filter(code="R-003")),
        ("01-d", Filter(code="01-D-")),
        ("R-0012", Filter(code="R-012")),
        ("003", Filter(code="003")),
        ("oldest", Filter(group="oldest")),
        ("presque dlco", Filter(group="near", missing="dlco")),
        ("query", Filter(group="query")),
        ("demandes de clarification 02", Filter(group="query", site=2)),
        ("awaited dlco", Filter(group="awaited", missing="dlco")),
        ("en attente", Filter(group="awaited")),
        ("deviation", Filter(group="deviation")),
        ("old", Filter(group="old")),
        ("vieux résultats 02", Filter(group="old", site=2)),
        ("écarts inclus", Filter(group="deviation", stage="included")),
        ("", Filter()),
    ],
)
def test_words_are_read_in_any_order_and_both_languages(text: str, wanted: Filter) -> None:
    """
    Verdict, stage, kind, site, missing item, part of a code.
    """
    assert read_words(text) == wanted


@pytest.mark.parametrize(
    ("text", "named", "wanted"),
    [
        ("incomplete blah", ("blah",), Filter(verdict="incomplete")),
        ("blah donor bleh 02", ("blah", "bleh"), Filter(kind="donor", site=2)),
        ("Dupont", ("#1",), Filter()),
        ("donor Dupont", ("#2",), Filter(kind="donor")),
        ("dlco 02 baseline", ("baseline",), Filter(missing="dlco", site=2)),
        ("é", ("é",), Filter()),
        ("donor " * 20 + "site", ("site",), Filter(kind="donor")),
        ("awaited deviation", ("deviation",), Filter(group="awaited")),
        ("eligible en attente incomplete", ("incomplete",), Filter(verdict="eligible", group="awaited")),
    ],
)
def test_a_word_that_says_nothing_is_named_and_the_others_count(
    text: str, named: tuple[str, ...], wanted: Filter
) -> None:
    """
    Also one that could be several items, or that contradicts an earlier one. What looks like a name is told by its
    place; so many words are enough.
    """
    with pytest.raises(UnknownWordError) as refused:
        read_words(text)
    assert (refused.value.named, refused.value.wanted) == (named, wanted)
    assert all(word not in str(refused.value) for word in named)


@examples(200)
@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    """
    And what is read comes back from a button as it was.
    """
    try:
        wanted = read_words(text)
    except UnknownWordError:
        return
    assert decode(encode(wanted, 7)) == (wanted, 7)


@pytest.mark.parametrize("junk", ["", "x", "9999--:::", "----99:99999::", "----0٣:::", "----01:0:::", "a" * 80])
def test_junk_is_no_filter(junk: str) -> None:
    """
    A screen that nobody was shown shows all cases.
    """
    wanted, page = decode(junk)
    assert page == 0
    assert {wanted.verdict, wanted.stage, wanted.kind, wanted.group} == {None}


async def test_cases_are_found_by_words(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Those alone, each a button that shows its summary.
    """
    await skip(clinic, coordinator, "recipient", dlco=AWAITED, until="fvc")
    await skip(clinic, coordinator, "recipient", until="dlco")
    await skip(clinic, coordinator, "donor", until="relationship")
    card = await coordinator.say("/find dlco incomplet")
    assert "01-R-001" in card.text
    assert "01-R-002" in card.text
    assert "01-D-001" not in card.text
    card = await coordinator.press("01-R-002")
    assert card.text.startswith("01-R-002 · recipient")


async def test_buttons_narrow_and_widen(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Each adds or takes away one thing.
    """
    await skip(clinic, coordinator, "donor")
    await skip(clinic, coordinator, "donor", relationship="unrelated", until="lidocaine_allergy")
    await open_case(coordinator, "recipient")
    await coordinator.say("/find")
    shown = {
        "donor": {"01-D-001", "01-D-002"},
        "🔴": {"01-D-002"},
        "✕ donor": {"01-D-002"},
        "✕ 🔴": {"01-D-001", "01-D-002", "01-R-001"},
        "one criterion": {"01-D-002"},
        "✕ one criterion": {"01-D-001", "01-D-002", "01-R-001"},
        "Included": set(),
    }
    for label, codes in shown.items():
        card = await coordinator.press(label)
        assert {code for code in ("01-D-001", "01-D-002", "01-R-001") if code in card.text} == codes, label
    assert "No case is like that" in coordinator.card.text


async def test_what_is_found_is_paged(coordinator: Chatter) -> None:
    """
    Nine a page, with the filter kept.
    """
    for _ in range(10):
        await open_case(coordinator, "donor")
    await open_case(coordinator, "recipient")
    await coordinator.say("/find donor")
    card = await coordinator.press("Next")
    assert "01-D-001" in card.text
    assert "01-D-002" not in card.text
    assert "01-R" not in (await coordinator.press("Previous")).text
    assert all(len(one.encode()) <= 64 for one in data(card))


async def test_an_unknown_word_is_said_and_not_repeated(coordinator: Chatter) -> None:
    """
    With what is expected; a name does not stay in the chat.
    """
    card = await coordinator.say("/find donor Dupont")
    assert "left out: #2" in card.text
    assert "donor" in card.text
    assert all("Dupont" not in message.text for message in coordinator.api.chat(coordinator.user_id))


@pytest.mark.parametrize(
    ("language", "text", "left_out", "key"),
    [
        ("en", "query awaited", "awaited", "note.words_exclude"),
        ("en", "query deviation", "deviation", "note.words_exclude"),
        ("fr", "demande attendu", "attendu", "note.words_exclude"),
        ("en", "donor eligible incomplete", "incomplete", "note.words_exclude"),
        ("en", "query donor", None, ""),
        ("en", "query quokka", "quokka", "note.unknown_word"),
    ],
)
async def test_words_that_exclude_each_other_are_not_called_unknown(
    coordinator: Chatter, language: str, text: str, left_out: str | None, key: str
) -> None:
    """
    Each is known alone; the line says that only one of a sort is looked for at a time.
    """
    await coordinator.say(f"/language {language}")
    card = await coordinator.say(f"/find {text}")
    keys = ("note.words_exclude", "note.unknown_word")
    said = [words(language).plain(one, name=left_out or "") in card.text for one in keys]
    assert said == [one == key for one in keys]


async def test_a_whole_code_is_the_case_itself(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Typed after the command or on the screen.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    assert (await coordinator.say("/find 1-d-1")).text.startswith("01-D-001 · donor")
    await coordinator.say("/find")
    assert (await coordinator.say("1d1")).text.startswith("01-D-001 · donor")


async def test_nobody_finds_what_is_elsewhere(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Neither by words nor by a button of another's screen.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    await coordinator.say("/find")
    stolen = next(one for one in data(coordinator.card) if one.startswith("o:"))
    person = await reader(clinic, 302, site=2)
    for text in ("/find", "/find 01", "/find d1", "/find relationship"):
        assert "01-D-001" not in (await person.say(text)).text
    assert "01-D-001" not in (await person.tap(stolen)).text
    assert "earlier step" in person.toasts[-1]


async def test_the_menu_leads_there(coordinator: Chatter) -> None:
    """
    Dashboard and search are on the home screen.
    """
    await coordinator.say("/start")
    assert "Find cases" in (await coordinator.press("Find")).text
    await coordinator.tap(Menu(HomeScreen()).data)
    assert "Dashboard" in (await coordinator.press("Dashboard")).text
    assert asked(coordinator.card) is None
