"""
A button carries ids only, within what Telegram allows, and comes back as it was.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from bot.coded import Screen
from bot.rules.items import Choice, Several
from bot.rules.protocol import Kind
from bot.rules.versions import PROTOCOLS
from bot.screens.editing import EditScreen, ReasonScreen
from bot.screens.overview import FindScreen
from bot.screens.questions import REASONS
from bot.screens.screening import ChangeScreen, ItemScreen, WhyScreen
from bot.screens.summary import SummaryScreen
from bot.screens.visits import VisitsScreen
from bot.taps import (
    AWAITED,
    LIMIT,
    Confirm,
    Done,
    Finish,
    Go,
    Menu,
    OpenCase,
    Pause,
    Pick,
    SetLanguage,
    Tap,
    Toggle,
    decode,
)
from db.cases.overview import Filter

LARGEST = 999_999_999
"""As a case's number: nobody screens a thousand million."""


@pytest.mark.parametrize("kind", Kind)
def test_every_button_of_every_item_fits(kind: Kind) -> None:
    """
    With the longest ids that there will be, each comes back as it was.
    """
    for protocol in PROTOCOLS.values():
        for item in protocol.population(kind).items:
            options = item.options if isinstance(item, Choice | Several) else ("yes", "no", AWAITED)
            at = (LARGEST // 10_000, 9_999, item.key)
            taps = [Done(*at), Confirm(*at, "ffffffff"), *(Pick(*at, option) for option in options)]
            taps += [Toggle(*at, option, 1) for option in options]
            taps += [Go(at[0], ChangeScreen(item.key, reason)) for reason in REASONS]
            taps += [Go(at[0], screen(item.key)) for screen in (ItemScreen, WhyScreen, ReasonScreen)]
            for tap in taps:
                assert len(tap.data.encode()) <= LIMIT
                assert decode(tap.data) == tap


@pytest.mark.parametrize(
    "tap", [OpenCase(1), Pause(LARGEST), Finish(3, 0), SetLanguage("fr"), Go(1, EditScreen("person"))]
)
def test_other_buttons_come_back_as_they_were(tap: OpenCase | Pause | Finish | SetLanguage | Go) -> None:
    """
    Numbers as numbers, words as words.
    """
    assert decode(tap.data) == tap


def test_the_longest_filter_fits_on_a_button() -> None:
    """
    With every part of it and a late page.
    """
    for protocol in PROTOCOLS.values():
        for key in (*protocol.recipient.item, *protocol.donor.item):
            wanted = Filter("not_eligible", "screen_failure", "donor", 99, key, "99-R-9999", "oldest")
            tap = Menu(FindScreen(wanted, 9999))
            assert len(tap.data.encode()) <= LIMIT
            assert decode(tap.data) == tap


@given(st.text(max_size=64) | st.from_regex(r"[a-z]:[-0-9:a-z ]{0,40}", fullmatch=True))
def test_other_data_carry_nothing_or_what_they_say(data: str) -> None:
    """
    Junk is no tap; what is one, says exactly this and nothing negative.
    """
    tap = decode(data)
    if tap is not None and not data.startswith("w:"):
        numbers = [value for value in asdict(tap).values() if isinstance(value, int)]
        assert all(number >= 0 for number in numbers)
        assert tap.code == data[: len(tap.code)]
        assert decode(tap.data) == tap


@pytest.mark.parametrize("number", ["-1", "+1", " 1", "1 ", "1_0", "\u0661", "1e3", "0x1", "1.0", "", "9" * 30])
def test_a_number_is_plain_digits(number: str) -> None:
    """
    Other ways to write a number are no button's.
    """
    assert decode(f"o:{number}") is None


def test_no_two_kinds_of_button_share_a_code() -> None:
    """
    One letter tells them apart.
    """
    with pytest.raises(ValueError, match="the code of another"):

        class Another(Tap):
            code = OpenCase.code


def test_data_too_long_are_not_made() -> None:
    """
    A programmer's mistake is seen before Telegram sees it.
    """
    with pytest.raises(ValueError, match="longer"):
        _ = Go(1, ItemScreen("x" * 64)).data


@pytest.mark.parametrize(("former", "screen"), [("rd:7", SummaryScreen()), ("w:7", VisitsScreen())])
def test_a_button_of_an_earlier_version_still_opens_its_case(former: str, screen: Screen) -> None:
    """
    Where it led before.
    """
    assert decode(former) == OpenCase(7, screen)
