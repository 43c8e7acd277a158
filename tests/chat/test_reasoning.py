"""
The reasoning of a criterion: every node with its truth, every value with its limit, who gave it and when.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlmodel import select

from bot.catalogues import LANGUAGES
from bot.emulator.html import parse_html
from bot.render import render
from bot.render.card import TEXT_LIMIT
from bot.render.reasoning import TRUTH_SIGNS, status_of
from bot.rules.criteria import Role, Status
from bot.rules.expressions import All, Expression, Not
from bot.rules.expressions import Any as AnyPart
from bot.rules.protocol import Kind
from bot.rules.reasoning import Reasoned, reasoned
from bot.rules.versions import LATEST
from bot.screens.reasoning import Reasoning
from bot.texts import words
from db.base.tables import Case
from db.cases import pairs
from db.trail import audit
from db.trail.audit import Actor
from tests.chat.conversation import AWAITED, skip
from tests.chat.readers import strangers_answer
from tests.chat.test_limits_of_telegram import failing_everything, record_from
from tests.conftest import Chatter, Clinic
from tests.rules.cases import examples
from tests.rules.oracle import case_strategy


def _nodes(node: Reasoned) -> Iterator[Reasoned]:
    yield node
    for part in node.parts:
        yield from _nodes(part)


def _size(node: Expression) -> int:
    match node:
        case All(parts) | AnyPart(parts):
            return 1 + sum(map(_size, parts))
        case Not(part):
            return 1 + _size(part)
        case _:
            return 1


@examples(100)
@given(st.sampled_from(Kind).flatmap(case_strategy))
def test_the_top_of_a_tree_is_the_status_of_its_criterion(case: dict[str, Any]) -> None:
    """
    And each node's truth is what its own expression says; a message shows as many signs as there are nodes.
    """
    record = record_from(case)
    for criterion in record.population.criteria:
        for part in criterion.family:
            tree = reasoned(part.expression, record.facts, record.as_of)
            assert all(node.truth is record.truth(node.node) for node in _nodes(tree))
            passes = {None: Status.UNKNOWN, criterion.role is Role.INCLUSION: Status.PASS}
            status = passes.get(tree.truth, Status.FAIL)
            assert status is record.assessment.statuses.get(part.id, status)
            assert status is status_of(part, criterion, record)
            text = parse_html(render(Reasoning(record, criterion, part, {}), words("en")).html)[0]
            body = text.split("true:\n")[1].split("\n\n")[0]
            assert sum(body.count(f"{sign} ") for sign in TRUTH_SIGNS.values()) == _size(part.expression)


def worst(kind: str) -> dict[str, Any]:
    """
    Answers with every option ticked and every number as long as one may be typed.
    """
    case = failing_everything()
    if kind == "donor":
        return {"kind": "donor", "as_of": case["as_of"], "answers": {"positive_serology": ["htlv", "hbsag", "hcv"]}}
    long = {key: Decimal(f"{value}.123456789012345") for key, value in {"dlco": 29, "fvc": 171, "tlc": 180}.items()}
    long |= {f"baseline_{key}": value for key, value in long.items()}
    return case | {"answers": case["answers"] | long}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("name", ["Ada", "Marie-Antoinette de la Tour", "<&>" * 21])
def test_every_tree_fits_whole_into_one_message(kind: Kind, language: str, name: str) -> None:
    """
    At worst: everything answered at length, each answer by somebody else, with names that need escaping.
    """
    record = record_from(worst(kind))
    record = replace(record, answers=tuple(one._replace(person_id=at) for at, one in enumerate(record.answers)))
    names = dict.fromkeys(range(len(record.answers)), name)
    for criterion in LATEST.population(kind).criteria:
        for part in criterion.family:
            card = render(Reasoning(record, criterion, part, names), words(language))
            text = parse_html(card.html)[0]
            assert len(card.html) <= TEXT_LIMIT
            assert "\n…" not in text
            signs = sum(text.count(f"{sign} ") for sign in TRUTH_SIGNS.values())
            assert signs >= _size(part.expression)
            if reading := words(language).reading(part):
                assert reading.unescape() in text


async def test_a_tree_says_value_limit_person_and_day(clinic: Clinic) -> None:
    """
    What is missing, awaited, waiting and idle too.
    """
    clinic.now = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)
    person = await clinic.coordinator()
    baseline = {"baseline_pft_date": "1/11/2025", "baseline_dlco": "60", "baseline_fvc": "80"}
    answers = {"dlco": "60", "fvc": "80", "tlc": AWAITED, **baseline}
    await skip(clinic, person, "recipient", **answers, until="baseline_tlc")
    text = (await person.say("/why 1-r-1 r-i3A")).text
    assert "R-I3a Lung involvement" in text
    assert "✗ DLCO < 60 % predicted → 60 % predicted (Test, 5 May 2026, 00:30) ⚖️ on the limit" in text
    assert "○ TLC fell by more than 10 % of Baseline TLC → TLC: ⏳ awaited (Test, 5 May 2026, 00:30)" in text
    assert "○ Interstitial lung disease on imaging: yes → missing" in text
    assert "A decline is relative" in text
    text = (await person.say("/why 01-R-001 R-I3-prognosis")).text
    assert "not ○ Lung transplantation possible: yes → not needed" in text
    text = (await person.say("/why 01-R-001 R-E2d")).text
    assert "○ not known" in text
    assert "→ waits for another answer" in text


@pytest.mark.parametrize(
    ("language", "joints"), [("en", ("all of", "one or more of")), ("fr", ("tous", "au moins un"))]
)
async def test_a_joint_that_no_part_names_bears_no_name(clinic: Clinic, language: str, joints: tuple[str, str]) -> None:
    """
    The stand-in for a person without a name is for people alone.
    """
    person = await clinic.coordinator(language)
    await skip(clinic, person, "recipient", until="dlco")
    text = (await person.say("/why 01-R-001 R-I3a")).text
    assert words(language)("name.stand_in").unescape() not in text
    for joint in joints:
        assert f"○ {joint}\n" in text


async def test_what_waits_for_something_that_waits_is_not_unneeded(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The sex opens the question of children, and that one the pregnancy.
    """
    await skip(clinic, coordinator, "recipient", until="sex")
    text = (await coordinator.say("/why 01-R-001 R-E1")).text
    assert "Pregnancy: yes → waits for another answer" in text
    await coordinator.say("/resume 01-R-001")
    await coordinator.press("Male")
    assert "Pregnancy: yes → not needed" in (await coordinator.say("/why 01-R-001 R-E1")).text


