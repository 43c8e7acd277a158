"""
What is said of the options of a several-of: what is negative is never taken for positive.
"""

from contextlib import nullcontext, suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.items import Several
from bot.rules.versions import LATEST
from bot.typed.sheets import read_list
from bot.typed.values import Entry, EntryRefusedError, Slip, parse

TODAY = date(2026, 5, 10)
PEOPLE = {"recipient": LATEST.recipient, "donor": LATEST.donor}
SEROLOGY = LATEST.donor.item["positive_serology"]
WORDS = {"positive": ("pos", "positifs", "+"), "negative": ("neg", "négatifs", "-"), "awaited": ("pending", "en cours")}
MARKS = {"positive": "", "awaited": "?"}


def said(key: str, text: str, kind: str = "donor") -> Entry | Slip:
    """
    What is read at the question.
    """
    return parse(PEOPLE[kind].item[key], text, today=TODAY)


@pytest.mark.parametrize(
    ("key", "text", "raw"),
    [
        ("positive_serology", "VIH, VHC, AgHBs, HTLV, syphilis négatifs", []),
        ("positive_serology", "HIV, HCV, HBsAg, HTLV and syphilis are all negative", []),
        ("positive_serology", "HTLV HBsAg HCV HIV syphilis negative", []),
        ("positive_serology", "négatifs : VIH, VHC, AgHBs, HTLV, syphilis", []),
        ("positive_serology", "no HIV, HCV, HBsAg, HTLV, syphilis", []),
        ("positive_serology", "négatifs : VIH, VHC, AgHBs ; positifs : HTLV, syphilis", ["htlv", "syphilis"]),
        ("positive_serology", "HIV - HCV - HBsAg + syphilis - HTLV pending", ["?htlv", "hbsag"]),
        ("positive_serology", "HIV \u2013 HCV \u2013 HBsAg + syphilis \u2013 HTLV +", ["hbsag", "htlv"]),
        ("positive_pcr", "HIV HBV HCV negative", []),
        ("positive_pcr", "VIH VHB négatives VHC en cours", ["?hcv"]),
        ("positive_pcr", "VIH et VHB positives, VHC négative", ["hbv", "hiv"]),
    ],
)
def test_a_result_behind_several_options_is_asked_to_be_that_of_each(key: str, text: str, raw: list[str]) -> None:
    """
    Also one in front of them.
    """
    found = said(key, text)
    assert isinstance(found, Slip)
    assert (sorted(found.raw), found.why) == (raw, "each")  # type: ignore[call-overload]  # a list


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("HIV neg, HTLV neg, HBsAg neg, HCV neg, syphilis pos", ["syphilis"]),
        ("hiv- htlv- hbsag- hcv- syphilis+", ["syphilis"]),
        ("VIH : - ; HTLV : - ; AgHBs : - ; VHC : - ; syphilis : en attente", ["?syphilis"]),
        ("?hiv, htlv neg, hbsag neg, hcv neg, syphilis neg", ["?hiv"]),
    ],
)
def test_options_that_have_a_result_each_need_no_confirmation(text: str, raw: list[str]) -> None:
    """
    All of them named.
    """
    assert said("positive_serology", text) == Entry(raw, SEROLOGY.read(raw))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("VIH, HTLV négatifs", "part"),
        ("HIV neg, HTLV", "part"),
        ("HIV pos, HTLV", "part"),
        ("HIV + HTLV neg", "part"),
        ("HIV neg HTLV neg HBsAg neg HCV neg syphilis", "part"),
        ("HIV neg pos", "option"),
        ("HIV neg, HIV pos", "option"),
        ("neg HIV, HTLV pos", "option"),
        ("pas de VIH, HTLV", "option"),
        ("HIV is not positive", "option"),
        ("+ HIV", "option"),
        ("pos :", "option"),
    ],
)
def test_what_may_be_meant_in_another_way_is_refused(text: str, problem: str) -> None:
    """
    Of whom a result is, or of what.
    """
    with pytest.raises(EntryRefusedError, match=problem):
        said("positive_serology", text)