async def test_what_is_derived_says_from_whom(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A linked donor's consent.
    """
    await skip(clinic, coordinator, "donor")
    await skip(clinic, coordinator, "recipient", until="family_donor_consents")
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        recipient, donor = [
            (await session.exec(select(Case).where(Case.kind == kind))).one() for kind in (Kind.RECIPIENT, Kind.DONOR)
        ]
        now = clinic.application.worker.clock()
        await pairs.link(session, recipient=recipient, donor=donor, by=Actor(1), now=now)
    text = (await coordinator.say("/why 1r1 i5")).text
    assert "✓ Consenting family donor: yes → Yes, derived from 01-D-001" in text


@pytest.mark.parametrize("form", ["R-I3a", "r-i3a", "ri3a", "I3A", "i3a"])
@pytest.mark.parametrize("code", ["1-r-1", "01 R 001", ""])
async def test_criteria_are_named_in_any_form(clinic: Clinic, coordinator: Chatter, form: str, code: str) -> None:
    """
    Of the case named, or of the one in focus.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    assert "R-I3a Lung involvement" in (await coordinator.say(f"/why {code} {form}")).text


async def test_all_criteria_are_listed_each_leading_to_its_tree(clinic: Clinic, coordinator: Chatter) -> None:
    """
    From the details, by command without a criterion, and after one that does not exist.
    """
    await skip(clinic, coordinator, "donor", relationship="unrelated", until="lidocaine_allergy")
    await coordinator.press("Finish")
    await coordinator.press("Details")
    assert "✗ D-I2 Relationship" in (await coordinator.press("Reasoning")).text
    for text in ("/why 1d1", "/why 1d1 D-I99", "/why 1d1 R-I1"):
        assert "✗ D-I2 Relationship" in (await coordinator.say(text)).text
    for criterion in LATEST.donor.criteria:
        await coordinator.say("/why 1d1")
        assert f"{criterion.id} " in (await coordinator.press(criterion.id)).text
    await coordinator.press("All criteria")
    assert "01-D-001 · donor" in (await coordinator.press("Summary")).text


@pytest.mark.parametrize(
    "text", ["/why 01-D-001 D-E2", "/history 01-D-001", "/whatif 01-D-001 age=3", "/report 01-D-001"]
)
async def test_nothing_is_told_of_cases_elsewhere(clinic: Clinic, coordinator: Chatter, text: str) -> None:
    """
    Each command answers as it does for a code that never was.
    """
    await skip(clinic, coordinator, "donor")
    hidden, never = await strangers_answer(clinic, text, "There is no case")
    assert hidden == never


@pytest.mark.parametrize("command", ["/why", "/history", "/whatif", "/report", "/why Marie Dupont"])
async def test_a_command_without_a_case_asks_which(coordinator: Chatter, command: str) -> None:
    """
    With nothing in focus.
    """
    assert "Which case?" in (await coordinator.say(command)).text