@pytest.mark.parametrize(
    ("kind", "text", "key", "raw"),
    [
        ("donor", "PCR VIH VHB VHC négatives", "positive_pcr", []),
        ("donor", "PCR HIV HBV HCV negative", "positive_pcr", []),
        ("donor", "PCR: HIV, HBV, HCV negative", "positive_pcr", []),
        ("donor", "PCR VIH VHB négatives VHC en cours", "positive_pcr", ["?hcv"]),
        ("donor", "serology HTLV HBsAg HCV HIV syphilis negative", "positive_serology", []),
        ("donor", "HIV neg, HTLV neg, HBsAg neg, HCV neg, syphilis pos", "positive_serology", ["syphilis"]),
        ("donor", "HIV - HCV - HBsAg + syphilis - HTLV pending", "positive_serology", ["hbsag", "?htlv"]),
        ("donor", "négatifs : VIH, VHC, VHB", "positive_pcr", []),
        ("recipient", "serology: HIV, HTLV negative", "positive_serology", []),
        ("recipient", "sérologies VIH HTLV négatives", "positive_serology", []),
        ("recipient", "VIH HTLV négatifs", "positive_serology", []),
        ("recipient", "négatifs : VIH, HTLV", "positive_serology", []),
        ("recipient", "sérologies négatives : VIH, HTLV", "positive_serology", []),
        ("recipient", "VIH-, HTLV+", "positive_serology", ["htlv"]),
        ("recipient", "HIV neg\nHTLV neg", "positive_serology", []),
    ],
)
def test_lists_read_results_likewise(kind: str, text: str, key: str, raw: list[str]) -> None:
    """
    With the item's name and without; what names only one item decides for what could name two.
    """
    read = read_list(text, PEOPLE[kind], today=TODAY)
    assert [(one.item.key, one.entry.raw) for one in read.found] == [(key, raw)]
    assert (read.unsure, read.refused, read.unread) == ([], [], [])
    assert read.found[0].text.startswith(text[:5])


@pytest.mark.parametrize(
    ("kind", "text", "refused"),
    [
        ("donor", "VIH, VHB, VHC, HTLV, AgHBs, syphilis négatifs", {"positive_pcr", "positive_serology"}),
        ("donor", "HIV neg HCV neg HBV neg HTLV neg", {"positive_pcr", "positive_serology"}),
        ("donor", "PCR VIH, AgHBs neg", {"positive_pcr", "positive_serology"}),
        ("recipient", "HIV, HTLV", {"positive_serology"}),
        ("recipient", "sérologie VIH", {"positive_serology"}),
        ("recipient", "pas de VIH, HTLV", {"positive_serology"}),
        ("recipient", "VIH neg, pas de HTLV", {"positive_serology"}),
        ("recipient", "HIV + HTLV neg", {"positive_serology"}),
    ],
)
def test_options_without_a_result_of_their_own_are_refused_in_lists(kind: str, text: str, refused: set[str]) -> None:
    """
    As are those that could be of two items; nothing of it is taken.
    """
    read = read_list(text, PEOPLE[kind], today=TODAY)
    assert {one.item.key for one in read.refused} == refused
    assert (read.found, read.unsure) == ([], [])


@given(st.data(), st.sampled_from([item for one in PEOPLE.values() for item in one.items if isinstance(item, Several)]))
def test_no_order_of_options_and_results_turns_a_result_round(data: st.DataObject, item: Several) -> None:
    """
    Options by their result, each group with it behind or all of them in front, in any order and with any separator.
    """
    states = {option: data.draw(st.sampled_from(sorted(WORDS))) for option in data.draw(st.permutations(item.options))}
    groups = {state: [one for one in states if states[one] == state] for state in dict.fromkeys(states.values())}
    joint = data.draw(st.sampled_from((" ", ", ", " ; ", " et ")))
    is_front = data.draw(st.booleans())
    texts = []
    for state, options in groups.items():
        result = data.draw(st.sampled_from(WORDS[state][:2] if is_front else WORDS[state]))
        named = joint.join(one.replace("_", " ") for one in options)
        texts.append(f"{result} : {named}" if is_front else f"{named} {result}")
    text = joint.join(texts)
    with suppress(EntryRefusedError) if "+" in text else nullcontext():  # it may join two options
        _check(
            parse(item, text, today=TODAY),
            states,
            is_each=is_front or any(len(options) > 1 for options in groups.values()),
        )


def _check(found: Entry | Slip, states: dict[str, str], *, is_each: bool) -> None:
    expected = sorted(f"{MARKS[state]}{option}" for option, state in states.items() if state in MARKS)
    assert sorted(found.raw) == expected  # type: ignore[call-overload]  # a list
    assert isinstance(found, Slip) or not is_each
